/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What keeps a run in on this system, asked of `bgtask-runner --sandbox-report` once, at the daemon's start: the status
 * is to tell before there is a first run. The answer is that for a task without the network.
 */
#ifndef DAEMON_PROBE_H
#define DAEMON_PROBE_H

#include <event2/event.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lib/sandbox_text.h"

struct probe;

/* NULL: out of memory. */
struct probe *probe_new(struct event_base *base);
void probe_free(struct probe *probe);
/* Ask; the answer comes while the event loop runs. A failure is logged. */
void probe_start(struct probe *probe, const char *runner);
/* False: not answered yet, or it could not be asked. */
bool probe_answer(const struct probe *probe, struct sandbox *ret);
/* Whether this is the process that is being asked. */
bool probe_has_process(const struct probe *probe, pid_t pid);
bool probe_failed(const struct probe *probe);

#endif
