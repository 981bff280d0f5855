/* SPDX-License-Identifier: MPL-2.0 */
/* What the files about zones share. */
#ifndef LIB_ZONE_INTERNAL_H
#define LIB_ZONE_INTERNAL_H

#include <stddef.h>

#include "lib/zone.h"

#define ZONE_ABBREVIATION_MAX 16
#define ZONE_TRANSITIONS_MAX 8192 /* in a file */
#define ZONE_TYPES_MAX 256
#define ZONE_OFFSET_MAX (26 * 3600) /* exclusive, either way */

struct zone_type {
        int32_t offset_s;
        bool dst;
        char name[ZONE_ABBREVIATION_MAX];
};

/* A day of each year and a time of it, as a POSIX TZ string says them. */
struct zone_rule_day {
        enum zone_rule_kind {
                ZONE_RULE_JULIAN,  /* Jn: 1 to 365, never February 29 */
                ZONE_RULE_DAY,     /* n: 0 to 365 */
                ZONE_RULE_WEEKDAY, /* Mm.w.d: weekday d (0: Sunday), week w (5: the last) of month m */
        } kind;
        int day, month, week;
        int32_t time_s; /* of local time before the change; may be negative or more than a day */
};

/* What holds after the last transition of the file. */
struct zone_rule {
        bool exists, has_dst;
        struct zone_type types[2]; /* standard time, daylight saving time */
        struct zone_rule_day begins, ends;
};

struct zone_transition {
        int64_t at_s;
        uint16_t type; /* of what begins; index into types */
};

struct zone_shift {
        int64_t at_s;
        int32_t offset_s;
};

struct zone {
        _Atomic unsigned references;
        struct zone_rule rule; /* of what is later than the transitions */
        char name[ZONE_NAME_MAX];
        int32_t offset_max_s;
        struct zone_type *types; /* [0] holds before the first transition */
        /* Ascending; those of the rule up to ZONE_YEAR_LAST are among them. */
        struct zone_transition *transitions;
        /* Of those the ones that change the offset. */
        struct zone_shift *shifts;
        size_t type_count, transition_count, shift_count;
};

struct zone_change {
        int64_t at_s;
        int type; /* index into the rule's */
};

/* The text between the newlines. -EINVAL with a text. */
int zone_rule_parse(const char *text, struct zone_rule *ret, struct error *error);
/* The two changes of a year of a rule that has_dst, ascending. */
void zone_rule_year(const struct zone_rule *rule, int year, struct zone_change ret[2]);
/* The stretch that @utc_s is in if the rule, which has_dst, holds all around it. False: it has no change of the offset near. */
bool zone_rule_stretch(const struct zone_rule *rule, int64_t utc_s, struct zone_stretch *ret);
/* A zone without transitions. */
struct zone *zone_new(const char *name, size_t type_count, size_t transition_count);
/* From transitions and types make the rest. */
int zone_finish(struct zone *zone);

#endif
