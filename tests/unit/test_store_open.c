/* SPDX-License-Identifier: MPL-2.0 */
/* Opening the store: what is refused and in which words, migration, and what a killed writer leaves. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"
#include "tests/unit/store_fixture.h"

static void file_put(const char *name, const char *text, size_t size)
{
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, fixture_path(name), text, size, 0600, false), 0);
}

static void prepare_absent(void)
{
        strcat(fixture_directory, "/absent");
}

static void prepare_file(void)
{
        file_put("file", "x", 1);
        strcat(fixture_directory, "/file");
}

static void prepare_open_directory(void)
{
        ck_assert_int_eq(chmod(fixture_directory, 0770), 0);
}

static void prepare_open_file(void)
{
        file_put(STORE_FILE, "", 0);
        ck_assert_int_eq(chmod(fixture_path(STORE_FILE), 0666), 0);
}

static void prepare_foreign(void)
{
        file_put(STORE_FILE, "This is not a database.\n", 24);
}

static void prepare_short(void)
{
        file_put(STORE_FILE, "SQLite", 6);
}

static void prepare_link(void)
{
        ck_assert_int_eq(symlink("elsewhere", fixture_path(STORE_FILE)), 0);
}

static void prepare_fifo(void)
{
        ck_assert_int_eq(mkfifo(fixture_path(STORE_FILE), 0600), 0);
}

static void prepare_directory(void)
{
        ck_assert_int_eq(mkdir(fixture_path(STORE_FILE), 0700), 0);
}

static void prepare_other_database(void)
{
        fixture_sql("CREATE TABLE places (id INTEGER); PRAGMA user_version = 77");
        ck_assert_int_eq(chmod(fixture_path(STORE_FILE), 0600), 0);
}

static void prepare_newer(void)
{
        fixture_open();
        store_close(fixture_store);
        fixture_store = NULL;
        fixture_sql("PRAGMA user_version = 99");
}

static void prepare_cut(void)
{
        fixture_open();
        store_close(fixture_store);
        fixture_store = NULL;
        ck_assert_int_eq(unlink(fixture_path(STORE_FILE "-wal")), 0);
        ck_assert_int_eq(truncate(fixture_path(STORE_FILE), 8192 + 100), 0);
}

static void prepare_scribbled(void)
{
        fixture_open();
        fixture_start("t");
        store_close(fixture_store);
        fixture_store = NULL;
        ck_assert_int_eq(unlink(fixture_path(STORE_FILE "-wal")), 0);
        ck_assert_int_eq(mkdir(fixture_path("backups"), 0700), 0);
        file_put("backups/bgtaskd-20261125T225500Z.db", "", 0);
        int fd = open(fixture_path(STORE_FILE), O_WRONLY | O_CLOEXEC);
        struct stat info;
        ck_assert_int_eq(fstat(fd, &info), 0);
        char noise[4096];
        memset(noise, 0xa5, sizeof(noise));
        for (off_t at = 4096; at < MIN(info.st_size, 20 * 4096); at += 4096)
                ck_assert_int_eq(pwrite(fd, noise, sizeof(noise), at), sizeof(noise));
        close(fd);
}

static void prepare_bad_json(void)
{
        fixture_open();
        fixture_start("t");
        store_close(fixture_store);
        fixture_store = NULL;
}

START_TEST(test_refused)
{
        static const struct {
                void (*prepare)(void);
                int result;
                const char *text; /* a part of the message */
        } cases[] = {
                { prepare_absent, -ENOENT, "/absent" },
                { prepare_file, -ENOTDIR, "cannot open the state directory" },
                { prepare_open_directory, -EPERM,
                  "has mode 0770, so others may write to it; expected at most 0750" },
                { prepare_open_file, -EPERM, "bgtaskd.db has mode 0666" },
                { prepare_foreign, -EUCLEAN,
                  "bgtaskd.db is damaged: it is not an SQLite database; bgtaskd --restore=latest replaces it (there is no "
                  "backup)" },
                { prepare_short, -EUCLEAN, "it is not an SQLite database" },
                { prepare_link, -EMEDIUMTYPE, "is a symbolic link; expected a file" },
                { prepare_fifo, -EMEDIUMTYPE, "is not a regular file" },
                { prepare_directory, -EISDIR, "cannot open" },
                { prepare_other_database, -EMEDIUMTYPE, "is another program's SQLite database" },
                { prepare_newer, -EPROTO, "has schema version 99, this bgtaskd knows versions up to " },
                { prepare_cut, -EUCLEAN, "bgtaskd.db is damaged" },
                { prepare_scribbled, -EUCLEAN, "(the newest backup is bgtaskd-20261125T225500Z.db)" },
        };
        char directory[64];
        strcpy(directory, fixture_directory);
        cases[_i].prepare();
        struct error error = ERROR_INIT;
        struct store *store = NULL;
        int r = store_open(fixture_directory, &store, &error);
        strcpy(fixture_directory, directory);
        ck_assert_msg(r == cases[_i].result, "case %d: %d %s", _i, r, error.text);
        ck_assert_int_eq(error.code, -r);
        ck_assert_msg(strstr(error.text, cases[_i].text), "case %d: %s", _i, error.text);
        ck_assert_ptr_null(strchr(error.text, '\n'));
        ck_assert_ptr_null(store);
}
END_TEST

#define REFUSED_CASES 13

/* Another program's database is left as it was. */
START_TEST(test_refused_unchanged)
{
        prepare_other_database();
        char *before _cleanup_free_ = NULL, *after _cleanup_free_ = NULL;
        size_t size_before, size_after;
        ck_assert_int_eq(file_read(AT_FDCWD, fixture_path(STORE_FILE), 1 << 20, &before, &size_before), 0);
        struct store *store;
        ck_assert_int_eq(store_open(fixture_directory, &store, NULL), -EMEDIUMTYPE);
        ck_assert_int_eq(file_read(AT_FDCWD, fixture_path(STORE_FILE), 1 << 20, &after, &size_after), 0);
        ck_assert_uint_eq(size_before, size_after);
        ck_assert_mem_eq(before, after, size_before);
}
END_TEST

/* Root may write anywhere. */
START_TEST(test_unwritable)
{
        ck_assert_int_eq(chmod(fixture_directory, 0500), 0);
        struct error error = ERROR_INIT;
        struct store *store = NULL;
        int r = store_open(fixture_directory, &store, &error);
        ck_assert_int_eq(chmod(fixture_directory, 0700), 0);
        if (geteuid() == 0) {
                ck_assert_int_eq(r, 0);
                store_close(store);
                return;
        }
        ck_assert_int_eq(r, -EACCES);
        ck_assert_ptr_nonnull(strstr(error.text, "cannot write to the state directory"));
}
END_TEST

START_TEST(test_second_opener)
{
        fixture_open();
        struct error error = ERROR_INIT;
        struct store *store = NULL;
        ck_assert_int_eq(store_open(fixture_directory, &store, &error), -EBUSY);
        char expected[64];
        snprintf(expected, sizeof(expected), "in use by another bgtaskd (process %d)", (int)getpid());
        ck_assert_msg(strstr(error.text, expected), "%s", error.text);
        /* The first one has not noticed. */
        fixture_start("t");
}
END_TEST

/* A row that somebody edited while the daemon was down is reported, and not as a lack of memory. */
START_TEST(test_bad_json)
{
        prepare_bad_json();
        fixture_sql("UPDATE run SET args = '[broken]'");
        fixture_open();
        struct run run;
        ck_assert_int_eq(store_run_get(fixture_store, 1, &run), -EUCLEAN);
        ck_assert_int_eq(store_commit(fixture_store, NULL), -EUCLEAN);
}
END_TEST

START_TEST(test_files)
{
        fixture_open();
        static const char *const names[] = { STORE_FILE, STORE_FILE "-wal", STORE_LOCK_FILE,
                                             STORE_BALLAST_FILE };
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                struct stat info;
                ck_assert_msg(stat(fixture_path(names[i]), &info) == 0, "%s", names[i]);
                ck_assert_msg((info.st_mode & 07777) == 0600, "%s: %o", names[i], (unsigned)info.st_mode);
        }
        ck_assert_int_ne(access(fixture_path(STORE_FILE "-shm"), F_OK), 0);
        ck_assert_ptr_null(store_degraded(fixture_store));
        ck_assert_int_eq(store_schema_version(fixture_store), store_migrations_newest(schema_migrations));
}
END_TEST

static int64_t number(const char *sql)
{
        sqlite3_stmt *statement;
        ck_assert_msg(sqlite3_prepare_v2(fixture_store->db, sql, -1, &statement, NULL) == SQLITE_OK, "%s",
                      sql);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        int64_t value = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        return value;
}

START_TEST(test_settings_in_force)
{
        static const struct {
                const char *sql;
                int64_t expected;
        } cases[] = {
                { "PRAGMA synchronous", 2 },
                { "PRAGMA foreign_keys", 1 },
                { "PRAGMA trusted_schema", 0 },
                { "PRAGMA mmap_size", 0 },
                { "PRAGMA auto_vacuum", 2 },
                { "PRAGMA journal_size_limit", -1 },
                { "SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1 },
                { "SELECT locking_mode = 'exclusive' FROM pragma_locking_mode", 1 },
                { "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('run', 'schedule', 'spare') "
                  "AND sql NOT LIKE '%) STRICT'",
                  0 },
        };
        fixture_open();
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
                ck_assert_msg(number(cases[i].sql) == cases[i].expected, "%s: %d", cases[i].sql,
                              (int)number(cases[i].sql));
}
END_TEST

static const char second[] =
        "CREATE TABLE tag (run INTEGER NOT NULL REFERENCES run (id), word TEXT NOT NULL) STRICT;"
        "ALTER TABLE schedule ADD COLUMN note TEXT NOT NULL DEFAULT '';";

static int open_with(const struct schema_migration *migrations, struct error *error)
{
        store_close(fixture_store);
        fixture_store = NULL;
        return store_open_with(fixture_directory, migrations, &fixture_store, error);
}

/* Ours up to version @count, and then two of the test's own (NULL: none). */
static const struct schema_migration *migrations_up_to(int count, const char *third, const char *sql,
                                                       const char *fourth, const char *more)
{
        static struct schema_migration sets[2][16];
        static int next;
        struct schema_migration *set = sets[next++ % 2];

        ck_assert_int_le(count + 3, 16);
        memset(set, 0, sizeof(sets[0]));
        memcpy(set, schema_migrations, (size_t)count * sizeof(*set));
        if (third)
                set[count] = (struct schema_migration){ count + 1, third, sql };
        if (fourth)
                set[count + 1] = (struct schema_migration){ count + 2, fourth, more };
        return set;
}

/* What is there for people can be read by them: the daemon trusts no function of a schema, they do. */
START_TEST(test_views)
{
        static const char *const views[] = { "history", "ledger" };
        sqlite3 *db;

        fixture_open();
        ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), ARRAY_SIZE(views));
        store_close(fixture_store);
        fixture_store = NULL;
        ck_assert_int_eq(sqlite3_open_v2(fixture_path(STORE_FILE), &db, SQLITE_OPEN_READWRITE, NULL),
                         SQLITE_OK);
        for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
                char *sql _cleanup_free_ = format_string("SELECT * FROM %s", views[i]);
                ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
                              sqlite3_errmsg(db));
        }
        sqlite3_close(db);
}
END_TEST

/* Version 4 has the table of runs made anew. */
START_TEST(test_migration_of_runs)
{
        struct error error = ERROR_INIT;
        ck_assert_int_eq(open_with(migrations_up_to(3, NULL, NULL, NULL, NULL), &error), 0);
        int64_t id = fixture_start("kept"), last = fixture_start("gone");
        ck_assert_int_eq(store_commit(fixture_store, NULL), 0);
        char *sql _cleanup_free_ = format_string("DELETE FROM run WHERE id = %d", (int)last);
        ck_assert_int_eq(sqlite3_exec(fixture_store->db, sql, NULL, NULL, NULL), SQLITE_OK);
        ck_assert_msg(open_with(schema_migrations, &error) == 0, "%s", error.text);
        ck_assert_int_eq(fixture_state(id), RUN_STARTING);
        ck_assert_int_eq(number("SELECT count(*) FROM run"), 1);
        /* No number is used again. */
        ck_assert_int_eq(fixture_start("new"), last + 1);
}
END_TEST

START_TEST(test_migration)
{
        int newest = store_migrations_newest(schema_migrations);
        const struct schema_migration *migrations = migrations_up_to(newest, "tags", second, "more",
                                                                     "CREATE TABLE more (a TEXT) STRICT");
        const struct schema_migration *first = schema_migrations;
        struct store_backup_info backup;
        struct error error = ERROR_INIT;

        ck_assert_int_eq(open_with(first, &error), 0);
        int64_t id = fixture_start("kept");
        ck_assert_int_eq(open_with(first, &error), 0);
        ck_assert_int_eq(store_backup_find(fixture_directory, 0, &backup), -ENOENT);

        ck_assert_msg(open_with(migrations, &error) == 0, "%s", error.text);
        ck_assert_int_eq(store_schema_version(fixture_store), newest + 2);
        ck_assert_int_eq(number("PRAGMA user_version"), newest + 2);
        ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema WHERE name IN ('tag', 'more')"), 2);
        ck_assert_int_eq(fixture_state(id), RUN_STARTING);

        /* The backup is what was there before, complete, and opens with the older program. */
        struct stat info;
        ck_assert_int_eq(store_backup_find(fixture_directory, 0, &backup), 0);
        char *reason _cleanup_free_ = format_string("before-v%d", newest + 2);
        ck_assert_str_eq(backup.reason, reason);
        char *path _cleanup_free_ = path_join(fixture_path("backups"), backup.name);
        ck_assert_int_eq(stat(path, &info), 0);
        ck_assert_int_eq(info.st_mode & 07777, 0600);
        ck_assert_int_eq(open_with(first, &error), -EPROTO);
        ck_assert_int_eq(unlink(fixture_path(STORE_FILE "-wal")), 0);
        ck_assert_int_eq(rename(path, fixture_path(STORE_FILE)), 0);
        ck_assert_msg(open_with(first, &error) == 0, "%s", error.text);
        ck_assert_int_eq(store_schema_version(fixture_store), newest);
        ck_assert_int_eq(fixture_state(id), RUN_STARTING);
        ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema WHERE name IN ('tag', 'more')"), 0);
}
END_TEST

/* All steps or none. */
START_TEST(test_migration_fails)
{
        int newest = store_migrations_newest(schema_migrations);
        const struct schema_migration *migrations = migrations_up_to(newest, "tags", second, "broken",
                                                                     "CREATE TABLE run (id)");
        const struct schema_migration *first = schema_migrations;
        struct error error = ERROR_INIT;
        ck_assert_int_eq(open_with(first, &error), 0);
        int64_t id = fixture_start("kept");
        ck_assert_int_lt(open_with(migrations, &error), 0);
        char *text _cleanup_free_ = format_string(
                "migration from version %d to %d failed, nothing has changed: broken:", newest, newest + 2);
        ck_assert_msg(strstr(error.text, text), "%s", error.text);
        ck_assert_int_eq(open_with(first, &error), 0);
        ck_assert_int_eq(store_schema_version(fixture_store), newest);
        ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema WHERE name = 'tag'"), 0);
        ck_assert_int_eq(fixture_state(id), RUN_STARTING);
}
END_TEST

static void acknowledge(int result, void *data)
{
        int64_t id = (int64_t)(intptr_t)data;
        if (result != 0 || write(STDOUT_FILENO, &id, sizeof(id)) != (ssize_t)sizeof(id))
                _exit(3);
}

/* Adds, starts and ends runs in groups of changing size, and writes each id that is durable. */
static void writer(unsigned seed)
{
        struct store *store;
        if (store_open(fixture_directory, &store, NULL) != 0)
                _exit(2);
        for (;;) {
                for (int i = rand_r(&seed) % 8; i >= 0; i--) {
                        struct run run = { .task = strdup("t") };
                        int64_t epoch;
                        if (store_run_add(store, &run) != 0 ||
                            store_run_start(store, run.id, 1, &epoch) != 0 ||
                            store_after_commit(store, acknowledge, (void *)(intptr_t)run.id) != 0)
                                _exit(4);
                        run_done(&run);
                }
                if (store_commit(store, NULL) != 0)
                        _exit(5);
                if (rand_r(&seed) % 16 == 0 && store_checkpoint(store) != 0)
                        _exit(6);
        }
}

static void cycle(unsigned number_of_cycle, int64_t *last)
{
        int ends[2];
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                dup2(ends[1], STDOUT_FILENO);
                writer(number_of_cycle);
        }
        close(ends[1]);

        /* Killed in the middle of work: after some acknowledgements, at no particular point. */
        int64_t id, read_count = 0, kill_after = 1 + (number_of_cycle * 7919) % 200;
        bool killed = false;
        while (read(ends[0], &id, sizeof(id)) == (ssize_t)sizeof(id)) {
                ck_assert_int_gt(id, *last);
                *last = id;
                if (++read_count == kill_after) {
                        usleep((number_of_cycle * 1237) % 5000);
                        ck_assert_int_eq(kill(pid, SIGKILL), 0);
                        killed = true;
                }
        }
        close(ends[0]);
        int status;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_msg(killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "status %x",
                      (unsigned)status);
}

/* Guards: an acknowledged change is there after any end of the process. */
START_TEST(test_killed_writer)
{
        int64_t last = 0;
        for (unsigned i = 0; i < 20; i++) {
                cycle(i + 1, &last);
                fixture_open();
                int64_t total;
                ck_assert_int_eq(store_run_total(fixture_store, &total), 0);
                ck_assert_int_ge(total, last);
                for (int64_t id = 1; id <= last; id++)
                        ck_assert_msg(store_run_exists(fixture_store, id) == 0, "cycle %u lost run %d", i,
                                      (int)id);
                store_close(fixture_store);
                fixture_store = NULL;
        }
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("store-open");
        TCase *tcase = tcase_create("open");
        tcase_add_checked_fixture(tcase, fixture_directory_setup, fixture_teardown);
        tcase_set_timeout(tcase, 300);
        tcase_add_loop_test(tcase, test_refused, 0, REFUSED_CASES);
        tcase_add_test(tcase, test_refused_unchanged);
        tcase_add_test(tcase, test_unwritable);
        tcase_add_test(tcase, test_second_opener);
        tcase_add_test(tcase, test_bad_json);
        tcase_add_test(tcase, test_files);
        tcase_add_test(tcase, test_settings_in_force);
        tcase_add_test(tcase, test_views);
        tcase_add_test(tcase, test_migration_of_runs);
        tcase_add_test(tcase, test_migration);
        tcase_add_test(tcase, test_migration_fails);
        tcase_add_test(tcase, test_killed_writer);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
