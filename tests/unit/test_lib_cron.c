/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/cron.h"

#include <errno.h>

#include "tests/unit/unit.h"

#define S INT64_C(1000000)
#define ELAPSES_MAX 4

static struct calendar *parse(const char *text, const char *seed)
{
        struct calendar *calendar = NULL;
        struct error error = ERROR_INIT;

        ck_assert_msg(cron_parse(text, seed, &calendar, &error) == 0, "%s: %s", text, error.text);
        return calendar;
}

static const struct {
        const char *text, *normalised;
} normalised[] = {
        { "* * * * *", "* * * * *" },
        { "  5\t4  * * *  ", "5 4 * * *" },
        { "0,30,15,45 * * * *", "*/15 * * * *" },
        { "*/15 8-18/2 * * Mon-Fri", "*/15 8-18/2 * * 1-5" },
        { "0-59 0-23 * 1-12 *", "* * * * *" },
        { "1,2,3,7,9 * * * *", "1-3,7,9 * * * *" },
        { "1,2 * * * *", "1,2 * * * *" },
        { "5-59/15 * * * *", "5-50/15 * * * *" },
        { "0 0 * JAN,mar *", "0 0 * 1,3 *" },
        { "0 0 * * sun,SAT", "0 0 * * 0,6" },
        { "0 0 * * 7", "0 0 * * 0" },
        { "0 0 * * 5-7", "0 0 * * 0,5,6" },
        { "0 0 * * sat-sun", "0 0 * * 0,6" },
        { "0 0 * * 0-7", "0 0 * * 0-6" }, /* all of them, but for cron's rule still a restriction */
        { "0 0 1-31 * *", "0 0 1-31 * *" },
        { "0 0 */2 * 5", "0 0 */2 * 5" },
        { "0 0 1-31/2 * 5", "0 0 1-31/2 * 5" },
        { "0 0 */10,5 * 5", "0 0 */10,5 * 5" },
        { "0 0 * * */2", "0 0 * * */2" },
        { "0 0 *,5 * 5", "0 0 * * 5" },
        { "*/7 */5 * */4 *", "*/7 */5 * */4 *" },
        { "*/40 * * * *", "0,40 * * * *" },
        { "5-9/6 * * * 5-7/7", "5 * * * 5" }, /* beyond the end of the range */
        { "@hourly", "0 * * * *" },
        { "@Daily", "0 0 * * *" },
        { "@midnight", "0 0 * * *" },
        { "@weekly", "0 0 * * 0" },
        { "@monthly", "0 0 1 * *" },
        { "@yearly", "0 0 1 1 *" },
        { "@annually ", "0 0 1 1 *" },
};

START_TEST(test_normalised)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(normalised[_i].text, NULL);
        _cleanup_free_ char *text = calendar_format(calendar);

        ck_assert_str_eq(text, normalised[_i].normalised);
        _cleanup_(calendar_free_cleanup) struct calendar *again = parse(text, NULL);
        _cleanup_free_ char *same = calendar_format(again);
        ck_assert_str_eq(same, text);
}
END_TEST

static const struct {
        const char *text, *error;
} refused[] = {
        { "", "minute at character 1: expected 0 to 59, found nothing" },
        { "* * * *", "day of the week at character 8: expected 0 to 7 or Sun to Sat, found nothing" },
        { "* * * * * *", "expected five fields, found \"*\" behind them" },
        { "60 * * * *", "minute at character 1: expected 0 to 59, found \"60\"" },
        { "* 24 * * *", "hour at character 3: expected 0 to 23" },
        { "* * 0 * *", "day of the month at character 5: expected 1 to 31" },
        { "* * * 13 *", "month at character 7: expected 1 to 12 or Jan to Dec" },
        { "* * * * 8", "day of the week at character 9: expected 0 to 7 or Sun to Sat" },
        { "* * * * monday", "day of the week at character 9" },
        { "* * * foo *", "month at character 7" },
        { "jan * * * *", "minute at character 1" },
        { "5-3 * * * *", "minute at character 1: expected a range whose end is not before its beginning" },
        { "* * * * fri-mon", "day of the week at character 9: expected a range whose end" },
        { "5/15 * * * *", "minute at character 1: expected \"*\" or a range such as 0-30 before \"/\"" },
        { "*/0 * * * *", "minute at character 3: expected a step from 1" },
        { "*/61 * * * *", "minute at character 3: expected a step from 1" },
        { "5-9/61 * * * *", "minute at character 5: expected a step from 1 to 60" },
        { "1, * * * *", "minute at character 3: expected 0 to 59, found nothing" },
        { "1-* * * * *", "minute at character 3" },
        { "** * * * *", "minute at character 2: expected" },
        { "-1 * * * *", "minute at character 1" },
        { "1.5 * * * *", "minute at character 2" },
        { "99999999999999999999 * * * *", "minute at character 1" },
        { "H * * * *", "minute at character 1: expected no H, as there is no seed" },
        { "@often", "expected @hourly, @daily" },
        { "@daily 5", "expected @hourly, @daily" },
        { "@reboot now", "expected @hourly, @daily" },
};

START_TEST(test_refused)
{
        struct calendar *calendar = NULL;
        struct error error = ERROR_INIT;

        ck_assert_int_eq(cron_parse(refused[_i].text, NULL, &calendar, &error), -EINVAL);
        ck_assert_msg(strstr(error.text, refused[_i].error), "%s: %s", refused[_i].text, error.text);
        ck_assert_ptr_null(calendar);
}
END_TEST

START_TEST(test_reboot)
{
        struct calendar *calendar = NULL;

        ck_assert_int_eq(cron_parse(" @reboot ", NULL, &calendar, NULL), 1);
        ck_assert_ptr_null(calendar);
}
END_TEST

/* 2023-11-14 was a Tuesday. */
static const struct {
        const char *text;
        int64_t after_s, at_s[ELAPSES_MAX];
} elapses[] = {
        /* Both days restricted: either. */
        { "0 0 17 * 3", 1700000000, { 1700006400, 1700179200, 1700611200, 1701216000 } },
        /* One of them begins with a star: both. */
        { "0 0 */2 * 3", 1700000000, { 1700006400, 1701216000, 1702425600, 1703635200 } },
        { "0 0 17 * *", 1700000000, { 1700179200, 1702771200 } },
        { "0 0 * * 3", 1700000000, { 1700006400, 1700611200 } },
        { "0 0 1-31 * 3", 1700000000, { 1700006400, 1700092800, 1700179200 } },
        { "*/20 12 * * *", 1700000000, { 1700049600, 1700050800, 1700052000, 1700136000 } },
        { "0 0 29 2 *", 1700000000, { 1709164800, 1835395200 } },
};

START_TEST(test_elapses)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(elapses[_i].text, NULL);
        struct calendar_clock clock = { 0 };
        struct calendar_elapse elapse = { .at_us = elapses[_i].after_s * S };

        for (int i = 0; i < ELAPSES_MAX && elapses[_i].at_s[i]; i++) {
                ck_assert(calendar_next(calendar, &clock, elapse.at_us, &elapse));
                ck_assert_msg(elapse.at_us == elapses[_i].at_s[i] * S, "%s: %d: %lld", elapses[_i].text, i,
                              (long long)(elapse.at_us / S));
        }
}
END_TEST

START_TEST(test_never)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse("0 0 30 2 *", NULL);

        ck_assert(!calendar_elapses(calendar));
}
END_TEST

/* ---- H ---- */

static char *hashed(const char *text, const char *seed)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = parse(text, seed);

        return calendar_format(calendar);
}

/* What is hashed today must be so tomorrow: schedules would move. */
START_TEST(test_hash_is_stable)
{
        _cleanup_free_ char *first = hashed("H H H H H", "update"), *again = hashed("H H H H H", "update");
        _cleanup_free_ char *other = hashed("H H H H H", "updates");

        ck_assert_str_eq(first, again);
        ck_assert_str_ne(first, other);
        ck_assert_str_eq(first, "9 8 1 6 2");
}
END_TEST

/* Each value comes, none much more often than others, and none is beyond its range. */
START_TEST(test_hash_is_even)
{
        int minutes[60] = { 0 }, days[32] = { 0 }, phases[15] = { 0 }, ranged[60] = { 0 };
        char seed[32];

        for (int i = 0; i < 6000; i++) {
                int minute, day, first, last, step, within;
                snprintf(seed, sizeof(seed), "schedule-%d", i);
                _cleanup_free_ char *plain = hashed("H 0 H * *", seed),
                                    *stepped = hashed("H/15 * * * *", seed);
                _cleanup_free_ char *range = hashed("H(10-19) * * * *", seed);
                ck_assert_int_eq(sscanf(plain, "%d 0 %d", &minute, &day), 2);
                minutes[minute]++;
                days[day]++;
                if (sscanf(stepped, "*/%d", &step) == 1)
                        first = 0;
                else
                        ck_assert_int_eq(sscanf(stepped, "%d-%d/%d", &first, &last, &step), 3);
                ck_assert_int_eq(step, 15);
                phases[first]++;
                ck_assert_int_eq(sscanf(range, "%d", &within), 1);
                ck_assert(within >= 10 && within <= 19);
                ranged[within]++;
        }
        for (int i = 0; i < 60; i++)
                ck_assert_msg(minutes[i] > 50 && minutes[i] < 150, "minute %d: %d of 6000", i, minutes[i]);
        for (int i = 1; i <= 28; i++)
                ck_assert_msg(days[i] > 140 && days[i] < 290, "day %d: %d of 6000", i, days[i]);
        ck_assert_int_eq(days[29] + days[30] + days[31], 0);
        for (int i = 0; i < 15; i++)
                ck_assert_msg(phases[i] > 280 && phases[i] < 520, "phase %d: %d of 6000", i, phases[i]);
        for (int i = 10; i < 20; i++)
                ck_assert_msg(ranged[i] > 450 && ranged[i] < 750, "within %d: %d of 6000", i, ranged[i]);
}
END_TEST

START_TEST(test_hash_refused)
{
        static const struct {
                const char *text, *error;
        } rows[] = {
                { "H(5 * * * *", "expected a range such as H(0-29)" },
                { "H(5-70) * * * *", "expected 0 to 59" },
                { "H(9-5) * * * *", "end is not before its beginning" },
                { "H(5-9 * * * *", "expected a \")\"" },
                { "H/0 * * * *", "expected a step" },
                { "H/61 * * * *", "expected a step" },
                { "H(0-9)/11 * * * *", "expected a step" },
                { "HH * * * *", "expected" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct calendar *calendar = NULL;
                struct error error = ERROR_INIT;
                ck_assert_int_eq(cron_parse(rows[i].text, "seed", &calendar, &error), -EINVAL);
                ck_assert_msg(strstr(error.text, rows[i].error), "%s: %s", rows[i].text, error.text);
        }
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_normalised, 0, ARRAY_SIZE(normalised));
        tcase_add_loop_test(test_case, test_refused, 0, ARRAY_SIZE(refused));
        tcase_add_test(test_case, test_reboot);
        tcase_add_loop_test(test_case, test_elapses, 0, ARRAY_SIZE(elapses));
        tcase_add_test(test_case, test_never);
        tcase_add_test(test_case, test_hash_is_stable);
        tcase_add_test(test_case, test_hash_is_even);
        tcase_add_test(test_case, test_hash_refused);
}

int main(void)
{
        return unit_main("cron", add);
}
