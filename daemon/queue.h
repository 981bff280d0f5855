/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The run queue: which run starts when. The queue itself is the store's rows in state queued; this decides that one
 * starts as soon as fewer than bgtaskd.runs.maxRunning runs are under way. Which pool's it is says pools.h; within a
 * pool the highest priority goes first. Of one priority, users take turns, in the order of their numbers: the oldest run
 * of the next one starts, so that a thousand runs of one user delay another's by one.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct pools;
struct queue;

int queue_new(struct daemon *daemon, struct queue **ret);
void queue_free(struct queue *queue);
/* Start what has a slot. Part of each turn, so that a run that was queued in it starts in the same commit. */
void queue_dispatch(struct queue *queue);
/* The preferences have been read again. */
void queue_configure(struct queue *queue);
/* The queue's own; what waits and runs in them is as of the last look. */
struct pools *queue_pools(const struct queue *queue);
void queue_look(struct queue *queue);
/* Whether one more run that names @pool (NULL, "": none) must be refused; for which limit, of which pool (NULL: of all). */
bool queue_is_full(struct queue *queue, const char *pool, int32_t *ret_limit, const char **ret_pool);
/* A start could not be recorded: wait a moment before the next. */
void queue_pause(struct queue *queue);

#endif
