/* SPDX-License-Identifier: MPL-2.0 */
/* A run that has a process: its deadline, its end by us, its exit. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/guards.h"
#include "daemon/job.h"
#include "daemon/process.h"
#include "daemon/store.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define JOB_EXIT_US ((int64_t)USEC_PER_SEC)
#define JOB_LOOK_US ((int64_t)USEC_PER_SEC) /* how often the file of a run is read that cannot tell us */
#define JOB_KILL_US (5 * (int64_t)USEC_PER_SEC)
#define JOB_KILLS_MAX 3
#define JOB_FROZEN_US (366 * 86400 * (int64_t)USEC_PER_SEC) /* nothing is due before it thaws */

static int64_t job_grace_us(const struct job *job)
{
        return (int64_t)daemon_setting(job->supervisor->daemon, SETTING_RUNS_GRACE_SEC) *
               (int64_t)USEC_PER_SEC;
}

/* An adopted run of which no pidfd can be had here (degraded.c says so): its lock and its number tell. */
static bool job_is_polled(const struct job *job)
{
        return job->adopted && job->pidfd < 0;
}

/* That, or one that is adopted before its task is called: it has no socket to tell of that. */
static bool job_must_be_looked_at(const struct job *job)
{
        return job_is_polled(job) || (job->result_fd < 0 && !job->reached_task);
}

bool job_owns_number(const struct job *job)
{
        int64_t started = job->adopted ? process_started(job->pid) : -1;

        return started < 0 || started == job->process_started;
}

void job_signal(const struct job *job, int signal)
{
        if (job_owns_number(job))
                process_signal_run(job->pid, job->pidfd, signal);
}

static void job_arm_rest(struct job *job)
{
        int64_t left_us = MAX(job->act_at_us - clock_monotonic_us(), INT64_C(0));

        job_arm(job, job_must_be_looked_at(job) ? MIN(left_us, JOB_LOOK_US) : left_us);
}

/* What comes next is due in @us; until then its file may have to be read. */
static void job_arm_alive(struct job *job, int64_t us)
{
        job->act_at_us = clock_monotonic_us() + us;
        job_arm_rest(job);
}

/* The deadline: the run's own limit and the grace, but no longer than any run, or one of its schedule, may take. */
void job_arm_deadline(struct job *job)
{
        if (job->frozen_since_us) {
                job_arm_alive(job, JOB_FROZEN_US);
                return;
        }
        int64_t most_us = (int64_t)daemon_setting(job->supervisor->daemon, SETTING_RUNS_MAX_RUNTIME_SEC) *
                          (int64_t)USEC_PER_SEC;

        if (job->schedule_limit_us > 0)
                most_us = MIN(most_us, job->schedule_limit_us);
        job->deadline_us = most_us;
        if (job->reached_task && job->own_limit_us > 0)
                job->deadline_us = MIN(most_us, MIN(job->own_limit_us, most_us) + job_grace_us(job));
        job_arm_alive(job,
                      MAX(job->begun_monotonic_us + job->deadline_us - clock_monotonic_us(), INT64_C(0)));
}

static void job_has_exited(struct job *job)
{
        job_set_state(job, JOB_EXITED);
        job_arm(job, JOB_EXIT_US);
        job_drain(job);
}

static void job_exited(evutil_socket_t fd, short what, void *data)
{
        struct job *job = data;

        event_del(&job->exit_event);
        job_has_exited(job);
}

/* The daemon ends, and this run does not. */
static bool job_stays(const struct job *job)
{
        return job->supervisor->ending && (job->file_flags & RUN_FILE_ADOPT) && job->reason == END_BY_ITSELF;
}

void job_alive(struct job *job, pid_t pid, int pidfd)
{
        struct daemon *daemon = job->supervisor->daemon;

        job->pid = job->run.pid = pid;
        job->pidfd = pidfd;
        job->process_started = job->adopted ? process_started(pid) : -1;
        job_set_state(job, JOB_ALIVE);
        if (pidfd >= 0) {
                event_assign(&job->exit_event, daemon->base, pidfd, EV_READ | EV_PERSIST, job_exited, job);
                event_add(&job->exit_event, NULL);
        }
        if (job->begun_monotonic_us == 0)
                job->begun_monotonic_us = clock_monotonic_us();
        log_info("run %" PRId64 " %s: task %s, pid %d%s%s", job->run.id, job->adopted ? "goes on" : "started",
                 job->run.task, (int)pid, job->run.schedule ? ", schedule " : "",
                 job->run.schedule ? job->run.schedule : "");
        if (job_stays(job))
                job_arm(job, 0);
        else if (job->reason == END_BY_ITSELF)
                job_arm_deadline(job);
        else
                job_end(job, job->reason);
        guards_alive(daemon->guards, job->run.id, job->frozen_since_us != 0);
}

/* When it says that it began, if that can be; else now. */
static int64_t job_own_start_us(const struct job *job)
{
        int64_t now_us = clock_realtime_us();

        return job->own_start_us >= job->run.started_at_us && job->own_start_us < now_us ? job->own_start_us
                                                                                         : now_us;
}

/* The task's function is being called: nobody waits for that to be durable. */
static void job_running(struct job *job)
{
        struct run *run = &job->run;

        run->state = RUN_RUNNING;
        run->started_at_us = job->file_started_at_us ? job->file_started_at_us : job_own_start_us(job);
        job->begun_monotonic_us = job->file_started_monotonic_us
                                          ? job->file_started_monotonic_us + job->frozen_us
                                          : clock_monotonic_us();
        int r = store_run_running(job->supervisor->daemon->store, run->id, run->epoch, job->pid,
                                  run->started_at_us);
        if (r != STORE_OK)
                log_error("run %" PRId64 ": that it runs cannot be recorded (%d)", run->id, r);
        if (job->state == JOB_ALIVE && !job->terminated && !job_stays(job))
                job_arm_deadline(job);
}

/* The first reason stays. In the file, it also outlives this daemon; the end of that is no reason for the next one. */
static void job_set_reason(struct job *job, enum end_reason reason)
{
        static const enum run_file_end ends[] = {
                [END_CANCELLED] = RUN_FILE_END_CANCELLED,
                [END_DEADLINE] = RUN_FILE_END_DEADLINE,
                [END_CONDITION] = RUN_FILE_END_CONDITION,
        };

        if (job->reason != END_BY_ITSELF || job->has_report)
                return;
        job->reason = reason;
        if (job->has_files && ends[reason] != RUN_FILE_END_NONE &&
            run_file_set_end(job->supervisor->daemon->runs_fd, job->run.id, job->run.epoch, ends[reason]) < 0)
                log_warning("run %" PRId64 ": its file cannot say that it is being ended", job->run.id);
}

void job_end(struct job *job, enum end_reason reason)
{
        job_set_reason(job, reason);
        switch (job->state) {
        case JOB_COMMITTING:
        case JOB_SENT:
        case JOB_ORPHANED:
        case JOB_EXITED:
        case JOB_RECORDING:
                return; /* it is acted on with the next change of state, or too late */
        case JOB_WAITING:
                job_give_up(job, NULL);
                return;
        case JOB_ALIVE:
                if (job->kills)
                        return;
                job->terminated = true;
                job_thaw(job);
                /* One that has reported is on its way out: the signal would make that look like another end. */
                if (!job->has_report)
                        job_signal(job, SIGTERM);
                /* One that is stopped shall hear of it too. */
                job_signal(job, SIGCONT);
                job_arm_alive(job, job_grace_us(job));
                return;
        }
}

void job_kill(struct job *job)
{
        job_signal(job, SIGKILL);
        if (job->cgroup)
                (void)cgroup_kill(job->cgroup);
        job->kills++;
        job_arm_alive(job, JOB_KILL_US);
}

/* It was killed and is still there: it hangs in the kernel, for example on a file system that does not answer. */
static void job_abandon(struct job *job)
{
        log_error("run %" PRId64 " (%s): process %d does not end when it is killed: leaving it", job->run.id,
                  job->run.task, (int)job->pid);
        job->abandoned = true;
        job_close(job);
        if (job->pidfd >= 0)
                event_del(&job->exit_event);
        job_set_state(job, JOB_EXITED);
        job_finish(job);
}

/* What it was given time for has not come. */
static void job_act(struct job *job)
{
        if (job->kills >= JOB_KILLS_MAX) {
                job_abandon(job);
        } else if (job->terminated || job->kills) {
                job_kill(job);
        } else {
                log_warning("run %" PRId64 " (%s) is over its deadline: ending it", job->run.id,
                            job->run.task);
                job_end(job, END_DEADLINE);
        }
}

void job_looked_at(struct job *job, bool held)
{
        if (job_is_polled(job) && (!held || process_started(job->pid) != job->process_started)) {
                job_has_exited(job);
                return;
        }
        if (job->reached_task && job->run.state == RUN_STARTING)
                job_running(job);
        if (clock_monotonic_us() < job->act_at_us)
                job_arm_rest(job);
        else
                job_act(job);
}

static void job_alive_timer(struct job *job)
{
        if (job_stays(job))
                job_detach(job);
        else if (job_must_be_looked_at(job))
                job_look(job);
        else
                job_act(job);
}

void job_on_timer(evutil_socket_t fd, short what, void *data)
{
        struct job *job = data;

        switch (job->state) {
        case JOB_COMMITTING:
        case JOB_WAITING:
        case JOB_SENT:
                return; /* the group and the zygote link have their own */
        case JOB_ORPHANED:
                job_look(job);
                return;
        case JOB_ALIVE:
                job_alive_timer(job);
                return;
        case JOB_EXITED:
                /* Something that the run left behind holds its output open. */
                job_read_rest(job);
                job_close(job);
                job_check_ended(job);
                return;
        case JOB_RECORDING:
                job_finish(job);
                return;
        }
}

void job_reported(struct job *job, pid_t sender)
{
        if (job->state == JOB_ORPHANED && sender > 1) {
                int pidfd = process_open(sender);
                job_alive(job, sender, pidfd);
        }
        if (job->reached_task && job->run.state == RUN_STARTING &&
            (job->state == JOB_ALIVE || job->state == JOB_EXITED))
                job_running(job);
        job_check_ended(job);
}

void job_check_ended(struct job *job)
{
        /* Without a pidfd, the end of its socket tells, if it has one. */
        if (job->state == JOB_ALIVE && job->pidfd < 0 && job->result_fd < 0 && !job_is_polled(job)) {
                job_set_state(job, JOB_EXITED);
                job_arm(job, JOB_EXIT_US);
        }
        if (job->state == JOB_EXITED && job_io_ended(job))
                job_finish(job);
}
