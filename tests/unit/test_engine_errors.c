/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/test_engine.h"

static struct eng_error described(eng *e, const char *source, const char *url)
{
        struct eng_error error;
        ck_assert_ptr_null(eng_eval(e, source, strlen(source), url, 10));
        eng_val exception = eng_catch(e);
        ck_assert_ptr_nonnull(exception);
        eng_describe(e, exception, &error);
        ck_assert(!eng_pending(e));
        return error;
}

static const struct {
        const char *source, *message;
        unsigned line, column;
        const char *stack_begins; /* NULL: none */
} cases[] = {
        { "null.x", "TypeError: null has no properties", 10, 1, "@t.js:10:1" },
        { "\n  throw new RangeError('m')", "RangeError: m", 11, 9, "@t.js:11:9" },
        { "function f() {\n throw Error('in') }\nf()", "Error: in", 11, 8, "f@t.js:11:8\n@t.js:12:1" },
        { "let = ;", "SyntaxError: ", 10, 7, NULL },
        { "\n\n  var 5", "SyntaxError: ", 12, 7, NULL },
        { "throw 'just text'", "just text", 10, 1, "@t.js:10:1" },
        { "\nthrow 5", "5", 11, 1, "@t.js:11:1" },
        { "throw null", "null", 10, 1, "@t.js:10:1" },
        { "throw undefined", "undefined", 10, 1, "@t.js:10:1" },
        { "throw Symbol('s')", "Symbol(\"s\")", 10, 7, "@t.js:10:7" },
        { "throw 10n", "10", 10, 1, "@t.js:10:1" },
        { "throw {}", "[object Object]", 10, 1, "@t.js:10:1" },
        { "throw {toString() { throw 1 }}", "(an exception without a message)", 10, 8, "@t.js:10:8" },
        { "throw Object.create(null)", "(an exception without a message)", 10, 14, "@t.js:10:14" },
        { "class E extends Error { get name() { return 'Own' } }; throw new E('m')", "Own: m", 10, 1,
          "E@t.js:10:1" },
        { "class F extends Error { get message() { throw 1 } }; throw new F('m')", NULL, 10, 1,
          "F@t.js:10:1" },
        { "throw new Proxy(Error('x'), {})", NULL, 10, 17, NULL },
        { "throw new AggregateError([Error('a')], 'agg')", "AggregateError: agg", 10, 7, "@t.js:10:7" },
        { "throw new Error('with\\nnewline \\u00fc \\ud83d\\ude00')",
          "Error: with\nnewline \xc3\xbc \xf0\x9f\x98\x80", 10, 7, "@t.js:10:7" },
        { "new Function('throw 1')()", "1", 0, 0, "anonymous@t.js line 10 > Function:" },
        { "eval('null.y')", "TypeError: null has no properties", 1, 1, "@t.js line 10 > eval:1:1" },
};

START_TEST(description)
{
        eng *e = test_start();
        struct eng_error error = described(e, cases[_i].source, "t.js");
        if (cases[_i].message)
                ck_assert_msg(strncmp(error.message, cases[_i].message, strlen(cases[_i].message)) == 0,
                              "%s: %s", cases[_i].source, error.message);
        ck_assert_ptr_nonnull(error.file);
        if (cases[_i].line)
                ck_assert_msg(error.line == cases[_i].line && error.column == cases[_i].column, "%s: %u:%u",
                              cases[_i].source, error.line, error.column);
        if (cases[_i].stack_begins)
                ck_assert_msg(error.stack && strncmp(error.stack, cases[_i].stack_begins,
                                                     strlen(cases[_i].stack_begins)) == 0,
                              "%s: %s", cases[_i].source, error.stack);
        if (error.stack)
                ck_assert_int_ne(error.stack[strlen(error.stack) - 1], '\n');
}
END_TEST

START_TEST(description_of_values)
{
        eng *e = test_start();
        struct eng_error error;
        eng_describe(e, NULL, &error);
        ck_assert_str_eq(error.message, "(an exception without a message)");
        ck_assert_ptr_null(error.file);
        eng_describe(e, eng_cstring(e, "plain"), &error);
        ck_assert_str_eq(error.message, "plain");
        ck_assert_ptr_null(error.stack);
        eng_describe(e, run(e, "({message: 'duck', fileName: 'd.js', lineNumber: 4})"), &error);
        ck_assert_ptr_nonnull(strstr(error.message, "duck"));
        eng_describe(e, eng_error_new(e, ENG_E_RANGE, "made"), &error);
        ck_assert_str_eq(error.message, "RangeError: made");
        ck_assert(!eng_pending(e));
}
END_TEST

START_TEST(description_keeps_what_is_pending)
{
        eng *e = test_start();
        struct eng_error error;
        eng_val other = eng_error_new(e, ENG_E_TYPE, "other");
        eng_throw(e, ENG_E_ERROR, "pending");
        eng_describe(e, other, &error);
        ck_assert_str_eq(error.message, "TypeError: other");
        ck_assert(eng_pending(e));
        ck_assert_str_eq(caught(e), "Error: pending");
}
END_TEST

START_TEST(long_messages_are_cut)
{
        eng *e = test_start();
        struct eng_error error = described(e, "throw new Error('\\u00e4'.repeat(1e6))", "t.js");
        ck_assert_uint_le(strlen(error.message), 16 * 1024);
        ck_assert_uint_ge(strlen(error.message), 16 * 1024 - 2);
        ck_assert_str_eq(error.message + strlen(error.message) - 2, "\xc3\xa4");
        ck_assert_ptr_null(eng_throw(e, ENG_E_ERROR, "%0100000d", 1));
        ck_assert_uint_le(strlen(caught(e)), 16 * 1024 + 16);
}
END_TEST

START_TEST(throwing)
{
        static const struct {
                enum eng_error_type type;
                const char *name;
        } types[] = {
                { ENG_E_ERROR, "Error: a 1" },
                { ENG_E_TYPE, "TypeError: a 1" },
                { ENG_E_RANGE, "RangeError: a 1" },
                { ENG_E_SYNTAX, "SyntaxError: a 1" },
                { ENG_E_INTERNAL, "InternalError: a 1" },
        };
        eng *e = test_start();
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
                ck_assert_ptr_null(eng_throw(e, types[i].type, "%s %d", "a", 1));
                ck_assert(eng_pending(e));
                ck_assert_str_eq(caught(e), types[i].name);
                ck_assert(!eng_pending(e));
        }
        eng_throw(e, ENG_E_ERROR, "bad \xff bytes {0} %%s");
        ck_assert_str_eq(caught(e), "Error: bad \xef\xbf\xbd bytes {0} %s");
        eng_throw(e, ENG_E_ERROR, "first");
        eng_throw(e, ENG_E_ERROR, "second");
        ck_assert_str_eq(caught(e), "Error: second");
        ck_assert_ptr_null(eng_throw_value(e, eng_number(e, 7)));
        ck_assert_str_eq(caught(e), "7");
        ck_assert_ptr_null(eng_catch(e));
}
END_TEST

static eng_val native_stack(eng *e, eng_args *args, void *data)
{
        (void)args;
        (void)data;
        return eng_cstring(e, eng_current_stack(e));
}

START_TEST(stacks)
{
        eng *e = test_start();
        ck_assert_ptr_null(eng_current_stack(e));
        ck_assert(eng_define_function(e, eng_global(e), "stack", 0, native_stack, NULL));
        ck_assert_str_eq(run_string(e, "function outer() { return stack() }\nouter()"),
                         "outer@test.js:1:27\n@test.js:2:1");
        run(e, "var text; async function inner() { await 1; throw new Error('deep') }\n"
               "async function task() { await inner() }\n task().catch(x => { text = x.stack })");
        ck_assert(eng_run_jobs(e));
        const char *text = run_string(e, "text");
        ck_assert_ptr_nonnull(strstr(text, "inner@test.js:1:"));
        ck_assert_ptr_nonnull(strstr(text, "async*task@test.js:2:"));
}
END_TEST

static eng_ref *handed_over;

static eng_val native_later(eng *e, eng_args *args, void *data)
{
        (void)args;
        (void)data;
        handed_over = eng_ref_new(e, eng_stack_capture(e));
        return ENG_UNDEF;
}

START_TEST(stack_of_a_callback)
{
        eng *e = test_start();
        ck_assert(eng_is_undefined(eng_stack_capture(e)));
        ck_assert(eng_define_function(e, eng_global(e), "later", 0, native_later, NULL));
        run(e, "function asks() { later() }\nasks()");
        eng_val callback = run(e, "(function called() { throw Error('in it') })");
        struct eng_origin origin = { eng_ref_get(handed_over), "setTimeout handler" };
        struct eng_error error;
        ck_assert_ptr_null(eng_call_from(e, &origin, callback, 0, NULL));
        eng_describe(e, eng_catch(e), &error);
        ck_assert_str_eq(error.stack,
                         "called@test.js:1:28\nsetTimeout handler*asks@test.js:1:19\n@test.js:2:1");
        origin.stack = ENG_UNDEF;
        ck_assert_ptr_null(eng_call_from(e, &origin, callback, 0, NULL));
        eng_describe(e, eng_catch(e), &error);
        ck_assert_str_eq(error.stack, "called@test.js:1:28");
}
END_TEST

START_TEST(warnings)
{
        eng *e = test_start();
        run(e, "function f() {\n return\n 1 }");
        ck_assert_int_eq(seen.warnings, 1);
        ck_assert_msg(strncmp(seen.last, "test.js:3: ", 11) == 0, "%s", seen.last);
}
END_TEST

Suite *engine_errors_suite(void)
{
        Suite *suite = suite_create("engine errors");
        TCase *tcase = tcase_create("errors");
        tcase_add_loop_test(tcase, description, 0, (int)(sizeof cases / sizeof cases[0]));
        tcase_add_test(tcase, description_of_values);
        tcase_add_test(tcase, description_keeps_what_is_pending);
        tcase_add_test(tcase, long_messages_are_cut);
        tcase_add_test(tcase, throwing);
        tcase_add_test(tcase, stacks);
        tcase_add_test(tcase, stack_of_a_callback);
        tcase_add_test(tcase, warnings);
        tcase_set_timeout(tcase, 60);
        suite_add_tcase(suite, tcase);
        return suite;
}
