/* SPDX-License-Identifier: MPL-2.0 */
/* What the Condition...= keys of a definition ask for, one need at a time. Whether a need is met is the daemon's matter. */
#ifndef LIB_SCHEDULE_CONDITIONS_H
#define LIB_SCHEDULE_CONDITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/schedule_definition.h"
#include "lib/schedule_plan.h"

enum condition {
        CONDITION_AC_POWER,
        CONDITION_NETWORK,
        CONDITION_LOAD,
        CONDITION_CPU_PRESSURE,
        CONDITION_MEMORY_PRESSURE,
        CONDITION_IO_PRESSURE,
        CONDITION_IDLE,
        CONDITION_FREE_SPACE,
        CONDITION_PATH,
        CONDITION_COUNT,
};

struct condition_need {
        enum condition condition;
        uint64_t
                value; /* of load and pressure in percent, of idleness in microseconds, of space in bytes; else 0 */
        const char *path; /* of space and paths, not terminated; belongs to the definition */
        size_t path_length;
        bool absent; /* of a path: it must not exist */
};

/* "ConditionACPower" */
const char *condition_key(enum condition condition);
/* Whether a condition still counts at a rung (schedule_plan.h). */
bool condition_counts(enum condition condition, enum schedule_rung rung);
/* Each need that counts at @rung. Stops at and returns the first value of @each that is not 0. */
int schedule_needs(const struct schedule_definition *definition, enum schedule_rung rung,
                   int (*each)(const struct condition_need *need, void *data), void *data);

#endif
