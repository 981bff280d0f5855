/* SPDX-License-Identifier: MPL-2.0 */
/* Signals, as events: TERM and INT end the daemon, HUP reloads, CHLD reaps what is not a run. PIPE and XFSZ
 * are ignored. */
#ifndef DAEMON_SIGNALS_H
#define DAEMON_SIGNALS_H

struct daemon;
struct signals;

int signals_new(struct daemon *daemon, struct signals **ret);
/* From here on they wait for the next program that this process executes. */
void signals_block(struct signals *signals);
void signals_free(struct signals *signals);
/* Reap what has ended and is not a run. For SIGCHLD, and when a run that was in the way has been reaped. */
void signals_sweep(struct daemon *daemon);

#endif
