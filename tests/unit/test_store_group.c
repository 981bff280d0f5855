/* SPDX-License-Identifier: MPL-2.0 */
/* Groups: when callbacks are called and with what, and what a full or failing disk does to a group. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_schedule.h"
#include "lib/util.h"
#include "tests/unit/full_disk.h"
#include "tests/unit/store_fixture.h"

#define NOW 1700000000000000

static void full_disk_setup(void)
{
        fixture_directory_setup();
        full_disk_install(fixture_directory);
        fixture_open();
}

static void count_begin(void *data)
{
        ++*(int *)data;
}

START_TEST(test_callbacks)
{
        struct fixture_results results = { .count = 0 };
        int begun = 0;
        store_on_begin(fixture_store, count_begin, &begun);
        ck_assert(!store_pending(fixture_store));
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        ck_assert_int_eq(results.count, 1);

        int64_t first = fixture_add("a");
        ck_assert_int_eq(begun, 1);
        ck_assert(store_pending(fixture_store));
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        fixture_add("b");
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        ck_assert_int_eq(begun, 1);
        ck_assert_int_eq(results.count, 1);
        /* What is pending is visible already. */
        ck_assert_int_eq(fixture_state(first), RUN_QUEUED);
        fixture_commit();
        ck_assert_int_eq(results.count, 3);
        for (int i = 0; i < results.count; i++)
                ck_assert_int_eq(results.values[i], 0);
        ck_assert(!store_pending(fixture_store));
        fixture_commit();
        ck_assert_int_eq(results.count, 3);
        fixture_add("c");
        ck_assert_int_eq(begun, 2);
}
END_TEST

struct chain {
        int left;
        int64_t ids[4];
};

static void chain_next(int result, void *data)
{
        struct chain *chain = data;
        ck_assert_int_eq(result, 0);
        if (chain->left == 0)
                return;
        chain->ids[--chain->left] = fixture_add("next");
        ck_assert_int_eq(store_after_commit(fixture_store, chain_next, chain), 0);
}

/* A callback may begin the next group, whose callbacks come with its own commit. */
START_TEST(test_callback_begins_group)
{
        struct chain chain = { .left = 4 };
        fixture_add("first");
        ck_assert_int_eq(store_after_commit(fixture_store, chain_next, &chain), 0);
        for (int i = 3; i >= 0; i--) {
                fixture_commit();
                ck_assert_int_eq(chain.left, i);
                ck_assert(store_pending(fixture_store));
        }
        fixture_commit();
        ck_assert(!store_pending(fixture_store));
        fixture_reopen();
        for (int i = 0; i < 4; i++)
                ck_assert_int_eq(fixture_state(chain.ids[i]), RUN_QUEUED);
}
END_TEST

START_TEST(test_close_commits)
{
        struct fixture_results results = { .count = 0 };
        int64_t id = fixture_add("a");
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        fixture_reopen();
        ck_assert_int_eq(results.count, 1);
        ck_assert_int_eq(fixture_state(id), RUN_QUEUED);
}
END_TEST

/* A failing disk: everybody is told, nothing has happened, and the store refuses to go on. */
START_TEST(test_io_error)
{
        struct fixture_results results = { .count = 0 };
        int64_t kept = fixture_start("kept"), count;
        fixture_add("lost");
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        ck_assert_int_eq(fixture_finish(kept, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), 0);
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        full_disk_fail(SQLITE_IOERR_WRITE, EIO);
        struct error error = ERROR_INIT;
        ck_assert_int_eq(store_commit(fixture_store, &error), -EIO);
        ck_assert_msg(strstr(error.text, "bgtaskd.db: disk I/O error"), "%s", error.text);
        ck_assert_int_eq(results.count, 2);
        ck_assert_int_eq(results.values[0], -EIO);
        ck_assert_int_eq(results.values[1], -EIO);

        full_disk_fail(0, 0);
        struct run run = { .task = strdup("refused") };
        ck_assert_int_eq(store_run_add(fixture_store, &run), -EIO);
        run_done(&run);
        ck_assert_int_eq(store_run_get(fixture_store, kept, &run), -EIO);
        ck_assert_int_eq(store_run_count(fixture_store, RUN_QUEUED, &count), -EIO);
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        ck_assert_int_eq(results.values[2], -EIO);

        fixture_reopen();
        ck_assert_int_eq(fixture_state(kept), RUN_STARTING);
        ck_assert_int_eq(fixture_count(RUN_QUEUED), 0);
}
END_TEST

/* A quota and a limit on the size of files are no failing disk. */
START_TEST(test_quota)
{
        static const int codes[] = { EDQUOT, EFBIG };
        struct fixture_results results = { .count = 0 };
        int64_t id = fixture_add("refused");
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        full_disk_fail(SQLITE_IOERR_WRITE, codes[_i]);
        struct error error = ERROR_INIT;
        ck_assert_int_eq(store_commit(fixture_store, &error), STORE_FULL);
        ck_assert_int_eq(error.code, ENOSPC);
        ck_assert_int_eq(results.values[0], -ENOSPC);
        ck_assert_int_eq(store_run_exists(fixture_store, id), STORE_NOT_FOUND);
        full_disk_fail(0, 0);
        fixture_start("accepted");
        ck_assert_ptr_null(store_degraded(fixture_store));
}
END_TEST

/* The same with the kernel's own limit, on the files as they are. */
START_TEST(test_file_size_limit)
{
        struct rlimit before, small;
        ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
        signal(SIGXFSZ, SIG_IGN);
        int64_t kept = fixture_start("kept");
        small = (struct rlimit){ 600 * 1024, before.rlim_max };
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
        int r = 0;
        for (int i = 0; i < 2000 && r == 0; i++) {
                fixture_add("t");
                r = store_commit(fixture_store, NULL);
        }
        ck_assert_int_eq(r, STORE_FULL);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
        ck_assert_int_eq(fixture_finish(kept, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), 0);
        fixture_add("accepted");
        fixture_commit();
}
END_TEST

#define RUNS 300

static uint64_t free_bytes(const struct store *store)
{
        return full_disk_free();
}

static void disk_fill_up(void)
{
        fixture_store->free_bytes = free_bytes;
        full_disk_limit(full_disk_used());
}

/* With not one byte free, every run that is in progress ends as it should. */
START_TEST(test_ends_fit_on_a_full_disk)
{
        int64_t ids[RUNS];
        for (int i = 0; i < RUNS; i++)
                ids[i] = fixture_start("t");
        ck_assert_int_eq(store_checkpoint(fixture_store), 0);
        disk_fill_up();

        struct fixture_results results = { .count = 0 };
        for (int i = 0; i < RUNS; i++) {
                ck_assert_int_eq(store_run_running(fixture_store, ids[i], 1, 4000000 + i, NOW), 0);
                fixture_commit();
                ck_assert_int_eq(fixture_finish(ids[i], RUN_FINISHED, RUN_RESULT_EXITED, NOW), 0);
                results.count = 0;
                ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
                fixture_commit();
                ck_assert_int_eq(results.values[0], 0);
                ck_assert_int_eq(store_checkpoint(fixture_store), 0);
        }
        /* Not even the ballast was needed. */
        ck_assert_ptr_null(store_degraded(fixture_store));
        full_disk_limit(UINT64_MAX);
        fixture_reopen();
        ck_assert_int_eq(fixture_count(RUN_FINISHED), RUNS);
}
END_TEST

/* Add runs, one a group, together with the end of an earlier one, until the disk is full. Returns how many ended. */
static int add_until_full(const int64_t *started, int64_t *ret_acknowledged)
{
        char *large = malloc(100001);
        memset(large, 'x', 100000);
        large[100000] = '\0';
        int i = 0;
        for (;; i++) {
                ck_assert_int_lt(i, RUNS / 2);
                struct fixture_results added = { .count = 0 }, ended = { .count = 0 };
                struct run run = { .task = strdup("large"), .args = json_pack("[s]", large) };
                ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
                ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &added), 0);
                ck_assert_int_eq(fixture_finish(started[i], RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), 0);
                ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &ended), 0);

                struct error error = ERROR_INIT;
                int r = store_commit(fixture_store, &error);
                ck_assert_int_eq(added.count, 1);
                ck_assert_int_eq(ended.count, 1);
                ck_assert_int_eq(ended.values[0], 0);
                ck_assert_int_eq(fixture_state(started[i]), RUN_FINISHED);
                ck_assert_int_eq(added.values[0], r == STORE_FULL ? -ENOSPC : 0);
                ck_assert_int_eq(store_run_exists(fixture_store, run.id),
                                 r == STORE_FULL ? STORE_NOT_FOUND : 0);
                if (r == 0)
                        *ret_acknowledged = run.id;
                run_done(&run);
                if (r == 0)
                        continue;
                ck_assert_int_eq(r, STORE_FULL);
                ck_assert_msg(strstr(error.text, "the disk is full"), "%s", error.text);
                break;
        }
        free(large);
        return i + 1;
}

START_TEST(test_full_disk)
{
        int64_t ids[RUNS], acknowledged = 0;
        for (int i = 0; i < RUNS; i++)
                ids[i] = fixture_start("t");
        ck_assert_int_eq(store_checkpoint(fixture_store), 0);
        disk_fill_up();
        int ended = add_until_full(ids, &acknowledged);
        ck_assert_int_gt(acknowledged, 0);
        ck_assert_ptr_nonnull(store_degraded(fixture_store));
        ck_assert_int_ne(access(fixture_path(STORE_BALLAST_FILE), F_OK), 0);

        /* Refused before anything is tried; somebody else has taken what the ballast gave. */
        full_disk_limit(full_disk_used());
        struct run run = { .task = strdup("refused") };
        struct schedule schedule = { .name = strdup("refused"),
                                     .task = strdup("t"),
                                     .definition = strdup("EverySec=1s\n"),
                                     .pass_why = strdup("added") };
        ck_assert_int_eq(store_run_add(fixture_store, &run), STORE_FULL);
        ck_assert_int_eq(store_schedule_add(fixture_store, &schedule), STORE_FULL);
        ck_assert(!store_pending(fixture_store));

        /* Still, what runs ends, however much it has to say. */
        char text[5000];
        memset(text, 'y', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        for (int i = ended; i < RUNS; i++) {
                struct run end = {
                        .id = ids[i], .epoch = 1, .state = RUN_FINISHED, .result = RUN_RESULT_EXCEPTION
                };
                end.detail = json_pack("{s:s}", "message", i % 2 ? "short" : text);
                ck_assert_int_eq(store_run_finish(fixture_store, &end), 0);
                json_decref(end.detail);
                fixture_commit();
                ck_assert_int_eq(store_checkpoint(fixture_store), 0);
                ck_assert_int_eq(store_run_get(fixture_store, ids[i], &end), 0);
                ck_assert_str_eq(json_string_value(json_object_get(end.detail, "message")),
                                 i % 2 ? "short" : "no disk space to keep the details");
                run_done(&end);
        }

        /* Room again: as if nothing had been. */
        full_disk_limit(UINT64_MAX);
        ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
        fixture_commit();
        ck_assert_ptr_null(store_degraded(fixture_store));
        ck_assert_int_eq(store_checkpoint(fixture_store), 0);
        ck_assert(fixture_store->counts.spare);
        ck_assert_int_eq(access(fixture_path(STORE_BALLAST_FILE), F_OK), 0);
        fixture_reopen();
        ck_assert_int_eq(fixture_count(RUN_FINISHED), RUNS);
        ck_assert_int_eq(store_run_exists(fixture_store, acknowledged), 0);
        ck_assert_int_eq(store_run_exists(fixture_store, run.id), 0);
        run_done(&run);
        schedule_done(&schedule);
}
END_TEST

/* The counts follow what is durable, not what was tried. */
START_TEST(test_counts_after_rollback)
{
        int64_t id = fixture_start("t");
        ck_assert_int_eq(fixture_finish(id, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), 0);
        for (int i = 0; i < 10; i++)
                fixture_add("lost");
        ck_assert_int_eq(fixture_count(RUN_QUEUED), 10);
        full_disk_fail(SQLITE_FULL, ENOSPC);
        struct error error = ERROR_INIT;
        /* Full for good, the last resort included: then not even the end of a run can be recorded. */
        ck_assert_int_eq(store_commit(fixture_store, &error), -ENOSPC);
        ck_assert_msg(strstr(error.text, "the end of a run cannot be recorded"), "%s", error.text);
        full_disk_fail(0, 0);
        fixture_reopen();
        ck_assert_int_eq(fixture_count(RUN_QUEUED), 0);
        ck_assert_int_eq(fixture_count(RUN_STARTING), 1);
}
END_TEST

static void ignore(int64_t id, void *data)
{
}

/* The log is reused under constant load, and the file shrinks when its rows are gone. */
START_TEST(test_files_stay_bounded)
{
        struct retention none = { 0, 0, 1, 1, 0 };
        char text[400];
        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        for (int i = 0; i < 3000; i++) {
                struct run run = { .task = strdup("t"), .args = json_pack("[s]", text) };
                ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
                int64_t id = run.id, epoch;
                run_done(&run);
                ck_assert_int_eq(store_run_start(fixture_store, id, NOW, &epoch), 0);
                ck_assert_int_eq(fixture_finish(id, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), 0);
                if (i % 4 == 0)
                        fixture_commit();
        }
        fixture_commit();
        struct stat info;
        ck_assert_int_eq(stat(fixture_path(STORE_FILE "-wal"), &info), 0);
        ck_assert_int_lt(info.st_size, STORE_WAL_RESERVE);
        ck_assert_int_eq(store_checkpoint(fixture_store), 0);
        ck_assert_int_eq(stat(fixture_path(STORE_FILE), &info), 0);
        off_t before = info.st_size;

        bool more = true;
        while (more) {
                ck_assert_int_eq(store_run_prune(fixture_store, &none, NOW + 10, 100, ignore, NULL, &more),
                                 0);
                fixture_commit();
        }
        for (int i = 0; i < 40; i++) {
                fixture_start("t");
                ck_assert_int_eq(store_checkpoint(fixture_store), 0);
        }
        ck_assert_int_eq(stat(fixture_path(STORE_FILE), &info), 0);
        ck_assert_int_lt(info.st_size, before);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("store-group");
        TCase *tcase = tcase_create("groups");
        tcase_add_checked_fixture(tcase, full_disk_setup, fixture_teardown);
        tcase_set_timeout(tcase, 300);
        tcase_add_test(tcase, test_callbacks);
        tcase_add_test(tcase, test_callback_begins_group);
        tcase_add_test(tcase, test_close_commits);
        tcase_add_test(tcase, test_io_error);
        tcase_add_loop_test(tcase, test_quota, 0, 2);
        tcase_add_test(tcase, test_file_size_limit);
        tcase_add_test(tcase, test_ends_fit_on_a_full_disk);
        tcase_add_test(tcase, test_full_disk);
        tcase_add_test(tcase, test_counts_after_rollback);
        tcase_add_test(tcase, test_files_stay_bounded);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
