/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Runs under way: from the commit of their start to the commit of their end.
 *
 *   committing ─▶ waiting ─▶ sent ─▶ alive ─▶ exited ─▶ recording ─▶ (gone)
 *        │           │        │ ▲                          ▲
 *        │           │        ▼ └── reports after all      │ no process: set-up failed, cancelled
 *        │           │     orphaned ── no sign of life ──▶ queued again
 *        └───────────┴──────────────────────────────────── ┘
 *
 *   committing  its start waits for the commit; when that fails, it is queued as before
 *   waiting     for a zygote that is ready
 *   sent        to the zygote, which has not answered
 *   orphaned    that zygote died: when the run's socket closes without a word there never was a process, or
 *               none that reached the task, and it is queued again; when it speaks, it is alive
 *   alive       it has a process, known by pidfd; or by number alone, when it had to speak for itself
 *   exited      that has ended; its output and socket have not, for at most a second more
 *   recording   all has ended and is reaped; the record waits for the commit
 *
 * A run holds a slot until it is recording.
 */
#ifndef DAEMON_SUPERVISE_H
#define DAEMON_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/run.h"
#include "daemon/zygote.h"

struct daemon;
struct supervisor;

extern const struct zygote_hooks supervisor_zygote_hooks; /* their data: the supervisor */

int supervisor_new(struct daemon *daemon, struct supervisor **ret);
void supervisor_free(struct supervisor *supervisor);
/* Take over a run whose start has been written in the open transaction; what *run owns moves. -ENOMEM. */
int supervisor_start(struct supervisor *supervisor, struct run *run);
/* How many runs hold a slot. */
size_t supervisor_active(const struct supervisor *supervisor);
/* Whether none is left, recording ones included. */
bool supervisor_is_empty(const struct supervisor *supervisor);
/* Whether this is the process of a run, ended or not. */
bool supervisor_has_process(const struct supervisor *supervisor, pid_t pid);

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
int supervisor_cancel(struct supervisor *supervisor, int64_t run_id);
/* End all of them. The second time without grace. */
void supervisor_shutdown(struct supervisor *supervisor);

#endif
