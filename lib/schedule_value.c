/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/schedule_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/calendar.h"
#include "lib/cleanup.h"
#include "lib/cron.h"
#include "lib/task.h"
#include "lib/task_value.h"
#include "lib/util.h"
#include "lib/zone.h"

#define SECOND ((int64_t)USEC_PER_SEC)
#define DIGITS "0123456789"

/* ---- when ---- */

/* Takes @plain, which is NULL when there was not enough memory. */
static int text_replace(char **text, char *plain)
{
        if (!plain)
                return -ENOMEM;
        free(*text);
        *text = plain;
        return 0;
}

int schedule_value_calendar(char **text, struct error *error)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = NULL;
        int r = calendar_parse(*text, &calendar, error);

        return r < 0 ? r : text_replace(text, calendar_format(calendar));
}

/* One blank between words. */
static void blanks_squeeze(char *text)
{
        char *to = text;

        for (const char *from = text; *from; from++)
                if (*from != ' ' || (to > text && to[-1] != ' '))
                        *to++ = *from;
        *to = 0;
}

int schedule_value_cron(char **text, struct error *error)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = NULL;
        int r = cron_parse(*text, NULL, &calendar, NULL);

        if (r == 0)
                return text_replace(text, calendar_format(calendar));
        /* What H stands for is different from schedule to schedule: it is kept. */
        if (r == -EINVAL)
                r = cron_parse(*text, "", &calendar, error);
        if (r == 0)
                blanks_squeeze(*text);
        return r == 1 ? -EINVAL : r;
}

int schedule_value_zone(char **text, struct error *error)
{
        (void)error;
        return zone_name_is_valid(*text) ? 0 : -EINVAL;
}

/* ---- points in time ---- */

/* Exactly @count digits at *@p, which moves behind them. */
static bool digits_take(const char **p, size_t count, int *ret)
{
        int value = 0;

        if (strspn(*p, DIGITS) != count)
                return false;
        for (size_t i = 0; i < count; i++)
                value = value * 10 + (*(*p)++ - '0');
        *ret = value;
        return true;
}

/* Nothing, or a point and digits of which six count. */
static bool fraction_take(const char **p, int64_t *ret_us)
{
        int64_t unit_us = SECOND / 10;

        *ret_us = 0;
        if (**p != '.')
                return true;
        size_t count = strspn(++*p, DIGITS);
        for (size_t i = 0; i < count; i++, unit_us /= 10)
                *ret_us += unit_us * (*(*p)++ - '0');
        return count > 0;
}

static int epoch_parse(const char *text, int64_t *ret_us)
{
        char seconds[20];
        size_t length = strspn(text, DIGITS);
        const char *p = text + length;
        int64_t value, fraction_us;

        if (length == 0)
                return -EINVAL;
        if (length >= sizeof(seconds))
                return -ERANGE;
        memcpy(seconds, text, length);
        seconds[length] = 0;
        int r = parse_int64(seconds, 0, SCHEDULE_VALUE_TIME_MAX_US / SECOND, &value);
        if (r < 0)
                return r;
        if (!fraction_take(&p, &fraction_us) || *p)
                return -EINVAL;
        *ret_us = value * SECOND + fraction_us;
        return 0;
}

/* "YYYY-MM-DD" and what may follow of " HH:MM[:SS[.fraction]]". */
static bool date_take(const char **p, struct tm *ret, int64_t *ret_fraction_us)
{
        struct tm tm = { 0 };
        int64_t fraction_us = 0;

        if (!digits_take(p, 4, &tm.tm_year) || *(*p)++ != '-' || !digits_take(p, 2, &tm.tm_mon) ||
            *(*p)++ != '-' || !digits_take(p, 2, &tm.tm_mday))
                return false;
        if (**p == ' ' && strchr(DIGITS, (*p)[1])) {
                ++*p;
                if (!digits_take(p, 2, &tm.tm_hour) || *(*p)++ != ':' || !digits_take(p, 2, &tm.tm_min))
                        return false;
                if (**p == ':') {
                        ++*p;
                        if (!digits_take(p, 2, &tm.tm_sec) || !fraction_take(p, &fraction_us))
                                return false;
                }
        }
        tm.tm_year -= 1900;
        tm.tm_mon -= 1;
        *ret = tm;
        *ret_fraction_us = fraction_us;
        return true;
}

/* @local_s in a zone; NULL: the system's. */
static int local_resolve(int64_t local_s, const char *name, int64_t *ret_s, struct error *error)
{
        struct zones *zones = NULL;
        const struct zone *zone;
        struct zone_instants instants;
        int r = zones_new(NULL, &zones);

        if (r == 0)
                r = zones_get(zones, name, &zone, error);
        if (r == 0) {
                zone_local(zone, local_s, &instants);
                *ret_s = instants.utc_s[0];
        }
        zones_free(zones);
        return r;
}

int schedule_value_time(const char *text, const char *zone, int64_t *ret_us, bool *ret_local,
                        struct error *error)
{
        struct tm tm, plain;
        int64_t fraction_us, seconds;

        *ret_local = false;
        if (*text == '@')
                return epoch_parse(text + 1, ret_us);
        if (!date_take(&text, &tm, &fraction_us) ||
            (*text && (*text != ' ' || !zone_name_is_valid(text + 1))))
                return -EINVAL;
        plain = tm;
        seconds = timegm(&plain);
        /* There is no 30th of February, and no 60th second. */
        if (plain.tm_mon != tm.tm_mon || plain.tm_mday != tm.tm_mday || plain.tm_hour != tm.tm_hour ||
            plain.tm_min != tm.tm_min || plain.tm_sec != tm.tm_sec)
                return -EINVAL;
        int r = local_resolve(seconds, *text ? text + 1 : zone, &seconds, error);
        if (r < 0)
                return r;
        if (seconds < 0 || seconds > SCHEDULE_VALUE_TIME_MAX_US / SECOND)
                return -ERANGE;
        *ret_us = seconds * SECOND + fraction_us;
        *ret_local = !*text;
        return 0;
}

/* ---- names ---- */

int schedule_value_task(char **text, struct error *error)
{
        (void)error;
        return task_name_check(*text, NULL);
}

int schedule_value_pool(char **text, struct error *error)
{
        size_t length = strspn(*text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "_-");

        (void)error;
        return length > 0 && length <= SCHEDULE_POOL_NAME_MAX && !(*text)[length] ? 0 : -EINVAL;
}

/* ---- conditions ---- */

int schedule_value_path(char **text, struct error *error)
{
        (void)error;
        return **text == '/' ? task_value_path(*text) : -EINVAL;
}

int schedule_value_condition_path(char **text, struct error *error)
{
        char *path = *text + (**text == '!');

        return schedule_value_path(&path, error);
}

int schedule_value_space_split(const char *text, size_t *ret_length, uint64_t *ret_bytes)
{
        const char *colon = strrchr(text, ':');
        uint64_t bytes = 0;

        if (!colon)
                return -EINVAL;
        int r = task_value_size(colon + 1, &bytes);
        if (r < 0)
                return r;
        if (bytes == 0 || bytes == UINT64_MAX)
                return -EINVAL;
        *ret_length = (size_t)(colon - text);
        *ret_bytes = bytes;
        return 0;
}

int schedule_value_space(char **text, struct error *error)
{
        size_t length;
        uint64_t bytes;
        int r = schedule_value_space_split(*text, &length, &bytes);

        if (r < 0)
                return r;
        _cleanup_free_ char *path = strndup(*text, length);
        if (!path)
                return -ENOMEM;
        r = schedule_value_path(&path, error);
        if (r < 0)
                return r;
        return text_replace(text, format_string("%s%s", path, *text + length));
}

/* ---- retries ---- */

int schedule_value_retry_on(char **text, struct error *error)
{
        /* Neither success nor what somebody cancelled is a reason to run again. */
        static const char *const results[] = { "exited",       "not_found",  "exception", "timeout",
                                               "quit",         "killed",     "deadline",  "memory",
                                               "setup_failed", "interrupted" };
        int64_t code;

        (void)error;
        for (size_t i = 0; i < ARRAY_SIZE(results); i++)
                if (strcmp(*text, results[i]) == 0)
                        return 0;
        int r = parse_int64(*text, 1, 255, &code);
        return r < 0 ? r : text_replace(text, format_string("%d", (int)code));
}
