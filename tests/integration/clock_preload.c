/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A machine whose clock is set and that is suspended, for a daemon with this in LD_PRELOAD: what it reads of two clocks is
 * moved by what the file BGTASK_TEST_CLOCKS says (struct clocks), and its timer is cancelled as the kernel cancels one when
 * the clock is set. Only what the daemon's schedule uses of timers is there: one, absolute, of the wall clock.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct clocks {
        _Atomic int64_t realtime_s, boottime_s; /* ahead of the real ones */
        _Atomic int64_t sets;                   /* how often the wall clock was set; a suspension is none */
        _Atomic int64_t wakes; /* how often the timer is to be looked at anew for any reason */
};

static struct clocks nowhere, *clocks = &nowhere;
static _Atomic int timer = -1;
static _Atomic int64_t seen_sets, seen_wakes;
static struct itimerspec wanted;
static int wanted_flags;

__attribute__((constructor)) static void begin(void)
{
        const char *path = getenv("BGTASK_TEST_CLOCKS");
        int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
        void *map = fd < 0 ? MAP_FAILED
                           : mmap(NULL, sizeof(struct clocks), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        if (fd >= 0)
                close(fd);
        if (map != MAP_FAILED)
                clocks = map;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
        int r = (int)syscall(SYS_clock_gettime, id, now);

        if (r == 0 && id == CLOCK_REALTIME)
                now->tv_sec += clocks->realtime_s;
        if (r == 0 && id == CLOCK_BOOTTIME)
                now->tv_sec += clocks->boottime_s;
        return r;
}

static int timer_arm(void)
{
        struct itimerspec real = wanted;

        /* A time that has passed is one, too; 0 would disarm it. */
        if (real.it_value.tv_sec || real.it_value.tv_nsec) {
                real.it_value.tv_sec -= clocks->realtime_s;
                if (real.it_value.tv_sec < 1)
                        real.it_value.tv_sec = 1;
        }
        return (int)syscall(SYS_timerfd_settime, timer, wanted_flags, &real, NULL);
}

/* What the kernel would do when the clock is set, or the system is awake again. */
static void *watch(void *data)
{
        const struct itimerspec at_once = { .it_value = { .tv_nsec = 1 } };
        const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

        for (;; nanosleep(&pause, NULL)) {
                if (seen_sets != clocks->sets)
                        syscall(SYS_timerfd_settime, timer, 0, &at_once, NULL);
                else if (seen_wakes != clocks->wakes)
                        timer_arm();
                seen_wakes = clocks->wakes;
        }
        return data;
}

int timerfd_create(int id, int flags)
{
        pthread_t thread;
        int fd = (int)syscall(SYS_timerfd_create, id, flags);

        if (fd >= 0 && id == CLOCK_REALTIME && timer < 0) {
                timer = fd;
                seen_sets = clocks->sets;
                seen_wakes = clocks->wakes;
                if (pthread_create(&thread, NULL, watch, NULL) == 0)
                        pthread_detach(thread);
        }
        return fd;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
        if (fd != timer)
                return (int)syscall(SYS_timerfd_settime, fd, flags, value, old);
        wanted = *value;
        wanted_flags = flags & ~TFD_TIMER_CANCEL_ON_SET; /* by our own word alone */
        return timer_arm();
}

ssize_t read(int fd, void *data, size_t size)
{
        ssize_t n = syscall(SYS_read, fd, data, size);

        if (fd == timer && seen_sets != clocks->sets) {
                seen_sets = clocks->sets;
                errno = ECANCELED;
                return -1;
        }
        return n;
}
