/* SPDX-License-Identifier: MPL-2.0 */
/* A large database: what is checked before it is used, and what by another process while it is. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/store_check.h"
#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "daemon/store_schedule.h"
#include "tests/unit/store_fixture.h"

/* 24 MiB of passes that have ended, some runs, and a schedule; closed. */
static void make_large(void)
{
        fixture_open();
        ck_assert(!store_is_unchecked(fixture_store));
        for (int i = 0; i < 100; i++)
                fixture_add("a-task-with-a-name-that-takes-some-room-so-that-there-are-pages");
        fixture_commit();
        fixture_close();
        fixture_sql(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24)"
                "INSERT INTO pass (schedule_id, pass, name, uid, kind, why, definition, from_us, until_us, cursor_us,"
                " began_at_us, ended_at_us) SELECT 1, i, 's', 0, 'clock', 'added', hex(zeroblob(512 * 1024)), 0, 0, 0, 0, 1 "
                "FROM n");
}

static void scribble_root(const char *table)
{
        char sql[128];
        snprintf(sql, sizeof(sql), "SELECT rootpage FROM sqlite_schema WHERE name = '%s'", table);
        fixture_scribble(fixture_sql_number(sql));
}

/* In a process of its own, as the daemon does it. */
static int check_elsewhere(void)
{
        int status;
        pid_t pid = fork();
        if (pid == 0) {
                struct error error = ERROR_INIT;
                int r = store_check_file(fixture_path(STORE_FILE), &error);
                fprintf(stderr, "%s", error.text);
                _exit(-r);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status));
        return -WEXITSTATUS(status);
}

static void change(int i)
{
        char value[32];
        snprintf(value, sizeof(value), "%d", i);
        ck_assert_int_eq(store_machine_set(fixture_store, "change", value), 0);
        fixture_add("t");
        fixture_commit();
}

START_TEST(test_small)
{
        fixture_open();
        change(1);
        fixture_reopen();
        ck_assert(!store_is_unchecked(fixture_store));
}
END_TEST

/* What is written meanwhile is not in what is read, and what is read does not move. */
START_TEST(test_sound)
{
        make_large();
        fixture_open();
        ck_assert(store_is_unchecked(fixture_store));
        ck_assert_int_eq(store_check_begin(fixture_store), 0);
        ck_assert_int_eq(check_elsewhere(), 0);
        for (int i = 0; i < 50; i++) {
                change(i);
                ck_assert_int_eq(store_checkpoint(fixture_store), 0);
                if (i % 10 == 0)
                        ck_assert_int_eq(check_elsewhere(), 0);
        }
        ck_assert_int_gt(fixture_store->wal_frames, 0);
        ck_assert(store_check_end(fixture_store, true));
        ck_assert(!store_is_unchecked(fixture_store));
        ck_assert_int_eq(store_checkpoint(fixture_store), 0);
        ck_assert_int_eq(fixture_store->wal_frames, 0);
        /* It is of this start. */
        fixture_reopen();
        ck_assert(store_is_unchecked(fixture_store));
}
END_TEST

/* The log may not grow for it beyond what a full disk has room for. */
START_TEST(test_does_not_count)
{
        make_large();
        fixture_open();
        ck_assert_int_eq(store_check_begin(fixture_store), 0);
        for (int i = 0; i < 2 * STORE_CHECKPOINT_FRAMES && fixture_store->check.held; i++)
                change(i);
        ck_assert(!fixture_store->check.held);
        ck_assert(!store_check_end(fixture_store, true));
        ck_assert(store_is_unchecked(fixture_store));
        /* Once more. */
        ck_assert_int_eq(store_check_begin(fixture_store), 0);
        ck_assert_int_eq(check_elsewhere(), 0);
        ck_assert(store_check_end(fixture_store, true));
        ck_assert(!store_is_unchecked(fixture_store));
}
END_TEST

START_TEST(test_open_group)
{
        make_large();
        fixture_open();
        fixture_add("t");
        ck_assert_int_eq(store_check_begin(fixture_store), 1);
        fixture_commit();
        ck_assert_int_eq(store_check_begin(fixture_store), 0);
}
END_TEST

/* Damage where runs could be lost by it is found before anything is used. */
static const char *const at_once[] = { "run", "run_active", "scheduled_run", "machine" };

START_TEST(test_damaged_at_once)
{
        struct error error = ERROR_INIT;
        make_large();
        scribble_root(at_once[_i]);
        ck_assert_int_eq(store_open(fixture_directory, &fixture_store, &error), -EUCLEAN);
        ck_assert_msg(strstr(error.text, "bgtaskd --restore=latest replaces it"), "%s", error.text);
}
END_TEST

START_TEST(test_cut_short)
{
        struct error error = ERROR_INIT;
        make_large();
        ck_assert_int_eq(truncate(fixture_path(STORE_FILE), (off_t)20 * 1024 * 1024), 0);
        ck_assert_int_eq(store_open(fixture_directory, &fixture_store, &error), -EUCLEAN);
}
END_TEST

/* Elsewhere it is found by the other process; then nothing more is written, and the next start repairs it. */
static const char *const later[] = { "pass", "pass_number", "schedule_trigger", "occurrence" };

START_TEST(test_damaged_later)
{
        struct error error = ERROR_INIT;
        const struct store_open_options options = { .restore = true };
        make_large();
        scribble_root(later[_i]);
        fixture_open();
        change(1);
        ck_assert_int_eq(store_check_begin(fixture_store), 0);
        ck_assert_int_eq(check_elsewhere(), -EUCLEAN);
        ck_assert(store_check_end(fixture_store, false));
        ck_assert_int_eq(store_condemn(fixture_store, "Tree 7 page 9", &error), -EUCLEAN);
        ck_assert_msg(strstr(error.text, "is damaged: Tree 7 page 9; nothing more is written to it"), "%s",
                      error.text);
        ck_assert_int_eq(store_machine_set(fixture_store, "change", "2"), -EUCLEAN);
        fixture_close();
        ck_assert_int_eq(store_open(fixture_directory, &fixture_store, &error), -EUCLEAN);
        ck_assert_int_eq(store_open_recover(fixture_directory, &options, &fixture_store, &error), 0);
        ck_assert_int_eq(fixture_count(RUN_QUEUED), 101);
        ck_assert_ptr_nonnull(store_note(fixture_store));
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("store-check");
        TCase *tcase = tcase_create("check");
        tcase_add_checked_fixture(tcase, fixture_directory_setup, fixture_teardown);
        tcase_set_timeout(tcase, 300);
        tcase_add_test(tcase, test_small);
        tcase_add_test(tcase, test_sound);
        tcase_add_test(tcase, test_does_not_count);
        tcase_add_test(tcase, test_open_group);
        tcase_add_loop_test(tcase, test_damaged_at_once, 0, (int)(sizeof(at_once) / sizeof(at_once[0])));
        tcase_add_test(tcase, test_cut_short);
        tcase_add_loop_test(tcase, test_damaged_later, 0, (int)(sizeof(later) / sizeof(later[0])));
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
