/* SPDX-License-Identifier: MPL-2.0 */
/* What the store's tests share: a directory of their own, a store in it, and runs. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <check.h>

#include "daemon/store.h"

/* For tcase_add_checked_fixture(): an empty directory and an open store; closed and removed afterwards. */
void fixture_directory_setup(void);
void fixture_setup(void);
void fixture_teardown(void);

extern char fixture_directory[];
extern struct store *fixture_store;

/* DIRECTORY/NAME, in one of four buffers. */
const char *fixture_path(const char *name);
void fixture_open(void);
void fixture_close(void);
void fixture_reopen(void);
/* While it is closed: run statements, get one number, overwrite a page with noise. */
void fixture_sql(const char *sql);
int64_t fixture_sql_number(const char *sql);
void fixture_scribble(int64_t page);
/* Commit, which must succeed. */
void fixture_commit(void);
/* Add a run of @task, uncommitted. */
int64_t fixture_add(const char *task);
/* Add and start a run of @task, committed. */
int64_t fixture_start(const char *task);
/* End a started run of epoch 1; returns what the store returned. */
int fixture_finish(int64_t id, enum run_state state, enum run_result result, int64_t finished_at_us);
enum run_state fixture_state(int64_t id);
int64_t fixture_count(enum run_state state);

/* Results that callbacks got, in order. */
struct fixture_results {
        int count;
        int values[64];
};
void fixture_result(int result, void *data);

#endif
