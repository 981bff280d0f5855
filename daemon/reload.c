/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/reload.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/notify.h"
#include "daemon/policies.h"
#include "daemon/reload_internal.h"
#include "daemon/scheduler.h"
#include "daemon/store.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define RELOAD_READ_US (5 * (int64_t)USEC_PER_MSEC) /* of reading files in one go */

/* Between two steps, for all that has waited meanwhile. */
static const struct timeval reload_pause = { .tv_usec = 1000 };

struct reload {
        struct daemon *daemon;
        struct event *step;
        STAILQ_HEAD(reload_jobs, reload_job) jobs; /* those that wait */
        struct reload_job *job;                    /* that is under way */
        bool committing, more;                     /* it waits for that; and is not complete then */
        size_t errors;
};

/* ---- jobs ---- */

static struct reload_job *job_new(struct reload *reload)
{
        struct reload_job *job = calloc(1, sizeof(*job));

        if (!job)
                return NULL;
        job->daemon = reload->daemon;
        if (reload_report_init(job) < 0) {
                free(job);
                return NULL;
        }
        return job;
}

static void job_free(struct reload_job *job)
{
        reload_compare_done(job);
        reload_report_done(job);
        free(job);
}

static void job_log(const struct reload_job *job, int r)
{
        if (r != 0)
                log_error("the schedules of task files are not all as these say: %s",
                          r == -ECANCELED ? "the daemon ends"
                          : r < 0         ? strerror(-r)
                                          : "no space");
        else if (!job->first || job->added + job->changed + job->removed + job->error_count > 0)
                log_notice(
                        "the task files are reloaded: %zu schedules added, %zu changed, %zu removed, %" PRId64
                        " unchanged, %zu errors",
                        job->added, job->changed, job->removed, job->report.unchanged, job->error_count);
}

/* The one under way is over. */
static void job_end(struct reload *reload, int r)
{
        struct reload_job *job = reload->job;

        reload->job = NULL;
        if (!job->dry) {
                job_log(job, r);
                if (r == 0)
                        reload->errors = job->error_count;
                if (!job->first)
                        notify_send(reload->daemon->notify, "READY=1");
        }
        if (job->done)
                job->done(r, r == 0 ? &job->report : NULL, job->data);
        job_free(job);
        if (!STAILQ_EMPTY(&reload->jobs))
                event_add(reload->step, &reload_pause);
}

/* ---- steps ---- */

/* One step of the one under way. *ret_more: there are others. *ret_commit: once it is durable. */
static int job_step(struct reload_job *job, int64_t budget_us, bool *ret_more, bool *ret_commit)
{
        size_t before = job->added + job->changed + job->removed;
        int r = 0;

        *ret_more = true;
        *ret_commit = false;
        switch (job->phase) {
        case RELOAD_PREFERENCES:
                reload_preferences(job);
                job->phase = RELOAD_READING;
                break;
        case RELOAD_READING:
                r = job->wanted ? 0 : reload_read_begin(job);
                if (r == 0)
                        r = wanted_read(job->wanted, budget_us);
                if (r == 0)
                        job->phase = RELOAD_COMPARING;
                r = MIN(r, 0);
                break;
        case RELOAD_COMPARING:
                r = reload_compare(job);
                job->phase = RELOAD_CHANGING;
                break;
        case RELOAD_CHANGING:
                r = reload_change(job, ret_more);
                *ret_commit = !job->dry && job->added + job->changed + job->removed > before;
                break;
        }
        return r;
}

static void reload_committed(int result, void *data)
{
        struct reload *reload = data;

        reload->committing = false;
        if (!reload->job)
                return;
        if (result < 0)
                job_end(reload, result);
        else if (reload->more)
                event_add(reload->step, &reload_pause);
        else
                job_end(reload, 0);
}

static void job_begin(struct reload *reload)
{
        struct reload_job *job = STAILQ_FIRST(&reload->jobs);

        STAILQ_REMOVE_HEAD(&reload->jobs, all);
        reload->job = job;
        if (job->dry)
                return;
        notify_send(reload->daemon->notify, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic_us());
        policies_forget(reload->daemon->policies);
}

static void reload_on_step(evutil_socket_t fd, short what, void *data)
{
        struct reload *reload = data;
        bool more = false, commit = false;

        if (reload->committing)
                return;
        if (!reload->job) {
                if (STAILQ_EMPTY(&reload->jobs))
                        return;
                job_begin(reload);
        }
        if (reload->daemon->state != DAEMON_SERVING) {
                job_end(reload, -ECANCELED);
                return;
        }
        int r = job_step(reload->job, RELOAD_READ_US, &more, &commit);
        if (commit)
                scheduler_update_on_commit(reload->daemon->scheduler);
        if (r == 0 && commit) {
                reload->more = more;
                reload->committing = true;
                group_after_commit(reload->daemon->group, reload_committed, reload);
        } else if (r != 0 || !more) {
                job_end(reload, r);
        } else {
                event_add(reload->step, &reload_pause);
        }
}

/* ---- what others want ---- */

int reload_begin(struct reload *reload, bool dry, reload_done done, void *data)
{
        struct reload_job *job;

        /* One that waits, and has not looked at anything yet, will do for this, too. */
        STAILQ_FOREACH(job, &reload->jobs, all)
        {
                if (!done && !job->dry)
                        return 0;
        }
        job = job_new(reload);
        if (!job)
                return -ENOMEM;
        job->dry = dry;
        job->silent = !done;
        job->done = done;
        job->data = data;
        STAILQ_INSERT_TAIL(&reload->jobs, job, all);
        if (!reload->job)
                event_add(reload->step, &reload_pause);
        return 0;
}

void reload_forget(struct reload *reload, const void *data)
{
        struct reload_job *job;

        STAILQ_FOREACH(job, &reload->jobs, all)
        {
                if (job->data == data)
                        job->done = NULL;
        }
        if (reload->job && reload->job->data == data)
                reload->job->done = NULL;
}

size_t reload_errors(const struct reload *reload)
{
        return reload->errors;
}

/* ---- life ---- */

void reload_start(struct reload *reload)
{
        bool more = true, commit = false;
        int r = 0;

        reload->job = job_new(reload);
        if (!reload->job) {
                log_error("the task files cannot be read: out of memory");
                return;
        }
        reload->job->silent = reload->job->first = true;
        reload->job->phase = RELOAD_READING;
        while (r == 0 && more) {
                r = job_step(reload->job, INT64_MAX, &more, &commit);
                if (r == 0 && commit)
                        r = group_commit(reload->daemon->group);
        }
        job_end(reload, r);
}

int reload_new(struct daemon *daemon, struct reload **ret)
{
        struct reload *reload = calloc(1, sizeof(*reload));

        if (!reload)
                return -ENOMEM;
        reload->daemon = daemon;
        STAILQ_INIT(&reload->jobs);
        reload->step = event_new(daemon->base, -1, 0, reload_on_step, reload);
        if (!reload->step) {
                reload_free(reload);
                return -ENOMEM;
        }
        *ret = reload;
        return 0;
}

void reload_free(struct reload *reload)
{
        struct reload_job *job;

        if (!reload)
                return;
        while ((job = STAILQ_FIRST(&reload->jobs))) {
                STAILQ_REMOVE_HEAD(&reload->jobs, all);
                job_free(job);
        }
        if (reload->job)
                job_free(reload->job);
        if (reload->step)
                event_free(reload->step);
        free(reload);
}
