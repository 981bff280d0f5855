/* SPDX-License-Identifier: MPL-2.0 */
/* The bytes of run_file.h, in the byte order of the machine, which the file never leaves. */
#ifndef LIB_RUN_FILE_FORMAT_H
#define LIB_RUN_FILE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/run_file.h"

#define RUN_FILE_MAGIC UINT64_C(0x0a316e7572746762) /* "bgtrun1\n" */
#define RUN_FILE_VERSION 3                          /* raise it with any change below */
#define RUN_FILE_PID_AT 128
#define RUN_FILE_END_AT 132
#define RUN_FILE_FROZEN_AT 136 /* struct run_file_frozen */
#define RUN_FILE_RECORDS_AT 256
#define RUN_FILE_RESERVE                                                                                     \
        4096 /* allocated from the start, so that a full disk does not keep a short end out */

/* Header, number and lock stay where and what they are in all versions: the run of another one is adopted by them. */
struct run_file_header {
        uint64_t magic;
        uint32_t version;
        uint32_t flags;
        int64_t run_id, epoch;
        int64_t created_at_us, created_boottime_us;
        char boot[RUN_FILE_BOOT_MAX];
        uint32_t zero;
        uint32_t check; /* of all before it */
};

struct run_file_frozen {
        int64_t frozen_us, since_us;
};

enum run_file_record_kind {
        RUN_FILE_RECORD_ENTERED = 1, /* struct run_file_entered */
        RUN_FILE_RECORD_RUNNING,     /* struct run_file_running, then the sandbox text */
        RUN_FILE_RECORD_FINISHED,    /* struct run_file_finished, then wire_report_encode() */
        RUN_FILE_RECORD_OUTPUT,      /* struct run_file_output, then the bytes */
};

struct run_file_record {
        uint32_t kind;
        uint32_t size;  /* of the data that follows; the next record begins at the next multiple of 8 */
        uint32_t check; /* of kind, size and data */
        uint32_t zero;
};

struct run_file_entered {
        int64_t boottime_us;
};

struct run_file_running {
        int64_t started_at_us, started_monotonic_us;
        int64_t limit_us;
};

struct run_file_finished {
        int64_t finished_at_us;
};

struct run_file_output {
        uint32_t stream;
        uint32_t zero;
};

_Static_assert(sizeof(struct run_file_header) <= RUN_FILE_PID_AT, "the number has its own place");
_Static_assert(sizeof(struct run_file_record) == 16, "no padding");

#define RUN_FILE_CHECK_INIT UINT32_C(2166136261)
/* FNV-1a: what is torn must be noticed, nobody tries to deceive us. */
uint32_t run_file_check(uint32_t check, const void *data, size_t size);
int64_t run_file_boottime_us(void);

#endif
