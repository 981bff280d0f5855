/* SPDX-License-Identifier: MPL-2.0 */
/* What the kernel tells of on its own: that something has changed, not what it is now; that is read (machine.h). */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/machine.h"

struct watch;

/* Each 0, or a negative errno where there is no such thing here. @changed is called in the loop. */
/* Interfaces and routes of this network namespace (rtnetlink). */
int watch_network(struct event_base *base, void (*changed)(void *data), void *data, struct watch **ret);
/* Power supplies (uevents of the kernel). */
int watch_power(struct event_base *base, void (*changed)(void *data), void *data, struct watch **ret);
/* Some process has waited for more than @percent (1 to 100) of 10 s; told once in these at the most. */
int watch_pressure(struct event_base *base, enum machine_pressure pressure, unsigned percent,
                   void (*changed)(void *data), void *data, struct watch **ret);
/* NULL is allowed. */
void watch_free(struct watch *watch);

/* ---- pieces, for tests ---- */
/* Whether a message of the kernel, NUL-separated lines, is about a power supply. */
bool watch_is_power_event(const char *message, size_t size);

#endif
