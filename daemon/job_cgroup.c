/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/job_cgroup.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/daemon.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

#define DENIED_MAX 32       /* different ones; further are counted */
#define DENIED_TEXT_MAX 512 /* bytes of each text; what a run tells is no longer */

void job_limits(const struct task_policy *policy, struct cgroup_limits *ret)
{
        _Static_assert(CGROUP_NO_LIMIT == TASK_NO_LIMIT, "no limit is no limit");
        *ret = (struct cgroup_limits){
                /* Where the file says nothing the engine's own budget counts. */
                .memory_max = policy->memory_max ? policy->memory_max : CGROUP_NO_LIMIT,
                .memory_swap_max = policy->memory_swap_max,
                .tasks_max = policy->tasks_max,
                .cpu_quota = policy->cpu_quota,
                .io_weight = policy->io_weight,
        };
}

int job_make_cgroup(struct job *job, struct error *error)
{
        struct cgroups *cgroups = job->supervisor->daemon->cgroups;
        struct cgroup_limits limits;

        if (job->cgroup || !cgroups_available(cgroups))
                return 0;
        if (cgroup_new(cgroups, job->run.id, job->run.epoch, &job->cgroup, error) < 0) {
                /* The run's record says that it had none, and a task that cannot do without requires it. */
                log_warning("run %" PRId64 ": %s", job->run.id, error->text);
                return 0;
        }
        job_limits(&job->policy->file.policy, &limits);
        return cgroup_limit(job->cgroup, &limits, error);
}

void job_take_usage(struct job *job, struct usage *usage, bool *ret_out_of_memory)
{
        struct cgroup_usage of_cgroup;

        if (job->cgroup) {
                cgroup_usage(job->cgroup, &of_cgroup);
                usage_add_cgroup(usage, &of_cgroup);
                *ret_out_of_memory = of_cgroup.oom_kills > 0;
        }
        if (job->has_report)
                usage_add_report(usage, &job->report.result);
}

void job_end_cgroup(struct job *job)
{
        cgroup_end(job->cgroup);
        job->cgroup = NULL;
}

/* ---- denials ---- */

static json_t *denied_text(const char *text)
{
        _cleanup_free_ char *valid = utf8_repair(text, strnlen(text, DENIED_TEXT_MAX));

        return valid ? json_string(valid) : NULL;
}

static bool denied_is(const json_t *entry, const char *name, const json_t *text)
{
        return json_equal(json_object_get(entry, name), text) || (!text && !json_object_get(entry, name));
}

/* @total: how often the run says that it was; 0: it is ourselves who count. */
static void denied_count(json_t *entry, int64_t total)
{
        json_t *count = json_object_get(entry, "count");

        json_integer_set(count,
                         total > 0 ? MAX(total, json_integer_value(count)) : json_integer_value(count) + 1);
}

/* The first of those that are no longer kept apart gets the last entry. */
static int denied_further(json_t *denied)
{
        json_t *last = json_array_get(denied, DENIED_MAX);

        if (last) {
                denied_count(last, 0);
                return 0;
        }
        return json_array_append_new(denied, json_pack("{s:s, s:i}", "what", "others", "count", 1));
}

int job_denied(struct job *job, const struct wire_report *report)
{
        json_t *what = denied_text(report->what ? report->what : "");
        json_t *key = report->key ? denied_text(report->key) : NULL;
        size_t i;
        json_t *entry;
        int r = what && (key || !report->key) ? 0 : -ENOMEM;

        if (r == 0 && !job->denied)
                r = (job->denied = json_array()) ? 0 : -ENOMEM;
        json_array_foreach(job->denied, i, entry)
                if (r == 0 && i < DENIED_MAX && denied_is(entry, "what", what) &&
                    denied_is(entry, "key", key)) {
                        denied_count(entry, report->count);
                        json_decref(what);
                        json_decref(key);
                        return 0;
                }
        if (r == 0 && json_array_size(job->denied) >= DENIED_MAX)
                r = denied_further(job->denied);
        else if (r == 0)
                r = json_array_append_new(job->denied, json_pack("{s:O, s:O*, s:I}", "what", what, "key", key,
                                                                 "count", (json_int_t)MAX(report->count, 1)));
        json_decref(what);
        json_decref(key);
        return r;
}
