/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The nominal times of a definition: the union of what its OnCalendar=, Cron= and EverySec= say, without what
 * ExceptCalendar= names, between StartAt= and EndAt=. Pure: the same definition with the same zones has the same times,
 * whoever asks and from wherever.
 */
#ifndef LIB_SCHEDULE_TIMES_H
#define LIB_SCHEDULE_TIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/schedule_definition.h"

struct schedule_times;
struct zones;

/* @seed: what H in Cron= is hashed from, the schedule's name. @zones is kept. -EINVAL with a text: an expression or a
 * zone that is not (or no longer) known; -ENOMEM. */
int schedule_times_new(const struct schedule_definition *definition, const char *seed, struct zones *zones,
                       struct schedule_times **ret, struct error *error);
void schedule_times_free(struct schedule_times *times);
/* The first nominal time after @after_us; 0: none. */
int64_t schedule_times_next(const struct schedule_times *times, int64_t after_us);
/* Whether there are any: a schedule may have events alone. */
bool schedule_times_exist(const struct schedule_times *times);
/* Call @each with the name of every zone that the times depend on, once or more. */
void schedule_times_zones(const struct schedule_times *times, void (*each)(const char *zone, void *data),
                          void *data);

#endif
