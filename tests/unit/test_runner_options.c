/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/unit/test_runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "runner/options.h"

#define ARGS_MAX 12

static const struct {
        const char *argv[ARGS_MAX]; /* without the program */
        const char *task;
        const char *args[ARGS_MAX];
} run_rows[] = {
        /* every spelling, any position */
        { { "--backgroundtask", "x" }, "x", { NULL } },
        { { "-backgroundtask", "x" }, "x", { NULL } },
        { { "--backgroundtask=x" }, "x", { NULL } },
        { { "-BackgroundTask=x" }, "x", { NULL } },
        { { "--BACKGROUNDTASK", "x" }, "x", { NULL } },
        { { "a", "--backgroundtask", "x", "b" }, "x", { "a", "b" } },
        { { "-a", "b", "--backgroundtask=x" }, "x", { "-a", "b" } },
        { { "--backgroundtask", "" }, "", { NULL } },
        { { "--backgroundtask=", "x" }, "", { "x" } },
        { { "--backgroundtask=x=y" }, "x=y", { NULL } },
        /* the second stays */
        { { "--backgroundtask", "x", "--backgroundtask", "y" }, "x", { "-backgroundtask", "y" } },
        { { "--backgroundtask", "x", "--backgroundtask=y" }, "x", { "-backgroundtask", "y" } },
        /* normalised */
        { { "--backgroundtask", "x", "--foo=bar", "--", "", "a b" }, "x", { "-foo", "bar", "-", "", "a b" } },
        { { "--backgroundtask", "x", "-a=b=c", "-=", "--=x", "c=d", "---e" },
          "x",
          { "-a", "b=c", "-", "", "-", "x", "c=d", "--e" } },
        /* consumed or not */
        { { "--headless", "--backgroundtask", "x", "--headless" }, "x", { "-headless" } },
        { { "--backgroundtask", "x", "--headless=yes" }, "x", { "-headless", "yes" } },
        { { "--backgroundtask", "x", "--Profile", "/p", "--profile", "/q" }, "x", { "-profile", "/q" } },
        { { "--backgroundtask", "x", "--attach-console" }, "x", { "-attach-console" } },
        /* our own flags end where the task begins */
        { { "--app-dir", "/d", "--backgroundtask", "x", "--app-dir", "/e" }, "x", { "-app-dir", "/e" } },
        { { "--backgroundtask", "x", "--zygote", "--write-cache=f" },
          "x",
          { "-zygote", "-write-cache", "f" } },
        { { "-app-dir", "d", "--backgroundtask", "x" }, "x", { "-app-dir", "d" } },
        { { "--App-Dir=d", "--backgroundtask", "x" }, "x", { "-App-Dir", "d" } },
};

static int parse(const char *const *args, struct options *ret, struct error *error)
{
        const char *argv[ARGS_MAX + 2] = { "bgtask-runner" };
        int argc = 1;

        for (; args[argc - 1]; argc++)
                argv[argc] = args[argc - 1];
        return options_parse(argc, (char **)argv, ret, error);
}

START_TEST(test_run)
{
        struct options options;
        struct error error = ERROR_INIT;
        size_t i;

        ck_assert_msg(parse(run_rows[_i].argv, &options, &error) == 0, "%s", error.text);
        ck_assert_int_eq(options.mode, OPTIONS_RUN);
        ck_assert_str_eq(options.task, run_rows[_i].task);
        for (i = 0; run_rows[_i].args[i]; i++)
                ck_assert_pstr_eq(options.args[i], run_rows[_i].args[i]);
        ck_assert_ptr_null(options.args[i]);
        options_done(&options);
}
END_TEST

static const struct {
        const char *argv[ARGS_MAX];
        enum options_mode mode;
} mode_rows[] = {
        { { "--zygote", "--app-dir", "/d" }, OPTIONS_ZYGOTE },
        { { "--zygote", "--no-network", "--no-jit", "--no-sandbox" }, OPTIONS_ZYGOTE },
        { { "--no-network", "--sandbox-report", "--no-jit" }, OPTIONS_SANDBOX_REPORT },
        { { "--sandbox", "--backgroundtask", "x" }, OPTIONS_RUN },
        { { "--write-cache", "f" }, OPTIONS_WRITE_CACHE },
        { { "--backgroundtask", "x", "--help" }, OPTIONS_HELP },
        { { "--help", "--version" }, OPTIONS_HELP },
        { { "-H" }, OPTIONS_HELP },
        { { "--backgroundtask", "x", "-v" }, OPTIONS_VERSION },
        { { "--VERSION" }, OPTIONS_VERSION },
        /* before anything else is found wrong */
        { { "--jsdebugger", "--version" }, OPTIONS_VERSION },
        { { "--version", "--backgroundtask" }, OPTIONS_VERSION },
};

START_TEST(test_mode)
{
        struct options options;
        struct error error = ERROR_INIT;

        ck_assert_msg(parse(mode_rows[_i].argv, &options, &error) == 0, "%s", error.text);
        ck_assert_int_eq(options.mode, mode_rows[_i].mode);
        options_done(&options);
}
END_TEST

static const struct {
        const char *argv[ARGS_MAX];
        int code;
        const char *says;
} error_rows[] = {
        { { NULL }, EINVAL, "--backgroundtask NAME" },
        { { "x" }, EINVAL, "--backgroundtask NAME" },
        { { "--backgroundtask" }, EINVAL, "--backgroundtask needs a value" },
        { { "--backgroundtask", "-x" }, EINVAL, "--backgroundtask needs a value" },
        { { "--backgroundtask", "x", "--profile" }, ENOENT, "--profile requires a path" },
        { { "--backgroundtask", "x", "--profile", "-y" }, ENOENT, "--profile requires a path" },
        { { "--app-dir" }, EINVAL, "--app-dir needs a value" },
        { { "--backgroundtask", "x", "--jsdebugger" }, EOPNOTSUPP, "--jsdebugger" },
        { { "--backgroundtask", "x", "--start-debugger-server=6000" },
          EOPNOTSUPP,
          "--start-debugger-server=6000" },
        { { "--wait-for-jsdebugger", "--backgroundtask", "x" }, EOPNOTSUPP, "--wait-for-jsdebugger" },
        { { "--zygote", "--backgroundtask", "x" }, EINVAL, "exclude each other" },
        { { "--zygote", "--write-cache", "f" }, EINVAL, "exclude each other" },
        { { "--zygote", "--sandbox-report" }, EINVAL, "exclude each other" },
        { { "--zygote", "--sandbox" }, EINVAL, "--sandbox belongs to --backgroundtask" },
        { { "--no-jit", "--backgroundtask", "x" }, EINVAL, "belong to --zygote" },
        { { "--no-sandbox", "--sandbox-report" }, EINVAL, "--no-sandbox belongs to --zygote" },
        { { "--zygote", "more" }, EINVAL, "unexpected argument: more" },
        { { "--bogus" }, EINVAL, "unexpected argument: --bogus" },
        { { "--write-cache" }, EINVAL, "--write-cache needs a value" },
        { { "--backgroundtask", "x", "\xff" }, EINVAL, "UTF-8" },
};

START_TEST(test_errors)
{
        struct options options = { 0 };
        struct error error = ERROR_INIT;

        ck_assert_int_eq(parse(error_rows[_i].argv, &options, &error), -error_rows[_i].code);
        ck_assert_msg(strstr(error.text, error_rows[_i].says), "says: %s", error.text);
}
END_TEST

START_TEST(test_values)
{
        const char *const args[] = { "--app-dir=/d",
                                     "--prefs",
                                     "a",
                                     "--prefs=b",
                                     "--backgroundtask",
                                     "x",
                                     "--profile",
                                     "/p",
                                     "y",
                                     "--attach-console",
                                     NULL };
        struct options options;
        struct error error = ERROR_INIT;

        ck_assert_int_eq(parse(args, &options, &error), 0);
        ck_assert_str_eq(options.app_directory, "/d");
        ck_assert_str_eq(options.prefs_files[0], "a");
        ck_assert_str_eq(options.prefs_files[1], "b");
        ck_assert_ptr_null(options.prefs_files[2]);
        ck_assert_str_eq(options.profile, "/p");
        ck_assert(options.attach_console);
        ck_assert_uint_eq(strv_length(options.args), 2);
        options_done(&options);
}
END_TEST

START_TEST(test_help_lists_flags)
{
        char *help = options_help();

        ck_assert_ptr_nonnull(strstr(help, "--backgroundtask NAME"));
        ck_assert_ptr_nonnull(strstr(help, "--jsdebugger"));
        ck_assert_ptr_nonnull(strstr(help, "--wait-for-jsdebugger"));
        ck_assert_ptr_nonnull(strstr(help, "--start-debugger-server"));
        free(help);
}
END_TEST

TCase *test_runner_options(void)
{
        TCase *tcase = tcase_create("options");

        tcase_add_loop_test(tcase, test_run, 0, (int)ARRAY_SIZE(run_rows));
        tcase_add_loop_test(tcase, test_mode, 0, (int)ARRAY_SIZE(mode_rows));
        tcase_add_loop_test(tcase, test_errors, 0, (int)ARRAY_SIZE(error_rows));
        tcase_add_test(tcase, test_values);
        tcase_add_test(tcase, test_help_lists_flags);
        return tcase;
}
