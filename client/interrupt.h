/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Ctrl-C while a run is followed ends the following, not the run.
 *
 * The handler notes the signal and shuts the connection down, so that a signal that comes just before a
 * blocking read is not missed: the read then ends at once. A second signal has its usual effect.
 */
#ifndef CLIENT_INTERRUPT_H
#define CLIENT_INTERRUPT_H

/* From now on take SIGINT, SIGTERM and SIGHUP (one that is ignored stays ignored). */
void interrupt_watch(void);
/* The connection to shut down; -1: none. */
void interrupt_set_fd(int fd);
/* The signal that came, 0: none. */
int interrupt_signal(void);

#endif
