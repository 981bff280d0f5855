/* SPDX-License-Identifier: MPL-2.0 */
/* The end of runs that is wanted before they have come to it themselves. */
#ifndef DAEMON_RUN_END_H
#define DAEMON_RUN_END_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/run.h"

struct daemon;

/* Cancel one that is queued or held, in the open group; whoever waits for it hears of it. A positive outcome of the
 * store: it has ended or begun. */
int run_end_waiting(struct daemon *daemon, struct run *run);
/* Cancel one in any state; @kill: at once, without a chance to end by itself. One that has ended stays as it is. */
void run_end(struct daemon *daemon, int64_t run_id, bool kill);

#endif
