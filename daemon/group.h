/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Group commit: when the store's open transaction ends.
 *
 * A turn ends the work of one iteration of the event loop: it lets the queue start what it can, then commits.
 * It is the event of lowest priority, so everything that arrived together goes into one transaction. While
 * events keep coming it is made the most urgent one after 256 changes or 5 ms. A change that nobody waits for
 * (a run now being in its task) opens a transaction without asking for a turn; it is committed with the next
 * one, at the latest after 20 ms. With nothing to do no timer is armed.
 */
#ifndef DAEMON_GROUP_H
#define DAEMON_GROUP_H

#include <event2/event.h>
#include <stdbool.h>

#include "daemon/store.h"
#include "lib/error.h"

/* Priorities of events; what is not set is GROUP_PRIORITY_IO. */
enum group_priority {
        GROUP_PRIORITY_NOW,
        GROUP_PRIORITY_SIGNAL,
        GROUP_PRIORITY_IO,
        GROUP_PRIORITY_LATER,
        GROUP_PRIORITY_TURN,
        GROUP_PRIORITY_COUNT,
};

struct group;

struct group_hooks {
        void (*turn)(void *data);                              /* before each commit: start what can be */
        void (*failed)(const struct error *error, void *data); /* the store is of no more use */
        void (*quiet)(void *data); /* a second after the first change of a burst */
};

int group_new(struct event_base *base, struct store *store, const struct group_hooks *hooks, void *data,
              struct group **ret);
void group_free(struct group *group);
/* Ask for a turn at the end of this iteration. */
void group_kick(struct group *group);
/* Call @done with the result of the commit that covers all changes so far; at once when there are none. */
void group_after_commit(struct group *group, void (*done)(int result, void *data), void *data);
/* Commit at once, outside of a turn (at the end of the daemon). */
int group_commit(struct group *group);

#endif
