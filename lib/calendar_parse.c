/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Reading calendar expressions: [WEEKDAYS] [DATE] [TIME] [ZONE], a word for the whole, or @SECONDS. Words are told apart
 * by what is in them: ":" a time, "-" or "~" a date, a letter at the beginning weekdays or, at the end, a zone.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/calendar_internal.h"
#include "lib/civil.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define NUMBER_MAX 100000000
#define FRACTION_DIGITS 6
#define FOUND_MAX 40 /* bytes of what was found in a message */
#define MINUTE_US (60 * CALENDAR_SECOND_US)

static const struct {
        const char *name;
        int32_t least, most;
} fields[CALENDAR_FIELDS] = {
        [CALENDAR_YEAR] = { "year", CALENDAR_YEAR_FIRST, CALENDAR_YEAR_LAST },
        [CALENDAR_MONTH] = { "month", 1, 12 },
        [CALENDAR_DAY] = { "day", 1, 31 },
        [CALENDAR_HOUR] = { "hour", 0, 23 },
        [CALENDAR_MINUTE] = { "minute", 0, 59 },
        [CALENDAR_SECOND] = { "second", 0, MINUTE_US - 1 },
};

static const struct {
        const char *name, *meaning;
} shorthands[] = {
        { "minutely", "*-*-* *:*:00" },
        { "hourly", "*-*-* *:00:00" },
        { "daily", "*-*-* 00:00:00" },
        { "weekly", "Mon *-*-* 00:00:00" },
        { "monthly", "*-*-01 00:00:00" },
        { "quarterly", "*-01,04,07,10-01 00:00:00" },
        { "semiannually", "*-01,07-01 00:00:00" },
        { "semi-annually", "*-01,07-01 00:00:00" },
        { "biannually", "*-01,07-01 00:00:00" },
        { "bi-annually", "*-01,07-01 00:00:00" },
        { "annually", "*-01-01 00:00:00" },
        { "anually", "*-01-01 00:00:00" }, /* systemd takes this, too */
        { "yearly", "*-01-01 00:00:00" },
};

static const char *const weekday_names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
                                             "Friday", "Saturday", "Sunday" };

struct reader {
        const char *text, *at;
        struct error *error;
        /* What was read. */
        struct calendar_span spans[CALENDAR_FIELDS][CALENDAR_SPANS_MAX];
        size_t span_counts[CALENDAR_FIELDS];
        uint8_t weekdays;
        bool days_from_end;
        char zone[ZONE_NAME_MAX];
};

/* What is at @at, up to where a word ends. */
static int reader_expected(const struct reader *reader, const char *at, const char *field,
                           const char *expected)
{
        int length = (int)MIN(strcspn(at, " "), (size_t)FOUND_MAX);

        if (length == 0)
                return error_set(reader->error, EINVAL, "%s at character %td: expected %s, found nothing",
                                 field, at - reader->text + 1, expected);
        return error_set(reader->error, EINVAL, "%s at character %td: expected %s, found \"%.*s\"", field,
                         at - reader->text + 1, expected, length, at);
}

/* ---- one field ---- */

/* A number in the field's unit; of seconds with a fraction, rounded. */
static int number_parse(struct reader *reader, enum calendar_field field, int32_t *ret)
{
        const char *begin = reader->at;
        int64_t value = 0;

        if (!isdigit((unsigned char)*begin))
                return reader_expected(reader, begin, fields[field].name, "a number or *");
        for (; isdigit((unsigned char)*reader->at); reader->at++)
                value = MIN(value * 10 + (*reader->at - '0'), (int64_t)NUMBER_MAX);
        if (field == CALENDAR_SECOND) {
                value *= CALENDAR_SECOND_US;
                if (reader->at[0] == '.' && reader->at[1] != '.') {
                        if (!isdigit((unsigned char)*++reader->at))
                                return reader_expected(reader, reader->at, "second",
                                                       "digits behind the point");
                        int32_t unit = CALENDAR_SECOND_US / 10;
                        for (int i = 0; isdigit((unsigned char)*reader->at); i++, reader->at++) {
                                if (i < FRACTION_DIGITS)
                                        value += (*reader->at - '0') * unit;
                                else if (i == FRACTION_DIGITS && *reader->at >= '5')
                                        value++;
                                unit /= 10;
                        }
                }
        }
        *ret = (int32_t)MIN(value, (int64_t)INT32_MAX);
        return 0;
}

/* "1970 to 2199"; of seconds in seconds. */
static int range_expected(const struct reader *reader, const char *at, enum calendar_field field)
{
        char range[64];

        snprintf(range, sizeof(range), "%d to %d%s", fields[field].least,
                 field == CALENDAR_SECOND                         ? 59
                 : field == CALENDAR_DAY && reader->days_from_end ? fields[field].most - 3
                                                                  : fields[field].most,
                 field == CALENDAR_SECOND ? " and a fraction" : "");
        return reader_expected(reader, at, fields[field].name, range);
}

/* Bring a span to its plain form, and see that it is within the field and repeats within it. */
static int span_check(const struct reader *reader, const char *at, enum calendar_field field,
                      struct calendar_span *span)
{
        bool from_end = field == CALENDAR_DAY && reader->days_from_end;
        int32_t least = fields[field].least, most = fields[field].most - (from_end ? 3 : 0);
        bool ranged = span->last >= 0;

        if (field == CALENDAR_YEAR) {
                if (span->first < 100)
                        span->first += span->first < 70 ? 2000 : 1900;
                if (ranged && span->last < 100)
                        span->last += span->last < 70 ? 2000 : 1900;
        }
        if (span->first < least || span->first > most ||
            (ranged && (span->last < least || span->last > most)))
                return range_expected(reader, at, field);
        if (ranged && span->last < span->first)
                return reader_expected(reader, at, fields[field].name,
                                       "a range whose end is not before its beginning");
        if (!ranged && span->step > most - least)
                return reader_expected(reader, at, fields[field].name, "a smaller step");
        if (!ranged && (from_end ? span->first - span->step < least : span->first + span->step > most))
                return reader_expected(reader, at, fields[field].name,
                                       "a step that leads to at least one more value");
        if (ranged && span->step > 0)
                span->last -= (span->last - span->first) % span->step;
        if (ranged && span->last == span->first)
                *span = (struct calendar_span){ span->first, -1, 0 };
        return 0;
}

static int span_parse(struct reader *reader, enum calendar_field field, struct calendar_span *ret)
{
        struct calendar_span span = { .last = -1 };
        const char *begin = reader->at;
        int32_t unit = field == CALENDAR_SECOND ? CALENDAR_SECOND_US : 1;
        int r = number_parse(reader, field, &span.first);

        if (r == 0 && strncmp(reader->at, "..", 2) == 0) {
                reader->at += 2;
                span.step = unit;
                r = number_parse(reader, field, &span.last);
        }
        if (r == 0 && *reader->at == '/') {
                reader->at++;
                r = number_parse(reader, field, &span.step);
                if (r == 0 && span.step == 0)
                        return reader_expected(reader, begin, fields[field].name, "a step greater than 0");
        } else if (r == 0 && field == CALENDAR_SECOND && span.last >= 0 && span.last - span.first < unit) {
                return reader_expected(reader, begin, fields[field].name,
                                       "a range of at least a second, or with a step");
        }
        if (r == 0)
                r = span_check(reader, begin, field, &span);
        if (r == 0)
                *ret = span;
        return r;
}

static int span_compare(const void *a, const void *b)
{
        const struct calendar_span *x = a, *y = b;

        if (x->first != y->first)
                return x->first < y->first ? -1 : 1;
        if (x->last != y->last)
                return x->last < y->last ? -1 : 1;
        return (x->step > y->step) - (x->step < y->step);
}

/* A list of spans, or "*"; sorted, each once. */
static int field_parse(struct reader *reader, enum calendar_field field)
{
        struct calendar_span *spans = reader->spans[field];
        size_t count = 0, kept = 0;

        if (*reader->at == '*') {
                reader->at++;
                if (field == CALENDAR_SECOND)
                        spans[count++] = (struct calendar_span){ 0, -1, CALENDAR_SECOND_US };
                reader->span_counts[field] = count;
                return 0;
        }
        for (;;) {
                if (count == CALENDAR_SPANS_MAX)
                        return reader_expected(reader, reader->at, fields[field].name, "a shorter list");
                int r = span_parse(reader, field, &spans[count]);
                if (r < 0)
                        return r;
                count++;
                if (*reader->at != ',')
                        break;
                reader->at++;
        }
        qsort(spans, count, sizeof(*spans), span_compare);
        for (size_t i = 0; i < count; i++)
                if (i == 0 || span_compare(&spans[i], &spans[kept - 1]) != 0)
                        spans[kept++] = spans[i];
        reader->span_counts[field] = kept;
        return 0;
}

/* ---- words ---- */

/* The weekday that @text begins with, and how long its name is; -1: none. */
static int weekday_find(const char *text, size_t *ret_length)
{
        for (int i = 0; i < (int)ARRAY_SIZE(weekday_names); i++) {
                size_t length = strlen(weekday_names[i]);
                if (strncasecmp(text, weekday_names[i], length) != 0)
                        length = 3;
                if (strncasecmp(text, weekday_names[i], length) == 0 &&
                    !isalpha((unsigned char)text[length])) {
                        *ret_length = length;
                        return i;
                }
        }
        return -1;
}

static int weekdays_parse(struct reader *reader)
{
        int from = -1; /* of a range that is open */
        size_t length;

        for (;;) {
                int weekday = weekday_find(reader->at, &length);
                if (weekday < 0)
                        return reader_expected(reader, reader->at, "weekday",
                                               "a weekday such as Mon or a word such as daily");
                if (from > weekday)
                        return reader_expected(
                                reader, reader->at, "weekday",
                                "a range whose end is not before its beginning, with Monday the first day");
                for (int i = from < 0 ? weekday : from; i <= weekday; i++)
                        reader->weekdays |= (uint8_t)(1 << i);
                reader->at += length;
                bool range = strncmp(reader->at, "..", 2) == 0 || *reader->at == '-';
                if (range && from >= 0)
                        return reader_expected(reader, reader->at, "weekday",
                                               "\",\" or the end of the weekdays");
                from = -1;
                if (range) {
                        from = weekday;
                        reader->at += *reader->at == '-' ? 1 : 2;
                } else if (*reader->at == ',') {
                        reader->at++;
                        if (!*reader->at || *reader->at == ' ') /* "Wed, 17:48" */
                                return 0;
                } else if (!*reader->at || *reader->at == ' ') {
                        return 0;
                } else {
                        return reader_expected(reader, reader->at, "weekday", "\",\", \"..\" or a blank");
                }
        }
}

/* [YEAR-]MONTH-DAY, where "~" before the day counts from the month's end. */
static int date_parse(struct reader *reader)
{
        const char *word = reader->at, *last = NULL;
        size_t length = strcspn(word, " "), separators = 0;

        for (size_t i = 0; i < length; i++)
                if (word[i] == '-' || word[i] == '~') {
                        last = &word[i];
                        separators++;
                }
        if (separators > 2 || !last)
                return reader_expected(reader, word, "date", "YEAR-MONTH-DAY or MONTH-DAY");
        reader->days_from_end = *last == '~' && strncmp(last + 1, "*", 1) != 0;
        for (enum calendar_field field = separators == 2 ? CALENDAR_YEAR : CALENDAR_MONTH;
             field <= CALENDAR_DAY; field++) {
                int r = field_parse(reader, field);
                if (r < 0)
                        return r;
                bool good = field == CALENDAR_DAY     ? reader->at == word + length
                            : field == CALENDAR_MONTH ? reader->at == last
                                                      : *reader->at == '-';
                if (!good)
                        return reader_expected(reader, reader->at, fields[field].name,
                                               field == CALENDAR_DAY
                                                       ? "\",\", \"..\", \"/\" or the end of the date"
                                                       : "\",\", \"..\", \"/\" or \"-\"");
                reader->at += field != CALENDAR_DAY;
        }
        return 0;
}

/* HOUR:MINUTE[:SECOND] */
static int time_parse(struct reader *reader)
{
        for (enum calendar_field field = CALENDAR_HOUR; field <= CALENDAR_SECOND; field++) {
                int r = field_parse(reader, field);
                bool end = !*reader->at || *reader->at == ' ';
                if (r < 0)
                        return r;
                if (end && field >= CALENDAR_MINUTE)
                        return 0;
                if (*reader->at != ':' || field == CALENDAR_SECOND)
                        return reader_expected(reader, reader->at, fields[field].name,
                                               field == CALENDAR_SECOND
                                                       ? "\",\", \"..\", \"/\" or the end of the time"
                                                       : "\",\", \"..\", \"/\" or \":\"");
                reader->at++;
        }
        return 0;
}

/* @SECONDS since the epoch: that moment in UTC. */
static int instant_parse(struct reader *reader)
{
        const int64_t most = civil_to_days(CALENDAR_YEAR_LAST + 1, 1, 1) * CIVIL_DAY_SEC - 1;
        int64_t seconds;

        if (parse_int64(reader->at + 1, 0, most, &seconds) < 0)
                return reader_expected(reader, reader->at, "instant",
                                       "@ and whole seconds since 1970, up to the year 2199");
        struct civil date = civil_from_days(seconds / CIVIL_DAY_SEC);
        int32_t time = (int32_t)(seconds % CIVIL_DAY_SEC);
        const int32_t values[CALENDAR_FIELDS] = {
                date.year, date.month, date.day, time / 3600, time / 60 % 60, time % 60 * CALENDAR_SECOND_US
        };
        for (size_t i = 0; i < CALENDAR_FIELDS; i++) {
                reader->spans[i][0] = (struct calendar_span){ values[i], -1, 0 };
                reader->span_counts[i] = 1;
        }
        snprintf(reader->zone, sizeof(reader->zone), "%s", ZONE_UTC);
        reader->at += strlen(reader->at);
        return 0;
}

static void blanks_skip(struct reader *reader)
{
        reader->at += strspn(reader->at, " ");
}

/* Weekdays, date and time, each of which may be left out, but not all. */
static int words_parse(struct reader *reader)
{
        static const struct calendar_span zero = { 0, -1, 0 };
        bool any = false, time = false;
        size_t length = strcspn(reader->at, " ");

        if (isalpha((unsigned char)*reader->at)) {
                int r = weekdays_parse(reader);
                if (r < 0)
                        return r;
                any = true;
                blanks_skip(reader);
                length = strcspn(reader->at, " ");
        }
        if (!memchr(reader->at, ':', length) && strpbrk(reader->at, "-~") &&
            strpbrk(reader->at, "-~") < reader->at + length) {
                int r = date_parse(reader);
                if (r < 0)
                        return r;
                any = true;
                blanks_skip(reader);
                length = strcspn(reader->at, " ");
        }
        if (memchr(reader->at, ':', length)) {
                int r = time_parse(reader);
                if (r < 0)
                        return r;
                any = time = true;
                blanks_skip(reader);
        }
        if (*reader->at || !any)
                return reader_expected(
                        reader, reader->at, "expression",
                        time ? "a time zone or nothing behind the time"
                             : "weekdays, YEAR-MONTH-DAY, HOUR:MINUTE or a word such as daily");
        for (enum calendar_field field = CALENDAR_HOUR; field <= CALENDAR_SECOND; field++)
                if (!time || (field == CALENDAR_SECOND && reader->span_counts[field] == 0)) {
                        reader->spans[field][0] = zero;
                        reader->span_counts[field] = 1;
                }
        return 0;
}

/* Takes a zone from the end of @text, where it is the last of several words. */
static void zone_take(char *text, struct reader *reader)
{
        char *blank = strrchr(text, ' ');
        size_t length;

        if (!blank || !isalpha((unsigned char)blank[1]) || weekday_find(blank + 1, &length) >= 0 ||
            !zone_name_is_valid(blank + 1))
                return;
        snprintf(reader->zone, sizeof(reader->zone), "%s",
                 strcasecmp(blank + 1, ZONE_UTC) == 0 ? ZONE_UTC : blank + 1);
        while (blank > text && blank[-1] == ' ')
                blank--;
        *blank = 0;
}

/* ---- the whole ---- */

static int text_parse(struct reader *reader, char *copy)
{
        if (!*copy)
                return error_set(reader->error, EINVAL,
                                 "expected a calendar expression such as \"Mon..Fri 08:30\", "
                                 "found nothing");
        zone_take(copy, reader);
        reader->text = reader->at = copy;
        for (size_t i = 0; i < ARRAY_SIZE(shorthands); i++)
                if (strcasecmp(copy, shorthands[i].name) == 0)
                        reader->text = reader->at = shorthands[i].meaning;
        return *reader->at == '@' ? instant_parse(reader) : words_parse(reader);
}

static int calendar_make(const struct reader *reader, struct calendar **ret)
{
        size_t count = 0;

        for (size_t i = 0; i < CALENDAR_FIELDS; i++)
                count += reader->span_counts[i];
        struct calendar *calendar = calendar_new(count);
        if (!calendar)
                return -ENOMEM;
        calendar->weekdays = reader->weekdays ? reader->weekdays : CALENDAR_WEEKDAYS_ALL;
        calendar->days_from_end = reader->days_from_end;
        snprintf(calendar->zone, sizeof(calendar->zone), "%s", reader->zone);
        count = 0;
        for (size_t i = 0; i < CALENDAR_FIELDS; i++) {
                memcpy(calendar->spans + count, reader->spans[i],
                       reader->span_counts[i] * sizeof(*calendar->spans));
                count += reader->span_counts[i];
                calendar->span_end[i] = (uint16_t)count;
        }
        calendar_fill(calendar);
        *ret = calendar;
        return 0;
}

int calendar_parse(const char *text, struct calendar **ret, struct error *error)
{
        struct reader reader = { .error = error };
        const char *begin = text + strspn(text, " ");
        size_t length = strlen(begin);

        while (length > 0 && begin[length - 1] == ' ')
                length--;
        if (length > CALENDAR_TEXT_MAX)
                return error_set(error, EINVAL,
                                 "expected a calendar expression of at most %d bytes, found %zu",
                                 CALENDAR_TEXT_MAX, length);
        _cleanup_free_ char *copy = strndup(begin, length);
        if (!copy)
                return error_set(error, ENOMEM, "out of memory");
        int r = text_parse(&reader, copy);
        if (r == 0 && calendar_make(&reader, ret) < 0)
                return error_set(error, ENOMEM, "out of memory");
        return r;
}
