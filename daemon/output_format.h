/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The file of a run's output, all numbers little-endian:
 *
 *   0          struct output_file_header
 *   64         the head: records one after another up to head_end, then zeroes
 *   head_end   the ring: OUTPUT_BLOCKS blocks of block_size bytes; records one after another in each, none across a
 *              border. They are filled in turn and then again from the first; whatever follows the newest
 *              record of a block is left over from its last turn.
 *
 * Nothing points at the oldest or newest record, so one write adds one, and a crash leaves at most that one torn.
 * The reader finds its way by the offsets: they only ever rise, a record left over has a lower one than the
 * record before it.
 */
#ifndef DAEMON_OUTPUT_FORMAT_H
#define DAEMON_OUTPUT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/output.h"

#define OUTPUT_MAGIC UINT64_C(0x0a3174756f746762) /* "bgtout1\n" */
#define OUTPUT_BLOCKS 8
#define OUTPUT_RECORD_MAX 65536
#define OUTPUT_RECORD_STDERR UINT32_C(0x80000000)
#define OUTPUT_LIMIT_MAX (INT64_C(1) << 31)
#define OUTPUT_NAME_MAX 32

struct output_file_header {
        uint64_t magic;
        int64_t run_id;
        int64_t head_end;
        uint32_t block_size;
        uint32_t check; /* of the fields above */
        uint8_t zero[32];
};

struct output_record_header {
        uint32_t size;  /* of the data that follows, not 0; the top bit: stderr */
        uint32_t check; /* of the other fields and the data */
        int64_t offset;
        int64_t at_us;
};

_Static_assert(sizeof(struct output_file_header) == 64, "no padding");
_Static_assert(sizeof(struct output_record_header) == 24, "no padding");

/* Where the next record goes, from the file alone. */
struct output_state {
        int64_t head_end, block_size;
        int block; /* -1: in the head */
        int64_t position;
        int64_t bytes, dropped, stored;
        int64_t block_bytes[OUTPUT_BLOCKS];
};
/* 1: *ret is set, 0: there is no file yet, or a negative errno. */
int output_scan(int dirfd, int64_t run_id, struct output_state *ret);

/* In the file's byte order. */
uint32_t output_file_check(const struct output_file_header *header);
uint32_t output_record_check(const struct output_record_header *header, const void *data, size_t size);
void output_name(int64_t run_id, char ret[OUTPUT_NAME_MAX]);
/* The run of a file's name; false: not one of ours. */
bool output_name_parse(const char *name, int64_t *ret_run_id);

#endif
