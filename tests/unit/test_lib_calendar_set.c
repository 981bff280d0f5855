/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/calendar_set.h"

#include "lib/cleanup.h"
#include "tests/unit/unit.h"

#define S INT64_C(1000000)
#define TEXTS_MAX 4
#define ELAPSES_MAX 5

static struct zones *zones;

static void zones_open(void)
{
        ck_assert_int_eq(zones_new(NULL, &zones), 0);
}

static void zones_close(void)
{
        zones_free(zones);
}

/* An expression behind "!" is an exclusion. */
static void set_add(struct calendar_set *set, const char *text, const char *zone, enum zone_gap gap)
{
        struct calendar_clock clock = { .gap = gap };
        struct calendar *calendar;
        struct error error = ERROR_INIT;
        bool excluded = *text == '!';

        ck_assert_msg(calendar_parse(text + excluded, &calendar, &error) == 0, "%s", error.text);
        if (calendar_zone(calendar))
                zone = calendar_zone(calendar);
        ck_assert_int_eq(zones_get(zones, zone, &clock.zone, NULL), 0);
        ck_assert_int_eq(calendar_set_add(set, calendar, &clock, excluded), 0);
}

static const struct {
        const char *texts[TEXTS_MAX], *zone;
        enum zone_gap gap;
        int64_t after_s, at_s[ELAPSES_MAX]; /* a list that is not full may go on */
} rows[] = {
        { { "6:00", "12:00", "6:00" }, "UTC", 0, 0, { 21600, 43200, 108000, 129600 } },
        { { "6:00", "6:00 Europe/Berlin" }, "UTC", 0, 0, { 18000, 21600, 104400 } },
        /* Weekends are taken whole, at whatever time: 1700265600 is Saturday, 1970-01-03 too. */
        { { "12:00", "!Sat,Sun" }, "UTC", 0, 1700179200, { 1700222400, 1700481600 } },
        { { "*:0/30", "!Sat,Sun", "!Mon *:00" },
          "UTC",
          0,
          1700263799,
          { 1700263800, 1700440200, 1700443800 } },
        { { "*:*:*", "!2023-11-18", "!Sun *:*:*" }, "UTC", 0, 1700265599, { 1700438400, 1700438401 } },
        { { "daily", "!*-*-*" }, "UTC", 0, 0, { 0 } },
        { { "*:*:*", "!*:*:*" }, "UTC", 0, 0, { 0 } },
        { { "daily", "!12:00" }, "UTC", 0, 0, { 86400, 172800 } },
        /* Exclusions have their own zone: midnight in Berlin is still the day before in UTC. */
        { { "daily Europe/Berlin", "!1970-01-02 UTC" }, "UTC", 0, 0, { 82800, 255600 } },
        /* What was moved out of a gap is what it was to be; what is due then anyhow is not. */
        { { "02:30", "!02:00/30:00" }, "Europe/Berlin", ZONE_GAP_RUN_AFTER, 1711800000, { 0 } },
        { { "02:30", "!2024-03-31 02:30" }, "Europe/Berlin", ZONE_GAP_RUN_AFTER, 1711800000, { 1711931400 } },
        { { "02:30", "!2024-03-31 03:00" },
          "Europe/Berlin",
          ZONE_GAP_RUN_AFTER,
          1711800000,
          { 1711846800, 1711931400 } },
        { { "02:30", "03:00", "!02:30" },
          "Europe/Berlin",
          ZONE_GAP_RUN_AFTER,
          1711800000,
          { 1711846800, 1711933200 } },
        { { "02:15,45", "03:30", "!03:*" },
          "Europe/Berlin",
          ZONE_GAP_SHIFT,
          1711800000,
          { 1711847700, 1711849500, 1711930500 } },
        /* A day that is an hour longer is taken whole. */
        { { "*:0/30", "!2024-10-27" }, "Europe/Berlin", 0, 1729979999, { 1730070000 } },
};

START_TEST(test_set)
{
        _cleanup_(calendar_set_done) struct calendar_set set = { 0 };
        struct calendar_elapse elapse = { .at_us = rows[_i].after_s * S };
        int i = 0;

        for (int t = 0; t < TEXTS_MAX && rows[_i].texts[t]; t++)
                set_add(&set, rows[_i].texts[t], rows[_i].zone, rows[_i].gap);
        for (; i < ELAPSES_MAX && rows[_i].at_s[i]; i++) {
                ck_assert(calendar_set_next(&set, elapse.at_us, &elapse));
                ck_assert_msg(elapse.at_us == rows[_i].at_s[i] * S, "%d: %lld, not %lld", i,
                              (long long)(elapse.at_us / S), (long long)rows[_i].at_s[i]);
        }
        if (i == 0)
                ck_assert(!calendar_set_next(&set, elapse.at_us, &elapse));
}
END_TEST

/* Of two at one instant that which was not moved tells what it is. */
START_TEST(test_note_of_two)
{
        for (int turn = 0; turn < 2; turn++) {
                _cleanup_(calendar_set_done) struct calendar_set set = { 0 };
                struct calendar_elapse elapse;
                set_add(&set, turn ? "02:30" : "03:00", "Europe/Berlin", 0);
                set_add(&set, turn ? "03:00" : "02:30", "Europe/Berlin", 0);
                ck_assert(calendar_set_next(&set, 1711840000 * S, &elapse));
                ck_assert_int_eq(elapse.at_us, 1711846800 * S);
                ck_assert_int_eq(elapse.note, CALENDAR_NOTE_NONE);
        }
}
END_TEST

/* The jumps over what is covered leave out nothing: against a look at each elapse of the includes. */
START_TEST(test_jumps)
{
        static const char *const exclusions[] = { "Sat,Sun",  "*-*-* 1..4:*", "*:15..44",
                                                  "Sun 02:*", "*-10-27",      "*-3-31 *:*" };
        static const int64_t bases_s[] = { 1711700000, 1729880000, 1700000000 };

        for (size_t e = 0; e < ARRAY_SIZE(exclusions); e++)
                for (size_t b = 0; b < ARRAY_SIZE(bases_s); b++) {
                        _cleanup_(calendar_set_done) struct calendar_set set = { 0 };
                        struct calendar_elapse elapse = { .at_us = bases_s[b] * S }, kept = elapse;
                        int64_t until_us;
                        char text[64];
                        set_add(&set, "0..23/2:0/7", "Europe/Berlin", ZONE_GAP_SHIFT);
                        snprintf(text, sizeof(text), "!%s", exclusions[e]);
                        set_add(&set, text, "Europe/Berlin", 0);
                        for (int i = 0; i < 2000; i++) {
                                ck_assert(calendar_next(set.members[0].calendar, &set.members[0].clock,
                                                        elapse.at_us, &elapse));
                                if (calendar_covers(set.members[1].calendar, elapse.nominal_us, &until_us))
                                        continue;
                                ck_assert(calendar_set_next(&set, kept.at_us, &kept));
                                ck_assert_int_eq(kept.at_us, elapse.at_us);
                        }
                }
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, zones_open, zones_close);
        tcase_add_loop_test(test_case, test_set, 0, ARRAY_SIZE(rows));
        tcase_add_test(test_case, test_note_of_two);
        tcase_add_test(test_case, test_jumps);
}

int main(void)
{
        return unit_main("calendar set", add);
}
