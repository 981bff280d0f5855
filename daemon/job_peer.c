/* SPDX-License-Identifier: MPL-2.0 */
/* Runs as clients of the daemon that runs them: who they are, and what is recorded when they may not. */
#include "config.h"

#include <inttypes.h>

#include "daemon/daemon.h"
#include "daemon/job.h"
#include "daemon/job_cgroup.h"
#include "lib/log.h"

static struct job *job_of_process(const struct supervisor *supervisor, pid_t pid)
{
        struct job *job;

        TAILQ_FOREACH(job, &supervisor->jobs, all)
        if (job->pid == pid && (job->state == JOB_ALIVE || job->state == JOB_EXITED))
                return job;
        return NULL;
}

bool supervisor_has_process(const struct supervisor *supervisor, pid_t pid)
{
        return job_of_process(supervisor, pid) != NULL;
}

bool supervisor_awaits_process(const struct supervisor *supervisor, pid_t pid)
{
        const struct job *job;

        TAILQ_FOREACH(job, &supervisor->jobs, all)
        if ((job->state == JOB_SENT || job->state == JOB_ORPHANED) &&
            run_file_pid(supervisor->daemon->runs_fd, job->run.id, job->run.epoch) == pid)
                return true;
        return false;
}

bool supervisor_find_run_of_process(const struct supervisor *supervisor, pid_t pid, struct run_client *ret)
{
        const struct job *job = job_of_process(supervisor, pid);

        if (!job)
                return false;
        *ret = (struct run_client){ .run_id = job->run.id,
                                    .uid = job->run.uid,
                                    .control_socket = job->control_socket };
        return true;
}

bool supervisor_is_starting(const struct supervisor *supervisor)
{
        const struct job *job;

        TAILQ_FOREACH(job, &supervisor->jobs, all)
        if (job->state == JOB_SENT || job->state == JOB_ORPHANED)
                return true;
        return false;
}

void supervisor_denied(struct supervisor *supervisor, int64_t run_id, const char *what, const char *key)
{
        const struct wire_report report = { .event = WIRE_EVENT_DENIED,
                                            .what = (char *)what,
                                            .key = (char *)key };
        struct job *job;

        log_notice("run %" PRId64 " may not %s; %s would allow it", run_id, what, key);
        TAILQ_FOREACH(job, &supervisor->jobs, all)
        if (job->run.id == run_id && job_denied(job, &report) < 0)
                log_error("run %" PRId64 ": what it was denied cannot be recorded: out of memory", run_id);
}
