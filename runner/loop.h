/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The event loop of a run. libevent's does not nest, but JavaScript may wait in it (Services.tm.spinEventLoopUntil). So an
 * event does not call JavaScript: it asks for a call, which comes when libevent has returned.
 *
 *   event ---loop_later---> waiting calls ---loop_turn---> JavaScript ---loop_spin---> loop_turn, nested
 *
 * All is for the engine's thread.
 */
#ifndef RUNNER_LOOP_H
#define RUNNER_LOOP_H

#include <stdbool.h>

#include "runner/host.h"

struct loop_call {
        void (*run)(void *data);
        void *data;
        bool top; /* not while JavaScript runs the loop: it waits for the end of that */

        /* loop.c's */
        struct loop_call *next;
        bool waits;
};

/* Have it called, once; what waits already stays in its place. The call must stay, or be forgotten. */
void loop_later(struct loop_call *call);
/* The callback of an event that has its call as data, and only asks for it. */
void loop_event(evutil_socket_t fd, short what, void *call);
/* It may wait or not. */
void loop_forget(struct loop_call *call);
/* Wait for events, unless calls wait already, and do the calls. 0 or a negative errno. */
int loop_turn(struct host *host);
/* No more calls: the task is done. */
void loop_break(struct host *host);
/* Whether JavaScript runs the loop. */
bool loop_is_nested(void);
/* Run the loop from JavaScript until @condition gives true; NULL: as long as there is something to do at once. false: an
 * exception is pending, or JavaScript is terminated. */
bool loop_spin(struct host *host, eng_val condition);

#endif
