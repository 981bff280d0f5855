/* SPDX-License-Identifier: MPL-2.0 */
/* What follows on the end of a run, and on events. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/timetable_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define MACHINE_BOOT "boot"
#define MACHINE_BOOT_CURSOR "boot-cursor" /* "BOOT ID" */
#define BOOT_BATCH 16

/* ---- events ---- */

/* Events have no offset, but may be late: a boot trigger waits. */
static int event_occur(struct timetable *timetable, struct timetable_view *view, int64_t at_us,
                       enum hold hold, int64_t now_us)
{
        struct occurrence last;
        int r = store_occurrence_last(timetable->store, view->schedule.id, PASS_EVENTS, &last);

        if (r < 0)
                return r;
        /* Two in one microsecond are two. */
        if (r == 0 && last.last_us >= at_us)
                at_us = last.last_us + 1;
        const struct timetable_occasion occasion = {
                .pass = PASS_EVENTS,
                .after_us = at_us,
                .nominal_us = at_us,
                .now_us = now_us,
                .hold = hold,
                .wake_us = hold == HOLD_BOOT ? at_us : 0,
        };
        return timetable_occur(timetable, view, &occasion, NULL);
}

static int event_serve(struct timetable *timetable, int64_t schedule_id, int64_t boot_at_us, int64_t now_us)
{
        struct schedule schedule = { 0 };
        struct timetable_view view _cleanup_view_ = { 0 };
        int r = store_schedule_get_id(timetable->store, schedule_id, &schedule);

        if (r == 0)
                r = timetable_view_open(timetable, &schedule, &view);
        if (r < 0 || r == STORE_FULL)
                return r;
        if (r != 0)
                return 0; /* gone, or of no use now */
        if (!boot_at_us)
                return event_occur(timetable, &view, timetable_begin_us(timetable, 0, now_us), HOLD_NONE,
                                   now_us);
        int64_t at_us = boot_at_us + view.definition.on_boot_us;
        return event_occur(timetable, &view, at_us, at_us > now_us ? HOLD_BOOT : HOLD_NONE, now_us);
}

int timetable_event(struct timetable *timetable, const char *kind, const char *subject, int64_t now_us)
{
        int64_t id = 0;
        int r = 0;

        while (r == 0) {
                r = store_trigger_next(timetable->store, kind, subject, id, &id);
                if (r == 0)
                        r = event_serve(timetable, id, 0, now_us);
                else if (r == STORE_NOT_FOUND)
                        return 0;
        }
        return r;
}

/* ---- after a run ---- */

/* The end is told to the ledger where it says more than that the run was begun. */
static int ended_occurrence(struct timetable *timetable, const struct scheduled_run *scheduled,
                            const struct run *run)
{
        struct occurrence occurrence;
        bool held = scheduled->hold != HOLD_NONE;

        if (!scheduled->occurrence_id || (!held && run->state != RUN_LOST))
                return 0;
        int r = store_occurrence_get(timetable->store, scheduled->occurrence_id, &occurrence);
        if (r != 0)
                return r == STORE_NOT_FOUND ? 0 : r;
        /* One that is to run again and is cancelled leaves what ran before. */
        if (held && occurrence.run_id != run->id)
                return 0;
        occurrence.outcome = held ? OCCURRENCE_SKIPPED : OCCURRENCE_LOST;
        snprintf(occurrence.reason, sizeof(occurrence.reason), "%s", held ? "cancelled" : "");
        return store_occurrence_set(timetable->store, &occurrence);
}

/* One that was ended because a condition ceased to hold did not fail: it runs again, once all of them do. Its ladder goes on
 * from where it was. */
static int ended_lost_condition(struct timetable *timetable, struct timetable_view *view,
                                const struct scheduled_run *scheduled, const struct run *run, int64_t now_us)
{
        struct scheduled_run again = {
                .occurrence_id = scheduled->occurrence_id,
                .attempt = scheduled->attempt,
                .hold = HOLD_CONDITION,
                .since_us = scheduled->since_us,
                .wake_us = schedule_rung_next(&view->definition, scheduled->since_us, now_us),
        };

        if (view->schedule.paused_at_us)
                return 0;
        int r = timetable_add_run(timetable, view, run->nominal_at_us,
                                  timetable_begin_us(timetable, 0, now_us), &again);
        if (r == 0) {
                timetable_note(timetable,
                               "schedule %s: run %" PRId64 " waits for what run %" PRId64 " has lost",
                               view->schedule.name, again.run_id, run->id);
                r = timetable_try(timetable, view, &again, now_us);
        }
        return r;
}

/* 1: there is none. */
static int ended_retry(struct timetable *timetable, struct timetable_view *view,
                       const struct scheduled_run *scheduled, const struct run *run, int64_t now_us)
{
        struct scheduled_run retry = {
                .occurrence_id = scheduled->occurrence_id,
                .attempt = scheduled->attempt + 1,
                .hold = HOLD_RETRY,
                .since_us = now_us,
        };

        if (view->schedule.paused_at_us || !schedule_retries(&view->definition, scheduled->attempt,
                                                             run_result_name(run->result), run->exit_code))
                return 1;
        retry.wake_us = now_us + schedule_retry_delay_us(&view->definition, scheduled->attempt,
                                                         timetable->hooks->random(timetable->data));
        int r = timetable_add_run(timetable, view, run->nominal_at_us,
                                  timetable_begin_us(timetable, 0, now_us), &retry);
        if (r == 0)
                timetable_note(timetable,
                               "schedule %s: run %" PRId64 " failed, run %" PRId64 " is retry %" PRId64,
                               view->schedule.name, run->id, retry.run_id, retry.attempt);
        return r;
}

static int ended_count(struct timetable *timetable, struct timetable_view *view, const struct run *run,
                       int64_t now_us)
{
        struct schedule *schedule = &view->schedule;
        int64_t limit = view->definition.pause_after_failures;
        char why[64];

        if (run->state == RUN_CANCELLED || (!run_failed(run) && schedule->failures == 0))
                return 0;
        schedule->failures = run_failed(run) ? schedule->failures + 1 : 0;
        if (limit == 0 || schedule->failures < limit || schedule->paused_at_us)
                return store_schedule_update(timetable->store, schedule);
        snprintf(why, sizeof(why), "%" PRId64 " runs failed one after another", schedule->failures);
        timetable_note(timetable, "schedule %s is paused: %s", schedule->name, why);
        return timetable_pause(timetable, schedule, 0, why, 0, now_us);
}

static int ended_schedule(struct timetable *timetable, const struct scheduled_run *scheduled,
                          const struct run *run, int64_t now_us)
{
        struct schedule schedule = { 0 };
        struct timetable_view view _cleanup_view_ = { 0 };
        struct scheduled_run next;
        int r = store_schedule_get_id(timetable->store, scheduled->schedule_id, &schedule);

        if (r == 0)
                r = timetable_view_open(timetable, &schedule, &view);
        if (r < 0 || r == STORE_FULL)
                return r;
        if (r != 0)
                return 0;
        if (scheduled->hold == HOLD_NONE) {
                r = run->result == RUN_RESULT_CONDITION_LOST
                            ? ended_lost_condition(timetable, &view, scheduled, run, now_us)
                            : ended_retry(timetable, &view, scheduled, run, now_us);
                if (r == 1)
                        r = ended_count(timetable, &view, run, now_us);
                if (r != 0)
                        return r;
        }
        r = store_scheduled_run_of(timetable->store, view.schedule.id, HOLD_OVERLAP, 0, &next);
        if (r != 0)
                return r == STORE_NOT_FOUND ? 0 : r;
        return timetable_try(timetable, &view, &next, now_us);
}

int timetable_run_ended(struct timetable *timetable, const struct run *run, int64_t now_us)
{
        struct scheduled_run scheduled;
        int r = store_scheduled_run_get(timetable->store, run->id, &scheduled);

        if (r == 0) {
                r = store_scheduled_run_remove(timetable->store, run->id);
                if (r == 0)
                        r = ended_occurrence(timetable, &scheduled, run);
                if (r == 0)
                        r = ended_schedule(timetable, &scheduled, run, now_us);
        } else if (r == STORE_NOT_FOUND) {
                r = 0;
        }
        if (r != 0 || !run->started_at_us)
                return r;
        if (run->state != RUN_CANCELLED)
                r = timetable_event(timetable, run_failed(run) ? TRIGGER_FAILURE : TRIGGER_SUCCESS, run->task,
                                    now_us);
        return r == 0 ? timetable_event(timetable, TRIGGER_END, run->task, now_us) : r;
}

/* ---- the start ---- */

int timetable_follow_up(struct timetable *timetable, int64_t now_us)
{
        struct scheduled_run scheduled = { 0 };
        int r = 0;

        while (r == 0) {
                struct run run = { 0 };
                r = store_scheduled_run_ended(timetable->store, scheduled.run_id, &scheduled);
                if (r == STORE_NOT_FOUND)
                        return 0;
                if (r == 0)
                        r = store_run_get(timetable->store, scheduled.run_id, &run);
                if (r == 0)
                        r = timetable_run_ended(timetable, &run, now_us);
                else if (r == STORE_NOT_FOUND) /* retention was quicker */
                        r = store_scheduled_run_remove(timetable->store, scheduled.run_id);
                run_done(&run);
        }
        return r;
}

/* Where the walk over the boot triggers of this boot has come to: 0, or the last schedule that has had its own. */
static int boot_cursor_get(struct timetable *timetable, const char *boot_id, int64_t *ret_id)
{
        char *cursor _cleanup_free_ = NULL;
        size_t size = strlen(boot_id);
        int r = store_machine_get(timetable->store, MACHINE_BOOT_CURSOR, &cursor);

        *ret_id = 0;
        /* Of another boot it means nothing. */
        if (r == 0 && strncmp(cursor, boot_id, size) == 0 && cursor[size] == ' ' &&
            parse_int64(cursor + size + 1, 0, INT64_MAX, ret_id) < 0)
                *ret_id = 0;
        return r == STORE_NOT_FOUND ? 0 : r;
}

static int boot_cursor_set(struct timetable *timetable, const char *boot_id, int64_t id)
{
        char *cursor _cleanup_free_ = format_string("%s %" PRId64, boot_id, id);

        return cursor ? store_machine_set(timetable->store, MACHINE_BOOT_CURSOR, cursor) : -ENOMEM;
}

/* Each boot trigger once a boot, however often the daemon ends while it is at it. */
static int boot_walk(struct timetable *timetable, const char *boot_id, int64_t boot_at_us, int64_t now_us,
                     bool *ret_new_boot, bool *ret_more)
{
        int64_t id = 0;
        int r = boot_cursor_get(timetable, boot_id, &id);

        for (int i = 0; r == 0 && i < BOOT_BATCH; i++) {
                r = store_trigger_next(timetable->store, TRIGGER_BOOT, "", id, &id);
                if (r == 0)
                        r = event_serve(timetable, id, boot_at_us, now_us);
        }
        if (r == STORE_NOT_FOUND) {
                *ret_new_boot = true;
                r = store_machine_set(timetable->store, MACHINE_BOOT, boot_id);
                return r == 0 ? boot_cursor_set(timetable, "", 0) : r;
        }
        *ret_more = r == 0;
        return r == 0 ? boot_cursor_set(timetable, boot_id, id) : r;
}

int timetable_start(struct timetable *timetable, int64_t now_us, const char *boot_id, int64_t boot_at_us,
                    bool *ret_new_boot, bool *ret_more)
{
        char *known _cleanup_free_ = NULL;
        int r = timetable_follow_up(timetable, now_us);

        *ret_new_boot = false;
        if (r == 0)
                r = store_machine_get(timetable->store, MACHINE_BOOT, &known);
        if (r < 0 || r == STORE_FULL)
                return r;
        *ret_more = false;
        if (!boot_id[0] || (known && strcmp(known, boot_id) == 0))
                return 0;
        return boot_walk(timetable, boot_id, boot_at_us, now_us, ret_new_boot, ret_more);
}
