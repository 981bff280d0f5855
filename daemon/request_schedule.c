/* SPDX-License-Identifier: MPL-2.0 */
/* ListSchedules, ShowSchedule. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/conditions.h"
#include "daemon/daemon.h"
#include "daemon/pools.h"
#include "daemon/queue.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/schedule_plan.h"
#include "lib/util.h"

/* ---- values ---- */

static int last_run_each(const struct run *run, void *data)
{
        json_t **ret = data;

        *ret = run_to_json(run);
        return *ret ? 0 : -ENOMEM;
}

json_t *request_definition_json(const char *definition)
{
        json_t *lines = json_array();

        while (lines && *definition) {
                size_t size = strcspn(definition, "\n");
                if (json_array_append_new(lines, json_stringn(definition, size)) < 0) {
                        json_decref(lines);
                        return NULL;
                }
                definition += size + (definition[size] == '\n');
        }
        return lines;
}

/* Where a value of zero is nothing to tell. */
static int set_time(json_t *value, const char *name, int64_t us)
{
        return us && json_object_set_new(value, name, json_integer(us)) < 0 ? -ENOMEM : 0;
}

static int set_pause(json_t *value, const struct schedule *schedule)
{
        if (!schedule->paused_at_us)
                return 0;
        json_t *pause = json_pack("{s:I, s:I, s:s*}", "at", (json_int_t)schedule->paused_at_us, "uid",
                                  (json_int_t)schedule->paused_uid, "why", schedule->paused_why);
        if (!pause || set_time(pause, "until", schedule->paused_until_us) < 0) {
                json_decref(pause);
                return -ENOMEM;
        }
        return json_object_set_new(value, "pause", pause) < 0 ? -ENOMEM : 0;
}

static int set_definition(json_t *value, const struct request *request, const struct schedule *schedule)
{
        struct schedule_definition definition;
        struct error error = ERROR_INIT;
        int r = json_object_set_new(value, "definition", request_definition_json(schedule->definition)) < 0
                        ? -ENOMEM
                        : 0;

        if (r == 0 && schedule_definition_parse(schedule->definition, &definition, &error) == 0) {
                r = set_time(value, "everyUs", definition.every_us);
                if (r == 0 &&
                    pools_check_name(queue_pools(request->daemon->queue), definition.pool, NULL) < 0)
                        r = json_object_set_new(value, "poolUndefined", json_true()) < 0 ? -ENOMEM : 0;
                schedule_definition_done(&definition);
        }
        return r;
}

json_t *request_schedule_json(const struct request *request, const struct schedule *schedule)
{
        bool all = authorise(&request->peer, ACTION_SEE_OTHERS);
        const struct run_filter filter = {
                .schedule = schedule->name,
                .state = -1,
                .failed = -1,
                .limit = 1,
                .of_user = !all,
                .uid = request->peer.uid,
        };
        json_t *last_run = NULL;
        json_t *value = json_pack("{s:s, s:s, s:O, s:I, s:I, s:I, s:I, s:s*}", "name", schedule->name, "task",
                                  schedule->task, "args", schedule->args, "uid", (json_int_t)schedule->uid,
                                  "createdAt", (json_int_t)schedule->created_at_us, "offsetUs",
                                  (json_int_t)schedule->offset_us, "failures", (json_int_t)schedule->failures,
                                  "source", schedule->source);
        int r = value ? 0 : -ENOMEM;

        /* The runs of a schedule are its user's: there is nothing to look for among another's. */
        if (r == 0 && (all || schedule->uid == request->peer.uid))
                r = store_run_list(request->daemon->store, &filter, last_run_each, &last_run);
        if (r >= 0 && last_run)
                r = json_object_set_new(value, "lastRun", last_run);
        if (r >= 0)
                r = set_definition(value, request, schedule);
        if (r >= 0)
                r = set_pause(value, schedule);
        if (r >= 0)
                r = set_time(value, "nextAt", schedule->next_us);
        if (r >= 0 && !schedule->paused_at_us)
                r = set_time(value, "dueAt", schedule->due_us);
        if (r >= 0)
                r = set_time(value, "movedFrom", schedule->moved_from_us);
        if (r >= 0)
                r = set_time(value, "movedAt", schedule->moved_at_us);
        if (r >= 0)
                return value;
        json_decref(value);
        return NULL;
}

/* ---- ShowSchedule ---- */

static json_t *hold_to_json(struct conditions *conditions, const struct scheduled_run *scheduled,
                            const struct schedule_definition *definition)
{
        enum schedule_rung rung = schedule_rung(definition, scheduled->since_us, clock_realtime_us());
        json_t *unmet = scheduled->hold == HOLD_CONDITION ? conditions_unmet(conditions, definition, rung)
                                                          : json_array();
        json_t *hold = json_pack("{s:I, s:s, s:I, s:I, s:i, s:o}", "run", (json_int_t)scheduled->run_id,
                                 "reason", hold_name(scheduled->hold), "since",
                                 (json_int_t)scheduled->since_us, "attempt", (json_int_t)scheduled->attempt,
                                 "rung", rung, "unmet", unmet);

        if (hold && set_time(hold, "until", scheduled->wake_us) < 0) {
                json_decref(hold);
                return NULL;
        }
        return hold;
}

/* Its runs that wait, and those under way. */
static int show_runs(const struct daemon *daemon, const struct schedule *schedule, json_t *holds,
                     json_t *active)
{
        struct schedule_definition definition;
        struct error error = ERROR_INIT;
        struct store *store = daemon->store;
        int r = schedule_definition_parse(schedule->definition, &definition, &error);

        if (r < 0)
                schedule_definition_init(&definition);
        r = 0;
        for (int hold = 0; hold < HOLD_COUNT && r == 0; hold++) {
                struct scheduled_run scheduled = { 0 };
                while (r == 0) {
                        r = store_scheduled_run_of(store, schedule->id, (enum hold)hold, scheduled.run_id,
                                                   &scheduled);
                        if (r == 0 && hold == HOLD_NONE)
                                r = json_array_append_new(active, json_integer(scheduled.run_id));
                        else if (r == 0)
                                r = json_array_append_new(holds, hold_to_json(daemon->conditions, &scheduled,
                                                                              &definition));
                }
                r = r == STORE_NOT_FOUND ? 0 : r;
        }
        schedule_definition_done(&definition);
        return r;
}

static void show_begin(int result, struct request *request)
{
        struct store *store = request->daemon->store;
        const char *name = request_string(request, "name");
        struct schedule schedule = { 0 };
        int r = result < 0 ? result : store_schedule_get(store, name, &schedule);

        if (r == STORE_NOT_FOUND) {
                request_error(request, "NoSuchSchedule", json_pack("{s:s}", "name", name));
                return;
        }
        json_t *holds = json_array(), *active = json_array(), *value = NULL;
        /* As with its last run: the runs of others do not exist for whoever may not see them. */
        bool sees = authorise(&request->peer, ACTION_SEE_OTHERS) || schedule.uid == request->peer.uid;
        if (r == STORE_OK && holds && active && sees)
                r = show_runs(request->daemon, &schedule, holds, active);
        if (r == STORE_OK)
                value = request_schedule_json(request, &schedule);
        schedule_done(&schedule);
        if (value && holds && active) {
                request_reply(request,
                              json_pack("{s:o, s:o, s:o}", "schedule", value, "holds", holds, "active",
                                        active),
                              false);
                return;
        }
        json_decref(holds);
        json_decref(active);
        json_decref(value);
        request_failed(request, r < 0 ? r : -ENOMEM, NULL);
}

void request_show_schedule(struct request *request)
{
        request_after_commit(request, show_begin);
}

/* ---- ListSchedules ---- */

/* One answer's worth, behind the name that the request's data is. *ret_more: there are others. */
static int schedules_read(struct request *request, json_t **ret, bool *ret_more)
{
        struct request_batch batch;
        int r = request_batch_begin(&batch, request->call.more);

        *ret_more = false;
        while (r == 0) {
                struct schedule schedule = { 0 };
                r = store_schedule_behind(request->daemon->store, request->data, &schedule);
                if (r == STORE_NOT_FOUND) {
                        r = 0;
                        break;
                }
                if (r == 0)
                        r = request_batch_add(&batch, request_schedule_json(request, &schedule));
                *ret_more = r == 1;
                if (r == 0) {
                        free(request->data);
                        request->data = steal_pointer(schedule.name);
                }
                schedule_done(&schedule);
        }
        if (r < 0) {
                request_batch_done(&batch);
                return r;
        }
        *ret = json_pack("{s:o}", "schedules", batch.items);
        return 0;
}

static void schedules_begin(int result, struct request *request)
{
        static const struct request_stream stream = { schedules_read, free };

        if (result < 0)
                request_failed(request, result, NULL);
        else
                request_stream(request, &stream, strdup(""));
}

void request_list_schedules(struct request *request)
{
        request_after_commit(request, schedules_begin);
}
