/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/simulate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/simulate_heap.h"
#include "lib/civil.h"
#include "lib/schedule_plan.h"
#include "lib/util.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define NONE SIZE_MAX

/* What happens at one moment, in this order: as in the daemon, who ends makes room for who comes. */
enum event {
        EVENT_END,  /* of a row's run */
        EVENT_DUE,  /* a schedule is, at the latest; whatever is due is served whenever anything happens */
        EVENT_WAKE, /* a row has waited its share of the spread */
};

struct simulation {
        const struct simulate_world *world;
        struct simulate_result result;
        size_t room;                 /* of rows */
        struct simulate_heap events; /* by time */
        struct simulate_heap due;    /* schedules by when they are due */
        struct simulate_heap queue;  /* rows by priority */
        int64_t running, now_us;
        unsigned made_up;
        int64_t hour_us, hour_count;   /* runs begun in the hour that it is */
        struct schedule_passed passed; /* large */
};

static const char *const outcome_names[] = {
        [SIMULATE_WAITS] = "waits",         [SIMULATE_RAN] = "ran",
        [SIMULATE_ENDED] = "ended",         [SIMULATE_SKIPPED] = "skipped",
        [SIMULATE_COALESCED] = "coalesced", [SIMULATE_MISSED] = "missed",
};

const char *simulate_outcome_name(enum simulate_outcome outcome)
{
        return outcome_names[outcome];
}

static struct simulate_row *row_at(struct simulation *simulation, size_t index)
{
        return &simulation->result.rows[index];
}

static struct simulate_schedule *schedule_of(struct simulation *simulation, size_t row)
{
        return &simulation->world->schedules[row_at(simulation, row)->schedule];
}

/* ---- rows ---- */

static int row_add(struct simulation *simulation, const struct simulate_row *row, size_t *ret)
{
        struct simulate_result *result = &simulation->result;

        if (result->row_count == simulation->world->rows_max)
                return -E2BIG;
        if (result->row_count == simulation->room) {
                size_t room = MAX(2 * simulation->room, (size_t)256);
                struct simulate_row *rows = reallocarray(result->rows, room, sizeof(*rows));
                if (!rows)
                        return -ENOMEM;
                result->rows = rows;
                simulation->room = room;
        }
        *ret = result->row_count++;
        result->rows[*ret] = *row;
        return 0;
}

/* ---- runs ---- */

/* It counts as active from here on. */
static int row_queue(struct simulation *simulation, size_t index)
{
        struct simulate_row *row = row_at(simulation, index);
        struct simulate_schedule *schedule = schedule_of(simulation, index);

        row->queued_us = simulation->now_us;
        row->active = true;
        row->before = NONE;
        row->after = schedule->active;
        if (row->after != NONE)
                row_at(simulation, row->after)->before = index;
        schedule->active = index;
        schedule->active_count++;
        return simulate_heap_push(&simulation->queue, -(int64_t)schedule->definition->priority, 0, index);
}

static void row_deactivate(struct simulation *simulation, size_t index)
{
        struct simulate_row *row = row_at(simulation, index);
        struct simulate_schedule *schedule = schedule_of(simulation, index);

        row->active = false;
        schedule->active_count--;
        if (row->before == NONE)
                schedule->active = row->after;
        else
                row_at(simulation, row->before)->after = row->after;
        if (row->after != NONE)
                row_at(simulation, row->after)->before = row->before;
}

static void row_buffer(struct simulation *simulation, size_t index)
{
        struct simulate_schedule *schedule = schedule_of(simulation, index);

        row_at(simulation, index)->reason = "overlap";
        row_at(simulation, index)->after = NONE;
        if (schedule->buffered_count++ == 0)
                schedule->buffered = index;
        else
                row_at(simulation, schedule->buffered_last)->after = index;
        schedule->buffered_last = index;
}

static void count_start(struct simulation *simulation, struct simulate_schedule *schedule, int64_t waited_us)
{
        struct simulate_result *result = &simulation->result;
        int64_t hour_us = civil_divide(simulation->now_us, HOUR_US) * HOUR_US;

        if (++simulation->running > result->running_peak) {
                result->running_peak = simulation->running;
                result->running_peak_us = simulation->now_us;
        }
        if (hour_us != simulation->hour_us)
                simulation->hour_count = 0;
        simulation->hour_us = hour_us;
        if (++simulation->hour_count > result->hour_peak) {
                result->hour_peak = simulation->hour_count;
                result->hour_peak_us = hour_us;
        }
        schedule->waited_us += waited_us;
        schedule->waited_most_us = MAX(schedule->waited_most_us, waited_us);
        result->waited_us += waited_us;
        result->waited_most_us = MAX(result->waited_most_us, waited_us);
        result->waited_count += waited_us > 0;
}

/* As far as there are slots. */
static int queue_start(struct simulation *simulation)
{
        struct simulate_item item;
        int r = 0;

        while (r == 0 && simulation->running < simulation->world->running_max &&
               simulate_heap_pop(&simulation->queue, &item)) {
                struct simulate_row *row = row_at(simulation, item.index);
                struct simulate_schedule *schedule = schedule_of(simulation, item.index);
                if (!row->active)
                        continue; /* ended before it began */
                row->start_us = simulation->now_us;
                row->end_us = row->start_us + schedule->duration_us;
                row->outcome = SIMULATE_RAN;
                count_start(simulation, schedule, row->start_us - row->queued_us);
                r = simulate_heap_push(&simulation->events, row->end_us, EVENT_END, item.index);
        }
        return r;
}

/* ---- one nominal time ---- */

static int end_others(struct simulation *simulation, struct simulate_schedule *schedule)
{
        bool kill;
        int r = 0;

        if (!schedule_ends_others(schedule->definition, &kill))
                return 0;
        for (size_t index = schedule->active; index != NONE && r == 0;
             index = row_at(simulation, index)->after) {
                struct simulate_row *row = row_at(simulation, index);
                row->outcome = SIMULATE_ENDED;
                row->end_us = simulation->now_us;
                r = simulate_heap_push(&simulation->events, simulation->now_us, EVENT_END, index);
        }
        return r;
}

static int occur_run(struct simulation *simulation, struct simulate_row *row, int64_t wait_us, bool overlaps)
{
        struct simulate_schedule *schedule = &simulation->world->schedules[row->schedule];
        size_t index;
        int r = row_add(simulation, row, &index);

        if (r < 0)
                return r;
        if (overlaps) {
                row_buffer(simulation, index);
                return end_others(simulation, schedule);
        }
        if (wait_us == 0)
                return row_queue(simulation, index);
        schedule->spread_count++;
        row_at(simulation, index)->reason = "spread";
        return simulate_heap_push(&simulation->events, simulation->now_us + wait_us, EVENT_WAKE, index);
}

/* @wait_us: its share of the spread; 0: none. *ret_runs: whether it got a run, or may. */
static int occur(struct simulation *simulation, size_t of, int64_t nominal_us, int64_t wait_us,
                 bool *ret_runs)
{
        static const struct {
                const char *reason;
                enum simulate_outcome outcome;
                bool runs;
        } outcomes[] = {
                [SCHEDULE_ADMIT_RUN] = { "", SIMULATE_WAITS, true },
                [SCHEDULE_ADMIT_HOLD_OVERLAP] = { "overlap", SIMULATE_WAITS, true },
                [SCHEDULE_ADMIT_HOLD_CONDITION] = { "condition", SIMULATE_WAITS, true },
                [SCHEDULE_ADMIT_COALESCE_BUFFERED] = { "overlap", SIMULATE_COALESCED, false },
                [SCHEDULE_ADMIT_COALESCE_WAITING] = { "condition", SIMULATE_COALESCED, false },
                [SCHEDULE_ADMIT_COALESCE_SPREAD] = { "spread", SIMULATE_COALESCED, false },
                [SCHEDULE_ADMIT_SKIP_OVERLAP] = { "overlap", SIMULATE_SKIPPED, false },
                [SCHEDULE_ADMIT_SKIP_FULL] = { "queue-full", SIMULATE_SKIPPED, false },
        };
        struct simulate_schedule *schedule = &simulation->world->schedules[of];
        const struct schedule_facts facts = {
                .active = schedule->active_count,
                .buffered = schedule->buffered_count,
                .conditions_met = true,
                .made_up = wait_us > 0,
                .spread = schedule->spread_count,
        };
        enum schedule_admission admission = schedule_admit(schedule->definition, &facts);
        struct simulate_row row = {
                .schedule = of,
                .nominal_us = nominal_us,
                .count = 1,
                .outcome = outcomes[admission].outcome,
                .reason = outcomes[admission].reason,
        };
        size_t index;

        schedule->overlaps += facts.active > 0 || facts.buffered > 0;
        if (!outcomes[admission].runs)
                return row_add(simulation, &row, &index);
        *ret_runs = true;
        return occur_run(simulation, &row, wait_us, admission == SCHEDULE_ADMIT_HOLD_OVERLAP);
}

/* ---- what happens ---- */

static int plan_next(struct simulation *simulation, size_t of)
{
        struct simulate_schedule *schedule = &simulation->world->schedules[of];
        const struct schedule_next next = schedule_next(schedule->definition, schedule->times,
                                                        schedule->offset_us, schedule->cursor_us,
                                                        simulation->world->random(simulation->world->data));

        schedule->due_us = next.due_us;
        if (!next.nominal_us || next.due_us >= simulation->world->until_us)
                return 0;
        int r = simulate_heap_push(&simulation->due, next.due_us, 0, of);
        return r == 0 ? simulate_heap_push(&simulation->events, next.latest_us, EVENT_DUE, of) : r;
}

static int serve_missed(struct simulation *simulation, size_t of, bool runs)
{
        const struct schedule_passed *passed = &simulation->passed;
        bool last = simulation->world->schedules[of].definition->catch_up == SCHEDULE_CATCH_UP_LAST;
        const struct simulate_row row = {
                .schedule = of,
                .nominal_us = passed->missed_first_us,
                .count = passed->missed_count,
                .outcome = runs && last ? SIMULATE_COALESCED : SIMULATE_MISSED,
                .reason = "late",
        };
        size_t index;

        return passed->missed_count ? row_add(simulation, &row, &index) : 0;
}

static int serve(struct simulation *simulation, size_t of)
{
        struct simulate_schedule *schedule = &simulation->world->schedules[of];
        struct schedule_passed *passed = &simulation->passed;
        uint64_t (*random)(void *data) = simulation->world->random;
        const struct schedule_look look = {
                .definition = schedule->definition,
                .times = schedule->times,
                .offset_us = schedule->offset_us,
                .cursor_us = schedule->cursor_us,
                .due_us = schedule->due_us,
                .now_us = simulation->now_us,
        };
        bool runs = false;
        int r = 0;

        schedule_look(&look, passed);
        int64_t together_us = passed->make_ups ? schedule_make_up_wait_us(schedule->definition, passed,
                                                                          random(simulation->world->data))
                                               : 0;
        for (unsigned i = 0; r == 0 && i < passed->make_ups; i++)
                r = occur(simulation, of, passed->make_up[i],
                          together_us + schedule_make_up_step_us(simulation->made_up++,
                                                                 random(simulation->world->data)),
                          &runs);
        if (r == 0 && passed->current_us)
                r = occur(simulation, of, passed->current_us, 0, &runs);
        if (r == 0)
                r = serve_missed(simulation, of, runs);
        schedule->cursor_us = passed->cursor_us;
        return r == 0 ? plan_next(simulation, of) : r;
}

static int serve_due(struct simulation *simulation)
{
        struct simulate_item item;
        int r = 0;

        while (r == 0 && simulation->due.count > 0 && simulation->due.items[0].key <= simulation->now_us) {
                simulate_heap_pop(&simulation->due, &item);
                r = serve(simulation, item.index);
        }
        return r;
}

/* A row that was held: as timetable_try(). */
static int on_wake(struct simulation *simulation, size_t index)
{
        struct simulate_schedule *schedule = schedule_of(simulation, index);

        schedule->spread_count--;
        if (schedule->active_count > 0 && schedule->definition->overlap != SCHEDULE_OVERLAP_ALLOW) {
                row_buffer(simulation, index);
                return 0;
        }
        return row_queue(simulation, index);
}

static bool is_listed(char *const *tasks, const char *task)
{
        for (; tasks && *tasks; tasks++)
                if (strcmp(*tasks, task) == 0)
                        return true;
        return false;
}

/* OnSuccessOf= and OnEndOf=. */
static int occur_behind(struct simulation *simulation, const char *task, bool success)
{
        bool runs;
        int r = 0;

        for (size_t i = 0; i < simulation->world->schedule_count && r == 0; i++) {
                const struct simulate_schedule *schedule = &simulation->world->schedules[i];
                if (!schedule->definition->enabled || simulation->now_us < schedule->from_us)
                        continue;
                if ((success && is_listed(schedule->definition->on_success_of, task)) ||
                    is_listed(schedule->definition->on_end_of, task))
                        r = occur(simulation, i, simulation->now_us, 0, &runs);
        }
        return r;
}

static int on_end(struct simulation *simulation, size_t index)
{
        struct simulate_schedule *schedule = schedule_of(simulation, index);
        bool began = row_at(simulation, index)->start_us != 0;
        bool success = row_at(simulation, index)->outcome == SIMULATE_RAN;
        size_t next = schedule->buffered;
        int r = 0;

        if (!row_at(simulation, index)->active)
                return 0; /* was ended before */
        row_deactivate(simulation, index);
        simulation->running -= began;
        if (schedule->buffered_count > 0 && schedule->active_count == 0) {
                schedule->buffered = row_at(simulation, next)->after;
                schedule->buffered_count--;
                r = row_queue(simulation, next);
        }
        return r == 0 && began ? occur_behind(simulation, schedule->task, success) : r;
}

/* ---- all of it ---- */

static int begin(struct simulation *simulation)
{
        int r = 0;

        for (size_t i = 0; i < simulation->world->schedule_count && r == 0; i++) {
                struct simulate_schedule *schedule = &simulation->world->schedules[i];
                int64_t from_us = MAX(simulation->world->from_us, schedule->from_us);
                /* What is nominal before the beginning may be due behind it. */
                schedule->active = schedule->buffered = schedule->buffered_last = NONE;
                if (from_us >= simulation->world->until_us)
                        continue;
                schedule->cursor_us = from_us - schedule->offset_us + schedule->definition->flex_us - 1;
                r = plan_next(simulation, i);
        }
        return r;
}

static int happen(struct simulation *simulation, const struct simulate_item *item)
{
        int r = 0;

        switch ((enum event)item->class) {
        case EVENT_END:
                return on_end(simulation, item->index);
        case EVENT_DUE:
                return serve_due(simulation);
        case EVENT_WAKE:
                r = serve_due(simulation);
                break;
        }
        return r == 0 ? on_wake(simulation, item->index) : r;
}

/* Nothing else happens at this moment. */
static bool is_quiet(const struct simulation *simulation)
{
        return simulation->events.count == 0 || simulation->events.items[0].key > simulation->now_us;
}

static int run(struct simulation *simulation)
{
        struct simulate_item item;
        int r = begin(simulation);

        while (r == 0 && simulate_heap_pop(&simulation->events, &item) &&
               item.key < simulation->world->until_us) {
                simulation->now_us = item.key;
                r = happen(simulation, &item);
                if (r == 0 && is_quiet(simulation))
                        r = serve_due(simulation);
                /* Who comes at the same moment competes with the others. */
                if (r == 0 && is_quiet(simulation))
                        r = queue_start(simulation);
        }
        return r;
}

static void count_rows(struct simulation *simulation)
{
        for (size_t i = 0; i < simulation->result.row_count; i++)
                schedule_of(simulation, i)->outcomes[row_at(simulation, i)->outcome] +=
                        row_at(simulation, i)->count;
}

int simulate(const struct simulate_world *world, struct simulate_result *ret)
{
        struct simulation *simulation = calloc(1, sizeof(*simulation));

        if (!simulation)
                return -ENOMEM;
        simulation->world = world;
        simulation->hour_us = INT64_MIN;
        int r = run(simulation);
        simulate_heap_done(&simulation->events);
        simulate_heap_done(&simulation->due);
        simulate_heap_done(&simulation->queue);
        if (r == 0) {
                count_rows(simulation);
                *ret = simulation->result;
        } else {
                simulate_done(&simulation->result);
        }
        free(simulation);
        return r;
}

void simulate_done(struct simulate_result *result)
{
        free(result->rows);
        *result = (struct simulate_result){ 0 };
}
