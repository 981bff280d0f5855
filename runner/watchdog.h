/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A thread that stops JavaScript which does not return to the event loop, and, behind that, a process
 * that nothing stops. Made after the fork; owned by the engine's thread, which alone calls these functions.
 */
#ifndef RUNNER_WATCHDOG_H
#define RUNNER_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/engine.h"

/* The reason that eng_interrupt() is given. */
enum { WATCHDOG_WHY_DEADLINE = 1, WATCHDOG_WHY_CPU = 2 };

/* Start the thread; there is one a process. @stuck is called on it when the process is about to leave for want
 * of anything better; it may write reports, nothing else. @stack is where JS is, NULL: that is not known.
 * 0 or -errno. */
int watchdog_start(eng *e, void (*stuck)(void *data, char *stack), void *data);
/* Have SIGXCPU, which all threads have blocked, interrupt JS as if its time had come, once. 0 or -errno. */
int watchdog_cpu(void);
/* Time in which the run was frozen (report_frozen_us()) does not count.
 * From @interrupt_at_us on (CLOCK_MONOTONIC; 0: never) JS is interrupted, again and again until the next
 * watchdog_set(). If it goes on computing all the same, or at @exit_at_us (0: never), the process leaves with
 * @exit_code. */
void watchdog_set(int64_t interrupt_at_us, int64_t exit_at_us, int exit_code);
/* Whether the time to interrupt has come. An interrupt that arrives when it has not is a late one. */
bool watchdog_is_due(void);
/* Whether SIGXCPU has come. */
bool watchdog_cpu_is_used(void);

#endif
