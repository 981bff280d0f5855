/* SPDX-License-Identifier: MPL-2.0 */
/* Scripts that would not end, and scripts that want too much. */
#include "config.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/test_engine.h"

static void *interrupt_later(void *data)
{
        usleep(100 * 1000);
        eng_interrupt(data, 1);
        return NULL;
}

static const char *const endless[] = {
        "for (;;) ;",
        "for (;;) { try { throw 1 } catch (x) { } finally { } }",
        "function hot(i) { return i * 2 } for (let i = 0; ; i++) hot(i)",
        "/^(a+)+$/.test('a'.repeat(40) + 'b')",
        "let a = new Float64Array(1 << 20); for (;;) { a[0]++; a.sort() }",
        "let m = new Map(); for (let i = 0; ; i = (i + 1) % 1000) m.set(i, i)",
        "(function* () { for (;;) yield 1 })().next; for (let x of (function* () { for (;;) yield 1 })()) ;",
        "new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,"
        "7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11]))).exports.f()",
        "new Promise(() => {}).then(); [1, 2].sort(() => { for (;;) ; })",
        "({toString() { for (;;) ; }}) + ''",
};

START_TEST(endless_is_stopped)
{
        eng *e = test_start();
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_later, e), 0);
        ck_assert_ptr_null(eng_eval(e, endless[_i], strlen(endless[_i]), "loop.js", 1));
        ck_assert(eng_terminating(e));
        ck_assert(!eng_pending(e));
        ck_assert_int_eq(seen.interrupts, 1);
        ck_assert_int_eq(seen.why, 1);
        ck_assert_ptr_nonnull(strstr(seen.stack, "loop.js:1"));
        pthread_join(thread, NULL);
        eng_resume(e);
        ck_assert(run_number(e, "1 + 1") == 2);
}
END_TEST

START_TEST(going_on)
{
        eng *e = test_start();
        pthread_t thread;
        seen.go_on = true;
        ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_later, e), 0);
        run(e, "let n = 0, end; function busy() { end = Date.now() + 300; while (Date.now() < end) n++ }");
        do
                run(e, "busy()");
        while (seen.interrupts == 0);
        ck_assert_int_eq(seen.interrupts, 1);
        pthread_join(thread, NULL);
}
END_TEST

static bool run_js_in_hook(void *data, eng *e, int why)
{
        (void)data;
        seen.interrupts++;
        ck_assert(run_number(e, "hooked = (globalThis.hooked || 0) + 1") == why);
        eng_eval(e, "null.x", 6, "hook.js", 1); /* stays in the hook */
        eng_interrupt(e, why + 1);
        return why < 3;
}

START_TEST(hook_may_run_js)
{
        test_hooks.interrupted = run_js_in_hook;
        eng *e = test_start();
        eng_interrupt(e, 1);
        ck_assert_ptr_null(eng_eval(e, "for (;;) ;", 10, "t", 1));
        ck_assert_int_eq(seen.interrupts, 3);
        ck_assert(!eng_pending(e));
}
END_TEST

START_TEST(interrupt_while_terminating_is_kept)
{
        eng *e = test_start();
        eng_interrupt(e, 1);
        ck_assert_ptr_null(eng_eval(e, "for (;;) ;", 10, "t", 1));
        eng_interrupt(e, 2);
        eng_resume(e);
        ck_assert_ptr_null(eng_eval(e, "for (;;) ;", 10, "t", 1));
        ck_assert_int_eq(seen.why, 2);
        ck_assert_int_eq(seen.interrupts, 2);
}
END_TEST

static eng_val native_recurse(eng *e, eng_args *args, void *data)
{
        (void)data;
        return eng_call(e, eng_arg(args, 0), NULL, 0, NULL);
}

static const char *const deep[] = {
        "(function f() { f() })()",
        "(function f() { recurse(f) })()",
        "let o = {}; for (let i = 0; i < 1e5; i++) o = {o}; JSON.stringify(o)",
        "JSON.parse('['.repeat(1e5))",
        "eval('('.repeat(1e5))",
        "new RegExp('('.repeat(1e5))",
        "let p = {}; for (let i = 0; i < 1e6; i++) p = new Proxy(p, {}); p.x",
        "let a = []; a[0] = a; let d = []; for (let i = 0; i < 1e5; i++) d = [d]; d.flat(Infinity)",
        "let s = {toString() { return '' + this }}; '' + s",
};

START_TEST(recursion_is_an_exception)
{
        eng *e = test_start();
        ck_assert(eng_define_function(e, eng_global(e), "recurse", 1, native_recurse, NULL));
        const char *message = run_throws(e, deep[_i]);
        ck_assert_msg(strstr(message, "too much recursion") || strstr(message, "too deeply nested") ||
                              strstr(message, "SyntaxError") || strstr(message, "too large") ||
                              strstr(message, "too many parentheses"),
                      "%s", message);
        ck_assert(run_number(e, "1 + 1") == 2);
}
END_TEST

static const char *const greedy[] = {
        "let a = []; for (;;) a.push({x: 1, y: [2]})",
        "let a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1))",
        "let a = []; for (;;) a.push('x'.repeat(1 << 16) + a.length, a.join().slice(1))",
        "let m = new Map(); for (let i = 0; ; i++) m.set(i, {i})",
        "let s = 'xyz'; let a = []; for (let i = 0; ; i++) a.push((s + i).split(''))",
        "let a = []; for (;;) { try { for (;;) a.push({x: 1, y: [2]}) } catch (x) {} }",
        "let p = Promise.resolve(); let a = []; for (;;) a.push(p.then(() => 1))",
};

START_TEST(memory_is_bounded)
{
        test_hooks.heap_max = 64u << 20;
        /* What stands behind it, set by the runner. */
        struct rlimit limit = { 512u << 20, 512u << 20 };
#ifndef HAVE_SANITIZERS
        ck_assert_int_eq(setrlimit(RLIMIT_DATA, &limit), 0);
#else
        (void)limit;
#endif
        eng *e = test_start();
        ck_assert_ptr_null(eng_eval(e, greedy[_i], strlen(greedy[_i]), "greedy.js", 1));
        if (eng_terminating(e)) {
                ck_assert_int_eq(seen.why, ENG_WHY_MEMORY);
                ck_assert_ptr_nonnull(strstr(seen.stack, "greedy.js"));
                eng_resume(e);
        } else {
                const char *message = caught(e);
                ck_assert_msg(strstr(message, "out of memory") || strstr(message, "allocation size overflow"),
                              "%s", message);
        }
        struct rusage usage;
        ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
#ifndef HAVE_SANITIZERS
        ck_assert_int_lt(usage.ru_maxrss, 400 * 1024);
#endif
        ck_assert(run_number(e, "[1, 2, 3].map(x => x * 2).reduce((x, y) => x + y)") ==
                  12); /* the second phase */
}
END_TEST

START_TEST(too_big_at_once)
{
        static const char *const sources[] = {
                "new ArrayBuffer(2 ** 52)",
                "'x'.repeat(2 ** 30)",
                "new Array(2 ** 32)",
                "let b = []; for (;;) b.push(new ArrayBuffer(2 ** 32))",
        };
        eng *e = test_start();
#ifndef HAVE_SANITIZERS
        struct rlimit limit = { 1u << 30, 1u << 30 };
        ck_assert_int_eq(setrlimit(RLIMIT_DATA, &limit), 0);
#endif
        for (size_t i = 0; i < sizeof sources / sizeof sources[0] - (i == 3); i++) {
#ifdef HAVE_SANITIZERS
                if (i == 3)
                        break; /* address space is not limited there */
#endif
                const char *message = run_throws(e, sources[i]);
                ck_assert_msg(strstr(message, "RangeError") || strstr(message, "out of memory") ||
                                      strstr(message, "allocation size overflow"),
                              "%s", message);
        }
}
END_TEST

START_TEST(statistics)
{
        eng *e = test_start();
        struct eng_stats before, after;
        eng_stats_get(e, &before);
        uint64_t malloc_before = eng_malloc_bytes(e);
        run(e, "var kept = []; for (let i = 0; i < 1e5; i++) kept.push({i, a: [i]}); kept.length");
        eng_collect(e, false);
        eng_stats_get(e, &after);
        ck_assert_uint_gt(after.gc_heap_bytes, before.gc_heap_bytes);
        ck_assert_uint_gt(eng_malloc_bytes(e), malloc_before);
        ck_assert_uint_gt(after.gc_count, before.gc_count);
        ck_assert_uint_gt(after.gc_time_us, before.gc_time_us);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *engine_limits_suite(void)
{
        Suite *suite = suite_create("engine limits");
        TCase *tcase = tcase_create("limits");
        tcase_add_loop_test(tcase, endless_is_stopped, 0, COUNT(endless));
        tcase_add_test(tcase, going_on);
        tcase_add_test(tcase, hook_may_run_js);
        tcase_add_test(tcase, interrupt_while_terminating_is_kept);
        tcase_add_loop_test(tcase, recursion_is_an_exception, 0, COUNT(deep));
        tcase_add_loop_test(tcase, memory_is_bounded, 0, COUNT(greedy));
        tcase_add_test(tcase, too_big_at_once);
        tcase_add_test(tcase, statistics);
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
        return suite;
}
