/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The standard workload with a fault in each of its system calls in turn, of every kind, from the first to the last. After
 * each the store is opened again without faults: what was acknowledged is there, nothing is half there, and what was
 * said about the fault was one line. Of the kinds that have hundreds of calls every eighth gets its turn, beginning
 * with another one in each kind; BGTASKD_FAULTS=all: every one.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/util.h"
#include "tests/powercut/disk.h"
#include "tests/powercut/workload.h"

static const struct {
        const char *name;
        unsigned calls;
        int code;
        enum disk_fault fault;
        unsigned first, step;
} faults[] = {
        { "disk full", DISK_WRITE | DISK_SIZE, ENOSPC, DISK_FAULT_ONCE, 1, 8 },
        { "disk full from there on", DISK_WRITE | DISK_SIZE | DISK_OPEN | DISK_NAME, ENOSPC, DISK_FAULT_STAYS,
          2, 8 },
        { "disk full, half a write", DISK_WRITE, ENOSPC, DISK_FAULT_SHORT, 3, 8 },
        { "write error", DISK_WRITE, EIO, DISK_FAULT_ONCE, 4, 8 },
        { "sync error", DISK_SYNC, EIO, DISK_FAULT_LOSES, 1, 1 },
        { "read-only from there on", DISK_WRITE | DISK_SIZE | DISK_OPEN | DISK_NAME, EROFS, DISK_FAULT_STAYS,
          5, 8 },
        { "no file can be opened", DISK_OPEN, EMFILE, DISK_FAULT_ONCE, 1, 1 },
        { "name error", DISK_NAME, EIO, DISK_FAULT_ONCE, 1, 1 },
        { "size error", DISK_SIZE, EIO, DISK_FAULT_ONCE, 1, 1 },
        { "lock error", DISK_LOCK, ENOLCK, DISK_FAULT_ONCE, 1, 1 },
        { "read error", DISK_READ, EIO, DISK_FAULT_ONCE, 1, 16 },
        { "any error", DISK_ANY, EIO, DISK_FAULT_STAYS, 1, 32 },
};

#ifdef HAVE_SANITIZERS
#define STRIDE 4 /* the others get their turn without them, which is several times faster */
#else
#define STRIDE 1
#endif

static char state[64];

static void setup(void)
{
        workload_directory(state);
        workload_init();
}

static void teardown(void)
{
        disk_end();
        ck_assert_int_eq(tree_remove(AT_FDCWD, state, NULL), 0);
}

static void text_is_clear(const struct error *error, const char *context)
{
        size_t length = strlen(error->text);
        ck_assert_msg(length > 10 && length < 400 && !strchr(error->text, '\n'), "%s: \"%s\"", context,
                      error->text);
        ck_assert_msg(strstr(error->text, "bgtaskd") || strstr(error->text, state), "%s: \"%s\"", context,
                      error->text);
}

/* Whether the fault came to pass. */
static bool work_with_fault(unsigned number, int which)
{
        static struct workload workload;
        char context[128];
        snprintf(context, sizeof(context), "%s, call %u", faults[which].name, number);
        disk_begin(state);
        disk_fail(number, faults[which].calls, faults[which].code, faults[which].fault);
        workload_run(&workload, state, 2);
        bool failed = disk_failed();
        size_t end = disk_now();
        disk_fail(0, 0, 0, DISK_FAULT_ONCE);
        disk_end();
        ck_assert_msg(failed || workload.failed.code == 0, "%s: %s", context, workload.failed.text);
        if (workload.failed.code)
                text_is_clear(&workload.failed, context);
        workload_verify(&workload, state, end, context);
        return failed;
}

START_TEST(test_fault)
{
        bool all = getenv("BGTASKD_FAULTS") != NULL;
        unsigned number = all ? 1 : faults[_i].first;
        while (work_with_fault(number, _i)) {
                ck_assert_int_eq(tree_remove(AT_FDCWD, state, NULL), 0);
                ck_assert_int_eq(mkdir(state, 0700), 0);
                number += all ? 1 : faults[_i].step * STRIDE;
        }
        ck_assert_uint_gt(number, 3);
        if (getenv("BGTASKD_VERBOSE"))
                fprintf(stderr, "%s: %u calls\n", faults[_i].name, number - 1);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("store-faults");
        TCase *tcase = tcase_create("faults");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 600);
        tcase_add_loop_test(tcase, test_fault, 0, ARRAY_SIZE(faults));
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
