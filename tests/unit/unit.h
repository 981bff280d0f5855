/* SPDX-License-Identifier: MPL-2.0 */
/* What unit tests share: a main, and a directory that is gone when the test is. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* check writes down where it is at each assertion that holds, which costs a test of a million of them a minute. Here each
 * does so once a process: after a crash check names the newest one that was reached for the first time. */
static inline void unit_mark(bool *marked, const char *file, int line)
{
        if (!*marked)
                _mark_point(file, line);
        *marked = true;
}

#define _mark_point(file, line)                                                                              \
        ({                                                                                                   \
                static bool marked_here;                                                                     \
                unit_mark(&marked_here, file, line);                                                         \
        })

/* The main of a test program: run what @add adds. */
static inline int unit_main(const char *name, void (*add)(TCase *test_case))
{
        Suite *suite = suite_create(name);
        TCase *test_case = tcase_create(name);

        /* Under valgrind or a sanitizer, on a busy machine: the limit is there for what hangs. */
        tcase_set_timeout(test_case, 120);
        add(test_case);
        suite_add_tcase(suite, test_case);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A fresh directory; free with unit_directory_remove(). */
static inline char *unit_directory(void)
{
        const char *base = getenv("TMPDIR");
        char *path = path_join(base && *base ? base : "/tmp", "bgtaskd-unit-XXXXXX");

        ck_assert_ptr_nonnull(path);
        ck_assert_ptr_nonnull(mkdtemp(path));
        return path;
}

static inline void unit_directory_remove(char *path)
{
        ck_assert_int_eq(tree_remove(AT_FDCWD, path, NULL), 0);
        free(path);
}

#endif
