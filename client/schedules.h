/* SPDX-License-Identifier: MPL-2.0 */
/* What commands about schedules share. Results as in bgtaskctl.h. */
#ifndef CLIENT_SCHEDULES_H
#define CLIENT_SCHEDULES_H

#include <jansson.h>
#include <stdint.h>

#include "client/bgtaskctl.h"
#include "client/records.h"
#include "lib/schedule_definition.h"

/* "NAME", which must be UTF-8. */
int schedules_check_name(const char *name, struct error *error);
/* A call whose answers come in parts: records of each answer's list @member, all together in a new array. */
int schedules_collect(const struct ctl *ctl, const char *method, json_t *parameters, const char *member,
                      const struct record_field *fields, json_t **ret, struct error *error);
int schedules_all(const struct ctl *ctl, json_t **ret, struct error *error);
/* ShowSchedule: an object with schedule, holds and active. */
int schedules_show(const struct ctl *ctl, const char *name, json_t **ret, struct error *error);
/* What is in force by its lines, which are the daemon's. */
int schedules_definition(const json_t *lines, struct schedule_definition *ret, struct error *error);
/* Its triggers in a few words, malloc'd. */
char *schedules_when(const json_t *schedule);
/* An option that is a point in time; *ret_us stays when it is not given. */
int schedules_time_option(const struct arguments *arguments, const char *name, int64_t *ret_us,
                          struct error *error);

#endif
