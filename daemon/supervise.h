/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Runs under way: from the commit of their start to the commit of their end.
 *
 *   committing ─▶ waiting ─▶ sent ─▶ alive ─▶ exited ─▶ recording ─▶ (gone)
 *        │           │        │       ▲         ▲           ▲
 *        │           │        ▼       │         │           │
 *        │           │     orphaned ──┴─────────┘           │ no process: set-up failed, cancelled
 *        └───────────┴──────────────────────────────────────┘
 *
 *   committing  its start waits for the commit; when that fails, it is queued as before
 *   waiting     for a zygote that is ready
 *   sent        to the zygote, which has not answered
 *   orphaned    nobody tells of it but its file: that zygote died, or it was begun by an earlier daemon
 *   alive       it has a process, known by pidfd; or by number alone where none can be had: then its socket tells of its
 *               end, or, for one that is adopted, its lock, which is looked at once a second
 *   exited      that has ended; its output and socket have not, for at most a second more
 *   recording   all has ended and is reaped; the record waits for the commit
 *
 * | from       | to        | when                                                | by                              |
 * |------------|-----------|-----------------------------------------------------|---------------------------------|
 * | –          | committing| a queued run gets a slot                            | supervisor_start                |
 * | –          | orphaned  | this daemon starts and finds it under way           | supervisor_adopt                |
 * | committing | waiting   | the start is durable                                | job_go                          |
 * | waiting    | sent      | a zygote took the packet                            | supervisor_feed                 |
 * | waiting    | recording | no zygote can be had, it cannot be set up, cancelled| job_give_up                     |
 * | sent       | alive     | the zygote names its process                        | on_zygote_started, job_alive    |
 * | sent       | recording | the zygote could make none                          | on_zygote_started, job_give_up  |
 * | sent       | orphaned  | the zygote died                                     | on_zygote_died                  |
 * | orphaned   | alive     | its file names its process, or it speaks            | job_look, job_reported          |
 * | orphaned   | exited    | it has ended; its file may say how                  | job_look                        |
 * | alive      | exited    | its pidfd (or, without one, its socket) is at its end| job_exited, job_check_ended    |
 * | alive      | exited    | adopted, without a pidfd: its lock or number is free | job_looked_at                  |
 * | alive      | exited    | it does not end when it is killed                   | job_abandon                     |
 * | exited     | recording | reaped, and all it could say has been read          | job_finish                      |
 * | any        | (gone)    | queued again: nothing of the task was executed, or it may be repeated | job_requeue   |
 * | alive      | (gone)    | this daemon ends and the run does not               | job_detach                      |
 * | recording  | (gone)    | what became of it is durable                        | job_recorded                    |
 *
 * A run holds a slot until it is recording. A scheduled one comes here some milliseconds before its time (scheduler.h), and
 * is told it: its process is made, waits, and enters the task then.
 */
#ifndef DAEMON_SUPERVISE_H
#define DAEMON_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/handover.h"
#include "daemon/run.h"
#include "daemon/zygote.h"

struct daemon;
struct supervisor;

extern const struct zygote_hooks supervisor_zygote_hooks; /* their data: the supervisor */

int supervisor_new(struct daemon *daemon, struct supervisor **ret);
void supervisor_free(struct supervisor *supervisor);
/* Take over a run whose start has been written in the open transaction; what *run owns moves. -ENOMEM. */
int supervisor_start(struct supervisor *supervisor, struct run *run);
/* Take over a run that the daemon before this one began; what *run owns moves. -ENOMEM. */
/* @handed: what the program before this one of the same process handed over; NULL: nothing. */
int supervisor_adopt(struct supervisor *supervisor, struct run *run, const struct handover_run *handed);
/* Begin nothing more, so that what is under way can be handed over; daemon_check_stopped() hears of it. */
void supervisor_settle(struct supervisor *supervisor);
bool supervisor_is_settled(const struct supervisor *supervisor);
/* Tell of each run that has or may have a process; the descriptors become the callee's. */
int supervisor_hand_over(struct supervisor *supervisor,
                         int (*each)(const struct handover_run *run, void *data), void *data);
/* How many runs hold a slot. */
size_t supervisor_active(const struct supervisor *supervisor);
/* Whether none is left, recording ones included. */
bool supervisor_is_empty(const struct supervisor *supervisor);
/* Whether this is the process of a run, ended or not. */
bool supervisor_has_process(const struct supervisor *supervisor, pid_t pid);
/* Whether this is the process of a run of which nothing but its file has told yet. */
bool supervisor_awaits_process(const struct supervisor *supervisor, pid_t pid);
/* Whether this epoch of a run is under way; whether one has the ephemeral profile of this name. */
bool supervisor_has_run(const struct supervisor *supervisor, int64_t run_id, int64_t epoch);
/* Whether this is the process of a run that was left to the next daemon. */
bool supervisor_has_left(const struct supervisor *supervisor, pid_t pid);
/* Whether this run (0: any) has a process that goes on. */
bool supervisor_has_run_alive(const struct supervisor *supervisor, int64_t run_id);
bool supervisor_has_profile(const struct supervisor *supervisor, const char *name);

/* ---- job_peer.c: runs as clients ---- */
struct run_client {
        int64_t run_id;
        uid_t uid;           /* who asked for it */
        bool control_socket; /* it may be a client */
};
/* The run whose leader @pid is, ended or not. */
bool supervisor_find_run_of_process(const struct supervisor *supervisor, pid_t pid, struct run_client *ret);
/* Whether a run may have a process of which we have not heard. */
bool supervisor_is_starting(const struct supervisor *supervisor);
/* Record that the run was kept from something: @what in words, @key the line of a task file that would allow it. */
void supervisor_denied(struct supervisor *supervisor, int64_t run_id, const char *what, const char *key);

/* How much @run has printed so far, which the store learns at its end; nothing changes if it is not under way. */
void supervisor_measure(struct supervisor *supervisor, struct run *run);
/* End a run for a client. -ENOENT: it is not under way. */
/* The same without a chance to end by itself. -ENOENT. */
int supervisor_kill(struct supervisor *supervisor, int64_t run_id);
/* Freeze a run under way, or with NULL thaw it. True: it is frozen. */
bool supervisor_freeze(struct supervisor *supervisor, int64_t run_id, const char *why);
/* End it for a condition that it has lost, in words. */
void supervisor_lose_condition(struct supervisor *supervisor, int64_t run_id, const char *why);
int supervisor_cancel(struct supervisor *supervisor, int64_t run_id);
/* End all of them but those that the next daemon is to adopt. The second time without grace. */
void supervisor_shutdown(struct supervisor *supervisor);

#endif
