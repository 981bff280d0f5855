/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The engine looks at the memory in use only when it collects or between jobs: one native function that fills
 * gigabytes at once would pass it by. Such an allocation fails at RLIMIT_DATA, which counts what is private and
 * writable. It is not RLIMIT_AS: compiled code reserves 2 GiB of addresses that it never uses. The factor leaves
 * room for the collector's own limit, at 4 times: the engine is to notice first, as it fails more gently.
 *
 * A limit that the task file gives is the limit: the engine's is set below it, so that it still notices first, and
 * the collector's and RLIMIT_DATA at it.
 */
#include "config.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/util.h"
#include "runner/limits.h"

#define HEAP_DEFAULT_MIB 256
#define HEAP_LEAST_MIB 32
#define HEAP_MOST_MIB (1024 * 1024)
#define DATA_FACTOR 6
#define IO_PRIORITY_USUAL 4 /* the kernel's */
#define CPU_GRACE_SEC 10    /* from SIGXCPU to SIGKILL: to stop, to clean up, to report */
#define MEMLOCK_MAX (64 * 1024)

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

/* Never more than there is already. @hard: the program's own wish cannot raise it again. */
static int limit_set(int resource, const char *name, rlim_t soft, rlim_t hard, struct error *error)
{
        struct rlimit limit;

        if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
                return error_set_errno(error, errno, "getrlimit %s", name);
        limit.rlim_max = MIN(limit.rlim_max, hard);
        limit.rlim_cur = MIN(MIN(limit.rlim_cur, soft), limit.rlim_max);
        if (setrlimit((__rlimit_resource_t)resource, &limit) < 0)
                return error_set_errno(error, errno, "setrlimit %s", name);
        return 0;
}

static int data_set(rlim_t bytes, struct error *error)
{
#ifdef HAVE_SANITIZERS
        return 0; /* their shadow memory alone is larger */
#endif
        /* The soft one alone: a program that a task starts may have more when it asks. */
        return limit_set(RLIMIT_DATA, "RLIMIT_DATA", bytes, RLIM_INFINITY, error);
}

int limits_data(size_t heap, struct error *error)
{
        return data_set((rlim_t)heap * DATA_FACTOR, error);
}

static rlim_t as_limit(uint64_t value)
{
        return value == TASK_NO_LIMIT ? RLIM_INFINITY : (rlim_t)value;
}

static int memory_apply(struct host *host, uint64_t memory_max, struct error *error)
{
        if (memory_max == 0)
                return limits_data(host->heap_max, error);
        size_t most = (size_t)HEAP_MOST_MIB << 20;
        size_t memory = (size_t)MIN(memory_max, most);
        host->heap_max = memory - memory / 8;
        if (host->engine)
                eng_heap_max_set(host->engine, host->heap_max, memory);
        return memory_max == TASK_NO_LIMIT ? 0 : data_set(memory, error);
}

/* SIGXCPU waits for the thread that watchdog_cpu() starts: it must not hit a thread that is not prepared. */
static int cpu_apply(struct host *host, uint64_t seconds, struct error *error)
{
        sigset_t set;

        host->cpu_limit_sec = 0;
        if (seconds == TASK_NO_LIMIT || seconds == 0)
                return 0;
        sigemptyset(&set);
        sigaddset(&set, SIGXCPU);
        int r = pthread_sigmask(SIG_BLOCK, &set, NULL);
        if (r != 0)
                return error_set_errno(error, r, "SIGXCPU");
        host->cpu_limit_sec = seconds;
        return limit_set(RLIMIT_CPU, "RLIMIT_CPU", seconds, seconds + CPU_GRACE_SEC, error);
}

/* @better: than what the daemon has. Whatever else is refused to a process for itself, its unit's filter refuses. */
static int priority_refuse(const char *what, bool better, struct error *error)
{
        int code = errno;

        if (code != EPERM && code != EACCES)
                return error_set_errno(error, code, "%s", what);
        return error_set(error, EPERM, "%s: the daemon may not give that: %s", what,
                         better ? "it takes CAP_SYS_NICE"
                                : "its unit's SystemCallFilter= takes setpriority and ioprio_set");
}

static int nice_apply(int nice, struct error *error)
{
        char what[32];

        if (nice == TASK_PRIORITY_UNSET)
                return 0;
        bool better = nice < getpriority(PRIO_PROCESS, 0);
        if (setpriority(PRIO_PROCESS, 0, nice) == 0)
                return 0;
        snprintf(what, sizeof(what), "Nice=%d", nice);
        return priority_refuse(what, better, error);
}

static int io_apply(enum task_io_class class, int priority, struct error *error)
{
        bool better = class == TASK_IO_CLASS_REALTIME;

        if (class == TASK_IO_CLASS_NONE && priority == TASK_PRIORITY_UNSET)
                return 0;
        if (class == TASK_IO_CLASS_NONE)
                class = TASK_IO_CLASS_BEST_EFFORT;
        if (class == TASK_IO_CLASS_IDLE)
                priority = 0;
        else if (priority == TASK_PRIORITY_UNSET)
                priority = IO_PRIORITY_USUAL;
        if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE((int)class, priority)) == 0)
                return 0;
        return priority_refuse(better ? "IOSchedulingClass=realtime" : "IOSchedulingClass=", better, error);
}

/* Of the only thread; those that it makes have the same. */
static int priority_apply(const struct task_policy *policy, struct error *error)
{
        int r = nice_apply(policy->nice, error);

        return r < 0 ? r : io_apply(policy->io_class, policy->io_priority, error);
}

int limits_apply(struct host *host, const struct task_policy *policy, bool alone, struct error *error)
{
        /* It counts what the user has in the namespace. Where others' runs are in it, too, no number is right: nobody must
         * be refused what its file allows because of what others have started. */
        const bool counted = alone && policy->subprocess && policy->tasks_max != TASK_NO_LIMIT;
        const struct {
                int resource;
                const char *name;
                rlim_t most;
        } limits[] = {
                { RLIMIT_CORE, "RLIMIT_CORE", 0 },
                { RLIMIT_RTPRIO, "RLIMIT_RTPRIO", 0 },
                { RLIMIT_MSGQUEUE, "RLIMIT_MSGQUEUE", 0 },
                { RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK", MEMLOCK_MAX },
                { RLIMIT_NOFILE, "RLIMIT_NOFILE", as_limit(policy->limit_nofile) },
                { RLIMIT_FSIZE, "RLIMIT_FSIZE", as_limit(policy->limit_fsize) },
                { RLIMIT_NPROC, "RLIMIT_NPROC", counted ? (rlim_t)policy->tasks_max + 1 : RLIM_INFINITY },
        };

        /* A file that grows too large is an error of the write (EFBIG), not the end of the process. */
        if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
                return error_set_errno(error, errno, "SIGXFSZ");
        for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
                int r = limit_set(limits[i].resource, limits[i].name, limits[i].most, limits[i].most, error);
                if (r < 0)
                        return r;
        }
        int r = priority_apply(policy, error);
        if (r == 0)
                r = memory_apply(host, policy->memory_max, error);
        return r < 0 ? r : cpu_apply(host, policy->limit_cpu_sec, error);
}
