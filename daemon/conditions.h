/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The conditions of schedules: whether they hold, and telling when that changes.
 *
 * Watched is only what somebody waits for: what was found not to hold when a run wanted it (until the walk over the held
 * runs that follows the next change finds that nobody wants it any more), and what runs under way depend on. Where the
 * kernel tells, it is listened to; the rest is read again in times that are written beside each condition. What is read
 * counts for a fifth of a second, so that a thousand schedules ask once.
 */
#ifndef DAEMON_CONDITIONS_H
#define DAEMON_CONDITIONS_H

#include <event2/event.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/schedule_conditions.h"

struct conditions;

struct conditions_hooks {
        /* Whether a run is held for conditions at all. */
        bool (*anyone_waits)(void *data);
        /* Call conditions_depend() for each run under way that depends on some. */
        void (*depend)(void *data);
        /* Something that was waited for holds now. */
        void (*gained)(void *data);
        /* Something that a run under way depends on may have changed. */
        void (*changed)(void *data);
        /* There is a network, and there was none. */
        void (*network_up)(void *data);
        /* A path that conditions_watch_path() named has changed. */
        void (*path_changed)(const char *path, void *data);
};

int conditions_new(struct event_base *base, const struct conditions_hooks *hooks, void *data,
                   struct conditions **ret);
void conditions_free(struct conditions *conditions);

/* Whether all that @definition wants at @rung holds. What does not is waited for. */
bool conditions_met(struct conditions *conditions, const struct schedule_definition *definition,
                    enum schedule_rung rung);
/* A walk over all held runs begins, which calls conditions_met() for each. */
void conditions_walk(struct conditions *conditions);
/* What does not hold, a sentence each; nothing is waited for. NULL: out of memory. */
json_t *conditions_unmet(struct conditions *conditions, const struct schedule_definition *definition,
                         enum schedule_rung rung);
/* A run under way depends on these; the hook is also called at @next_us (wall clock, 0: never). */
void conditions_depend(struct conditions *conditions, const struct schedule_definition *definition,
                       enum schedule_rung rung, int64_t next_us);
/* Other runs depend on it now than before, or others wait: look soon. */
void conditions_look_soon(struct conditions *conditions);

/* Whether somebody wants to hear of a network that comes up, and of which paths (an object's keys, absolute; shared).
 * What cannot be watched is logged and tried again each minute. */
void conditions_watch_network(struct conditions *conditions, bool wanted);
int conditions_watch_paths(struct conditions *conditions, json_t *paths);
bool conditions_has_network(struct conditions *conditions);
/* What cannot be watched here, in a sentence; NULL: nothing. */
const char *conditions_degraded(const struct conditions *conditions);

#endif
