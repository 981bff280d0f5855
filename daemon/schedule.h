/* SPDX-License-Identifier: MPL-2.0 */
/*
 * When schedules are due: pure functions, time and facts in, decisions out.
 *
 * The nominal times of an interval are anchor + k * every for whole k. They neither drift nor depend on when
 * the daemon ran. Policies:
 *   missed    however many nominal times passed (daemon down, machine asleep, clock set forward), the latest
 *             of them gets one run, and the next nominal time after now is kept;
 *   overlap   while a run of the schedule has not ended, its nominal times pass without a run;
 *   backward  a clock set back leaves next times more than one interval away: they move back on the grid.
 */
#ifndef DAEMON_SCHEDULE_H
#define DAEMON_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/run.h"

#define SCHEDULE_EVERY_MIN_US INT64_C(1000000)
#define SCHEDULE_EVERY_MAX_US (INT64_C(3653) * 86400 * 1000000)

/* The first nominal time after @after_us. 0: none that a 64-bit time can hold, or a bad interval. */
int64_t schedule_next(int64_t anchor_us, int64_t every_us, int64_t after_us);
/* The last nominal time at or before @at_us; 0: none. */
int64_t schedule_previous(int64_t anchor_us, int64_t every_us, int64_t at_us);

enum schedule_verdict {
        SCHEDULE_WAIT,    /* not due */
        SCHEDULE_RUN,     /* queue a run for the nominal time */
        SCHEDULE_OVERLAP, /* due, and the run before has not ended */
};

struct schedule_decision {
        enum schedule_verdict verdict;
        int64_t nominal_us; /* of the run, or of what was passed over */
        int64_t missed;     /* nominal times before it that get no run */
        int64_t next_us;
};

struct schedule_decision schedule_decide(const struct schedule *schedule, bool active, int64_t now_us);
/* The next time to keep after the clock was set: the one there is, or an earlier one. */
int64_t schedule_reconsider(const struct schedule *schedule, int64_t now_us);

#endif
