/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/schedule_definition.h"

#include <errno.h>

#include "lib/cleanup.h"
#include "lib/schedule_value.h"
#include "tests/unit/unit.h"

/* Assignments, and what schedule_definition_format() makes of them; NULL: the last of them is refused. */
static const struct {
        const char *key, *values[4];
        const char *text;
} assignments[] = {
        { "Description", { "Backs up" }, "Description=Backs up\n" },
        { "Description", { "a\nb" }, NULL },
        { "Arguments", { "a \"b c\" a" }, "Arguments=a\nArguments=\"b c\"\nArguments=a\n" },
        { "Arguments", { "\"\"", "x" }, "Arguments=\"\"\nArguments=x\n" },
        { "Arguments", { "x", "" }, "" },
        { "Arguments", { "\"x" }, NULL },
        { "Enabled", { "no" }, "Enabled=no\n" },
        { "Enabled", { "no", "yes" }, "" },
        { "Enabled", { "perhaps" }, NULL },
        { "OnCalendar", { "*-*-* 08:30:00" }, "OnCalendar=*-*-* 08:30:00\n" },
        { "OnCalendar",
          { "*-*-* 08:30:00 ;*-*-* 09:00:00;", "*-*-* 08:30:00" },
          "OnCalendar=*-*-* 08:30:00\nOnCalendar=*-*-* 09:00:00\n" },
        { "OnCalendar", { "*-*-* 08:30:00", "", "*-*-* 09:00:00" }, "OnCalendar=*-*-* 09:00:00\n" },
        { "OnCalendar", { "Mon..Fri\t08:30" }, "OnCalendar=Mon..Fri *-*-* 08:30:00\n" },
        { "OnCalendar", { "daily", "*-*-* 0:0" }, "OnCalendar=*-*-* 00:00:00\n" },
        { "OnCalendar", { "02:30 Europe/Berlin" }, "OnCalendar=*-*-* 02:30:00 Europe/Berlin\n" },
        { "OnCalendar", { "daily; sometimes" }, NULL },
        { "OnCalendar", { "25:00" }, NULL },
        { "Cron", { "30 8 * * *" }, "Cron=30 8 * * *\n" },
        { "Cron", { "00  8-8\t* * *" }, "Cron=0 8 * * *\n" },
        { "Cron", { "@daily; @midnight" }, "Cron=0 0 * * *\n" },
        { "Cron", { "H  H(0-5)   * * thu" }, "Cron=H H(0-5) * * thu\n" },
        { "Cron", { "60 * * * *" }, NULL },
        { "Cron", { "H(0-60) * * * *" }, NULL },
        { "Cron", { "* * * *" }, NULL },
        { "Cron", { "@reboot" }, "OnBootSec=0s\n" },
        { "Cron", { "@Reboot" }, "OnBootSec=0s\n" },
        { "Cron", { "30 8 * * *; @reboot" }, NULL },
        { "ExceptCalendar", { "*-12-24 00:00:00" }, "ExceptCalendar=*-12-24 00:00:00\n" },
        { "EverySec", { "6h" }, "EverySec=21600s\n" },
        { "EverySec", { "1" }, "EverySec=1s\n" },
        { "EverySec", { "1500ms" }, "EverySec=1500ms\n" },
        { "EverySec", { "3653 days" }, "EverySec=315619200s\n" },
        { "EverySec", { "999ms" }, NULL },
        { "EverySec", { "3654 days" }, NULL },
        { "EverySec", { "infinity" }, NULL },
        { "EverySec", { "6h", "" }, "" },
        { "AnchorAt", { "@0" }, "" },
        { "AnchorAt", { "@1700000000" }, "AnchorAt=@1700000000\n" },
        { "AnchorAt", { "@1.5" }, "AnchorAt=@1.500000\n" },
        { "AnchorAt", { "@1.1234567" }, "AnchorAt=@1.123456\n" },
        { "AnchorAt", { "1970-01-02 UTC" }, "AnchorAt=@86400\n" },
        { "AnchorAt", { "2024-02-29 12:34 UTC" }, "AnchorAt=@1709210040\n" },
        { "AnchorAt", { "2024-02-29 12:34:56.5 UTC" }, "AnchorAt=@1709210096.500000\n" },
        { "AnchorAt", { "2199-12-31 23:59:59 UTC" }, "AnchorAt=@7258118399\n" },
        { "AnchorAt", { "@7258118399" }, "AnchorAt=@7258118399\n" },
        { "AnchorAt", { "@7258118400" }, NULL },
        { "AnchorAt", { "2200-01-01 UTC" }, NULL },
        { "AnchorAt", { "1969-12-31 UTC" }, NULL },
        { "AnchorAt", { "2023-02-29 UTC" }, NULL },
        { "AnchorAt", { "2024-13-01 UTC" }, NULL },
        { "AnchorAt", { "2024-00-01 UTC" }, NULL },
        { "AnchorAt", { "2024-01-00 UTC" }, NULL },
        { "AnchorAt", { "2024-01-01 24:00 UTC" }, NULL },
        { "AnchorAt", { "2024-01-01 23:60 UTC" }, NULL },
        { "AnchorAt", { "2024-01-01 23:59:60 UTC" }, NULL },
        { "AnchorAt", { "2024-01-01 23:59:59. UTC" }, NULL },
        { "AnchorAt", { "2024-1-01 UTC" }, NULL },
        { "AnchorAt", { "2024-01-01  UTC" }, NULL },
        { "AnchorAt", { "2024-01-01 UTC " }, NULL },
        { "AnchorAt", { "2024-01-01T00:00 UTC" }, NULL },
        { "AnchorAt", { "2024-07-01 12:00 Europe/Berlin" }, "AnchorAt=@1719828000\n" },
        { "AnchorAt", { "2024-01-01 12:00 Europe/Berlin" }, "AnchorAt=@1704106800\n" },
        { "AnchorAt", { "2024-01-01 Asia/Kathmandu" }, "AnchorAt=@1704046500\n" },
        /* inside a gap, and in both passes of an overlap */
        { "AnchorAt", { "2024-03-31 02:30 Europe/Berlin" }, "AnchorAt=@1711846800\n" },
        { "AnchorAt", { "2024-10-27 02:30 Europe/Berlin" }, "AnchorAt=@1729989000\n" },
        { "AnchorAt", { "1970-01-01 Asia/Tokyo" }, NULL },
        { "AnchorAt", { "2024-01-01 Europe/Nowhere" }, NULL },
        { "AnchorAt", { "2024-01-01 ../../etc/passwd" }, NULL },
        { "AnchorAt", { "@" }, NULL },
        { "AnchorAt", { "@1." }, NULL },
        { "AnchorAt", { "@-1" }, NULL },
        { "AnchorAt", { "@99999999999999999999999" }, NULL },
        { "AnchorAt", { "now" }, NULL },
        { "PhaseSec", { "90min" }, "PhaseSec=5400s\n" },
        { "OnBootSec", { "0" }, "OnBootSec=0s\n" },
        { "OnBootSec", { "10min", "" }, "" },
        { "OnBootSec", { "-1" }, NULL },
        { "PathChanged", { "/etc/ \"/a b\"" }, "PathChanged=/etc\nPathChanged=\"/a b\"\n" },
        { "PathChanged", { "-/etc" }, NULL },
        { "PathChanged", { "etc" }, NULL },
        { "PathChanged", { "/a/../b" }, NULL },
        { "OnNetworkUp", { "1" }, "OnNetworkUp=yes\n" },
        { "OnSuccessOf", { "a b a" }, "OnSuccessOf=a\nOnSuccessOf=b\n" },
        { "OnFailureOf", { "a/b" }, NULL },
        { "OnEndOf", { ".." }, NULL },
        { "TimeZone", { "Europe/Berlin" }, "TimeZone=Europe/Berlin\n" },
        { "TimeZone", { "Europe Berlin" }, NULL },
        { "TimeZone", { "../Berlin" }, NULL },
        { "ClockGap", { "shift" }, "ClockGap=shift\n" },
        { "ClockGap", { "run-after" }, "" },
        { "ClockGap", { "Skip" }, NULL },
        { "ClockOverlap", { "both" }, "ClockOverlap=both\n" },
        { "ClockOverlap", { "none" }, NULL },
        { "StartAt", { "@1" }, "StartAt=@1\n" },
        { "EndAt", { "@1", "" }, "" },
        { "CatchUp", { "none" }, "CatchUp=none\n" },
        { "CatchUp", { "all(3)" }, NULL },
        { "CatchUpMax", { "1000" }, "CatchUpMax=1000\n" },
        { "CatchUpMax", { "10" }, "" },
        { "CatchUpMax", { "0" }, NULL },
        { "CatchUpMax", { "1001" }, NULL },
        { "CatchUpWindowSec", { "2 days" }, "CatchUpWindowSec=172800s\n" },
        { "CatchUpWindowSec", { "2 days", "infinity" }, "" },
        { "CatchUpWindowSec", { "0" }, NULL },
        { "RandomizedOffsetSec", { "1h" }, "RandomizedOffsetSec=3600s\n" },
        { "RandomizedOffsetSec", { "367 days" }, NULL },
        { "RandomizedDelaySec", { "5min" }, "RandomizedDelaySec=300s\n" },
        { "AccuracySec", { "0" }, "" },
        { "AccuracySec", { "1us" }, "AccuracySec=1us\n" },
        { "FlexSec", { "15min" }, "FlexSec=900s\n" },
        { "ConditionACPower", { "yes" }, "ConditionACPower=yes\n" },
        { "ConditionNetwork", { "yes" }, "ConditionNetwork=yes\n" },
        { "ConditionLoadMax", { "150%" }, "ConditionLoadMax=150%\n" },
        { "ConditionLoadMax", { "0%" }, NULL },
        { "ConditionLoadMax", { "1.5" }, NULL },
        { "ConditionCPUPressure", { "100%" }, "ConditionCPUPressure=100%\n" },
        { "ConditionCPUPressure", { "101%" }, NULL },
        { "ConditionMemoryPressure", { "5%" }, "ConditionMemoryPressure=5%\n" },
        { "ConditionIOPressure", { "5" }, NULL },
        { "ConditionIdleSec", { "10min" }, "ConditionIdleSec=600s\n" },
        { "ConditionIdleSec", { "10ms" }, NULL },
        { "ConditionFreeSpace",
          { "/var//lib/:2G /:512M" },
          "ConditionFreeSpace=/var/lib:2G\nConditionFreeSpace=/:512M\n" },
        { "ConditionFreeSpace", { "/a:b:1.5K" }, "ConditionFreeSpace=/a:b:1.5K\n" },
        { "ConditionFreeSpace", { "/a" }, NULL },
        { "ConditionFreeSpace", { "/a:" }, NULL },
        { "ConditionFreeSpace", { "/a:0" }, NULL },
        { "ConditionFreeSpace", { "/a:infinity" }, NULL },
        { "ConditionFreeSpace", { "a:1G" }, NULL },
        { "ConditionFreeSpace", { ":1G" }, NULL },
        { "ConditionPathExists",
          { "!/run//nologin /etc/" },
          "ConditionPathExists=!/run/nologin\nConditionPathExists=/etc\n" },
        { "ConditionPathExists", { "!!/etc" }, NULL },
        { "ConditionPathExists", { "-/etc" }, NULL },
        { "OnConditionLost", { "freeze" }, "OnConditionLost=freeze\n" },
        { "DeadlineSec", { "1 day" }, "DeadlineSec=86400s\n" },
        { "DeadlineSec", { "infinity" }, NULL },
        { "Overlap", { "buffer-one" }, "Overlap=buffer-one\n" },
        { "Overlap", { "skip" }, "" },
        { "Overlap", { "buffer_one" }, NULL },
        { "Pool", { "disk_1-A" }, "Pool=disk_1-A\n" },
        { "Pool", { "a b" }, NULL },
        { "Pool", { "a.b" }, NULL },
        { "RunMaxSec", { "20min" }, "RunMaxSec=1200s\n" },
        { "RunMaxSec", { "1s", "0" }, NULL },
        { "Priority", { "-100" }, "Priority=-100\n" },
        { "Priority", { "100" }, "Priority=100\n" },
        { "Priority", { "5", "0" }, "" },
        { "Priority", { "101" }, NULL },
        { "Priority", { "-101" }, NULL },
        { "RetrySec", { "1min 5min 30min" }, "RetrySec=60s 300s 1800s\n" },
        { "RetrySec", { "90s", "1h30min 0" }, "RetrySec=90s 5400s 0s\n" },
        { "RetrySec", { "1 2", "", "3" }, "RetrySec=3s\n" },
        { "RetrySec", { "1min forever" }, NULL },
        { "RetrySec", { "1 infinity" }, NULL },
        { "RetrySec",
          { "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32", "33" },
          NULL },
        { "RetryJitter", { "0%" }, "RetryJitter=0%\n" },
        { "RetryJitter", { "10%" }, "" },
        { "RetryJitter", { "101%" }, NULL },
        { "RetryOn", { "75 timeout 75" }, "RetryOn=75\nRetryOn=timeout\n" },
        { "RetryOn", { "0" }, NULL },
        { "RetryOn", { "256" }, NULL },
        { "RetryOn", { "success" }, NULL },
        { "RetryOn", { "cancelled" }, NULL },
        { "PauseAfterFailures", { "3" }, "PauseAfterFailures=3\n" },
        { "PauseAfterFailures", { "0" }, NULL },
};

START_TEST(assigning)
{
        struct error error = ERROR_INIT;
        struct schedule_definition definition;
        _cleanup_free_ char *before = NULL;
        int r = 0;

        schedule_definition_init(&definition);
        for (size_t i = 0; i < ARRAY_SIZE(assignments[_i].values) && assignments[_i].values[i]; i++) {
                ck_assert_msg(r == 0, "%s", error.text);
                free(before);
                before = schedule_definition_format(&definition);
                r = schedule_definition_set(&definition, assignments[_i].key, assignments[_i].values[i],
                                            &error);
        }
        _cleanup_free_ char *text = schedule_definition_format(&definition);
        if (assignments[_i].text) {
                ck_assert_msg(r == 0, "%s", error.text);
                ck_assert_str_eq(text, assignments[_i].text);
        } else {
                ck_assert_int_lt(r, 0);
                ck_assert_int_eq(r, -error.code);
                ck_assert_ptr_eq(strstr(error.text, assignments[_i].key), error.text);
                ck_assert_ptr_nonnull(strstr(error.text, "expected "));
                ck_assert_str_eq(text, before);
        }
        schedule_definition_done(&definition);
}
END_TEST

START_TEST(defaults)
{
        struct schedule_definition definition;

        schedule_definition_init(&definition);
        ck_assert(definition.enabled && !definition.on_network_up);
        ck_assert_int_eq(definition.on_boot_us, -1);
        ck_assert_int_eq(definition.anchor_us, 0);
        ck_assert_int_eq(definition.catch_up, SCHEDULE_CATCH_UP_LAST);
        ck_assert_uint_eq(definition.catch_up_max, 10);
        ck_assert_int_eq(definition.catch_up_window_us, INT64_MAX);
        ck_assert_int_eq(definition.clock_gap, ZONE_GAP_RUN_AFTER);
        ck_assert_int_eq(definition.clock_overlap, ZONE_OVERLAP_FIRST);
        ck_assert_int_eq(definition.overlap, SCHEDULE_OVERLAP_SKIP);
        ck_assert_uint_eq(definition.retry_jitter, 10);
        ck_assert_ptr_null(definition.time_zone);
        _cleanup_free_ char *text = schedule_definition_format(&definition);
        ck_assert_str_eq(text, "");
        for (size_t i = 0; i < schedule_definition_keys(); i++) {
                _cleanup_free_ char *value = schedule_definition_value(&definition, i);
                const char *key = schedule_definition_key(i);
                ck_assert(schedule_definition_is_default(&definition, i));
                ck_assert_ptr_nonnull(value);
                /* What it says is what it means. */
                ck_assert_int_eq(schedule_definition_set(&definition, key, value, NULL), 0);
                ck_assert(schedule_definition_is_default(&definition, i));
                ck_assert_int_eq(schedule_definition_find(key), (int)i);
        }
        schedule_definition_done(&definition);
}
END_TEST

/* What is stored is what was said, as a whole and key by key. */
START_TEST(round_trip)
{
        struct schedule_definition definition, again, by_key;
        struct error error = ERROR_INIT;

        schedule_definition_init(&definition);
        for (size_t i = 0; i < ARRAY_SIZE(assignments); i++)
                if (assignments[i].text)
                        ck_assert_int_eq(schedule_definition_set(&definition, assignments[i].key,
                                                                 assignments[i].values[0], &error),
                                         0);
        _cleanup_free_ char *text = schedule_definition_format(&definition);
        ck_assert_ptr_nonnull(text);
        ck_assert_msg(schedule_definition_parse(text, &again, &error) == 0, "%s", error.text);
        _cleanup_free_ char *twice = schedule_definition_format(&again);
        ck_assert_str_eq(text, twice);
        ck_assert_uint_eq(schedule_definition_hash(text), schedule_definition_hash(twice));

        schedule_definition_init(&by_key);
        for (size_t i = 0; i < schedule_definition_keys(); i++) {
                _cleanup_free_ char *value = schedule_definition_value(&definition, i);
                ck_assert_msg(schedule_definition_set(&by_key, schedule_definition_key(i), value, &error) ==
                                      0,
                              "%s", error.text);
        }
        _cleanup_free_ char *third = schedule_definition_format(&by_key);
        ck_assert_str_eq(text, third);
        schedule_definition_done(&definition);
        schedule_definition_done(&again);
        schedule_definition_done(&by_key);
}
END_TEST

/* They are in the zone that was known when they were read, and no other can come afterwards. */
START_TEST(local_times)
{
        struct schedule_definition definition;
        struct error error = ERROR_INIT;

        schedule_definition_init(&definition);
        ck_assert_int_eq(schedule_definition_set(&definition, "TimeZone", "Europe/Berlin", &error), 0);
        ck_assert_int_eq(schedule_definition_set(&definition, "AnchorAt", "2024-01-01 UTC", &error), 0);
        ck_assert_int_eq(schedule_definition_set(&definition, "TimeZone", "America/New_York", &error), 0);
        ck_assert_int_eq(schedule_definition_set(&definition, "StartAt", "2024-01-01 12:00", &error), 0);
        ck_assert_int_eq(definition.start_us, INT64_C(1704128400000000));
        ck_assert_int_eq(schedule_definition_set(&definition, "TimeZone", "America/New_York", &error), 0);
        ck_assert_int_eq(schedule_definition_set(&definition, "TimeZone", "UTC", &error), -EINVAL);
        ck_assert_str_eq(error.text,
                         "TimeZone=: expected it before AnchorAt=, StartAt= and EndAt= that name no zone");
        ck_assert_str_eq(definition.time_zone, "America/New_York");
        schedule_definition_done(&definition);
}
END_TEST

/* Definitions in stores outlive this program. */
START_TEST(hash_is_for_ever)
{
        ck_assert_uint_eq(schedule_definition_hash(""), UINT64_C(0xcbf29ce484222325));
        ck_assert_uint_eq(schedule_definition_hash("a"), UINT64_C(0xaf63dc4c8601ec8c));
        ck_assert_uint_ne(schedule_definition_hash("EverySec=1s\n"),
                          schedule_definition_hash("EverySec=2s\n"));
}
END_TEST

/* Lines of a definition, and the beginning of what schedule_definition_check() says; NULL: nothing. */
static const struct {
        const char *text, *error;
} wholes[] = {
        { "", "expected something that triggers it" },
        { "Enabled=no\nExceptCalendar=*-12-24 00:00:00\n", "expected something that triggers it" },
        { "OnCalendar=*-*-* 08:00:00\n", NULL },
        { "Cron=0 8 * * *\n", NULL },
        { "Cron=@reboot\n", NULL },
        { "EverySec=1h\n", NULL },
        { "OnBootSec=0\n", NULL },
        { "OnNetworkUp=yes\n", NULL },
        { "PathChanged=/etc\n", NULL },
        { "OnSuccessOf=a\n", NULL },
        { "OnFailureOf=a\n", NULL },
        { "OnEndOf=a\n", NULL },
        { "EverySec=1h\nExceptCalendar=*-12-24 00:00:00\n",
          "ExceptCalendar=: expected OnCalendar= or Cron=" },
        { "Cron=0 8 * * *\nExceptCalendar=*-12-24 00:00:00\n", NULL },
        { "EverySec=1h\nFlexSec=59min\n", NULL },
        { "EverySec=1h\nFlexSec=1h\n", "FlexSec=: expected less than EverySec=" },
        { "Cron=0 8 * * *\nFlexSec=1h\n", "FlexSec=: expected EverySec= with it" },
        { "Cron=0 8 * * *\nPhaseSec=1h\n", "PhaseSec=: expected EverySec= with it" },
        { "Cron=0 8 * * *\nAnchorAt=@1\n", "AnchorAt=: expected EverySec= with it" },
        { "EverySec=1h\nStartAt=@5\nEndAt=@6\n", NULL },
        { "EverySec=1h\nStartAt=@5\n", NULL },
        { "EverySec=1h\nStartAt=@5\nEndAt=@5\n", "EndAt=: expected a time after StartAt=" },
        { "OnCalendar=*-02-30 00:00:00\n",
          "OnCalendar=: expected a date that exists, found \"*-02-30 00:00:00\"" },
        { "OnCalendar=*-02-29 00:00:00\n", NULL },
        { "OnCalendar=*-*-* 08:00:00 Europe/Berlin\n", NULL },
        { "OnCalendar=*-*-* 08:00:00 Europe/Nowhere\n", "OnCalendar=: " },
        { "Cron=0 0 30 2 *\n", "Cron=: expected a date that exists" },
        { "Cron=H H 29 2 *\n", NULL },
        { "Cron=0 8 * * *\nExceptCalendar=*-04-31 00:00:00\n",
          "ExceptCalendar=: expected a date that exists" },
        { "EverySec=1h\nTimeZone=Europe/Berlin\n", NULL },
        { "EverySec=1h\nTimeZone=Europe/Nowhere\n", "TimeZone=: " },
        { "EverySec=1h\nRetryOn=75\n", "RetryOn=: expected RetrySec= with it" },
        { "EverySec=1h\nRetrySec=5\nRetryOn=75\n", NULL },
};

START_TEST(whole)
{
        struct schedule_definition definition;
        struct error error = ERROR_INIT;

        ck_assert_int_eq(schedule_definition_parse(wholes[_i].text, &definition, &error), 0);
        int r = schedule_definition_check(&definition, &error);
        if (wholes[_i].error) {
                ck_assert_int_eq(r, -EINVAL);
                ck_assert_ptr_eq(strstr(error.text, wholes[_i].error), error.text);
                /* Also for whoever does not ask why: found by fuzzing. */
                ck_assert_int_eq(schedule_definition_check(&definition, NULL), -EINVAL);
        } else {
                ck_assert_msg(r == 0, "%s", error.text);
        }
        schedule_definition_done(&definition);
}
END_TEST

static const char *const bad_texts[] = {
        "EverySec", "EverySec=1", "EverySec=\n", "EverySec=no\n", "Every=1\n", "\n", "[Schedule]\n",
};

START_TEST(bad_text)
{
        struct schedule_definition definition = { .priority = 77 };
        struct error error = ERROR_INIT;

        ck_assert_int_eq(schedule_definition_parse(bad_texts[_i], &definition, &error), -EBADMSG);
        ck_assert_int_eq(definition.priority, 77);
        ck_assert_ptr_eq(strstr(error.text, "schedule: "), error.text);
}
END_TEST

START_TEST(too_long)
{
        struct schedule_definition definition;
        struct error error = ERROR_INIT;
        char text[1100], path[300];

        schedule_definition_init(&definition);
        memset(text, 'x', sizeof(text));
        text[SCHEDULE_VALUE_TEXT_MAX + 1] = 0;
        ck_assert_int_eq(schedule_definition_set(&definition, "OnCalendar", text, &error), -EINVAL);
        memset(path, 'p', sizeof(path));
        for (int i = 0; i < 128; i++) {
                snprintf(path, 8, "/%04d", i);
                path[5] = 'p';
                path[299] = 0;
                ck_assert_int_eq(schedule_definition_set(&definition, "PathChanged", path, &error), 0);
        }
        ck_assert_ptr_null(schedule_definition_format(&definition));
        ck_assert_int_eq(schedule_definition_set(&definition, "PathChanged", "/x", &error), -E2BIG);
        ck_assert_str_eq(error.text, "PathChanged=: expected at most 128 entries, found more");
        schedule_definition_done(&definition);
}
END_TEST

START_TEST(space_split)
{
        size_t length = 0;
        uint64_t bytes = 0;

        ck_assert_int_eq(schedule_value_space_split("/a:b:1.5K", &length, &bytes), 0);
        ck_assert_uint_eq(length, 4);
        ck_assert_uint_eq(bytes, 1536);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, assigning, 0, ARRAY_SIZE(assignments));
        tcase_add_test(test_case, defaults);
        tcase_add_test(test_case, round_trip);
        tcase_add_test(test_case, local_times);
        tcase_add_test(test_case, hash_is_for_ever);
        tcase_add_loop_test(test_case, whole, 0, ARRAY_SIZE(wholes));
        tcase_add_loop_test(test_case, bad_text, 0, ARRAY_SIZE(bad_texts));
        tcase_add_test(test_case, too_long);
        tcase_add_test(test_case, space_split);
}

int main(void)
{
        return unit_main("schedule_definition", add);
}
