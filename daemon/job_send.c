/* SPDX-License-Identifier: MPL-2.0 */
/* A run on its way to the zygote: all that it is given. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/job.h"
#include "daemon/job_cgroup.h"
#include "daemon/scheduler.h"
#include "daemon/zygotes.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

static char **job_arguments(const struct run *run)
{
        size_t count = json_array_size(run->args);
        char **args = calloc(count + 1, sizeof(*args));

        for (size_t i = 0; args && i < count; i++)
                args[i] = (char *)json_string_value(json_array_get(run->args, i));
        return args;
}

/* Make what it is given: cgroup, files, output, result socket. -errno: a text. */
static int job_prepare(struct job *job, struct error *error)
{
        int r = job_make_cgroup(job, error);
        if (r < 0)
                return r;
        job->fd_count = WIRE_FD_COUNT;
        r = job_open(job, job->fds);
        if (r < 0) {
                job_close(job);
                return error_set_errno(error, -r, "descriptors");
        }
        job->fds[WIRE_FD_CGROUP] = job->cgroup ? cgroup_directory(job->cgroup) : -1;
        job->fd_count += job->fds[WIRE_FD_CGROUP] >= 0;
        return 0;
}

void job_close_sent(struct job *job)
{
        for (size_t i = 0; i < job->fd_count; i++)
                close_keep_errno(job->fds[i]);
        job->fd_count = 0;
}

/* When the run may begin, on the monotonic clock: a clock that was set back meanwhile does not hold it. 0: at once. */
static int64_t job_begin_us(const struct job *job)
{
        int64_t early_us = job->run.queued_at_us - clock_realtime_us();

        return early_us > 0 && early_us <= SCHEDULER_LEAD_US ? clock_monotonic_us() + early_us : 0;
}

/* To its zygote, which was acquired. 0: sent. -EAGAIN: later. Others: a text. */
static int job_send(struct job *job, struct error *error)
{
        struct daemon *daemon = job->supervisor->daemon;
        _cleanup_free_ char **args = job_arguments(&job->run);

        if (!args)
                return error_set_errno(error, ENOMEM, "arguments");
        const struct wire_start start = {
                .run_id = job->run.id,
                .epoch = job->run.epoch,
                .task = job->run.task,
                .args = args,
                .profile = job->profile,
                .profiles = daemon->locations.persistent,
                .schedule = job->run.schedule ? job->run.schedule : "",
                .policy = job->policy->text,
                .control = daemon->locations.socket,
                .nominal_at_us = job->run.nominal_at_us,
                .begin_monotonic_us = job_begin_us(job),
        };
        int r = job_prepare(job, error);
        if (r < 0)
                return r;
        r = zygote_send(zygotes_get(daemon->zygotes, job->kind), &start, job->fds, job->fd_count,
                        &job->generation);
        if (r < 0)
                job_close(job);
        else
                job_close_sent(job);
        return r == -EAGAIN || r == 0 ? r : error_set_errno(error, -r, "zygote");
}

void supervisor_feed(struct supervisor *supervisor, enum zygote_kind kind)
{
        struct job *job;

        while ((job = STAILQ_FIRST(&supervisor->waiting[kind]))) {
                struct zygote *zygote = zygotes_get(supervisor->daemon->zygotes, kind);
                if (!(job->generation && zygote_is_acquired(zygote, job->generation)) &&
                    !zygote_acquire(zygote, &job->generation))
                        return;
                struct error error = ERROR_INIT;
                int r = job_send(job, &error);
                if (r == -EAGAIN)
                        return;
                if (r == 0) {
                        log_debug("run %" PRId64 " is with the zygote", job->run.id);
                        job_set_state(job, JOB_SENT);
                } else {
                        _cleanup_free_ char *why = format_string("the run could not be set up: %s",
                                                                 error.text);
                        job_give_up(job, why ? why : "out of memory");
                }
        }
}

void job_go(struct job *job)
{
        struct supervisor *supervisor = job->supervisor;

        if (supervisor->ending || supervisor->settling) {
                job_requeue(job, NULL);
                return;
        }
        if (job->reason != END_BY_ITSELF || job->policy->error) {
                job_give_up(job, job->reason == END_BY_ITSELF ? job->policy->error : NULL);
                return;
        }
        job_set_state(job, JOB_WAITING);
        supervisor_feed(supervisor, job->kind);
}
