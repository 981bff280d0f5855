/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/scheduler.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/guards.h"
#include "daemon/scheduler_internal.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/paths.h"
#include "lib/run_file.h"
#include "lib/util.h"

#define SCHEDULER_BATCH_MIN 4 /* due ones at a time; the rest follow at once, after a commit */
#define SCHEDULER_BATCH_MAX 256
#define SCHEDULER_SLICE_US 4000 /* how long others may have to wait for them */
#define SCHEDULER_RETRY_US (5 * (int64_t)USEC_PER_SEC)
#define SCHEDULER_STEP_US ((int64_t)USEC_PER_SEC) /* what clocks may differ by on their own */

/* ---- clocks ---- */

int64_t scheduler_now_us(void)
{
        return clock_realtime_us() + SCHEDULER_LEAD_US;
}

static struct clocks clocks_now(void)
{
        return (struct clocks){ clock_realtime_us(), clock_boottime_us(), clock_monotonic_us() };
}

/* What became of the clocks since the last look until @now. @set: the kernel says that the wall clock was; else it differs
 * from the others by what time servers make it drift. A word of the ledger; NULL: nothing. */
static const char *clocks_classify(struct scheduler *scheduler, struct clocks now, bool set)
{
        struct clocks was = scheduler->seen;
        int64_t slept_us = (now.boottime_us - was.boottime_us) - (now.monotonic_us - was.monotonic_us);
        int64_t step_us = (now.realtime_us - was.realtime_us) - (now.boottime_us - was.boottime_us);
        char text[32];

        scheduler->seen = now;
        if (!set)
                step_us = 0;
        if (step_us > SCHEDULER_STEP_US || step_us < -SCHEDULER_STEP_US) {
                log_notice("the clock was set %s by %s", step_us > 0 ? "forward" : "back",
                           duration_format(step_us > 0 ? step_us : -step_us, text, sizeof(text)));
                if (step_us < 0)
                        scheduler->clock_walk = scheduler->clock_restart = true;
        }
        if (slept_us > SCHEDULER_STEP_US) {
                log_notice("the system was suspended for %s", duration_format(slept_us, text, sizeof(text)));
                return "suspended";
        }
        return step_us > SCHEDULER_STEP_US ? "clock-set-forward" : NULL;
}

static void scheduler_arm(struct scheduler *scheduler, int64_t at_us)
{
        const struct itimerspec spec = { .it_value = { .tv_sec = at_us / (int64_t)USEC_PER_SEC,
                                                       .tv_nsec = at_us % (int64_t)USEC_PER_SEC * 1000 } };

        scheduler->armed_us = at_us;
        if (timerfd_settime(scheduler->fd, TFD_TIMER_ABSTIME | (at_us ? TFD_TIMER_CANCEL_ON_SET : 0), &spec,
                            NULL) < 0)
                log_error("the schedule's timer cannot be set: %s", strerror(errno));
}

/* For the next time, or to be told of changes of the clock alone. */
static void scheduler_arm_next(struct scheduler *scheduler)
{
        int64_t wake_us = 0;
        int r = timetable_wake_us(scheduler->timetable, &wake_us);

        if (r < 0)
                log_error("the schedules cannot be read: %s", strerror(-r));
        scheduler_arm(scheduler, r == 0 && wake_us ? MAX(wake_us - SCHEDULER_LEAD_US, INT64_C(1)) : 0);
}

/* ---- looking ---- */

static const struct timeval scheduler_at_once = { 0 };

int scheduler_batch(int batch, int64_t took_us)
{
        if (took_us > SCHEDULER_SLICE_US)
                return MAX(batch / 2, SCHEDULER_BATCH_MIN);
        return took_us < SCHEDULER_SLICE_US / 4 ? MIN(batch * 2, SCHEDULER_BATCH_MAX) : batch;
}

static bool scheduler_is_walking(const struct scheduler *scheduler)
{
        return scheduler->boot_walk || scheduler->clock_walk || scheduler->zones_walk ||
               scheduler->conditions_walk;
}

static int scheduler_tick(struct scheduler *scheduler, int64_t now_us, bool *ret_more)
{
        int64_t began_us = clock_monotonic_us();
        int r = timetable_tick(scheduler->timetable, now_us, scheduler->batch, scheduler->late, ret_more);

        /* A look that had less to do says nothing about as many. */
        int64_t took_us = clock_monotonic_us() - began_us;
        if (*ret_more || took_us > SCHEDULER_SLICE_US)
                scheduler->batch = scheduler_batch(scheduler->batch, took_us);
        if (r == 0 && !*ret_more)
                scheduler->late = NULL;
        return r;
}

/* What the daemon before left, and a boot: more of it each time. */
static int scheduler_begin(struct scheduler *scheduler, int64_t now_us)
{
        char boot[RUN_FILE_BOOT_MAX];
        bool new_boot = false;

        run_file_boot(boot);
        int r = timetable_start(scheduler->timetable, now_us, boot, clock_realtime_us() - clock_boottime_us(),
                                &new_boot, &scheduler->boot_walk);
        /* It came up before there was a daemon to see it. */
        if (r == 0 && new_boot && conditions_has_network(scheduler->daemon->conditions))
                scheduler_event(scheduler, TRIGGER_NETWORK, "");
        return r;
}

/* One batch of what there is to do. */
static int scheduler_step(struct scheduler *scheduler, bool *ret_more)
{
        struct timetable *timetable = scheduler->timetable;
        int64_t now_us = scheduler_now_us();
        int r;

        if (scheduler->follow_up) {
                r = timetable_follow_up(timetable, now_us);
                scheduler->follow_up = r != 0;
                *ret_more = true;
                return r;
        }
        if (scheduler->boot_walk) {
                r = scheduler_begin(scheduler, now_us);
                *ret_more = true;
                return r;
        }
        /* All are looked at before any is served: what is due depends on it. */
        if (scheduler->clock_walk) {
                r = timetable_clock_set(timetable, now_us, scheduler->clock_restart, &scheduler->clock_walk);
                scheduler->clock_restart = false;
                *ret_more = true;
                return r;
        }
        if (scheduler->zones_walk) {
                r = timetable_zones_changed(timetable, now_us, scheduler->zones_restart,
                                            &scheduler->zones_walk);
                scheduler->zones_restart = false;
                *ret_more = true;
                return r;
        }
        if (scheduler->conditions_walk) {
                if (scheduler->conditions_restart)
                        conditions_walk(scheduler->daemon->conditions);
                r = timetable_conditions_changed(timetable, now_us, scheduler->conditions_restart,
                                                 &scheduler->conditions_walk);
                scheduler->conditions_restart = false;
                *ret_more = true;
                return r;
        }
        return scheduler_tick(scheduler, now_us, ret_more);
}

static void scheduler_committed(int result, void *data)
{
        struct scheduler *scheduler = data;

        scheduler->committing = false;
        if (scheduler->daemon->state != DAEMON_SERVING)
                return;
        if (result < 0)
                scheduler_arm(scheduler, clock_realtime_us() + SCHEDULER_RETRY_US);
        else if (scheduler->changed || scheduler_is_walking(scheduler))
                event_add(scheduler->next,
                          &scheduler_at_once); /* by way of the loop: others are served in between */
        else
                scheduler_arm_next(scheduler);
}

static void scheduler_on_next(evutil_socket_t fd, short what, void *data)
{
        scheduler_look(data);
}

void scheduler_look(struct scheduler *scheduler)
{
        bool more = false;

        if (scheduler->committing || scheduler->daemon->state != DAEMON_SERVING)
                return;
        scheduler->changed = false;
        if (scheduler->triggers_changed)
                scheduler_listen(scheduler);
        int r = scheduler_step(scheduler, &more);
        if (r != 0) {
                log_error("the schedules cannot be served: %s", r < 0 ? strerror(-r) : "no space");
                scheduler_arm(scheduler, clock_realtime_us() + SCHEDULER_RETRY_US);
                daemon_kick(scheduler->daemon);
                return;
        }
        scheduler->changed = more;
        scheduler->committing = true;
        group_after_commit(scheduler->daemon->group, scheduler_committed, scheduler);
        daemon_kick(scheduler->daemon);
}

static void scheduler_on_timer(evutil_socket_t fd, short what, void *data)
{
        struct scheduler *scheduler = data;
        struct clocks now;
        uint64_t expirations;
        bool set = false;

        ssize_t n = read(fd, &expirations, sizeof(expirations));
        if (n < 0 && errno != ECANCELED)
                return;
        /* What is said of the clock belongs to clocks that are read after it, and before it is found to say no more. */
        do {
                set = set || n < 0;
                now = clocks_now();
                n = read(fd, &expirations, sizeof(expirations));
        } while (n < 0 && errno == ECANCELED);
        const char *late = clocks_classify(scheduler, now, set);
        if (late)
                scheduler->late = late;
        scheduler_look(scheduler);
}

/* ---- what others tell ---- */

struct timetable *scheduler_timetable(const struct scheduler *scheduler)
{
        return scheduler->timetable;
}

static void scheduler_changed(int result, void *data)
{
        struct scheduler *scheduler = data;

        /* Rolled back for lack of space, and the end of a run was recorded all the same. */
        scheduler->follow_up = scheduler->follow_up || result < 0;
        scheduler->changed = true;
        if (result == 0)
                scheduler_look(scheduler);
        else
                scheduler_arm(scheduler, clock_realtime_us() + SCHEDULER_RETRY_US);
}

void scheduler_update_on_commit(struct scheduler *scheduler)
{
        group_after_commit(scheduler->daemon->group, scheduler_changed, scheduler);
}

/* What cannot be followed up now is later, from what the store has. */
static void scheduler_told(struct scheduler *scheduler, int r, const char *what)
{
        scheduler->follow_up = scheduler->follow_up || r != 0;
        if (r != 0)
                log_error("%s: the schedules that follow cannot be served: %s", what,
                          r < 0 ? strerror(-r) : "no space");
        else
                scheduler_update_on_commit(scheduler);
}

void scheduler_run_ended(struct scheduler *scheduler, const struct run *run)
{
        /* One that is recorded before is followed up by the start. */
        if (!scheduler || !scheduler->started)
                return;
        scheduler_told(scheduler, timetable_run_ended(scheduler->timetable, run, scheduler_now_us()),
                       "the end of a run");
}

void scheduler_event(struct scheduler *scheduler, const char *kind, const char *subject)
{
        scheduler_told(scheduler, timetable_event(scheduler->timetable, kind, subject, scheduler_now_us()),
                       "an event");
}

static void zones_changed(void *data)
{
        struct scheduler *scheduler = data;

        if (scheduler->daemon->state != DAEMON_SERVING)
                return;
        zones_forget(scheduler->zones);
        scheduler->zones_walk = scheduler->zones_restart = scheduler->changed = true;
        scheduler_look(scheduler);
}

/* ---- life ---- */

void scheduler_start(struct scheduler *scheduler)
{
        int64_t now_us = scheduler_now_us();

        scheduler->started = scheduler->boot_walk = true;
        scheduler->watch = zone_watch_start(scheduler->daemon, zones_directory(scheduler->zones),
                                            zones_changed, scheduler); /* before they are looked at */
        scheduler->triggers_changed = true;
        /* What held before may hold no longer, and the other way round. */
        scheduler->conditions_walk = scheduler->conditions_restart = true;
        scheduler->seen = clocks_now();
        scheduler->late = "stopped";
        scheduler->clock_walk = scheduler->clock_restart = timetable_clock_is_behind(scheduler->timetable,
                                                                                     now_us);
        scheduler->zones_walk = scheduler->zones_restart = true;
        scheduler_look(scheduler);
}

void scheduler_stop(struct scheduler *scheduler)
{
        scheduler_arm(scheduler, 0);
        event_del(scheduler->next);
}

int64_t scheduler_next_us(const struct scheduler *scheduler)
{
        return scheduler->armed_us ? scheduler->armed_us + SCHEDULER_LEAD_US : 0;
}

int scheduler_new(struct daemon *daemon, struct scheduler **ret)
{
        struct scheduler *scheduler = calloc(1, sizeof(*scheduler));

        if (!scheduler)
                return -ENOMEM;
        /* Without one, offsets are those of the user and the schedule alone. */
        paths_machine_id(daemon->machine_id);
        scheduler->daemon = daemon;
        scheduler->batch = SCHEDULER_BATCH_MIN;
        scheduler->next = event_new(daemon->base, -1, 0, scheduler_on_next, scheduler);
        scheduler->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
        int r = scheduler->fd < 0 ? -errno : zones_new(NULL, &scheduler->zones);
        if (r == 0)
                r = conditions_new(daemon->base, &scheduler_conditions_hooks, scheduler, &daemon->conditions);
        if (r == 0)
                r = guards_new(daemon, &daemon->guards);
        if (r == 0)
                r = timetable_new(daemon->store, scheduler->zones, &scheduler_hooks, scheduler,
                                  &scheduler->timetable);
        if (r == 0) {
                scheduler->event = event_new(daemon->base, scheduler->fd, EV_READ | EV_PERSIST,
                                             scheduler_on_timer, scheduler);
                r = scheduler->next && scheduler->event && event_add(scheduler->event, NULL) == 0 ? 0
                                                                                                  : -ENOMEM;
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
        guards_free(steal_pointer(scheduler->daemon->guards));
        conditions_free(steal_pointer(scheduler->daemon->conditions));
        if (scheduler->event)
                event_free(scheduler->event);
        if (scheduler->next)
                event_free(scheduler->next);
        close_keep_errno(scheduler->fd);
        zone_watch_free(scheduler->watch);
        timetable_free(scheduler->timetable);
        zones_free(scheduler->zones);
        free(scheduler);
}
