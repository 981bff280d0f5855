/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What schedules would do in a span of time: pure, time and durations in, a table of occurrences out.
 *
 * What passed, what is next and what may run is decided by lib/schedule_plan, as in the daemon; this carries it out in
 * memory, as daemon/timetable.h does in the store. Every run succeeds after the duration of its schedule, conditions hold,
 * and somebody looks all the time.
 *
 *   nominal time ──▶ row ─┬─▶ queued ──a slot──▶ runs ──▶ ran, or ended for the one behind it
 *                         ├─▶ held: another run, its share of the spread ──▶ queued
 *                         └─▶ skipped, coalesced, missed
 */
#ifndef CLIENT_SIMULATE_H
#define CLIENT_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/schedule_definition.h"
#include "lib/schedule_times.h"

#define SIMULATE_ROWS_MAX 1000000

enum simulate_outcome {
        SIMULATE_WAITS, /* it has not begun when the time is over */
        SIMULATE_RAN,   /* or still runs then */
        SIMULATE_ENDED, /* for the one behind it */
        SIMULATE_SKIPPED,
        SIMULATE_COALESCED,
        SIMULATE_MISSED,
        SIMULATE_OUTCOMES,
};

/* Times in microseconds since the epoch; 0: none. */
struct simulate_row {
        size_t schedule; /* index */
        int64_t nominal_us, count;
        int64_t queued_us, start_us, end_us;
        enum simulate_outcome outcome;
        const char *reason; /* why it was held, or got no run; "": neither. Static */
        bool active;        /* queued or under way; private, as what follows */
        size_t before, after;
};

struct simulate_schedule {
        const char *name, *task; /* all borrowed */
        const struct schedule_definition *definition;
        const struct schedule_times *times;
        int64_t offset_us, duration_us;
        int64_t from_us; /* nothing is due before; 0: from the beginning */

        /* What came of it. */
        int64_t outcomes[SIMULATE_OUTCOMES];
        int64_t overlaps;                  /* nominal times at which a run of it had not ended */
        int64_t waited_us, waited_most_us; /* for a slot */

        /* Private. */
        int64_t cursor_us, due_us, active_count, buffered_count, spread_count;
        size_t active, buffered, buffered_last; /* rows */
};

struct simulate_world {
        int64_t from_us, until_us; /* what is due from one to the other, exclusive */
        int64_t running_max;
        size_t rows_max;
        struct simulate_schedule *schedules;
        size_t schedule_count;
        uint64_t (*random)(void *data); /* of delays */
        void *data;
};

/* In the order of decisions. */
struct simulate_result {
        struct simulate_row *rows; /* malloc'd */
        size_t row_count;
        int64_t running_peak, running_peak_us;
        int64_t hour_peak, hour_peak_us; /* runs begun in a whole hour of UTC */
        int64_t waited_us, waited_most_us, waited_count;
};

/* *ret is the caller's, to be released by simulate_done(). -E2BIG: more than rows_max occurrences; -ENOMEM. */
int simulate(const struct simulate_world *world, struct simulate_result *ret);
void simulate_done(struct simulate_result *result);
/* The words of the table. */
const char *simulate_outcome_name(enum simulate_outcome outcome);

#endif
