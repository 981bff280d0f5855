/* SPDX-License-Identifier: MPL-2.0 */
/* One nominal time or event: its row in the ledger, and its run if it gets one. Runs that are held. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/timetable_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

/* ---- rows ---- */

static bool is_continued(const struct occurrence *last, const struct occurrence *next)
{
        return last->last_us == next->after_us && last->outcome == next->outcome &&
               last->into_id == next->into_id && last->run_id == next->run_id &&
               strcmp(last->reason, next->reason) == 0;
}

int timetable_pass_over(struct timetable *timetable, struct occurrence *occurrence)
{
        struct occurrence last;
        int r = store_occurrence_last(timetable->store, occurrence->schedule_id, occurrence->pass, &last);

        if (r == 0 && occurrence->pass != PASS_EVENTS && is_continued(&last, occurrence)) {
                last.last_us = occurrence->last_us;
                last.count = last.count < 0 || occurrence->count < 0 ? -1 : last.count + occurrence->count;
                return store_occurrence_extend(timetable->store, &last);
        }
        return r < 0 ? r : store_occurrence_add(timetable->store, occurrence);
}

/* ---- runs ---- */

int64_t timetable_begin_us(const struct timetable *timetable, int64_t due_us, int64_t now_us)
{
        return MAX(due_us, now_us - timetable->hooks->lead_us);
}

int timetable_add_run(struct timetable *timetable, const struct timetable_view *view, int64_t nominal_us,
                      int64_t begin_us, struct scheduled_run *scheduled)
{
        const struct schedule *schedule = &view->schedule;
        struct run run = {
                .state = scheduled->hold == HOLD_NONE ? RUN_QUEUED : RUN_HELD,
                .task = schedule->task,
                .args = schedule->args,
                .uid = schedule->uid,
                .schedule = schedule->name,
                .nominal_at_us = nominal_us,
                .queued_at_us = begin_us,
                .pool = view->definition.pool,
                .priority = view->definition.priority,
        };
        int r = store_run_add(timetable->store, &run); /* no key: nothing of it is replaced */

        if (r != 0)
                return r;
        scheduled->run_id = run.id;
        scheduled->schedule_id = schedule->id;
        return store_scheduled_run_add(timetable->store, scheduled);
}

static int occur_facts(struct timetable *timetable, const struct timetable_view *view, enum hold wanted,
                       struct schedule_facts *ret)
{
        int64_t first;
        struct schedule_facts facts = {
                .conditions_met = timetable->hooks->conditions_met(&view->definition, SCHEDULE_RUNG_ALL,
                                                                   timetable->data),
                .queue_full = !timetable->hooks->queue_has_room(&view->definition, timetable->data),
                .made_up = wanted == HOLD_SPREAD,
        };
        int r = store_scheduled_run_count(timetable->store, view->schedule.id, HOLD_NONE, &facts.active,
                                          &first);

        if (r == 0)
                r = store_scheduled_run_count(timetable->store, view->schedule.id, HOLD_OVERLAP,
                                              &facts.buffered, &first);
        if (r == 0)
                r = store_scheduled_run_count(timetable->store, view->schedule.id, HOLD_CONDITION,
                                              &facts.waiting, &first);
        if (r == 0 && facts.made_up)
                r = store_scheduled_run_count(timetable->store, view->schedule.id, HOLD_SPREAD, &facts.spread,
                                              &first);
        if (r == 0)
                *ret = facts;
        return r;
}

/* The first run that is held so; one by hand has no row. */
static int occur_into(struct timetable *timetable, const struct timetable_view *view, enum hold hold,
                      struct occurrence *occurrence)
{
        struct scheduled_run scheduled;
        int r = store_scheduled_run_of(timetable->store, view->schedule.id, hold, 0, &scheduled);

        if (r == 0) {
                occurrence->into_id = scheduled.occurrence_id;
                occurrence->run_id = scheduled.run_id;
        }
        return r < 0 ? r : 0;
}

int timetable_end_others(struct timetable *timetable, const struct timetable_view *view)
{
        struct scheduled_run other = { 0 };
        bool kill;
        int r = 0;

        if (!schedule_ends_others(&view->definition, &kill))
                return 0;
        while (r == 0) {
                r = store_scheduled_run_of(timetable->store, view->schedule.id, HOLD_NONE, other.run_id,
                                           &other);
                if (r == 0)
                        timetable->hooks->end_run(other.run_id, kill, timetable->data);
        }
        return r < 0 ? r : 0;
}

/* What the decision makes of the row, and how its run is held. False: it gets none. */
static bool occur_outcome(enum schedule_admission admission, const struct timetable_occasion *occasion,
                          struct occurrence *occurrence, enum hold *ret_hold)
{
        static const struct {
                enum occurrence_outcome outcome;
                const char *reason;
                enum hold hold;
                bool runs;
        } outcomes[] = {
                [SCHEDULE_ADMIT_RUN] = { OCCURRENCE_RAN, "", HOLD_NONE, true },
                [SCHEDULE_ADMIT_HOLD_OVERLAP] = { OCCURRENCE_HELD, "overlap", HOLD_OVERLAP, true },
                [SCHEDULE_ADMIT_HOLD_CONDITION] = { OCCURRENCE_HELD, "condition", HOLD_CONDITION, true },
                [SCHEDULE_ADMIT_COALESCE_BUFFERED] = { OCCURRENCE_COALESCED, "overlap", HOLD_OVERLAP, false },
                [SCHEDULE_ADMIT_COALESCE_WAITING] = { OCCURRENCE_COALESCED, "condition", HOLD_CONDITION,
                                                      false },
                [SCHEDULE_ADMIT_COALESCE_SPREAD] = { OCCURRENCE_COALESCED, "spread", HOLD_SPREAD, false },
                [SCHEDULE_ADMIT_SKIP_OVERLAP] = { OCCURRENCE_SKIPPED, "overlap", HOLD_NONE, false },
                [SCHEDULE_ADMIT_SKIP_FULL] = { OCCURRENCE_SKIPPED, "queue-full", HOLD_NONE, false },
        };
        bool waits = admission == SCHEDULE_ADMIT_RUN && occasion->hold != HOLD_NONE;

        occurrence->outcome = waits ? OCCURRENCE_HELD : outcomes[admission].outcome;
        snprintf(occurrence->reason, sizeof(occurrence->reason), "%s",
                 waits ? hold_name(occasion->hold) : outcomes[admission].reason);
        *ret_hold = waits ? occasion->hold : outcomes[admission].hold;
        return outcomes[admission].runs;
}

static int occur_run(struct timetable *timetable, struct timetable_view *view,
                     const struct timetable_occasion *occasion, struct occurrence *occurrence, enum hold hold)
{
        struct scheduled_run scheduled = { .hold = hold, .since_us = occasion->now_us };

        if (hold == HOLD_CONDITION)
                scheduled.wake_us = schedule_rung_next(&view->definition, occasion->now_us, occasion->now_us);
        else if (hold != HOLD_NONE && hold != HOLD_OVERLAP)
                scheduled.wake_us = occasion->wake_us;
        int r = store_occurrence_add(timetable->store, occurrence);
        if (r != 0)
                return r;
        scheduled.occurrence_id = occurrence->id;
        r = timetable_add_run(timetable, view, occasion->nominal_us,
                              timetable_begin_us(timetable, occasion->due_us, occasion->now_us), &scheduled);
        if (r != 0)
                return r;
        occurrence->run_id = scheduled.run_id;
        r = store_occurrence_set(timetable->store, occurrence);
        return r != 0 || hold != HOLD_OVERLAP ? r : timetable_end_others(timetable, view);
}

int timetable_occur(struct timetable *timetable, struct timetable_view *view,
                    const struct timetable_occasion *occasion, int64_t *ret_id)
{
        struct schedule_facts facts;
        struct occurrence occurrence = {
                .schedule_id = view->schedule.id,
                .pass = occasion->pass,
                .after_us = occasion->after_us,
                .first_us = occasion->nominal_us,
                .last_us = occasion->nominal_us,
                .count = 1,
                .decided_at_us = occasion->now_us,
        };
        enum hold hold = HOLD_NONE;
        int r = occur_facts(timetable, view, occasion->hold, &facts);

        if (r != 0)
                return r;
        if (view->schedule.paused_at_us) {
                occurrence.outcome = OCCURRENCE_SKIPPED;
                snprintf(occurrence.reason, sizeof(occurrence.reason), "paused");
                return timetable_pass_over(timetable, &occurrence);
        }
        if (occur_outcome(schedule_admit(&view->definition, &facts), occasion, &occurrence, &hold)) {
                r = occur_run(timetable, view, occasion, &occurrence, hold);
                if (r == 0 && ret_id)
                        *ret_id = occurrence.id;
                return r;
        }
        if (occurrence.outcome == OCCURRENCE_SKIPPED)
                timetable_note(timetable, "schedule %s: a time passes without a run: %s", view->schedule.name,
                               facts.queue_full ? "the queue is full" : "the one before has not ended");
        if (occurrence.outcome == OCCURRENCE_COALESCED)
                r = occur_into(timetable, view, hold, &occurrence);
        return r == 0 ? timetable_pass_over(timetable, &occurrence) : r;
}

/* ---- held runs ---- */

static int try_release(struct timetable *timetable, struct scheduled_run *scheduled, int64_t now_us)
{
        struct occurrence occurrence;
        int r = store_run_release(timetable->store, scheduled->run_id,
                                  timetable_begin_us(timetable, MIN(scheduled->wake_us, now_us), now_us));

        /* It has ended meanwhile: timetable_run_ended() has seen to it. */
        if (r == STORE_NOT_FOUND)
                return store_scheduled_run_remove(timetable->store, scheduled->run_id);
        scheduled->hold = HOLD_NONE;
        scheduled->wake_us = 0;
        if (r == 0)
                r = store_scheduled_run_set(timetable->store, scheduled);
        if (r != 0 || !scheduled->occurrence_id)
                return r;
        r = store_occurrence_get(timetable->store, scheduled->occurrence_id, &occurrence);
        if (r != 0)
                return r == STORE_NOT_FOUND ? 0 : r;
        occurrence.outcome = OCCURRENCE_RAN;
        occurrence.reason[0] = '\0';
        return store_occurrence_set(timetable->store, &occurrence);
}

int timetable_try(struct timetable *timetable, struct timetable_view *view, struct scheduled_run *scheduled,
                  int64_t now_us)
{
        int64_t active = 0, first;
        int r = store_scheduled_run_count(timetable->store, view->schedule.id, HOLD_NONE, &active, &first);
        enum schedule_rung rung = schedule_rung(&view->definition, scheduled->since_us, now_us);

        if (r != 0)
                return r;
        if (active > 0 && view->definition.overlap != SCHEDULE_OVERLAP_ALLOW) {
                scheduled->hold = HOLD_OVERLAP;
                scheduled->wake_us = 0;
                return store_scheduled_run_set(timetable->store, scheduled);
        }
        if (!timetable->hooks->conditions_met(&view->definition, rung, timetable->data)) {
                scheduled->hold = HOLD_CONDITION;
                scheduled->wake_us = schedule_rung_next(&view->definition, scheduled->since_us, now_us);
                return store_scheduled_run_set(timetable->store, scheduled);
        }
        return try_release(timetable, scheduled, now_us);
}

int timetable_try_run(struct timetable *timetable, struct scheduled_run *scheduled, int64_t now_us)
{
        struct schedule schedule = { 0 };
        struct timetable_view view _cleanup_view_ = { 0 };
        int r = store_schedule_get_id(timetable->store, scheduled->schedule_id, &schedule);

        if (r == STORE_NOT_FOUND)
                return try_release(timetable, scheduled, now_us);
        if (r == 0)
                r = timetable_view_open(timetable, &schedule, &view);
        if (r <= 0)
                return r == 0 ? timetable_try(timetable, &view, scheduled, now_us) : r;
        /* Nobody knows what it waits for any more. */
        return try_release(timetable, scheduled, now_us);
}

int timetable_conditions_changed(struct timetable *timetable, int64_t now_us, bool restart, bool *ret_more)
{
        struct scheduled_run scheduled;
        int r = 0;

        if (restart)
                timetable->held_id = 0;
        *ret_more = true;
        for (int i = 0; r == 0 && i < TIMETABLE_WALK_BATCH; i++) {
                r = store_scheduled_run_held(timetable->store, HOLD_CONDITION, timetable->held_id,
                                             &scheduled);
                if (r == STORE_NOT_FOUND) {
                        *ret_more = false;
                        return 0;
                }
                timetable->held_id = r == 0 ? scheduled.run_id : timetable->held_id;
                if (r == 0)
                        r = timetable_try_run(timetable, &scheduled, now_us);
        }
        return r;
}

/* ---- backfills ---- */

/* One more nominal time of a backfill, when no run of the schedule is in its way. 1: it waits. */
static int backfill_step(struct timetable *timetable, struct pass *pass, struct timetable_view *view,
                         int64_t now_us)
{
        struct schedule_facts facts;
        int r = occur_facts(timetable, view, HOLD_NONE, &facts);
        bool beside = view->definition.overlap == SCHEDULE_OVERLAP_ALLOW;

        if (r != 0)
                return r;
        if (view->schedule.paused_at_us || facts.queue_full ||
            (!beside && facts.active + facts.buffered + facts.waiting > 0))
                return 1;
        int64_t nominal_us = schedule_times_next(view->times, pass->cursor_us);
        if (!nominal_us || nominal_us > pass->until_us) {
                pass->cursor_us = pass->until_us;
                pass->ended_at_us = now_us;
                return store_pass_update(timetable->store, pass);
        }
        const struct timetable_occasion occasion = {
                .pass = pass->pass,
                .after_us = pass->cursor_us,
                .nominal_us = nominal_us,
                .now_us = now_us,
        };
        pass->cursor_us = nominal_us;
        r = timetable_occur(timetable, view, &occasion, NULL);
        return r == 0 ? store_pass_update(timetable->store, pass) : r;
}

static int backfill_feed(struct timetable *timetable, struct pass *pass, int64_t now_us)
{
        struct schedule schedule = { 0 };
        struct timetable_view view _cleanup_view_ = { 0 };
        int r = store_schedule_get_id(timetable->store, pass->schedule_id, &schedule);

        if (r == STORE_NOT_FOUND) {
                pass->ended_at_us = now_us;
                return store_pass_update(timetable->store, pass);
        }
        /* By the definition that it was asked for under. */
        char *definition = r == 0 ? strdup(pass->definition) : NULL;
        if (r == 0 && !definition)
                r = -ENOMEM;
        free(schedule.definition);
        schedule.definition = definition;
        if (r == 0)
                r = timetable_view_open(timetable, &schedule, &view);
        schedule_done(&schedule);
        return r == 0 ? backfill_step(timetable, pass, &view, now_us) : r;
}

int timetable_feed_backfills(struct timetable *timetable, int64_t now_us, bool *ret_more)
{
        int64_t id = 0;
        int r = 0;

        *ret_more = false;
        while (r == 0) {
                struct pass pass = { 0 };
                r = store_backfill_after(timetable->store, id, &pass);
                if (r == STORE_NOT_FOUND)
                        return 0;
                if (r == 0) {
                        id = pass.id;
                        r = backfill_feed(timetable, &pass, now_us);
                        *ret_more = *ret_more || (r == 0 && !pass.ended_at_us);
                        r = r == 1 ? 0 : r;
                }
                pass_done(&pass);
        }
        return r;
}
