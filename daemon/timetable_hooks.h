/* SPDX-License-Identifier: MPL-2.0 */
#ifndef DAEMON_TIMETABLE_HOOKS_H
#define DAEMON_TIMETABLE_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/schedule_definition.h"
#include "lib/schedule_plan.h"

/* What the timetable asks of the daemon, and of a test's world. */
struct timetable_hooks {
        uint64_t (*random)(void *data);
        /* Whether what a definition wants at this rung holds now. */
        bool (*conditions_met)(const struct schedule_definition *definition, enum schedule_rung rung,
                               void *data);
        /* Whether one more run by a definition can be queued. */
        bool (*queue_has_room)(const struct schedule_definition *definition, void *data);
        /* End a run of a schedule for the one that comes next. */
        void (*end_run)(int64_t run_id, bool kill, void *data);
        /* One line for the log. */
        void (*note)(const char *text, void *data);
        /* Schedules that are triggered by events came or went: others may have to be listened for. */
        void (*triggers_changed)(void *data);
        /* A schedule uses this zone; "": the system's. NULL: nobody wants to know. */
        void (*zone_used)(const char *zone, void *data);
        int64_t lead_us; /* by how much the times that the timetable is given are ahead of the wall clock */
};

#endif
