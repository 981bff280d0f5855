/* SPDX-License-Identifier: MPL-2.0 */
/* Users' shares of the store: how many runs each has, known without asking the database. */
#ifndef DAEMON_STORE_USER_H
#define DAEMON_STORE_USER_H

#include <stdint.h>
#include <sys/types.h>

struct run;
struct store;

struct run_counts {
        int64_t queued, active; /* active: starting, running, held */
        int64_t total;          /* ended ones included */
};

struct run_counts store_user_counts(const struct store *store, uid_t uid);

/* ---- for the store's own files ---- */
struct store_users;

struct store_users *store_users_new(void); /* NULL: out of memory */
void store_users_free(struct store_users *users);
/* As if no user had a run, until they are counted again. */
void store_users_reset(struct store_users *users);
/* Know @uid from now on; what follows counts for users that are known. -ENOMEM. */
int store_users_add(struct store_users *users, uid_t uid);
/* As store_counts_move(): one run is what @after says and no longer what @before says; either may be NULL. */
void store_users_move(struct store_users *users, const struct run *before, const struct run *after);
void store_users_count(struct store_users *users, const struct run *like, int64_t count);
/* The group is durable, or it never was. */
void store_users_commit(struct store_users *users);
void store_users_rollback(struct store_users *users);

#endif
