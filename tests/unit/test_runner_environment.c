/* SPDX-License-Identifier: MPL-2.0 */
/* Which variables a run gets. */
#include "config.h"

#include "tests/unit/test_runner.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/environment.h"

static const struct {
        const char *assignment;
        bool passed;
} variable_rows[] = {
        { "PATH=/bin", true },
        { "LC_TIME=C", true },
        { "LC_=x", true },
        { "BGTASK_NAME=x", true },
        { "MOZ_BACKGROUNDTASKS_NO_REMOVE_PROFILE=1", true },
        { "PASSED=x", true },
        { "PASSED_TOO=x", false },
        { "PATHS=x", false },
        { "PAT=x", false },
        { "SSH_AUTH_SOCK=/tmp/agent", false },
        { "AWS_SECRET_ACCESS_KEY=x", false },
        { "LD_PRELOAD=x.so", false },
        { "NOTIFY_SOCKET=@x", false },
        { "=x", false },
        { "PASSED", true },
};

START_TEST(test_variable)
{
        char *assignments[] = { strdup("HOME=/h"), strdup(variable_rows[_i].assignment), strdup("TZ=UTC"),
                                NULL };
        char *const all[] = { assignments[0], assignments[1], assignments[2] };
        char **saved = environ;
        struct task_policy policy;
        struct error error = ERROR_INIT;

        task_policy_init(&policy);
        ck_assert_int_eq(task_policy_set(&policy, "PassEnvironment", "OTHER PASSED", &error), 0);
        environ = assignments;
        environment_clean(&policy);
        environ = saved;
        ck_assert_ptr_eq(assignments[0], all[0]);
        if (variable_rows[_i].passed) {
                ck_assert_ptr_eq(assignments[1], all[1]);
                ck_assert_ptr_eq(assignments[2], all[2]);
                ck_assert_str_eq(all[1], variable_rows[_i].assignment);
        } else {
                ck_assert_ptr_eq(assignments[1], all[2]);
                ck_assert_ptr_null(assignments[2]);
                /* Not a letter of it is left in memory. */
                for (size_t i = 0; i < strlen(variable_rows[_i].assignment); i++)
                        ck_assert_int_eq(all[1][i], 0);
        }
        for (size_t i = 0; i < 3; i++)
                free(all[i]);
        task_policy_done(&policy);
}
END_TEST

START_TEST(test_variables_set)
{
        struct task_policy policy;
        struct error error = ERROR_INIT;

        task_policy_init(&policy);
        ck_assert_int_eq(
                task_policy_set(&policy, "Environment", "BGTASK_TEST=a=b \"BGTASK_OTHER=c d\"", &error), 0);
        ck_assert_int_eq(environment_set(&policy, &error), 0);
        ck_assert_str_eq(getenv("BGTASK_TEST"), "a=b");
        ck_assert_str_eq(getenv("BGTASK_OTHER"), "c d");
        task_policy_done(&policy);
}
END_TEST

START_TEST(test_pass_environment_refused)
{
        static const char *const bad[] = { "A=b", "9A", "a-b", "\"a b\"" };
        struct task_policy policy;

        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
                struct error error = ERROR_INIT;
                task_policy_init(&policy);
                ck_assert_int_lt(task_policy_set(&policy, "PassEnvironment", bad[i], &error), 0);
                ck_assert_ptr_nonnull(strstr(error.text, "PassEnvironment=: expected"));
                ck_assert_ptr_null(policy.pass_environment);
                task_policy_done(&policy);
        }
}
END_TEST

static atomic_bool reader_ends;

/* Goes through all of them all the time, as getenv() of any library does. */
static void *reader(void *data)
{
        size_t *seen = data;

        while (!atomic_load(&reader_ends))
                *seen += getenv("CHANGED") != NULL && getenv("NOWHERE") == NULL;
        return NULL;
}

/* What the other thread finds has to be there: a sanitizer's build would say so. */
static void change_beside(pthread_t *thread, size_t *seen)
{
        char name[24];

        ck_assert_int_eq(pthread_create(thread, NULL, reader, seen), 0);
        for (int i = 0; i < 5000; i++) {
                snprintf(name, sizeof(name), "V%d", i % 500);
                ck_assert_int_eq(environment_change(name, i / 500 % 2 ? NULL : "value"), 0);
                ck_assert_int_eq(environment_change("CHANGED", name), 0);
        }
        atomic_store(&reader_ends, true);
        ck_assert_int_eq(pthread_join(*thread, NULL), 0);
}

START_TEST(test_change)
{
        char *begin[] = { strdup("FIRST=1"), strdup("SECOND=2"), NULL };
        char **saved = environ;
        pthread_t thread;
        size_t seen = 0;

        environ = begin;
        ck_assert_int_eq(environment_change("", "x"), -EINVAL);
        ck_assert_int_eq(environment_change("A=B", "x"), -EINVAL);
        ck_assert_int_eq(environment_change("ABSENT", NULL), 0);
        ck_assert_ptr_eq(environ, begin);
        ck_assert_int_eq(environment_change("CHANGED", "0"), 0);
        ck_assert_str_eq(getenv("CHANGED"), "0");
        ck_assert_int_eq(environment_change("FIRST", NULL), 0);
        ck_assert_ptr_null(getenv("FIRST"));
        ck_assert_str_eq(getenv("SECOND"), "2");
        ck_assert_int_eq(environment_change("SECON", "x=y"), 0);
        ck_assert_str_eq(getenv("SECON"), "x=y");
        ck_assert_str_eq(getenv("SECOND"), "2");

        change_beside(&thread, &seen);
        ck_assert_str_eq(getenv("CHANGED"), "V499");
        size_t count = 0;
        while (environ[count])
                count++;
        ck_assert_uint_eq(count, 3);
        environ = saved;
        free(begin[0]);
        free(begin[1]);
}
END_TEST

TCase *test_runner_environment(void)
{
        TCase *tcase = tcase_create("environment");

        tcase_add_loop_test(tcase, test_variable, 0, sizeof(variable_rows) / sizeof(*variable_rows));
        tcase_add_test(tcase, test_variables_set);
        tcase_add_test(tcase, test_change);
        tcase_add_test(tcase, test_pass_environment_refused);
        return tcase;
}
