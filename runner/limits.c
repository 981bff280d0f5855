/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The engine looks at the memory in use only when it collects or between jobs: one native function that fills
 * gigabytes at once would pass it by. Such an allocation fails at RLIMIT_DATA, which counts what is private and
 * writable. It is not RLIMIT_AS: compiled code reserves 2 GiB of addresses that it never uses. The factor leaves
 * room for the collector's own limit, at 4 times: the engine is to notice first, as it fails more gently.
 */
#include "config.h"

#include <errno.h>
#include <sys/resource.h>

#include "lib/log.h"
#include "lib/util.h"
#include "runner/limits.h"

#define HEAP_DEFAULT_MIB 256
#define HEAP_LEAST_MIB 32
#define HEAP_MOST_MIB (1024 * 1024)
#define DATA_FACTOR 6

size_t limits_heap(const struct prefs *prefs)
{
        int32_t mib = prefs_get_int(prefs, LIMITS_HEAP_PREF, HEAP_DEFAULT_MIB);

        if (mib < HEAP_LEAST_MIB || mib > HEAP_MOST_MIB) {
                log_error("preference " LIMITS_HEAP_PREF " is %d, expected %d to %d; using %d", (int)mib,
                          HEAP_LEAST_MIB, HEAP_MOST_MIB, HEAP_DEFAULT_MIB);
                mib = HEAP_DEFAULT_MIB;
        }
        return (size_t)mib << 20;
}

int limits_data(size_t heap, struct error *error)
{
#ifdef HAVE_SANITIZERS
        return 0; /* their shadow memory alone is larger */
#endif
        struct rlimit limit;

        if (getrlimit(RLIMIT_DATA, &limit) < 0)
                return error_set_errno(error, errno, "getrlimit RLIMIT_DATA");
        /* The soft one alone: a program that a task starts may have more when it asks. */
        limit.rlim_cur = MIN(limit.rlim_cur, (rlim_t)heap * DATA_FACTOR);
        if (setrlimit(RLIMIT_DATA, &limit) < 0)
                return error_set_errno(error, errno, "setrlimit RLIMIT_DATA");
        return 0;
}
