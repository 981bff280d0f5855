/* SPDX-License-Identifier: MPL-2.0 */
/* Small things that everything needs. Functions return 0 or a negative errno unless said otherwise. */
#ifndef LIB_UTIL_H
#define LIB_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define USEC_PER_SEC UINT64_C(1000000)
#define USEC_PER_MSEC UINT64_C(1000)

/* The whole of @text must be one decimal number within the bounds; else -EINVAL, or -ERANGE. */
int parse_int64(const char *text, int64_t min, int64_t max, int64_t *ret);
/* Of fields between blanks, as files in /proc have them: pass over @skip of them, the next must be a decimal number
 * within the bounds, and @text moves behind it; else -EINVAL, or -ERANGE. */
int parse_field(const char **text, size_t skip, int64_t min, int64_t max, int64_t *ret);
/* Valid UTF-8 as JSON and the engine want it: no surrogates, no overlong forms. NUL bytes are valid. */
bool utf8_is_valid(const char *text, size_t size);
/* Bytes of the valid sequence that @text begins with, 1 to 4; 0: it begins with none (or is empty). */
size_t utf8_sequence(const char *text, size_t size);
/* Whether a valid sequence is a control character: C0, DEL or C1. */
bool utf8_is_control(const char *sequence, size_t length);
/* malloc'd copy with U+FFFD for each NUL and each byte that is not valid; NULL only when out of memory. */
char *utf8_repair(const char *text, size_t size);
/* malloc'd copy in which control characters, DEL and invalid bytes are \n, \t, \x1b ... Never more than 4 x size. */
char *text_escape(const char *text, size_t size);

/* Read a regular file of at most @max bytes; the result is malloc'd and NUL-terminated. -EFBIG: larger,
 * -EISDIR and -EINVAL: not a regular file. @dirfd may be AT_FDCWD. */
int file_read(int dirfd, const char *path, size_t max, char **ret_data, size_t *ret_size);
/* Read an open file to its end, at most @max bytes (-EFBIG); the same otherwise. @hint: the size that is expected. */
int fd_read_all(int fd, size_t hint, size_t max, char **ret_data, size_t *ret_size);
/* Replace @path at once: temporary file beside it, fsync (when @sync), rename. */
int file_write_atomic(int dirfd, const char *path, const void *data, size_t size, mode_t mode, bool sync);
/* All of it, restarting on EINTR. */
int fd_write_all(int fd, const void *data, size_t size);
int fd_set_nonblocking(int fd, bool nonblocking);
/* Remove @path and all below it; never follows a symbolic link; absent is success. *ret_count (may be NULL)
 * counts what was removed. Goes on after an error and returns the first. */
int tree_remove(int dirfd, const char *path, uint64_t *ret_count);
/* mkdir -p with @mode for what is made. */
int directory_make(const char *path, mode_t mode);
/* malloc'd "DIR/NAME", one slash between; NULL only when out of memory. */
char *path_join(const char *directory, const char *name);
/* malloc'd printf; NULL only when out of memory. */
char *format_string(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Random bytes of the kernel. */
void random_bytes(void *buffer, size_t size);
/* 64-bit FNV-1a: the same for ever, and no secret. */
uint64_t text_hash(const char *text);
/* @size bytes as lower-case hex; @ret has room for 2 * size + 1. */
void hex_encode(const void *data, size_t size, char *ret);

/* Arrays of strings end with NULL; free accepts NULL. */
void strv_free(char **strings);
size_t strv_length(char *const *strings);

#endif
