/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of the scheduler share. */
#ifndef DAEMON_SCHEDULER_INTERNAL_H
#define DAEMON_SCHEDULER_INTERNAL_H

#include <event2/event.h>

#include "daemon/conditions.h"
#include "daemon/scheduler.h"
#include "daemon/zone_watch.h"
#include "lib/zone.h"

struct scheduler {
        struct daemon *daemon;
        struct zones *zones;
        struct zone_watch *watch; /* NULL: it cannot be */
        struct timetable *timetable;
        int fd;
        struct event *event;
        int64_t armed_us;   /* 0: disarmed */
        bool committing;    /* a look waits for its commit, which looks again or arms */
        bool changed;       /* meanwhile */
        struct event *next; /* a look that follows at once */
        int batch;
        bool started;
        bool follow_up; /* ends of runs that could not be followed up */
        /* A walk over all schedules that goes on with each look. */
        bool boot_walk, clock_walk, clock_restart, zones_walk, zones_restart, conditions_walk,
                conditions_restart;
        bool triggers_changed; /* what events are about has to be read again */
        struct clocks {
                int64_t realtime_us, boottime_us, monotonic_us;
        } seen; /* at the last look */
        const char *late;
};

void scheduler_look(struct scheduler *scheduler);

/* ---- scheduler_hooks.c: the world that the timetable and the conditions ask; their data is the scheduler ---- */
extern const struct timetable_hooks scheduler_hooks;
extern const struct conditions_hooks scheduler_conditions_hooks;
/* Listen for what some schedule is triggered by, and for nothing else. */
void scheduler_listen(struct scheduler *scheduler);

#endif
