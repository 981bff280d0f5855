/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Clients' turns: when each connection's calls are answered.
 *
 * What arrives is read at once, as far as a connection may hold it; whoever has a whole call then waits for a turn.
 * Turns are given by user (fair.h), for bgtaskd.control.turnUs together in an iteration of the event loop, so that
 * runs, timers and new connections are looked at in between.
 */
#ifndef DAEMON_TURNS_H
#define DAEMON_TURNS_H

#include "daemon/fair.h"

struct daemon;
struct turns;

/* @serve answers some of what an entry has and asks for another turn if there is more; it does not free the entry. */
int turns_new(struct daemon *daemon, void (*serve)(struct fair_entry *entry), struct turns **ret);
void turns_free(struct turns *turns);
struct fair *turns_fair(struct turns *turns);
void turns_want(struct turns *turns, struct fair_entry *entry);

#endif
