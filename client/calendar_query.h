/* SPDX-License-Identifier: MPL-2.0 */
/* A question about calendar expressions, as `calendar` and each line of `calendar --batch` puts it. */
#ifndef CLIENT_CALENDAR_QUERY_H
#define CLIENT_CALENDAR_QUERY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/calendar_set.h"
#include "lib/error.h"

#define CALENDAR_QUERY_ITERATIONS_MAX 1000000

struct calendar_query {
        char *const *expressions; /* NULL-terminated */
        const char *except;       /* NULL: none */
        const char *zone;         /* of expressions that name none; NULL: the system's */
        const char *gap, *overlap, *seed;
        bool cron;
        int64_t from_us, until_us; /* after the one, up to and with the other */
        int64_t iterations;
};

struct calendar_answer {
        struct calendar_set set;
        json_t *normalized; /* a text, or an array of them for several expressions */
        struct zone *zone;  /* of the first expression, in which local times are shown */
        bool never;         /* no date is like that */
};

/* -EINVAL with a text, -ENOMEM. */
int calendar_query_answer(const struct calendar_query *query, struct zones *zones,
                          struct calendar_answer *ret, struct error *error);
void calendar_answer_done(struct calendar_answer *answer);
/* "2024-03-31T03:00:00+02:00", with a fraction if there is one. Room for CALENDAR_LOCAL_MAX bytes. */
#define CALENDAR_LOCAL_MAX 128
void calendar_answer_local(const struct calendar_answer *answer, int64_t at_us, char ret[CALENDAR_LOCAL_MAX]);
/* The answer as one JSON object on stdout, without a newline behind it. @database: the version of the zone database; NULL:
 * not said. */
void calendar_answer_print(const struct calendar_query *query, const struct calendar_answer *answer,
                           const char *database);

#endif
