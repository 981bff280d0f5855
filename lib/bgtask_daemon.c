/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The part of libbgtask that is a client of the daemon. A call has a connection of its own, so that threads share nothing.
 *
 * A registered task is the schedule "taskscheduler.UID.ID": users have ids of their own, and what is registered is told
 * from other schedules by its name. UID is the user for whom the daemon acts: within a run whoever asked for the run, else
 * the caller.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/bgtask.h"
#include "lib/bgtask_internal.h"
#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/task.h"
#include "lib/util.h"
#include "lib/varlink.h"

#define INTERFACE "io.bgtaskd.Manager"
#define NAME_PREFIX "taskscheduler."
#define INTERVAL_MAX_SEC 315360000
#define TIMEOUT_MAX_SEC 31622400 /* 366 days */

CLEANUP_DEFINE(struct varlink_client, varlink_client_free);

/* ---- calls ---- */

/* malloc'd; NULL: out of memory. */
static char *socket_path(void)
{
        const char *named = secure_getenv("BGTASKD_SOCKET");

        if (named && *named)
                return strdup(named);
        char *user = geteuid() == 0 ? NULL : paths_client_socket(false);
        if (user && access(user, F_OK) == 0)
                return user;
        free(user);
        return paths_client_socket(true);
}

static int daemon_connect(struct varlink_client **ret, struct error *error)
{
        const struct timeval patience = { .tv_sec = BGTASK_TIMEOUT_SEC };
        _cleanup_free_ char *path = socket_path();
        int r = path ? varlink_client_connect(path, ret, error) : error_set(error, ENOMEM, "out of memory");

        if (r == -ENOENT || r == -ECONNREFUSED)
                return error_set(error, -r, "no daemon answers on %s", path);
        if (r < 0)
                return r;
        (void)setsockopt(varlink_client_fd(*ret), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        (void)setsockopt(varlink_client_fd(*ret), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        return 0;
}

static const char *member(const json_t *object, const char *name)
{
        const char *text = json_string_value(json_object_get(object, name));

        return text ? text : "?";
}

/* What the daemon answers when it does not do it. */
static int refusal(const struct varlink_reply *reply, struct error *error)
{
        const char *dot = strrchr(reply->error, '.');
        const char *name = dot ? dot + 1 : reply->error;
        const json_t *parameters = reply->parameters;

        if (strcmp(name, "NoSuchSchedule") == 0)
                return error_set(error, ENOENT, "there is no such schedule");
        if (strcmp(name, "ScheduleExists") == 0)
                return error_set(error, EEXIST, "there is such a schedule");
        if (strcmp(name, "PermissionDenied") == 0)
                return error_set(error, EACCES, "the daemon does not allow it: %s",
                                 member(parameters, "action"));
        if (strcmp(name, "InvalidValue") == 0)
                return error_set(error, EINVAL, "%s: expected %s", member(parameters, "field"),
                                 member(parameters, "expected"));
        if (strcmp(name, "TaskFileInvalid") == 0 || strcmp(name, "StoreFailed") == 0)
                return error_set(error, EIO, "%s: %s", name, member(parameters, "reason"));
        if (strcmp(name, "QueueFull") == 0 || strcmp(name, "TooManyConnections") == 0)
                return error_set(error, EBUSY, "the daemon has too much to do: %s", name);
        return error_set(error, EPROTO, "the daemon answers %s", reply->error);
}

/* Takes @parameters, which may be NULL when memory is short. *ret (may be NULL): the answer's. */
static int daemon_call(struct varlink_client *client, const char *method, json_t *parameters, json_t **ret,
                       struct error *error)
{
        struct varlink_reply reply = { 0 };
        int r = parameters ? varlink_client_send(client, method, parameters, false, error)
                           : error_set(error, ENOMEM, "out of memory");

        json_decref(parameters);
        while (r == 0 && (r = varlink_client_receive(client, &reply, error)) == -EINTR)
                r = 0;
        if (r == -EAGAIN)
                return error_set(error, ETIMEDOUT, "the daemon has not answered within %d s",
                                 BGTASK_TIMEOUT_SEC);
        if (r < 0)
                return r;
        if (reply.error)
                r = refusal(&reply, error);
        else if (ret)
                *ret = json_incref(reply.parameters);
        varlink_reply_done(&reply);
        return r;
}

/* ---- runs ---- */

static json_t *args_json(const char *const *args)
{
        json_t *array = json_array();

        for (; array && args && *args; args++)
                if (json_array_append_new(array, json_string(*args)) < 0) {
                        json_decref(array);
                        return NULL;
                }
        return array;
}

static int task_run(const char *task, const char *const *args, int64_t *ret_id, struct error *error)
{
        _cleanup_(varlink_client_free_cleanup) struct varlink_client *client = NULL;
        json_t *answer = NULL;

        int r = task_name_check(task, error);
        if (r == 0)
                r = bgtask_args_check(args, error);
        if (r == 0)
                r = daemon_connect(&client, error);
        if (r == 0)
                r = daemon_call(client, INTERFACE ".Run",
                                json_pack("{s:s, s:o}", "task", task, "args", args_json(args)), &answer,
                                error);
        if (r == 0 && ret_id)
                *ret_id = json_integer_value(json_object_get(json_object_get(answer, "run"), "id"));
        json_decref(answer);
        return r;
}

int bgtask_run(const char *task, const char *const *args, int64_t *ret_id, struct bgtask_error *error)
{
        struct error reason = ERROR_INIT;

        return bgtask_error_return(error, &reason, task_run(task, args, ret_id, &reason));
}

/* ---- names of schedules ---- */

/* Within a run the user that it is for, else the caller. */
static int user_find(struct varlink_client *client, int64_t *ret, struct error *error)
{
        const char *run = secure_getenv("BGTASK_RUN_ID");
        json_t *answer = NULL;
        int64_t id;

        *ret = geteuid();
        if (!run || !secure_getenv("BGTASKD_SOCKET") || parse_int64(run, 1, INT64_MAX, &id) < 0)
                return 0;
        int r = daemon_call(client, INTERFACE ".Show", json_pack("{s:I}", "id", (json_int_t)id), &answer,
                            error);
        if (r == 0)
                *ret = json_integer_value(json_object_get(json_object_get(answer, "run"), "uid"));
        json_decref(answer);
        return r;
}

/* A connection, and the schedule's name for @id (malloc'd); of "" what they all begin with. */
static int registry_open(const char *id, struct varlink_client **ret, char **ret_name, struct error *error)
{
        struct error reason = ERROR_INIT;
        int64_t uid = 0;

        int r = daemon_connect(ret, error);
        if (r == 0)
                r = user_find(*ret, &uid, error);
        if (r < 0)
                return r;
        *ret_name = format_string(NAME_PREFIX "%" PRId64 ".%s", uid, id);
        if (!*ret_name)
                return error_set(error, ENOMEM, "out of memory");
        if (task_label_check(*ret_name, &reason) < 0)
                return error_set(error, EINVAL,
                                 "expected an id without control characters and of at most %zu bytes",
                                 TASK_LABEL_MAX - (strlen(*ret_name) - strlen(id)));
        return 0;
}

static int id_check(const char *id, struct error *error)
{
        return id && *id ? 0 : error_set(error, EINVAL, "expected an id, found nothing");
}

/* ---- registering ---- */

static int registration_check(const struct bgtask_registration *registration, struct error *error)
{
        int64_t interval = registration->interval_sec;

        if (interval < BGTASK_INTERVAL_MIN_SEC || interval > INTERVAL_MAX_SEC)
                return error_set(error, EINVAL, "expected an interval from %d to %d seconds, found %" PRId64,
                                 BGTASK_INTERVAL_MIN_SEC, INTERVAL_MAX_SEC, interval);
        if (registration->description && strpbrk(registration->description, "\n\r"))
                return error_set(error, EINVAL, "expected a description of one line");
        return 0;
}

/* "Key=value" lines, as AddSchedule wants them. */
static json_t *definition_json(const struct bgtask_registration *registration)
{
        json_t *lines = json_array();

        json_array_append_new(lines, json_sprintf("EverySec=%" PRId64 "s", registration->interval_sec));
        json_array_append_new(lines, json_sprintf("AnchorAt=@%" PRId64, (int64_t)time(NULL)));
        json_array_append_new(lines, json_string("CatchUp=last"));
        json_array_append_new(lines, json_string("Overlap=skip"));
        if (registration->disabled)
                json_array_append_new(lines, json_string("Enabled=no"));
        if (registration->description && *registration->description)
                json_array_append_new(lines, json_sprintf("Description=%s", registration->description));
        if (registration->execution_timeout_sec > 0)
                json_array_append_new(lines, json_sprintf("RunMaxSec=%" PRId64 "s",
                                                          MIN(registration->execution_timeout_sec,
                                                              (int64_t)TIMEOUT_MAX_SEC)));
        return lines;
}

/* Add it, or give the one that is there another definition. */
static int schedule_put(struct varlink_client *client, const char *name, const struct bgtask_command *command,
                        const struct bgtask_registration *registration, struct error *error)
{
        static const char *const methods[] = { INTERFACE ".AddSchedule", INTERFACE ".EditSchedule" };
        int r = -EEXIST;

        /* It may come and go meanwhile: another round of both. */
        for (size_t i = 0; i < 4 && (r == -EEXIST || r == -ENOENT); i++)
                r = daemon_call(client, methods[i % 2],
                                json_pack("{s:s, s:s, s:o, s:o}", "name", name, "task", command->task, "args",
                                          args_json(command->args), "definition",
                                          definition_json(registration)),
                                NULL, error);
        return r;
}

static int task_register(const char *id, const struct bgtask_registration *registration, struct error *error)
{
        _cleanup_(varlink_client_free_cleanup) struct varlink_client *client = NULL;
        _cleanup_(bgtask_command_done) struct bgtask_command command = { 0 };
        _cleanup_free_ char *name = NULL;

        int r = id_check(id, error);
        if (r == 0)
                r = registration_check(registration, error);
        if (r == 0)
                r = bgtask_command_parse(registration->command, registration->args, &command, error);
        if (r == 0)
                r = registry_open(id, &client, &name, error);
        return r < 0 ? r : schedule_put(client, name, &command, registration, error);
}

int bgtask_register(const char *id, const struct bgtask_registration *registration,
                    struct bgtask_error *error)
{
        struct error reason = ERROR_INIT;

        return bgtask_error_return(error, &reason, task_register(id, registration, &reason));
}

/* ---- deleting, asking ---- */

/* 1: done; 0: there is no such schedule. */
static int schedule_ask(const char *id, const char *method, struct error *error)
{
        _cleanup_(varlink_client_free_cleanup) struct varlink_client *client = NULL;
        _cleanup_free_ char *name = NULL;

        int r = id_check(id, error);
        if (r == 0)
                r = registry_open(id, &client, &name, error);
        if (r < 0)
                return r;
        r = daemon_call(client, method, json_pack("{s:s}", "name", name), NULL, error);
        return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

int bgtask_delete(const char *id, struct bgtask_error *error)
{
        struct error reason = ERROR_INIT;

        return bgtask_error_return(error, &reason, schedule_ask(id, INTERFACE ".RemoveSchedule", &reason));
}

int bgtask_exists(const char *id, struct bgtask_error *error)
{
        struct error reason = ERROR_INIT;

        return bgtask_error_return(error, &reason, schedule_ask(id, INTERFACE ".ShowSchedule", &reason));
}

/* An array of all that there are; it comes in as many replies as it takes. */
static int schedules_list(struct varlink_client *client, json_t **ret, struct error *error)
{
        json_t *all = json_array(); /* NULL is refused where it is extended */
        bool continues = true;

        int r = varlink_client_send(client, INTERFACE ".ListSchedules", NULL, true, error);
        while (r == 0 && continues) {
                struct varlink_reply reply = { 0 };
                r = varlink_client_receive(client, &reply, error);
                if (r == -EINTR) {
                        r = 0;
                        continue;
                }
                if (r < 0)
                        break;
                continues = reply.continues;
                if (reply.error)
                        r = refusal(&reply, error);
                else if (json_array_extend(all, json_object_get(reply.parameters, "schedules")) < 0)
                        r = error_set(error, EPROTO, "the daemon's list of schedules cannot be read");
                varlink_reply_done(&reply);
        }
        if (r < 0)
                json_decref(all);
        else
                *ret = all;
        return r;
}

/* Those of @schedules that begin with @prefix; how many are gone. */
static int schedules_remove(struct varlink_client *client, const json_t *schedules, const char *prefix,
                            struct error *error)
{
        const json_t *schedule;
        size_t i;
        int count = 0;

        json_array_foreach(schedules, i, schedule) {
                const char *name = member(schedule, "name");
                if (strncmp(name, prefix, strlen(prefix)) != 0)
                        continue;
                int r = daemon_call(client, INTERFACE ".RemoveSchedule", json_pack("{s:s}", "name", name),
                                    NULL, error);
                if (r < 0 && r != -ENOENT)
                        return r;
                count += r == 0;
        }
        return count;
}

static int tasks_delete_all(struct error *error)
{
        _cleanup_(varlink_client_free_cleanup) struct varlink_client *client = NULL;
        _cleanup_free_ char *prefix = NULL;
        json_t *schedules = NULL;

        int r = registry_open("", &client, &prefix, error);
        if (r == 0)
                r = schedules_list(client, &schedules, error);
        if (r == 0)
                r = schedules_remove(client, schedules, prefix, error);
        json_decref(schedules);
        return r;
}

int bgtask_delete_all(struct bgtask_error *error)
{
        struct error reason = ERROR_INIT;

        return bgtask_error_return(error, &reason, tasks_delete_all(&reason));
}
