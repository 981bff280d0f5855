/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The clock was set, or zones have new data: each schedule is looked at, a batch at a time.
 *
 * A clock that goes forward makes nominal times pass: timetable_tick() sees them as missed. One that goes back by up to
 * SCHEDULE_STEP_SMALL_US does nothing: what is accounted for does not come again. One that goes back further was wrong
 * before: the schedule begins a new pass from now, and when the clock comes to where the first one was, that goes on.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/timetable_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define MOVED_NOTES 5 /* schedules that are named in the log; `bgtaskctl schedule list --moved` has all */

/* All schedules from where the walk has come to, so many. */
static int walk(struct timetable *timetable, bool restart, bool *ret_more,
                int (*look)(struct timetable *timetable, struct timetable_view *view, int64_t now_us),
                int64_t now_us)
{
        int r = 0;

        if (restart)
                timetable->walk_id = 0;
        *ret_more = true;
        for (int i = 0; i < TIMETABLE_WALK_BATCH && r == 0; i++) {
                struct schedule schedule = { 0 };
                struct timetable_view view _cleanup_view_ = { 0 };
                r = store_schedule_after(timetable->store, timetable->walk_id, &schedule);
                if (r == STORE_NOT_FOUND) {
                        *ret_more = false;
                        return 0;
                }
                if (r == 0) {
                        timetable->walk_id = schedule.id;
                        r = timetable_view_open(timetable, &schedule, &view);
                        r = r == 0 ? look(timetable, &view, now_us) : r < 0 ? r : 0;
                }
        }
        return r;
}

static int look_clock(struct timetable *timetable, struct timetable_view *view, int64_t now_us)
{
        struct schedule *schedule = &view->schedule;
        int64_t ahead_us;

        if (__builtin_sub_overflow(schedule->cursor_us, now_us, &ahead_us) ||
            ahead_us <= SCHEDULE_STEP_SMALL_US)
                return 0;
        timetable_note(timetable,
                       "schedule %s: the clock was set back far, its times are counted from now on",
                       schedule->name);
        int64_t resume_us = MAX(schedule->resume_us, schedule->cursor_us), before_us = schedule->next_us;
        int r = timetable_begin_pass(timetable, view, "clock-set-back", now_us, now_us);
        if (r != 0)
                return r;
        schedule->resume_us = resume_us;
        timetable_plan_next(timetable, view);
        schedule->moved_from_us = before_us;
        schedule->moved_at_us = now_us;
        return store_schedule_update(timetable->store, schedule);
}

bool timetable_clock_is_behind(struct timetable *timetable, int64_t now_us)
{
        int64_t newest_us = 0;

        return store_schedule_newest(timetable->store, &newest_us) == 0 &&
               newest_us - now_us > SCHEDULE_STEP_SMALL_US;
}

int timetable_clock_set(struct timetable *timetable, int64_t now_us, bool restart, bool *ret_more)
{
        return walk(timetable, restart, ret_more, look_clock, now_us);
}

static int look_zone(struct timetable *timetable, struct timetable_view *view, int64_t now_us)
{
        struct schedule *schedule = &view->schedule;
        int64_t before_us = schedule->next_us,
                next_us = schedule_times_next(view->times, schedule->cursor_us);

        if (next_us == before_us || !view->definition.enabled)
                return 0;
        if (timetable->moved++ < MOVED_NOTES)
                timetable_note(timetable, "schedule %s: new data of its zone moved its next time",
                               schedule->name);
        int r = timetable_begin_pass(timetable, view, "zone-changed", schedule->cursor_us, now_us);
        if (r != 0)
                return r;
        timetable_plan_next(timetable, view);
        schedule->moved_from_us = before_us;
        schedule->moved_at_us = now_us;
        return store_schedule_update(timetable->store, schedule);
}

struct zones_seen {
        struct timetable *timetable;
        bool changed;
};

static int zone_check(const char *name, uint64_t hash, void *data)
{
        struct zones_seen *seen = data;
        uint64_t now;

        seen->changed = seen->changed || zones_hash(seen->timetable->zones, name, &now) < 0 || now != hash;
        return 0;
}

/* What is known of them is of now. */
struct zone_list {
        char names[64][64];
        size_t count;
};

static int zone_collect(const char *name, uint64_t hash, void *data)
{
        struct zone_list *list = data;

        if (list->count < ARRAY_SIZE(list->names) && strlen(name) < sizeof(list->names[0]))
                memcpy(list->names[list->count++], name, strlen(name) + 1);
        return 0;
}

static int zones_remember(struct timetable *timetable)
{
        struct zone_list list = { .count = 0 };
        int r = store_zone_list(timetable->store, zone_collect, &list);

        for (size_t i = 0; r == 0 && i < list.count; i++) {
                uint64_t hash;
                if (zones_hash(timetable->zones, list.names[i], &hash) == 0)
                        r = store_zone_set(timetable->store, list.names[i], hash);
        }
        return r;
}

int timetable_zones_changed(struct timetable *timetable, int64_t now_us, bool restart, bool *ret_more)
{
        struct zones_seen seen = { .timetable = timetable };

        if (restart) {
                int r = store_zone_list(timetable->store, zone_check, &seen);
                *ret_more = false;
                if (r != 0 || !seen.changed)
                        return r;
        }
        if (restart)
                timetable->moved = 0;
        int r = walk(timetable, restart, ret_more, look_zone, now_us);
        if (r != 0 || *ret_more)
                return r;
        timetable_note(timetable, "zones have new data: it moved the next times of %" PRId64 " schedules",
                       timetable->moved);
        return zones_remember(timetable);
}
