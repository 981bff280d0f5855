/* SPDX-License-Identifier: MPL-2.0 */
/* What tests of the timetable share: their time, and a world that has room, meets each condition, draws 0 and hears nothing.
 * A test with more to say copies the hooks and puts its own in their places. */
#ifndef TESTS_UNIT_TIMETABLE_FIXTURE_H
#define TESTS_UNIT_TIMETABLE_FIXTURE_H

#include "daemon/timetable_hooks.h"

#define S INT64_C(1000000)
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define BEGIN (INT64_C(1704067200) * S) /* 2024-01-01 00:00 UTC */

static uint64_t fixture_random(void *data)
{
        return 0;
}

static bool fixture_conditions_met(const struct schedule_definition *definition, enum schedule_rung rung,
                                   void *data)
{
        return true;
}

static bool fixture_queue_has_room(const struct schedule_definition *definition, void *data)
{
        return true;
}

static void fixture_end_run(int64_t run_id, bool kill, void *data)
{
}

static void fixture_note(const char *text, void *data)
{
}

static void fixture_triggers_changed(void *data)
{
}

static const struct timetable_hooks fixture_hooks = {
        .random = fixture_random,
        .conditions_met = fixture_conditions_met,
        .queue_has_room = fixture_queue_has_room,
        .end_run = fixture_end_run,
        .note = fixture_note,
        .triggers_changed = fixture_triggers_changed,
};

#endif
