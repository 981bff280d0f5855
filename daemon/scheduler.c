/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/scheduler.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/schedule.h"
#include "daemon/store.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define SCHEDULER_BATCH 64 /* due ones at a time; the rest follow at once, after a commit */
#define SCHEDULER_RETRY_US (5 * (int64_t)USEC_PER_SEC)

struct scheduler {
        struct daemon *daemon;
        int fd;
        struct event *event;
        int64_t armed_us; /* 0: disarmed */
        bool committing;  /* due ones wait for their commit, which arms again */
};

static void scheduler_arm(struct scheduler *scheduler, int64_t at_us)
{
        const struct itimerspec spec = { .it_value = { .tv_sec = at_us / (int64_t)USEC_PER_SEC,
                                                       .tv_nsec = at_us % (int64_t)USEC_PER_SEC * 1000 } };

        scheduler->armed_us = at_us;
        if (timerfd_settime(scheduler->fd, TFD_TIMER_ABSTIME | (at_us ? TFD_TIMER_CANCEL_ON_SET : 0), &spec,
                            NULL) < 0)
                log_error("the schedule's timer cannot be set: %s", strerror(errno));
}

void scheduler_update(struct scheduler *scheduler)
{
        int64_t next_us = 0;

        if (scheduler->committing || scheduler->daemon->state != DAEMON_SERVING)
                return;
        int r = store_schedule_earliest(scheduler->daemon->store, &next_us);
        if (r < 0)
                log_error("the schedules cannot be read: %s", strerror(-r));
        scheduler_arm(scheduler, r == STORE_OK ? MAX(next_us, INT64_C(1)) : 0);
}

static void scheduler_changed(int result, void *data)
{
        if (result == 0)
                scheduler_update(data);
}

void scheduler_update_on_commit(struct scheduler *scheduler)
{
        group_after_commit(scheduler->daemon->group, scheduler_changed, scheduler);
}

static void scheduler_committed(int result, void *data)
{
        struct scheduler *scheduler = data;

        scheduler->committing = false;
        if (scheduler->daemon->state != DAEMON_SERVING)
                return;
        if (result < 0)
                scheduler_arm(scheduler, clock_realtime_us() + SCHEDULER_RETRY_US);
        else
                scheduler_update(scheduler);
}

/* ---- what is due ---- */

static int count_each(const struct run *run, void *data)
{
        ++*(int *)data;
        return 0;
}

/* Whether a run of the schedule has not ended. */
static bool schedule_is_active(struct store *store, const struct schedule *schedule)
{
        static const enum run_state states[] = { RUN_QUEUED, RUN_STARTING, RUN_RUNNING, RUN_HELD };
        int count = 0;

        for (size_t i = 0; i < ARRAY_SIZE(states) && count == 0; i++) {
                const struct run_filter filter = {
                        .schedule = schedule->name, .state = (int)states[i], .failed = -1, .limit = 1
                };
                store_run_list(store, &filter, count_each, &count);
        }
        return count > 0;
}

static int schedule_queue_run(struct daemon *daemon, const struct schedule *schedule, int64_t nominal_us)
{
        struct run run = {
                .state = RUN_QUEUED,
                .exit_code = -1,
                .task = strdup(schedule->task),
                .schedule = strdup(schedule->name),
                .args = json_incref(schedule->args),
                .uid = schedule->uid,
                .nominal_at_us = nominal_us,
                .queued_at_us = clock_realtime_us(),
        };
        int r = run.task && run.schedule ? store_run_add(daemon->store, &run) : -ENOMEM;

        run_done(&run);
        return r;
}

static void schedule_log(const struct schedule *schedule, const struct schedule_decision *decision)
{
        char nominal[32];

        timestamp_format(decision->nominal_us, 1, nominal, sizeof(nominal));
        if (decision->verdict == SCHEDULE_OVERLAP)
                log_notice("schedule %s: no run for %s, the one before has not ended", schedule->name,
                           nominal);
        if (decision->missed)
                log_notice("schedule %s: %" PRId64 " times before %s were missed", schedule->name,
                           decision->missed, nominal);
}

/* False: the store does not take it. */
static bool schedule_serve(struct daemon *daemon, const struct schedule *schedule, int64_t now_us)
{
        int64_t queued = 0;
        struct schedule_decision decision =
                schedule_decide(schedule, schedule_is_active(daemon->store, schedule), now_us);
        int r = 0;

        store_run_count(daemon->store, RUN_QUEUED, &queued);
        bool full = queued >= daemon_setting(daemon, SETTING_RUNS_MAX_QUEUED);
        if (decision.verdict == SCHEDULE_RUN && full)
                log_warning("schedule %s: no run, the queue is full", schedule->name);
        else if (decision.verdict == SCHEDULE_RUN)
                r = schedule_queue_run(daemon, schedule, decision.nominal_us);
        if (r == STORE_OK)
                r = store_schedule_set_next(daemon->store, schedule->id, decision.next_us);
        if (r == STORE_OK)
                schedule_log(schedule, &decision);
        else
                log_error("schedule %s: its run cannot be queued: %s", schedule->name,
                          r < 0 ? strerror(-r) : "no space");
        return r == STORE_OK;
}

static void scheduler_serve_due(struct scheduler *scheduler)
{
        struct daemon *daemon = scheduler->daemon;
        int64_t now_us = clock_realtime_us();
        bool taken = true;

        if (scheduler->committing || daemon->state != DAEMON_SERVING)
                return;
        for (int i = 0; i < SCHEDULER_BATCH && taken; i++) {
                struct schedule schedule = { 0 };
                int r = store_schedule_due(daemon->store, now_us, &schedule);

                if (r == STORE_OK)
                        taken = schedule_serve(daemon, &schedule, now_us);
                schedule_done(&schedule);
                if (r != STORE_OK)
                        break;
        }
        if (!taken) {
                scheduler_arm(scheduler, now_us + SCHEDULER_RETRY_US);
                daemon_kick(daemon);
                return;
        }
        scheduler->committing = true;
        group_after_commit(daemon->group, scheduler_committed, scheduler);
        daemon_kick(daemon);
}

/* ---- the clock ---- */

struct moves {
        int64_t now_us;
        struct move {
                int64_t id, next_us;
        } * list;
        size_t count;
};

static int reconsider_each(const struct schedule *schedule, void *data)
{
        struct moves *moves = data;
        int64_t next_us = schedule_reconsider(schedule, moves->now_us);

        if (next_us == schedule->next_at_us)
                return 0;
        struct move *list = reallocarray(moves->list, moves->count + 1, sizeof(*list));
        if (!list)
                return -ENOMEM;
        moves->list = list;
        list[moves->count++] = (struct move){ schedule->id, next_us };
        log_notice("schedule %s: the clock was set back, its next time has moved", schedule->name);
        return 0;
}

static void scheduler_reconsider(struct scheduler *scheduler)
{
        struct store *store = scheduler->daemon->store;
        struct moves moves = { .now_us = clock_realtime_us() };
        int r = store_schedule_list(store, reconsider_each, &moves);

        for (size_t i = 0; r >= 0 && i < moves.count; i++)
                r = store_schedule_set_next(store, moves.list[i].id, moves.list[i].next_us);
        if (r < 0)
                log_error("the schedules cannot be looked at: %s", strerror(-r));
        free(moves.list);
}

static void scheduler_on_timer(evutil_socket_t fd, short what, void *data)
{
        struct scheduler *scheduler = data;
        uint64_t expirations;

        ssize_t n = read(fd, &expirations, sizeof(expirations));
        if (n < 0 && errno == ECANCELED) {
                log_notice("the clock was set");
                scheduler_reconsider(scheduler);
        } else if (n < 0) {
                return;
        }
        scheduler_serve_due(scheduler);
}

void scheduler_start(struct scheduler *scheduler)
{
        scheduler_reconsider(scheduler);
        scheduler_serve_due(scheduler);
}

void scheduler_stop(struct scheduler *scheduler)
{
        scheduler_arm(scheduler, 0);
}

int64_t scheduler_next_us(const struct scheduler *scheduler)
{
        return scheduler->armed_us;
}

int scheduler_new(struct daemon *daemon, struct scheduler **ret)
{
        struct scheduler *scheduler = calloc(1, sizeof(*scheduler));

        if (!scheduler)
                return -ENOMEM;
        scheduler->daemon = daemon;
        scheduler->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
        int r = scheduler->fd < 0 ? -errno : 0;
        if (r == 0) {
                scheduler->event = event_new(daemon->base, scheduler->fd, EV_READ | EV_PERSIST,
                                             scheduler_on_timer, scheduler);
                r = scheduler->event && event_add(scheduler->event, NULL) == 0 ? 0 : -ENOMEM;
        }
        if (r < 0) {
                scheduler_free(scheduler);
                return r;
        }
        *ret = scheduler;
        return 0;
}

void scheduler_free(struct scheduler *scheduler)
{
        if (!scheduler)
                return;
        if (scheduler->event)
                event_free(scheduler->event);
        close_keep_errno(scheduler->fd);
        free(scheduler);
}
