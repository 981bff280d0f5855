/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/usage.h"

#include <sys/resource.h>

#include "lib/util.h"
#include "runner/heap.h"

#define BLOCK_SIZE 512 /* of ru_inblock and ru_oublock, whatever the file system's is */

static void process_add(int who, struct wire_result *ret)
{
        struct rusage usage;

        if (getrusage((__rusage_who_t)who, &usage) < 0)
                return;
        ret->cpu_time_us += ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * (int64_t)USEC_PER_SEC +
                            usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
        ret->max_rss_bytes = MAX(ret->max_rss_bytes, (int64_t)usage.ru_maxrss * 1024);
        ret->major_faults += usage.ru_majflt;
        ret->read_bytes += (int64_t)usage.ru_inblock * BLOCK_SIZE;
        ret->write_bytes += (int64_t)usage.ru_oublock * BLOCK_SIZE;
}

void usage_fill(eng *e, struct wire_result *ret)
{
        struct eng_stats stats;

        ret->cpu_time_us = ret->max_rss_bytes = ret->major_faults = 0;
        ret->read_bytes = ret->write_bytes = 0;
        process_add(RUSAGE_SELF, ret);
        process_add(RUSAGE_CHILDREN, ret);
        if (!e)
                return;
        eng_stats_get(e, &stats);
        ret->gc_time_us = (int64_t)stats.gc_time_us;
        ret->gc_count = (int64_t)stats.gc_count;
        ret->heap_bytes = (int64_t)(stats.heap_peak_bytes - MIN(stats.heap_peak_bytes, heap_taken()));
}
