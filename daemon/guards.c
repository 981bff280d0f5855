/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/guards.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "daemon/conditions.h"
#include "daemon/daemon.h"
#include "daemon/store_schedule.h"
#include "daemon/supervise.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

struct guard {
        LIST_ENTRY(guard) link;
        int64_t run_id;
        int64_t since_us; /* where its ladder begins */
        struct schedule_definition definition;
};

struct guards {
        struct daemon *daemon;
        LIST_HEAD(, guard) list;
};

static void guard_free(struct guard *guard)
{
        LIST_REMOVE(guard, link);
        schedule_definition_done(&guard->definition);
        free(guard);
}

static struct guard *guard_find(const struct guards *guards, int64_t run_id)
{
        struct guard *guard;

        LIST_FOREACH(guard, &guards->list, link)
        if (guard->run_id == run_id)
                return guard;
        return NULL;
}

static enum schedule_rung guard_rung(const struct guard *guard)
{
        return schedule_rung(&guard->definition, guard->since_us, clock_realtime_us());
}

static void guard_depend(struct guards *guards, const struct guard *guard)
{
        conditions_depend(guards->daemon->conditions, &guard->definition, guard_rung(guard),
                          schedule_rung_next(&guard->definition, guard->since_us, clock_realtime_us()));
}

/* @guard may be gone afterwards. */
static void guard_look(struct guards *guards, const struct guard *guard)
{
        struct supervisor *supervisor = guards->daemon->supervisor;
        json_t *unmet = conditions_unmet(guards->daemon->conditions, &guard->definition, guard_rung(guard));
        const char *why = json_string_value(json_array_get(unmet, 0));

        if (guard->definition.on_condition_lost == SCHEDULE_CONDITION_LOST_FREEZE)
                (void)supervisor_freeze(supervisor, guard->run_id, why);
        else if (why)
                supervisor_lose_condition(supervisor, guard->run_id, why);
        json_decref(unmet);
}

/* ---- what happens ---- */

static int need_any(const struct condition_need *need, void *data)
{
        (void)need;
        (void)data;
        return 1;
}

/* The definition that a run is of, and since when it has waited. False: there is nothing to guard. */
static bool guard_load(struct guards *guards, struct guard *guard)
{
        struct store *store = guards->daemon->store;
        struct scheduled_run scheduled;
        struct schedule schedule = { 0 };
        struct error error = ERROR_INIT;

        if (store_scheduled_run_get(store, guard->run_id, &scheduled) != 0 ||
            store_schedule_get_id(store, scheduled.schedule_id, &schedule) != 0)
                return false;
        int r = schedule_definition_parse(schedule.definition, &guard->definition, &error);
        schedule_done(&schedule);
        if (r < 0)
                return false;
        guard->since_us = scheduled.since_us;
        if (guard->definition.on_condition_lost != SCHEDULE_CONDITION_LOST_CONTINUE &&
            schedule_needs(&guard->definition, SCHEDULE_RUNG_ALL, need_any, NULL) > 0)
                return true;
        schedule_definition_done(&guard->definition);
        return false;
}

void guards_add(struct guards *guards, int64_t run_id)
{
        struct guard *guard = guards && !guard_find(guards, run_id) ? calloc(1, sizeof(*guard)) : NULL;

        if (!guard)
                return;
        guard->run_id = run_id;
        if (!guard_load(guards, guard)) {
                free(guard);
                return;
        }
        LIST_INSERT_HEAD(&guards->list, guard, link);
        guard_depend(guards, guard);
}

void guards_remove(struct guards *guards, int64_t run_id)
{
        struct guard *guard = guards ? guard_find(guards, run_id) : NULL;

        if (!guard)
                return;
        guard_free(guard);
        /* What it alone has depended on is not to be listened to any longer. */
        conditions_look_soon(guards->daemon->conditions);
}

void guards_alive(struct guards *guards, int64_t run_id, bool frozen)
{
        struct guard *guard = guards ? guard_find(guards, run_id) : NULL;

        if (guard)
                guard_look(guards, guard);
        else if (guards && frozen)
                (void)supervisor_freeze(guards->daemon->supervisor, run_id, NULL);
}

void guards_depend(struct guards *guards)
{
        struct guard *guard;

        LIST_FOREACH(guard, &guards->list, link)
        guard_depend(guards, guard);
}

void guards_look(struct guards *guards)
{
        struct guard *guard, *next;

        for (guard = LIST_FIRST(&guards->list); guard; guard = next) {
                next = LIST_NEXT(guard, link);
                guard_look(guards, guard);
        }
}

int guards_new(struct daemon *daemon, struct guards **ret)
{
        struct guards *guards = calloc(1, sizeof(*guards));

        if (!guards)
                return -ENOMEM;
        guards->daemon = daemon;
        LIST_INIT(&guards->list);
        *ret = guards;
        return 0;
}

void guards_free(struct guards *guards)
{
        if (!guards)
                return;
        while (!LIST_EMPTY(&guards->list))
                guard_free(LIST_FIRST(&guards->list));
        free(guards);
}
