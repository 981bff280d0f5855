/* SPDX-License-Identifier: MPL-2.0 */
/* Programs and arguments that begin a task, taken apart. */
#include "config.h"

#include <errno.h>

#include "lib/bgtask_internal.h"
#include "tests/unit/unit.h"

#define ARGS_MAX 8

static const struct {
        const char *program;
        const char *args[ARGS_MAX];
        const char *task; /* NULL: it is refused */
        const char *rest[ARGS_MAX];
} cases[] = {
        { "/usr/bin/firefox", { "--backgroundtask", "update" }, "update", { NULL } },
        { "/usr/bin/firefox", { "-backgroundtask", "a", "", "b c" }, "a", { "", "b c" } },
        { "/x", { "--BackgroundTask=a", "-x" }, "a", { "-x" } },
        { "/x", { "one", "--backgroundtask", "a", "two" }, "a", { "one", "two" } },
        { "/x", { "--backgroundtask", "a", "--backgroundtask", "b" }, "a", { "--backgroundtask", "b" } },
        { "/x", { "--headless", "--backgroundtask", "a", "--attach-console" }, "a", { NULL } },
        { "/x", { "--backgroundtasks", "a" }, NULL, { NULL } },
        { "/x", { "--backgroundtask" }, NULL, { NULL } },
        { "/x", { "--backgroundtask=" }, NULL, { NULL } },
        { "/x", { "--backgroundtask", "a/b" }, NULL, { NULL } },
        { "/x", { "--profile", "/p", "--backgroundtask", "a" }, NULL, { NULL } },
        { "/x", { "backgroundtask", "a" }, NULL, { NULL } },
        { "/x", { NULL }, NULL, { NULL } },
        { "x", { "--backgroundtask", "a" }, NULL, { NULL } },
        { "", { "--backgroundtask", "a" }, NULL, { NULL } },
        { NULL, { "--backgroundtask", "a" }, NULL, { NULL } },
        { "/x", { "--backgroundtask", "a", "\xff" }, NULL, { NULL } },
};

START_TEST(commands)
{
        struct bgtask_command command = { 0 };
        struct error error = ERROR_INIT;

        int r = bgtask_command_parse(cases[_i].program, cases[_i].args, &command, &error);
        if (!cases[_i].task) {
                ck_assert_int_eq(r, -EINVAL);
                ck_assert_ptr_null(command.args);
                ck_assert_str_ne(error.text, "");
                return;
        }
        ck_assert_msg(r == 0, "%s", error.text);
        ck_assert_str_eq(command.task, cases[_i].task);
        size_t i = 0;
        for (; cases[_i].rest[i]; i++)
                ck_assert_str_eq(command.args[i], cases[_i].rest[i]);
        ck_assert_ptr_null(command.args[i]);
        bgtask_command_done(&command);
}
END_TEST

static void add_tests(TCase *test_case)
{
        tcase_add_loop_test(test_case, commands, 0, ARRAY_SIZE(cases));
}

int main(void)
{
        return unit_main("bgtask_command", add_tests);
}
