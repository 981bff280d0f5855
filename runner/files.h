/* SPDX-License-Identifier: MPL-2.0 */
/* Files, for builtins: plain C, any thread. Functions return 0 or a negative errno unless said otherwise. */
#ifndef RUNNER_FILES_H
#define RUNNER_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OFFSET_MAX 0x1p62     /* what is larger, or no number, cannot become an integer */
#define WRITE_FAILED (-10000) /* file_write() says less when the file was opened and writing failed */

enum file_write_how {
        WRITE_TRUNCATE = 1,
        WRITE_APPEND = 2,
        WRITE_CREATE = 4,
        WRITE_EXCLUSIVE = 8,
        WRITE_FLUSH = 16
};

/* Bytes from @offset on, at most @max of them (negative: all there are), malloc'd; at least one more is allocated. */
int file_read_part(const char *path, double offset, double max, uint8_t **ret_data, size_t *ret_size);
/* -errno when @path could not be opened, WRITE_FAILED - errno when it was and writing failed. @how: WRITE_*. */
int file_write(const char *path, const void *bytes, size_t size, int how, mode_t mode);
/* A regular file with its permissions; an existing one is replaced. */
int file_copy(const char *from, const char *to);

#endif
