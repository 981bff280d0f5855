/* SPDX-License-Identifier: MPL-2.0 */
/* The daemon as the timetable and the conditions see it. */
#include "config.h"

#include <errno.h>
#include <sys/random.h>

#include "daemon/daemon.h"
#include "daemon/guards.h"
#include "daemon/queue.h"
#include "daemon/run_end.h"
#include "daemon/scheduler_internal.h"
#include "daemon/store_schedule.h"
#include "lib/log.h"

/* ---- the timetable's world ---- */

static uint64_t hook_random(void *data)
{
        uint64_t value = 0;

        (void)!getrandom(&value, sizeof(value), 0);
        return value;
}

static bool hook_conditions_met(const struct schedule_definition *definition, enum schedule_rung rung,
                                void *data)
{
        struct scheduler *scheduler = data;

        return conditions_met(scheduler->daemon->conditions, definition, rung);
}

static void hook_triggers_changed(void *data)
{
        struct scheduler *scheduler = data;

        scheduler->triggers_changed = true;
}

static bool hook_queue_has_room(const struct schedule_definition *definition, void *data)
{
        struct scheduler *scheduler = data;
        const char *pool;
        int32_t limit;

        return !queue_is_full(scheduler->daemon->queue, definition->pool, &limit, &pool);
}

static void hook_end_run(int64_t run_id, bool kill, void *data)
{
        struct scheduler *scheduler = data;

        run_end(scheduler->daemon, run_id, kill);
}

static void hook_note(const char *text, void *data)
{
        log_notice("%s", text);
}

static void hook_zone_used(const char *zone, void *data)
{
        zone_watch_use(((struct scheduler *)data)->watch, zone);
}

const struct timetable_hooks scheduler_hooks = {
        .lead_us = SCHEDULER_LEAD_US,
        .random = hook_random,
        .conditions_met = hook_conditions_met,
        .queue_has_room = hook_queue_has_room,
        .end_run = hook_end_run,
        .note = hook_note,
        .triggers_changed = hook_triggers_changed,
        .zone_used = hook_zone_used,
};

/* ---- conditions, and events of the machine ---- */

static bool conditions_anyone_waits(void *data)
{
        struct scheduler *scheduler = data;
        struct scheduled_run scheduled;

        return store_scheduled_run_held(scheduler->daemon->store, HOLD_CONDITION, 0, &scheduled) !=
               STORE_NOT_FOUND;
}

static void conditions_depend_hook(void *data)
{
        struct scheduler *scheduler = data;

        guards_depend(scheduler->daemon->guards);
}

static void conditions_gained(void *data)
{
        struct scheduler *scheduler = data;

        scheduler->conditions_walk = scheduler->conditions_restart = scheduler->changed = true;
        scheduler_look(scheduler);
}

static void conditions_changed(void *data)
{
        struct scheduler *scheduler = data;

        guards_look(scheduler->daemon->guards);
}

static void conditions_network_up(void *data)
{
        struct scheduler *scheduler = data;

        if (scheduler->daemon->state == DAEMON_SERVING)
                scheduler_event(scheduler, TRIGGER_NETWORK, "");
}

static void conditions_path_changed_hook(const char *path, void *data)
{
        struct scheduler *scheduler = data;

        if (scheduler->daemon->state == DAEMON_SERVING)
                scheduler_event(scheduler, TRIGGER_PATH, path);
}

const struct conditions_hooks scheduler_conditions_hooks = {
        .anyone_waits = conditions_anyone_waits,
        .depend = conditions_depend_hook,
        .gained = conditions_gained,
        .changed = conditions_changed,
        .network_up = conditions_network_up,
        .path_changed = conditions_path_changed_hook,
};

static int subject_add(const char *subject, void *data)
{
        return json_object_set_new(data, subject, json_null()) < 0 ? -ENOMEM : 0;
}

void scheduler_listen(struct scheduler *scheduler)
{
        struct store *store = scheduler->daemon->store;
        json_t *paths = json_object();
        int64_t id;
        int r = paths ? store_trigger_subjects(store, TRIGGER_PATH, subject_add, paths) : -ENOMEM;

        if (r == 0)
                r = conditions_watch_paths(scheduler->daemon->conditions, paths);
        json_decref(paths);
        int network = store_trigger_next(store, TRIGGER_NETWORK, "", 0, &id);
        if (network == 0 || network == STORE_NOT_FOUND)
                conditions_watch_network(scheduler->daemon->conditions, network == 0);
        scheduler->triggers_changed = r < 0 || (network != 0 && network != STORE_NOT_FOUND);
        if (scheduler->triggers_changed)
                log_error("what schedules are triggered by cannot be read: it is tried again");
}
