/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test_engine.h"

enum { CHILDREN = 200 };

struct drawn {
        double first, second;
};

static void child(eng *e, int fd)
{
        struct drawn d;
        if (!eng_after_fork(e) || !eng_random_untouched(e))
                _exit(2);
        run(e, "var o = []; for (let i = 0; i < 2000; i++) o.push({i, r: warm(i)})");
        if (run_number(e, "later()") != 7)
                _exit(3);
        d.first = run_number(e, "Math.random()");
        d.second = run_number(e, "Math.random()");
        run(e,
            "WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0])).then(() => { done = 1 }); var done");
        for (int i = 0; i < 60000 && !eng_truthy(e, run(e, "done")); i++) {
                if (!eng_run_jobs(e))
                        _exit(4);
                usleep(1000);
        }
        if (!eng_truthy(e, run(e, "done")))
                _exit(5);
        if (write(fd, &d, sizeof d) != sizeof d)
                _exit(6);
        _exit(0);
}

static int compare(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return x < y ? -1 : x > y;
}

static void all_distinct(double *values, size_t count)
{
        qsort(values, count, sizeof *values, compare);
        for (size_t i = 1; i < count; i++)
                ck_assert(values[i - 1] != values[i]);
}

/* Even when the parent has drawn, which it should not. */
static void fork_many(bool drawn_before)
{
        static double first[CHILDREN], both[CHILDREN * 2];
        int fds[2];
        eng *e = test_start();
        run(e, "function warm(i) { return i * 2 + 1 } for (let i = 0; i < 1e5; i++) warm(i);"
               "/(a|b)+c/.test('ababc'); function later() { return 7 }");
        ck_assert(eng_random_untouched(e));
        if (drawn_before) {
                run(e, "Math.random()");
                ck_assert(!eng_random_untouched(e));
        }
        eng_before_fork(e);
        ck_assert_int_eq(pipe(fds), 0);
        for (int i = 0; i < CHILDREN; i++) {
                struct drawn d;
                int status;
                pid_t pid = fork();
                ck_assert_int_ge(pid, 0);
                if (pid == 0)
                        child(e, fds[1]);
                ck_assert_int_eq(waitpid(pid, &status, 0), pid);
                ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", (unsigned)status);
                ck_assert_int_eq(read(fds[0], &d, sizeof d), sizeof d);
                first[i] = d.first;
                both[i * 2] = d.first;
                both[i * 2 + 1] = d.second;
        }
        all_distinct(first, CHILDREN);
        all_distinct(both, (size_t)CHILDREN * 2);
        close(fds[0]);
        close(fds[1]);
        ck_assert(run_number(e, "later()") == 7); /* the parent goes on */
}

START_TEST(children_differ)
{
        fork_many(false);
}
END_TEST

START_TEST(children_differ_after_a_draw)
{
        fork_many(true);
}
END_TEST

START_TEST(single_threaded_before_the_fork)
{
        eng *e = test_start();
        run(e, "let a = []; for (let i = 0; i < 1e6; i++) a.push({i}); new WebAssembly.Module(new Uint8Array("
               "[0,97,115,109,1,0,0,0]))");
        eng_collect(e, true);
        eng_before_fork(e);
        DIR *tasks = opendir("/proc/self/task");
        ck_assert_ptr_nonnull(tasks);
        int entries = 0;
        while (readdir(tasks))
                entries++;
        closedir(tasks);
        ck_assert_int_eq(entries, 3); /* ".", "..", and the only thread */
}
END_TEST

START_TEST(time_zone_of_the_child)
{
        int status;
        setenv("TZ", "UTC", 1);
        eng *e = test_start();
        ck_assert(run_number(e, "new Date(2020, 0, 1).getTimezoneOffset()") == 0);
        eng_before_fork(e);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                setenv("TZ", "Asia/Tokyo", 1);
                _exit(eng_after_fork(e) && run_number(e, "new Date(2020, 0, 1).getTimezoneOffset()") == -540
                              ? 0
                              : 1);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
}
END_TEST

/* It reads beyond the memory: the engine turns the fault into an exception, in children, too. */
START_TEST(wasm_fault_of_the_child)
{
        int status;
        eng *e = test_start();
        eng_before_fork(e);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                if (!eng_after_fork(e))
                        _exit(1);
                const char *message =
                        run_throws(e, "new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array("
                                      "[0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,5,3,1,0,1,7,5,1,1,"
                                      "102,0,0,10,10,1,8,0,65,127,40,2,0,26,11]))).exports.f()");
                _exit(strstr(message, "out of bounds") ? 0 : 2);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
}
END_TEST

Suite *engine_fork_suite(void)
{
        Suite *suite = suite_create("engine fork");
        TCase *tcase = tcase_create("fork");
        tcase_add_test(tcase, children_differ);
        tcase_add_test(tcase, children_differ_after_a_draw);
        tcase_add_test(tcase, single_threaded_before_the_fork);
        tcase_add_test(tcase, time_zone_of_the_child);
        tcase_add_test(tcase, wasm_fault_of_the_child);
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
        return suite;
}
