/* SPDX-License-Identifier: MPL-2.0 */
/* What is known of a locale, as lines. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ucol.h>
#include <unicode/uenum.h>
#include <unicode/unumsys.h>
#include <unicode/ures.h>
#include <unicode/ustring.h>

#include "runner/intl_impl.h"

#define WORD_SIZE 64

static void enumeration_write(UEnumeration *values, const char *keyword, FILE *to, UErrorCode *status)
{
        const char *value;

        while ((value = uenum_next(values, NULL, status))) {
                const char *type = keyword ? uloc_toUnicodeLocaleType(keyword, value) : value;
                fprintf(to, "%s\n", type ? type : value);
        }
        uenum_close(values);
}

static void calendars_write(const char *locale, FILE *to, UErrorCode *status)
{
        enumeration_write(ucal_getKeywordValuesForLocale("calendar", locale, true, status), "ca", to, status);
}

static void collations_write(const char *locale, FILE *to, UErrorCode *status)
{
        enumeration_write(ucol_getKeywordValuesForLocale("collation", locale, true, status), "co", to,
                          status);
}

static void zones_write(const char *locale, FILE *to, UErrorCode *status)
{
        char region[ULOC_COUNTRY_CAPACITY];

        uloc_getCountry(locale, region, sizeof(region), status);
        enumeration_write(ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL, region, NULL, status),
                          NULL, to, status);
}

static void numbers_write(const char *locale, FILE *to, UErrorCode *status)
{
        UNumberingSystem *system = unumsys_open(locale, status);

        if (U_SUCCESS(*status))
                fprintf(to, "%s\n", unumsys_getName(system));
        unumsys_close(system);
}

static void week_write(const char *locale, FILE *to, UErrorCode *status)
{
        UCalendar *calendar = ucal_open(NULL, 0, locale, UCAL_GREGORIAN, status);

        if (U_FAILURE(*status))
                return;
        fprintf(to, "%d\n", ucal_getAttribute(calendar, UCAL_FIRST_DAY_OF_WEEK));
        for (int day = UCAL_SUNDAY; day <= UCAL_SATURDAY; day++)
                if (ucal_getDayOfWeekType(calendar, (UCalendarDaysOfWeek)day, status) != UCAL_WEEKDAY)
                        fprintf(to, "%d\n", day);
        ucal_close(calendar);
}

static void direction_write(const char *locale, FILE *to, UErrorCode *status)
{
        char likely[INTL_LOCALE_SIZE], script[ULOC_SCRIPT_CAPACITY];

        uloc_addLikelySubtags(locale, likely, sizeof(likely), status);
        if (U_SUCCESS(*status) && uloc_getScript(likely, script, sizeof(script), status) > 0)
                fprintf(to, "%s\n", uloc_isRightToLeft(likely) ? "rtl" : "ltr");
}

/* A string of the data, which is ASCII or not. */
static void string_write(const UResourceBundle *bundle, const char *key, int index, FILE *to,
                         UErrorCode *status)
{
        char text[WORD_SIZE];
        int32_t length;

        const UChar *string = key ? ures_getStringByKey(bundle, key, &length, status)
                                  : ures_getStringByIndex(bundle, index, &length, status);
        u_strToUTF8(text, sizeof(text), NULL, string, length, status);
        if (U_SUCCESS(*status))
                fprintf(to, "%s\n", text);
}

/* What is preferred and what is allowed in a region. */
static void hours_of(const UResourceBundle *regions, const char *name, FILE *to, UErrorCode *status)
{
        UResourceBundle *region = ures_getByKey(regions, name, NULL, status);
        UResourceBundle *allowed = ures_getByKey(region, "allowed", NULL, status);

        if (U_SUCCESS(*status))
                string_write(region, "preferred", 0, to, status);
        if (U_SUCCESS(*status) && ures_getType(allowed) == URES_STRING)
                string_write(region, "allowed", 0, to, status);
        else if (U_SUCCESS(*status))
                for (int i = 0; i < ures_getSize(allowed); i++)
                        string_write(allowed, NULL, i, to, status);
        ures_close(allowed);
        ures_close(region);
}

static void hours_write(const char *locale, FILE *to, UErrorCode *status)
{
        char language[ULOC_LANG_CAPACITY], region[ULOC_COUNTRY_CAPACITY], both[WORD_SIZE];

        uloc_getLanguage(locale, language, sizeof(language), status);
        uloc_getCountry(locale, region, sizeof(region), status);
        snprintf(both, sizeof(both), "%s_%s", language, region);
        UResourceBundle *data = ures_openDirect(NULL, "supplementalData", status);
        UResourceBundle *regions = ures_getByKey(data, "timeData", NULL, status);
        if (U_SUCCESS(*status)) {
                const char *const names[] = { both, region[0] ? region : "001" };
                for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                        *status = U_ZERO_ERROR;
                        hours_of(regions, names[i], to, status);
                        if (U_SUCCESS(*status))
                                break;
                }
                if (*status == U_MISSING_RESOURCE_ERROR)
                        *status = U_ZERO_ERROR;
        }
        ures_close(regions);
        ures_close(data);
}

/* The separator that the data of one locale, not of those it inherits from, have for @system. */
static bool separator_find(const char *locale, const char *system, FILE *to)
{
        UErrorCode status = U_ZERO_ERROR, written = U_ZERO_ERROR;
        UResourceBundle *data = ures_openDirect(NULL, locale, &status);
        UResourceBundle *elements = ures_getByKey(data, "NumberElements", NULL, &status);
        UResourceBundle *numbers = ures_getByKey(elements, system, NULL, &status);
        UResourceBundle *symbols = ures_getByKey(numbers, "symbols", NULL, &status);

        if (U_SUCCESS(status))
                string_write(symbols, "timeSeparator", 0, to, &written);
        ures_close(symbols);
        ures_close(numbers);
        ures_close(elements);
        ures_close(data);
        return U_SUCCESS(status) && U_SUCCESS(written);
}

static void separator_write(const char *locale, FILE *to, UErrorCode *status)
{
        UNumberingSystem *system = unumsys_open(locale, status);
        char name[INTL_LOCALE_SIZE];

        if (U_FAILURE(*status))
                return;
        uloc_getBaseName(locale, name, sizeof(name), status);
        bool found = false;
        while (!found && U_SUCCESS(*status) && name[0] != '\0') {
                found = separator_find(name, unumsys_getName(system), to) || separator_find(name, "latn", to);
                if (!found)
                        uloc_getParent(name, name, sizeof(name), status);
        }
        if (!found && !separator_find("root", "latn", to))
                *status = U_MISSING_RESOURCE_ERROR;
        unumsys_close(system);
}

static void (*const writers[_INTL_LIST_COUNT])(const char *locale, FILE *to, UErrorCode *status) = {
        [INTL_CALENDARS] = calendars_write, [INTL_COLLATIONS] = collations_write,
        [INTL_HOURS] = hours_write,         [INTL_NUMBERS] = numbers_write,
        [INTL_ZONES] = zones_write,         [INTL_WEEK] = week_write,
        [INTL_DIRECTION] = direction_write, [INTL_TIME_SEPARATOR] = separator_write,
};

int list_get(enum intl_list what, const char *locale, char **ret)
{
        UErrorCode status = U_ZERO_ERROR;
        char name[INTL_LOCALE_SIZE];
        char *text = NULL;
        size_t size;

        if (what < 0 || what >= _INTL_LIST_COUNT)
                return -EINVAL;
        int r = intl_locale(locale, name);
        if (r < 0)
                return r;
        FILE *to = open_memstream(&text, &size);
        if (!to)
                return -ENOMEM;
        writers[what](name, to, &status);
        r = intl_errno(status);
        if (fclose(to) != 0 && r == 0)
                r = -ENOMEM;
        if (r < 0) {
                free(text);
                return r;
        }
        *ret = text;
        return 0;
}
