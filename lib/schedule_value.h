/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Values of [Schedule] sections that are more than words and numbers. Those that are given as char ** are brought to
 * their plain form: in place, or by another text that is malloc'd. -EINVAL and -ERANGE without a text in @error: the
 * table of keys knows what was expected.
 */
#ifndef LIB_SCHEDULE_VALUE_H
#define LIB_SCHEDULE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define SCHEDULE_VALUE_TEXT_MAX 512 /* bytes of a calendar expression or a cron line */
#define SCHEDULE_VALUE_TIME_MAX_US INT64_C(7258118399000000) /* 2199-12-31 23:59:59 UTC */
#define SCHEDULE_POOL_NAME_MAX 64

/* Whether a calendar's zone is known, and whether it ever elapses, is not asked here. */
int schedule_value_calendar(char **text, struct error *error);
/* The five fields, or "@daily" and its like, but for "@reboot". H stays in it. */
int schedule_value_cron(char **text, struct error *error);
int schedule_value_zone(char **text, struct error *error);
/* "@SECONDS[.fraction]" or "YYYY-MM-DD[ HH:MM[:SS[.fraction]]][ ZONE]", 1970 to 2199. Without a zone it is in @zone (NULL:
 * the system's), and *ret_local is true. A local time that never was is the first moment after it; of one that was
 * twice the first counts. */
int schedule_value_time(const char *text, const char *zone, int64_t *ret_us, bool *ret_local,
                        struct error *error);
/* The name of a task. */
int schedule_value_task(char **text, struct error *error);
int schedule_value_pool(char **text, struct error *error);
/* An absolute path without "..". */
int schedule_value_path(char **text, struct error *error);
/* The same; "!" in front stays. */
int schedule_value_condition_path(char **text, struct error *error);
/* "PATH:SIZE". */
int schedule_value_space(char **text, struct error *error);
/* Of such a text: its first *ret_length bytes are the path. -EINVAL, -ERANGE. */
int schedule_value_space_split(const char *text, size_t *ret_length, uint64_t *ret_bytes);
/* An exit code of a failure, or a result in the protocol's words that a retry can follow. */
int schedule_value_retry_on(char **text, struct error *error);

#endif
