/* SPDX-License-Identifier: MPL-2.0 */
/* Run, Logs, Wait, Cancel: what is about one run and may take a while. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/group.h"
#include "daemon/policies.h"
#include "daemon/pools.h"
#include "daemon/queue.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/run_end.h"
#include "daemon/store.h"
#include "daemon/store_user.h"
#include "daemon/supervise.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

/* The run named by "id"; false: answered that there is none. */
static bool request_get_run(struct request *request, struct run *ret)
{
        int64_t id = request_int(request, "id", 0);
        int r = id > 0 ? request_read_run(request, id, ret) : STORE_NOT_FOUND;

        if (r == STORE_OK)
                return true;
        if (r == STORE_NOT_FOUND)
                request_error(request, "NoSuchRun", json_pack("{s:I}", "id", (json_int_t)id));
        else
                request_failed(request, r, NULL);
        return false;
}

/* ---- Run ---- */

/* After the commit: the answer with the run, and with `more` what follows. */
static void run_accepted(int result, struct request *request)
{
        json_t *answer = steal_pointer(request->committing);
        bool follow = request->call.more && request_bool(request, "follow", true);
        struct run run = { 0 };

        if (result < 0) {
                json_decref(answer);
                request_failed(request, result, NULL);
                return;
        }
        if (!follow) {
                request_reply(request, answer, false);
                return;
        }
        int64_t id = json_integer_value(json_object_get(json_object_get(answer, "run"), "id"));
        request_reply(request, answer, true);
        int r = store_run_get(request->daemon->store, id, &run);
        if (r != STORE_OK)
                request_failed(request, r, r == STORE_NOT_FOUND ? "the run is gone" : NULL);
        else
                follow_add(request->daemon->follow, request, &run, true, false);
        run_done(&run);
}

/* The parameters of QueueFull when one more run of the client would break a limit of waiting runs. *ret_full: it would. */
static json_t *run_check_limits(const struct request *request, const char *pool, bool *ret_full)
{
        const struct daemon *daemon = request->daemon;
        int32_t each = daemon_setting(daemon, SETTING_RUNS_MAX_QUEUED_PER_UID), limit = 0;
        const char *of = NULL;
        bool own = request->peer.role < ROLE_ADMIN &&
                   store_user_counts(daemon->store, request->peer.uid).queued >= each;

        *ret_full = own || queue_is_full(daemon->queue, pool, &limit, &of);
        if (own)
                return json_pack("{s:i, s:I}", "limit", (int)each, "uid", (json_int_t)request->peer.uid);
        return *ret_full ? json_pack("{s:i, s:s*}", "limit", (int)limit, "pool", of) : NULL;
}

bool request_admit_run(struct request *request, const char *pool)
{
        struct daemon *daemon = request->daemon;
        bool full = false;

        if (access(daemon->locations.runner, X_OK) < 0) {
                _cleanup_free_ char *reason = format_string("%s: %s", daemon->locations.runner,
                                                            strerror(errno));
                request_error(request, "BackgroundTasksDisabled",
                              json_pack("{s:s}", "reason", reason ? reason : "no runner"));
                return false;
        }
        json_t *parameters = run_check_limits(request, pool, &full);
        if (full)
                request_error(request, "QueueFull", parameters);
        return !full;
}

bool request_check_policy(struct request *request, const char *task)
{
        struct policy *policy = policies_get(request->daemon->policies, task);
        bool valid = !policy->error;

        if (!valid)
                request_error(request, "TaskFileInvalid",
                              json_pack("{s:s, s:s}", "task", task, "reason", policy->error));
        policy_unref(policy);
        return valid;
}

/* Answered at once when nothing is to be committed: @request may be gone then. */
static void run_accept(struct request *request, const struct run *run)
{
        json_t *value = run_to_json(run);

        request->committing = value ? json_pack("{s:o}", "run", value) : NULL;
        if (!request->committing) {
                request_failed(request, -ENOMEM, NULL);
                return;
        }
        request_after_commit(request, run_accepted);
}

static void run_add(struct request *request, struct run *run)
{
        int r = store_run_add(request->daemon->store, run);

        if (r != STORE_OK) {
                request_failed(request, r == STORE_FULL ? -ENOSPC : r, NULL);
                return;
        }
        log_debug("run %" PRId64 " queued: task %s, for uid %u", run->id, run->task, (unsigned)run->uid);
        daemon_kick(request->daemon);
        run_accept(request, run);
}

/* A call that is repeated has been admitted: nothing that has changed since is a reason to refuse it. False: no run of the
 * caller's has this key. */
static bool run_repeat(struct request *request, const char *key)
{
        struct run run = { 0 };
        int r = store_run_get_key(request->daemon->store, request->peer.uid, key, &run);

        if (r == STORE_NOT_FOUND)
                return false;
        if (r == STORE_OK)
                run_accept(request, &run);
        else
                request_failed(request, r, NULL);
        run_done(&run);
        return true;
}

/* Where and how urgently it waits: as a schedule would have it. False: answered why not. */
static bool run_check_place(struct request *request, const char *pool, int64_t priority)
{
        struct error error = ERROR_INIT;

        if ((pool || priority != 0) && !authorise(&request->peer, ACTION_EDIT_SCHEDULES))
                request_deny(request, ACTION_EDIT_SCHEDULES);
        else if (pools_check_name(queue_pools(request->daemon->queue), pool, &error) < 0)
                request_invalid(request, "pool", error.text);
        else if (priority < RUN_PRIORITY_MIN || priority > RUN_PRIORITY_MAX)
                request_invalid(request, "priority", "-100 to 100");
        else
                return true;
        return false;
}

void request_run(struct request *request)
{
        const char *pool = request_string(request, "pool");
        int64_t priority = request_int(request, "priority", 0);
        const char *key = request_string(request, "key");
        struct run run = { .state = RUN_QUEUED, .exit_code = -1, .uid = request->peer.uid };
        struct error error = ERROR_INIT;

        if (request_check_task(request_string(request, "task"), &error) < 0) {
                request_invalid(request, "task", error.text);
                return;
        }
        if (request_take_args(request, &run.args, &error) < 0) {
                request_invalid(request, "args", error.text);
                return;
        }
        if (key && request_check_label(key, &error) < 0) {
                request_invalid(request, "key", error.text);
                json_decref(run.args);
                return;
        }
        if (key && run_repeat(request, key)) {
                json_decref(run.args);
                return;
        }
        if (run_check_place(request, pool, priority) &&
            request_check_policy(request, request_string(request, "task")) &&
            request_admit_run(request, pool)) {
                run.task = strdup(request_string(request, "task"));
                run.key = key ? strdup(key) : NULL;
                run.pool = pool ? strdup(pool) : NULL;
                run.priority = (int32_t)priority;
                run.queued_at_us = clock_realtime_us();
                if (!run.task || (key && !run.key) || (pool && !run.pool))
                        request_failed(request, -ENOMEM, NULL);
                else
                        run_add(request, &run);
        }
        run_done(&run);
}

/* ---- Logs, Wait ---- */

static void logs_begin(int result, struct request *request)
{
        struct run run = { 0 };

        if (result < 0) {
                request_failed(request, result, NULL);
                return;
        }
        if (!request_get_run(request, &run))
                return;
        follow_add(request->daemon->follow, request, &run, true, !request_bool(request, "follow", false));
        run_done(&run);
}

void request_logs(struct request *request)
{
        if (request->call.more)
                request_after_commit(request, logs_begin);
        else
                request_error(request, VARLINK_ERROR_EXPECTED_MORE, json_object());
}

static void wait_begin(int result, struct request *request)
{
        struct run run = { 0 };

        if (result < 0) {
                request_failed(request, result, NULL);
                return;
        }
        if (!request_get_run(request, &run))
                return;
        follow_add(request->daemon->follow, request, &run, false, false);
        run_done(&run);
}

void request_wait(struct request *request)
{
        /* What is said to have ended must have ended durably. */
        request_after_commit(request, wait_begin);
}

/* ---- Cancel ---- */

static void cancel_begin(struct request *request, struct run *run)
{
        struct daemon *daemon = request->daemon;

        if (run_state_is_final(run->state)) {
                request_error(request, "NotActive",
                              json_pack("{s:I, s:s}", "id", (json_int_t)run->id, "state",
                                        run_state_name(run->state)));
                return;
        }
        if (supervisor_cancel(daemon->supervisor, run->id) == 0) {
                follow_add(daemon->follow, request, run, false, false);
                return;
        }
        int r = run_end_waiting(daemon, run);
        if (r != STORE_OK)
                request_failed(request, r, r > 0 ? "the run has just ended" : NULL);
        else
                request_after_commit(request, wait_begin);
}

void request_cancel(struct request *request)
{
        struct run run = { 0 };

        if (!request_get_run(request, &run))
                return;
        cancel_begin(request, &run);
        run_done(&run);
}
