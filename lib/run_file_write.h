/* SPDX-License-Identifier: MPL-2.0 */
/* What zygote and run put into the file of a run (run_file.h). */
#ifndef LIB_RUN_FILE_WRITE_H
#define LIB_RUN_FILE_WRITE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/wire.h"

/* ---- the zygote ---- */
/* Where the clone puts the number; NULL: no mapping can be had, and run_file_set_pid() must do. */
int32_t *run_file_map_pid(int fd);
void run_file_unmap_pid(int32_t *pid);
int run_file_set_pid(int fd, pid_t pid);

/* ---- the run ---- */
struct run_file_writer {
        int fd; /* -1: there is no file */
        int64_t position;
};
#define RUN_FILE_WRITER_INIT                                                                                 \
        {                                                                                                    \
                -1, 0                                                                                        \
        }

void run_file_writer_init(struct run_file_writer *writer, int fd);
/* Each 0 or -errno, with which the file is as before. Without a file nothing is done. */
/* How long the daemon has had the run frozen, in microseconds; 0 without a file. */
int64_t run_file_read_frozen(const struct run_file_writer *writer);
int run_file_write_entered(struct run_file_writer *writer);
int run_file_write_running(struct run_file_writer *writer, int64_t limit_us, const char *sandbox);
int run_file_write_finished(struct run_file_writer *writer, const struct wire_report *report);
int run_file_write_output(struct run_file_writer *writer, int stream, const void *data, size_t size);

#endif
