/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What runs print: one file a run in STATE/output, made with the first byte.
 *
 * The first half of the limit keeps the head; the second half is a ring that keeps the tail; what falls out
 * between is counted and shown as one gap. The file can be read while it is written (by this process) and
 * after a crash: every record has its own header and is checked when read.
 */
#ifndef DAEMON_OUTPUT_H
#define DAEMON_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define OUTPUT_LIMIT_MIN 4096

struct output_writer;
struct output_reader;

enum output_stream {
        OUTPUT_STDOUT,
        OUTPUT_STDERR,
};

/* A record as the reader gives it. Offsets count the bytes of both streams together as they arrived. */
struct output_record {
        enum output_stream stream;
        int64_t offset;
        int64_t at_us;
        const char *data; /* good until the next call on the reader */
        size_t size;
        int64_t dropped; /* > 0: a gap of so many bytes from offset on, no data */
};

/* @dirfd is the output directory, the caller's. No file is made yet. @limit is the file's size in bytes, headers
 * included; less than OUTPUT_LIMIT_MIN counts as that. -ENOMEM. */
int output_writer_new(int dirfd, int64_t run_id, int64_t limit, struct output_writer **ret);
/* Go on with what the run's file has, if it has one, instead of beginning it anew. Before the first output_write();
 * @writer is unchanged on an error. */
int output_writer_resume(struct output_writer *writer);
void output_writer_free(struct output_writer *writer); /* the file stays */
/* A negative errno (-ENOSPC, -EIO ...): the bytes that could not be written count as dropped, and the next call
 * tries again. So the caller may report it once and go on. */
int output_write(struct output_writer *writer, enum output_stream stream, int64_t at_us, const void *data,
                 size_t size);
int64_t output_bytes(const struct output_writer *writer); /* printed, dropped ones included */
int64_t output_dropped(const struct output_writer *writer);
int64_t output_stored(const struct output_writer *writer); /* the file's size */

/* A run that has printed nothing has no file: the reader is then at its end. */
int output_reader_new(int dirfd, int64_t run_id, struct output_reader **ret, struct error *error);
/* The same on an open file, which it takes over. */
int output_reader_new_fd(int fd, struct output_reader **ret, struct error *error);
void output_reader_free(struct output_reader *reader);
/* The next record after those given so far; 1: got one, 0: none (for now, while the run goes on), or
 * -EBADMSG: what was to come is damaged, and all that could be read has been given; or another negative errno.
 * Records overwritten meanwhile show up as a gap. */
int output_read(struct output_reader *reader, struct output_record *ret);

struct output_size {
        int64_t bytes, dropped, stored;
};
/* From the file alone, for a run that this process did not see end. No file: all 0. */
int output_measure(int dirfd, int64_t run_id, struct output_size *ret);
/* Absent is success. */
int output_remove(int dirfd, int64_t run_id);
/* Remove the files that @keep does not want, at start: those of a retention that was cut short. */
int output_sweep(int dirfd, bool (*keep)(int64_t run_id, void *data), void *data, int64_t *ret_removed);
/* Sum of all files. The daemon does not need it: the store adds up run.output_stored. */
int output_total(int dirfd, int64_t *ret_bytes);

#endif
