/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Runs under way whose schedule says OnConditionLost=stop or freeze: they depend on its conditions, and are ended or frozen
 * when one of them ceases to hold. What its DeadlineSec= has relaxed for the run does not count.
 */
#ifndef DAEMON_GUARDS_H
#define DAEMON_GUARDS_H

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct guards;

int guards_new(struct daemon *daemon, struct guards **ret);
void guards_free(struct guards *guards);

/* A run of a schedule is being started, or was taken over from the daemon before. NULL guards are allowed: this is an end
 * that has come before a beginning. */
void guards_add(struct guards *guards, int64_t run_id);
void guards_remove(struct guards *guards, int64_t run_id);
/* It has a process now, @frozen by the daemon before this one. */
void guards_alive(struct guards *guards, int64_t run_id, bool frozen);
/* For the conditions: what all of them depend on; and see what has changed. */
void guards_depend(struct guards *guards);
void guards_look(struct guards *guards);

#endif
