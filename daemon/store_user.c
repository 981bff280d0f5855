/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A table of users by number. A user that was seen once stays: there are as many as there are people and services
 * here, and retention forgets their runs, not them. Those that the open group has touched are on a list, so that
 * a commit costs what it changed.
 */
#include "config.h"

#include "daemon/store_user.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "daemon/run.h"
#include "daemon/store_internal.h"

#define USER_BUCKETS 64

struct user {
        SLIST_ENTRY(user) bucket;
        SLIST_ENTRY(user) touch;
        uid_t uid;
        bool touched;
        struct run_counts counts, committed;
};

SLIST_HEAD(user_list, user);

struct store_users {
        struct user_list buckets[USER_BUCKETS];
        struct user_list touched;
};

static struct user *user_find(const struct store_users *users, uid_t uid)
{
        struct user *user;

        SLIST_FOREACH(user, &users->buckets[uid % USER_BUCKETS], bucket)
        if (user->uid == uid)
                return user;
        return NULL;
}

static void user_touch(struct store_users *users, struct user *user)
{
        if (user->touched)
                return;
        user->touched = true;
        SLIST_INSERT_HEAD(&users->touched, user, touch);
}

struct run_counts store_user_counts(const struct store *store, uid_t uid)
{
        const struct user *user = user_find(store->users, uid);

        return user ? user->counts : (struct run_counts){ 0 };
}

struct store_users *store_users_new(void)
{
        struct store_users *users = calloc(1, sizeof(*users));

        for (size_t i = 0; users && i < USER_BUCKETS; i++)
                SLIST_INIT(&users->buckets[i]);
        if (users)
                SLIST_INIT(&users->touched);
        return users;
}

void store_users_free(struct store_users *users)
{
        for (size_t i = 0; users && i < USER_BUCKETS; i++)
                while (!SLIST_EMPTY(&users->buckets[i])) {
                        struct user *user = SLIST_FIRST(&users->buckets[i]);
                        SLIST_REMOVE_HEAD(&users->buckets[i], bucket);
                        free(user);
                }
        free(users);
}

int store_users_add(struct store_users *users, uid_t uid)
{
        if (user_find(users, uid))
                return 0;
        struct user *user = calloc(1, sizeof(*user));
        if (!user)
                return -ENOMEM;
        user->uid = uid;
        SLIST_INSERT_HEAD(&users->buckets[uid % USER_BUCKETS], user, bucket);
        return 0;
}

void store_users_count(struct store_users *users, const struct run *like, int64_t count)
{
        struct user *user = user_find(users, like->uid);

        if (!user)
                return;
        user_touch(users, user);
        user->counts.total += count;
        if (like->state == RUN_QUEUED)
                user->counts.queued += count;
        else if (!run_state_is_final(like->state))
                user->counts.active += count;
}

void store_users_move(struct store_users *users, const struct run *before, const struct run *after)
{
        if (before)
                store_users_count(users, before, -1);
        if (after)
                store_users_count(users, after, 1);
}

void store_users_reset(struct store_users *users)
{
        for (size_t i = 0; i < USER_BUCKETS; i++) {
                struct user *user;
                SLIST_FOREACH(user, &users->buckets[i], bucket)
                {
                        user_touch(users, user);
                        user->counts = (struct run_counts){ 0 };
                }
        }
        store_users_commit(users);
}

void store_users_commit(struct store_users *users)
{
        while (!SLIST_EMPTY(&users->touched)) {
                struct user *user = SLIST_FIRST(&users->touched);
                SLIST_REMOVE_HEAD(&users->touched, touch);
                user->touched = false;
                user->committed = user->counts;
        }
}

void store_users_rollback(struct store_users *users)
{
        while (!SLIST_EMPTY(&users->touched)) {
                struct user *user = SLIST_FIRST(&users->touched);
                SLIST_REMOVE_HEAD(&users->touched, touch);
                user->touched = false;
                user->counts = user->committed;
        }
}
