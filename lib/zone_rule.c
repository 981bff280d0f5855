/* SPDX-License-Identifier: MPL-2.0 */
/* POSIX TZ strings such as "CET-1CEST,M3.5.0,M10.5.0/3", as the last line of a TZif file has them. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/civil.h"
#include "lib/util.h"
#include "lib/zone_internal.h"

#define RULE_HOURS_MAX 167
/* Changes so many years before and after a time are all that its stretch can have to do with. */
#define NEAR_YEARS 2
#define NEAR_CHANGES (2 * (2 * NEAR_YEARS + 1))

/* ---- parsing: each takes what it knows off *@at ---- */

static bool parse_number(const char **at, int most, int *ret)
{
        int value = 0, digits = 0;

        for (; **at >= '0' && **at <= '9' && digits < 4; digits++)
                value = value * 10 + (*(*at)++ - '0');
        if (digits == 0 || value > most)
                return false;
        *ret = value;
        return true;
}

/* "CET" or "<-03>". */
static bool parse_name(const char **at, char ret[ZONE_ABBREVIATION_MAX])
{
        bool quoted = **at == '<';
        const char *begin = *at + quoted, *end = begin;

        while ((*end >= 'A' && *end <= 'Z') || (*end >= 'a' && *end <= 'z') ||
               (quoted && ((*end >= '0' && *end <= '9') || *end == '+' || *end == '-')))
                end++;
        size_t length = (size_t)(end - begin);
        if (length < 3 || length >= ZONE_ABBREVIATION_MAX || (quoted && *end != '>'))
                return false;
        memcpy(ret, begin, length);
        ret[length] = '\0';
        *at = end + quoted;
        return true;
}

/* [+-]hh[:mm[:ss]] */
static bool parse_time(const char **at, int hours_max, int32_t *ret_s)
{
        int sign = **at == '-' ? -1 : 1, hours = 0, minutes = 0, seconds = 0;

        if (**at == '-' || **at == '+')
                ++*at;
        if (!parse_number(at, hours_max, &hours))
                return false;
        if (**at == ':' && (++*at, !parse_number(at, 59, &minutes)))
                return false;
        if (**at == ':' && (++*at, !parse_number(at, 59, &seconds)))
                return false;
        *ret_s = sign * (hours * 3600 + minutes * 60 + seconds);
        return true;
}

static bool parse_day(const char **at, struct zone_rule_day *ret)
{
        struct zone_rule_day day = { .kind = ZONE_RULE_DAY, .time_s = 2 * 3600 };
        bool good;

        if (**at == 'M') {
                day.kind = ZONE_RULE_WEEKDAY;
                good = (++*at, parse_number(at, 12, &day.month)) && **at == '.' &&
                       (++*at, parse_number(at, 5, &day.week)) && **at == '.' &&
                       (++*at, parse_number(at, 6, &day.day)) && day.month >= 1 && day.week >= 1;
        } else if (**at == 'J') {
                day.kind = ZONE_RULE_JULIAN;
                good = (++*at, parse_number(at, 365, &day.day)) && day.day >= 1;
        } else {
                good = parse_number(at, 365, &day.day);
        }
        if (good && **at == '/')
                good = (++*at, parse_time(at, RULE_HOURS_MAX, &day.time_s));
        if (good)
                *ret = day;
        return good;
}

static bool parse_dst(const char **at, struct zone_rule *rule)
{
        int32_t west_s;

        rule->types[1].dst = true;
        rule->types[1].offset_s = rule->types[0].offset_s + 3600;
        if (!parse_name(at, rule->types[1].name))
                return false;
        if (**at != ',') {
                if (!parse_time(at, 24, &west_s))
                        return false;
                rule->types[1].offset_s = -west_s;
        }
        return **at == ',' && (++*at, parse_day(at, &rule->begins)) && **at == ',' &&
               (++*at, parse_day(at, &rule->ends));
}

int zone_rule_parse(const char *text, struct zone_rule *ret, struct error *error)
{
        struct zone_rule rule = { .exists = true };
        const char *at = text;
        int32_t west_s = 0;

        if (!*text) {
                *ret = (struct zone_rule){ 0 };
                return 0;
        }
        bool good = parse_name(&at, rule.types[0].name) && parse_time(&at, 24, &west_s);
        rule.types[0].offset_s = -west_s;
        if (good && *at) {
                rule.has_dst = true;
                good = parse_dst(&at, &rule) && !*at;
        }
        if (!good)
                return error_set(error, EINVAL,
                                 "expected a rule such as CET-1CEST,M3.5.0,M10.5.0/3 as the last line");
        *ret = rule;
        return 0;
}

/* ---- using ---- */

/* In local time before the change, as seconds since the epoch. */
static int64_t day_of_year_s(const struct zone_rule_day *rule, int year)
{
        int64_t days = 0;

        switch (rule->kind) {
        case ZONE_RULE_JULIAN:
                days = civil_to_days(year, 1, 1) + rule->day - 1 + (civil_is_leap(year) && rule->day >= 60);
                break;
        case ZONE_RULE_DAY:
                days = civil_to_days(year, 1, 1) + rule->day;
                break;
        case ZONE_RULE_WEEKDAY: {
                int64_t first = civil_to_days(year, rule->month, 1);
                int weekday = (rule->day + 6) % 7; /* from Monday */
                days = first + (weekday - civil_weekday(first) + 7) % 7 + (int64_t)(rule->week - 1) * 7;
                if (days >= first + civil_month_days(year, rule->month))
                        days -= 7;
                break;
        }
        }
        return days * CIVIL_DAY_SEC + rule->time_s;
}

void zone_rule_year(const struct zone_rule *rule, int year, struct zone_change ret[2])
{
        struct zone_change begins = { day_of_year_s(&rule->begins, year) - rule->types[0].offset_s, 1 };
        struct zone_change ends = { day_of_year_s(&rule->ends, year) - rule->types[1].offset_s, 0 };
        bool south = ends.at_s < begins.at_s;

        ret[0] = south ? ends : begins;
        ret[1] = south ? begins : ends;
}

/* Those that change the offset, ascending. */
static size_t changes_near(const struct zone_rule *rule, int year, struct zone_change ret[NEAR_CHANGES])
{
        struct zone_change of_year[2];
        size_t count = 0;

        for (int y = year - NEAR_YEARS; y <= year + NEAR_YEARS; y++) {
                zone_rule_year(rule, y, of_year);
                for (size_t i = 0; i < ARRAY_SIZE(of_year); i++) {
                        int32_t offset_s = rule->types[of_year[i].type].offset_s;
                        if (count > 0 && ret[count - 1].at_s >= of_year[i].at_s)
                                count--;
                        if (count == 0 || rule->types[ret[count - 1].type].offset_s != offset_s)
                                ret[count++] = of_year[i];
                }
        }
        return count;
}

bool zone_rule_stretch(const struct zone_rule *rule, int64_t utc_s, struct zone_stretch *ret)
{
        struct zone_change changes[NEAR_CHANGES];
        int year = civil_from_days(civil_divide(utc_s, CIVIL_DAY_SEC)).year;
        size_t count = changes_near(rule, year, changes), at = 1;

        if (count < 3 || changes[1].at_s > utc_s)
                return false;
        while (at + 2 < count && changes[at + 1].at_s <= utc_s)
                at++;
        *ret = (struct zone_stretch){
                .from_s = changes[at].at_s,
                .until_s = changes[at + 1].at_s,
                .before_s = rule->types[changes[at - 1].type].offset_s,
                .offset_s = rule->types[changes[at].type].offset_s,
                .after_s = rule->types[changes[at + 1].type].offset_s,
        };
        return true;
}
