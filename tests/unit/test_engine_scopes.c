/* SPDX-License-Identifier: MPL-2.0 */
/* Handles, scopes and references while the collector moves everything. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test_engine.h"

START_TEST(scopes_nest)
{
        eng *e = test_start();
        eng_scope outer, inner;
        eng_scope_open(e, &outer);
        eng_val a = eng_cstring(e, "a");
        eng_scope_open(e, &inner);
        for (int i = 0; i < 5000; i++) /* more than one chunk */
                ck_assert_ptr_nonnull(eng_cstring(e, "garbage"));
        eng_val kept = eng_scope_close(e, &inner, eng_cstring(e, "kept"));
        eng_collect(e, true);
        ck_assert_str_eq(eng_to_string(e, a, NULL), "a");
        ck_assert_str_eq(eng_to_string(e, kept, NULL), "kept");
        eng_scope_open(e, &inner);
        eng_val same = eng_scope_close(e, &inner, a); /* one of the outer scope */
        ck_assert_str_eq(eng_to_string(e, same, NULL), "a");
        ck_assert_ptr_null(eng_scope_close(e, &outer, NULL));
}
END_TEST

START_TEST(references)
{
        eng *e = test_start();
        eng_ref *refs[200];
        eng_scope scope;
        char text[32];
        eng_scope_open(e, &scope);
        for (size_t i = 0; i < 200; i++) {
                snprintf(text, sizeof text, "value %zu", i);
                eng_val o = eng_object(e);
                ck_assert(eng_set(e, o, "text", eng_cstring(e, text)));
                refs[i] = eng_ref_new(e, o);
        }
        eng_scope_close(e, &scope, NULL);
        for (size_t i = 0; i < 200; i += 2)
                eng_ref_free(e, refs[i]);
        for (int round = 0; round < 3; round++) {
                run(e, "var a = []; for (let i = 0; i < 1e5; i++) a.push({i})");
                eng_collect(e, round == 2);
        }
        for (size_t i = 1; i < 200; i += 2) {
                snprintf(text, sizeof text, "value %zu", i);
                ck_assert_str_eq(eng_to_string(e, eng_get(e, eng_ref_get(refs[i]), "text"), NULL), text);
                eng_ref_free(e, refs[i]);
        }
        eng_ref_free(e, NULL);
        ck_assert_ptr_null(eng_ref_get(NULL));
}
END_TEST

/* Collects between every two steps, and inside natives called by natives. */
static eng_val native_churn(eng *e, eng_args *args, void *data)
{
        eng_val first = eng_arg(args, 0), callback = eng_arg(args, 1);
        (void)data;
        eng_collect(e, true);
        eng_val o = eng_object(e);
        eng_collect(e, false);
        ck_assert(eng_set(e, o, "first", first));
        eng_collect(e, true);
        eng_val argv[] = { o, eng_cstring(e, "second") };
        eng_val result = eng_call(e, callback, o, 2, argv);
        eng_collect(e, true);
        ck_assert(eng_set(e, o, "result", result));
        ck_assert(eng_same(e, eng_get(e, o, "first"), eng_arg(args, 0)));
        ck_assert(eng_same(e, eng_get(e, o, "first"), first));
        return o;
}

START_TEST(collection_everywhere)
{
        eng *e = test_start();
        ck_assert(eng_define_function(e, eng_global(e), "churn", 2, native_churn, NULL));
        ck_assert_str_eq(run_string(e, "function cb(o, s) { return o.first.depth > 3 ? s :"
                                       "  churn({depth: o.first.depth + 1}, cb).result + '!' }"
                                       "churn({depth: 0}, cb).result"),
                         "second!!!!");
}
END_TEST

START_TEST(values_survive_minor_collections)
{
        eng *e = test_start();
        eng_val objects[1000];
        for (int i = 0; i < 1000; i++) {
                objects[i] = eng_object(e);
                ck_assert(eng_set(e, objects[i], "i", eng_number(e, i)));
                if (i % 100 == 0)
                        run(e, "for (let j = 0; j < 20000; j++) ({j})");
        }
        for (int i = 0; i < 1000; i++) {
                double n;
                ck_assert(eng_to_number(e, eng_get(e, objects[i], "i"), &n) && n == i);
        }
}
END_TEST

static eng_val native_leaks(eng *e, eng_args *args, void *data)
{
        eng_scope never_closed;
        (void)args;
        (void)data;
        eng_scope_open(e, &never_closed);
        for (int i = 0; i < 100; i++)
                (void)eng_to_string(e, eng_number(e, i), NULL);
        return eng_number(e, 1);
}

START_TEST(natives_cannot_unbalance_scopes)
{
        eng *e = test_start();
        eng_scope before, after;
        ck_assert(eng_define_function(e, eng_global(e), "leaks", 0, native_leaks, NULL));
        eng_scope_open(e, &before);
        eng_val fn = eng_get(e, eng_global(e), "leaks");
        for (int i = 0; i < 100; i++)
                ck_assert_ptr_nonnull(eng_call(e, fn, NULL, 0, NULL));
        eng_scope_open(e, &after);
        ck_assert_uint_le(after.mark[0] - before.mark[0], 102);
        ck_assert_uint_eq(after.mark[1], before.mark[1]);
        eng_scope_close(e, &before, NULL);
}
END_TEST

Suite *engine_scopes_suite(void)
{
        Suite *suite = suite_create("engine scopes");
        TCase *tcase = tcase_create("scopes");
        tcase_add_test(tcase, scopes_nest);
        tcase_add_test(tcase, references);
        tcase_add_test(tcase, collection_everywhere);
        tcase_add_test(tcase, values_survive_minor_collections);
        tcase_add_test(tcase, natives_cannot_unbalance_scopes);
        tcase_set_timeout(tcase, 60);
        suite_add_tcase(suite, tcase);
        return suite;
}
