/* SPDX-License-Identifier: MPL-2.0 */
/* A store that is damaged or gone: what takes its place, what is lost, and in which words that is said. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/util.h"
#include "tests/unit/store_fixture.h"

#define NOW 1700000000000000
#define RUNS 200

static char reported[8192];

static void note(const char *line, void *data)
{
        ck_assert_msg(!strchr(line, 10), "%s", line);
        strncat(reported, line, sizeof(reported) - strlen(reported) - 2);
        strcat(reported, "\n");
}

static int open_recover(const struct store_open_options *given, struct error *error)
{
        struct store_open_options options = given ? *given : (struct store_open_options){ .restore = true };
        reported[0] = '\0';
        options.report = note;
        fixture_close();
        return store_open_recover(fixture_directory, &options, &fixture_store, error);
}

static void open_recovered(const struct store_open_options *given)
{
        struct error error = ERROR_INIT;
        int r = open_recover(given, &error);
        ck_assert_msg(r == 0, "%d %s", r, error.text);
}

static void said(const char *what)
{
        ck_assert_msg(strstr(reported, what), "missing: %s\nin:\n%s", what, reported);
}

static void finish(int64_t id)
{
        ck_assert_int_eq(fixture_finish(id, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW + id), 0);
        fixture_commit();
}

static void schedule_add(const char *name)
{
        struct schedule schedule = { .name = strdup(name),
                                     .task = strdup("t"),
                                     .definition = strdup("EverySec=1min\n"),
                                     .pass_why = strdup("added"),
                                     .next_us = NOW };
        ck_assert_int_eq(store_schedule_add(fixture_store, &schedule), 0);
        schedule_done(&schedule);
        fixture_commit();
}

/*
 * Runs 1 to RUNS are done before the backup. In it RUNS + 1 is queued and RUNS + 2 runs; both have ended in the
 * database. RUNS + 3 has ended since, RUNS + 4 is queued. The schedule "late" is newer than the backup, "gone" older.
 */
static void prepare(void)
{
        struct error error = ERROR_INIT;
        fixture_open();
        for (int64_t i = 1, epoch; i <= RUNS; i++) {
                ck_assert_int_eq(
                        fixture_add("a-task-with-a-name-that-takes-some-room-so-that-there-are-pages"), i);
                ck_assert_int_eq(store_run_start(fixture_store, i, NOW, &epoch), 0);
                ck_assert_int_eq(fixture_finish(i, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW + i), 0);
        }
        fixture_commit();
        schedule_add("gone");
        ck_assert_int_eq(fixture_add("queued"), RUNS + 1);
        fixture_start("running");
        ck_assert_msg(store_backup_make(fixture_store, NULL, 7, &error) == 0, "%s", error.text);
        int64_t epoch;
        ck_assert_int_eq(store_run_start(fixture_store, RUNS + 1, NOW, &epoch), 0);
        finish(RUNS + 1);
        finish(RUNS + 2);
        finish(fixture_start("new"));
        fixture_add("waits");
        fixture_commit();
        struct schedule gone = { 0 };
        ck_assert_int_eq(store_schedule_get(fixture_store, "gone", &gone), 0);
        ck_assert_int_eq(store_schedule_remove(fixture_store, gone.id), 0);
        schedule_done(&gone);
        schedule_add("late");
        ck_assert_int_eq(store_checkpoint(fixture_store), 0);
        fixture_close();
}

static int64_t next_id(void)
{
        int64_t id = fixture_add("next");
        fixture_commit();
        return id;
}

static int64_t total(void)
{
        int64_t count = -1;
        ck_assert_int_eq(store_run_total(fixture_store, &count), 0);
        return count;
}

static int has_schedule(const char *name)
{
        struct schedule schedule;
        int r = store_schedule_get(fixture_store, name, &schedule);
        if (r == 0)
                schedule_done(&schedule);
        return r == 0;
}

/* All tables can be read: nothing is lost, whatever was wrong. */
START_TEST(test_index_page)
{
        prepare();
        fixture_scribble(fixture_sql_number("SELECT max(pageno) FROM dbstat WHERE name = 'run_task'"));
        struct error error = ERROR_INIT;
        ck_assert_int_eq(open_recover(&(struct store_open_options){ 0 }, &error), -EUCLEAN);
        ck_assert_ptr_nonnull(strstr(error.text, "bgtaskd.db is damaged: "));
        ck_assert_ptr_nonnull(
                strstr(error.text, "; bgtaskd --restore=latest replaces it (the newest backup is "));
        open_recovered(NULL);
        said("none is lost");
        ck_assert_int_eq(total(), RUNS + 4);
        ck_assert_int_eq(fixture_state(RUNS + 1), RUN_FINISHED);
        ck_assert_int_eq(fixture_state(RUNS + 4), RUN_QUEUED);
        ck_assert(has_schedule("late") && !has_schedule("gone"));
        ck_assert_int_eq(next_id(), RUNS + 5);
        ck_assert_ptr_nonnull(strstr(store_note(fixture_store), "The database was replaced: damaged-"));
        /* It stays so, without saying it again, until the folder goes. */
        open_recovered(NULL);
        ck_assert_str_eq(reported, "");
        ck_assert_ptr_nonnull(store_note(fixture_store));
}
END_TEST

/* Of the rows on one page the backup's are there, and what was active in it is not run again. */
static void check_page_lost(int64_t lost_from)
{
        open_recovered(NULL);
        said("places in that could not");
        ck_assert_int_eq(fixture_state(RUNS), RUN_FINISHED);
        ck_assert_int_eq(fixture_state(1), RUN_FINISHED);
        for (int64_t id = RUNS + 1; id <= RUNS + 2; id++)
                ck_assert_int_eq(fixture_state(id), lost_from <= id ? RUN_LOST : RUN_FINISHED);
        ck_assert_int_eq(fixture_count(RUN_RUNNING) + fixture_count(RUN_STARTING), 0);
        ck_assert(has_schedule("late") && !has_schedule("gone"));
        ck_assert_int_gt(next_id(), RUNS + 4);
}

START_TEST(test_first_table_page)
{
        prepare();
        fixture_scribble(fixture_sql_number(
                "SELECT min(pageno) FROM dbstat WHERE name = 'run' AND pagetype = 'leaf'"));
        check_page_lost(INT64_MAX);
        ck_assert_int_eq(total(), RUNS + 5);
}
END_TEST

START_TEST(test_last_table_page)
{
        prepare();
        fixture_scribble(fixture_sql_number(
                "SELECT max(pageno) FROM dbstat WHERE name = 'run' AND pagetype = 'leaf'"));
        check_page_lost(RUNS + 1);
}
END_TEST

START_TEST(test_root_page)
{
        prepare();
        fixture_scribble(fixture_sql_number("SELECT rootpage FROM sqlite_schema WHERE name = 'run'"));
        open_recovered(NULL);
        ck_assert_int_eq(fixture_state(RUNS), RUN_FINISHED);
        ck_assert_int_eq(fixture_state(RUNS + 1), RUN_LOST);
        ck_assert_int_eq(fixture_state(RUNS + 2), RUN_LOST);
        ck_assert_int_eq(store_run_exists(fixture_store, RUNS + 3), STORE_NOT_FOUND);
        ck_assert(has_schedule("late") && !has_schedule("gone"));
        ck_assert_int_eq(next_id(), RUNS + 5); /* the sequence is in another table */
}
END_TEST

/* The log too, of which it depends on the schema what is in it. */
static void garbage(void)
{
        struct stat info;
        for (int64_t page = 1; page < 30; page++)
                fixture_scribble(page);
        if (stat(fixture_path(STORE_FILE "-wal"), &info) == 0)
                ck_assert_int_eq(truncate(fixture_path(STORE_FILE "-wal"), 0), 0);
}

static void cut_short(void)
{
        ck_assert_int_eq(truncate(fixture_path(STORE_FILE), 1000), 0);
}

static void removed(void)
{
        ck_assert_int_eq(unlink(fixture_path(STORE_FILE)), 0);
}

static void huge(void)
{
        removed();
        int fd = open(fixture_path(STORE_FILE), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_eq(ftruncate(fd, INT64_C(1) << 40), 0);
        close(fd);
}

static void (*const losses[])(void) = { garbage, cut_short, removed, huge };

/* Nothing can be read: it is the backup, and numbers are skipped. */
START_TEST(test_nothing_left)
{
        prepare();
        losses[_i]();
        struct error error = ERROR_INIT;
        ck_assert_int_eq(open_recover(&(struct store_open_options){ 0 }, &error), -EUCLEAN);
        ck_assert_ptr_nonnull(strstr(error.text, losses[_i] == removed
                                                         ? "is missing, though there is backups of it"
                                                         : "is damaged"));
        open_recovered(NULL);
        said("runs with numbers from 203 on are not in that");
        said("2 runs that it has as queued or running are lost: they are not run again");
        ck_assert_int_eq(total(), RUNS + 2);
        ck_assert_int_eq(fixture_state(RUNS + 1), RUN_LOST);
        ck_assert_int_eq(fixture_state(RUNS + 2), RUN_LOST);
        ck_assert(!has_schedule("late") && has_schedule("gone"));
        ck_assert_int_gt(next_id(), RUNS + 4 + 5000);
}
END_TEST

/* What output and run files tell of. */
START_TEST(test_known)
{
        prepare();
        removed();
        const struct store_known known[] = { { RUNS + 3, 0 }, { RUNS + 2, 1 }, { RUNS + 9, 4 }, { 5, 0 } };
        open_recovered(&(struct store_open_options){ .restore = true, .known = known, .known_count = 4 });
        said("3 runs are known by their output or their run file alone");
        ck_assert_int_eq(fixture_state(RUNS + 1), RUN_LOST);
        ck_assert_int_eq(fixture_state(RUNS + 2), RUN_RUNNING); /* its epoch was known; its file decides */
        ck_assert_int_eq(fixture_state(RUNS + 3), RUN_LOST);
        ck_assert_int_eq(fixture_state(RUNS + 9), RUN_RUNNING);
        ck_assert_int_eq(fixture_state(5), RUN_FINISHED);
        struct run run;
        ck_assert_int_eq(store_run_get(fixture_store, RUNS + 9, &run), 0);
        ck_assert_int_eq(run.epoch, 4);
        ck_assert_str_eq(run.task, "(unknown)");
        run_done(&run);
        ck_assert_int_gt(next_id(), RUNS + 9);
}
END_TEST

/* The newest changes are gone without a trace in the database; the directories know better. */
START_TEST(test_guard)
{
        prepare();
        const struct store_known known[] = { { RUNS + 20, 0 }, { RUNS + 21, 2 }, { 7, 0 } };
        open_recovered(&(struct store_open_options){ .restore = true, .known = known, .known_count = 3 });
        said("bgtaskd.db knows no run above 204, but there are files of run 221: its newest changes are lost");
        ck_assert_int_eq(fixture_state(RUNS + 20), RUN_LOST);
        ck_assert_int_eq(fixture_state(RUNS + 21), RUN_RUNNING);
        ck_assert_int_eq(fixture_count(RUN_LOST), 1);
        ck_assert_int_eq(next_id(), RUNS + 22);
        ck_assert_ptr_null(store_note(fixture_store));
}
END_TEST

/* Without a backup it is what can be read, or an empty one; never one in silence. */
START_TEST(test_no_backup)
{
        fixture_open();
        finish(fixture_start("one"));
        store_checkpoint(fixture_store);
        fixture_close();
        garbage();
        ck_assert_int_eq(mkdir(fixture_path("output"), 0700), 0);
        open_recovered(NULL);
        said("an empty database; runs with numbers from 1 on are not in that");
        ck_assert_int_eq(total(), 0);
        ck_assert_int_gt(next_id(), 5000);
        fixture_close();

        /* Gone, with output left. */
        removed();
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, fixture_path("output/1.out"), "x", 1, 0600, false), 0);
        struct error error = ERROR_INIT;
        ck_assert_int_eq(open_recover(&(struct store_open_options){ 0 }, &error), -EUCLEAN);
        ck_assert_ptr_nonnull(strstr(error.text, "is missing, though there is output of runs of it"));
        open_recovered(NULL);
        said("is missing");
}
END_TEST

/* A bad backup is passed over. */
START_TEST(test_bad_backup)
{
        prepare();
        garbage();
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, fixture_path("backups/bgtaskd-20991231T235959Z.db"), "x",
                                           1, 0600, false),
                         0);
        open_recovered(NULL);
        said("passed over: ");
        said("bgtaskd-20991231T235959Z.db is not a database of bgtaskd");
        ck_assert_int_eq(total(), RUNS + 2);
}
END_TEST

START_TEST(test_too_often)
{
        prepare();
        for (int i = 0; i < 5; i++) {
                garbage();
                open_recovered(NULL);
                store_checkpoint(fixture_store);
                fixture_close();
        }
        garbage();
        struct error error = ERROR_INIT;
        ck_assert_int_eq(open_recover(NULL, &error), -EUCLEAN);
        ck_assert_ptr_nonnull(strstr(error.text, "it was replaced 5 times before (damaged-*)"));
}
END_TEST

/* Found while it is in use: the next start looks at every row, and one that makes no sense is not run. */
START_TEST(test_suspect)
{
        prepare();
        fixture_sql("UPDATE run SET args = '[broken]' WHERE id IN (3, 204)");
        fixture_open();
        struct run run;
        ck_assert_int_eq(store_run_get(fixture_store, RUNS + 4, &run), -EUCLEAN);
        ck_assert_int_eq(store_commit(fixture_store, NULL), -EUCLEAN);
        ck_assert_int_eq(access(fixture_path(STORE_SUSPECT_FILE), F_OK), 0);
        open_recovered(NULL);
        said("is damaged: the row of run 3 makes no sense");
        ck_assert_int_eq(access(fixture_path(STORE_SUSPECT_FILE), F_OK), -1);
        ck_assert_int_eq(fixture_state(RUNS + 4), RUN_LOST);
        ck_assert_int_eq(fixture_state(3), RUN_FINISHED);
        ck_assert_int_eq(total(), RUNS + 4);
}
END_TEST

/* An index that does not agree with its table passes a quick look. */
START_TEST(test_suspect_index)
{
        prepare();
        int64_t root = fixture_sql_number("SELECT rootpage FROM sqlite_schema WHERE name = 'run_active'");
        int64_t other = fixture_sql_number("SELECT rootpage FROM sqlite_schema WHERE name = 'run_success'");
        char sql[256];
        snprintf(
                sql, sizeof(sql),
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = %d WHERE name = 'run_active';"
                "UPDATE sqlite_schema SET rootpage = %d WHERE name = 'run_success'",
                (int)other, (int)root);
        fixture_sql(sql);
        fixture_open();
        struct run run;
        int r = store_run_next_queued(fixture_store, "", 0, &run);
        ck_assert_msg(r == -EUCLEAN || r == STORE_NOT_FOUND || r == 0, "%d", r);
        if (r == 0)
                run_done(&run);
        store_files_suspect(fixture_store);
        open_recovered(NULL);
        said("none is lost");
        ck_assert_int_eq(store_run_next_queued(fixture_store, "", 0, &run), 0);
        ck_assert_int_eq(run.id, RUNS + 4);
        run_done(&run);
}
END_TEST

START_TEST(test_restore_file)
{
        struct store_backup_info info;
        prepare();
        ck_assert_int_eq(store_backup_find(fixture_directory, 0, &info), 0);
        char *path _cleanup_free_ = path_join(fixture_path("backups"), info.name);
        open_recovered(&(struct store_open_options){ .from = path });
        said("runs with numbers from 203 on are not in that");
        ck_assert_int_eq(total(), RUNS + 2);
        ck_assert_int_eq(fixture_state(RUNS + 1), RUN_LOST);
        ck_assert_int_eq(next_id(), RUNS + 5); /* the old one could be asked */

        open_recovered(&(struct store_open_options){ .from = "latest" });
        said("it was asked for");
        ck_assert_int_eq(total(), RUNS + 2);

        static const char *const bad[][2] = {
                { "/nonexistent.db", "/nonexistent.db cannot be read: No such file" },
                { "/dev/null", "/dev/null is not a database of bgtaskd" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                struct error error = ERROR_INIT;
                ck_assert_int_lt(open_recover(&(struct store_open_options){ .from = bad[i][0] }, &error), 0);
                ck_assert_msg(strstr(error.text, bad[i][1]), "%s", error.text);
        }
        /* Nothing has changed by that. */
        fixture_open();
        ck_assert_int_eq(total(), RUNS + 2);
}
END_TEST

static void taken_away(void)
{
        ck_assert_int_eq(unlink(fixture_path(STORE_FILE)), 0);
        ck_assert_int_eq(unlink(fixture_path(STORE_FILE "-wal")), 0);
}

static void log_taken_away(void)
{
        ck_assert_int_eq(unlink(fixture_path(STORE_FILE "-wal")), 0);
}

static void replaced(void)
{
        struct store_backup_info info;
        ck_assert_int_eq(store_backup_find(fixture_directory, 0, &info), 0);
        char *path _cleanup_free_ = path_join(fixture_path("backups"), info.name);
        ck_assert_int_eq(rename(path, fixture_path(STORE_FILE)), 0);
}

static void (*const moves[])(void) = { taken_away, log_taken_away, replaced };

/* The files are gone under a store that is in use: what it says it has, it has. */
START_TEST(test_moved)
{
        struct error error = ERROR_INIT;
        struct fixture_results results = { 0 };
        prepare();
        fixture_open();
        int64_t before = next_id();
        moves[_i]();
        int64_t after = fixture_add("not-accepted");
        ck_assert_int_eq(store_after_commit(fixture_store, fixture_result, &results), 0);
        ck_assert_int_eq(store_commit(fixture_store, &error), -ESTALE);
        ck_assert_int_eq(results.count, 1);
        ck_assert_int_eq(results.values[0], -ESTALE);
        ck_assert_ptr_nonnull(strstr(
                error.text, moves[_i] == replaced     ? "bgtaskd.db was replaced while bgtaskd had"
                            : moves[_i] == taken_away ? "bgtaskd.db was taken away while bgtaskd had it open"
                                                      : "bgtaskd.db-wal was taken away while bgtaskd had"));
        struct run run = { .task = (char *)"refused" };
        ck_assert_int_eq(store_run_add(fixture_store, &run), -ESTALE);

        if (moves[_i] == replaced)
                return;
        open_recovered(NULL);
        ck_assert_int_eq(fixture_state(before), RUN_QUEUED);
        ck_assert_int_eq(fixture_state(RUNS + 4), RUN_QUEUED);
        if (moves[_i] == taken_away)
                said("which has all that was ever acknowledged");
        ck_assert_int_ge(next_id(), after);
}
END_TEST

/* The shell of SQLite, say. */
START_TEST(test_holder)
{
        int ready[2];
        char byte;
        prepare();
        ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
        pid_t pid = fork();
        if (pid == 0) {
                sqlite3 *db;
                sqlite3_open(fixture_path(STORE_FILE), &db);
                sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
                _exit(write(ready[1], "x", 1) == 1 ? pause() : 1);
        }
        ck_assert_int_eq(read(ready[0], &byte, 1), 1);
        struct error error = ERROR_INIT;
        struct store *store;
        char expected[96];
        int r = store_open(fixture_directory, &store, &error);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(ready[0]);
        close(ready[1]);
        snprintf(expected, sizeof(expected), "is in use by another program (process %d, test_store_reco",
                 (int)pid);
        ck_assert_int_eq(r, -EBUSY);
        ck_assert_msg(strstr(error.text, expected), "%s", error.text);
        /* What it left beside the database does no harm. */
        ck_assert_int_eq(access(fixture_path(STORE_FILE "-shm"), F_OK), 0);
        fixture_open();
        ck_assert_int_eq(total(), RUNS + 4);
}
END_TEST

/* A log that ends in the middle has what comes before. */
START_TEST(test_cut_log)
{
        prepare();
        pid_t pid = fork();
        if (pid == 0) {
                struct store *store;
                struct run run = { .task = (char *)"t" };
                if (store_open(fixture_directory, &store, NULL) != 0)
                        _exit(1);
                for (int i = 0; i < 10; i++)
                        if (store_run_add(store, &run) != 0 || store_commit(store, NULL) != 0)
                                _exit(2);
                _exit(0);
        }
        int status;
        struct stat info;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
        ck_assert_int_eq(stat(fixture_path(STORE_FILE "-wal"), &info), 0);
        ck_assert_int_eq(truncate(fixture_path(STORE_FILE "-wal"), 32 + 5 * (4096 + 24) + 100), 0);
        const struct store_known known[] = { { RUNS + 14, 1 } };
        open_recovered(&(struct store_open_options){ .restore = true, .known = known, .known_count = 1 });
        said("its newest changes are lost");
        ck_assert_int_eq(fixture_state(RUNS + 4), RUN_QUEUED);
        ck_assert_int_eq(fixture_state(RUNS + 14), RUN_RUNNING);
        ck_assert_int_eq(next_id(), RUNS + 15);
}
END_TEST

/* Anything may be anywhere in the file or its log: the store opens, and says what it did. */
static void damage(unsigned *seed)
{
        static const char *const names[] = { STORE_FILE, STORE_FILE, STORE_FILE "-wal" };
        const char *path = fixture_path(names[(unsigned)rand_r(seed) % ARRAY_SIZE(names)]);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        struct stat info;
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fstat(fd, &info), 0);
        /* Of the log only what is used; one place in four is among the structures of the first page. */
        off_t end = (unsigned)rand_r(seed) % 4 == 0 ? 4096 : MIN(info.st_size, 64 * 4096);
        for (int i = rand_r(seed) % 8; i >= 0 && info.st_size > 0; i--) {
                unsigned char bytes[64];
                size_t size = 1 + (unsigned)rand_r(seed) % sizeof(bytes);
                for (size_t k = 0; k < size; k++)
                        bytes[k] = (unsigned char)rand_r(seed);
                ck_assert_int_eq(pwrite(fd, bytes, size, rand_r(seed) % end), size);
        }
        if (rand_r(seed) % 8 == 0)
                ck_assert_int_eq(ftruncate(fd, rand_r(seed) % MAX(info.st_size, 1)), 0);
        close(fd);
}

#ifdef HAVE_SANITIZERS
#define RANDOM_DAMAGES 10
#else
#define RANDOM_DAMAGES 40
#endif

START_TEST(test_random_damage)
{
        unsigned seed = (unsigned)_i + 1;
        prepare();
        damage(&seed);
        struct error error = ERROR_INIT;
        int r = open_recover(NULL, &error);
        /* What looks like another program's, or a newer version's, is left alone. */
        ck_assert_msg(r == 0 || r == -EMEDIUMTYPE || r == -EPROTO, "seed %d: %d %s", _i, r, error.text);
        ck_assert_msg(!strchr(error.text, '\n'), "seed %d: %s", _i, error.text);
        if (r != 0)
                return;
        /* It works: with all of it read, the next start has nothing to say. */
        store_files_suspect(fixture_store);
        int64_t id = next_id();
        open_recovered(NULL);
        int64_t again = next_id();
        ck_assert_int_gt(again, id);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("store-recover");
        TCase *tcase = tcase_create("recover");
        tcase_add_checked_fixture(tcase, fixture_directory_setup, fixture_teardown);
        tcase_set_timeout(tcase, 300);
        tcase_add_test(tcase, test_index_page);
        tcase_add_test(tcase, test_first_table_page);
        tcase_add_test(tcase, test_last_table_page);
        tcase_add_test(tcase, test_root_page);
        tcase_add_loop_test(tcase, test_nothing_left, 0, ARRAY_SIZE(losses));
        tcase_add_test(tcase, test_known);
        tcase_add_test(tcase, test_guard);
        tcase_add_test(tcase, test_no_backup);
        tcase_add_test(tcase, test_bad_backup);
        tcase_add_test(tcase, test_too_often);
        tcase_add_test(tcase, test_suspect);
        tcase_add_test(tcase, test_suspect_index);
        tcase_add_test(tcase, test_restore_file);
        tcase_add_loop_test(tcase, test_moved, 0, ARRAY_SIZE(moves));
        tcase_add_test(tcase, test_holder);
        tcase_add_test(tcase, test_cut_log);
        tcase_add_loop_test(tcase, test_random_damage, 0, RANDOM_DAMAGES);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
