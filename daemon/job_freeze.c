/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A run that is frozen until a condition of its schedule holds again. By its cgroup where it has one, which takes all of
 * its processes; else its process group is stopped. The run's file has how long, for the next daemon, and for the run:
 * neither its own timeout nor our deadline goes on meanwhile.
 */
#include "config.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/job.h"
#include "lib/clock.h"
#include "lib/log.h"

static void freeze_write(const struct job *job)
{
        const struct run *run = &job->run;
        int r = job->has_files ? run_file_set_frozen(job->supervisor->daemon->runs_fd, run->id, run->epoch,
                                                     job->frozen_us, job->frozen_since_us)
                               : 0;

        if (r < 0)
                log_warning("run %" PRId64 ": its file cannot say that it is frozen: %s", run->id,
                            strerror(-r));
}

void job_freeze(struct job *job, const char *why)
{
        if (job->state != JOB_ALIVE || job->frozen_since_us || job->terminated || job->kills)
                return;
        job->frozen_since_us = clock_monotonic_us();
        freeze_write(job);
        if (!job->cgroup || cgroup_freeze(job->cgroup, true) < 0)
                job_signal(job, SIGSTOP);
        log_notice("run %" PRId64 " (%s) is frozen: %s", job->run.id, job->run.task, why);
        job_arm_deadline(job);
}

void job_thaw(struct job *job)
{
        if (!job->frozen_since_us)
                return;
        int64_t took_us = clock_monotonic_us() - job->frozen_since_us;

        job->frozen_since_us = 0;
        job->frozen_us += took_us;
        if (job->begun_monotonic_us)
                job->begun_monotonic_us += took_us;
        freeze_write(job);
        if (job->cgroup)
                (void)cgroup_freeze(job->cgroup, false);
        job_signal(job, SIGCONT);
        log_notice("run %" PRId64 " (%s) goes on", job->run.id, job->run.task);
        if (job->state == JOB_ALIVE && !job->terminated && !job->kills)
                job_arm_deadline(job);
}

bool supervisor_freeze(struct supervisor *supervisor, int64_t run_id, const char *why)
{
        struct job *job = job_find(supervisor, run_id);

        if (job && why)
                job_freeze(job, why);
        else if (job)
                job_thaw(job);
        return job && job->frozen_since_us;
}

void supervisor_lose_condition(struct supervisor *supervisor, int64_t run_id, const char *why)
{
        struct job *job = job_find(supervisor, run_id);

        if (!job || job->reason != END_BY_ITSELF || job->has_report)
                return;
        log_notice("run %" PRId64 " (%s) is ended: %s", job->run.id, job->run.task, why);
        free(job->lost);
        job->lost = strdup(why); /* without it its record says less */
        job_end(job, END_CONDITION);
}
