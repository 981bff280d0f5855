/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/queue.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/pools.h"
#include "daemon/store.h"
#include "daemon/store_pool.h"
#include "daemon/supervise.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

static const struct timeval queue_pause_time = { .tv_sec = 1 };

struct queue {
        struct daemon *daemon;
        struct event *resume; /* pending while paused */
        struct pools *pools;
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

/* ---- which one ---- */

struct queue_choice {
        struct queue *queue;
        const struct pool *pool;
        struct run run; /* id 0: none so far */
};

/* Of the runs that name one pool: the one that goes first. */
static void choice_add(const struct pool_load *load, void *data)
{
        struct queue_choice *choice = data;
        struct queue *queue = choice->queue;
        struct run run = { 0 };

        if (load->queued == 0 || pools_find(queue->pools, load->name) != choice->pool ||
            store_run_next_queued(queue->daemon->store, load->name, choice->pool->last_uid, &run) != STORE_OK)
                return;
        if (!choice->run.id || pools_before(choice->pool, &run, &choice->run)) {
                run_done(&choice->run);
                choice->run = run;
        } else {
                run_done(&run);
        }
}

static void look_add(const struct pool_load *load, void *data)
{
        struct queue *queue = data;

        pools_look_add(queue->pools, load);
}

void queue_look(struct queue *queue)
{
        pools_look_begin(queue->pools, clock_monotonic_us());
        store_pool_each(queue->daemon->store, look_add, queue);
        pools_look_end(queue->pools);
}

/* False: none could be started. */
static bool queue_start_next(struct queue *queue, struct pool *pool)
{
        struct daemon *daemon = queue->daemon;
        struct queue_choice choice = { .queue = queue, .pool = pool };

        store_pool_each(daemon->store, choice_add, &choice);
        struct run run = choice.run;
        if (!run.id)
                return false;
        /* A scheduled one may be ahead of its time, and waits for it (supervise.h). */
        int64_t now_us = MAX(clock_realtime_us(), run.queued_at_us);
        int r = store_run_start(daemon->store, run.id, now_us, &run.epoch);
        if (r == STORE_OK) {
                run.state = RUN_STARTING;
                run.started_at_us = now_us;
                pools_started(queue->pools, pool, &run);
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

        queue_look(queue);
        while (daemon->state == DAEMON_SERVING && supervisor_active(daemon->supervisor) < limit &&
               !event_pending(queue->resume, EV_TIMEOUT, NULL)) {
                struct pool *pool = pools_next(queue->pools);
                if (!pool || !queue_start_next(queue, pool))
                        return;
                queue_look(queue);
        }
}

/* ---- definitions ---- */

struct pools *queue_pools(const struct queue *queue)
{
        return queue->pools;
}

void queue_configure(struct queue *queue)
{
        if (pools_configure(queue->pools, &queue->daemon->configuration.pools) < 0)
                log_error("the pools stay as they were: out of memory");
        daemon_kick(queue->daemon); /* there may be more slots */
}

/* ---- limits ---- */

bool queue_is_full(struct queue *queue, const char *pool, int32_t *ret_limit, const char **ret_pool)
{
        const struct daemon *daemon = queue->daemon;
        int32_t limit = daemon_setting(daemon, SETTING_RUNS_MAX_QUEUED);
        int64_t queued = 0;

        (void)store_run_count(daemon->store, RUN_QUEUED, &queued); /* a store that failed fails by itself */
        *ret_limit = limit;
        *ret_pool = NULL;
        if (queued >= limit)
                return true;
        queue_look(queue);
        const struct pool *found = pools_find(queue->pools, pool);
        *ret_limit = found->setting.max_queued;
        *ret_pool = found->setting.name;
        return found->queued >= found->setting.max_queued;
}

/* ---- life ---- */

int queue_new(struct daemon *daemon, struct queue **ret)
{
        struct queue *queue = calloc(1, sizeof(*queue));

        if (!queue)
                return -ENOMEM;
        queue->daemon = daemon;
        queue->resume = event_new(daemon->base, -1, 0, queue_on_resume, queue);
        if (!queue->resume || pools_new(&queue->pools) < 0 ||
            pools_configure(queue->pools, &daemon->configuration.pools) < 0) {
                queue_free(queue);
                return -ENOMEM;
        }
        *ret = queue;
        return 0;
}

void queue_free(struct queue *queue)
{
        if (!queue)
                return;
        if (queue->resume)
                event_free(queue->resume);
        pools_free(queue->pools);
        free(queue);
}
