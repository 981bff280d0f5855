/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/error.h"
#include "lib/log.h"
#include "lib/task.h"
#include "tests/unit/unit.h"

/* ---- numbers ---- */

static const struct {
        const char *text;
        int64_t min, max;
        int r;
        int64_t value;
} numbers[] = {
        { "0", 0, 10, 0, 0 },
        { "10", 0, 10, 0, 10 },
        { "11", 0, 10, -ERANGE, 0 },
        { "-1", 0, 10, -ERANGE, 0 },
        { "-1", -5, 10, 0, -1 },
        { "007", 0, 10, 0, 7 },
        { "9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX },
        { "-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN },
        { "9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0 },
        { "", 0, 10, -EINVAL, 0 },
        { "-", 0, 10, -EINVAL, 0 },
        { "+1", 0, 10, -EINVAL, 0 },
        { " 1", 0, 10, -EINVAL, 0 },
        { "1 ", 0, 10, -EINVAL, 0 },
        { "1x", 0, 10, -EINVAL, 0 },
        { "0x1", 0, 10, -EINVAL, 0 },
        { "1.0", 0, 10, -EINVAL, 0 },
        { "--1", -10, 10, -EINVAL, 0 },
};

START_TEST(number)
{
        int64_t value = 77;

        ck_assert_int_eq(parse_int64(numbers[_i].text, numbers[_i].min, numbers[_i].max, &value),
                         numbers[_i].r);
        ck_assert_int_eq(value, numbers[_i].r == 0 ? numbers[_i].value : 77);
}
END_TEST

static const struct {
        const char *text;
        size_t skip;
        int64_t min, max;
        int r;
        int64_t value;
        const char *rest;
} fields[] = {
        { "12 34", 0, 0, 12, 0, 12, " 34" },
        { "  12\t34\n", 1, 0, 99, 0, 34, "\n" },
        { "S -1 9223372036854775807", 2, 0, INT64_MAX, 0, INT64_MAX, "" },
        { "9223372036854775808", 0, 0, INT64_MAX, -ERANGE, 0, NULL },
        { "13", 0, 0, 12, -ERANGE, 0, NULL },
        { "S -1 5", 1, -1, 12, 0, -1, " 5" },
        { "-1", 0, 0, 12, -ERANGE, 0, NULL },
        { "- 1", 0, -1, 12, -EINVAL, 0, NULL },
        { "+1", 0, 0, 12, -EINVAL, 0, NULL },
        { "1x", 0, 0, 12, -EINVAL, 0, NULL },
        { "12 ", 1, 0, 12, -EINVAL, 0, NULL },
        { "12", 3, 0, 12, -EINVAL, 0, NULL },
        { "", 0, 0, 12, -EINVAL, 0, NULL },
};

START_TEST(field)
{
        const char *text = fields[_i].text;
        int64_t value = 77;

        ck_assert_int_eq(parse_field(&text, fields[_i].skip, fields[_i].min, fields[_i].max, &value),
                         fields[_i].r);
        ck_assert_int_eq(value, fields[_i].r == 0 ? fields[_i].value : 77);
        ck_assert_str_eq(text, fields[_i].rest ? fields[_i].rest : fields[_i].text);
}
END_TEST

/* ---- UTF-8 ---- */

static const struct {
        const char *text;
        size_t size;
        bool valid;
        const char *escaped;
        const char *repaired;
} texts[] = {
        { "", 0, true, "", "" },
        { "abc", 3, true, "abc", "abc" },
        { "a\0b", 3, true, "a\\x00b",
          "a\xef\xbf\xbd"
          "b" },
        { "\xc3\xa9", 2, true, "\xc3\xa9", "\xc3\xa9" },
        { "\xe2\x82\xac", 3, true, "\xe2\x82\xac", "\xe2\x82\xac" },
        { "\xf0\x9f\x98\x80", 4, true, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
        { "\xf4\x8f\xbf\xbf", 4, true, "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
        { "a\nb\tc\rd", 7, true, "a\\nb\\tc\\rd", "a\nb\tc\rd" },
        { "\x1b[31m", 5, true, "\\x1b[31m", "\x1b[31m" },
        { "\x7f", 1, true, "\\x7f", "\x7f" },
        { "\xc2\x9b", 2, true, "\\xc2\\x9b", "\xc2\x9b" }, /* C1: CSI */
        { "\xc2\xa0", 2, true, "\xc2\xa0", "\xc2\xa0" },
        { "\x80", 1, false, "\\x80", "\xef\xbf\xbd" },
        { "\xc0\x80", 2, false, "\\xc0\\x80", "\xef\xbf\xbd\xef\xbf\xbd" }, /* overlong */
        { "\xe0\x80\x80", 3, false, "\\xe0\\x80\\x80", NULL },              /* overlong */
        { "\xf0\x80\x80\x80", 4, false, "\\xf0\\x80\\x80\\x80", NULL },     /* overlong */
        { "\xed\xa0\x80", 3, false, "\\xed\\xa0\\x80", NULL },              /* surrogate */
        { "\xf4\x90\x80\x80", 4, false, "\\xf4\\x90\\x80\\x80", NULL },     /* above U+10FFFF */
        { "\xf8\x88\x80\x80\x80", 5, false, "\\xf8\\x88\\x80\\x80\\x80", NULL },
        { "\xe2\x82", 2, false, "\\xe2\\x82", NULL }, /* cut */
        { "\xe2\x82"
          "a",
          3, false,
          "\\xe2\\x82"
          "a",
          NULL },
        { "ok\xff", 3, false, "ok\\xff", "ok\xef\xbf\xbd" },
};

START_TEST(utf8)
{
        char *escaped = text_escape(texts[_i].text, texts[_i].size);
        char *repaired = utf8_repair(texts[_i].text, texts[_i].size);

        ck_assert_int_eq(utf8_is_valid(texts[_i].text, texts[_i].size), texts[_i].valid);
        ck_assert_str_eq(escaped, texts[_i].escaped);
        ck_assert(utf8_is_valid(repaired, strlen(repaired)));
        if (texts[_i].repaired)
                ck_assert_str_eq(repaired, texts[_i].repaired);
        free(escaped);
        free(repaired);
}
END_TEST

/* ---- small things ---- */

static const struct {
        const char *directory, *name, *joined;
} joins[] = {
        { "/a", "b", "/a/b" }, { "/a/", "b", "/a/b" },  { "/a//", "/b", "/a/b" },
        { "/", "b", "/b" },    { "a", "b/c", "a/b/c" }, { ".", "b", "./b" },
};

START_TEST(join)
{
        char *joined = path_join(joins[_i].directory, joins[_i].name);

        ck_assert_str_eq(joined, joins[_i].joined);
        free(joined);
}
END_TEST

START_TEST(hex)
{
        char text[9];

        hex_encode("\x00\x0f\xf0\xff", 4, text);
        ck_assert_str_eq(text, "000ff0ff");
        hex_encode("", 0, text);
        ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(random_differs)
{
        char a[32] = { 0 }, b[32] = { 0 };

        random_bytes(a, sizeof(a));
        random_bytes(b, sizeof(b));
        ck_assert_mem_ne(a, b, sizeof(a));
}
END_TEST

START_TEST(arrays)
{
        char *none[] = { NULL }, *two[] = { (char *)"a", (char *)"b", NULL };

        strv_free(NULL);
        ck_assert_uint_eq(strv_length(NULL), 0);
        ck_assert_uint_eq(strv_length(none), 0);
        ck_assert_uint_eq(strv_length(two), 2);
}
END_TEST

/* ---- errors ---- */

START_TEST(error_texts)
{
        struct error error = ERROR_INIT;

        ck_assert_int_eq(error_set(NULL, EINVAL, "nobody listens"), -EINVAL);
        ck_assert_int_eq(error_prefix(NULL, "nobody"), -EINVAL);
        ck_assert_int_eq(error_set(&error, EINVAL, "expected %d", 5), -EINVAL);
        ck_assert_int_eq(error.code, EINVAL);
        ck_assert_str_eq(error.text, "expected 5");
        ck_assert_int_eq(error_prefix(&error, "file %s", "x"), -EINVAL);
        ck_assert_str_eq(error.text, "file x: expected 5");
        ck_assert_int_eq(error_set_errno(&error, ENOENT, "cannot open %s", "y"), -ENOENT);
        ck_assert_str_eq(error.text, "cannot open y: No such file or directory");
}
END_TEST

START_TEST(error_cut)
{
        struct error error = ERROR_INIT;
        char text[2 * ERROR_TEXT_MAX];

        /* Three-byte characters, so that the cut goes through one whatever the offset. */
        for (size_t i = 0; i + 3 < sizeof(text); i += 3)
                memcpy(text + i, "\xe2\x82\xac", 4);
        for (size_t skip = 0; skip < 3; skip++) {
                char shifted[sizeof(text) + 3];
                snprintf(shifted, sizeof(shifted), "%.*s%s", (int)skip, "abc", text);
                error_set(&error, EINVAL, "%s", shifted);
                ck_assert_uint_ge(strlen(error.text), ERROR_TEXT_MAX - 4);
                ck_assert(utf8_is_valid(error.text, strlen(error.text)));
                error_prefix(&error, "%s", skip ? shifted : "prefix");
                ck_assert(utf8_is_valid(error.text, strlen(error.text)));
                ck_assert_uint_ge(strlen(error.text), ERROR_TEXT_MAX - 4);
        }
}
END_TEST

/* ---- tasks ---- */

static const struct {
        const char *name;
        bool good;
} task_names[] = {
        { "success", true },    { "a", true },     { "with space", true }, { "caf\xc3\xa9", true },
        { ".hidden", true },    { "", false },     { "a/b", false },       { "..", false },
        { "a..b", false },      { "a\nb", false }, { "a\x7f", false },     { "\xff", false },
        { "a\xc2\x85", false },
};

START_TEST(task_name)
{
        struct error error = ERROR_INIT;
        int r = task_name_check(task_names[_i].name, &error);

        ck_assert_int_eq(r, task_names[_i].good ? 0 : -EINVAL);
        if (!task_names[_i].good)
                ck_assert_ptr_nonnull(strstr(error.text, "expected a task name"));
}
END_TEST

START_TEST(task_name_length)
{
        char name[TASK_NAME_MAX + 2];

        memset(name, 'x', sizeof(name));
        name[TASK_NAME_MAX] = 0;
        ck_assert_int_eq(task_name_check(name, NULL), 0);
        name[TASK_NAME_MAX] = 'x';
        name[TASK_NAME_MAX + 1] = 0;
        ck_assert_int_eq(task_name_check(name, NULL), -EINVAL);
}
END_TEST

START_TEST(task_args)
{
        struct error error = ERROR_INIT;
        char *many[TASK_ARGS_MAX + 2], *good[] = { (char *)"", (char *)"a b\n", NULL };
        char *bad[] = { (char *)"a", (char *)"\xff", NULL };

        for (size_t i = 0; i < TASK_ARGS_MAX + 1; i++)
                many[i] = (char *)"x";
        many[TASK_ARGS_MAX + 1] = NULL;
        ck_assert_int_eq(task_args_check(NULL, NULL), 0);
        ck_assert_int_eq(task_args_check(good, NULL), 0);
        ck_assert_int_eq(task_args_check(bad, &error), -EINVAL);
        ck_assert_str_eq(error.text, "expected argument 2 in UTF-8");
        ck_assert_int_eq(task_args_check(many, NULL), -E2BIG);
        many[TASK_ARGS_MAX] = NULL;
        ck_assert_int_eq(task_args_check(many, NULL), 0);

        char *large = malloc(TASK_ARGS_BYTES_MAX + 1);
        memset(large, 'x', TASK_ARGS_BYTES_MAX);
        large[TASK_ARGS_BYTES_MAX] = 0;
        char *one[] = { large, NULL };
        ck_assert_int_eq(task_args_check(one, NULL), -E2BIG);
        large[TASK_ARGS_BYTES_MAX - 1] = 0;
        ck_assert_int_eq(task_args_check(one, NULL), 0);
        free(large);
}
END_TEST

/* ---- log ---- */

static const struct {
        const char *text;
        int level; /* 0: refused */
} levels[] = {
        { "error", LOG_LEVEL_ERROR },
        { "warning", LOG_LEVEL_WARNING },
        { "notice", LOG_LEVEL_NOTICE },
        { "info", LOG_LEVEL_INFO },
        { "debug", LOG_LEVEL_DEBUG },
        { "3", LOG_LEVEL_ERROR },
        { "7", LOG_LEVEL_DEBUG },
        { "2", 0 },
        { "8", 0 },
        { "", 0 },
        { "INFO", 0 },
        { "info ", 0 },
};

START_TEST(log_levels)
{
        enum log_level level = LOG_LEVEL_NOTICE;

        ck_assert_int_eq(log_level_parse(levels[_i].text, &level), levels[_i].level != 0);
        if (levels[_i].level)
                ck_assert_int_eq((int)level, levels[_i].level);
}
END_TEST

/* Log with stderr on a pipe; what came through. @journal: what JOURNAL_STREAM says of the pipe. */
static void log_capture(const char *journal, char *text, size_t size)
{
        int ends[2], saved = dup(STDERR_FILENO);

        ck_assert_int_eq(pipe(ends), 0);
        ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
        if (strcmp(journal, "this") == 0) {
                struct stat status;
                char value[64];
                ck_assert_int_eq(fstat(ends[1], &status), 0);
                snprintf(value, sizeof(value), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
                setenv("JOURNAL_STREAM", value, 1);
        } else {
                setenv("JOURNAL_STREAM", journal, 1);
        }
        log_init("prog", LOG_LEVEL_INFO);
        errno = EDOM;
        log_warning("two\nlines %d \x1b", 5);
        ck_assert_int_eq(errno, EDOM);
        log_debug("not this");
        dup2(saved, STDERR_FILENO);
        close(saved);
        close(ends[1]);
        ssize_t got = read(ends[0], text, size - 1);
        ck_assert_int_ge(got, 0);
        text[got] = 0;
        close(ends[0]);
}

START_TEST(log_lines)
{
        char text[256];

        log_capture("1:1", text, sizeof(text));
        ck_assert_str_eq(text, "prog: two\\nlines 5 \\x1b\n");
        log_capture("nonsense", text, sizeof(text));
        ck_assert_str_eq(text, "prog: two\\nlines 5 \\x1b\n");
        log_capture("this", text, sizeof(text));
        ck_assert_str_eq(text, "<4>two\\nlines 5 \\x1b\n");
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, number, 0, (int)ARRAY_SIZE(numbers));
        tcase_add_loop_test(test_case, field, 0, (int)ARRAY_SIZE(fields));
        tcase_add_loop_test(test_case, utf8, 0, (int)ARRAY_SIZE(texts));
        tcase_add_loop_test(test_case, join, 0, (int)ARRAY_SIZE(joins));
        tcase_add_test(test_case, hex);
        tcase_add_test(test_case, random_differs);
        tcase_add_test(test_case, arrays);
        tcase_add_test(test_case, error_texts);
        tcase_add_test(test_case, error_cut);
        tcase_add_loop_test(test_case, task_name, 0, (int)ARRAY_SIZE(task_names));
        tcase_add_test(test_case, task_name_length);
        tcase_add_test(test_case, task_args);
        tcase_add_loop_test(test_case, log_levels, 0, (int)ARRAY_SIZE(levels));
        tcase_add_test(test_case, log_lines);
}

int main(void)
{
        return unit_main("text", add);
}
