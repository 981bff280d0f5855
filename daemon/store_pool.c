/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A table of pools by name. One that was seen once stays: there are as many as schedules and preferences name. Those
 * that have something are on a list, so that whoever chooses among them does not meet the others; and those that the
 * open group has touched, as with users.
 */
#include "config.h"

#include "daemon/store_pool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/run.h"
#include "daemon/store_internal.h"

#define POOL_BUCKETS 64

struct store_pool {
        SLIST_ENTRY(store_pool) bucket;
        SLIST_ENTRY(store_pool) touch;
        LIST_ENTRY(store_pool) busy;
        char *name;
        bool touched, is_busy;
        struct pool_load load, committed;
};

SLIST_HEAD(store_pool_list, store_pool);

struct store_pools {
        struct store_pool_list buckets[POOL_BUCKETS];
        struct store_pool_list touched;
        LIST_HEAD(, store_pool) busy;
};

static unsigned pool_bucket(const char *name)
{
        unsigned hash = 5381;

        while (*name)
                hash = hash * 33 + (unsigned char)*name++;
        return hash % POOL_BUCKETS;
}

static struct store_pool *pool_find(const struct store_pools *pools, const char *name)
{
        struct store_pool *pool;

        name = name ? name : "";
        SLIST_FOREACH(pool, &pools->buckets[pool_bucket(name)], bucket)
        if (strcmp(pool->name, name) == 0)
                return pool;
        return NULL;
}

static void pool_touch(struct store_pools *pools, struct store_pool *pool)
{
        if (pool->touched)
                return;
        pool->touched = true;
        SLIST_INSERT_HEAD(&pools->touched, pool, touch);
}

static void pool_set(struct store_pools *pools, struct store_pool *pool, int64_t queued, int64_t running)
{
        bool busy = queued > 0 || running > 0;

        pool->load.queued = queued;
        pool->load.running = running;
        if (busy && !pool->is_busy)
                LIST_INSERT_HEAD(&pools->busy, pool, busy);
        if (!busy && pool->is_busy)
                LIST_REMOVE(pool, busy);
        pool->is_busy = busy;
}

void store_pool_each(const struct store *store, void (*each)(const struct pool_load *load, void *data),
                     void *data)
{
        const struct store_pool *pool;

        LIST_FOREACH(pool, &store->pools->busy, busy)
        each(&pool->load, data);
}

struct pool_load store_pool_load(const struct store *store, const char *name)
{
        const struct store_pool *pool = pool_find(store->pools, name);

        return pool ? pool->load : (struct pool_load){ .name = name ? name : "" };
}

struct store_pools *store_pools_new(void)
{
        struct store_pools *pools = calloc(1, sizeof(*pools));

        for (size_t i = 0; pools && i < POOL_BUCKETS; i++)
                SLIST_INIT(&pools->buckets[i]);
        if (pools) {
                SLIST_INIT(&pools->touched);
                LIST_INIT(&pools->busy);
        }
        return pools;
}

void store_pools_free(struct store_pools *pools)
{
        for (size_t i = 0; pools && i < POOL_BUCKETS; i++)
                while (!SLIST_EMPTY(&pools->buckets[i])) {
                        struct store_pool *pool = SLIST_FIRST(&pools->buckets[i]);
                        SLIST_REMOVE_HEAD(&pools->buckets[i], bucket);
                        free(pool->name);
                        free(pool);
                }
        free(pools);
}

int store_pools_add(struct store_pools *pools, const char *name)
{
        name = name ? name : "";
        if (pool_find(pools, name))
                return 0;
        struct store_pool *pool = calloc(1, sizeof(*pool));
        char *copy = strdup(name);
        if (!pool || !copy) {
                free(pool);
                free(copy);
                return -ENOMEM;
        }
        pool->name = copy;
        pool->load.name = pool->committed.name = copy;
        SLIST_INSERT_HEAD(&pools->buckets[pool_bucket(name)], pool, bucket);
        return 0;
}

char *store_pools_name(const struct store_pools *pools, const char *name)
{
        const struct store_pool *pool = pool_find(pools, name);

        return pool ? pool->name : NULL;
}

void store_pools_count(struct store_pools *pools, const struct run *like, int64_t count)
{
        bool queued = like->state == RUN_QUEUED;
        bool running = like->state == RUN_STARTING || like->state == RUN_RUNNING;
        struct store_pool *pool = queued || running ? pool_find(pools, like->pool) : NULL;

        if (!pool)
                return;
        pool_touch(pools, pool);
        pool_set(pools, pool, pool->load.queued + (queued ? count : 0),
                 pool->load.running + (running ? count : 0));
}

void store_pools_move(struct store_pools *pools, const struct run *before, const struct run *after)
{
        if (before)
                store_pools_count(pools, before, -1);
        if (after)
                store_pools_count(pools, after, 1);
}

void store_pools_reset(struct store_pools *pools)
{
        for (size_t i = 0; i < POOL_BUCKETS; i++) {
                struct store_pool *pool;
                SLIST_FOREACH(pool, &pools->buckets[i], bucket)
                {
                        pool_touch(pools, pool);
                        pool_set(pools, pool, 0, 0);
                }
        }
        store_pools_commit(pools);
}

void store_pools_commit(struct store_pools *pools)
{
        while (!SLIST_EMPTY(&pools->touched)) {
                struct store_pool *pool = SLIST_FIRST(&pools->touched);
                SLIST_REMOVE_HEAD(&pools->touched, touch);
                pool->touched = false;
                pool->committed = pool->load;
        }
}

void store_pools_rollback(struct store_pools *pools)
{
        while (!SLIST_EMPTY(&pools->touched)) {
                struct store_pool *pool = SLIST_FIRST(&pools->touched);
                SLIST_REMOVE_HEAD(&pools->touched, touch);
                pool->touched = false;
                pool_set(pools, pool, pool->committed.queued, pool->committed.running);
        }
}
