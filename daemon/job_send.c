/* SPDX-License-Identifier: MPL-2.0 */
/* A run on its way to the zygote: all that it is given. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/job.h"
#include "daemon/job_cgroup.h"
#include "daemon/zygotes.h"
#include "lib/cleanup.h"

static char **job_arguments(const struct run *run)
{
        size_t count = json_array_size(run->args);
        char **args = calloc(count + 1, sizeof(*args));

        for (size_t i = 0; args && i < count; i++)
                args[i] = (char *)json_string_value(json_array_get(run->args, i));
        return args;
}

int job_send(struct job *job, struct error *error)
{
        struct daemon *daemon = job->supervisor->daemon;
        _cleanup_free_ char **args = job_arguments(&job->run);
        int fds[WIRE_FD_MAX];
        size_t fd_count = WIRE_FD_COUNT;

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
        };
        int r = job_make_cgroup(job, error);
        if (r < 0)
                return r;
        r = job_open(job, fds);
        if (r == 0 && job->cgroup) {
                fds[WIRE_FD_CGROUP] = cgroup_directory(job->cgroup);
                fd_count += fds[WIRE_FD_CGROUP] >= 0;
        }
        if (r == 0)
                r = zygote_send(zygotes_get(daemon->zygotes, job->kind), &start, fds, fd_count,
                                &job->generation);
        for (size_t i = 0; i < fd_count; i++)
                close_keep_errno(fds[i]);
        if (r < 0)
                job_close(job);
        return r == -EAGAIN || r == 0 ? r : error_set_errno(error, -r, "descriptors and zygote");
}
