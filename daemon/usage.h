/* SPDX-License-Identifier: MPL-2.0 */
/* What a run has used: put together from the kernel's account of its process, its cgroup and its own report. */
#ifndef DAEMON_USAGE_H
#define DAEMON_USAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include "daemon/cgroup.h"
#include "lib/wire.h"

/* 0: not known, or nothing. */
struct usage {
        int64_t cpu_time_us;
        int64_t max_rss_bytes;     /* of the largest process */
        int64_t memory_peak_bytes; /* of all of it, with the kernel's caches for it */
        int64_t minor_faults, major_faults;
        int64_t read_bytes, write_bytes; /* from and to disks */
        int64_t gc_time_us, gc_count;
        int64_t heap_bytes;
};

/* The members of RunInfo and of a run's detail that hold it. */
#define USAGE_MEMBERS 10
extern const struct usage_member {
        const char *name;
        size_t offset; /* in struct usage, an int64_t */
} usage_members[USAGE_MEMBERS];

int64_t usage_value(const struct usage *usage, const struct usage_member *member);
void usage_from_rusage(const struct rusage *rusage, struct usage *ret);
/* The cgroup counts what rusage does not: processes that nobody has waited for. */
void usage_add_cgroup(struct usage *usage, const struct cgroup_usage *cgroup);
/* What only the run knows; and, for a run that was not ours to reap, all that it says. */
void usage_add_report(struct usage *usage, const struct wire_result *result);

#endif
