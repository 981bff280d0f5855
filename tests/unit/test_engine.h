/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of the engine layer share. check runs each test in a process of its own, so that each
 * can start the one engine that a process may have. */
#ifndef TESTS_TEST_ENGINE_H
#define TESTS_TEST_ENGINE_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

#include "runner/engine.h"

/* A module that the test's loader knows. */
struct test_module {
        const char *url;
        const char *text; /* NULL: not found; "!reason": unreadable for this reason */
};

/* What the hooks saw. */
struct test_seen {
        int rejections, job_errors, warnings, interrupts;
        int why;
        int loads;
        char last[512];  /* text of the last rejection, error or warning */
        char stack[512]; /* at the last interrupt */
        bool go_on;      /* what the interrupt hook answers */
};

extern struct test_seen seen;
extern struct eng_hooks test_hooks; /* to be changed before test_start() */

void test_modules(const struct test_module *modules, size_t count);
/* A URL that test_modules() does not list: its text from now on. NULL forgets it. */
void test_module_set(const char *url, const char *text);
eng *test_start(void);
/* Evaluate @source; the test fails if it throws. */
eng_val run(eng *e, const char *source);
double run_number(eng *e, const char *source);
const char *run_string(eng *e, const char *source);
/* Evaluate @source, which must throw; its message. */
const char *run_throws(eng *e, const char *source);
/* The message of the pending exception, which is taken. */
const char *caught(eng *e);

Suite *engine_args_suite(void);
Suite *engine_cache_suite(void);
Suite *engine_errors_suite(void);
Suite *engine_fork_suite(void);
Suite *engine_jobs_suite(void);
Suite *engine_limits_suite(void);
Suite *engine_modules_suite(void);
Suite *engine_scopes_suite(void);
Suite *engine_values_suite(void);

#endif
