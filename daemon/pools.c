/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/pools.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/run.h"
#include "lib/util.h"

#define START_US ((int64_t)USEC_PER_SEC)
#define SCALE 1000 /* the largest weight */
#define DAY_US (24 * 60 * 60 * (int64_t)USEC_PER_SEC)
#define AHEAD_MAX_US DAY_US
#define SHARE_MAX (INT64_MAX / 4)

struct pools {
        struct pool_settings settings; /* by which a name is found; those in `all` are the same */
        struct pool *all;
        struct pool **busy; /* those with something, as of the last look */
        size_t busy_count;
        int64_t looked_us;
        int64_t floor; /* what whoever waits has had at least */
        uint64_t look;
};

int pools_new(struct pools **ret)
{
        struct pools *pools = calloc(1, sizeof(*pools));

        if (!pools)
                return -ENOMEM;
        *ret = pools;
        return 0;
}

void pools_free(struct pools *pools)
{
        if (!pools)
                return;
        pool_settings_done(&pools->settings);
        free(pools->all);
        free(pools->busy);
        free(pools);
}

/* ---- definitions ---- */

static struct pool pool_of(const struct pools *before, const struct pool_setting *setting)
{
        struct pool pool = { .last_uid = -1 };
        const struct pool_setting *old = before->settings.count
                                                 ? pool_settings_find(&before->settings, setting->name)
                                                 : NULL;

        if (old)
                pool = before->all[old - before->settings.pools];
        pool.setting = *setting;
        return pool;
}

int pools_configure(struct pools *pools, const struct pool_settings *settings)
{
        struct pools next = *pools;

        next.settings = (struct pool_settings){ calloc(settings->count, sizeof(*settings->pools)),
                                                settings->count };
        next.all = calloc(settings->count, sizeof(*next.all));
        next.busy = calloc(settings->count, sizeof(struct pool *));
        next.busy_count = 0;
        if (!next.settings.pools || !next.all || !next.busy) {
                pool_settings_done(&next.settings);
                free(next.all);
                free(next.busy);
                return -ENOMEM;
        }
        memcpy(next.settings.pools, settings->pools, settings->count * sizeof(*settings->pools));
        for (size_t i = 0; i < settings->count; i++) {
                next.all[i] = pool_of(pools, &settings->pools[i]);
                if (next.all[i].queued || next.all[i].running)
                        next.busy[next.busy_count++] = &next.all[i];
        }
        pool_settings_done(&pools->settings);
        free(pools->all);
        free(pools->busy);
        *pools = next;
        return 0;
}

struct pool *pools_find(struct pools *pools, const char *name)
{
        const struct pool_setting *setting = pool_settings_find(&pools->settings, name);

        return &pools->all[setting ? setting - pools->settings.pools : 0];
}

const struct pool *pools_at(const struct pools *pools, size_t index)
{
        return index < pools->settings.count ? &pools->all[index] : NULL;
}

int pools_check_name(const struct pools *pools, const char *name, struct error *error)
{
        return pool_settings_check(&pools->settings, name, error);
}

/* ---- looking ---- */

static bool pool_waits(const struct pool *pool)
{
        return pool->queued > 0 && pool->running < pool->setting.max_running;
}

/* Time has passed since the last look, as it was then. */
static void pools_charge(struct pools *pools, int64_t elapsed_us)
{
        size_t waiting = 0;

        for (size_t i = 0; i < pools->busy_count; i++)
                waiting += pool_waits(pools->busy[i]);
        for (size_t i = 0; i < pools->busy_count; i++) {
                struct pool *pool = pools->busy[i];
                pool->waited = pool_waits(pool);
                if (waiting > pool->waited)
                        pool->share += elapsed_us * pool->running * SCALE / pool->setting.weight;
        }
}

/* Shares are compared with one another alone: they begin anew before they overflow. */
static void pools_rebase(struct pools *pools)
{
        for (size_t i = 0; i < pools->settings.count; i++)
                pools->all[i].share = MAX(pools->all[i].share - pools->floor, INT64_C(0));
        pools->floor = 0;
}

void pools_look_begin(struct pools *pools, int64_t now_us)
{
        int64_t elapsed_us = pools->look ? MAX(now_us - pools->looked_us, INT64_C(0)) : 0;

        pools_charge(pools, MIN(elapsed_us, DAY_US));
        for (size_t i = 0; i < pools->busy_count; i++)
                pools->busy[i]->queued = pools->busy[i]->running = 0;
        pools->busy_count = 0;
        pools->looked_us = now_us;
        pools->look++;
        if (pools->floor > SHARE_MAX)
                pools_rebase(pools);
}

void pools_look_add(struct pools *pools, const struct pool_load *load)
{
        struct pool *pool = pools_find(pools, load->name);

        if (pool->look != pools->look) {
                pool->waited = pool->waited && pool->look == pools->look - 1;
                pool->look = pools->look;
                pools->busy[pools->busy_count++] = pool;
        }
        pool->queued += load->queued;
        pool->running += load->running;
}

/* The least share of those that wait, and waited before if @before. INT64_MAX: none does. */
static int64_t least_share(const struct pools *pools, bool before)
{
        int64_t least = INT64_MAX;

        for (size_t i = 0; i < pools->busy_count; i++)
                if (pool_waits(pools->busy[i]) && (pools->busy[i]->waited || !before))
                        least = MIN(least, pools->busy[i]->share);
        return least;
}

void pools_look_end(struct pools *pools)
{
        int64_t least = least_share(pools, true);

        if (least != INT64_MAX)
                pools->floor = MAX(pools->floor, least);
        for (size_t i = 0; i < pools->busy_count; i++)
                if (pool_waits(pools->busy[i]))
                        pools->busy[i]->share = MAX(pools->busy[i]->share, pools->floor);
        least = least_share(pools, false);
        if (least == INT64_MAX)
                return;
        pools->floor = MAX(pools->floor, least);
        for (size_t i = 0; i < pools->busy_count; i++)
                pools->busy[i]->share = MIN(pools->busy[i]->share,
                                            pools->floor +
                                                    AHEAD_MAX_US * SCALE / pools->busy[i]->setting.weight);
}

/* ---- choosing ---- */

static bool pool_goes_before(const struct pool *pool, const struct pool *other)
{
        if (pool->share != other->share)
                return pool->share < other->share;
        if (pool->setting.weight != other->setting.weight)
                return pool->setting.weight > other->setting.weight;
        return pool < other;
}

struct pool *pools_next(struct pools *pools)
{
        struct pool *next = NULL;

        for (size_t i = 0; i < pools->busy_count; i++)
                if (pool_waits(pools->busy[i]) && (!next || pool_goes_before(pools->busy[i], next)))
                        next = pools->busy[i];
        return next;
}

void pools_started(struct pools *pools, struct pool *pool, const struct run *run)
{
        pools->floor = MAX(pools->floor, pool->share);
        pool->share += START_US * SCALE / pool->setting.weight;
        pool->queued--;
        pool->running++;
        pool->last_uid = run->uid;
}

bool pools_before(const struct pool *pool, const struct run *run, const struct run *other)
{
        bool run_next = (int64_t)run->uid > pool->last_uid, other_next = (int64_t)other->uid > pool->last_uid;

        if (run->priority != other->priority)
                return run->priority > other->priority;
        if (run_next != other_next)
                return run_next;
        return run->uid != other->uid ? run->uid < other->uid : run->id < other->id;
}
