/* SPDX-License-Identifier: MPL-2.0 */
/* What the files about calendars share. */
#ifndef LIB_CALENDAR_INTERNAL_H
#define LIB_CALENDAR_INTERNAL_H

#include "lib/calendar.h"

#define CALENDAR_SECOND_US 1000000
#define CALENDAR_YEARS (CALENDAR_YEAR_LAST - CALENDAR_YEAR_FIRST + 1)
#define CALENDAR_WEEKDAYS_ALL 0x7f
#define CALENDAR_HOURS_ALL UINT32_C(0xffffff)
#define CALENDAR_MINUTES_ALL ((UINT64_C(1) << 60) - 1)
#define CALENDAR_SPANS_MAX 240 /* in the list of one field */

enum calendar_field {
        CALENDAR_YEAR,
        CALENDAR_MONTH,
        CALENDAR_DAY,
        CALENDAR_HOUR,
        CALENDAR_MINUTE,
        CALENDAR_SECOND, /* in microseconds */
        CALENDAR_FIELDS,
};

/* "5", "5/2", "5..9" or "5..9/2" as written. Nothing for "*", but for seconds, whose "*" is "0/1". */
struct calendar_span {
        int32_t first;
        int32_t last; /* -1: none; else beyond first by a multiple of step */
        int32_t step; /* 0: none */
};

/*
 * What is matched are the sets, one bit a value from its field's least on. The spans are what they were made from, for
 * the text, and for seconds that are not whole.
 */
struct calendar {
        uint64_t years[(CALENDAR_YEARS + 63) / 64];
        uint64_t minutes, seconds;
        uint32_t hours;
        /* From the first of the month; or with days_from_end bit 31 - n for the n-th day from its end. */
        uint32_t days;
        uint16_t months;
        uint8_t weekdays; /* Monday is bit 0 */
        bool days_from_end;
        bool subsecond;      /* seconds has those in which something is; the spans say when */
        bool day_or_weekday; /* cron: one of both is enough */
        bool cron;
        bool day_star, weekday_star;        /* cron: the field begins with "*" */
        int32_t second_first_us;            /* the first of a minute */
        char zone[ZONE_NAME_MAX];           /* "": none */
        uint16_t span_end[CALENDAR_FIELDS]; /* where the spans of each field end */
        struct calendar_span spans[];
};

/* From the spans make the sets of days of a year and times of a day. */
void calendar_fill(struct calendar *calendar);
/* A calendar with no sets yet and room for @span_count spans; NULL: out of memory. */
struct calendar *calendar_new(size_t span_count);

static inline uint32_t calendar_span_begin(const struct calendar *calendar, enum calendar_field field)
{
        return field ? calendar->span_end[field - 1] : 0;
}

/* calendar_next.c: the first moment of a minute from @us on that seconds have; -1: none. */
int64_t calendar_second_next(const struct calendar *calendar, int64_t us);
/* cron_format.c */
char *cron_format(const struct calendar *calendar);

#endif
