/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The run queue: which run starts when. The queue itself is the store's rows in state queued; this decides that one
 * starts as soon as fewer than bgtaskd.runs.maxRunning runs are under way. Users take turns, in the order of their
 * numbers: the oldest run of the next one starts, so that a thousand runs of one user delay another's by one.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

struct daemon;
struct queue;

int queue_new(struct daemon *daemon, struct queue **ret);
void queue_free(struct queue *queue);
/* Start what has a slot. Part of each turn, so that a run that was queued in it starts in the same commit. */
void queue_dispatch(struct queue *queue);
/* A start could not be recorded: wait a moment before the next. */
void queue_pause(struct queue *queue);

#endif
