/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/clock.h"

#include <errno.h>
#include <inttypes.h>

#include "tests/unit/unit.h"

#define S INT64_C(1000000)

static const struct {
        const char *text;
        int64_t us; /* -1: refused */
} durations[] = {
        { "0", 0 },
        { "1", 1 * S },
        { "90", 90 * S },
        { "6h", 6 * 3600 * S },
        { "1min 30s", 90 * S },
        { "1min30s", 90 * S },
        { " 1 min\t30 s ", 90 * S },
        { "1.5h", 5400 * S },
        { "0.2", S / 5 },
        { ".5s", S / 2 },
        { "2 days", 2 * 86400 * S },
        { "100ms", S / 10 },
        { "1us", 1 },
        { "7usec", 7 },
        { "7\xc2\xb5s", 7 },
        { "7\xce\xbcs", 7 },
        { "3msec", 3000 },
        { "1s 1sec 1second 1seconds", 4 * S },
        { "1m 1min 1minute 1minutes", 240 * S },
        { "1h 1hr 1hour 1hours", 4 * 3600 * S },
        { "1d 1day 1days", 3 * 86400 * S },
        { "1w 1week 1weeks", 21 * 86400 * S },
        { "1M", 2629800 * S },
        { "1month 2months", 3 * 2629800 * S },
        { "1y 1year 2years", 4 * 31557600 * S },
        { "0.000001s", 1 },
        { "0.0000019s", 1 },
        { "1.9us", 1 },
        { "00012s", 12 * S },
        { "4611686018427387904us", INT64_C(1) << 62 },
        { "4611686018427387905us", -1 },
        { "9223372036854775808us", -1 },
        { "99999999999999999999999999", -1 },
        { "200000y", -1 },
        { "146000y 146000y", -1 },
        { "", -1 },
        { "   ", -1 },
        { "s", -1 },
        { "h6", -1 },
        { "6x", -1 },
        { "6H", -1 },
        { "-1s", -1 },
        { "+1s", -1 },
        { "1.s", -1 },
        { ".", -1 },
        { "1..5s", -1 },
        { "1,5s", -1 },
        { "infinity", -1 },
        { "1e3", -1 },
        { "0x10", -1 },
        { "1s,2s", -1 },
        { "1s-", -1 },
};

START_TEST(parse)
{
        struct error error = ERROR_INIT;
        int64_t us = -7;
        int r = duration_parse(durations[_i].text, &us, &error);

        if (durations[_i].us < 0) {
                ck_assert_int_eq(r, -EINVAL);
                ck_assert_int_eq(us, -7);
                ck_assert_ptr_nonnull(strstr(error.text, "expected a duration"));
                ck_assert_ptr_nonnull(strstr(error.text, durations[_i].text));
        } else {
                ck_assert_msg(r == 0, "%s: %s", durations[_i].text, error.text);
                ck_assert_int_eq(us, durations[_i].us);
        }
}
END_TEST

static const struct {
        int64_t us;
        const char *text;
} formats[] = {
        { 0, "0s" },
        { 1, "1us" },
        { 999, "999us" },
        { 350000, "350ms" },
        { 1500000, "1s 500ms" },
        { 90 * S, "1min 30s" },
        { 90 * S + 1, "1min 30s" },
        { 6 * 3600 * S, "6h" },
        { 6 * 3600 * S + 1 * S, "6h 1s" },
        { 25 * 3600 * S + 60 * S, "1d 1h" },
        { 86400 * S + 60 * S, "1d 1min" },
        { -5 * S, "-5s" },
        { INT64_MAX, "106751991d 4h" },
        { INT64_MIN, "-106751991d 4h" },
};

START_TEST(format)
{
        char buffer[32];

        ck_assert_str_eq(duration_format(formats[_i].us, buffer, sizeof(buffer)), formats[_i].text);
}
END_TEST

START_TEST(format_narrow)
{
        char buffer[4];

        /* A unit that does not fit is left out as a whole. */
        ck_assert_str_eq(duration_format(61 * S, buffer, sizeof(buffer)), "");
        ck_assert_str_eq(duration_format(0, buffer, sizeof(buffer)), "0s");
        ck_assert_str_eq(duration_format(5 * S + 1, buffer, sizeof(buffer)), "5s");
}
END_TEST

static const struct {
        int64_t us;
        const char *text;
} timestamps[] = {
        { 0, "1970-01-01 00:00:00 UTC" },
        { -1, "1969-12-31 23:59:59 UTC" },
        { INT64_C(1795385742000000), "2026-11-22 22:15:42 UTC" },
        { INT64_C(1795385742999999), "2026-11-22 22:15:42 UTC" },
        { INT64_MAX, "?" },
};

START_TEST(timestamp)
{
        char buffer[32];

        if (timestamps[_i].us == INT64_MAX) {
                /* A year of six digits, or more than the buffer: whichever, the text ends. */
                timestamp_format(INT64_MAX, 1, buffer, sizeof(buffer));
                ck_assert_uint_lt(strlen(buffer), sizeof(buffer));
                return;
        }
        ck_assert_str_eq(timestamp_format(timestamps[_i].us, 1, buffer, sizeof(buffer)), timestamps[_i].text);
}
END_TEST

START_TEST(timestamp_local)
{
        char buffer[32];

        ck_assert_int_eq(setenv("TZ", "XXX-02:00", 1), 0);
        ck_assert_str_eq(timestamp_format(0, 0, buffer, sizeof(buffer)), "1970-01-01 02:00:00");
}
END_TEST

START_TEST(clocks)
{
        int64_t monotonic = clock_monotonic_us();

        ck_assert_int_gt(clock_realtime_us(), INT64_C(1500000000) * S);
        ck_assert_int_gt(monotonic, 0);
        ck_assert_int_ge(clock_monotonic_us(), monotonic);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, parse, 0, (int)ARRAY_SIZE(durations));
        tcase_add_loop_test(test_case, format, 0, (int)ARRAY_SIZE(formats));
        tcase_add_test(test_case, format_narrow);
        tcase_add_loop_test(test_case, timestamp, 0, (int)ARRAY_SIZE(timestamps));
        tcase_add_test(test_case, timestamp_local);
        tcase_add_test(test_case, clocks);
}

int main(void)
{
        return unit_main("clock", add);
}
