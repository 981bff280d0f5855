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
#include "daemon/guards.h"
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
        guards_remove(supervisor->daemon->guards, job->run.id);
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
        free(job->lost);
        policy_unref(job->policy);
        free(job);
}

struct job *job_find(const struct supervisor *supervisor, int64_t run_id)
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
        if (job->frozen_since_us)
                run->frozen_since_us = clock_realtime_us() - clock_monotonic_us() + job->frozen_since_us;
}

static void job_committed(int result, void *data)
{
        struct job *job = data;
        struct supervisor *supervisor = job->supervisor;

        if (result == 0) {
                job_go(job);
                return;
        }
        /* Rolled back: it is queued as before. */
        queue_pause(supervisor->daemon->queue);
        job_free(job);
        daemon_check_stopped(supervisor->daemon);
}

/* ---- the zygote's hooks ---- */

static void on_zygote_ready(enum zygote_kind kind, void *data)
{
        struct supervisor *supervisor = data;
        struct job *job;

        /* They have waited: what its files are is to be looked at anew. */
        STAILQ_FOREACH(job, &supervisor->waiting[kind], waiting)
        job->generation = 0;
        supervisor_feed(supervisor, kind);
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
        if (event->error == ENOMEM) {
                job_requeue(job, "its zygote had no memory to start it");
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
                job_look(job);
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

/* ---- the supervisor ---- */

/* A profile is of one attempt: the helper may still be removing that of the one before. */
static char *job_profile(const struct daemon *daemon, const struct run *run)
{
        _cleanup_free_ char *name = paths_profile_name(run->task);

        if (!name)
                return NULL;
        if (run->epoch <= 1)
                return format_string("%s/%s-%" PRId64, daemon->locations.ephemeral, name, run->id);
        return format_string("%s/%s-%" PRId64 ".%" PRId64, daemon->locations.ephemeral, name, run->id,
                             run->epoch);
}

/* Takes what *run owns. NULL: out of memory. */
static struct job *job_new(struct supervisor *supervisor, struct run *run, enum job_state state)
{
        struct daemon *daemon = supervisor->daemon;
        struct job *job = calloc(1, sizeof(*job));
        char *profile = job_profile(daemon, run);

        if (!job || !profile) {
                free(job);
                free(profile);
                return NULL;
        }
        job->supervisor = supervisor;
        job->run = *run;
        *run = (struct run){ 0 };
        job->profile = profile;
        job->state = state;
        job->policy = policies_get(daemon->policies, job->run.task);
        job->kind = zygote_kind_of(job->policy->file.policy.network, job->policy->file.policy.jit);
        job->control_socket = job->policy->file.policy.control_socket;
        job->file_flags = (job->policy->file.policy.idempotent ? RUN_FILE_IDEMPOTENT : 0) |
                          (job->policy->file.policy.on_daemon_exit == TASK_DAEMON_EXIT_ADOPT ? RUN_FILE_ADOPT
                                                                                             : 0);
        job->schedule_limit_us = job_schedule_limit_us(daemon, &job->run);
        job->pidfd = job->result_fd = -1;
        for (size_t i = 0; i < ARRAY_SIZE(job->streams); i++)
                job->streams[i] = (struct job_stream){ .job = job, .which = (enum output_stream)i, .fd = -1 };
        event_assign(&job->timer, daemon->base, -1, 0, job_on_timer, job);
        TAILQ_INSERT_TAIL(&supervisor->jobs, job, all);
        supervisor->count++;
        supervisor->active++;
        job->holds_slot = true;
        if (job->run.schedule)
                guards_add(daemon->guards, job->run.id);
        return job;
}

int supervisor_start(struct supervisor *supervisor, struct run *run)
{
        struct job *job = job_new(supervisor, run, JOB_COMMITTING);

        if (!job)
                return -ENOMEM;
        group_after_commit(supervisor->daemon->group, job_committed, job);
        return 0;
}

int supervisor_adopt(struct supervisor *supervisor, struct run *run, const struct handover_run *handed)
{
        struct job *job = job_new(supervisor, run, JOB_ORPHANED);

        if (!job)
                return -ENOMEM;
        job->has_files = true;
        job->adopted = !handed;
        if (handed)
                job->reason = handed->reason;
        (void)cgroup_find(supervisor->daemon->cgroups, job->run.id, job->run.epoch, &job->cgroup);
        job_reopen(job, handed);
        job_look(job);
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

bool supervisor_has_run(const struct supervisor *supervisor, int64_t run_id, int64_t epoch)
{
        const struct job *job = job_find(supervisor, run_id);

        return job && job->run.epoch == epoch;
}

bool supervisor_has_left(const struct supervisor *supervisor, pid_t pid)
{
        const struct job_left *left;

        SLIST_FOREACH(left, &supervisor->left, link)
        if (left->pid == pid)
                return true;
        return false;
}

bool supervisor_has_run_alive(const struct supervisor *supervisor, int64_t run_id)
{
        const struct job_left *left;
        const struct job *job;

        SLIST_FOREACH(left, &supervisor->left, link)
        if (run_id == 0 || left->run_id == run_id)
                return true;
        TAILQ_FOREACH(job, &supervisor->jobs, all)
        if (job->state == JOB_ALIVE && (run_id == 0 || job->run.id == run_id))
                return true;
        return false;
}

bool supervisor_has_profile(const struct supervisor *supervisor, const char *name)
{
        const struct job *job;

        TAILQ_FOREACH(job, &supervisor->jobs, all)
        if (strcmp(strrchr(job->profile, '/') + 1, name) == 0)
                return true;
        return false;
}

int supervisor_cancel(struct supervisor *supervisor, int64_t run_id)
{
        struct job *job = job_find(supervisor, run_id);

        if (!job)
                return -ENOENT;
        job_end(job, END_CANCELLED);
        return 0;
}

int supervisor_kill(struct supervisor *supervisor, int64_t run_id)
{
        struct job *job = job_find(supervisor, run_id);

        if (!job)
                return -ENOENT;
        job_end(job, END_CANCELLED);
        if ((job = job_find(supervisor, run_id)) && job->state == JOB_ALIVE)
                job_kill(job);
        return 0;
}

/* One that stays is left as soon as it is alive; what its timer is for in other states is not ours to touch. */
static void job_shut_down(struct job *job, bool again)
{
        bool stays = (job->file_flags & RUN_FILE_ADOPT) && job->reason == END_BY_ITSELF;

        if (job->state == JOB_WAITING)
                job_requeue(job, NULL);
        else if (stays && (job->state == JOB_ALIVE || job->state == JOB_ORPHANED))
                job_arm(job, 0);
        else if (again && job->state == JOB_ALIVE)
                job_kill(job);
        else if (!again && !stays)
                job_end(job, END_SHUTDOWN);
}

void supervisor_shutdown(struct supervisor *supervisor)
{
        struct job *job, *next;
        bool again = supervisor->ending;

        supervisor->ending = true;
        for (job = TAILQ_FIRST(&supervisor->jobs); job; job = next) {
                next = TAILQ_NEXT(job, all);
                job_shut_down(job, again);
        }
}

void supervisor_settle(struct supervisor *supervisor)
{
        struct job *job, *next;

        supervisor->settling = true;
        for (job = TAILQ_FIRST(&supervisor->jobs); job; job = next) {
                next = TAILQ_NEXT(job, all);
                if (job->state == JOB_WAITING)
                        job_requeue(job, NULL);
        }
}

/* Whether its process, if it has one, is to be told of, rather than waited for. */
static bool job_can_be_handed_over(const struct job *job)
{
        switch (job->state) {
        case JOB_SENT:
        case JOB_ORPHANED:
        case JOB_ALIVE:
        case JOB_EXITED:
                return true;
        case JOB_COMMITTING:
        case JOB_WAITING:
        case JOB_RECORDING:
                break;
        }
        return false;
}

bool supervisor_is_settled(const struct supervisor *supervisor)
{
        const struct job *job;

        TAILQ_FOREACH(job, &supervisor->jobs, all)
        if (!job_can_be_handed_over(job))
                return false;
        return true;
}

int supervisor_hand_over(struct supervisor *supervisor,
                         int (*each)(const struct handover_run *run, void *data), void *data)
{
        struct job *job;
        int r = 0;

        cgroups_stay(supervisor->daemon->cgroups);
        TAILQ_FOREACH(job, &supervisor->jobs, all)
        {
                /* One that was adopted has no more than its files, and these stay. */
                if (!job_can_be_handed_over(job) || job->adopted || r < 0)
                        continue;
                struct handover_run run = { .run_id = job->run.id,
                                            .epoch = job->run.epoch,
                                            .reason = job->reason };
                job_take_descriptors(job, &run);
                r = each(&run, data);
        }
        return r;
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
        while (!SLIST_EMPTY(&supervisor->left)) {
                struct job_left *left = SLIST_FIRST(&supervisor->left);
                SLIST_REMOVE_HEAD(&supervisor->left, link);
                free(left);
        }
        free(supervisor);
}
