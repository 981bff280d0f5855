/* SPDX-License-Identifier: MPL-2.0 */
/* What conditions ask of the machine, read at most once in a fifth of a second, and held against what they want. */
#ifndef DAEMON_CONDITION_FACTS_H
#define DAEMON_CONDITION_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/schedule_conditions.h"

/* Zeros: nothing is read. */
struct condition_facts {
        int64_t at_us; /* monotonic */
        int value[CONDITION_COUNT];
        bool is_read[CONDITION_COUNT];
        int64_t used_at_us;
        bool by_logind; /* it says that somebody uses the machine: when that ends is not to be known */
};

/* Read again, whenever somebody asks next. */
void condition_facts_forget(struct condition_facts *facts);
/* Of power, network, load and pressure, as machine.h has them. */
int condition_fact(struct condition_facts *facts, enum condition condition);
/* How long nobody has used the machine. */
int64_t condition_idle_us(struct condition_facts *facts);
/* @path: that of @need, terminated; NULL: it has none. */
bool condition_holds(struct condition_facts *facts, const struct condition_need *need, const char *path);
/* Why it does not hold: "ConditionLoadMax=50%: the load is 180%", malloc'd. NULL: out of memory. */
char *condition_text(struct condition_facts *facts, const struct condition_need *need, const char *path);

#endif
