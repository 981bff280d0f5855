/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/util.h"

#define US_MAX (INT64_C(1) << 62)

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)
#define MONTH (2629800 * SECOND) /* 30.44 days: a twelfth of a year */
#define YEAR (31557600 * SECOND) /* 365.25 days */

static int64_t clock_read(clockid_t clock)
{
        struct timespec now;

        clock_gettime(clock, &now);
        return (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000;
}

int64_t clock_realtime_us(void)
{
        return clock_read(CLOCK_REALTIME);
}

int64_t clock_boottime_us(void)
{
        return clock_read(CLOCK_BOOTTIME);
}

void clock_sleep_until_us(int64_t monotonic_us)
{
        const struct timespec until = { .tv_sec = monotonic_us / (int64_t)USEC_PER_SEC,
                                        .tv_nsec = monotonic_us % (int64_t)USEC_PER_SEC * 1000 };

        while (monotonic_us > 0 && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
                ;
}

int64_t clock_monotonic_us(void)
{
        return clock_read(CLOCK_MONOTONIC);
}

static const struct {
        const char *name;
        int64_t us;
} duration_units[] = {
        { "us", 1 },          { "usec", 1 },         { "\xc2\xb5s", 1 }, /* micro sign */
        { "\xce\xbcs", 1 },                                              /* Greek mu */
        { "ms", 1000 },       { "msec", 1000 },      { "s", SECOND },     { "sec", SECOND },
        { "second", SECOND }, { "seconds", SECOND }, { "m", MINUTE },     { "min", MINUTE },
        { "minute", MINUTE }, { "minutes", MINUTE }, { "h", HOUR },       { "hr", HOUR },
        { "hour", HOUR },     { "hours", HOUR },     { "d", DAY },        { "day", DAY },
        { "days", DAY },      { "w", WEEK },         { "week", WEEK },    { "weeks", WEEK },
        { "M", MONTH },       { "month", MONTH },    { "months", MONTH }, { "y", YEAR },
        { "year", YEAR },     { "years", YEAR },
};

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static const char *blanks_skip(const char *p)
{
        return p + strspn(p, " \t\n\r");
}

/* The unit that @p begins with; none counts as seconds. Returns 0 for a word that is no unit. */
static int64_t unit_parse(const char **p)
{
        size_t length = strcspn(*p, " \t\n\r0123456789.+-");

        if (length == 0)
                return SECOND;
        for (size_t i = 0; i < ARRAY_SIZE(duration_units); i++)
                if (strlen(duration_units[i].name) == length &&
                    memcmp(*p, duration_units[i].name, length) == 0) {
                        *p += length;
                        return duration_units[i].us;
                }
        return 0;
}

/* One "1.5h". The number's two parts are kept as text until the unit is known. -EINVAL, -ERANGE. */
static int term_parse(const char **p, int64_t *ret_us)
{
        const char *whole = *p, *fraction = "", *at = *p;
        int64_t us = 0;

        while (is_digit(*at))
                at++;
        const char *whole_end = at;
        if (*at == '.') {
                fraction = ++at;
                while (is_digit(*at))
                        at++;
                if (at == fraction)
                        return -EINVAL;
        } else if (at == whole) {
                return -EINVAL;
        }

        at = blanks_skip(at);
        int64_t unit = unit_parse(&at);
        if (unit == 0)
                return -EINVAL;
        for (; whole < whole_end; whole++)
                if (__builtin_mul_overflow(us, 10, &us) || __builtin_add_overflow(us, *whole - '0', &us))
                        return -ERANGE;
        if (__builtin_mul_overflow(us, unit, &us))
                return -ERANGE;
        for (int64_t part = unit / 10; is_digit(*fraction) && part > 0; fraction++, part /= 10)
                if (__builtin_add_overflow(us, (*fraction - '0') * part, &us))
                        return -ERANGE;
        *p = at;
        *ret_us = us;
        return 0;
}

static int duration_expected(const char *text, struct error *error)
{
        return error_set(error, EINVAL,
                         "expected a duration such as \"6h\", \"1min 30s\" or \"1.5 days\", found \"%s\"",
                         text);
}

int duration_parse(const char *text, int64_t *ret_us, struct error *error)
{
        const char *p = blanks_skip(text);
        int64_t sum = 0;

        if (*p == 0)
                return duration_expected(text, error);
        while (*p) {
                int64_t term = 0;
                int r = term_parse(&p, &term);
                if (r == -ERANGE || (r == 0 && (__builtin_add_overflow(sum, term, &sum) || sum > US_MAX)))
                        return error_set(error, EINVAL,
                                         "expected a duration of at most 146000 years, found \"%s\"", text);
                if (r < 0)
                        return duration_expected(text, error);
                p = blanks_skip(p);
        }
        *ret_us = sum;
        return 0;
}

const char *duration_format(int64_t us, char *buffer, size_t size)
{
        static const struct {
                const char *name;
                int64_t us;
        } units[] = {
                { "d", DAY }, { "h", HOUR }, { "min", MINUTE }, { "s", SECOND }, { "ms", 1000 }, { "us", 1 },
        };
        uint64_t left = us < 0 ? -(uint64_t)us : (uint64_t)us;
        size_t used = 0;
        int shown = 0;

        /* From a minute on, parts of a second are noise. */
        if (left >= (uint64_t)MINUTE)
                left -= left % (uint64_t)SECOND;
        for (size_t i = 0; i < ARRAY_SIZE(units) && shown < 2; i++) {
                uint64_t count = left / (uint64_t)units[i].us;
                if (count == 0)
                        continue;
                left -= count * (uint64_t)units[i].us;
                int length = snprintf(buffer + used, size - used, "%s%" PRIu64 "%s",
                                      shown    ? " "
                                      : us < 0 ? "-"
                                               : "",
                                      count, units[i].name);
                if (length < 0 || (size_t)length >= size - used) {
                        if (used < size)
                                buffer[used] = 0; /* a unit that does not fit is left out as a whole */
                        break;
                }
                used += (size_t)length;
                shown++;
        }
        if (us == 0)
                snprintf(buffer, size, "0s");
        return buffer;
}

const char *timestamp_format(int64_t realtime_us, int utc, char *buffer, size_t size)
{
        time_t seconds = (time_t)(realtime_us / SECOND - (realtime_us % SECOND < 0));
        struct tm fields;

        /* A year that does not fit an int is the one thing that these refuse. */
        if (!(utc ? gmtime_r(&seconds, &fields) : localtime_r(&seconds, &fields)) ||
            strftime(buffer, size, utc ? "%Y-%m-%d %H:%M:%S UTC" : "%Y-%m-%d %H:%M:%S", &fields) == 0)
                snprintf(buffer, size, "?");
        return buffer;
}
