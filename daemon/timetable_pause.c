/* SPDX-License-Identifier: MPL-2.0 */
/* Pausing, removing, running by hand, backfilling. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/timetable_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

/* ---- what gets no run ---- */

/* The last nominal time up to @now_us, which is behind @after_us: from ever further back, without walking all of them. */
static int64_t last_before(const struct schedule_times *times, int64_t after_us, int64_t now_us)
{
        int64_t last_us = after_us, found_us = 0;

        for (int64_t back_us = 1000000; !found_us && back_us < now_us - after_us; back_us *= 2) {
                int64_t next_us = schedule_times_next(times, now_us - back_us);
                found_us = next_us && next_us <= now_us ? next_us : 0;
        }
        for (int64_t next_us = found_us ? found_us : schedule_times_next(times, after_us);
             next_us && next_us <= now_us; next_us = schedule_times_next(times, next_us))
                last_us = next_us;
        return last_us;
}

int timetable_skip_rest(struct timetable *timetable, struct timetable_view *view, int64_t now_us,
                        const char *reason)
{
        struct schedule *schedule = &view->schedule;
        int64_t next_us = view->times && view->definition.enabled
                                  ? schedule_times_next(view->times, schedule->cursor_us)
                                  : 0;
        struct occurrence occurrence = {
                .schedule_id = schedule->id,
                .pass = schedule->pass,
                .after_us = schedule->cursor_us,
                .first_us = next_us,
                .outcome = OCCURRENCE_SKIPPED,
                .decided_at_us = now_us,
        };
        int r = 0;

        for (; next_us && next_us <= now_us && occurrence.count < TIMETABLE_COUNT_MAX;
             next_us = schedule_times_next(view->times, next_us)) {
                occurrence.last_us = next_us;
                occurrence.count++;
        }
        if (next_us && next_us <= now_us && occurrence.count) {
                occurrence.last_us = last_before(view->times, occurrence.last_us, now_us);
                occurrence.count = -1;
        }
        snprintf(occurrence.reason, sizeof(occurrence.reason), "%s", reason);
        if (occurrence.count)
                r = timetable_pass_over(timetable, &occurrence);
        if (r == 0)
                schedule->cursor_us = MAX(occurrence.count ? occurrence.last_us : 0, schedule->cursor_us);
        return r;
}

int timetable_settle(struct timetable *timetable, struct schedule *schedule, int64_t now_us)
{
        struct timetable_view view _cleanup_view_ = { 0 };

        if (!schedule->paused_at_us)
                return 0;
        int r = timetable_view_open(timetable, schedule, &view);
        if (r == 0)
                r = timetable_skip_rest(timetable, &view, now_us, "paused");
        if (r == 0) {
                timetable_plan_next(timetable, &view);
                r = store_schedule_update(timetable->store, &view.schedule);
        }
        *schedule = view.schedule;
        view.schedule = (struct schedule){ 0 };
        return r < 0 || r == STORE_FULL ? r : 0;
}

/* ---- pausing ---- */

int timetable_pause(struct timetable *timetable, struct schedule *schedule, uid_t uid, const char *why,
                    int64_t until_us, int64_t now_us)
{
        char *copy = why ? strdup(why) : NULL;

        if (why && !copy)
                return -ENOMEM;
        free(schedule->paused_why);
        schedule->paused_why = copy;
        schedule->paused_at_us = now_us;
        schedule->paused_uid = uid;
        schedule->paused_until_us = until_us;
        schedule->due_us = schedule->latest_us = until_us;
        return store_schedule_update(timetable->store, schedule);
}

int timetable_resume(struct timetable *timetable, struct schedule *schedule, int64_t now_us)
{
        struct timetable_view view _cleanup_view_ = { 0 };
        int r = timetable_view_open(timetable, schedule, &view);

        if (r == 0)
                r = timetable_skip_rest(timetable, &view, now_us, "paused");
        if (r < 0 || r == STORE_FULL)
                return r;
        struct schedule *resumed = &view.schedule;
        resumed->paused_at_us = resumed->paused_until_us = resumed->failures = 0;
        resumed->paused_uid = 0;
        free(steal_pointer(resumed->paused_why));
        if (view.times)
                timetable_plan_next(timetable, &view);
        r = store_schedule_update(timetable->store, resumed);
        *schedule = *resumed;
        *resumed = (struct schedule){ 0 };
        return r;
}

/* ---- removing ---- */

/* Its runs that wait for something have nothing to wait for any more. */
static int remove_held(struct timetable *timetable, int64_t schedule_id)
{
        int r = 0;

        for (int hold = HOLD_NONE + 1; hold < HOLD_COUNT && r == 0; hold++) {
                struct scheduled_run scheduled = { 0 };
                while (r == 0) {
                        r = store_scheduled_run_of(timetable->store, schedule_id, (enum hold)hold,
                                                   scheduled.run_id, &scheduled);
                        if (r == 0)
                                timetable->hooks->end_run(scheduled.run_id, false, timetable->data);
                }
                r = r == STORE_NOT_FOUND ? 0 : r;
        }
        return r;
}

int timetable_remove(struct timetable *timetable, struct schedule *schedule, int64_t now_us)
{
        struct timetable_view view _cleanup_view_ = { 0 };
        int r = timetable_view_open(timetable, schedule, &view);

        if (r < 0)
                return r;
        r = timetable_skip_rest(timetable, &view, now_us, view.schedule.paused_at_us ? "paused" : "removed");
        if (r == 0)
                r = timetable_begin_pass(timetable, &view, "removed", view.schedule.cursor_us, now_us);
        if (r == 0)
                r = store_trigger_remove(timetable->store, view.schedule.id);
        timetable->hooks->triggers_changed(timetable->data);
        if (r == 0)
                r = remove_held(timetable, view.schedule.id);
        if (r == 0)
                r = store_schedule_remove(timetable->store, view.schedule.id);
        *schedule = view.schedule;
        view.schedule = (struct schedule){ 0 };
        return r;
}

/* ---- by hand ---- */

int timetable_run_now(struct timetable *timetable, const struct schedule *schedule, uid_t uid, int64_t now_us,
                      int64_t *ret_run_id)
{
        struct scheduled_run scheduled = { .since_us = now_us };
        struct schedule copy = { 0 };
        struct timetable_view view _cleanup_view_ = { 0 };
        int64_t first;
        struct schedule_facts facts = { .conditions_met = true };
        int r = store_schedule_get_id(timetable->store, schedule->id, &copy);

        if (r == 0)
                r = timetable_view_open(timetable, &copy, &view);
        if (r < 0 || r == STORE_FULL)
                return r;
        r = store_scheduled_run_count(timetable->store, schedule->id, HOLD_NONE, &facts.active, &first);
        if (r == 0)
                r = store_scheduled_run_count(timetable->store, schedule->id, HOLD_OVERLAP, &facts.buffered,
                                              &first);
        if (r != 0)
                return r;
        switch (schedule_admit(&view.definition, &facts)) {
        case SCHEDULE_ADMIT_RUN:
                break;
        case SCHEDULE_ADMIT_HOLD_OVERLAP:
                scheduled.hold = HOLD_OVERLAP;
                break;
        case SCHEDULE_ADMIT_HOLD_CONDITION:
        case SCHEDULE_ADMIT_COALESCE_BUFFERED:
        case SCHEDULE_ADMIT_COALESCE_WAITING:
        case SCHEDULE_ADMIT_COALESCE_SPREAD:
        case SCHEDULE_ADMIT_SKIP_OVERLAP:
        case SCHEDULE_ADMIT_SKIP_FULL:
                return TIMETABLE_UNCHANGED;
        }
        view.schedule.uid = uid;
        r = timetable_add_run(timetable, &view, 0, timetable_begin_us(timetable, 0, now_us), &scheduled);
        if (r == 0 && scheduled.hold == HOLD_OVERLAP)
                r = timetable_end_others(timetable, &view);
        if (r == 0)
                *ret_run_id = scheduled.run_id;
        return r;
}

int timetable_backfill(struct timetable *timetable, struct schedule *schedule, uid_t uid, int64_t from_us,
                       int64_t until_us, int64_t now_us)
{
        /* Its rows are of a pass of its own, which no clock ever has: minus the time. */
        const struct pass pass = {
                .schedule_id = schedule->id,
                .pass = -now_us,
                .name = schedule->name,
                .uid = uid,
                .kind = PASS_BACKFILL,
                .why = (char *)"backfill",
                .definition = schedule->definition,
                .from_us = from_us,
                .until_us = until_us,
                .cursor_us = from_us,
                .began_at_us = now_us,
        };
        return store_pass_add(timetable->store, &pass);
}
