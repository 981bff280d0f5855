/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "tests/unit/test_engine.h"

START_TEST(order_of_jobs)
{
        eng *e = test_start();
        run(e,
            "var log = []; Promise.resolve().then(() => { log.push(1); Promise.resolve().then(() => log.push(3)) });"
            "(async () => { await null; log.push(2) })(); log.push(0)");
        ck_assert_str_eq(run_string(e, "log.join()"), "0");
        ck_assert(eng_run_jobs(e));
        ck_assert_str_eq(run_string(e, "log.join()"), "0,1,2,3");
}
END_TEST

START_TEST(many_awaits)
{
        eng *e = test_start();
        run(e, "var n = 0; (async () => { for (let i = 0; i < 1e6; i++) { await i; n++ } })()");
        ck_assert(eng_run_jobs(e));
        ck_assert(run_number(e, "n") == 1e6);
}
END_TEST

START_TEST(many_jobs_at_once)
{
        eng *e = test_start();
        run(e, "var sum = 0; for (let i = 0; i < 20000; i++) Promise.resolve(i).then(x => { sum += x;"
               " if (x % 2) Promise.resolve().then(() => sum++) })");
        ck_assert(eng_run_jobs(e));
        ck_assert(run_number(e, "sum") == 19999.0 * 20000 / 2 + 10000);
}
END_TEST

START_TEST(microtasks)
{
        eng *e = test_start();
        ck_assert(eng_enqueue(e, run(e, "(() => { throw new Error('in a job') })")));
        ck_assert(eng_enqueue(e, run(e, "var after; (() => { after = 1 })")));
        ck_assert(!eng_enqueue(e, ENG_NUL));
        caught(e);
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.job_errors, 1);
        ck_assert_str_eq(seen.last, "Error: in a job");
        ck_assert(run_number(e, "after") == 1);
}
END_TEST

START_TEST(rejections)
{
        eng *e = test_start();
        run(e, "Promise.reject(new Error('nobody looks'))");
        ck_assert_int_eq(seen.rejections, 0);
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.rejections, 1);
        ck_assert_str_eq(seen.last, "Error: nobody looks");
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.rejections, 1);
        run(e,
            "var p = Promise.reject(1); p.catch(() => 0); Promise.resolve().then(() => Promise.reject(2).catch(() => 0))");
        run(e,
            "var q = Promise.reject(3); Promise.resolve().then(() => q.catch(() => 0))"); /* late, but in time */
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.rejections, 1);
        run(e, "for (let i = 0; i < 5000; i++) { Promise.reject(i).catch(() => 0); } Promise.reject('last')");
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.rejections, 2);
        ck_assert_str_eq(seen.last, "last");
        eng_promise_watch(e, run(e, "Promise.reject('watched')"));
        eng_promise_watch(e, ENG_NUL);
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.rejections, 2);
}
END_TEST

START_TEST(promises_from_c)
{
        eng *e = test_start();
        eng_ref *settler;
        eng_val result = NULL;
        eng_val p = eng_promise(e, &settler);
        ck_assert(eng_set(e, eng_global(e), "p", p));
        run(e, "var got; p.then(x => { got = x }, x => { got = 'no ' + x })");
        ck_assert_int_eq(eng_promise_state(e, p, &result), ENG_PENDING);
        ck_assert(eng_settle(e, settler, ENG_FULFILLED, eng_number(e, 5)));
        ck_assert(eng_run_jobs(e));
        ck_assert(run_number(e, "got") == 5);
        ck_assert_int_eq(eng_promise_state(e, p, &result), ENG_FULFILLED);
        ck_assert_str_eq(eng_to_source(e, result), "5");

        p = eng_promise(e, &settler);
        eng_throw(e, ENG_E_RANGE, "taken");
        ck_assert(eng_settle(e, settler, ENG_FULFILLED, NULL));
        ck_assert(!eng_pending(e));
        ck_assert_int_eq(eng_promise_state(e, p, &result), ENG_REJECTED);
        eng_promise_watch(e, p);

        p = eng_promise(e, &settler);
        eng_promise_watch(e, p);
        ck_assert(eng_settle(e, settler, ENG_REJECTED, ENG_NUL));
        ck_assert_int_eq(eng_promise_state(e, p, NULL), ENG_REJECTED);

        eng_val resolved = eng_promise_resolved(e, p);
        ck_assert(eng_same(e, resolved, p));
        ck_assert_int_eq(eng_promise_state(e, eng_promise_resolved(e, ENG_TRUE), &result), ENG_FULFILLED);
        p = eng_promise_rejected(e, ENG_TRUE);
        eng_promise_watch(e, p);
        ck_assert_int_eq(eng_promise_state(e, p, NULL), ENG_REJECTED);
        ck_assert_int_eq(eng_promise_state(e, ENG_NUL, NULL), ENG_PENDING);
        ck_assert(eng_run_jobs(e));
        ck_assert_int_eq(seen.rejections, 0);
}
END_TEST

static eng_val native_interrupt(eng *e, eng_args *args, void *data)
{
        (void)args;
        (void)data;
        eng_interrupt(e, 3);
        return ENG_UNDEF;
}

START_TEST(termination_keeps_the_rest)
{
        eng *e = test_start();
        ck_assert(eng_define_function(e, eng_global(e), "interrupt", 0, native_interrupt, NULL));
        run(e,
            "var log = []; Promise.resolve().then(() => log.push('a'));"
            "Promise.resolve().then(() => { try { interrupt(); for (;;) ; } catch (x) { log.push('caught') }"
            "                               finally { log.push('finally') } });"
            "Promise.resolve().then(() => log.push('b')); Promise.reject('unseen')");
        ck_assert(!eng_run_jobs(e));
        ck_assert(eng_terminating(e));
        ck_assert(!eng_pending(e));
        ck_assert_int_eq(seen.why, 3);
        ck_assert_ptr_nonnull(strstr(seen.stack, "test.js:1:"));
        ck_assert(!eng_run_jobs(e));
        ck_assert_ptr_null(eng_eval(e, "1", 1, "t", 1));
        ck_assert_ptr_null(eng_object(e));
        ck_assert_ptr_null(eng_throw(e, ENG_E_ERROR, "not now"));
        ck_assert_ptr_null(eng_catch(e));
        eng_resume(e);
        ck_assert(eng_run_jobs(e));
        ck_assert_str_eq(run_string(e, "log.join()"), "a,b");
        ck_assert_int_eq(seen.rejections, 1);
}
END_TEST

static eng_val native_drain(eng *e, eng_args *args, void *data)
{
        (void)args;
        (void)data;
        return eng_bool(eng_run_jobs(e));
}

START_TEST(jobs_do_not_nest)
{
        eng *e = test_start();
        ck_assert(eng_define_function(e, eng_global(e), "drain", 0, native_drain, NULL));
        run(e, "var log = []; Promise.resolve().then(() => { Promise.resolve().then(() => log.push('later'));"
               "log.push(drain()) })");
        ck_assert(eng_run_jobs(e));
        ck_assert_str_eq(run_string(e, "log.join()"), "true,later");
}
END_TEST

START_TEST(weak_references)
{
        eng *e = test_start();
        run(e,
            "var log = [], r = new FinalizationRegistry(x => log.push(x)), w;"
            "(() => { for (let i = 0; i < 50; i++) { let o = {}; r.register(o, 'gone'); w = new WeakRef(o) } })()");
        ck_assert_str_eq(run_string(e, "typeof w.deref()"), "object");
        ck_assert(eng_run_jobs(e)); /* lets kept objects go */
        eng_collect(e, false);
        ck_assert(eng_run_jobs(e));
        ck_assert(run_number(e, "log.length") >= 49);
        ck_assert(!eng_wake_pending(e));
}
END_TEST

START_TEST(asynchronous_wasm)
{
        eng *e = test_start();
        ck_assert(eng_after_fork(e)); /* helper threads may be had from here on */
        run(e,
            "var w; WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,"
            "1,102,0,0,10,6,1,4,0,65,42,11])).then(r => { w = r.instance.exports.f() })");
        for (int i = 0; i < 60000 && !eng_truthy(e, run(e, "w")); i++) {
                ck_assert(eng_run_jobs(e));
                usleep(1000);
        }
        ck_assert(run_number(e, "w") == 42);
}
END_TEST

Suite *engine_jobs_suite(void)
{
        Suite *suite = suite_create("engine jobs");
        TCase *tcase = tcase_create("jobs");
        tcase_add_test(tcase, order_of_jobs);
        tcase_add_test(tcase, many_awaits);
        tcase_add_test(tcase, many_jobs_at_once);
        tcase_add_test(tcase, microtasks);
        tcase_add_test(tcase, rejections);
        tcase_add_test(tcase, promises_from_c);
        tcase_add_test(tcase, termination_keeps_the_rest);
        tcase_add_test(tcase, jobs_do_not_nest);
        tcase_add_test(tcase, weak_references);
        tcase_add_test(tcase, asynchronous_wasm);
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
        return suite;
}
