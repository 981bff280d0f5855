/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A run whose file alone tells of it: its zygote died before it answered, or it was begun by an earlier daemon.
 *
 * The first kind is our child, made with CLONE_PARENT, so its status can be had. The second is our child only when
 * the earlier daemon was this process (re-executed); else somebody else reaps it, and what it wrote into its file is
 * all that can be known. Either is watched by pidfd as soon as its file has its number, also when it has ended: nobody
 * else takes the status of a child of ours that a file names.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/job.h"
#include "daemon/process.h"
#include "daemon/recovery.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/run_file_format.h"
#include "lib/util.h"

#define ORPHAN_LOOKS_QUICK 100
#define ORPHAN_QUICK_US (10 * (int64_t)USEC_PER_MSEC)
#define ORPHAN_SLOW_US ((int64_t)USEC_PER_SEC)

/* What a free file says is final. */
static void job_take_file(struct job *job, const struct recover_facts *facts, struct run_file *file)
{
        static const enum end_reason reasons[] = {
                [RUN_FILE_END_NONE] = END_BY_ITSELF,
                [RUN_FILE_END_CANCELLED] = END_CANCELLED,
                [RUN_FILE_END_DEADLINE] = END_DEADLINE,
                [RUN_FILE_END_CONDITION] = END_CONDITION,
        };

        if (facts->file != RECOVER_FILE_READ)
                return;
        /* One that has said how it ended was not ended. */
        if (job->reason == END_BY_ITSELF && file->phase != RUN_FILE_FINISHED)
                job->reason = reasons[file->end];
        if (file->version != RUN_FILE_VERSION && !job->entered)
                log_warning("run %" PRId64 ": its file is of version %" PRIu32
                            ", not %d: what it says is not known",
                            job->run.id, file->version, RUN_FILE_VERSION);
        job->file_flags = file->flags;
        if (facts->same_boot) {
                job->frozen_us = file->frozen_us;
                job->frozen_since_us = file->frozen_since_us;
        }
        job->entered = job->entered || file->phase >= RUN_FILE_ENTERED;
        if (file->started_at_us) {
                job->reached_task = true;
                job->own_limit_us = file->limit_us;
                job->file_started_at_us = job->run.started_at_us = file->started_at_us;
                job->file_started_monotonic_us = facts->same_boot ? file->started_monotonic_us : 0;
        }
        if (file->pid)
                job->run.pid = file->pid;
        if (file->sandbox && !job->sandbox)
                job->sandbox = steal_pointer(file->sandbox);
        if (facts->held && facts->same_boot)
                return;
        /* Otherwise its last word was that it began; when it ended nobody knows. */
        job->ended_at_us = file->finished_at_us;
        if (file->phase == RUN_FILE_FINISHED && !job->has_report && !job->has_setup_failure) {
                bool finished = file->report.event == WIRE_EVENT_FINISHED;
                *(finished ? &job->report : &job->setup_failure) = file->report;
                *(finished ? &job->has_report : &job->has_setup_failure) = true;
                file->report = (struct wire_report){ 0 };
        }
        for (size_t i = 0; i < ARRAY_SIZE(file->output) && !job->has_leftovers; i++)
                job_store_leftovers(job, (enum output_stream)i, file->output[i], file->output_size[i]);
        job->has_leftovers = true;
}

/* It is not there any more, and its file has been taken. True: it is queued again; else how it ended is known now. */
static bool orphan_decide(struct job *job, const struct recover_facts *facts)
{
        const char *why = NULL;

        if (job->has_report || job->has_setup_failure || job->reason != END_BY_ITSELF)
                return false;
        enum recover_action action = recover_decide(facts, &why);
        if (why && !job->adopted)
                why = JOB_WHY_ZYGOTE_DIED;
        switch (action) {
        case RECOVER_REQUEUE:
        case RECOVER_REPEAT:
                job_requeue(job, why);
                return true;
        case RECOVER_LOSE:
                job->reason = END_LOST;
                break;
        case RECOVER_INTERRUPT:
                job->reason = END_INTERRUPTED;
                break;
        case RECOVER_ADOPT:
        case RECOVER_WAIT:
        case RECOVER_RECORD:
                break;
        }
        job->why = why;
        return false;
}

static void orphan_conclude(struct job *job, const struct recover_facts *facts)
{
        if (orphan_decide(job, facts))
                return;
        job_set_state(job, JOB_EXITED);
        job_read_rest(job);
        job_close(job);
        job_finish(job);
}

static void orphan_wait(struct job *job)
{
        if (job->adopted && job->supervisor->ending)
                job_detach(job);
        else
                job_arm(job, job->looks++ < ORPHAN_LOOKS_QUICK ? ORPHAN_QUICK_US : ORPHAN_SLOW_US);
}

/* It has a process, which may have ended since its file was read. */
static void orphan_take(struct job *job, const struct recover_facts *facts, pid_t pid)
{
        int pidfd = process_open(pid);
        bool unavailable = pidfd == -ENOSYS ||
                           pidfd == -EPERM; /* an old kernel, or a filter that is as old */

        if (pidfd < 0 && !facts->ours && !unavailable) {
                orphan_wait(job);
                return;
        }
        job_alive(job, pid, pidfd);
        job_drain(job);
}

static void orphan_look(struct job *job, const struct recover_facts *facts, const struct run_file *file)
{
        const char *why;

        switch (recover_decide(facts, &why)) {
        case RECOVER_ADOPT:
                orphan_take(job, facts, file->pid);
                return;
        case RECOVER_WAIT:
                orphan_wait(job);
                return;
        case RECOVER_RECORD:
        case RECOVER_REQUEUE:
        case RECOVER_REPEAT:
        case RECOVER_INTERRUPT:
        case RECOVER_LOSE:
                orphan_conclude(job, facts);
        }
}

void job_look(struct job *job)
{
        struct recover_facts facts;
        struct run_file file;

        recovery_look(job->supervisor->daemon, &job->run, &facts, &file);
        job_take_file(job, &facts, &file);
        if (job->state == JOB_ALIVE)
                job_looked_at(job, facts.held || facts.file != RECOVER_FILE_READ);
        else
                orphan_look(job, &facts, &file);
        run_file_done(&file);
}

/* An adopted run has exited, and its status is not ours to have. True: it is dealt with. */
bool job_conclude_adopted(struct job *job)
{
        struct recover_facts facts;
        struct run_file file;

        recovery_look(job->supervisor->daemon, &job->run, &facts, &file);
        facts.held = facts.ours = false; /* its process is gone; what it started may have the file still */
        job_take_file(job, &facts, &file);
        run_file_done(&file);
        return orphan_decide(job, &facts);
}

/* Leave it and its files to the next daemon. */
void job_detach(struct job *job)
{
        struct daemon *daemon = job->supervisor->daemon;

        struct job_left *left = calloc(1, sizeof(*left));

        log_notice("run %" PRId64 " (%s) goes on without this daemon", job->run.id, job->run.task);
        if (left) {
                *left = (struct job_left){ .pid = job->pid, .run_id = job->run.id };
                SLIST_INSERT_HEAD(&job->supervisor->left, left, link);
        }
        cgroups_stay(daemon->cgroups);
        job_let_go(job);
        job_free(job);
        daemon_check_stopped(daemon);
}
