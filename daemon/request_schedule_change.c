/* SPDX-License-Identifier: MPL-2.0 */
/* Methods that change schedules, or run them. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/pools.h"
#include "daemon/queue.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/scheduler.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

#define SCHEDULE_TIME_MAX_US (INT64_C(253402300800) * 1000000) /* the year 10000 */

/* ---- answers ---- */

/* What has been changed takes effect, and is answered with @schedule, once it is durable. */
static void schedule_changed(struct request *request, const struct schedule *schedule)
{
        json_t *value = request_schedule_json(request, schedule);

        scheduler_update_on_commit(request->daemon->scheduler);
        request_reply_committed(request, value ? json_pack("{s:o}", "schedule", value) : NULL);
}

static void schedule_failed(struct request *request, int r)
{
        request_failed(request, r == STORE_FULL ? -ENOSPC : r, NULL);
}

static void schedule_missing(struct request *request)
{
        request_error(request, "NoSuchSchedule", json_pack("{s:s}", "name", request_string(request, "name")));
}

/* The one named by "name", which the client may change: false: answered why not. */
static bool schedule_find(struct request *request, struct schedule *ret)
{
        int r = store_schedule_get(request->daemon->store, request_string(request, "name"), ret);

        if (r == STORE_OK && request->peer.run_id && ret->uid != request->peer.uid) {
                schedule_done(ret); /* a run is there for its user alone */
                r = STORE_NOT_FOUND;
        }
        if (r == STORE_OK)
                return true;
        if (r == STORE_NOT_FOUND)
                schedule_missing(request);
        else
                schedule_failed(request, r);
        return false;
}

/* One that a task file has is changed there. False: answered that. */
static bool schedule_check_source(struct request *request, const struct schedule *schedule)
{
        if (!schedule->source)
                return true;
        request_error(request, "ScheduleOfFile",
                      json_pack("{s:s, s:s}", "name", schedule->name, "source", schedule->source));
        return false;
}

/* ---- AddSchedule, EditSchedule ---- */

/* The definition's text from its lines, or from everyUs, malloc'd. *ret_field: what is bad, with @error. */
static char *wish_definition(const struct request *request, int64_t now_us, const char **ret_field,
                             struct error *error)
{
        json_t *lines = json_object_get(request->call.parameters, "definition"), *line;
        struct schedule_definition definition;
        struct error reason = ERROR_INIT;
        size_t i;
        int r = 0;

        *ret_field = "definition";
        schedule_definition_init(&definition);
        json_array_foreach(lines, i, line) {
                _cleanup_free_ char *key = strdup(json_string_value(line));
                char *equals = key ? strchr(key, '=') : NULL;
                if (!equals) {
                        r = error_set(error, EINVAL, "lines of the form Key=value");
                        break;
                }
                *equals = '\0';
                r = schedule_definition_set(&definition, key, equals + 1, error);
                if (r == -ENOENT)
                        r = error_set(error, EINVAL, "keys of a [Schedule] section, found \"%s\"", key);
                if (r < 0)
                        break;
        }
        if (r == 0 && !json_is_array(lines)) {
                int64_t every_us = request_int(request, "everyUs", 0);
                *ret_field = "everyUs";
                if (every_us < SCHEDULE_EVERY_MIN_US || every_us > SCHEDULE_EVERY_MAX_US)
                        r = error_set(error, EINVAL, "1 second to 10 years, in microseconds");
                definition.every_us = every_us;
                definition.anchor_us = now_us;
        }
        if (r == 0 && pools_check_name(queue_pools(request->daemon->queue), definition.pool, &reason) < 0) {
                *ret_field = "Pool=";
                r = error_set(error, EINVAL, "%s", reason.text);
        }
        if (r == 0)
                r = schedule_definition_check(&definition, error);
        char *text = r == 0 ? schedule_definition_format(&definition) : NULL;
        schedule_definition_done(&definition);
        return text;
}

/* The wish of a client. *ret_args and *ret_definition are what it points to. False: answered why not. */
static bool wish_take(struct request *request, const char *task, int64_t now_us, struct timetable_wish *ret,
                      json_t **ret_args, char **ret_definition)
{
        struct error error = ERROR_INIT;
        const char *bad = NULL;

        if (request_check_label(request_string(request, "name"), &error) < 0)
                bad = "name";
        else if (request_check_task(task, &error) < 0)
                bad = "task";
        else if (request_take_args(request, ret_args, &error) < 0)
                bad = "args";
        if (!bad) {
                *ret_definition = wish_definition(request, now_us, &bad, &error);
                if (*ret_definition)
                        bad = NULL;
        }
        if (bad) {
                request_invalid(request, bad, error.text);
                return false;
        }
        *ret = (struct timetable_wish){
                .name = request_string(request, "name"),
                .task = task,
                .args = *ret_args,
                .definition = *ret_definition,
                .uid = request->peer.uid,
                .machine_id = request->daemon->machine_id,
        };
        return request_check_policy(request, task);
}

static void schedule_add(struct request *request, const struct timetable_wish *wish, int64_t now_us)
{
        struct daemon *daemon = request->daemon;
        struct schedule schedule = { 0 };
        struct error error = ERROR_INIT;
        int64_t count = 0;
        int r = store_schedule_count(daemon->store, &count);

        if (r == STORE_OK && count >= daemon_setting(daemon, SETTING_SCHEDULES_MAX)) {
                request_invalid(request, "name",
                                "fewer schedules: the preference bgtaskd.schedules.max is reached");
                return;
        }
        if (r == STORE_OK)
                r = timetable_add(scheduler_timetable(daemon->scheduler), wish, now_us, &schedule, &error);
        if (r == STORE_OK) {
                log_info("schedule %s added: task %s, by uid %u", schedule.name, schedule.task,
                         (unsigned)schedule.uid);
                schedule_changed(request, &schedule);
        } else if (r == STORE_EXISTS) {
                request_error(request, "ScheduleExists", json_pack("{s:s}", "name", wish->name));
        } else if (r == -EINVAL && error.text[0]) {
                request_invalid(request, "definition", error.text);
        } else {
                schedule_failed(request, r);
        }
        schedule_done(&schedule);
}

void request_add_schedule(struct request *request)
{
        int64_t now_us = scheduler_now_us();
        _cleanup_free_ char *definition = NULL;
        struct timetable_wish wish;
        json_t *args = NULL;

        if (wish_take(request, request_string(request, "task"), now_us, &wish, &args, &definition))
                schedule_add(request, &wish, now_us);
        json_decref(args);
}

static void schedule_edit(struct request *request, struct timetable_wish *wish, const struct schedule *before,
                          int64_t now_us)
{
        struct schedule schedule = { 0 };
        struct error error = ERROR_INIT;

        if (!json_is_array(json_object_get(request->call.parameters, "args")))
                wish->args = before->args;
        /* Its runs are then those of whoever says what they do; an admin may do that for others. */
        if (authorise(&request->peer, ACTION_SEE_OTHERS))
                wish->uid = before->uid;
        int r = timetable_edit(scheduler_timetable(request->daemon->scheduler), wish, now_us, &schedule,
                               &error);
        if (r == STORE_OK) {
                log_info("schedule %s changed by uid %u", schedule.name, (unsigned)request->peer.uid);
                schedule_changed(request, &schedule);
        } else if (r == TIMETABLE_UNCHANGED) {
                schedule_changed(request, before);
        } else if (r == -EINVAL && error.text[0]) {
                request_invalid(request, "definition", error.text);
        } else {
                schedule_failed(request, r);
        }
        schedule_done(&schedule);
}

void request_edit_schedule(struct request *request)
{
        int64_t now_us = scheduler_now_us();
        _cleanup_free_ char *definition = NULL;
        struct schedule schedule = { 0 };
        const char *task = request_string(request, "task");
        struct timetable_wish wish;
        json_t *args = NULL;

        if (!schedule_find(request, &schedule))
                return;
        if (schedule_check_source(request, &schedule) &&
            wish_take(request, task ? task : schedule.task, now_us, &wish, &args, &definition))
                schedule_edit(request, &wish, &schedule, now_us);
        json_decref(args);
        schedule_done(&schedule);
}

/* ---- RemoveSchedule, PauseSchedule, ResumeSchedule, BackfillSchedule ---- */

/* What a change came to. */
static void schedule_answer(struct request *request, int r, const struct schedule *schedule, const char *what)
{
        if (r != STORE_OK) {
                schedule_failed(request, r);
                return;
        }
        log_info("schedule %s %s by uid %u", schedule->name, what, (unsigned)request->peer.uid);
        schedule_changed(request, schedule);
}

void request_remove_schedule(struct request *request)
{
        struct schedule schedule = { 0 };

        if (!schedule_find(request, &schedule))
                return;
        if (schedule_check_source(request, &schedule))
                schedule_answer(request,
                                timetable_remove(scheduler_timetable(request->daemon->scheduler), &schedule,
                                                 scheduler_now_us()),
                                &schedule, "removed");
        schedule_done(&schedule);
}

void request_pause_schedule(struct request *request)
{
        const char *why = request_string(request, "why");
        int64_t until_us = request_int(request, "until", 0), now_us = scheduler_now_us();
        struct schedule schedule = { 0 };
        struct error error = ERROR_INIT;

        if (why && request_check_label(why, &error) < 0) {
                request_invalid(request, "why", error.text);
                return;
        }
        if (until_us && (until_us <= now_us || until_us > SCHEDULE_TIME_MAX_US)) {
                request_invalid(request, "until", "a time to come, in microseconds since the epoch");
                return;
        }
        if (!schedule_find(request, &schedule))
                return;
        /* What it passed over so far stays skipped for the first reason. */
        int r = timetable_settle(scheduler_timetable(request->daemon->scheduler), &schedule, now_us);
        if (r == 0)
                r = timetable_pause(scheduler_timetable(request->daemon->scheduler), &schedule,
                                    request->peer.uid, why, until_us, now_us);
        schedule_answer(request, r, &schedule, "paused");
        schedule_done(&schedule);
}

void request_resume_schedule(struct request *request)
{
        struct schedule schedule = { 0 };
        int r = 0;

        if (!schedule_find(request, &schedule))
                return;
        if (schedule.paused_at_us)
                r = timetable_resume(scheduler_timetable(request->daemon->scheduler), &schedule,
                                     scheduler_now_us());
        schedule_answer(request, r, &schedule, "resumed");
        schedule_done(&schedule);
}

void request_backfill_schedule(struct request *request)
{
        int64_t from_us = request_int(request, "from", 0), until_us = request_int(request, "until", 0);
        int64_t now_us = scheduler_now_us();
        struct schedule schedule = { 0 };

        if (from_us < 0 || from_us >= until_us || until_us > now_us) {
                request_invalid(request, from_us < 0 ? "from" : "until",
                                "a range of the past, from before until, in microseconds since the epoch");
                return;
        }
        if (!schedule_find(request, &schedule))
                return;
        schedule_answer(request,
                        timetable_backfill(scheduler_timetable(request->daemon->scheduler), &schedule,
                                           request->peer.uid, from_us, until_us, now_us),
                        &schedule, "is backfilled");
        schedule_done(&schedule);
}

/* ---- RunSchedule ---- */

static void schedule_busy(struct request *request, const struct schedule *schedule)
{
        struct scheduled_run scheduled = { 0 };
        json_t *runs = json_array();
        bool sees = authorise(&request->peer, ACTION_SEE_OTHERS) || schedule->uid == request->peer.uid;

        while (runs && sees &&
               store_scheduled_run_of(request->daemon->store, schedule->id, HOLD_NONE, scheduled.run_id,
                                      &scheduled) == STORE_OK)
                json_array_append_new(runs, json_integer(scheduled.run_id));
        request_error(request, "ScheduleBusy",
                      runs ? json_pack("{s:s, s:o}", "name", schedule->name, "runs", runs) : NULL);
}

static bool schedule_admit_run(struct request *request, const struct schedule *schedule)
{
        struct schedule_definition definition;

        /* One that cannot be used is refused later. */
        if (schedule_definition_parse(schedule->definition, &definition, NULL) < 0)
                schedule_definition_init(&definition);
        bool admitted = request_admit_run(request, definition.pool);
        schedule_definition_done(&definition);
        return admitted;
}

void request_run_schedule(struct request *request)
{
        struct daemon *daemon = request->daemon;
        struct schedule schedule = { 0 };
        struct run run = { 0 };
        int64_t run_id = 0;

        if (!schedule_find(request, &schedule))
                return;
        int r = schedule_admit_run(request, &schedule) && request_check_policy(request, schedule.task)
                        ? timetable_run_now(scheduler_timetable(daemon->scheduler), &schedule,
                                            request->peer.uid, scheduler_now_us(), &run_id)
                        : -ECANCELED;
        if (r == TIMETABLE_UNCHANGED) {
                schedule_busy(request, &schedule);
        } else if (r == 0 && (r = store_run_get(daemon->store, run_id, &run)) == 0) {
                json_t *value = run_to_json(&run);
                request_reply_committed(request, value ? json_pack("{s:o}", "run", value) : NULL);
                daemon_kick(daemon);
        } else if (r != -ECANCELED) {
                schedule_failed(request, r);
        }
        run_done(&run);
        schedule_done(&schedule);
}
