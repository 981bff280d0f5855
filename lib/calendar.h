/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Calendar expressions as systemd.time(7) has them, and what cron's lines (cron.h) are compiled to.
 *
 * An expression names local times of the years 1970 to 2199. Where the clock of a zone goes evenly each of them is one
 * instant. Where it jumps, an expression with fixed hours follows the policies of lib/zone_policy.h, so that what is
 * meant to happen once a day does; one that takes every hour follows the time that passes: it has both passes of an
 * overlap and nothing in a gap.
 *
 *      struct calendar *calendar;
 *      struct calendar_clock clock = { .zone = zone };   // NULL: UTC; the policies' defaults are 0
 *      struct calendar_elapse elapse = { .at_us = now_us };
 *
 *      calendar_parse("Mon..Fri 02:30 Europe/Berlin", &calendar, &error);
 *      zones_get(zones, calendar_zone(calendar), &clock.zone, &error);    // NULL: the expression names none
 *      while (calendar_next(calendar, &clock, elapse.at_us, &elapse))
 *              ...
 *      calendar_free(calendar);
 *
 * Every elapse is later than the one before it, and the same whatever instant in between it is asked from. A calendar
 * does not change once it is made: any thread may ask it.
 */
#ifndef LIB_CALENDAR_H
#define LIB_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/zone.h"

#define CALENDAR_TEXT_MAX 4096
#define CALENDAR_YEAR_FIRST 1970
#define CALENDAR_YEAR_LAST 2199

struct calendar;

struct calendar_clock {
        const struct zone *zone; /* NULL: UTC */
        enum zone_gap gap;
        enum zone_overlap overlap;
};

enum calendar_note {
        CALENDAR_NOTE_NONE,
        CALENDAR_NOTE_GAP, /* its local time never was: it was moved out of a gap */
        CALENDAR_NOTE_FIRST_PASS,
        CALENDAR_NOTE_SECOND_PASS, /* of an overlap */
};

struct calendar_elapse {
        int64_t at_us; /* since the epoch, UTC */
        /* The local time that was named, as microseconds since 1970-01-01 of the local calendar. Of several in one gap
         * that have become one elapse the first. */
        int64_t nominal_us;
        enum calendar_note note;
};

/* -EINVAL with a text that names the field, its position and what was expected; -ENOMEM. That a zone is known is for
 * zones_get() to say. */
int calendar_parse(const char *text, struct calendar **ret, struct error *error);
void calendar_free(struct calendar *calendar);
CLEANUP_DEFINE(struct calendar, calendar_free);
/* The zone that the expression names; NULL: none. */
const char *calendar_zone(const struct calendar *calendar);
/* The normalised form, as systemd-analyze(1) has it; a cron line as a cron line. malloc'd; NULL: out of memory. Parsed
 * again it gives the same. */
char *calendar_format(const struct calendar *calendar);
/* The first elapse after @after_us. False: there is none. */
bool calendar_next(const struct calendar *calendar, const struct calendar_clock *clock, int64_t after_us,
                   struct calendar_elapse *ret);
/* False: no date is like that, as February 30. */
bool calendar_elapses(const struct calendar *calendar);

/*
 * An expression as one that takes times away. What it names is taken whole: the day, if its time is 00:00:00, as it is
 * when none is written; the minute, if its seconds are 00; else the second. *ret_until_us is where the next part of
 * time that it may not take begins.
 */
bool calendar_covers(const struct calendar *calendar, int64_t local_us, int64_t *ret_until_us);

/* "", "gap", "first pass", "second pass". */
const char *calendar_note_text(enum calendar_note note);

#endif
