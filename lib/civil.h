/* SPDX-License-Identifier: MPL-2.0 */
/* The proleptic Gregorian calendar in integers. Days count from 1970-01-01, months from 1, weekdays from Monday = 0. */
#ifndef LIB_CIVIL_H
#define LIB_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define CIVIL_DAY_SEC 86400

struct civil {
        int year, month, day; /* day of the month from 1 */
};

/* The whole part of @a / @b, rounded down; @b > 0. */
static inline int64_t civil_divide(int64_t a, int64_t b)
{
        return a / b - (a % b < 0);
}

static inline bool civil_is_leap(int year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static inline int civil_month_days(int year, int month)
{
        return month == 2 ? 28 + civil_is_leap(year) : 30 + ((month + (month > 7)) & 1);
}

/* Years are counted from March, so that the leap day is the last of its year. */
static inline int64_t civil_to_days(int year, int month, int day)
{
        int64_t y = year - (month <= 2);
        int64_t era = civil_divide(y, 400);
        int64_t year_of_era = y - era * 400;
        int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

        return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static inline struct civil civil_from_days(int64_t days)
{
        int64_t z = days + 719468;
        int64_t era = civil_divide(z, 146097);
        int64_t day_of_era = z - era * 146097;
        int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
                              365;
        int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        int64_t shifted = (5 * day_of_year + 2) / 153;
        int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);

        return (struct civil){
                .year = (int)(year_of_era + era * 400 + (month <= 2)),
                .month = month,
                .day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1),
        };
}

static inline int civil_weekday(int64_t days)
{
        int64_t weekday = (days + 3) % 7;

        return (int)(weekday < 0 ? weekday + 7 : weekday);
}

#endif
