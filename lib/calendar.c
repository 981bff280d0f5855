/* SPDX-License-Identifier: MPL-2.0 */
/* A calendar as a value: made from spans, and its normalised text. */
#include "config.h"

#include "lib/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/calendar_internal.h"
#include "lib/util.h"

struct calendar *calendar_new(size_t span_count)
{
        return calloc(1, sizeof(struct calendar) + span_count * sizeof(struct calendar_span));
}

void calendar_free(struct calendar *calendar)
{
        free(calendar);
}

const char *calendar_zone(const struct calendar *calendar)
{
        return calendar->zone[0] ? calendar->zone : NULL;
}

const char *calendar_note_text(enum calendar_note note)
{
        static const char *const texts[] = {
                [CALENDAR_NOTE_NONE] = "",
                [CALENDAR_NOTE_GAP] = "gap",
                [CALENDAR_NOTE_FIRST_PASS] = "first pass",
                [CALENDAR_NOTE_SECOND_PASS] = "second pass",
        };

        return texts[note];
}

/* ---- sets ---- */

/* Set the bits of a field with values from @least to @most; no spans: all of them. */
static void field_fill(const struct calendar *calendar, enum calendar_field field, int least, int most,
                       uint64_t *set)
{
        static const struct calendar_span all = { INT32_MIN, -1, 1 };
        const struct calendar_span *span = calendar->spans + calendar_span_begin(calendar, field);
        const struct calendar_span *end = calendar->spans + calendar->span_end[field];

        if (span == end) {
                span = &all;
                end = span + 1;
        }
        for (; span < end; span++) {
                int first = MAX(span->first, least), last = span->last >= 0 ? span->last
                                                            : span->step    ? most
                                                                            : first;
                for (int value = first; value <= last; value += MAX(span->step, 1))
                        set[(value - least) / 64] |= UINT64_C(1) << (value - least) % 64;
        }
}

/* "~07/2" are the 7th, 5th, 3rd and 1st day from the end. */
static void days_from_end_fill(struct calendar *calendar)
{
        for (uint32_t i = calendar_span_begin(calendar, CALENDAR_DAY); i < calendar->span_end[CALENDAR_DAY];
             i++) {
                const struct calendar_span *span = &calendar->spans[i];
                int first = span->last >= 0 ? span->last : span->first;
                int last = span->last >= 0 || !span->step ? span->first : 1;
                for (int day = first; day >= last; day -= MAX(span->step, 1))
                        calendar->days |= UINT32_C(1) << (31 - day);
        }
}

static void seconds_fill(struct calendar *calendar)
{
        bool subsecond = false;

        for (uint32_t i = calendar_span_begin(calendar, CALENDAR_SECOND);
             i < calendar->span_end[CALENDAR_SECOND]; i++)
                subsecond = subsecond || calendar->spans[i].first % CALENDAR_SECOND_US ||
                            calendar->spans[i].step % CALENDAR_SECOND_US;
        calendar->subsecond = true; /* until there is a set the spans are asked */
        calendar->second_first_us = (int32_t)calendar_second_next(calendar, 0);
        for (int64_t us = calendar->second_first_us; us >= 0;) {
                int64_t second = us / CALENDAR_SECOND_US;
                calendar->seconds |= UINT64_C(1) << second;
                us = calendar_second_next(calendar, (second + 1) * CALENDAR_SECOND_US);
        }
        calendar->subsecond = subsecond;
}

void calendar_fill(struct calendar *calendar)
{
        uint64_t months = 0, days = 0, hours = 0;

        field_fill(calendar, CALENDAR_YEAR, CALENDAR_YEAR_FIRST, CALENDAR_YEAR_LAST, calendar->years);
        field_fill(calendar, CALENDAR_MONTH, 1, 12, &months);
        field_fill(calendar, CALENDAR_HOUR, 0, 23, &hours);
        field_fill(calendar, CALENDAR_MINUTE, 0, 59, &calendar->minutes);
        if (calendar->days_from_end)
                days_from_end_fill(calendar);
        else
                field_fill(calendar, CALENDAR_DAY, 1, 31, &days);
        calendar->months = (uint16_t)months;
        calendar->days |= (uint32_t)days;
        calendar->hours = (uint32_t)hours;
        seconds_fill(calendar);
}

/* ---- text ---- */

static void weekdays_print(const struct calendar *calendar, FILE *out)
{
        static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
        const char *separator = "";

        for (int i = 0, end; i < 7; i = end + 1) {
                for (end = i; calendar->weekdays >> end & 1; end++)
                        ;
                if (end == i)
                        continue;
                fprintf(out, "%s%s", separator, names[i]);
                if (end - i > 1)
                        fprintf(out, "%s%s", end - i > 2 ? ".." : ",", names[end - 1]);
                separator = ",";
        }
        fputc(' ', out);
}

/* A value; of seconds with its fraction, if there is one. */
static void value_print(enum calendar_field field, const char *before, int32_t value, int width, FILE *out)
{
        if (field != CALENDAR_SECOND) {
                fprintf(out, "%s%0*d", before, width, value);
                return;
        }
        fprintf(out, "%s%0*d", before, width, value / CALENDAR_SECOND_US);
        if (value % CALENDAR_SECOND_US)
                fprintf(out, ".%06d", value % CALENDAR_SECOND_US);
}

static void field_print(const struct calendar *calendar, enum calendar_field field, FILE *out)
{
        uint32_t begin = calendar_span_begin(calendar, field), end = calendar->span_end[field];
        int32_t unit = field == CALENDAR_SECOND ? CALENDAR_SECOND_US : 1;
        int width = field == CALENDAR_YEAR ? 4 : 2;

        /* "0/1" is every second, whatever whole ones are named beside it. */
        if (begin == end ||
            (field == CALENDAR_SECOND && !calendar->subsecond && calendar->spans[begin].first == 0 &&
             calendar->spans[begin].last < 0 && calendar->spans[begin].step == unit)) {
                fputc('*', out);
                return;
        }
        for (uint32_t i = begin; i < end; i++) {
                const struct calendar_span *span = &calendar->spans[i];
                value_print(field, i > begin ? "," : "", span->first, width, out);
                if (span->last >= 0)
                        value_print(field, "..", span->last, width, out);
                if (span->step > 0 && (span->last < 0 || span->step != unit))
                        value_print(field, "/", span->step, 1, out);
        }
}

char *calendar_format(const struct calendar *calendar)
{
        static const char separators[CALENDAR_FIELDS] = "-- ::";
        char *text = NULL;
        size_t size;

        if (calendar->cron)
                return cron_format(calendar);
        FILE *out = open_memstream(&text, &size);
        if (!out)
                return NULL;
        if (calendar->weekdays != CALENDAR_WEEKDAYS_ALL)
                weekdays_print(calendar, out);
        for (enum calendar_field field = 0; field < CALENDAR_FIELDS; field++) {
                field_print(calendar, field, out);
                if (field == CALENDAR_MONTH && calendar->days_from_end)
                        fputc('~', out);
                else if (field < CALENDAR_SECOND)
                        fputc(separators[field], out);
        }
        if (calendar->zone[0])
                fprintf(out, " %s", calendar->zone);
        if (fclose(out) != 0) {
                free(text);
                return NULL;
        }
        return text;
}
