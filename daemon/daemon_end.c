/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The daemon's last seconds: runs are ended or settled, clients get their last answers, and the loop is left.
 *
 *   SERVING ──daemon_stop──▶ STOPPING ──daemon_on_farewell: no run is left, or time is up──▶ STOPPED
 *   SERVING ──daemon_hand_over──▶ HANDING_OVER ──daemon_on_farewell: all runs are settled, or time is up──▶ the next program
 */
#include "config.h"

#include <inttypes.h>

#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/group.h"
#include "daemon/notify.h"
#include "daemon/scheduler.h"
#include "daemon/supervise.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define DAEMON_FLUSH_STEPS 50   /* of 20 ms: how long clients may take their last answers */
#define DAEMON_FAREWELL_SEC 5   /* beyond the grace of runs */
#define DAEMON_HAND_OVER_SEC 20 /* for what waits for a commit */

static const struct timeval daemon_flush_step = { .tv_usec = 20000 };

static void daemon_on_farewell(evutil_socket_t fd, short what, void *data)
{
        struct daemon *daemon = data;

        if (daemon->state == DAEMON_HANDING_OVER && !daemon->handing_over) {
                group_commit(daemon->group);
                follow_shutdown(daemon->follow);
                daemon->handing_over = true;
        }
        if (daemon->state == DAEMON_STOPPING) {
                if (!supervisor_is_empty(daemon->supervisor))
                        log_error("some runs do not end: leaving them");
                group_commit(daemon->group);
                follow_shutdown(daemon->follow);
                daemon->state = DAEMON_STOPPED;
        }
        if (control_is_flushed(daemon->control) || daemon->flush_steps++ >= DAEMON_FLUSH_STEPS)
                event_base_loopbreak(daemon->base);
        else
                event_add(daemon->farewell, &daemon_flush_step);
}

void daemon_check_stopped(struct daemon *daemon)
{
        static const struct timeval at_once = { 0 };

        /* By way of the loop: this may be in the middle of a commit's callbacks. */
        if ((daemon->state == DAEMON_STOPPING && supervisor_is_empty(daemon->supervisor)) ||
            (daemon->state == DAEMON_HANDING_OVER && supervisor_is_settled(daemon->supervisor)))
                event_add(daemon->farewell, &at_once);
}

void daemon_stop(struct daemon *daemon, int exit_code)
{
        const struct timeval limit = { .tv_sec = daemon_setting(daemon, SETTING_RUNS_GRACE_SEC) +
                                                 DAEMON_FAREWELL_SEC };

        if (daemon->state == DAEMON_HANDING_OVER) {
                daemon->end_wanted = true; /* of the next program */
                return;
        }
        if (daemon->state == DAEMON_SERVING) {
                log_notice("ending");
                notify_send(daemon->notify, "STOPPING=1");
                daemon->exit_code = exit_code;
                daemon->state = DAEMON_STOPPING;
                scheduler_stop(daemon->scheduler);
                control_close(daemon->control);
                event_add(daemon->farewell, &limit);
        }
        supervisor_shutdown(daemon->supervisor);
        daemon_check_stopped(daemon);
}

void daemon_hand_over(struct daemon *daemon)
{
        static const struct timeval limit = { .tv_sec = DAEMON_HAND_OVER_SEC };

        log_notice("handing over to a new program");
        notify_send(daemon->notify, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic_us());
        daemon->state = DAEMON_HANDING_OVER;
        scheduler_stop(daemon->scheduler);
        control_pause(daemon->control);
        event_add(daemon->farewell, &limit);
        supervisor_settle(daemon->supervisor);
        daemon_kick(daemon);
        daemon_check_stopped(daemon);
}

struct event *daemon_farewell_new(struct daemon *daemon)
{
        return event_new(daemon->base, -1, 0, daemon_on_farewell, daemon);
}
