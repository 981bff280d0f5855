/* SPDX-License-Identifier: MPL-2.0 */
/* What is due, and when to look again. */
#include "config.h"

#include "daemon/timetable.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/timetable_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

int timetable_new(struct store *store, struct zones *zones, const struct timetable_hooks *hooks, void *data,
                  struct timetable **ret)
{
        struct timetable *timetable = calloc(1, sizeof(*timetable));

        if (!timetable)
                return -ENOMEM;
        *timetable = (struct timetable){ .store = store, .zones = zones, .hooks = hooks, .data = data };
        *ret = timetable;
        return 0;
}

void timetable_free(struct timetable *timetable)
{
        free(timetable);
}

void timetable_note(struct timetable *timetable, const char *format, ...)
{
        char text[512];
        va_list values;

        va_start(values, format);
        vsnprintf(text, sizeof(text), format, values);
        va_end(values);
        timetable->hooks->note(text, timetable->data);
}

/* ---- views ---- */

int timetable_view_open(struct timetable *timetable, struct schedule *schedule, struct timetable_view *ret)
{
        struct error error = ERROR_INIT;
        struct timetable_view view = { .schedule = *schedule };

        *schedule = (struct schedule){ 0 };
        int r = schedule_definition_parse(view.schedule.definition, &view.definition, &error);
        if (r < 0)
                schedule_definition_init(&view.definition);
        else
                r = schedule_times_new(&view.definition, view.schedule.name, timetable->zones, &view.times,
                                       &error);
        if (r == -ENOMEM) {
                timetable_view_done(&view);
                return r;
        }
        if (r < 0)
                timetable_note(timetable, "schedule %s: %s", view.schedule.name, error.text);
        *ret = view;
        return r < 0;
}

void timetable_view_done(struct timetable_view *view)
{
        schedule_done(&view->schedule);
        schedule_definition_done(&view->definition);
        schedule_times_free(view->times);
        view->times = NULL;
}

void timetable_plan_next(struct timetable *timetable, struct timetable_view *view)
{
        struct schedule *schedule = &view->schedule;
        const struct schedule_next next = schedule_next(&view->definition, view->times, schedule->offset_us,
                                                        schedule->cursor_us,
                                                        timetable->hooks->random(timetable->data));

        schedule->next_us = next.nominal_us;
        schedule->due_us = next.due_us;
        schedule->latest_us = next.latest_us;
        if (schedule->paused_at_us)
                schedule->due_us = schedule->latest_us = schedule->paused_until_us;
}

/* ---- serving ---- */

/* Those that get a run, or could. *ret_into: the row of the last one that did; 0: none. */
static int serve_runs(struct timetable *timetable, struct timetable_view *view, int64_t now_us,
                      int64_t *ret_into)
{
        const struct schedule_passed *passed = &timetable->passed;
        int64_t after_us = passed->missed_count ? passed->missed_last_us : view->schedule.cursor_us;
        uint64_t (*random)(void *data) = timetable->hooks->random;
        int64_t together_us = passed->make_ups ? schedule_make_up_wait_us(&view->definition, passed,
                                                                          random(timetable->data))
                                               : 0;
        int r = 0;

        for (unsigned i = 0; r == 0 && i < passed->make_ups; i++) {
                int64_t wait_us = together_us +
                                  schedule_make_up_step_us(timetable->made_up++, random(timetable->data));
                const struct timetable_occasion occasion = {
                        .pass = view->schedule.pass,
                        .after_us = after_us,
                        .nominal_us = passed->make_up[i],
                        .now_us = now_us,
                        .hold = wait_us ? HOLD_SPREAD : HOLD_NONE,
                        .wake_us = wait_us ? now_us + wait_us : 0,
                };
                r = timetable_occur(timetable, view, &occasion, ret_into);
                after_us = passed->make_up[i];
        }
        if (r != 0 || !passed->current_us)
                return r;
        const struct timetable_occasion occasion = {
                .pass = view->schedule.pass,
                .after_us = after_us,
                .nominal_us = passed->current_us,
                .due_us = passed->current_due_us,
                .now_us = now_us,
        };
        return timetable_occur(timetable, view, &occasion, ret_into);
}

/* Those that get none. With CatchUp=last the one that runs does so for them, too. */
static int serve_missed(struct timetable *timetable, const struct timetable_view *view, int64_t now_us,
                        const char *late, int64_t into)
{
        const struct schedule_passed *passed = &timetable->passed;
        bool coalesced = into && view->definition.catch_up == SCHEDULE_CATCH_UP_LAST;
        struct occurrence occurrence = {
                .schedule_id = view->schedule.id,
                .pass = view->schedule.pass,
                .after_us = view->schedule.cursor_us,
                .first_us = passed->missed_first_us,
                .last_us = passed->missed_last_us,
                .count = passed->missed_count,
                .outcome = coalesced ? OCCURRENCE_COALESCED : OCCURRENCE_MISSED,
                .into_id = coalesced ? into : 0,
                .decided_at_us = now_us,
        };

        if (!passed->missed_count)
                return 0;
        snprintf(occurrence.reason, sizeof(occurrence.reason), "%s", late ? late : "late");
        return timetable_pass_over(timetable, &occurrence);
}

static int serve(struct timetable *timetable, struct timetable_view *view, int64_t now_us, const char *late)
{
        struct schedule *schedule = &view->schedule;
        int64_t into = 0;
        int r = 0;

        /* The pass that a clock which was set back has interrupted goes on where it was. */
        if (schedule->resume_us && now_us >= schedule->resume_us) {
                int64_t from_us = schedule->resume_us;
                schedule->resume_us = 0;
                r = timetable_begin_pass(timetable, view, "resumed", from_us, now_us);
                if (r != 0)
                        return r;
                timetable_plan_next(timetable, view);
        }
        if (schedule->paused_at_us)
                return now_us >= schedule->paused_until_us
                               ? timetable_resume(timetable, schedule, now_us)
                               : store_schedule_update(timetable->store, schedule);
        const struct schedule_look look = {
                .definition = &view->definition,
                .times = view->times,
                .offset_us = schedule->offset_us,
                .cursor_us = schedule->cursor_us,
                .due_us = schedule->due_us,
                .now_us = now_us,
        };
        schedule_look(&look, &timetable->passed);
        int64_t cursor_us = timetable->passed.cursor_us, missed = timetable->passed.missed_count;
        r = serve_runs(timetable, view, now_us, &into);
        if (r == 0)
                r = serve_missed(timetable, view, now_us, late, into);
        if (r != 0)
                return r;
        if (missed)
                timetable_note(timetable, "schedule %s: %" PRId64 " times were missed (%s)", schedule->name,
                               missed, late ? late : "late");
        schedule->cursor_us = cursor_us;
        timetable_plan_next(timetable, view);
        return store_schedule_update(timetable->store, schedule);
}

/* 1: nothing is due. */
static int serve_next(struct timetable *timetable, int64_t now_us, const char *late)
{
        struct schedule schedule = { 0 };
        struct timetable_view view _cleanup_view_ = { 0 };
        int r = store_schedule_due(timetable->store, now_us, &schedule);

        if (r != 0)
                return r == STORE_NOT_FOUND ? 1 : r;
        r = timetable_view_open(timetable, &schedule, &view);
        if (r < 0)
                return r;
        if (r == 0)
                return serve(timetable, &view, now_us, late);
        /* What passes meanwhile is looked at when its definition can be used again. */
        view.schedule.due_us = view.schedule.latest_us = now_us + TIMETABLE_UNUSABLE_RETRY_US;
        return store_schedule_update(timetable->store, &view.schedule);
}

static int try_next(struct timetable *timetable, int64_t now_us)
{
        struct scheduled_run scheduled;
        int r = store_scheduled_run_due(timetable->store, now_us, &scheduled);

        if (r != 0)
                return r == STORE_NOT_FOUND ? 1 : r;
        return timetable_try_run(timetable, &scheduled, now_us);
}

int timetable_tick(struct timetable *timetable, int64_t now_us, int batch, const char *late, bool *ret_more)
{
        bool schedules = true, held = true;
        int r = 0;

        while (r == 0 && batch-- > 0 && (schedules || held)) {
                if (schedules) {
                        r = serve_next(timetable, now_us, late);
                        schedules = r != 1;
                        r = r == 1 ? 0 : r;
                }
                if (r == 0 && held) {
                        r = try_next(timetable, now_us);
                        held = r != 1;
                        r = r == 1 ? 0 : r;
                }
        }
        bool backfills = false;
        if (r == 0)
                r = timetable_feed_backfills(timetable, now_us, &backfills);
        *ret_more = schedules || held || backfills;
        return r;
}

int timetable_wake_us(struct timetable *timetable, int64_t *ret_us)
{
        int64_t wake_us = 0;
        int r = store_schedule_wake(timetable->store, &wake_us);

        if (r != 0 && r != STORE_NOT_FOUND)
                return r;
        *ret_us = r == 0 ? wake_us : 0;
        return 0;
}
