/* SPDX-License-Identifier: MPL-2.0 */
/* Several calendars as one: what any of them names, but for what an exclusion covers (calendar_covers()). */
#ifndef LIB_CALENDAR_SET_H
#define LIB_CALENDAR_SET_H

#include <stddef.h>

#include "lib/calendar.h"

/* So many elapses that are taken away one after the other end the search; each is at least a second of the exclusion. */
#define CALENDAR_SET_STEPS_MAX 100000

struct calendar_set {
        struct calendar_set_member {
                struct calendar *calendar;
                struct calendar_clock clock; /* with a reference to its zone */
                bool excluded;
        } * members;
        size_t count;
};

/* Take over @calendar, also on failure, which is -ENOMEM; take a reference to the zone of @clock. Of an exclusion the
 * zone alone counts. */
int calendar_set_add(struct calendar_set *set, struct calendar *calendar, const struct calendar_clock *clock,
                     bool excluded);
void calendar_set_done(struct calendar_set *set);
/* The first elapse after @after_us; of two at the same instant that which was not moved. False: there is none. */
bool calendar_set_next(const struct calendar_set *set, int64_t after_us, struct calendar_elapse *ret);

#endif
