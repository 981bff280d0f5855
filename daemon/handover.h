/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What one program of the daemon leaves open for the next one that the same process executes: the listening socket, by
 * the convention of LISTEN_FDS, and the output and result socket of each run under way. They are written down as JSON
 * in a memory file, whose number is in BGTASKD_HANDOVER. Everything in it is an improvement only: without it, or with
 * one that is not understood, runs are recovered from their files.
 */
#ifndef DAEMON_HANDOVER_H
#define DAEMON_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/conclude.h"

struct daemon;
struct handover;

struct handover_run {
        int64_t run_id, epoch;
        int output_fds[2], result_fd; /* -1: not there */
        /* Why it is being ended, BY_ITSELF: it is not. The run's file says it as well, but is not followed when the run
         * has said since how it ended: who cancels it has not been told before it stood there. This program has told. */
        enum end_reason reason;
};

/* ---- the old program ---- */
/* Take them out of the parts of @daemon and write them down. 0 or negative errno. */
int handover_write(struct daemon *daemon);
/* The listening socket goes to its place, once all else that was open is closed. */
void handover_place_listener(void);

/* ---- the new program ---- */
/* NULL: nothing was handed over. */
struct handover *handover_read(void);
/* Closes what was not taken. */
void handover_free(struct handover *handover);
/* Whether the listening socket's file was made by the daemon, which then removes it at its end. */
bool handover_socket_is_ours(const struct handover *handover);
/* The descriptors of a run become the caller's. False: there are none. */
bool handover_take_run(struct handover *handover, int64_t run_id, int64_t epoch, struct handover_run *ret);

#endif
