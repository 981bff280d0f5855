/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/schedule_conditions.h"

#include <string.h>

#include "lib/schedule_value.h"
#include "lib/util.h"

/* Up to which rung each of them counts. */
static const struct {
        const char *key;
        enum schedule_rung until;
} conditions[CONDITION_COUNT] = {
        [CONDITION_AC_POWER] = { "ConditionACPower", SCHEDULE_RUNG_NO_IDLE },
        [CONDITION_NETWORK] = { "ConditionNetwork", SCHEDULE_RUNG_ESSENTIAL },
        [CONDITION_LOAD] = { "ConditionLoadMax", SCHEDULE_RUNG_ALL },
        [CONDITION_CPU_PRESSURE] = { "ConditionCPUPressure", SCHEDULE_RUNG_NO_IDLE },
        [CONDITION_MEMORY_PRESSURE] = { "ConditionMemoryPressure", SCHEDULE_RUNG_NO_IDLE },
        [CONDITION_IO_PRESSURE] = { "ConditionIOPressure", SCHEDULE_RUNG_NO_IDLE },
        [CONDITION_IDLE] = { "ConditionIdleSec", SCHEDULE_RUNG_ALL },
        [CONDITION_FREE_SPACE] = { "ConditionFreeSpace", SCHEDULE_RUNG_ESSENTIAL },
        [CONDITION_PATH] = { "ConditionPathExists", SCHEDULE_RUNG_ESSENTIAL },
};

const char *condition_key(enum condition condition)
{
        return conditions[condition].key;
}

bool condition_counts(enum condition condition, enum schedule_rung rung)
{
        return rung <= conditions[condition].until;
}

static int needs_of_space(const struct schedule_definition *definition,
                          int (*each)(const struct condition_need *need, void *data), void *data)
{
        int r = 0;

        for (char *const *entry = definition->condition_free_space; r == 0 && entry && *entry; entry++) {
                struct condition_need need = { .condition = CONDITION_FREE_SPACE, .path = *entry };
                if (schedule_value_space_split(*entry, &need.path_length, &need.value) == 0)
                        r = each(&need, data);
        }
        return r;
}

static int needs_of_paths(const struct schedule_definition *definition,
                          int (*each)(const struct condition_need *need, void *data), void *data)
{
        int r = 0;

        for (char *const *entry = definition->condition_path_exists; r == 0 && entry && *entry; entry++) {
                bool absent = **entry == '!';
                const struct condition_need need = {
                        .condition = CONDITION_PATH,
                        .path = *entry + absent,
                        .path_length = strlen(*entry + absent),
                        .absent = absent,
                };
                r = each(&need, data);
        }
        return r;
}

int schedule_needs(const struct schedule_definition *definition, enum schedule_rung rung,
                   int (*each)(const struct condition_need *need, void *data), void *data)
{
        const struct {
                bool wanted;
                uint64_t value;
        } plain[] = {
                [CONDITION_AC_POWER] = { definition->condition_ac_power, 0 },
                [CONDITION_NETWORK] = { definition->condition_network, 0 },
                [CONDITION_LOAD] = { definition->condition_load > 0, definition->condition_load },
                [CONDITION_CPU_PRESSURE] = { definition->condition_cpu_pressure > 0,
                                             definition->condition_cpu_pressure },
                [CONDITION_MEMORY_PRESSURE] = { definition->condition_memory_pressure > 0,
                                                definition->condition_memory_pressure },
                [CONDITION_IO_PRESSURE] = { definition->condition_io_pressure > 0,
                                            definition->condition_io_pressure },
                [CONDITION_IDLE] = { definition->condition_idle_us > 0,
                                     (uint64_t)definition->condition_idle_us },
        };
        int r = 0;

        for (size_t i = 0; r == 0 && i < ARRAY_SIZE(plain); i++) {
                const struct condition_need need = { .condition = (enum condition)i,
                                                     .value = plain[i].value };
                if (plain[i].wanted && condition_counts(need.condition, rung))
                        r = each(&need, data);
        }
        if (r == 0)
                r = needs_of_space(definition, each, data);
        return r == 0 ? needs_of_paths(definition, each, data) : r;
}
