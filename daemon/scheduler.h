/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The one timer for all schedules: armed for the earliest next time in the store, on the wall clock, and told
 * by the kernel when that clock is set. What is due is decided in schedule.h.
 */
#ifndef DAEMON_SCHEDULER_H
#define DAEMON_SCHEDULER_H

#include <stdint.h>

struct daemon;
struct scheduler;

int scheduler_new(struct daemon *daemon, struct scheduler **ret);
void scheduler_free(struct scheduler *scheduler);
/* Look at all next times as after a change of the clock (the daemon was away), then serve. */
void scheduler_start(struct scheduler *scheduler);
/* The store's schedules have changed: arm for what is the earliest now. */
void scheduler_update(struct scheduler *scheduler);
/* The same once the change is durable, whether or not the client that made it is still there. */
void scheduler_update_on_commit(struct scheduler *scheduler);
void scheduler_stop(struct scheduler *scheduler);
/* 0: nothing is due. */
int64_t scheduler_next_us(const struct scheduler *scheduler);

#endif
