/* SPDX-License-Identifier: MPL-2.0 */
/* AddSchedule, ListSchedules, RemoveSchedule. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/schedule.h"
#include "daemon/scheduler.h"
#include "daemon/store.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define SCHEDULES_MAX 10000

static int last_run_each(const struct run *run, void *data)
{
        json_t **ret = data;

        *ret = run_to_json(run);
        return *ret ? 0 : -ENOMEM;
}

/* As io.bgtaskd.Manager.Schedule; NULL: it could not be read or made. */
static json_t *schedule_to_json(const struct request *request, const struct schedule *schedule)
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
        json_t *value = json_pack("{s:s, s:s, s:O, s:I, s:I, s:I}", "name", schedule->name, "task",
                                  schedule->task, "args", schedule->args, "everyUs",
                                  (json_int_t)schedule->every_us, "uid", (json_int_t)schedule->uid,
                                  "createdAt", (json_int_t)schedule->created_at_us);
        int r = value ? 0 : -ENOMEM;

        /* The runs of a schedule are its user's: there is nothing to look for among another's. */
        if (r == 0 && (all || schedule->uid == request->peer.uid))
                r = store_run_list(request->daemon->store, &filter, last_run_each, &last_run);
        if (r >= 0 && last_run)
                r = json_object_set_new(value, "lastRun", last_run);
        if (r >= 0 && schedule->next_at_us)
                r = json_object_set_new(value, "nextAt", json_integer(schedule->next_at_us));
        if (r >= 0)
                return value;
        json_decref(value);
        return NULL;
}

/* ---- AddSchedule ---- */

/* Its addition or removal takes effect, and is answered with @schedule, once it is durable. */
static void schedule_changed(struct request *request, const struct schedule *schedule)
{
        json_t *value = schedule_to_json(request, schedule);

        scheduler_update_on_commit(request->daemon->scheduler);
        request_reply_committed(request, value ? json_pack("{s:o}", "schedule", value) : NULL);
}

static void schedule_add(struct request *request, struct schedule *schedule)
{
        struct store *store = request->daemon->store;
        int64_t count = 0;
        int r = store_schedule_count(store, &count);

        if (r == STORE_OK && count >= SCHEDULES_MAX) {
                request_invalid(request, "name", "at most 10000 schedules");
                return;
        }
        if (r == STORE_OK)
                r = store_schedule_add(store, schedule);
        if (r == STORE_OK) {
                char every[32];
                log_info("schedule %s added: task %s every %s, by uid %u", schedule->name, schedule->task,
                         duration_format(schedule->every_us, every, sizeof(every)), (unsigned)schedule->uid);
                schedule_changed(request, schedule);
        } else if (r == STORE_EXISTS) {
                request_error(request, "ScheduleExists", json_pack("{s:s}", "name", schedule->name));
        } else {
                request_failed(request, r == STORE_FULL ? -ENOSPC : r, NULL);
        }
}

/* The field that is bad, with @error; NULL: none. */
static const char *schedule_check(const struct request *request, struct schedule *schedule,
                                  struct error *error)
{
        if (request_check_label(request_string(request, "name"), error) < 0)
                return "name";
        if (request_check_task(request_string(request, "task"), error) < 0)
                return "task";
        if (schedule->every_us < SCHEDULE_EVERY_MIN_US || schedule->every_us > SCHEDULE_EVERY_MAX_US) {
                error_set(error, EINVAL, "1 second to 10 years, in microseconds");
                return "everyUs";
        }
        return request_take_args(request, &schedule->args, error) < 0 ? "args" : NULL;
}

void request_add_schedule(struct request *request)
{
        int64_t now_us = clock_realtime_us();
        struct error error = ERROR_INIT;
        struct schedule schedule = {
                .every_us = request_int(request, "everyUs", 0),
                .anchor_at_us = now_us,
                .created_at_us = now_us,
                .uid = request->peer.uid,
        };
        const char *bad = schedule_check(request, &schedule, &error);

        if (bad) {
                request_invalid(request, bad, error.text);
                return;
        }
        schedule.next_at_us = schedule_next(schedule.anchor_at_us, schedule.every_us, now_us);
        schedule.name = strdup(request_string(request, "name"));
        schedule.task = strdup(request_string(request, "task"));
        if (schedule.name && schedule.task)
                schedule_add(request, &schedule);
        else
                request_failed(request, -ENOMEM, NULL);
        schedule_done(&schedule);
}

/* ---- RemoveSchedule ---- */

void request_remove_schedule(struct request *request)
{
        const char *name = request_string(request, "name");
        struct store *store = request->daemon->store;
        struct schedule schedule = { 0 };
        int r = store_schedule_get(store, name, &schedule);

        if (r == STORE_OK)
                r = store_schedule_remove(store, name);
        if (r == STORE_OK) {
                log_info("schedule %s removed by uid %u", name, (unsigned)request->peer.uid);
                schedule_changed(request, &schedule);
        } else if (r == STORE_NOT_FOUND) {
                request_error(request, "NoSuchSchedule", json_pack("{s:s}", "name", name));
        } else {
                request_failed(request, r == STORE_FULL ? -ENOSPC : r, NULL);
        }
        schedule_done(&schedule);
}

/* ---- ListSchedules ---- */

struct schedule_names {
        char **names;
        size_t count, next;
};

static void schedule_names_free(struct request *request)
{
        struct schedule_names *list = request->data;

        for (size_t i = 0; i < list->count; i++)
                free(list->names[i]);
        free(list->names);
        free(list);
        request->data = NULL;
        request->drained = request->gone = NULL;
}

static int schedule_names_each(const struct schedule *schedule, void *data)
{
        struct schedule_names *list = data;
        char **names = reallocarray(list->names, list->count + 1, sizeof(*names));

        if (!names)
                return -ENOMEM;
        list->names = names;
        names[list->count] = strdup(schedule->name);
        return names[list->count] ? (list->count++, 0) : -ENOMEM;
}

/* One answer's worth, from @list->next on. A schedule that was removed meanwhile is passed over. */
static int schedules_read(struct request *request, struct schedule_names *list, json_t **ret)
{
        struct store *store = request->daemon->store;
        struct request_batch batch;
        int r = request_batch_begin(&batch, request->call.more);

        for (; r == 0 && list->next < list->count; list->next++) {
                struct schedule schedule = { 0 };
                int got = store_schedule_get(store, list->names[list->next], &schedule);
                if (got == STORE_OK)
                        r = request_batch_add(&batch, schedule_to_json(request, &schedule));
                else if (got < 0)
                        r = got;
                schedule_done(&schedule);
                if (r != 0)
                        break;
        }
        if (r < 0) {
                request_batch_done(&batch);
                return r;
        }
        *ret = json_pack("{s:o}", "schedules", batch.items);
        return 0;
}

static void schedules_pump(struct request *request)
{
        struct schedule_names *list = request->data;
        bool more = true;

        while (more && !request_congested(request)) {
                json_t *answer = NULL;
                int r = schedules_read(request, list, &answer);
                more = list->next < list->count;
                bool too_many = r == 0 && more && !request->call.more;
                if (r < 0 || too_many || !more)
                        schedule_names_free(request);
                if (r < 0) {
                        request_failed(request, r, NULL);
                        return;
                }
                if (too_many) {
                        json_decref(answer);
                        request_error(request, VARLINK_ERROR_EXPECTED_MORE, json_object());
                        return;
                }
                request_reply(request, answer, more);
        }
}

static void schedules_begin(int result, struct request *request)
{
        struct schedule_names *list = calloc(1, sizeof(*list));
        int r = result < 0 ? result : list ? 0 : -ENOMEM;

        request->data = list;
        if (r == 0)
                r = store_schedule_list(request->daemon->store, schedule_names_each, list);
        if (r < 0) {
                if (list)
                        schedule_names_free(request);
                request_failed(request, r, NULL);
                return;
        }
        request->drained = schedules_pump;
        request->gone = schedule_names_free;
        schedules_pump(request);
}

void request_list_schedules(struct request *request)
{
        request_after_commit(request, schedules_begin);
}
