/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "lib/util.h"

#define FIXTURE_PAGE 4096

char fixture_directory[64];
struct store *fixture_store;

void fixture_directory_setup(void)
{
        strcpy(fixture_directory, "/tmp/bgtaskd-store-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(fixture_directory));
        fixture_store = NULL;
}

void fixture_setup(void)
{
        fixture_directory_setup();
        fixture_open();
}

void fixture_teardown(void)
{
        fixture_close();
        ck_assert_int_eq(tree_remove(AT_FDCWD, fixture_directory, NULL), 0);
}

const char *fixture_path(const char *name)
{
        static char paths[4][256];
        static unsigned next;
        char *path = paths[next++ % ARRAY_SIZE(paths)];
        snprintf(path, sizeof(paths[0]), "%s/%s", fixture_directory, name);
        return path;
}

void fixture_open(void)
{
        struct error error = ERROR_INIT;
        int r = store_open(fixture_directory, &fixture_store, &error);
        ck_assert_msg(r == 0, "store_open: %d %s", r, error.text);
}

void fixture_close(void)
{
        store_close(fixture_store);
        fixture_store = NULL;
}

void fixture_reopen(void)
{
        fixture_close();
        fixture_open();
}

void fixture_sql(const char *sql)
{
        sqlite3 *db;
        ck_assert_int_eq(sqlite3_open(fixture_path(STORE_FILE), &db), SQLITE_OK);
        ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
                      sqlite3_errmsg(db));
        ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

int64_t fixture_sql_number(const char *sql)
{
        sqlite3 *db;
        int64_t value = -1;
        ck_assert_int_eq(sqlite3_open(fixture_path(STORE_FILE), &db), SQLITE_OK);
        ck_assert_int_eq(store_value(db, sql, &value, NULL, 0), SQLITE_OK);
        ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
        return value;
}

void fixture_scribble(int64_t page)
{
        char noise[FIXTURE_PAGE];
        int fd = open(fixture_path(STORE_FILE), O_WRONLY | O_CLOEXEC);
        memset(noise, 0xa5, sizeof(noise));
        ck_assert_int_eq(pwrite(fd, noise, sizeof(noise), (page - 1) * FIXTURE_PAGE), sizeof(noise));
        close(fd);
}

void fixture_commit(void)
{
        struct error error = ERROR_INIT;
        int r = store_commit(fixture_store, &error);
        ck_assert_msg(r == 0, "store_commit: %d %s", r, error.text);
}

int64_t fixture_add(const char *task)
{
        struct run run = { .task = strdup(task), .args = json_pack("[ss]", "one", ""), .uid = 1000 };
        ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
        int64_t id = run.id;
        run_done(&run);
        return id;
}

int64_t fixture_start(const char *task)
{
        int64_t id = fixture_add(task), epoch = 0;
        ck_assert_int_eq(store_run_start(fixture_store, id, 1700000000000000, &epoch), 0);
        ck_assert_int_eq(epoch, 1);
        fixture_commit();
        return id;
}

int fixture_finish(int64_t id, enum run_state state, enum run_result result, int64_t finished_at_us)
{
        struct run run = {
                .id = id,
                .epoch = 1,
                .state = state,
                .result = result,
                .exit_code = result == RUN_RESULT_SUCCESS ? 0 : 200,
                .finished_at_us = finished_at_us,
        };
        return store_run_finish(fixture_store, &run);
}

enum run_state fixture_state(int64_t id)
{
        struct run run;
        ck_assert_int_eq(store_run_get(fixture_store, id, &run), 0);
        enum run_state state = run.state;
        run_done(&run);
        return state;
}

int64_t fixture_count(enum run_state state)
{
        int64_t count = -1;
        ck_assert_int_eq(store_run_count(fixture_store, state, &count), 0);
        return count;
}

void fixture_result(int result, void *data)
{
        struct fixture_results *results = data;
        ck_assert_int_lt(results->count, (int)ARRAY_SIZE(results->values));
        results->values[results->count++] = result;
}
