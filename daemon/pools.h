/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whose turn it is among the pools: weighted fair sharing of slots, pure.
 *
 * Each pool has a count of what it had, in slot time divided by its weight. The next slot goes to the pool with the
 * least, of those that wait and are below their limit. A start costs START_US at once and then the time that it takes:
 * many short runs count by their number, long ones by their length. Nobody saves up and nobody pays for what no other
 * wanted:
 *
 *   - time passes for a pool only while another one waits;
 *   - a pool that begins to wait has had at least as much as whoever has had the least among those that wait;
 *   - nobody is more than a day of its own slot time ahead of whoever has had the least, and so put off for longer.
 *
 * So slots are never idle while a run may begin, and a pool that waits gets its turn whatever others have.
 *
 * A run whose pool is not defined (any more) is in the default one until it is again.
 */
#ifndef DAEMON_POOLS_H
#define DAEMON_POOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/pool_settings.h"

struct run;
struct pools;

/* Of the runs that name a pool, which may be one that is not defined. */
struct pool_load {
        const char *name; /* "": none */
        int64_t queued, running;
};

/* A pool with all that is in it. */
struct pool {
        struct pool_setting setting;
        int64_t queued, running;
        int64_t last_uid; /* whose run was started last; -1: no one's */
        /* Inside. */
        int64_t share; /* what it had */
        uint64_t look;
        bool waited;
};

int pools_new(struct pools **ret); /* -ENOMEM */
void pools_free(struct pools *pools);
/* From now on by these definitions; what pools had stays. -ENOMEM: as before. */
int pools_configure(struct pools *pools, const struct pool_settings *settings);
/* The pool that runs which name @name are in. */
struct pool *pools_find(struct pools *pools, const char *name);

/* One after the other; NULL: there are no more. */
const struct pool *pools_at(const struct pools *pools, size_t index);
/* -EINVAL when it is not defined, with what pools there are. */
int pools_check_name(const struct pools *pools, const char *name, struct error *error);

/* A look at how things are, at @now_us of a clock that only goes forward: begun, told of each load that is not zero, and
 * ended. In proportion to those. */
void pools_look_begin(struct pools *pools, int64_t now_us);
void pools_look_add(struct pools *pools, const struct pool_load *load);
void pools_look_end(struct pools *pools);
/* By the last look: which one's run begins next; NULL: none may. */
struct pool *pools_next(struct pools *pools);
/* A run of it has begun. */
void pools_started(struct pools *pools, struct pool *pool, const struct run *run);
/* Whether @run goes before @other in the pool: the highest priority; the user whose turn is next; the oldest. */
bool pools_before(const struct pool *pool, const struct run *run, const struct run *other);

#endif
