/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/supervise.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/job.h"
#include "daemon/output.h"
#include "daemon/process.h"
#include "daemon/queue.h"
#include "daemon/store.h"
#include "daemon/zygotes.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/paths.h"
#include "lib/util.h"

#define JOB_ORPHAN_US (10 * (int64_t)USEC_PER_SEC)
#define JOB_EXIT_US ((int64_t)USEC_PER_SEC)

void job_arm(struct job *job, int64_t us)
{
        const struct timeval wait = { .tv_sec = us / (int64_t)USEC_PER_SEC,
                                      .tv_usec = us % (int64_t)USEC_PER_SEC };

        event_add(&job->timer, &wait);
}

void job_set_state(struct job *job, enum job_state state)
{
        struct supervisor *supervisor = job->supervisor;

        if (job->state == JOB_WAITING)
                STAILQ_REMOVE(&supervisor->waiting[job->kind], job, job, waiting);
        if (state == JOB_WAITING)
                STAILQ_INSERT_TAIL(&supervisor->waiting[job->kind], job, waiting);
        if (state == JOB_RECORDING && job->holds_slot) {
                job->holds_slot = false;
                supervisor->active--;
        }
        job->state = state;
        event_del(&job->timer);
}

void job_free(struct job *job)
{
        struct supervisor *supervisor = job->supervisor;

        job_set_state(job, JOB_RECORDING);
        TAILQ_REMOVE(&supervisor->jobs, job, all);
        supervisor->count--;
        job_close(job);
        if (job->pidfd >= 0)
                event_del(&job->exit_event);
        close_keep_errno(job->pidfd);
        output_writer_free(job->writer);
        cgroup_free(job->cgroup);
        free(job->sandbox);
        json_decref(job->denied);
        wire_report_done(&job->report);
        wire_report_done(&job->setup_failure);
        run_done(&job->run);
        free(job->profile);
        free(job);
}

static struct job *job_find(struct supervisor *supervisor, int64_t run_id)
{
        struct job *job;

        TAILQ_FOREACH(job, &supervisor->jobs, all)
        if (job->run.id == run_id)
                return job;
        return NULL;
}

void supervisor_measure(struct supervisor *supervisor, struct run *run)
{
        const struct job *job = job_find(supervisor, run->id);

        if (!job || !job->writer)
                return;
        run->output_bytes = output_bytes(job->writer);
        run->output_dropped = output_dropped(job->writer);
}

/* ---- sending ---- */

/* Send what waits for a zygote of @kind, as far as that takes it. */
static void supervisor_feed(struct supervisor *supervisor, enum zygote_kind kind)
{
        struct job *job;

        while ((job = STAILQ_FIRST(&supervisor->waiting[kind]))) {
                if (!zygote_acquire(zygotes_get(supervisor->daemon->zygotes, kind)))
                        return;
                struct error error = ERROR_INIT;
                int r = job_send(job, &error);
                if (r == -EAGAIN)
                        return;
                if (r == 0) {
                        job_set_state(job, JOB_SENT);
                } else {
                        _cleanup_free_ char *why = format_string("the run could not be set up: %s",
                                                                 error.text);
                        job_give_up(job, why ? why : "out of memory");
                }
        }
}

static void job_committed(int result, void *data)
{
        struct job *job = data;
        struct supervisor *supervisor = job->supervisor;

        if (result < 0) {
                /* Rolled back: it is queued as before. */
                queue_pause(supervisor->daemon->queue);
                job_free(job);
                daemon_check_stopped(supervisor->daemon);
                return;
        }
        if (supervisor->ending) {
                job_requeue(job, NULL);
                return;
        }
        if (job->reason != END_BY_ITSELF) {
                job_give_up(job, NULL);
                return;
        }
        job_set_state(job, JOB_WAITING);
        supervisor_feed(supervisor, job->kind);
}

/* ---- the zygote's hooks ---- */

static void on_zygote_ready(enum zygote_kind kind, void *data)
{
        supervisor_feed(data, kind);
}

static void on_zygote_started(const struct wire_zygote_event *event, int pidfd, void *data)
{
        struct supervisor *supervisor = data;
        struct job *job = job_find(supervisor, event->run_id);

        if (!job || job->run.epoch != event->epoch ||
            (job->state != JOB_SENT && job->state != JOB_ORPHANED)) {
                log_error("the zygote speaks of run %" PRId64 ".%" PRId64 ", which is not being started",
                          event->run_id, event->epoch);
                if (pidfd >= 0)
                        process_signal_run(event->pid, pidfd, SIGKILL);
                close_keep_errno(pidfd);
                return;
        }
        if (event->pid > 1) {
                job_alive(job, event->pid, pidfd);
                job_reported(job, 0);
                return;
        }
        _cleanup_free_ char *why = format_string("no process could be made: %s", strerror(event->error));
        job_give_up(job, why ? why : "no process could be made");
}

static void on_zygote_died(enum zygote_kind kind, uint64_t generation, void *data)
{
        struct supervisor *supervisor = data;
        struct job *job, *next;

        for (job = TAILQ_FIRST(&supervisor->jobs); job; job = next) {
                next = TAILQ_NEXT(job, all);
                if (job->state != JOB_SENT || job->kind != kind || job->generation != generation)
                        continue;
                job_set_state(job, JOB_ORPHANED);
                job_arm(job, JOB_ORPHAN_US);
                job_drain(job);
        }
}

static void on_zygote_unavailable(enum zygote_kind kind, const char *why, void *data)
{
        struct supervisor *supervisor = data;
        _cleanup_free_ char *text = format_string("no run can be started: %s", why);
        struct job *job;

        while ((job = STAILQ_FIRST(&supervisor->waiting[kind])))
                job_give_up(job, text ? text : why);
}

const struct zygote_hooks supervisor_zygote_hooks = {
        .ready = on_zygote_ready,
        .started = on_zygote_started,
        .died = on_zygote_died,
        .unavailable = on_zygote_unavailable,
};

/* ---- alive ---- */

static int64_t job_grace_us(const struct job *job)
{
        return (int64_t)daemon_setting(job->supervisor->daemon, SETTING_RUNS_GRACE_SEC) *
               (int64_t)USEC_PER_SEC;
}

/* The deadline: the run's own limit and the grace, but no longer than any run may take. */
static void job_arm_deadline(struct job *job)
{
        int64_t most_us = (int64_t)daemon_setting(job->supervisor->daemon, SETTING_RUNS_MAX_RUNTIME_SEC) *
                          (int64_t)USEC_PER_SEC;

        job->deadline_us = most_us;
        if (job->reached_task && job->own_limit_us > 0)
                job->deadline_us = MIN(most_us, MIN(job->own_limit_us, most_us) + job_grace_us(job));
        job_arm(job, job->deadline_us);
}

static void job_exited(evutil_socket_t fd, short what, void *data)
{
        struct job *job = data;

        event_del(&job->exit_event);
        job_set_state(job, JOB_EXITED);
        job_arm(job, JOB_EXIT_US);
        job_drain(job);
}

void job_alive(struct job *job, pid_t pid, int pidfd)
{
        struct daemon *daemon = job->supervisor->daemon;

        job->pid = job->run.pid = pid;
        job->pidfd = pidfd;
        job_set_state(job, JOB_ALIVE);
        if (pidfd >= 0) {
                event_assign(&job->exit_event, daemon->base, pidfd, EV_READ | EV_PERSIST, job_exited, job);
                event_add(&job->exit_event, NULL);
        }
        log_info("run %" PRId64 " started: task %s, pid %d%s%s", job->run.id, job->run.task, (int)pid,
                 job->run.schedule ? ", schedule " : "", job->run.schedule ? job->run.schedule : "");
        if (job->reason == END_BY_ITSELF)
                job_arm_deadline(job);
        else
                job_end(job, job->reason);
}

void job_end(struct job *job, enum end_reason reason)
{
        if (job->reason == END_BY_ITSELF && !job->has_report)
                job->reason = reason;
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
                job->terminated = true;
                process_signal_run(job->pid, job->pidfd, SIGTERM);
                job_arm(job, job_grace_us(job));
                return;
        }
}

static void job_kill(struct job *job)
{
        process_signal_run(job->pid, job->pidfd, SIGKILL);
}

static void job_on_timer(evutil_socket_t fd, short what, void *data)
{
        struct job *job = data;

        switch (job->state) {
        case JOB_COMMITTING:
        case JOB_WAITING:
        case JOB_SENT:
                return; /* the group and the zygote link have their own */
        case JOB_ORPHANED:
                job_close(job);
                job_requeue(job, "its zygote died while starting it");
                return;
        case JOB_ALIVE:
                if (job->terminated) {
                        job_kill(job);
                        return;
                }
                log_warning("run %" PRId64 " (%s) is over its deadline: ending it", job->run.id,
                            job->run.task);
                job_end(job, END_DEADLINE);
                return;
        case JOB_EXITED:
                /* Something that the run left behind holds its output open. */
                job_close(job);
                job_check_ended(job);
                return;
        case JOB_RECORDING:
                job_finish(job);
                return;
        }
}

/* The task's function is being called: nobody waits for that to be durable. */
static void job_running(struct job *job)
{
        struct run *run = &job->run;

        run->state = RUN_RUNNING;
        run->started_at_us = clock_realtime_us();
        int r = store_run_running(job->supervisor->daemon->store, run->id, run->epoch, job->pid,
                                  run->started_at_us);
        if (r != STORE_OK)
                log_error("run %" PRId64 ": that it runs cannot be recorded (%d)", run->id, r);
        if (job->state == JOB_ALIVE && !job->terminated)
                job_arm_deadline(job);
}

void job_reported(struct job *job, pid_t sender)
{
        if (job->state == JOB_ORPHANED && sender > 1)
                job_alive(job, sender, -1);
        if (job->state == JOB_ORPHANED && job->result_fd < 0) {
                job_requeue(job, "its zygote died while starting it");
                return;
        }
        if (job->reached_task && job->run.state == RUN_STARTING &&
            (job->state == JOB_ALIVE || job->state == JOB_EXITED))
                job_running(job);
        job_check_ended(job);
}

void job_check_ended(struct job *job)
{
        /* Without a pidfd, the end of its socket tells. */
        if (job->state == JOB_ALIVE && job->pidfd < 0 && job->result_fd < 0) {
                job_set_state(job, JOB_EXITED);
                job_arm(job, JOB_EXIT_US);
        }
        if (job->state == JOB_EXITED && job_io_ended(job))
                job_finish(job);
}

/* ---- the supervisor ---- */

int supervisor_start(struct supervisor *supervisor, struct run *run)
{
        struct daemon *daemon = supervisor->daemon;
        struct job *job = calloc(1, sizeof(*job));
        _cleanup_free_ char *name = paths_profile_name(run->task);
        char *profile = name ? format_string("%s/%s-%" PRId64, daemon->locations.ephemeral, name, run->id)
                             : NULL;

        if (!job || !profile) {
                free(job);
                free(profile);
                return -ENOMEM;
        }
        job->supervisor = supervisor;
        job->run = *run;
        *run = (struct run){ 0 };
        job->profile = profile;
        job->state = JOB_COMMITTING;
        job->kind = zygote_kind_of(true, true);
        job->pidfd = job->result_fd = -1;
        for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++)
                job->streams[i] = (struct job_stream){ .job = job, .which = (enum output_stream)i, .fd = -1 };
        event_assign(&job->timer, daemon->base, -1, 0, job_on_timer, job);
        TAILQ_INSERT_TAIL(&supervisor->jobs, job, all);
        supervisor->count++;
        supervisor->active++;
        job->holds_slot = true;
        group_after_commit(daemon->group, job_committed, job);
        return 0;
}

size_t supervisor_active(const struct supervisor *supervisor)
{
        return supervisor->active;
}

bool supervisor_is_empty(const struct supervisor *supervisor)
{
        return supervisor->count == 0;
}

int supervisor_cancel(struct supervisor *supervisor, int64_t run_id)
{
        struct job *job = job_find(supervisor, run_id);

        if (!job)
                return -ENOENT;
        job_end(job, END_CANCELLED);
        return 0;
}

void supervisor_shutdown(struct supervisor *supervisor)
{
        struct job *job, *next;
        bool again = supervisor->ending;

        supervisor->ending = true;
        for (job = TAILQ_FIRST(&supervisor->jobs); job; job = next) {
                next = TAILQ_NEXT(job, all);
                if (job->state == JOB_WAITING)
                        job_requeue(job, NULL);
                else if (again && job->state == JOB_ALIVE)
                        job_kill(job);
                else if (!again)
                        job_end(job, END_SHUTDOWN);
        }
}

int supervisor_new(struct daemon *daemon, struct supervisor **ret)
{
        struct supervisor *supervisor = calloc(1, sizeof(*supervisor));

        if (!supervisor)
                return -ENOMEM;
        supervisor->daemon = daemon;
        TAILQ_INIT(&supervisor->jobs);
        for (size_t kind = 0; kind < ZYGOTE_KIND_COUNT; kind++)
                STAILQ_INIT(&supervisor->waiting[kind]);
        *ret = supervisor;
        return 0;
}

void supervisor_free(struct supervisor *supervisor)
{
        struct job *job;

        if (!supervisor)
                return;
        while ((job = TAILQ_FIRST(&supervisor->jobs)))
                job_free(job);
        free(supervisor);
}
