/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/usage.h"
#include "lib/util.h"

#define RUN_ATTEMPTS_MAX 16 /* that are kept */

static const char *const state_names[RUN_STATE_COUNT] = {
        [RUN_QUEUED] = "queued",           [RUN_STARTING] = "starting", [RUN_RUNNING] = "running",
        [RUN_FINISHED] = "finished",       [RUN_HELD] = "held",         [RUN_CANCELLED] = "cancelled",
        [RUN_INTERRUPTED] = "interrupted", [RUN_LOST] = "lost",
};

static const char *const result_names[RUN_RESULT_COUNT] = {
        [RUN_RESULT_NONE] = "",
        [RUN_RESULT_SUCCESS] = "success",
        [RUN_RESULT_EXITED] = "exited",
        [RUN_RESULT_NOT_FOUND] = "not_found",
        [RUN_RESULT_EXCEPTION] = "exception",
        [RUN_RESULT_TIMEOUT] = "timeout",
        [RUN_RESULT_QUIT] = "quit",
        [RUN_RESULT_KILLED] = "killed",
        [RUN_RESULT_DEADLINE] = "deadline",
        [RUN_RESULT_MEMORY] = "memory",
        [RUN_RESULT_SETUP_FAILED] = "setup_failed",
        [RUN_RESULT_CANCELLED] = "cancelled",
        [RUN_RESULT_INTERRUPTED] = "interrupted",
        [RUN_RESULT_CONDITION_LOST] = "condition_lost",
};

static int name_find(const char *const *names, size_t count, const char *name)
{
        if (!name)
                return -1;
        for (size_t i = 0; i < count; i++)
                if (strcmp(names[i], name) == 0)
                        return (int)i;
        return -1;
}

const char *run_state_name(enum run_state state)
{
        return state_names[state];
}

int run_state_parse(const char *name)
{
        return name_find(state_names, RUN_STATE_COUNT, name);
}

const char *run_result_name(enum run_result result)
{
        return result_names[result];
}

int run_result_parse(const char *name)
{
        return name_find(result_names, RUN_RESULT_COUNT, name);
}

bool run_state_is_final(enum run_state state)
{
        switch (state) {
        case RUN_QUEUED:
        case RUN_STARTING:
        case RUN_RUNNING:
        case RUN_HELD:
                return false;
        case RUN_FINISHED:
        case RUN_CANCELLED:
        case RUN_INTERRUPTED:
        case RUN_LOST:
        case RUN_STATE_COUNT:
                break;
        }
        return true;
}

bool run_failed(const struct run *run)
{
        return run_state_is_final(run->state) && run->result != RUN_RESULT_SUCCESS;
}

/* The members of Run that a run's detail holds under the same names. */
static const char *const detail_members[] = {
        "exitValue", "message", "error", "sandbox", "denied", "attempts"
};

static int run_add_detail(const struct run *run, json_t *json, const char *name)
{
        json_t *value = json_object_get(run->detail, name);

        return value && !json_is_null(value) ? json_object_set(json, name, value) : 0;
}

/* Optional members: absent stands for "not known" and "does not apply". */
static int run_to_json_optional(const struct run *run, json_t *json)
{
        int r = 0;

        if (run->result != RUN_RESULT_NONE)
                r |= json_object_set_new(json, "result", json_string(run_result_name(run->result)));
        if (run->exit_code >= 0)
                r |= json_object_set_new(json, "exitCode", json_integer(run->exit_code));
        if (run->frozen_since_us > 0)
                r |= json_object_set_new(json, "frozenSince", json_integer(run->frozen_since_us));
        if (run->signal > 0)
                r |= json_object_set_new(json, "signal", json_integer(run->signal));
        if (run->schedule) {
                r |= json_object_set_new(json, "schedule", json_string(run->schedule));
                r |= json_object_set_new(json, "nominalAt", json_integer(run->nominal_at_us));
        }
        if (run->pool && run->pool[0])
                r |= json_object_set_new(json, "pool", json_string(run->pool));
        if (run->priority)
                r |= json_object_set_new(json, "priority", json_integer(run->priority));
        if (run->started_at_us)
                r |= json_object_set_new(json, "startedAt", json_integer(run->started_at_us));
        if (run->finished_at_us)
                r |= json_object_set_new(json, "finishedAt", json_integer(run->finished_at_us));
        if (run->pid)
                r |= json_object_set_new(json, "pid", json_integer(run->pid));

        for (size_t i = 0; i < ARRAY_SIZE(detail_members); i++)
                r |= run_add_detail(run, json, detail_members[i]);
        for (size_t i = 0; i < USAGE_MEMBERS; i++)
                r |= run_add_detail(run, json, usage_members[i].name);
        return r;
}

json_t *run_to_json(const struct run *run)
{
        json_t *json = json_object();
        if (!json)
                return NULL;

        int r = 0;
        r |= json_object_set_new(json, "id", json_integer(run->id));
        r |= json_object_set_new(json, "task", json_string(run->task));
        r |= run->args ? json_object_set(json, "args", run->args)
                       : json_object_set_new(json, "args", json_array());
        r |= json_object_set_new(json, "state", json_string(run_state_name(run->state)));
        r |= json_object_set_new(json, "uid", json_integer((json_int_t)run->uid));
        r |= json_object_set_new(json, "queuedAt", json_integer(run->queued_at_us));
        r |= json_object_set_new(json, "epoch", json_integer(run->epoch));
        r |= json_object_set_new(json, "outputBytes", json_integer(run->output_bytes));
        r |= json_object_set_new(json, "outputDropped", json_integer(run->output_dropped));
        r |= run_to_json_optional(run, json);
        if (r < 0) {
                json_decref(json);
                return NULL;
        }
        return json;
}

int run_add_attempt(struct run *run, const char *why, bool began)
{
        json_t *detail = json_object(), *list = json_object_get(run->detail, "attempts");
        json_t *attempts = json_is_array(list) ? json_copy(list) : json_array();
        json_t *attempt = json_pack("{s:I, s:b, s:s}", "epoch", (json_int_t)run->epoch, "began", began,
                                    "message", why);

        if (attempt && run->started_at_us)
                json_object_set_new(attempt, "startedAt", json_integer(run->started_at_us));
        if (json_array_size(attempts) >= RUN_ATTEMPTS_MAX)
                json_array_remove(attempts, 0);
        int r = json_array_append_new(attempts, attempt);
        r |= json_object_set_new(detail, "attempts", attempts);
        if (r < 0) {
                json_decref(detail);
                return -ENOMEM;
        }
        json_decref(run->detail);
        run->detail = detail;
        return 0;
}

unsigned run_repeats(const struct run *run)
{
        unsigned count = 0;
        json_t *attempt;
        size_t i;

        json_array_foreach(json_object_get(run->detail, "attempts"), i, attempt)
                count += json_is_true(json_object_get(attempt, "began"));
        return count;
}

unsigned run_attempts(const struct run *run, const char *why)
{
        unsigned count = 0;
        json_t *attempt;
        size_t i;

        json_array_foreach(json_object_get(run->detail, "attempts"), i, attempt) {
                const char *message = json_string_value(json_object_get(attempt, "message"));
                count += message && strcmp(message, why) == 0;
        }
        return count;
}

void run_done(struct run *run)
{
        if (!run)
                return;
        free(run->task);
        free(run->key);
        free(run->schedule);
        free(run->pool);
        json_decref(run->args);
        json_decref(run->detail);
        memset(run, 0, sizeof(*run));
}
