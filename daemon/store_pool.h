/* SPDX-License-Identifier: MPL-2.0 */
/* What waits and runs in each pool, known without asking the database. Names are those that runs have. */
#ifndef DAEMON_STORE_POOL_H
#define DAEMON_STORE_POOL_H

#include <stdint.h>

#include "daemon/pools.h"

struct run;
struct store;

/* Each with something that is queued, starting or running. @each does not change the store. */
void store_pool_each(const struct store *store, void (*each)(const struct pool_load *load, void *data),
                     void *data);
/* Of one name; NULL is "". */
struct pool_load store_pool_load(const struct store *store, const char *name);

/* ---- for the store's own files: as store_user.h ---- */
struct store_pools;

struct store_pools *store_pools_new(void); /* NULL: out of memory */
void store_pools_free(struct store_pools *pools);
void store_pools_reset(struct store_pools *pools);
/* Know a pool from now on; what follows counts for pools that are known. -ENOMEM. */
int store_pools_add(struct store_pools *pools, const char *name);
/* The name as long as the store lives; NULL: it is not known. */
char *store_pools_name(const struct store_pools *pools, const char *name);
void store_pools_count(struct store_pools *pools, const struct run *like, int64_t count);
void store_pools_move(struct store_pools *pools, const struct run *before, const struct run *after);
void store_pools_commit(struct store_pools *pools);
void store_pools_rollback(struct store_pools *pools);

#endif
