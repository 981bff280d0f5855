/* SPDX-License-Identifier: MPL-2.0 */
/* Natives, their arguments, and host objects. */
#include "config.h"

#include <string.h>

#include "tests/unit/test_engine.h"

static eng_val native_sum(eng *e, eng_args *args, void *data)
{
        double sum = *(int *)data, n;
        for (size_t i = 0; i < eng_argc(args); i++) {
                if (!eng_to_number(e, eng_arg(args, i), &n))
                        return NULL;
                sum += n;
        }
        return eng_number(e, sum);
}

static eng_val native_this(eng *e, eng_args *args, void *data)
{
        (void)e;
        (void)data;
        return eng_this(args);
}

static eng_val native_silent(eng *e, eng_args *args, void *data)
{
        (void)e;
        (void)args;
        (void)data;
        return NULL;
}

static eng_val native_ignores(eng *e, eng_args *args, void *data)
{
        (void)args;
        (void)data;
        eng_throw(e, ENG_E_ERROR, "not looked at");
        return ENG_TRUE;
}

START_TEST(natives)
{
        static int base = 100;
        eng *e = test_start();
        eng_val global = eng_global(e);
        ck_assert(eng_define_function(e, global, "sum", 2, native_sum, &base));
        ck_assert(eng_define_function(e, global, "that", 0, native_this, NULL));
        ck_assert(eng_define_function(e, global, "silent", 0, native_silent, NULL));
        ck_assert(eng_define_function(e, global, "ignores", 0, native_ignores, NULL));
        ck_assert(run_number(e, "sum(1, 2, '3')") == 106);
        ck_assert_str_eq(run_string(e, "sum.name + sum.length + Object.keys(this).includes('sum')"),
                         "sum2false");
        ck_assert_ptr_nonnull(strstr(run_throws(e, "sum(Symbol())"), "TypeError"));
        ck_assert_ptr_nonnull(strstr(run_throws(e, "new sum()"), "not a constructor"));
        ck_assert(run_number(e, "that.call(7)") == 7);
        ck_assert_ptr_nonnull(strstr(run_throws(e, "silent()"), "without an exception"));
        ck_assert_str_eq(run_throws(e, "ignores()"), "Error: not looked at");
        ck_assert(eng_truthy(e, run(e, "let ok = false; try { ignores() } catch (x) { ok = true } ok")));
}
END_TEST

START_TEST(calls)
{
        eng *e = test_start();
        bool b;
        eng_val global = eng_global(e);
        run(e, "function add(a, b) { return this.base + a + b } var o = {base: 10, add, field: 1};"
               "class P { constructor(x) { this.x = x } }; this.P = P;");
        eng_val argv[] = { eng_number(e, 1), eng_number(e, 2) };
        eng_val o = eng_get(e, global, "o");
        ck_assert_str_eq(eng_to_source(e, eng_call_method(e, o, "add", 2, argv)), "13");
        ck_assert_str_eq(eng_to_source(e, eng_call(e, eng_get(e, o, "add"), o, 1, argv)), "NaN");
        ck_assert_ptr_null(eng_call_method(e, o, "field", 0, NULL));
        ck_assert_str_eq(caught(e), "TypeError: field is not a function");
        ck_assert_ptr_null(eng_call(e, ENG_NUL, NULL, 0, NULL));
        ck_assert_ptr_nonnull(strstr(caught(e), "not a function"));
        eng_val p = eng_construct(e, eng_get(e, global, "P"), 1, argv);
        ck_assert_str_eq(eng_to_source(e, p), "({x:1})");
        ck_assert(eng_instance_of(e, p, eng_get(e, global, "P"), &b) && b);
        ck_assert(eng_instance_of(e, o, eng_get(e, global, "P"), &b) && !b);
        ck_assert(!eng_instance_of(e, o, ENG_NUL, &b));
        caught(e);
        ck_assert_ptr_null(eng_construct(e, eng_get(e, o, "field"), 0, NULL));
        ck_assert_str_eq(caught(e), "TypeError: value is not a constructor");
        ck_assert(eng_define_accessor(e, o, "twice", run(e, "(function () { return this.base * 2 })"),
                                      ENG_UNDEF, 0));
        ck_assert(run_number(e, "o.twice") == 20);
        ck_assert(!eng_define_accessor(e, o, "bad", ENG_NUL, ENG_UNDEF, 0));
        caught(e);
}
END_TEST

struct taken {
        const char *s, *sized;
        size_t size, bytes_size;
        int32_t i;
        double d;
        bool b;
        const void *bytes;
        eng_val f, o, v;
};

static eng_val native_all(eng *e, eng_args *args, void *data)
{
        struct taken *t = data;
        if (!eng_args_get(e, args, "Test.all", "sSidbyfov", &t->s, &t->sized, &t->size, &t->i, &t->d, &t->b,
                          &t->bytes, &t->bytes_size, &t->f, &t->o, &t->v))
                return NULL;
        ck_assert_str_eq(t->s, "text");
        ck_assert_uint_eq(t->size, 3);
        ck_assert_mem_eq(t->sized, "a\0b", 3);
        ck_assert_int_eq(t->i, -7);
        ck_assert(t->d == 0.5 && t->b);
        ck_assert_uint_eq(t->bytes_size, 2);
        ck_assert_mem_eq(t->bytes, "\1\2", 2);
        ck_assert_int_eq(eng_typeof(e, t->f), ENG_FUNCTION);
        ck_assert_int_eq(eng_typeof(e, t->o), ENG_ARRAY);
        ck_assert(eng_is_undefined(t->v));
        return ENG_TRUE;
}

static eng_val native_optional(eng *e, eng_args *args, void *data)
{
        const char *s;
        int32_t i = 42;
        size_t size = 1;
        const void *bytes = "";
        (void)data;
        if (!eng_args_get(e, args, "PathUtils.join", "s|yi", &s, &bytes, &size, &i))
                return NULL;
        return eng_number(e, i + (double)size);
}

START_TEST(arguments)
{
        static const char *const wrong[][2] = {
                { "opt()", "TypeError: PathUtils.join: argument 1 must be a string" },
                { "opt(1)", "TypeError: PathUtils.join: argument 1 must be a string" },
                { "opt('a\\0b')",
                  "TypeError: PathUtils.join: argument 1 must be a string without null characters" },
                { "opt('a', 1)",
                  "TypeError: PathUtils.join: argument 2 must be an ArrayBuffer or a view of one" },
                { "opt('a', undefined, 1.5)",
                  "TypeError: PathUtils.join: argument 3 must be a 32 bit integer" },
                { "opt('a', undefined, 2 ** 31)",
                  "TypeError: PathUtils.join: argument 3 must be a 32 bit integer" },
                { "opt('a', undefined, NaN)",
                  "TypeError: PathUtils.join: argument 3 must be a 32 bit integer" },
                { "opt('a', undefined, null)",
                  "TypeError: PathUtils.join: argument 3 must be a 32 bit integer" },
                { "all('', '', 0, '')", "TypeError: Test.all: argument 4 must be a number" },
                { "all('', '', 0, 0, 0, bytes, {})", "TypeError: Test.all: argument 7 must be a function" },
                { "all('', '', 0, 0, 0, bytes, all, null)",
                  "TypeError: Test.all: argument 8 must be an object" },
        };
        static struct taken taken;
        eng *e = test_start();
        ck_assert(eng_define_function(e, eng_global(e), "all", 9, native_all, &taken));
        ck_assert(eng_define_function(e, eng_global(e), "opt", 1, native_optional, NULL));
        run(e, "var bytes = new Uint8Array([1, 2])");
        run(e, "all('text', 'a\\0b', -7, 0.5, 'truthy', bytes, all, [])");
        ck_assert(run_number(e, "opt('a')") == 43);
        ck_assert(run_number(e, "opt('a', undefined, 1)") == 2);
        ck_assert(run_number(e, "opt('a', bytes)") == 44);
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                ck_assert_str_eq(run_throws(e, wrong[i][0]), wrong[i][1]);
}
END_TEST

static int finalized;

static void finalize(void *pointer)
{
        finalized += *(int *)pointer;
}

static const struct eng_class counter_class = { "Counter", finalize };
static const struct eng_class other_class = { "Other", NULL };

START_TEST(host_objects)
{
        static int one = 1, ten = 10;
        eng *e = test_start();
        eng_scope scope;
        eng_val kept = eng_host_object(e, &counter_class, &ten, NULL);
        ck_assert_ptr_eq(eng_host_pointer(e, kept, &counter_class), &ten);
        ck_assert_ptr_null(eng_host_pointer(e, kept, &other_class));
        ck_assert_str_eq(caught(e), "TypeError: value is not a Other");
        ck_assert_ptr_null(eng_host_pointer(e, eng_object(e), &counter_class));
        caught(e);
        ck_assert_ptr_null(eng_host_pointer(e, ENG_UNDEF, &counter_class));
        caught(e);
        eng_val proto = run(e, "({kind: 'counter'})");
        eng_val with_proto = eng_host_object(e, &other_class, NULL, proto);
        ck_assert_str_eq(eng_to_string(e, eng_get(e, with_proto, "kind"), NULL), "counter");
        eng_scope_open(e, &scope);
        for (int i = 0; i < 100; i++)
                ck_assert_ptr_nonnull(eng_host_object(e, &counter_class, &one, ENG_NUL));
        eng_scope_close(e, &scope, NULL);
        eng_collect(e, true);
        ck_assert_int_ge(finalized, 99); /* a last one may still be seen on the stack */
        ck_assert_int_le(finalized, 100);
        ck_assert_ptr_eq(eng_host_pointer(e, kept, &counter_class), &ten);
}
END_TEST

/* Objects that weigh much are collected though there are few of them. */
START_TEST(host_weights)
{
        static int one = 1;
        eng *e = test_start();
        eng_scope scope;
        struct eng_stats stats;

        finalized = 0;
        for (int i = 0; i < 100; i++) {
                eng_scope_open(e, &scope);
                eng_val v = eng_host_object(e, &counter_class, &one, NULL);
                ck_assert_ptr_nonnull(v);
                eng_host_weigh(e, v, (size_t)64 << 20);
                ck_assert_ptr_nonnull(run(e, "void Array.from({ length: 1000 }, (_, i) => ({ i }))"));
                eng_scope_close(e, &scope, NULL);
        }
        eng_stats_get(e, &stats);
        ck_assert_uint_gt(stats.gc_count, 0);
        ck_assert_int_gt(finalized, 0);
        eng_collect(e, true);
        ck_assert_uint_gt(eng_malloc_bytes(e), 0);
        ck_assert_uint_lt(eng_malloc_bytes(e), (uint64_t)200 << 20);
}
END_TEST

Suite *engine_args_suite(void)
{
        Suite *suite = suite_create("engine natives");
        TCase *tcase = tcase_create("natives");
        tcase_add_test(tcase, natives);
        tcase_add_test(tcase, calls);
        tcase_add_test(tcase, arguments);
        tcase_add_test(tcase, host_objects);
        tcase_add_test(tcase, host_weights);
        tcase_set_timeout(tcase, 60);
        suite_add_tcase(suite, tcase);
        return suite;
}
