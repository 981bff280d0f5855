/* SPDX-License-Identifier: MPL-2.0 */
/* The end of a run under way: what became of it, recorded; or back into the queue. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/group.h"
#include "daemon/helper.h"
#include "daemon/job.h"
#include "daemon/job_cgroup.h"
#include "daemon/orphans.h"
#include "daemon/process.h"
#include "daemon/scheduler.h"
#include "daemon/signals.h"
#include "daemon/store.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/util.h"

#define JOB_REAP_US (10 * (int64_t)USEC_PER_MSEC)
#define JOB_REAP_ATTEMPTS 500
#define JOB_ATTEMPTS_MAX 3 /* starts that may come to nothing for the same reason */

static void job_log_end(const struct job *job)
{
        const struct run *run = &job->run;
        int64_t took_us = run->started_at_us ? run->finished_at_us - run->started_at_us : 0;
        char how[48] = "no exit code";

        if (run->signal)
                snprintf(how, sizeof(how), "signal %d", run->signal);
        else if (run->exit_code >= 0)
                snprintf(how, sizeof(how), "exit code %d", run->exit_code);
        log_info("run %" PRId64 " %s: task %s, result %s, %s, %" PRId64 ".%03" PRId64 " s", run->id,
                 run_state_name(run->state), run->task, run_result_name(run->result), how,
                 took_us / (int64_t)USEC_PER_SEC, took_us % (int64_t)USEC_PER_SEC / 1000);
}

static void job_recorded(int result, void *data)
{
        struct job *job = data;
        struct daemon *daemon = job->supervisor->daemon;

        if (result < 0) {
                job_arm(job, (int64_t)USEC_PER_SEC); /* again, until it is durable or the daemon ends */
                return;
        }
        job_log_end(job);
        job_remove_files(job);
        follow_ended(daemon->follow, &job->run);
        job_free(job);
        daemon_check_stopped(daemon);
}

/* Write the end into the open transaction. The job stays until that is durable. */
static void job_record(struct job *job)
{
        struct daemon *daemon = job->supervisor->daemon;
        int r = store_run_finish(daemon->store, &job->run);

        if (r == STORE_NOT_FOUND)
                log_error("run %" PRId64 ".%" PRId64 ": the store does not have it as being under way",
                          job->run.id, job->run.epoch);
        else if (r != STORE_OK) {
                job_arm(job, (int64_t)USEC_PER_SEC);
                daemon_kick(daemon); /* the commit tells what is wrong with the store */
                return;
        }
        group_after_commit(daemon->group, job_recorded, job);
        if (r == STORE_OK)
                scheduler_run_ended(daemon->scheduler, &job->run);
}

static void job_conclude(struct job *job, const struct ending *ending)
{
        struct run *run = &job->run;

        /* Both are the run's own word, unless the clock was set back. */
        run->finished_at_us = job->adopted && job->ended_at_us ? MAX(job->ended_at_us, run->started_at_us)
                                                               : clock_realtime_us();
        if (job->writer) {
                run->output_bytes = output_bytes(job->writer);
                run->output_dropped = output_dropped(job->writer);
                run->output_stored = output_stored(job->writer);
        }
        if (conclude(ending, run) < 0)
                log_error("run %" PRId64 ": out of memory for the details of its end", run->id);
        job_set_state(job, JOB_RECORDING);
        daemon_kick(job->supervisor->daemon);
        job_record(job);
}

static void job_remove_profile(struct job *job)
{
        struct daemon *daemon = job->supervisor->daemon;

        if (access(job->profile, F_OK) == 0 && helper_remove(daemon->helper, job->profile) < 0)
                log_warning("%s: out of memory, not removed", job->profile);
}

/* What is left of its process group goes with it; unreaped, the leader keeps the number from others. A child without a
 * pidfd may be a moment away from its end: it has closed everything, and gets some time. */
static int job_reap(struct job *job, struct process_end *ret)
{
        if (job->pid <= 1 || job->abandoned || !job_owns_number(job))
                return 0;
        if (job->pidfd >= 0 || job->adopted || job->reap_attempts++ >= JOB_REAP_ATTEMPTS)
                kill(-job->pid, SIGKILL);
        return process_reap(job->pid, job->pidfd, ret);
}

/* Whom somebody else reaps we take at its word. */
static void job_own_account(const struct job *job, struct process_end *end)
{
        if (end->exited || end->signaled || !(job->has_report || job->has_setup_failure) || job->abandoned)
                return;
        end->exited = true;
        end->exit_code = job->has_report ? job->report.result.exit_code : TASK_EXIT_START_FAILED;
}

/* LimitCPU=; 0: none. */
static int64_t job_cpu_limit_us(const struct job *job)
{
        uint64_t limit_sec = job->policy->file.policy.limit_cpu_sec;

        return limit_sec > INT64_MAX / USEC_PER_SEC ? 0 : (int64_t)(limit_sec * USEC_PER_SEC);
}

void job_finish(struct job *job)
{
        struct process_end end = { 0 };

        if (job->state == JOB_RECORDING) {
                job_record(job);
                return;
        }
        int r = job_reap(job, &end);
        if (r == -EAGAIN) {
                job_arm(job, JOB_REAP_US);
                return;
        }
        if (r < 0)
                log_error("run %" PRId64 ": cannot be reaped: %s", job->run.id, strerror(-r));
        if (job->pidfd >= 0)
                event_del(&job->exit_event);
        if (job->adopted && !end.exited && !end.signaled && job->reason != END_INTERRUPTED &&
            job->reason != END_LOST && job_conclude_adopted(job))
                return;
        job_own_account(job, &end);
        job_remove_profile(job);
        if (job->own_signal && end.exited && end.exit_code == 128 + job->own_signal) {
                end.exited = false;
                end.signaled = true;
                end.signal = job->own_signal;
        }
        bool out_of_memory = false;
        job_take_usage(job, &end.usage, &out_of_memory);
        job_end_cgroup(job);
        const struct ending ending = {
                .reason = job->reason,
                .limit_us = job->deadline_us,
                .exited = end.exited,
                .signaled = end.signaled,
                .exit_code = end.exit_code,
                .signal = end.signal,
                .report = job->has_report ? &job->report : NULL,
                .setup_failure = job->has_setup_failure ? &job->setup_failure : NULL,
                .reached_task = job->reached_task,
                .why = job->lost ? job->lost : job->why,
                .abandoned = job->abandoned,
                .usage = end.usage,
                .out_of_memory = out_of_memory,
                .cpu_limit_us = job_cpu_limit_us(job),
                .sandbox = job->sandbox,
                .denied = job->denied,
        };
        struct daemon *daemon = job->supervisor->daemon;
        bool contained = job->sandbox && strstr(job->sandbox, "pidns");
        job_conclude(job, &ending);
        signals_sweep(daemon);
        if (!contained)
                orphans_end(daemon);
}

void job_give_up(struct job *job, const char *why)
{
        const struct ending ending = { .reason = job->reason, .setup_error = why, .why = job->lost };

        if (why)
                log_error("run %" PRId64 " (%s): %s", job->run.id, job->run.task, why);
        job_close(job);
        job_end_cgroup(job);
        job_remove_profile(job);
        job_conclude(job, &ending);
}

struct requeued {
        struct daemon *daemon;
        int64_t run_id, epoch;
};

static void job_requeued(int result, void *data)
{
        struct requeued *requeued = data;
        struct daemon *daemon = requeued->daemon;

        /* As long as it is not durable, the files tell the next daemon. */
        if (result < 0)
                log_error(
                        "a run could not be put back into the queue: it waits for the next start of the daemon");
        else
                job_unlink_files(daemon, requeued->run_id, requeued->epoch);
        free(requeued);
        daemon_check_stopped(daemon);
}

void job_requeue(struct job *job, const char *why)
{
        struct daemon *daemon = job->supervisor->daemon;
        struct requeued *requeued = malloc(sizeof(*requeued));

        if (job->reason == END_CANCELLED ||
            (why && !job->entered && run_attempts(&job->run, why) + 1 >= JOB_ATTEMPTS_MAX && !job->adopted)) {
                free(requeued);
                job_give_up(job, job->reason == END_CANCELLED ? NULL : why);
                return;
        }
        if (why) {
                log_warning("run %" PRId64 " (%s) is queued again: %s", job->run.id, job->run.task, why);
                if (run_add_attempt(&job->run, why, job->entered) < 0)
                        log_error("run %" PRId64 ": out of memory for the details of this attempt",
                                  job->run.id);
        }
        job_close(job);
        job_end_cgroup(job);
        job_remove_profile(job);
        int r = store_run_requeue(daemon->store, &job->run);
        if (r != STORE_OK)
                log_error("run %" PRId64 " could not be put back into the queue (%d)", job->run.id, r);
        if (requeued)
                *requeued = (struct requeued){ daemon, job->run.id, job->run.epoch };
        job_set_state(job, JOB_RECORDING);
        job_free(job);
        daemon_kick(daemon);
        if (requeued)
                group_after_commit(daemon->group, job_requeued, requeued);
}
