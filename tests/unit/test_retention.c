/* SPDX-License-Identifier: MPL-2.0 */
/* Rows and output files go together, also across an end of the daemon at any point. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/output.h"
#include "daemon/retention.h"
#include "lib/util.h"
#include "tests/unit/store_fixture.h"

#define NOW 1700000000000000

static int output_fd = -1;
static struct settings settings;

static void setup(void)
{
        fixture_setup();
        ck_assert_int_eq(mkdir(fixture_path("output"), 0700), 0);
        output_fd = open(fixture_path("output"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(output_fd, 0);
        for (size_t i = 0; i < SETTING_COUNT; i++)
                settings.values[i] = setting_table[i].fallback;
}

static void teardown(void)
{
        close(output_fd);
        fixture_teardown();
}

static int64_t print(int64_t id, size_t size)
{
        struct output_writer *writer;
        char text[1000];
        memset(text, 'x', sizeof(text));
        ck_assert_int_eq(output_writer_new(output_fd, id, 65536, &writer), 0);
        for (; size > 0; size -= MIN(size, sizeof(text)))
                ck_assert_int_eq(output_write(writer, OUTPUT_STDOUT, NOW, text, MIN(size, sizeof(text))), 0);
        int64_t stored = output_stored(writer);
        output_writer_free(writer);
        return stored;
}

static bool has_output(int64_t id)
{
        char name[32];
        snprintf(name, sizeof(name), "%d.out", (int)id);
        return faccessat(output_fd, name, F_OK, 0) == 0;
}

START_TEST(test_start)
{
        int64_t queued = fixture_add("q"), running = fixture_start("r");
        print(queued, 10);
        print(running, 500);
        print(999, 10);
        fixture_commit();
        ck_assert_int_eq(retention_start(fixture_store, output_fd), 0);
        ck_assert(has_output(queued));
        ck_assert(has_output(running));
        ck_assert(!has_output(999));
        /* Nothing is written. */
        ck_assert(!store_pending(fixture_store));
}
END_TEST

START_TEST(test_steps)
{
        enum { RUNS = 200, KEPT = 20 };
        settings.values[SETTING_RETENTION_MAX_SUCCESSES] = KEPT;
        int64_t ids[RUNS];
        for (int i = 0; i < RUNS; i++) {
                ids[i] = fixture_start("t");
                struct run run = { .id = ids[i],
                                   .epoch = 1,
                                   .state = RUN_FINISHED,
                                   .result = RUN_RESULT_SUCCESS,
                                   .finished_at_us = NOW,
                                   .output_bytes = 10,
                                   .output_stored = print(ids[i], 10) };
                ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
        }
        fixture_commit();

        bool more = true;
        int steps = 0;
        for (; more; steps++) {
                ck_assert_int_lt(steps, RUNS);
                ck_assert_int_eq(retention_step(fixture_store, output_fd, &settings, NOW, &more), 0);
                /* Not before the row is gone for good. */
                ck_assert(has_output(ids[steps * 64]));
                fixture_commit();
                ck_assert(!has_output(ids[steps * 64]));
        }
        ck_assert_int_eq(steps, 3);
        for (int i = 0; i < RUNS; i++) {
                ck_assert_int_eq(has_output(ids[i]), i >= RUNS - KEPT);
                ck_assert_int_eq(store_run_exists(fixture_store, ids[i]) == 0, i >= RUNS - KEPT);
        }
        ck_assert_int_eq(retention_step(fixture_store, output_fd, &settings, NOW, &more), 0);
        ck_assert(!more);
        ck_assert(!store_pending(fixture_store));
}
END_TEST

/* The sum of all files is what the limit is about, and it is known again after a restart. */
START_TEST(test_bytes)
{
        settings.values[SETTING_RETENTION_MAX_OUTPUT_MIB] = 1;
        int64_t total, expected = 0;
        for (int i = 0; i < 30; i++) {
                int64_t id = fixture_start("t");
                struct run run = { .id = id,
                                   .epoch = 1,
                                   .state = RUN_FINISHED,
                                   .finished_at_us = NOW,
                                   .result = i % 2 ? RUN_RESULT_SUCCESS : RUN_RESULT_EXITED,
                                   .output_bytes = 50000,
                                   .output_stored = print(id, 50000) };
                ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
                expected += run.output_stored;
        }
        fixture_reopen();
        ck_assert_int_eq(output_total(output_fd, &total), 0);
        ck_assert_int_eq(total, expected);
        ck_assert_int_gt(total, 1 << 20);
        bool more;
        ck_assert_int_eq(retention_step(fixture_store, output_fd, &settings, NOW, &more), 0);
        fixture_commit();
        ck_assert(!more);
        ck_assert_int_eq(output_total(output_fd, &total), 0);
        ck_assert_int_le(total, 1 << 20);
        ck_assert_int_gt(total, (1 << 20) - 60000);
        /* Failures stay longer. */
        ck_assert_int_eq(store_run_exists(fixture_store, 1), 0);
        ck_assert_int_eq(store_run_exists(fixture_store, 2), STORE_NOT_FOUND);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("retention");
        TCase *tcase = tcase_create("retention");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, test_start);
        tcase_add_test(tcase, test_steps);
        tcase_add_test(tcase, test_bytes);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
