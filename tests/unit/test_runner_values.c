/* SPDX-License-Identifier: MPL-2.0 */
/* Exit status, timing and the names of profiles. */
#include "config.h"

#include "tests/unit/test_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/paths.h"
#include "lib/util.h"
#include "runner/exit_status.h"
#include "runner/profile.h"
#include "runner/timing.h"

static const struct {
        double number;
        int code;
        int64_t value;
        bool truncated;
} exit_rows[] = {
        { 0, 0, 0, false },
        { -0.0, 0, 0, false },
        { 1, 1, 1, false },
        { 7.9, 7, 7, false },
        { 127, 127, 127, false },
        { 255, 255, 255, false },
        { 256, 0, 256, true },
        { 300, 44, 300, true },
        { -1, 255, -1, true },
        { -257, 255, -257, true },
        { -7.9, 249, -7, true },
        { 4294967296.0 + 5, 5, INT64_C(4294967301), true },
        { -4294967296.0 - 1, 255, INT64_C(-4294967297), true },
        { 1e300, 0, INT64_MAX, true },
        { -1e300, 0, INT64_MIN, true },
        { 9007199254740991.0, 255, INT64_C(9007199254740991), true },
        { NAN, 0, 0, false },
        { INFINITY, 0, 0, false },
        { -INFINITY, 0, 0, false },
};

START_TEST(test_exit_status)
{
        struct exit_status status;

        exit_status_from_number(exit_rows[_i].number, &status);
        ck_assert_int_eq(status.code, exit_rows[_i].code);
        ck_assert_int_eq(status.value, exit_rows[_i].value);
        ck_assert_int_eq(status.truncated, exit_rows[_i].truncated);
}
END_TEST

TCase *test_runner_exit_status(void)
{
        TCase *tcase = tcase_create("exit status");

        tcase_add_loop_test(tcase, test_exit_status, 0, (int)ARRAY_SIZE(exit_rows));
        return tcase;
}

static const struct {
        double number;
        int64_t unit_us;
        int64_t us; /* 0: refused */
} timing_rows[] = {
        { 1, 1000000, 1000000 },  { 0.2, 1000000, 200000 }, { 1e-9, 1000000, 1 },
        { 500, 1000, 500000 },    { 0.5, 1000, 500 },       { 31622400, 1000000, TIMING_MAX_US },
        { 31622401, 1000000, 0 }, { 0, 1000, 0 },           { -1, 1000, 0 },
        { NAN, 1000, 0 },         { INFINITY, 1000, 0 },    { -INFINITY, 1000, 0 },
        { 1e308, 1000000, 0 },
};

START_TEST(test_timing_parse)
{
        int64_t us = 0;

        ck_assert_int_eq(timing_parse(timing_rows[_i].number, timing_rows[_i].unit_us, &us),
                         timing_rows[_i].us != 0);
        ck_assert_int_eq(us, timing_rows[_i].us);
}
END_TEST

static void count_complaint(void *data, const char *message)
{
        ++*(int *)data;
}

START_TEST(test_timing_prefs)
{
        struct prefs *prefs = prefs_new();
        struct timing timing;
        int complaints = 0;

        timing_from_prefs(prefs, count_complaint, &complaints, &timing);
        ck_assert_int_eq(timing.timeout_us, INT64_C(600000000));
        ck_assert_int_eq(timing.minimum_us, 500000);
        ck_assert_int_eq(timing.delay_us, 0);
        ck_assert_int_eq(complaints, 0);
        /* 0 counts; what is negative does not, and is said. */
        const struct pref_value zero = { .type = PREF_INT, .integer = 0 };
        const struct pref_value negative = { .type = PREF_INT, .integer = -5 };
        ck_assert_int_eq(prefs_set(prefs, TIMING_TIMEOUT_PREF, PREF_USER, &zero), 0);
        ck_assert_int_eq(prefs_set(prefs, TIMING_MINIMUM_PREF, PREF_USER, &negative), 0);
        timing_from_prefs(prefs, count_complaint, &complaints, &timing);
        ck_assert_int_eq(timing.timeout_us, 0);
        ck_assert_int_eq(timing.minimum_us, 500000);
        ck_assert_int_gt(timing.load_us, 0);
        ck_assert_int_eq(complaints, 1);
        prefs_free(prefs);
}
END_TEST

/* The task file wins over what the module and the preferences say; where it says nothing, nothing changes. */
START_TEST(test_timing_policy)
{
        struct timing timing = { .timeout_us = 7, .minimum_us = 8 };
        struct task_policy policy;

        task_policy_init(&policy);
        timing_from_policy(&policy, &timing);
        ck_assert_int_eq(timing.timeout_us, 7);
        ck_assert_int_eq(timing.minimum_us, 8);
        ck_assert_int_eq(task_policy_set(&policy, "RuntimeMaxSec", "2", NULL), 0);
        ck_assert_int_eq(task_policy_set(&policy, "RuntimeMinSec", "0", NULL), 0);
        timing_from_policy(&policy, &timing);
        ck_assert_int_eq(timing.timeout_us, 2000000);
        ck_assert_int_eq(timing.minimum_us, 0);
        ck_assert_int_eq(task_policy_set(&policy, "RuntimeMaxSec", "infinity", NULL), 0);
        timing_from_policy(&policy, &timing);
        ck_assert_int_eq(timing.timeout_us, TIMING_MAX_US);
        task_policy_done(&policy);
}
END_TEST

TCase *test_runner_timing(void)
{
        TCase *tcase = tcase_create("timing");

        tcase_add_loop_test(tcase, test_timing_parse, 0, (int)ARRAY_SIZE(timing_rows));
        tcase_add_test(tcase, test_timing_prefs);
        tcase_add_test(tcase, test_timing_policy);
        return tcase;
}

static const struct {
        const char *name;
        bool matches;
} name_rows[] = {
        { "P-x", true },      { "P-x-1", true },  { "P-x-9999", true }, { "P-xa", false },
        { "P-x-", false },    { "P-x-a", false }, { "P-x-1a", false },  { "P-y", false },
        { "P-x-1-2", false }, { "", false },
};

START_TEST(test_profile_name_matches)
{
        ck_assert_int_eq(profile_name_matches(name_rows[_i].name, "P-x"), name_rows[_i].matches);
}
END_TEST

START_TEST(test_profile_stale_age)
{
        ck_assert_int_eq(profile_stale_age_ms(NULL), 60000);
        ck_assert_int_eq(profile_stale_age_ms(""), 60000);
        ck_assert_int_eq(profile_stale_age_ms("always"), 0);
        ck_assert_int_eq(profile_stale_age_ms("never"), -1);
        ck_assert_int_eq(profile_stale_age_ms("1500"), 1500);
        ck_assert_int_eq(profile_stale_age_ms("-1"), 60000);
        ck_assert_int_eq(profile_stale_age_ms("soon"), 60000);
}
END_TEST

START_TEST(test_profile_persistent_mapping)
{
        static const char ini[] = "[General]\nVersion=2\n[BackgroundTasksProfiles]\nother=abc.other\n";
        char directory[] = "/tmp/bgtaskd-test-profile-XXXXXX";
        struct error error = ERROR_INIT;
        struct profile first = PROFILE_INIT, second = PROFILE_INIT;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        char *path = path_join(directory, "profiles.ini");
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, ini, sizeof(ini) - 1, 0600, false), 0);
        ck_assert_msg(profile_open_persistent(directory, "message", &first, &error) == 0, "%s", error.text);
        char *where = strdup(first.path);
        profile_close(&first);
        ck_assert_msg(profile_open_persistent(directory, "message", &second, &error) == 0, "%s", error.text);
        ck_assert_str_eq(second.path, where);
        ck_assert_int_eq(access(where, F_OK), 0);
        profile_close(&second);
        char *text;
        size_t size;
        ck_assert_int_eq(file_read(AT_FDCWD, path, 4096, &text, &size), 0);
        ck_assert_ptr_nonnull(strstr(text, "Version=2\n"));
        ck_assert_ptr_nonnull(strstr(text, "other=abc.other\n"));
        ck_assert_ptr_nonnull(strstr(text, "-message="));
        ck_assert_int_eq(tree_remove(AT_FDCWD, directory, NULL), 0);
        free(text);
        free(where);
        free(path);
}
END_TEST

/* What the mapping says must not lead out of the directory. */
START_TEST(test_profile_mapping_is_checked)
{
        char directory[] = "/tmp/bgtaskd-test-profile-XXXXXX";
        struct error error = ERROR_INIT;
        struct profile profile = PROFILE_INIT;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        char *path = path_join(directory, "profiles.ini");
        char *name = paths_profile_name("message");
        char *ini = format_string("[BackgroundTasksProfiles]\n%s=../elsewhere\n", name);
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, ini, strlen(ini), 0600, false), 0);
        ck_assert_int_eq(profile_open_persistent(directory, "message", &profile, &error), -EINVAL);
        ck_assert_int_eq(tree_remove(AT_FDCWD, directory, NULL), 0);
        free(ini);
        free(name);
        free(path);
}
END_TEST

TCase *test_runner_profile(void)
{
        TCase *tcase = tcase_create("profile");

        tcase_add_loop_test(tcase, test_profile_name_matches, 0, (int)ARRAY_SIZE(name_rows));
        tcase_add_test(tcase, test_profile_stale_age);
        tcase_add_test(tcase, test_profile_persistent_mapping);
        tcase_add_test(tcase, test_profile_mapping_is_checked);
        return tcase;
}
