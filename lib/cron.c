/* SPDX-License-Identifier: MPL-2.0 */
/* Each field becomes a set of bits, from its least value on; that is what the calendar has, too. */
#include "config.h"

#include "lib/cron.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/calendar_internal.h"
#include "lib/util.h"

#define NUMBER_MAX 1000000
#define FOUND_MAX 40

enum cron_field { CRON_MINUTE, CRON_HOUR, CRON_DAY, CRON_MONTH, CRON_WEEKDAY, CRON_FIELDS };

static const char *const month_names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul",
                                           "aug", "sep", "oct", "nov", "dec", NULL };
static const char *const weekday_names[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL };

static const struct {
        const char *name, *expected;
        int least, most; /* of weekdays 7 is Sunday again */
        int hash_most;   /* of H: days that every month has */
        const char *const *names;
} fields[CRON_FIELDS] = {
        { "minute", "0 to 59", 0, 59, 59, NULL },
        { "hour", "0 to 23", 0, 23, 23, NULL },
        { "day of the month", "1 to 31", 1, 31, 28, NULL },
        { "month", "1 to 12 or Jan to Dec", 1, 12, 12, month_names },
        { "day of the week", "0 to 7 or Sun to Sat", 0, 7, 6, weekday_names },
};

static const struct {
        const char *name, *line;
} shorthands[] = {
        { "@hourly", "0 * * * *" },   { "@daily", "0 0 * * *" },   { "@midnight", "0 0 * * *" },
        { "@weekly", "0 0 * * 0" },   { "@monthly", "0 0 1 * *" }, { "@yearly", "0 0 1 1 *" },
        { "@annually", "0 0 1 1 *" },
};

struct reader {
        const char *text, *at, *seed;
        enum cron_field field;
        struct error *error;
};

/* Numbers from @first to @last, each @step-th. */
struct range {
        int first, last, step;
};

static int field_expected(const struct reader *reader, const char *at, const char *expected)
{
        int length = (int)MIN(strcspn(at, " \t"), (size_t)FOUND_MAX);

        if (length == 0)
                return error_set(reader->error, EINVAL, "%s at character %td: expected %s, found nothing",
                                 fields[reader->field].name, at - reader->text + 1, expected);
        return error_set(reader->error, EINVAL, "%s at character %td: expected %s, found \"%.*s\"",
                         fields[reader->field].name, at - reader->text + 1, expected, length, at);
}

static bool digits_take(struct reader *reader, int *ret)
{
        int value = 0;

        if (!isdigit((unsigned char)*reader->at))
                return false;
        for (; isdigit((unsigned char)*reader->at); reader->at++)
                value = MIN(value * 10 + (*reader->at - '0'), NUMBER_MAX);
        *ret = value;
        return true;
}

/* A number or a name of the field. */
static int value_parse(struct reader *reader, int *ret)
{
        const char *begin = reader->at;
        const char *const *names = fields[reader->field].names;
        int value = -1;

        if (!digits_take(reader, &value)) {
                for (int i = 0; names && names[i]; i++)
                        if (strncasecmp(begin, names[i], 3) == 0 && !isalnum((unsigned char)begin[3])) {
                                value = fields[reader->field].least + i;
                                reader->at += 3;
                        }
        }
        if (value < fields[reader->field].least || value > fields[reader->field].most)
                return field_expected(reader, begin, fields[reader->field].expected);
        *ret = value;
        return 0;
}

/* "a-b" behind "a"; Sunday as the end of a range is the day after Saturday. */
static int range_end_parse(struct reader *reader, const char *begin, struct range *range)
{
        reader->at++;
        int r = value_parse(reader, &range->last);
        if (r < 0)
                return r;
        if (reader->field == CRON_WEEKDAY && range->last == 0 && range->first > 0)
                range->last = 7;
        if (range->last < range->first)
                return field_expected(reader, begin, "a range whose end is not before its beginning");
        return 0;
}

/* 64 bits of the seed and the field, each of which depends on all of those. */
static uint64_t seed_hash(const char *seed, enum cron_field field)
{
        uint64_t hash = text_hash(seed) + (uint64_t)(field + 1) * UINT64_C(0x9e3779b97f4a7c15);

        hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
        hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
        return hash ^ hash >> 32;
}

/* Steps of H keep within the range, so that one of its values is taken. */
static int step_parse(struct reader *reader, int most, int *ret)
{
        const char *begin = ++reader->at;
        char expected[32];

        if (digits_take(reader, ret) && *ret >= 1 && *ret <= most)
                return 0;
        snprintf(expected, sizeof(expected), "a step from 1 to %d", most);
        return field_expected(reader, begin, expected);
}

/* "H", "H(a-b)", "H/n", "H(a-b)/n" */
static int hash_parse(struct reader *reader, struct range *ret)
{
        const char *begin = reader->at++;
        struct range range = { fields[reader->field].least, fields[reader->field].hash_most, 1 };
        int r = 0, step = 0;

        if (!reader->seed)
                return field_expected(reader, begin, "no H, as there is no seed to hash");
        if (*reader->at == '(') {
                const char *inside = ++reader->at;
                r = value_parse(reader, &range.first);
                if (r == 0 && *reader->at != '-')
                        return field_expected(reader, inside, "a range such as H(0-29)");
                if (r == 0)
                        r = range_end_parse(reader, inside, &range);
                if (r == 0 && *reader->at++ != ')')
                        return field_expected(reader, begin, "a \")\" behind the range");
        }
        if (r == 0 && *reader->at == '/')
                r = step_parse(reader, range.last - range.first + 1, &step);
        if (r < 0)
                return r;
        uint64_t hash = seed_hash(reader->seed, reader->field);
        range.first += (int)(hash % (uint64_t)(step ? step : range.last - range.first + 1));
        *ret = step ? (struct range){ range.first, range.last, step }
                    : (struct range){ range.first, range.first, 1 };
        return 0;
}

static int range_parse(struct reader *reader, struct range *ret)
{
        const char *begin = reader->at;
        struct range range = { .step = 1 };
        bool several = true;
        int r = 0;

        if (*begin == 'H')
                return hash_parse(reader, ret);
        if (*begin == '*') {
                range.first = fields[reader->field].least;
                range.last = reader->field == CRON_WEEKDAY ? 6 : fields[reader->field].most;
                reader->at++;
        } else {
                r = value_parse(reader, &range.first);
                range.last = range.first;
                several = *reader->at == '-';
                if (r == 0 && several)
                        r = range_end_parse(reader, begin, &range);
        }
        if (r == 0 && *reader->at == '/') {
                if (!several)
                        return field_expected(reader, begin, "\"*\" or a range such as 0-30 before \"/\"");
                r = step_parse(reader, fields[reader->field].most - fields[reader->field].least + 1,
                               &range.step);
        }
        if (r == 0)
                *ret = range;
        return r;
}

/* A list of ranges, up to a blank or the end. */
static int set_parse(struct reader *reader, uint64_t *ret)
{
        int least = fields[reader->field].least;
        uint64_t set = 0;

        for (;;) {
                struct range range = { 0 };
                int r = range_parse(reader, &range);
                if (r < 0)
                        return r;
                for (int value = range.first; value <= range.last; value += range.step)
                        set |= UINT64_C(1) << (reader->field == CRON_WEEKDAY ? value % 7 : value - least);
                if (*reader->at != ',')
                        break;
                reader->at++;
        }
        if (*reader->at && !strchr(" \t", *reader->at))
                return field_expected(reader, reader->at, "\",\", \"-\", \"/\" or a blank");
        *ret = set;
        return 0;
}

static int fields_parse(struct reader *reader, struct calendar *calendar)
{
        uint64_t sets[CRON_FIELDS];
        bool star[CRON_FIELDS];

        for (reader->field = 0; reader->field < CRON_FIELDS; reader->field++) {
                reader->at += strspn(reader->at, " \t");
                star[reader->field] = *reader->at == '*';
                int r = set_parse(reader, &sets[reader->field]);
                if (r < 0)
                        return r;
        }
        reader->at += strspn(reader->at, " \t");
        if (*reader->at)
                return error_set(reader->error, EINVAL, "expected five fields, found \"%.*s\" behind them",
                                 FOUND_MAX, reader->at);
        calendar->minutes = sets[CRON_MINUTE];
        calendar->hours = (uint32_t)sets[CRON_HOUR];
        calendar->days = (uint32_t)sets[CRON_DAY];
        calendar->months = (uint16_t)sets[CRON_MONTH];
        /* cron's week begins with Sunday, the calendar's with Monday. */
        calendar->weekdays = (uint8_t)(sets[CRON_WEEKDAY] >> 1 | (sets[CRON_WEEKDAY] & 1) << 6);
        calendar->day_star = star[CRON_DAY];
        calendar->weekday_star = star[CRON_WEEKDAY];
        calendar->day_or_weekday = !star[CRON_DAY] && !star[CRON_WEEKDAY];
        return 0;
}

int cron_parse(const char *text, const char *seed, struct calendar **ret, struct error *error)
{
        struct reader reader = { .text = text, .at = text, .seed = seed, .error = error };
        const char *word = text + strspn(text, " \t");
        size_t length = strcspn(word, " \t");

        if (*word == '@') {
                bool alone = word[length + strspn(word + length, " \t")] == 0;
                if (alone && length == strlen("@reboot") && strncasecmp(word, "@reboot", length) == 0)
                        return 1;
                reader.at = NULL;
                for (size_t i = 0; alone && i < ARRAY_SIZE(shorthands); i++)
                        if (strlen(shorthands[i].name) == length &&
                            strncasecmp(word, shorthands[i].name, length) == 0)
                                reader.text = reader.at = shorthands[i].line;
                if (!reader.at)
                        return error_set(
                                error, EINVAL,
                                "expected @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or "
                                "@reboot, found \"%.*s\"",
                                FOUND_MAX, word);
        }
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = calendar_new(0);
        if (!calendar)
                return error_set(error, ENOMEM, "out of memory");
        calendar->cron = true;
        memset(calendar->years, 0xff, sizeof(calendar->years));
        calendar->years[ARRAY_SIZE(calendar->years) - 1] = UINT64_MAX >> (ARRAY_SIZE(calendar->years) * 64 -
                                                                          CALENDAR_YEARS);
        calendar->seconds = 1;
        int r = fields_parse(&reader, calendar);
        if (r == 0)
                *ret = steal_pointer(calendar);
        return r;
}
