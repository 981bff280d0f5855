/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whose turn it is: deficit round robin over users.
 *
 * Each user with work has a place in a ring, and its entries (connections) a queue. When a user's turn comes, its
 * balance is raised by a quantum of time; its entries are served one after the other, each served time is charged,
 * and when the balance is used up the turn goes on. So a user with a thousand connections gets as much as one with a
 * single one, whoever is alone gets everything, and one expensive call is paid for with the next turns, also by a user
 * whose last entry has left in the meantime.
 *
 * Pure: time is what the caller says was used.
 */
#ifndef DAEMON_FAIR_H
#define DAEMON_FAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

struct fair;

struct fair_user {
        LIST_ENTRY(fair_user) all;
        TAILQ_ENTRY(fair_user) ring;
        TAILQ_HEAD(, fair_entry) waiting;
        struct fair *fair;
        uid_t uid;
        bool in_ring; /* has work, or is being served */
        int64_t balance_us;
        size_t entries; /* connections, waiting or not; 0: is remembered for its debt alone */
        size_t bytes;   /* what they hold, counted by them */
};

/* Embedded in what is served. */
struct fair_entry {
        TAILQ_ENTRY(fair_entry) link;
        struct fair_user *user;
        bool waiting;
};

struct fair *fair_new(void);       /* NULL: out of memory */
void fair_free(struct fair *fair); /* once all entries have left */
/* NULL: has no entry. */
const struct fair_user *fair_find(const struct fair *fair, uid_t uid);
int fair_join(struct fair *fair, uid_t uid, struct fair_entry *entry); /* -ENOMEM */
void fair_leave(struct fair_entry *entry);

/* It has work; it is given out by fair_next() once. */
void fair_wait(struct fair_entry *entry);
void fair_stop(struct fair_entry *entry);
bool fair_is_idle(const struct fair *fair);
/* Whom to serve next; NULL: no one waits. fair_charge() follows before the next one. */
struct fair_entry *fair_next(struct fair *fair, int64_t quantum_us);
/* Its user was served for so long. */
void fair_charge(struct fair_user *user, int64_t used_us, int64_t quantum_us);

#endif
