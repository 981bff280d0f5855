/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/usage.h"

#include <string.h>

#include "lib/util.h"

#define USAGE_BLOCK 512 /* what ru_inblock and ru_oublock count */

const struct usage_member usage_members[USAGE_MEMBERS] = {
        { "cpuTimeUs", offsetof(struct usage, cpu_time_us) },
        { "maxRssBytes", offsetof(struct usage, max_rss_bytes) },
        { "memoryPeakBytes", offsetof(struct usage, memory_peak_bytes) },
        { "minorFaults", offsetof(struct usage, minor_faults) },
        { "majorFaults", offsetof(struct usage, major_faults) },
        { "readBytes", offsetof(struct usage, read_bytes) },
        { "writeBytes", offsetof(struct usage, write_bytes) },
        { "gcTimeUs", offsetof(struct usage, gc_time_us) },
        { "gcCount", offsetof(struct usage, gc_count) },
        { "heapBytes", offsetof(struct usage, heap_bytes) },
};

int64_t usage_value(const struct usage *usage, const struct usage_member *member)
{
        int64_t value;

        memcpy(&value, (const char *)usage + member->offset, sizeof(value));
        return value;
}

static int64_t time_us(const struct timeval *time)
{
        return (int64_t)time->tv_sec * (int64_t)USEC_PER_SEC + time->tv_usec;
}

void usage_from_rusage(const struct rusage *rusage, struct usage *ret)
{
        *ret = (struct usage){
                .cpu_time_us = time_us(&rusage->ru_utime) + time_us(&rusage->ru_stime),
                .max_rss_bytes = (int64_t)rusage->ru_maxrss * 1024,
                .minor_faults = rusage->ru_minflt,
                .major_faults = rusage->ru_majflt,
                .read_bytes = (int64_t)rusage->ru_inblock * USAGE_BLOCK,
                .write_bytes = (int64_t)rusage->ru_oublock * USAGE_BLOCK,
        };
}

void usage_add_cgroup(struct usage *usage, const struct cgroup_usage *cgroup)
{
        usage->cpu_time_us = MAX(usage->cpu_time_us, cgroup->cpu_time_us);
        usage->memory_peak_bytes = MAX(cgroup->memory_peak_bytes, INT64_C(0));
        usage->read_bytes = MAX(usage->read_bytes, cgroup->read_bytes);
        usage->write_bytes = MAX(usage->write_bytes, cgroup->write_bytes);
}

void usage_add_report(struct usage *usage, const struct wire_result *result)
{
        usage->gc_time_us = result->gc_time_us;
        usage->gc_count = result->gc_count;
        usage->heap_bytes = result->heap_bytes;
        if (usage->max_rss_bytes > 0)
                return;
        /* The kernel told nothing of its process, whose parent we are not: what its cgroup does not say it says itself. */
        if (usage->cpu_time_us == 0)
                usage->cpu_time_us = result->cpu_time_us;
        usage->max_rss_bytes = result->max_rss_bytes;
        usage->major_faults = result->major_faults;
        if (usage->read_bytes == 0)
                usage->read_bytes = result->read_bytes;
        if (usage->write_bytes == 0)
                usage->write_bytes = result->write_bytes;
}
