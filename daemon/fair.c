/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/fair.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/util.h"

#define FAIR_DEBT_MAX 64    /* quanta: what one call can cost its user */
#define FAIR_DEBTORS_MAX 64 /* users without an entry whose debt is remembered */

struct fair {
        size_t debtors;
        LIST_HEAD(, fair_user) users;
        TAILQ_HEAD(, fair_user) ring;
};

struct fair *fair_new(void)
{
        struct fair *fair = calloc(1, sizeof(*fair));

        if (fair) {
                LIST_INIT(&fair->users);
                TAILQ_INIT(&fair->ring);
        }
        return fair;
}

static void user_free(struct fair_user *user)
{
        LIST_REMOVE(user, all);
        free(user);
}

void fair_free(struct fair *fair)
{
        struct fair_user *user;

        if (!fair)
                return;
        while ((user = LIST_FIRST(&fair->users))) /* with an entry there is none any more */
                user_free(user);
        free(fair);
}

static struct fair_user *user_find(const struct fair *fair, uid_t uid)
{
        struct fair_user *user;

        LIST_FOREACH(user, &fair->users, all)
        if (user->uid == uid)
                return user;
        return NULL;
}

/* What was left of a turn is not kept: nobody saves up for a burst. What is owed is. */
static void user_rest(struct fair_user *user)
{
        TAILQ_REMOVE(&user->fair->ring, user, ring);
        user->in_ring = false;
        user->balance_us = MIN(user->balance_us, INT64_C(0));
}

const struct fair_user *fair_find(const struct fair *fair, uid_t uid)
{
        const struct fair_user *user = user_find(fair, uid);

        return user && user->entries > 0 ? user : NULL;
}

int fair_join(struct fair *fair, uid_t uid, struct fair_entry *entry)
{
        struct fair_user *user = user_find(fair, uid);

        if (!user) {
                user = calloc(1, sizeof(*user));
                if (!user)
                        return -ENOMEM;
                user->fair = fair;
                user->uid = uid;
                TAILQ_INIT(&user->waiting);
                LIST_INSERT_HEAD(&fair->users, user, all);
        } else if (user->entries == 0) {
                fair->debtors--;
        }
        user->entries++;
        *entry = (struct fair_entry){ .user = user };
        return 0;
}

/* To come back anew pays no debt. If too many owe, whoever owes least is forgiven. */
static void user_leave(struct fair_user *user)
{
        struct fair *fair = user->fair;
        struct fair_user *other, *least = user;

        if (user->balance_us < 0 && fair->debtors < FAIR_DEBTORS_MAX) {
                fair->debtors++;
                return;
        }
        LIST_FOREACH(other, &fair->users, all)
        if (other->entries == 0 && other->balance_us > least->balance_us)
                least = other;
        user_free(user->balance_us < 0 ? least : user);
}

void fair_leave(struct fair_entry *entry)
{
        struct fair_user *user = entry->user;

        if (!user)
                return;
        fair_stop(entry);
        entry->user = NULL;
        if (--user->entries > 0)
                return;
        if (user->in_ring)
                user_rest(user);
        user_leave(user);
}

bool fair_is_idle(const struct fair *fair)
{
        return TAILQ_EMPTY(&fair->ring);
}

void fair_wait(struct fair_entry *entry)
{
        struct fair_user *user = entry->user;

        if (entry->waiting)
                return;
        if (!user->in_ring)
                TAILQ_INSERT_TAIL(&user->fair->ring, user, ring);
        user->in_ring = true;
        TAILQ_INSERT_TAIL(&user->waiting, entry, link);
        entry->waiting = true;
}

void fair_stop(struct fair_entry *entry)
{
        struct fair_user *user = entry->user;

        if (!entry->waiting)
                return;
        entry->waiting = false;
        TAILQ_REMOVE(&user->waiting, entry, link);
        if (TAILQ_EMPTY(&user->waiting))
                user_rest(user);
}

static void user_pass(struct fair_user *user)
{
        TAILQ_REMOVE(&user->fair->ring, user, ring);
        TAILQ_INSERT_TAIL(&user->fair->ring, user, ring);
}

struct fair_entry *fair_next(struct fair *fair, int64_t quantum_us)
{
        struct fair_user *user;

        while ((user = TAILQ_FIRST(&fair->ring))) {
                if (user->balance_us <= 0)
                        user->balance_us += quantum_us;
                if (user->balance_us <= 0) {
                        user_pass(user);
                        continue;
                }
                /* The user keeps its place until it is charged: there may be more to do by then. */
                struct fair_entry *entry = TAILQ_FIRST(&user->waiting);
                entry->waiting = false;
                TAILQ_REMOVE(&user->waiting, entry, link);
                return entry;
        }
        return NULL;
}

void fair_charge(struct fair_user *user, int64_t used_us, int64_t quantum_us)
{
        user->balance_us = MAX(user->balance_us - MAX(used_us, INT64_C(1)), -FAIR_DEBT_MAX * quantum_us);
        if (user->in_ring && TAILQ_EMPTY(&user->waiting))
                user_rest(user);
        else if (user->balance_us <= 0)
                user_pass(user);
}
