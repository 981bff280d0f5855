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
        int64_t dropped; /* > 0: a gap of so many bytes, no data */
};

/* @dirfd is the output directory, the caller's. No file is made yet. @limit in bytes, at least 4096. */
int output_writer_new(int dirfd, int64_t run_id, int64_t limit, struct output_writer **ret);
void output_writer_free(struct output_writer *writer); /* the file stays */
int output_write(struct output_writer *writer, enum output_stream stream, int64_t at_us, const void *data, size_t size);
int64_t output_bytes(const struct output_writer *writer);
int64_t output_dropped(const struct output_writer *writer);

/* A run that has printed nothing has no file: the reader is then at its end. */
int output_reader_new(int dirfd, int64_t run_id, struct output_reader **ret, struct error *error);
void output_reader_free(struct output_reader *reader);
/* The next record after those given so far; 1: got one, 0: none (for now, while the run goes on), or
 * -EBADMSG. Records overwritten meanwhile show up as a gap. */
int output_read(struct output_reader *reader, struct output_record *ret);

int output_remove(int dirfd, int64_t run_id);
/* Sum of all files, for retention. */
int output_total(int dirfd, int64_t *ret_bytes);

#endif
