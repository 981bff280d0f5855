/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The thread sleeps on a condition variable until the next of its two times, so that it costs nothing
 * meanwhile. It has all signals blocked, a small stack, and never touches the engine but through
 * eng_interrupt(), and at the very end native_stack.c. Interrupts repeat: one that arrives between two pieces of JS of which the second is the
 * endless one would otherwise be lost to the first.
 *
 * Some native code of the engine (the sort of a huge array by numbers, JSON.parse of a huge text) does not look
 * for interrupts. It is known by this: the process goes on using the CPU after the interrupt. Time on the clock
 * would not tell it from JS that a busy machine does not let run.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/util.h"
#include "runner/native_stack.h"
#include "runner/report.h"
#include "runner/thread.h"
#include "runner/watchdog.h"

#define STACK_SIZE (128 * 1024)
#define REPEAT_US (10 * (int64_t)USEC_PER_MSEC)
#define CPU_AFTER_INTERRUPT_US (60 * (int64_t)USEC_PER_MSEC)

static struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        eng *engine;
        void (*stuck)(void *data, char *stack);
        void *data;
        int64_t cpu_at_interrupt_us;  /* that the process had used at the first interrupt */
        int64_t interrupt_at_us;      /* 0: never */
        int64_t next_interrupt_at_us; /* the same, moved on by each interrupt */
        int64_t exit_at_us;           /* 0: never */
        int64_t frozen_us;            /* when these were set, the run had been frozen for so long */
        int exit_code;
        bool cpu_is_used;
} watchdog = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int64_t earlier(int64_t a, int64_t b)
{
        if (a == 0 || b == 0)
                return a + b;
        return MIN(a, b);
}

static void sleep_until(int64_t at_us)
{
        if (at_us == 0) {
                pthread_cond_wait(&watchdog.changed, &watchdog.lock);
                return;
        }
        struct timespec at = {
                .tv_sec = at_us / (int64_t)USEC_PER_SEC,
                .tv_nsec = at_us % (int64_t)USEC_PER_SEC * 1000,
        };
        pthread_cond_timedwait(&watchdog.changed, &watchdog.lock, &at);
}

static int64_t cpu_us(void)
{
        struct timespec used = { 0 };

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return used.tv_sec * (int64_t)USEC_PER_SEC + used.tv_nsec / 1000;
}

static _Noreturn void leave(void)
{
        watchdog.stuck(watchdog.data, native_stack_take(watchdog.exit_code));
        _exit(watchdog.exit_code);
}

static void interrupt(int64_t now_us)
{
        if (watchdog.next_interrupt_at_us == watchdog.interrupt_at_us)
                watchdog.cpu_at_interrupt_us = cpu_us();
        else if (cpu_us() - watchdog.cpu_at_interrupt_us > CPU_AFTER_INTERRUPT_US)
                leave();
        eng_interrupt(watchdog.engine, watchdog.cpu_is_used ? WATCHDOG_WHY_CPU : WATCHDOG_WHY_DEADLINE);
        watchdog.next_interrupt_at_us = now_us + REPEAT_US;
}

/* Both times move on by how long the run was frozen since they were set. */
static void times_move_on(void)
{
        int64_t frozen_us = report_frozen_us(), more_us = frozen_us - watchdog.frozen_us;

        watchdog.frozen_us = frozen_us;
        if (watchdog.interrupt_at_us != 0)
                watchdog.interrupt_at_us += more_us;
        if (watchdog.next_interrupt_at_us != 0)
                watchdog.next_interrupt_at_us += more_us;
        if (watchdog.exit_at_us != 0)
                watchdog.exit_at_us += more_us;
}

static void *watchdog_thread(void *unused)
{
        pthread_mutex_lock(&watchdog.lock);
        for (;;) {
                sleep_until(earlier(watchdog.next_interrupt_at_us, watchdog.exit_at_us));
                times_move_on();
                int64_t now_us = clock_monotonic_us();
                if (watchdog.exit_at_us != 0 && now_us >= watchdog.exit_at_us)
                        leave();
                if (watchdog.next_interrupt_at_us != 0 && now_us >= watchdog.next_interrupt_at_us)
                        interrupt(now_us);
        }
        return NULL;
}

/* A handler could not do what eng_interrupt() does. The first time counts: what follows is the task's end. */
static void *cpu_thread(void *unused)
{
        sigset_t set;
        int number;

        sigemptyset(&set);
        sigaddset(&set, SIGXCPU);
        if (sigwait(&set, &number) != 0)
                return NULL;
        pthread_mutex_lock(&watchdog.lock);
        watchdog.cpu_is_used = true;
        watchdog.interrupt_at_us = watchdog.next_interrupt_at_us = clock_monotonic_us();
        pthread_cond_signal(&watchdog.changed);
        pthread_mutex_unlock(&watchdog.lock);
        return NULL;
}

int watchdog_start(eng *e, void (*stuck)(void *data, char *stack), void *data)
{
        pthread_condattr_t clock;

        native_stack_init(e);
        watchdog.engine = e;
        watchdog.stuck = stuck;
        watchdog.data = data;
        int r = pthread_condattr_init(&clock);
        if (r != 0)
                return -r;
        pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
        r = pthread_cond_init(&watchdog.changed, &clock);
        pthread_condattr_destroy(&clock);
        return r != 0 ? -r : thread_start(watchdog_thread, STACK_SIZE);
}

int watchdog_cpu(void)
{
        return thread_start(cpu_thread, STACK_SIZE);
}

void watchdog_set(int64_t interrupt_at_us, int64_t exit_at_us, int exit_code)
{
        pthread_mutex_lock(&watchdog.lock);
        watchdog.interrupt_at_us = interrupt_at_us;
        watchdog.next_interrupt_at_us = interrupt_at_us;
        watchdog.frozen_us = report_frozen_us();
        watchdog.exit_at_us = exit_at_us;
        watchdog.exit_code = exit_code;
        pthread_cond_signal(&watchdog.changed);
        pthread_mutex_unlock(&watchdog.lock);
}

bool watchdog_is_due(void)
{
        return watchdog.interrupt_at_us != 0 && clock_monotonic_us() >= watchdog.interrupt_at_us;
}

bool watchdog_cpu_is_used(void)
{
        return watchdog.cpu_is_used;
}
