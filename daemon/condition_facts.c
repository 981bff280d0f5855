/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/condition_facts.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "daemon/machine.h"
#include "lib/clock.h"
#include "lib/util.h"

#define ROOT "" /* of the machine */
#define FRESH_US (200 * (int64_t)USEC_PER_MSEC)

static int fact_read(enum condition condition)
{
        switch (condition) {
        case CONDITION_AC_POWER:
                return machine_on_ac_power(ROOT);
        case CONDITION_NETWORK:
                return machine_has_network(ROOT);
        case CONDITION_LOAD:
                return machine_load_percent(ROOT);
        case CONDITION_CPU_PRESSURE:
                return machine_pressure(ROOT, MACHINE_PRESSURE_CPU);
        case CONDITION_MEMORY_PRESSURE:
                return machine_pressure(ROOT, MACHINE_PRESSURE_MEMORY);
        case CONDITION_IO_PRESSURE:
                return machine_pressure(ROOT, MACHINE_PRESSURE_IO);
        case CONDITION_IDLE:
        case CONDITION_FREE_SPACE:
        case CONDITION_PATH:
        case CONDITION_COUNT:
                break;
        }
        return MACHINE_UNKNOWN;
}

void condition_facts_forget(struct condition_facts *facts)
{
        *facts = (struct condition_facts){ 0 };
}

int condition_fact(struct condition_facts *facts, enum condition condition)
{
        int64_t now_us = clock_monotonic_us();

        if (now_us - facts->at_us > FRESH_US) {
                condition_facts_forget(facts);
                facts->at_us = now_us;
        }
        if (!facts->is_read[condition]) {
                facts->is_read[condition] = true;
                if (condition == CONDITION_IDLE)
                        facts->used_at_us = machine_used_at_us(ROOT, &facts->by_logind);
                else
                        facts->value[condition] = fact_read(condition);
        }
        return facts->value[condition];
}

int64_t condition_idle_us(struct condition_facts *facts)
{
        (void)condition_fact(facts, CONDITION_IDLE);
        return MAX(clock_realtime_us() - facts->used_at_us, INT64_C(0));
}

bool condition_holds(struct condition_facts *facts, const struct condition_need *need, const char *path)
{
        int64_t bytes;
        int value;

        switch (need->condition) {
        case CONDITION_AC_POWER:
        case CONDITION_NETWORK:
                return condition_fact(facts, need->condition) != 0;
        case CONDITION_LOAD:
                return condition_fact(facts, need->condition) <= (int64_t)need->value;
        case CONDITION_CPU_PRESSURE:
        case CONDITION_MEMORY_PRESSURE:
        case CONDITION_IO_PRESSURE:
                value = condition_fact(facts, need->condition);
                return value == MACHINE_UNKNOWN || (uint64_t)value <= need->value * 100;
        case CONDITION_IDLE:
                return condition_idle_us(facts) >= (int64_t)need->value;
        case CONDITION_FREE_SPACE:
                bytes = machine_free_space(path);
                return bytes >= 0 && (uint64_t)bytes >= need->value;
        case CONDITION_PATH:
                return (access(path, F_OK) == 0) != need->absent;
        case CONDITION_COUNT:
                break;
        }
        return true;
}

char *condition_text(struct condition_facts *facts, const struct condition_need *need, const char *path)
{
        const char *key = condition_key(need->condition);
        char wanted[32], found[32];
        int value;
        int64_t bytes;

        switch (need->condition) {
        case CONDITION_AC_POWER:
                return format_string("%s=yes: the machine runs on batteries", key);
        case CONDITION_NETWORK:
                return format_string("%s=yes: there is no route to elsewhere", key);
        case CONDITION_LOAD:
                return format_string("%s=%" PRIu64 "%%: the load is %d%%", key, need->value,
                                     condition_fact(facts, need->condition));
        case CONDITION_CPU_PRESSURE:
        case CONDITION_MEMORY_PRESSURE:
        case CONDITION_IO_PRESSURE:
                value = condition_fact(facts, need->condition);
                return format_string("%s=%" PRIu64 "%%: it was %d.%02d%% in the last 10 s", key, need->value,
                                     value / 100, value % 100);
        case CONDITION_IDLE:
                return format_string("%s=%s: it was used %s ago", key,
                                     duration_format((int64_t)need->value, wanted, sizeof(wanted)),
                                     duration_format(condition_idle_us(facts), found, sizeof(found)));
        case CONDITION_FREE_SPACE:
                bytes = machine_free_space(path);
                return bytes < 0 ? format_string("%s=%s:%" PRIu64 ": %s", key, path, need->value,
                                                 strerror((int)-bytes))
                                 : format_string("%s=%s:%" PRIu64 ": %" PRId64 " bytes are free", key, path,
                                                 need->value, bytes);
        case CONDITION_PATH:
                return format_string("%s=%s%s: it %s", key, need->absent ? "!" : "", path,
                                     need->absent ? "is there" : "is not there");
        case CONDITION_COUNT:
                break;
        }
        return NULL;
}
