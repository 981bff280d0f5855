/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <string.h>

#include "tests/unit/test_engine.h"

static const struct test_module modules[] = {
        { "ok", "export const x = 1; export function f() { return x + 1 }" },
        { "mem:/meta", "export const m = [import.meta.url, import.meta.extra].join()" },
        { "parent", "import {x} from './child'; export const y = x * 2" },
        { "mem:/child", "export const x = 21" },
        { "dep-missing", "import 'nowhere'" },
        { "dep-missing-2", "import 'dep-missing'" },
        { "dep-unresolved", "import 'bad:x'" },
        { "locked", "!Permission denied" },
        { "dep-locked", "import 'locked'" },
        { "syntax", "export const = 1" },
        { "dep-syntax", "import 'syntax'" },
        { "link", "import {nope} from 'ok'" },
        { "throws", "throw new RangeError('on purpose')" },
        { "dep-throws", "import 'throws'" },
        { "tla", "export const v = await Promise.resolve(3)" },
        { "dep-tla", "import {v} from 'tla'; export const w = v" },
        { "latin1", "// caf\xe9" },
        { "empty", "" },
        { "cycle-a",
          "import {b} from 'cycle-b'; export const a = 'a'; export function get() { return b() }" },
        { "cycle-b", "import {a} from 'cycle-a'; export function b() { return a }" },
        { "self",
          "export let early = 1; const ns = importSync('self'); export const seen = ns.early; early = 2" },
        { "sync-root", "import {x} from 'sync-dep'; export const done = x" },
        { "sync-dep", "const ns = importSync('sync-root'); export const x = typeof ns" },
        { "nested",
          "let r; try { importSync('nowhere') } catch (x) { r = x.message } export const message = r" },
        { "nested-syntax", "importSync('syntax')" },
        { "over", "import {x} from 'over-dep'; export const y = x" },
        { "over-dep", "const ns = importSync('over-other'); export const x = 1" },
        { "over-other", "import 'over'; export const z = 1" },
        { "dynamic", "export const p = import('./child').then(ns => ns.x)" },
        { "tells", "import {x} from 'tells-dep'; globalThis.executed += 'b'" },
        { "tells-dep", "export const x = 1; globalThis.executed = 'a'" },
        { "data", "{\"a\": [1], \"__proto__\": 2}" },
        { "bad-data", "{\"a\": 1,}" },
        { "newer",
          "newer import d from 'with{type:json}data'; export const all = JSON.stringify(d), is = d" },
        { "newer-same", "import d from 'with{type:json}data'; export const is = d" },
        { "newer-bad", "newer import d from 'with{type:json}bad-data'" },
        { "newer-none", "newer import d from 'with{type:json}nowhere'" },
        { "newer-syntax", "newer export const = 2" },
        { "forever", "export const a = 1; interrupt(5); for (;;) ;" },
};

static eng_val native_import(eng *e, eng_args *args, void *data)
{
        const char *specifier;
        eng_val ns = NULL;
        (void)data;
        if (!eng_args_get(e, args, "importSync", "s", &specifier))
                return NULL;
        return eng_import(e, specifier, NULL, &ns) == ENG_IMPORT_OK ? ns : NULL;
}

static eng_val native_interrupt(eng *e, eng_args *args, void *data)
{
        int32_t why;
        (void)data;
        if (!eng_args_get(e, args, "interrupt", "i", &why))
                return NULL;
        eng_interrupt(e, why);
        return ENG_UNDEF;
}

static eng *start(void)
{
        test_modules(modules, sizeof modules / sizeof modules[0]);
        eng *e = test_start();
        ck_assert(eng_define_function(e, eng_global(e), "importSync", 1, native_import, NULL));
        ck_assert(eng_define_function(e, eng_global(e), "interrupt", 1, native_interrupt, NULL));
        return e;
}

static eng_val import_ok(eng *e, const char *specifier)
{
        eng_val ns = NULL;
        enum eng_import_outcome outcome = eng_import(e, specifier, NULL, &ns);
        ck_assert_msg(outcome == ENG_IMPORT_OK, "%s: %s: %s", specifier, eng_import_outcome_name(outcome),
                      eng_pending(e) ? caught(e) : "");
        return ns;
}

static const char *export_of(eng *e, const char *specifier, const char *name)
{
        const char *s = eng_to_string(e, eng_get(e, import_ok(e, specifier), name), NULL);
        ck_assert_ptr_nonnull(s);
        return s;
}

START_TEST(imports)
{
        eng *e = start();
        ck_assert(!eng_module_loaded(e, "ok"));
        ck_assert_str_eq(export_of(e, "ok", "x"), "1");
        ck_assert(eng_module_loaded(e, "ok"));
        ck_assert(eng_same(e, import_ok(e, "ok"), import_ok(e, "ok")));
        ck_assert_str_eq(export_of(e, "parent", "y"), "42");
        ck_assert(eng_module_loaded(e, "mem:/child"));
        ck_assert_str_eq(export_of(e, "mem:/meta", "m"), "mem:/meta,known");
        import_ok(e, "empty");
        ck_assert_str_eq(eng_to_string(e, eng_call_method(e, import_ok(e, "cycle-a"), "get", 0, NULL), NULL),
                         "a");
        ck_assert_int_eq(seen.loads, 7);
}
END_TEST

static struct {
        int calls, loads;
        bool executed;
} before;

static void note_before(void *data)
{
        before.calls++;
        before.loads = seen.loads;
        before.executed = eng_typeof(data, eng_get(data, eng_global(data), "executed")) != ENG_UNDEFINED;
}

/* When all is loaded, nothing is executed, and of several imports the first that gets so far. */
START_TEST(before_evaluation)
{
        eng *e = start();
        eng_val ns;

        memset(&before, 0, sizeof(before));
        eng_before_evaluation(e, note_before, e);
        ck_assert_int_eq(eng_import(e, "link", NULL, &ns), ENG_IMPORT_LINK);
        eng_catch(e);
        ck_assert_int_eq(before.calls, 0);
        int loads = seen.loads;
        import_ok(e, "tells");
        ck_assert_int_eq(before.calls, 1);
        ck_assert_int_eq(before.loads, loads + 2);
        ck_assert(!before.executed);
        ck_assert_str_eq(eng_to_string(e, eng_get(e, eng_global(e), "executed"), NULL), "ab");
        import_ok(e, "empty");
        ck_assert_int_eq(before.calls, 1);
        eng_before_evaluation(e, note_before, e);
        eng_before_evaluation(e, NULL, NULL);
        import_ok(e, "ok");
        ck_assert_int_eq(before.calls, 1);
}
END_TEST

static const struct {
        const char *specifier;
        enum eng_import_outcome outcome;
        const char *message;
} failures[] = {
        { "nowhere", ENG_IMPORT_NOT_FOUND, "Error: cannot load module nowhere: not found" },
        { "bad:y", ENG_IMPORT_NOT_FOUND, "TypeError: cannot resolve module specifier \"bad:y\"" },
        { "dep-missing", ENG_IMPORT_DEP_NOT_FOUND,
          "Error: cannot load module nowhere (imported by dep-missing:1:8): not found" },
        { "dep-missing-2", ENG_IMPORT_DEP_NOT_FOUND,
          "Error: cannot load module nowhere (imported by dep-missing:1:8): not found" },
        { "dep-unresolved", ENG_IMPORT_DEP_NOT_FOUND,
          "TypeError: cannot resolve module specifier \"bad:x\" (imported by dep-unresolved:1:8)" },
        { "locked", ENG_IMPORT_UNREADABLE, "Error: cannot load module locked: Permission denied" },
        { "dep-locked", ENG_IMPORT_UNREADABLE,
          "Error: cannot load module locked (imported by dep-locked:1:8): Permission denied" },
        { "latin1", ENG_IMPORT_UNREADABLE, "Error: cannot load module latin1: is not valid UTF-8" },
        { "syntax", ENG_IMPORT_SYNTAX, "SyntaxError" },
        { "dep-syntax", ENG_IMPORT_SYNTAX, "SyntaxError" },
        { "link", ENG_IMPORT_LINK, "SyntaxError" },
        { "throws", ENG_IMPORT_THREW, "RangeError: on purpose" },
        { "dep-throws", ENG_IMPORT_THREW, "RangeError: on purpose" },
        { "nested-syntax", ENG_IMPORT_THREW, "SyntaxError" },
        { "tla", ENG_IMPORT_TLA, "Error: tla: a module with top-level await cannot be imported here" },
        { "dep-tla", ENG_IMPORT_TLA,
          "Error: dep-tla: a module with top-level await cannot be imported here" },
};

START_TEST(failures_are_told_apart)
{
        eng *e = start();
        eng_val ns = NULL;
        for (int round = 0; round < 2; round++) { /* and the same a second time */
                enum eng_import_outcome outcome = eng_import(e, failures[_i].specifier, NULL, &ns);
                ck_assert_str_eq(eng_import_outcome_name(outcome),
                                 eng_import_outcome_name(failures[_i].outcome));
                ck_assert_ptr_null(ns);
                const char *message = caught(e);
                ck_assert_msg(strncmp(message, failures[_i].message, strlen(failures[_i].message)) == 0, "%s",
                              message);
        }
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.rejections, 0);
        import_ok(e, "ok");
}
END_TEST

START_TEST(referrer_is_named)
{
        eng *e = start();
        eng_val ns;
        ck_assert_int_eq(eng_import(e, "nowhere", "resource://gre/a.sys.mjs", &ns), ENG_IMPORT_NOT_FOUND);
        ck_assert_str_eq(
                caught(e),
                "Error: cannot load module nowhere (imported by resource://gre/a.sys.mjs): not found");
}
END_TEST

START_TEST(syntax_error_has_its_place)
{
        eng *e = start();
        eng_val ns;
        struct eng_error error;
        test_module_set("later", "\n\n  let 5");
        ck_assert_int_eq(eng_import(e, "later", NULL, &ns), ENG_IMPORT_SYNTAX);
        eng_describe(e, eng_catch(e), &error);
        ck_assert_str_eq(error.file, "later");
        ck_assert_uint_eq(error.line, 3);
        ck_assert_uint_eq(error.column, 3);
}
END_TEST

START_TEST(retry_reads_anew)
{
        eng *e = start();
        eng_val ns;
        ck_assert_int_eq(eng_import(e, "dep-missing-2", NULL, &ns), ENG_IMPORT_DEP_NOT_FOUND);
        caught(e);
        ck_assert(!eng_module_loaded(e, "dep-missing-2") && !eng_module_loaded(e, "dep-missing"));
        test_module_set("nowhere", "export const here = 1");
        import_ok(e, "dep-missing-2");
        test_module_set("late", "import {gone} from 'ok'");
        ck_assert_int_eq(eng_import(e, "late", NULL, &ns), ENG_IMPORT_LINK);
        caught(e);
        test_module_set("late", "import {x} from 'ok'; export const y = x");
        ck_assert_str_eq(export_of(e, "late", "y"), "1");
        test_module_set("late", "import 'nothing else'");
        ck_assert_str_eq(export_of(e, "late", "y"), "1"); /* loaded is loaded */
}
END_TEST

START_TEST(evaluation_error_is_kept)
{
        eng *e = start();
        eng_val ns;
        ck_assert_int_eq(eng_import(e, "throws", NULL, &ns), ENG_IMPORT_THREW);
        eng_val first = eng_catch(e);
        test_module_set("throws", "export const fixed = 1");
        ck_assert_int_eq(eng_import(e, "throws", NULL, &ns), ENG_IMPORT_THREW);
        ck_assert(eng_same(e, first, eng_catch(e)));
        ck_assert_int_eq(eng_import(e, "dep-throws", NULL, &ns), ENG_IMPORT_THREW);
        ck_assert(eng_same(e, first, eng_catch(e)));
}
END_TEST

START_TEST(cycles_of_synchronous_imports)
{
        eng *e = start();
        ck_assert_str_eq(export_of(e, "self", "seen"), "1");
        ck_assert_str_eq(export_of(e, "self", "early"), "2");
        ck_assert_str_eq(export_of(e, "sync-root", "done"), "object");
        ck_assert_str_eq(export_of(e, "nested", "message"), "cannot load module nowhere: not found");
        /* A new module that depends statically on one that is being evaluated: it works, or says why. */
        eng_val ns;
        enum eng_import_outcome outcome = eng_import(e, "over", NULL, &ns);
        if (outcome != ENG_IMPORT_OK)
                ck_assert_str_eq(caught(e),
                                 "Error: over-other depends on a module whose evaluation has not ended");
}
END_TEST

START_TEST(tla_settles_later)
{
        eng *e = start();
        eng_val ns;
        ck_assert_int_eq(eng_import(e, "dep-tla", NULL, &ns), ENG_IMPORT_TLA);
        caught(e);
        ck_assert(eng_run_jobs(e));
        ck_assert_str_eq(export_of(e, "dep-tla", "w"), "3");
}
END_TEST

START_TEST(dynamic_import)
{
        static const char *const cases[][2] = {
                { "import('ok').then(ns => ns.f())", "2" },
                { "import('tla').then(ns => ns.v)", "3" },
                { "import('dep-tla').then(ns => ns.w)", "3" },
                { "import('nowhere').catch(x => x.message)",
                  "error loading dynamically imported module: nowhere" },
                { "import('bad:z').catch(x => x.name)", "TypeError" },
                { "import('syntax').catch(x => x.name)", "SyntaxError" },
                { "import('link').catch(x => x.name)", "SyntaxError" },
                { "import('throws').catch(x => x.message)", "on purpose" },
                { "import({toString() { throw 'odd' }}).catch(x => x)", "odd" },
                { "Promise.all([import('ok'), import('ok')]).then(a => a[0] === a[1])", "true" },
                { "import('dynamic').then(ns => ns.p)", "21" },
        };
        eng *e = start();
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                eng_val promise = run(e, cases[i][0]), result;
                ck_assert_int_eq(eng_promise_state(e, promise, NULL), ENG_PENDING);
                ck_assert(eng_run_jobs(e));
                ck_assert_msg(eng_promise_state(e, promise, &result) == ENG_FULFILLED, "%s", cases[i][0]);
                ck_assert_str_eq(eng_to_string(e, result, NULL), cases[i][1]);
        }
        run(e, "var order = []; import('ok').then(() => order.push('loaded')); order.push('asked')");
        ck_assert(eng_run_jobs(e));
        ck_assert_str_eq(run_string(e, "order.join()"), "asked,loaded");
        run(e, "import('nowhere')");
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.rejections, 1);
}
END_TEST

START_TEST(terminated_evaluation)
{
        eng *e = start();
        eng_val ns;
        ck_assert_int_eq(eng_import(e, "forever", NULL, &ns), ENG_IMPORT_TERMINATED);
        ck_assert(eng_terminating(e) && !eng_pending(e));
        ck_assert_int_eq(eng_import(e, "ok", NULL, &ns), ENG_IMPORT_TERMINATED);
        eng_resume(e);
        import_ok(e, "ok");
        ck_assert(!eng_module_loaded(e, "forever"));
        ck_assert_int_eq(eng_import(e, "forever", NULL, &ns), ENG_IMPORT_THREW);
        ck_assert_str_eq(caught(e), "Error: forever: its evaluation was terminated");
        test_module_set("dynamic-forever", "interrupt(6); for (;;) ;");
        run(e, "import('dynamic-forever')");
        ck_assert(!eng_run_jobs(e));
        eng_resume(e);
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.why, 6);
}
END_TEST

/* As LanguageSyntax.js does it: "newer" is what the engine does not know. */
static char *rewrite(void *data, eng *e, const char *text, size_t size, size_t *ret_size)
{
        static const char prefix[] = "newer ";
        (void)data;
        ck_assert(!eng_pending(e));
        if (size < strlen(prefix) || memcmp(text, prefix, strlen(prefix)) != 0)
                return NULL;
        char *rest = strdup(text + strlen(prefix));
        *ret_size = strlen(rest);
        return rest;
}

START_TEST(rewritten)
{
        static const struct {
                const char *specifier;
                enum eng_import_outcome outcome;
                const char *message;
        } failing[] = {
                { "newer-bad", ENG_IMPORT_SYNTAX, "SyntaxError: JSON.parse: " },
                { "newer-none", ENG_IMPORT_DEP_NOT_FOUND, "Error: cannot load module nowhere" },
                { "newer-syntax", ENG_IMPORT_SYNTAX, "SyntaxError: unexpected token: keyword 'export'" },
                { "syntax", ENG_IMPORT_SYNTAX, "SyntaxError: missing variable name" },
        };
        eng_val ns;
        test_hooks.rewrite = rewrite;
        eng *e = start();
        ck_assert_str_eq(export_of(e, "newer", "all"), "{\"a\":[1],\"__proto__\":2}");
        ck_assert(eng_same(e, eng_get(e, import_ok(e, "newer"), "is"),
                           eng_get(e, import_ok(e, "newer-same"), "is")));
        for (size_t i = 0; i < sizeof failing / sizeof failing[0]; i++) {
                ck_assert_int_eq(eng_import(e, failing[i].specifier, NULL, &ns), failing[i].outcome);
                const char *message = caught(e);
                ck_assert_msg(strncmp(message, failing[i].message, strlen(failing[i].message)) == 0, "%s",
                              message);
        }
}
END_TEST

Suite *engine_modules_suite(void)
{
        Suite *suite = suite_create("engine modules");
        TCase *tcase = tcase_create("modules");
        tcase_add_test(tcase, imports);
        tcase_add_test(tcase, before_evaluation);
        tcase_add_loop_test(tcase, failures_are_told_apart, 0, (int)(sizeof failures / sizeof failures[0]));
        tcase_add_test(tcase, referrer_is_named);
        tcase_add_test(tcase, syntax_error_has_its_place);
        tcase_add_test(tcase, rewritten);
        tcase_add_test(tcase, retry_reads_anew);
        tcase_add_test(tcase, evaluation_error_is_kept);
        tcase_add_test(tcase, cycles_of_synchronous_imports);
        tcase_add_test(tcase, tla_settles_later);
        tcase_add_test(tcase, dynamic_import);
        tcase_add_test(tcase, terminated_evaluation);
        tcase_set_timeout(tcase, 60);
        suite_add_tcase(suite, tcase);
        return suite;
}
