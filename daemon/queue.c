/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/queue.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/store.h"
#include "daemon/supervise.h"
#include "lib/clock.h"

static const struct timeval queue_pause_time = { .tv_sec = 1 };

struct queue {
        struct daemon *daemon;
        struct event *resume; /* pending while paused */
        int64_t last_uid;     /* whose run was started last; -1: no one's */
};

static void queue_on_resume(evutil_socket_t fd, short what, void *data)
{
        struct queue *queue = data;

        daemon_kick(queue->daemon);
}

void queue_pause(struct queue *queue)
{
        event_add(queue->resume, &queue_pause_time);
}

/* False: none could be started. */
static bool queue_start_next(struct queue *queue)
{
        struct daemon *daemon = queue->daemon;
        struct run run = { 0 };
        int64_t now_us = clock_realtime_us();

        int r = store_run_next_queued(daemon->store, queue->last_uid, &run);
        if (r != STORE_OK)
                return false;
        r = store_run_start(daemon->store, run.id, now_us, &run.epoch);
        if (r == STORE_OK) {
                run.state = RUN_STARTING;
                run.started_at_us = now_us;
                queue->last_uid = run.uid;
                r = supervisor_start(daemon->supervisor, &run);
                if (r < 0) /* nobody else would end it */
                        store_run_requeue(daemon->store, &run);
        }
        if (r != STORE_OK)
                queue_pause(queue);
        run_done(&run);
        return r == STORE_OK;
}

void queue_dispatch(struct queue *queue)
{
        struct daemon *daemon = queue->daemon;
        size_t limit = (size_t)daemon_setting(daemon, SETTING_RUNS_MAX_RUNNING);
        int64_t queued = 0;

        while (daemon->state == DAEMON_SERVING && supervisor_active(daemon->supervisor) < limit &&
               !event_pending(queue->resume, EV_TIMEOUT, NULL)) {
                if (store_run_count(daemon->store, RUN_QUEUED, &queued) != STORE_OK || queued == 0)
                        return;
                if (!queue_start_next(queue))
                        return;
        }
}

int queue_new(struct daemon *daemon, struct queue **ret)
{
        struct queue *queue = calloc(1, sizeof(*queue));

        if (!queue)
                return -ENOMEM;
        queue->daemon = daemon;
        queue->last_uid = -1;
        queue->resume = event_new(daemon->base, -1, 0, queue_on_resume, queue);
        if (!queue->resume) {
                free(queue);
                return -ENOMEM;
        }
        *ret = queue;
        return 0;
}

void queue_free(struct queue *queue)
{
        if (!queue)
                return;
        event_free(queue->resume);
        free(queue);
}
