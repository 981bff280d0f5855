/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/options.h"

#include <errno.h>

#include "client/bgtaskctl.h"
#include "tests/unit/unit.h"

static const struct option_row own[] = {
        { "follow", 'f', NULL, "go on" },
        { "task", 't', "NAME", "of a task" },
        { 0 },
};

static const struct option_row shared[] = {
        { "json", 'j', NULL, "JSON" },
        { "socket", 's', "PATH", "where" },
        { 0 },
};

static const struct option_row *const tables[] = { own, shared, NULL };

#define WORDS_MAX 8

static const struct {
        enum option_order order;
        const char *argv[WORDS_MAX];
        const char *follow, *task, *json, *socket; /* NULL: not given */
        const char *operands[WORDS_MAX];
} good[] = {
        { OPTION_ORDER_ANY, { NULL }, NULL, NULL, NULL, NULL, { NULL } },
        { OPTION_ORDER_ANY, { "a", "--follow", "b" }, "", NULL, NULL, NULL, { "a", "b" } },
        { OPTION_ORDER_FIRST, { "a", "--follow", "b" }, NULL, NULL, NULL, NULL, { "a", "--follow", "b" } },
        { OPTION_ORDER_FIRST, { "-f", "a", "-j" }, "", NULL, NULL, NULL, { "a", "-j" } },
        { OPTION_ORDER_FIRST, { "--", "-f", "--", "a" }, NULL, NULL, NULL, NULL, { "-f", "--", "a" } },
        { OPTION_ORDER_FIRST, { "a", "--", "b" }, NULL, NULL, NULL, NULL, { "a", "--", "b" } },
        { OPTION_ORDER_ANY, { "a", "--", "-f" }, NULL, NULL, NULL, NULL, { "a", "-f" } },
        { OPTION_ORDER_ANY, { "--task=x", "--socket", "y" }, NULL, "x", NULL, "y", { NULL } },
        { OPTION_ORDER_ANY, { "--task=", "--socket", "" }, NULL, "", NULL, "", { NULL } },
        { OPTION_ORDER_ANY, { "--task=a=b" }, NULL, "a=b", NULL, NULL, { NULL } },
        { OPTION_ORDER_ANY, { "-tx", "-s", "y" }, NULL, "x", NULL, "y", { NULL } },
        { OPTION_ORDER_ANY, { "-fjt", "x" }, "", "x", "", NULL, { NULL } },
        { OPTION_ORDER_ANY, { "-fjtx" }, "", "x", "", NULL, { NULL } },
        { OPTION_ORDER_ANY, { "-t", "-f" }, NULL, "-f", NULL, NULL, { NULL } },
        { OPTION_ORDER_ANY, { "-t1", "-t2", "--task=3" }, NULL, "3", NULL, NULL, { NULL } },
        { OPTION_ORDER_ANY, { "-", "", "a" }, NULL, NULL, NULL, NULL, { "-", "", "a" } },
};

static void assert_text(const char *actual, const char *expected)
{
        if (expected)
                ck_assert_str_eq(actual, expected);
        else
                ck_assert_ptr_null(actual);
}

START_TEST(test_good)
{
        struct arguments arguments = { 0 };
        struct error error = ERROR_INIT;
        size_t i = 0;

        ck_assert_int_eq(options_parse((char **)good[_i].argv, tables, good[_i].order, &arguments, &error),
                         0);
        assert_text(arguments_option(&arguments, "follow"), good[_i].follow);
        assert_text(arguments_option(&arguments, "task"), good[_i].task);
        assert_text(arguments_option(&arguments, "json"), good[_i].json);
        assert_text(arguments_option(&arguments, "socket"), good[_i].socket);
        ck_assert_int_eq(arguments_flag(&arguments, "follow"), good[_i].follow != NULL);
        for (; good[_i].operands[i]; i++)
                ck_assert_str_eq(arguments.operands[i], good[_i].operands[i]);
        ck_assert_uint_eq(arguments.operand_count, i);
        ck_assert_ptr_null(arguments.operands[i]);
        arguments_done(&arguments);
}
END_TEST

static const struct {
        const char *argv[WORDS_MAX];
        const char *text;
} bad[] = {
        { { "--unknown" }, "unknown option --unknown" },
        { { "--unknown=1" }, "unknown option --unknown" },
        { { "--fol" }, "unknown option --fol" },
        { { "--followx" }, "unknown option --followx" },
        { { "--=" }, "unknown option --" },
        { { "-x" }, "unknown option -x" },
        { { "-fx" }, "unknown option -x" },
        { { "--follow=1" }, "option --follow takes no value" },
        { { "--follow=" }, "option --follow takes no value" },
        { { "--task" }, "option --task needs a value: NAME" },
        { { "-t" }, "option -t needs a value: NAME" },
        { { "-ft" }, "option -t needs a value: NAME" },
};

START_TEST(test_bad)
{
        struct arguments arguments = { 0 };
        struct error error = ERROR_INIT;

        ck_assert_int_eq(options_parse((char **)bad[_i].argv, tables, OPTION_ORDER_ANY, &arguments, &error),
                         -EINVAL);
        ck_assert_str_eq(error.text, bad[_i].text);
        ck_assert_ptr_null(arguments.operands);
        arguments_done(&arguments);
}
END_TEST

/* Options before a command and among its own end up together. */
START_TEST(test_two_rounds)
{
        static const char *const first[] = { "-s", "a", "-j", "command", NULL };
        static const char *const second[] = { "-s", "b", "-f", "x", NULL };
        struct arguments arguments = { 0 };
        struct error error = ERROR_INIT;

        ck_assert_int_eq(options_parse((char **)first, tables, OPTION_ORDER_FIRST, &arguments, &error), 0);
        ck_assert_int_eq(options_parse((char **)second, tables, OPTION_ORDER_ANY, &arguments, &error), 0);
        ck_assert_str_eq(arguments_option(&arguments, "socket"), "b");
        ck_assert(arguments_flag(&arguments, "json"));
        ck_assert(arguments_flag(&arguments, "follow"));
        ck_assert_uint_eq(arguments.operand_count, 1);
        ck_assert_str_eq(arguments.operands[0], "x");
        arguments_done(&arguments);
}
END_TEST

/* No option of a command hides one of all commands, and the rows are complete. */
START_TEST(test_command_table)
{
        size_t count = 0;

        for (const struct command *command = command_table; command->name; command++, count++) {
                ck_assert_ptr_nonnull(command->run);
                ck_assert(command->help[0] && command->summary[0]);
                ck_assert_uint_le(command->operands_min, command->operands_max);
                for (const struct option_row *row = command->options; row->name; row++) {
                        for (const struct option_row *other = command_global_options; other->name; other++) {
                                ck_assert_str_ne(row->name, other->name);
                                ck_assert(row->letter == 0 || row->letter != other->letter);
                        }
                }
        }
        ck_assert_uint_ge(count, 11);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_good, 0, ARRAY_SIZE(good));
        tcase_add_loop_test(test_case, test_bad, 0, ARRAY_SIZE(bad));
        tcase_add_test(test_case, test_two_rounds);
        tcase_add_test(test_case, test_command_table);
}

int main(void)
{
        return unit_main("client options", add);
}
