/* SPDX-License-Identifier: MPL-2.0 */
/* Status and Tasks. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/degraded.h"
#include "daemon/policies.h"
#include "daemon/pools.h"
#include "daemon/queue.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/scheduler.h"
#include "daemon/store_pool.h"
#include "daemon/store_schedule.h"
#include "daemon/store_user.h"
#include "daemon/supervise.h"
#include "daemon/tasks.h"
#include "daemon/zygotes.h"
#include "lib/util.h"

/* ---- Status ---- */

static int status_add(json_t *status, const char *name, json_t *value)
{
        return json_object_set_new(status, name, value) < 0 ? -ENOMEM : 0;
}

static int status_add_zygotes(json_t *status, const struct daemon *daemon)
{
        json_t *all = json_array();
        int r = 0;

        for (size_t kind = 0; all && r == 0 && kind < ZYGOTE_KIND_COUNT; kind++) {
                const struct zygote_status zygote = zygote_status(
                        zygotes_get(daemon->zygotes, (enum zygote_kind)kind));
                if (zygote.pid == 0)
                        continue;
                json_t *entry = json_pack("{s:s, s:i, s:I, s:I}", "kind",
                                          zygote_kind_name((enum zygote_kind)kind), "pid", (int)zygote.pid,
                                          "startedAt", (json_int_t)zygote.started_at_us, "runs",
                                          (json_int_t)zygote.runs);
                if (zygote.sandbox[0] && utf8_is_valid(zygote.sandbox, strlen(zygote.sandbox)))
                        r |= status_add(entry, "sandbox", json_string(zygote.sandbox));
                if (zygote.memory_bytes > 0)
                        r |= status_add(entry, "memoryBytes", json_integer(zygote.memory_bytes));
                /* What clients of the time with one zygote look at: any. */
                r |= json_object_set(status, "zygote", entry) | json_array_append_new(all, entry);
        }
        return r < 0 || !all ? -ENOMEM : status_add(status, "zygotes", all);
}

/* Of all runs, or of those of a client that sees no others. */
static int status_count_runs(const struct request *request, struct run_counts *ret)
{
        const struct daemon *daemon = request->daemon;

        if (!authorise(&request->peer, ACTION_SEE_OTHERS)) {
                *ret = store_user_counts(daemon->store, request->peer.uid);
                return 0;
        }
        int r = store_run_count(daemon->store, RUN_QUEUED, &ret->queued);
        ret->active = (int64_t)supervisor_active(daemon->supervisor);
        return r == 0 ? store_run_total(daemon->store, &ret->total) : r;
}

static int status_add_sandbox(json_t *status, const struct daemon *daemon)
{
        char text[SANDBOX_TEXT_MAX];
        struct sandbox sandbox;

        if (!degraded_sandbox(daemon, &sandbox))
                return 0;
        sandbox_text(&sandbox, text);
        return status_add(status, "sandbox", json_string(text));
}

/* ---- pools ---- */

struct status_pools {
        struct pools *pools;
        json_t *undefined;
};

static void status_undefined(const struct pool_load *load, void *data)
{
        struct status_pools *status = data;

        if (pools_check_name(status->pools, load->name, NULL) < 0)
                json_array_append_new(status->undefined, json_string(load->name));
}

/* What waits and runs in them is said to whoever sees all runs. */
static json_t *status_pool(const struct pool *pool, bool all)
{
        json_t *json = json_pack("{s:s, s:i, s:i, s:i}", "name", pool->setting.name, "weight",
                                 (int)pool->setting.weight, "maxRunning", (int)pool->setting.max_running,
                                 "maxQueued", (int)pool->setting.max_queued);
        if (json && all) {
                json_object_set_new(json, "queued", json_integer(pool->queued));
                json_object_set_new(json, "running", json_integer(pool->running));
        }
        return json;
}

static int status_add_pools(json_t *status, const struct request *request)
{
        const struct daemon *daemon = request->daemon;
        bool all = authorise(&request->peer, ACTION_SEE_OTHERS);
        struct status_pools named = { queue_pools(daemon->queue), json_array() };
        json_t *list = json_array();
        const struct pool *pool;
        int r = list && named.undefined ? 0 : -ENOMEM;

        queue_look(daemon->queue);
        for (size_t i = 0; r == 0 && (pool = pools_at(named.pools, i)); i++)
                r = json_array_append_new(list, status_pool(pool, all)) < 0 ? -ENOMEM : 0;
        if (r == 0 && all)
                store_pool_each(daemon->store, status_undefined, &named);
        if (r == 0 && json_array_size(named.undefined) > 0)
                r = status_add(status, "undefinedPools", json_incref(named.undefined));
        json_decref(named.undefined);
        if (r == 0)
                return status_add(status, "pools", list);
        json_decref(list);
        return r;
}

static int status_add_counts(json_t *status, const struct request *request)
{
        const struct daemon *daemon = request->daemon;
        struct run_counts counts = { 0 };
        int64_t schedules = 0, since_us = 0;
        int64_t next_us = scheduler_next_us(daemon->scheduler);
        int r = status_count_runs(request, &counts);

        if (r == 0)
                r = store_schedule_count(daemon->store, &schedules);
        if (r == 0)
                r = status_add(status, "queued", json_integer(counts.queued));
        if (r == 0)
                r = status_add(status, "running", json_integer(counts.active));
        if (r == 0)
                r = status_add(status, "runs", json_integer(counts.total));
        if (r == 0)
                r = status_add(status, "schedules", json_integer(schedules));
        if (r == 0 && next_us)
                r = status_add(status, "nextAt", json_integer(next_us));
        if (r == 0)
                r = store_ledger_since(daemon->store, &since_us);
        if (r == 0 && since_us)
                r = status_add(status, "ledgerSince", json_integer(since_us));
        return r;
}

static void status_begin(int result, struct request *request)
{
        const struct daemon *daemon = request->daemon;
        json_t *status = json_pack("{s:s, s:s, s:s, s:i, s:I, s:s, s:s, s:s, s:s, s:i, s:I, s:i, s:s, s:o}",
                                   "version", PACKAGE_VERSION, "engine", ENGINE_NAME, "instance",
                                   daemon->options->system ? "system" : "user", "pid", (int)getpid(),
                                   "startedAt", (json_int_t)daemon->started_at_us, "stateDirectory",
                                   daemon->locations.state, "runtimeDirectory", daemon->locations.runtime,
                                   "appDirectory", daemon->locations.app, "socket",
                                   control_path(daemon->control), "maxRunning",
                                   (int)daemon_setting(daemon, SETTING_RUNS_MAX_RUNNING), "clients",
                                   (json_int_t)control_clients(daemon->control), "schemaVersion",
                                   store_schema_version(daemon->store), "role", role_name(request->peer.role),
                                   "degraded", degraded_to_json(daemon));
        int r = result < 0 ? result : status ? 0 : -ENOMEM;

        if (r == 0)
                r = status_add_counts(status, request);
        if (r == 0)
                r = status_add_pools(status, request);
        if (r == 0)
                r = status_add_zygotes(status, daemon);
        if (r == 0)
                r = status_add_sandbox(status, daemon);
        if (r != 0) {
                json_decref(status);
                request_failed(request, r, NULL);
                return;
        }
        request_reply(request, json_pack("{s:o}", "status", status), false);
}

void request_status(struct request *request)
{
        request_after_commit(request, status_begin);
}

/* ---- Tasks ---- */

static json_t *task_to_json(struct policies *policies, const struct task_entry *task)
{
        struct policy *policy = policies_get(policies, task->name);
        json_t *json = json_pack("{s:s, s:s, s:s}", "name", task->name, "origin",
                                 task_origin_name(task->origin), "path", task->path);
        int r = 0;

        if (policy->error)
                r = json_object_set_new(json, "problem", json_string(policy->error));
        else if (policy->file.policy.description)
                r = json_object_set_new(json, "description", json_string(policy->file.policy.description));
        policy_unref(policy);
        if (r == 0)
                return json;
        json_decref(json);
        return NULL;
}

/* Up to TASKS_MAX short entries: with `more` they go out in parts, at once. */
static int tasks_answer(struct request *request, const struct task_list *list)
{
        struct request_batch batch;
        size_t at = 0;

        for (;;) {
                int r = request_batch_begin(&batch, request->call.more);
                for (; r == 0 && at < list->count; at++) {
                        r = request_batch_add(&batch,
                                              task_to_json(request->daemon->policies, &list->entries[at]));
                        if (r != 0)
                                break;
                }
                if (r < 0 || (r == 1 && !request->call.more)) {
                        request_batch_done(&batch);
                        return r;
                }
                request_reply(request, json_pack("{s:o}", "tasks", batch.items), at < list->count);
                if (at == list->count)
                        return 0;
        }
}

void request_tasks(struct request *request)
{
        struct task_list list = { 0 };
        int r = task_list_read(request->daemon->locations.app, request->daemon->locations.gre, &list);

        if (r == 0)
                r = tasks_answer(request, &list);
        task_list_done(&list);
        if (r == 1)
                request_error(request, VARLINK_ERROR_EXPECTED_MORE, json_object());
        else if (r == -E2BIG)
                request_failed(request, r, "there are more than 10000 tasks");
        else if (r < 0)
                request_failed(request, r, NULL);
}
