/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The timetable (timetable.h) in the daemon's loop: one timer for all schedules, armed for when it has to look, on the
 * wall clock, and told by the kernel when that clock is set. What happened to the clock meanwhile is classified here:
 *
 *   stopped            the daemon was not running: what passed before its start
 *   suspended          the machine slept: CLOCK_BOOTTIME went on and CLOCK_MONOTONIC did not
 *   clock-set-forward  the wall clock went ahead of CLOCK_BOOTTIME
 *   late               the daemon had other things to do
 *
 * which is what the ledger gives as the reason of what was missed. A clock that was set back is the timetable's matter.
 *
 * The schedule's clock is a little ahead of the wall clock (scheduler_now_us()): what becomes due is decided upon, durable
 * in the store and a process that only waits for its time (supervise.h) when that comes, so that neither a disk nor the
 * daemon's other work stands between the two. All that is written about schedules is in that one clock, for it may not go
 * back; a run has the time on the wall clock from which on it may begin (timetable_begin_us()), and none begins before.
 */
#ifndef DAEMON_SCHEDULER_H
#define DAEMON_SCHEDULER_H

#include <stdint.h>

#include "daemon/timetable.h"

struct daemon;
struct scheduler;

#define SCHEDULER_LEAD_US                                                                                    \
        INT64_C(30000) /* what deciding, committing and making a process take on most machines */

/* The time by which schedules are decided about and changed, in microseconds since the epoch. */
int64_t scheduler_now_us(void);
int scheduler_new(struct daemon *daemon, struct scheduler **ret);
void scheduler_free(struct scheduler *scheduler);
/* Follow up what the daemon before this one left, then serve. */
void scheduler_start(struct scheduler *scheduler);
void scheduler_stop(struct scheduler *scheduler);
/* For requests: they change schedules through it, and then call scheduler_update_on_commit(). */
struct timetable *scheduler_timetable(const struct scheduler *scheduler);
/* Something has changed: look what is due, once the change is durable, whether or not who made it is still there. */
void scheduler_update_on_commit(struct scheduler *scheduler);
/* A run has ended, in the group that records it. */
void scheduler_run_ended(struct scheduler *scheduler, const struct run *run);
/* An event (schedule.h). */
void scheduler_event(struct scheduler *scheduler, const char *kind, const char *subject);
/* How many to serve at a time after as many as @batch took so long: it shall be some milliseconds. */
int scheduler_batch(int batch, int64_t took_us);
/* 0: nothing is due. */
int64_t scheduler_next_us(const struct scheduler *scheduler);

#endif
