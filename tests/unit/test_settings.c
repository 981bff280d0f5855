/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/settings.h"
#include "lib/cleanup.h"
#include "lib/util.h"

static struct {
        int count;
        struct error last;
} reported;

static void report(const char *name, const struct error *error, void *data)
{
        ck_assert_ptr_nonnull(strstr(error->text, name));
        reported.count++;
        reported.last = *error;
}

static void set_int(struct prefs *prefs, const char *name, int32_t value)
{
        struct pref_value pref = { .type = PREF_INT, .integer = value };
        ck_assert_int_eq(prefs_set(prefs, name, PREF_DEFAULT, &pref), 0);
}

/* Every row is complete and has its place: no duplicate, a default within its bounds, a sentence of help. */
START_TEST(test_table)
{
        for (size_t i = 0; i < SETTING_COUNT; i++) {
                const struct setting_description *setting = &setting_table[i];
                ck_assert_msg(setting->name && strncmp(setting->name, "bgtaskd.", 8) == 0, "row %zu", i);
                ck_assert_msg(setting->type == PREF_INT ||
                                      (setting->type == PREF_BOOL && setting->min == 0 && setting->max == 1),
                              "%s", setting->name);
                ck_assert_msg(setting->min <= setting->fallback && setting->fallback <= setting->max, "%s",
                              setting->name);
                ck_assert_msg(setting->unit && (*setting->unit || setting->type == PREF_BOOL), "%s",
                              setting->name);
                ck_assert_msg(setting->help && setting->help[strlen(setting->help) - 1] == '.', "%s",
                              setting->name);
                for (size_t j = 0; j < i; j++)
                        ck_assert_str_ne(setting->name, setting_table[j].name);
        }
}
END_TEST

START_TEST(test_defaults)
{
        struct prefs *prefs = prefs_new();
        struct settings settings;
        /* Other programs' preferences are none of ours. */
        set_int(prefs, "toolkit.backgroundtasks.defaultTimeoutSec", 5);
        ck_assert_int_eq(settings_load(prefs, &settings, report, NULL), 0);
        for (size_t i = 0; i < SETTING_COUNT; i++)
                ck_assert_int_eq(settings.values[i], setting_table[i].fallback);
        prefs_free(prefs);
}
END_TEST

START_TEST(test_bounds)
{
        const struct setting_description *setting = &setting_table[_i];
        const struct {
                int64_t value;
                bool taken;
        } cases[] = {
                { setting->min, true },
                { setting->max, true },
                { (int64_t)setting->min - 1, false },
                { (int64_t)setting->max + 1, false },
                { INT32_MIN, false },
                { INT32_MAX, false },
        };
        for (size_t i = 0; setting->type == PREF_INT && i < ARRAY_SIZE(cases); i++) {
                if (cases[i].value < INT32_MIN || cases[i].value > INT32_MAX)
                        continue;
                struct prefs *prefs = prefs_new();
                struct settings settings;
                set_int(prefs, setting->name, (int32_t)cases[i].value);
                reported.count = 0;
                int errors = settings_load(prefs, &settings, report, NULL);
                ck_assert_int_eq(errors, !cases[i].taken);
                ck_assert_int_eq(reported.count, errors);
                ck_assert_int_eq(settings.values[_i],
                                 cases[i].taken ? (int32_t)cases[i].value : setting->fallback);
                if (errors) {
                        char expected[64];
                        snprintf(expected, sizeof(expected), "expected %d to %d", setting->min, setting->max);
                        ck_assert_msg(strstr(reported.last.text, setting->name) &&
                                              strstr(reported.last.text, expected),
                                      "%s", reported.last.text);
                }
                prefs_free(prefs);
        }
}
END_TEST

START_TEST(test_wrong_type)
{
        static const struct {
                struct pref_value value;
                const char *text;
        } cases[] = {
                { { .type = PREF_STRING, .string = "8" },
                  "bgtaskd.runs.maxRunning is a string; expected an integer from 1 to 1024 (runs); using 4" },
                { { .type = PREF_BOOL, .boolean = true },
                  "bgtaskd.runs.maxRunning is a boolean; expected an integer from 1 to 1024 (runs); using 4" },
        };
        struct prefs *prefs = prefs_new();
        struct settings settings;
        ck_assert_int_eq(prefs_set(prefs, "bgtaskd.runs.maxRunning", PREF_DEFAULT, &cases[_i].value), 0);
        ck_assert_int_eq(settings_load(prefs, &settings, report, NULL), 1);
        ck_assert_str_eq(reported.last.text, cases[_i].text);
        ck_assert_int_eq(settings.values[SETTING_RUNS_MAX_RUNNING], 4);
        prefs_free(prefs);
}
END_TEST

START_TEST(test_boolean)
{
        struct prefs *prefs = prefs_new();
        struct settings settings;
        for (int32_t on = 0; on <= 1; on++) {
                const struct pref_value value = { .type = PREF_BOOL, .boolean = on != 0 };
                ck_assert_int_eq(prefs_set(prefs, "bgtaskd.sandbox.enabled", PREF_DEFAULT, &value), 0);
                ck_assert_int_eq(settings_load(prefs, &settings, report, NULL), 0);
                ck_assert_int_eq(settings.values[SETTING_SANDBOX_ENABLED], on);
        }
        prefs_free(prefs);
        prefs = prefs_new();
        set_int(prefs, "bgtaskd.sandbox.enabled", 0);
        ck_assert_int_eq(settings_load(prefs, &settings, report, NULL), 1);
        ck_assert_str_eq(reported.last.text,
                         "bgtaskd.sandbox.enabled is an integer; expected true or false; using true");
        ck_assert_int_eq(settings.values[SETTING_SANDBOX_ENABLED], 1);
        prefs_free(prefs);
}
END_TEST

START_TEST(test_unknown)
{
        struct prefs *prefs = prefs_new();
        struct settings settings;
        set_int(prefs, "bgtaskd.runs.maxRuning", 8);
        set_int(prefs, "bgtaskd.runs.maxRunning", 7);
        set_int(prefs, "bgtaskdx", 1);
        ck_assert_int_eq(settings_load(prefs, &settings, report, NULL), 1);
        ck_assert_str_eq(reported.last.text,
                         "bgtaskd.runs.maxRuning is not a preference of bgtaskd; bgtaskd(8) lists them");
        ck_assert_int_eq(settings.values[SETTING_RUNS_MAX_RUNNING], 7);
        prefs_free(prefs);
}
END_TEST

/* Of several errors each is reported, and what is good counts. */
START_TEST(test_several_errors)
{
        struct prefs *prefs = prefs_new();
        struct settings settings;
        set_int(prefs, "bgtaskd.runs.maxRunning", 0);
        set_int(prefs, "bgtaskd.output.maxKiB", 1);
        set_int(prefs, "bgtaskd.nothing", 1);
        set_int(prefs, "bgtaskd.zygote.idleSec", 0);
        reported.count = 0;
        ck_assert_int_eq(settings_load(prefs, &settings, report, NULL), 3);
        ck_assert_int_eq(reported.count, 3);
        ck_assert_int_eq(settings.values[SETTING_ZYGOTE_IDLE_SEC], 0);
        prefs_free(prefs);
}
END_TEST

START_TEST(test_print)
{
        char *text _cleanup_free_ = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        settings_print(out);
        fclose(out);
        for (size_t i = 0; i < SETTING_COUNT; i++) {
                ck_assert_ptr_nonnull(strstr(text, setting_table[i].name));
                ck_assert_ptr_nonnull(strstr(text, setting_table[i].help));
        }
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("settings");
        TCase *tcase = tcase_create("table");
        tcase_add_test(tcase, test_table);
        tcase_add_test(tcase, test_defaults);
        tcase_add_loop_test(tcase, test_bounds, 0, SETTING_COUNT);
        tcase_add_loop_test(tcase, test_wrong_type, 0, 2);
        tcase_add_test(tcase, test_boolean);
        tcase_add_test(tcase, test_unknown);
        tcase_add_test(tcase, test_several_errors);
        tcase_add_test(tcase, test_print);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
