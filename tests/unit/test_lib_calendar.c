/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/calendar.h"

#include <errno.h>
#include <time.h>

#include "tests/unit/unit.h"

#define S INT64_C(1000000)
#define ELAPSES_MAX 4

static struct zones *zones;

static void zones_open(void)
{
        ck_assert_int_eq(zones_new(NULL, &zones), 0);
}

static void zones_close(void)
{
        zones_free(zones);
}

static struct calendar *parse(const char *text)
{
        struct calendar *calendar = NULL;
        struct error error = ERROR_INIT;

        ck_assert_msg(calendar_parse(text, &calendar, &error) == 0, "%s: %s", text, error.text);
        return calendar;
}

static const struct zone *zone_of(const char *name)
{
        const struct zone *zone = NULL;
        struct error error = ERROR_INIT;

        ck_assert_msg(zones_get(zones, name, &zone, &error) == 0, "%s", error.text);
        return zone;
}

/* ---- text ---- */

/* Those of systemd.time(7), and what systemd 252 makes of others. */
static const struct {
        const char *text, *normalised;
} normalised[] = {
        { "Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00" },
        { "Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00" },
        { "Wed *-1", "Wed *-*-01 00:00:00" },
        { "Wed..Wed,Wed *-1", "Wed *-*-01 00:00:00" },
        { "Wed, 17:48", "Wed *-*-* 17:48:00" },
        { "Wed..Sat,Tue 12-10-15 1:2:3", "Tue..Sat 2012-10-15 01:02:03" },
        { "*-*-7 0:0:0", "*-*-07 00:00:00" },
        { "10-15", "*-10-15 00:00:00" },
        { "monday *-12-* 17:00", "Mon *-12-* 17:00:00" },
        { "Mon,Fri *-*-3,1,2 *:30:45", "Mon,Fri *-*-01,02,03 *:30:45" },
        { "12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00" },
        /* A step beyond the end of its range. */
        { "1..3/5:00", "*-*-* 01:00:00" },
        { "*-8..9/12-1 0:0:0..5/70", "*-08-01 00:00:00" },
        { "12..14:10,20,30", "*-*-* 12..14:10,20,30:00" },
        { "mon,fri *-1/2-1,3 *:30:45", "Mon,Fri *-01/2-01,03 *:30:45" },
        { "03-05 08:05:40", "*-03-05 08:05:40" },
        { "08:05:40", "*-*-* 08:05:40" },
        { "05:40", "*-*-* 05:40:00" },
        { "Sat,Sun 12-05 08:05:40", "Sat,Sun *-12-05 08:05:40" },
        { "2003-03-05 05:40", "2003-03-05 05:40:00" },
        { "05:40:23.4200004/3.1700005", "*-*-* 05:40:23.420000/3.170001" },
        { "2003-02..04-05", "2003-02..04-05 00:00:00" },
        { "2003-03-05 05:40 UTC", "2003-03-05 05:40:00 UTC" },
        { "weekly Pacific/Auckland", "Mon *-*-* 00:00:00 Pacific/Auckland" },
        { "*:2/3", "*-*-* *:02/3:00" },
        { "minutely", "*-*-* *:*:00" },
        { "hourly", "*-*-* *:00:00" },
        { "DAILY utc", "*-*-* 00:00:00 UTC" },
        { "monthly", "*-*-01 00:00:00" },
        { "yearly", "*-01-01 00:00:00" },
        { "annually", "*-01-01 00:00:00" },
        { "quarterly", "*-01,04,07,10-01 00:00:00" },
        { "semiannually", "*-01,07-01 00:00:00" },
        { "@1395716396", "2014-03-25 02:59:56 UTC" },
        { "*~1", "*-*~01 00:00:00" },
        { "Mon *-05~07/1", "Mon *-05~07/1 00:00:00" },
        { "*-*~1..8/2", "*-*~01..07/2 00:00:00" },
        { "*~*", "*-*-* 00:00:00" },
        { "*:*:0/0.5", "*-*-* *:*:00/0.500000" },
        { "*:*:0/1,5", "*-*-* *:*:*" },
        { "*:*:0..59", "*-*-* *:*:00..59" },
        { "*:*:1..3.5", "*-*-* *:*:01..03" },
        { "*:*:1.25..3.5/0.5", "*-*-* *:*:01.250000..03.250000/0.500000" },
        { "1..1:00", "*-*-* 01:00:00" },
        { "1..2/2,3:00", "*-*-* 01,03:00:00" },
        { "69-1-1", "2069-01-01 00:00:00" },
        { "70/129-1-1", "1970/129-01-01 00:00:00" },
        { "Mon..Sun", "*-*-* 00:00:00" },
        { "Mon,Tue", "Mon,Tue *-*-* 00:00:00" },
        { "Mon-Wed", "Mon..Wed *-*-* 00:00:00" },
        { "Mon,", "Mon *-*-* 00:00:00" },
        { "2:3,4,1..3:5", "*-*-* 02:01..03,03,04:05" },
        { "12:00 Etc/UTC", "*-*-* 12:00:00 Etc/UTC" },
        { "  Mon   1-1  2:3   UTC  ", "Mon *-01-01 02:03:00 UTC" },
};

START_TEST(test_normalised)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(normalised[_i].text);
        _cleanup_free_ char *text = calendar_format(calendar);

        ck_assert_str_eq(text, normalised[_i].normalised);
        _cleanup_(calendar_free_cleanup) struct calendar *again = parse(text);
        _cleanup_free_ char *same = calendar_format(again);
        ck_assert_str_eq(same, text);
}
END_TEST

static const struct {
        const char *text, *error;
} refused[] = {
        { "", "expected a calendar expression such as \"Mon..Fri 08:30\", found nothing" },
        { "25:00", "hour at character 1: expected 0 to 23, found \"25:00\"" },
        { "Mon 12:61", "minute at character 8: expected 0 to 59, found \"61\"" },
        { "12:00:60", "second at character 7: expected 0 to 59 and a fraction, found \"60\"" },
        { "1969-1-1", "year at character 1: expected 1970 to 2199, found \"1969-1-1\"" },
        { "2200-1-1", "year at character 1: expected 1970 to 2199" },
        { "*-13-1", "month at character 3: expected 1 to 12, found \"13-1\"" },
        { "*-*-0", "day at character 5: expected 1 to 31" },
        { "*-*~29", "day at character 5: expected 1 to 28" },
        { "*-*-31/1", "day at character 5: expected a step that leads to at least one more value" },
        { "*-*~1/3", "day at character 5: expected a step that leads to at least one more value" },
        { "0/24:00", "hour at character 1: expected a smaller step" },
        { "5..3:00", "hour at character 1: expected a range whose end is not before its beginning" },
        { "0/0:00", "hour at character 1: expected a step greater than 0" },
        { "*:*:5.5..6", "second at character 5: expected a range of at least a second" },
        { "*:*:3..3", "second at character 5: expected a range of at least a second" },
        { "0:0:1.", "second at character 7: expected digits behind the point, found nothing" },
        { "1.5:00", "hour at character 2: expected" },
        { "*:*/5", "minute at character 4: expected" },
        { "12,*:0", "hour at character 4: expected a number or *" },
        { "12:", "minute at character 4: expected a number or *, found nothing" },
        { "12", "expression at character 1: expected weekdays, YEAR-MONTH-DAY, HOUR:MINUTE" },
        { "1-1-1-1", "date at character 1: expected YEAR-MONTH-DAY or MONTH-DAY" },
        { "*~02-1", "year at character 2: expected" },
        { "*-*-1,", "day at character 7: expected a number or *, found nothing" },
        { "*-*-*T00:00", "hour at character 2: expected" },
        { "tuesdays", "weekday at character 1: expected a weekday such as Mon or a word such as daily" },
        { "Mon, Tue", "expression at character 6: expected" },
        { "Mon..", "weekday at character 6: expected a weekday" },
        { "Mon..Wed..Fri", "weekday at character 9: expected" },
        { "Sat..Mon", "weekday at character 6: expected a range whose end is not before its beginning" },
        { "mon,,tue", "weekday at character 5: expected" },
        { "1:2:3 4:5:6", "expression at character 7: expected a time zone or nothing behind the time" },
        { "Europe/Berlin", "weekday at character 1" },
        { "daily Europe/Berlin UTC", "weekday at character 1" },
        { "@-5", "instant at character 1: expected @ and whole seconds since 1970" },
        { "@1.5", "instant at character 1" },
        { "@7258118400", "instant at character 1" },
        { "hourly Europe/../Paris", "weekday at character 1" },
        { "0:0:0.9999999/60", "second at character 5: expected a smaller step" },
};

START_TEST(test_refused)
{
        struct calendar *calendar = NULL;
        struct error error = ERROR_INIT;

        ck_assert_int_eq(calendar_parse(refused[_i].text, &calendar, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, refused[_i].error), "%s: %s", refused[_i].text, error.text);
        ck_assert_ptr_null(calendar);
}
END_TEST

START_TEST(test_long_lists)
{
        char text[8192] = "0";
        struct calendar *calendar = NULL;
        struct error error = ERROR_INIT;

        for (int i = 0; i < 300; i++)
                strcat(text, ",0");
        strcat(text, ":00");
        ck_assert_int_eq(calendar_parse(text, &calendar, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "expected a shorter list"));
        memset(text, '1', sizeof(text) - 1);
        ck_assert_int_eq(calendar_parse(text, &calendar, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "at most 4096 bytes"));
}
END_TEST

/* ---- elapses ---- */

#define AFTER ZONE_GAP_RUN_AFTER
#define SKIP ZONE_GAP_SKIP
#define SHIFT ZONE_GAP_SHIFT
#define FIRST ZONE_OVERLAP_FIRST
#define SECOND ZONE_OVERLAP_SECOND
#define BOTH ZONE_OVERLAP_BOTH
#define GAP CALENDAR_NOTE_GAP
#define PASS1 CALENDAR_NOTE_FIRST_PASS
#define PASS2 CALENDAR_NOTE_SECOND_PASS

/* Instants are seconds since the epoch; the list ends with 0. */
static const struct {
        const char *text, *zone;
        enum zone_gap gap;
        enum zone_overlap overlap;
        int64_t after_s, at_s[ELAPSES_MAX];
        enum calendar_note notes[ELAPSES_MAX];
} elapses[] = {
        /* Europe/Berlin 2024, the table of what peers do: the gap is at 1711846800, the overlap ends at 1729994400. */
        { "02:30", "Europe/Berlin", AFTER, FIRST, 1711800000, { 1711846800, 1711931400 }, { GAP } },
        { "02:30", "Europe/Berlin", SKIP, FIRST, 1711800000, { 1711931400 }, { 0 } },
        { "02:30", "Europe/Berlin", SHIFT, FIRST, 1711800000, { 1711848600, 1711931400 }, { GAP } },
        { "02:30",
          "Europe/Berlin",
          AFTER,
          FIRST,
          1729900000,
          { 1729902600, 1729989000, 1730079000 },
          { 0, PASS1 } },
        { "02:30",
          "Europe/Berlin",
          AFTER,
          SECOND,
          1729900000,
          { 1729902600, 1729992600, 1730079000 },
          { 0, PASS2 } },
        { "02:30",
          "Europe/Berlin",
          AFTER,
          BOTH,
          1729902600,
          { 1729989000, 1729992600, 1730079000 },
          { PASS1, PASS2 } },
        { "*:0/30",
          "Europe/Berlin",
          AFTER,
          FIRST,
          1729988999,
          { 1729989000, 1729990800, 1729992600, 1729994400 },
          { PASS1, PASS2, PASS2 } },
        { "*:0/30",
          "Europe/Berlin",
          AFTER,
          FIRST,
          1711844000,
          { 1711845000, 1711846800, 1711848600 },
          { 0 } },
        /* Several of one gap are one, and one with what is due then anyhow. */
        { "02:0/5", "Europe/Berlin", AFTER, FIRST, 1711800000, { 1711846800, 1711929600 }, { GAP } },
        { "02,03:0/30",
          "Europe/Berlin",
          AFTER,
          FIRST,
          1711800000,
          { 1711846800, 1711848600, 1711929600 },
          { 0 } },
        { "02,03:0/30",
          "Europe/Berlin",
          SHIFT,
          FIRST,
          1711800000,
          { 1711846800, 1711848600, 1711929600 },
          { 0 } },
        { "02:15,30", "Europe/Berlin", SHIFT, FIRST, 1711846801, { 1711847700, 1711848600 }, { GAP, GAP } },
        /* Days that never were: 2011-12-30 in Apia, 1993-08-21 in Kwajalein. */
        { "daily",
          "Pacific/Apia",
          AFTER,
          FIRST,
          1325060000,
          { 1325066400, 1325152800, 1325239200, 1325325600 },
          { 0 } },
        { "12:00",
          "Pacific/Apia",
          AFTER,
          FIRST,
          1325110000,
          { 1325196000, 1325239200, 1325282400 },
          { 0, GAP } },
        { "2011-12-30 12:00", "Pacific/Apia", AFTER, FIRST, 0, { 1325239200 }, { GAP } },
        { "2011-12-30 12:00", "Pacific/Apia", SKIP, FIRST, 0, { 0 }, { 0 } },
        { "2011-12-30 12:00", "Pacific/Apia", SHIFT, FIRST, 0, { 1325282400 }, { GAP } },
        { "2011-12-30 *:00", "Pacific/Apia", AFTER, FIRST, 0, { 0 }, { 0 } },
        { "1993-08-21 06:00", "Pacific/Kwajalein", AFTER, FIRST, 0, { 745934400 }, { GAP } },
        /* Half an hour, two hours, at midnight, and back in summer. */
        { "02:15", "Australia/Lord_Howe", AFTER, FIRST, 1728100000, { 1728142200 }, { GAP } },
        { "02:15", "Australia/Lord_Howe", SHIFT, FIRST, 1728100000, { 1728143100 }, { GAP } },
        { "01:45", "Australia/Lord_Howe", AFTER, SECOND, 1712400000, { 1712416500 }, { PASS2 } },
        { "01:30", "Antarctica/Troll", AFTER, FIRST, 1711800000, { 1711846800 }, { GAP } },
        { "00:00",
          "America/Sao_Paulo",
          AFTER,
          FIRST,
          1541200000,
          { 1541214000, 1541300400, 1541383200 },
          { 0, GAP } },
        { "00:00",
          "Asia/Tehran",
          AFTER,
          FIRST,
          1647800000,
          { 1647808200, 1647894600, 1647977400 },
          { 0, GAP } },
        { "02:30", "Africa/Casablanca", AFTER, FIRST, 1713000000, { 1713060000, 1713144600 }, { GAP } },
        { "02:30", "Africa/Casablanca", AFTER, SECOND, 1710000000, { 1710037800 }, { PASS2 } },
        /* Fields. */
        { "Fri *-*-13", "UTC", AFTER, FIRST, 1700000000, { 1726185600, 1734048000 }, { 0 } },
        { "Mon *-02-29", "UTC", AFTER, FIRST, 1700000000, { 2340316800 }, { 0 } },
        { "*-02~1", "UTC", AFTER, FIRST, 1700000000, { 1709164800, 1740700800 }, { 0 } },
        { "Mon *-05~07/1", "UTC", AFTER, FIRST, 1700000000, { 1716768000, 1748217600 }, { 0 } },
        { "*-*~1..7/2",
          "UTC",
          AFTER,
          FIRST,
          1700000000,
          { 1700784000, 1700956800, 1701129600, 1701302400 },
          { 0 } },
        { "2199-12-31 23:59:59", "UTC", AFTER, FIRST, 0, { 7258118399 }, { 0 } },
        { "@1795716396", "UTC", AFTER, FIRST, 0, { 1795716396 }, { 0 } },
        { "*-02-30", "UTC", AFTER, FIRST, 0, { 0 }, { 0 } },
};

/* Rows whose list is not full say all that follows, or have the first ones. */
START_TEST(test_elapses)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(elapses[_i].text);
        const char *zone = calendar_zone(calendar) ? calendar_zone(calendar) : elapses[_i].zone;
        struct calendar_clock clock = { zone_of(zone), elapses[_i].gap, elapses[_i].overlap };
        struct calendar_elapse elapse = { .at_us = elapses[_i].after_s * S };
        int i = 0;

        for (; i < ELAPSES_MAX && elapses[_i].at_s[i]; i++) {
                ck_assert_msg(calendar_next(calendar, &clock, elapse.at_us, &elapse), "%s: %d",
                              elapses[_i].text, i);
                ck_assert_msg(elapse.at_us == elapses[_i].at_s[i] * S, "%s in %s: %d: %lld, not %lld",
                              elapses[_i].text, elapses[_i].zone, i, (long long)(elapse.at_us / S),
                              (long long)elapses[_i].at_s[i]);
                ck_assert_msg(elapse.note == elapses[_i].notes[i], "%s: %d: note %d", elapses[_i].text, i,
                              elapse.note);
        }
        if (i == 0)
                ck_assert(!calendar_next(calendar, &clock, elapse.at_us, &elapse));
}
END_TEST

START_TEST(test_never)
{
        static const char *const never[] = { "*-02-30", "*-04,06,09,11-31", "2023-02-29", "Mon 2024-01-02" };
        static const char *const once[] = { "*-02-29", "1970-01-01", "2199-12-31 23:59:59.999999" };

        for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
                _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(never[i]);
                ck_assert_msg(!calendar_elapses(calendar), "%s", never[i]);
        }
        for (size_t i = 0; i < ARRAY_SIZE(once); i++) {
                _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(once[i]);
                ck_assert_msg(calendar_elapses(calendar), "%s", once[i]);
        }
}
END_TEST

START_TEST(test_subseconds)
{
        static const int64_t wanted_us[] = { 0, 3170001, 6340002, 9510003 };
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse("*:*:0/3.1700005");
        struct calendar_clock clock = { 0 };
        struct calendar_elapse elapse = { .at_us = -1 };

        for (size_t i = 0; i < ARRAY_SIZE(wanted_us); i++) {
                ck_assert(calendar_next(calendar, &clock, elapse.at_us, &elapse));
                ck_assert_int_eq(elapse.at_us, wanted_us[i]);
        }
        for (int i = 4; i < 20; i++) /* each minute has 19 of them and begins anew */
                ck_assert(calendar_next(calendar, &clock, elapse.at_us, &elapse));
        ck_assert_int_eq(elapse.at_us, 60 * S);
}
END_TEST

/* ---- properties ---- */

static uint64_t random_state = 88172645463325252U;

static unsigned random_below(unsigned bound)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return (unsigned)(random_state >> 33) % bound;
}

static const char *random_text(char *text, size_t size)
{
        static const char *const weekdays[] = { "", "", "Mon..Fri ", "Sat,Sun ", "Tue " };
        static const char *const dates[] = {
                "*-*-*", "*-*-1/7", "*-3,10,11-*", "*-*~1..7", "*-*-*", "*-2-29"
        };
        static const char *const seconds[] = { "0", "30", "0/20", "59.5", "0/7.25" };

        snprintf(text, size, "%s%s %u%s:%u%s:%s", weekdays[random_below(5)], dates[random_below(6)],
                 random_below(4), random_below(3) ? "" : "/1", random_below(60),
                 random_below(2) ? "" : "..59/17", seconds[random_below(5)]);
        return text;
}

/* Every elapse is later than the one before, and the same from whatever base in between. */
START_TEST(test_same_from_any_base)
{
        static const char *const names[] = { "Europe/Berlin",     "America/New_York", "Australia/Lord_Howe",
                                             "America/Sao_Paulo", "Asia/Tehran",      "Africa/Casablanca",
                                             "Pacific/Apia",      "Antarctica/Troll", "Europe/Dublin" };
        char text[128];

        for (int round = 0; round < 300; round++) {
                _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(
                        random_text(text, sizeof(text)));
                struct calendar_clock clock = { zone_of(names[random_below(ARRAY_SIZE(names))]),
                                                random_below(3), random_below(3) };
                struct calendar_elapse last = { .at_us = random_below(2000) * 86400 * S * 42 }, next, again;
                for (int i = 0; i < 100 && calendar_next(calendar, &clock, last.at_us, &next);
                     i++, last = next) {
                        ck_assert_int_gt(next.at_us, last.at_us);
                        int64_t base_us = last.at_us + (int64_t)((double)(next.at_us - last.at_us) *
                                                                 random_below(1000) / 1000);
                        ck_assert(calendar_next(calendar, &clock, base_us, &again));
                        ck_assert_msg(again.at_us == next.at_us && again.note == next.note,
                                      "%s in %s from %lld: %lld, not %lld", text, zone_name(clock.zone),
                                      (long long)base_us, (long long)again.at_us, (long long)next.at_us);
                        ck_assert(calendar_next(calendar, &clock, next.at_us - 1, &again));
                        ck_assert_int_eq(again.at_us, next.at_us);
                }
        }
}
END_TEST

/* A random list of numbers below @bound, as a set too. */
static uint64_t random_list(char *text, size_t size, unsigned least, unsigned bound)
{
        uint64_t set = 0;
        size_t used = 0;

        for (unsigned count = 1 + random_below(6); count > 0; count--) {
                unsigned value = least + random_below(bound - least);
                set |= UINT64_C(1) << value;
                used += (size_t)snprintf(text + used, size - used, "%s%u", used ? "," : "", value);
        }
        return set;
}

/* No match is skipped and none is made up: against a look at every minute. */
START_TEST(test_every_minute)
{
        char text[128], days[32], hours[32], minutes[32];

        for (int round = 0; round < 30; round++) {
                uint64_t day_set = random_list(days, sizeof(days), 1, 32);
                uint64_t hour_set = random_list(hours, sizeof(hours), 0, 24);
                uint64_t minute_set = random_list(minutes, sizeof(minutes), 0, 60);
                bool workdays = random_below(2);
                snprintf(text, sizeof(text), "%s*-*-%s %s:%s", workdays ? "Mon..Fri " : "", days, hours,
                         minutes);
                _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(text);
                struct calendar_clock clock = { 0 };
                int64_t begin_s = (int64_t)random_below(80000) * 86400;
                struct calendar_elapse next = { .at_us = begin_s * S - 1 };
                bool more = calendar_next(calendar, &clock, next.at_us, &next);
                for (time_t at_s = begin_s; at_s < begin_s + 90 * 86400; at_s += 60) {
                        struct tm fields;
                        ck_assert_ptr_nonnull(gmtime_r(&at_s, &fields));
                        bool wanted = day_set >> fields.tm_mday & 1 && hour_set >> fields.tm_hour & 1 &&
                                      minute_set >> fields.tm_min & 1 &&
                                      (!workdays || (fields.tm_wday >= 1 && fields.tm_wday <= 5));
                        ck_assert_msg(wanted == (more && next.at_us == at_s * S), "%s at %lld", text,
                                      (long long)at_s);
                        if (wanted)
                                more = calendar_next(calendar, &clock, next.at_us, &next);
                }
        }
}
END_TEST

/* ---- taking away ---- */

static const struct {
        const char *text;
        int64_t local_s, until_s; /* 0: not covered */
} covers[] = {
        { "Sat,Sun", 1700956800 + 5, 1701043200 },
        { "Sat,Sun", 1701043200, 0 },
        { "*-12-24..26", 1703376000 + 86399, 1703462400 },
        { "12:30", 43200 + 1800 + 59, 43200 + 1860 },
        { "12:30", 43200 + 1860, 0 },
        { "12:30:15", 43200 + 1815, 43200 + 1816 },
        { "12:*", 43200 + 1815, 46800 },
        { "*:*", 43200 + 1815, 86400 },
        { "*:*:*", 43200 + 1815, 86400 },
        { "*:00", 43200 + 59, 43260 },
        { "*:*:0..29", 29, 30 },
        { "*:*:0..29", 30, 0 },
};

START_TEST(test_covers)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(covers[_i].text);
        int64_t until_us = 0;

        ck_assert_int_eq(calendar_covers(calendar, covers[_i].local_s * S, &until_us),
                         covers[_i].until_s != 0);
        ck_assert_int_eq(until_us, covers[_i].until_s * S);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, zones_open, zones_close);
        tcase_add_loop_test(test_case, test_normalised, 0, ARRAY_SIZE(normalised));
        tcase_add_loop_test(test_case, test_refused, 0, ARRAY_SIZE(refused));
        tcase_add_test(test_case, test_long_lists);
        tcase_add_loop_test(test_case, test_elapses, 0, ARRAY_SIZE(elapses));
        tcase_add_test(test_case, test_never);
        tcase_add_test(test_case, test_subseconds);
        tcase_add_test(test_case, test_same_from_any_base);
        tcase_add_test(test_case, test_every_minute);
        tcase_add_loop_test(test_case, test_covers, 0, ARRAY_SIZE(covers));
}

int main(void)
{
        return unit_main("calendar", add);
}
