/* SPDX-License-Identifier: MPL-2.0 */
/* Runs: adding, reading, starting, counting. What follows a start is in store_change.c. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/clock.h"

/* The schema's CHECK keeps other words out. */
enum run_state store_column_state(sqlite3_stmt *row, int column)
{
        int state = run_state_parse((const char *)sqlite3_column_text(row, column));
        return state < 0 ? RUN_LOST : (enum run_state)state;
}

enum run_result store_column_result(sqlite3_stmt *row, int column)
{
        int result = run_result_parse((const char *)sqlite3_column_text(row, column));
        return result < 0 ? RUN_RESULT_NONE : (enum run_result)result;
}

char *store_column_text(sqlite3_stmt *row, int column, int *rc)
{
        if (sqlite3_column_type(row, column) == SQLITE_NULL)
                return NULL;
        const char *text = (const char *)sqlite3_column_text(row, column);
        char *copy = text ? strdup(text) : NULL;
        if (!copy)
                *rc = SQLITE_NOMEM;
        return copy;
}

json_t *store_column_json(sqlite3_stmt *row, int column, int *rc)
{
        const char *text = (const char *)sqlite3_column_text(row, column);
        json_t *json = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
        if (!json)
                *rc = text ? SQLITE_CORRUPT : SQLITE_NOMEM;
        return json;
}

int store_read_run(struct store *store, sqlite3_stmt *row, struct run *ret)
{
        int rc = SQLITE_OK;
        struct run run = {
                .id = sqlite3_column_int64(row, 0),
                .task = store_column_text(row, 1, &rc),
                .args = store_column_json(row, 2, &rc),
                .state = store_column_state(row, 3),
                .result = store_column_result(row, 4),
                .epoch = sqlite3_column_int64(row, 5),
                .exit_code = sqlite3_column_int(row, 6),
                .signal = sqlite3_column_int(row, 7),
                .uid = (uid_t)sqlite3_column_int64(row, 8),
                .key = store_column_text(row, 9, &rc),
                .schedule = store_column_text(row, 10, &rc),
                .nominal_at_us = sqlite3_column_int64(row, 11),
                .queued_at_us = sqlite3_column_int64(row, 12),
                .started_at_us = sqlite3_column_int64(row, 13),
                .finished_at_us = sqlite3_column_int64(row, 14),
                .pid = (pid_t)sqlite3_column_int64(row, 15),
                .output_bytes = sqlite3_column_int64(row, 16),
                .output_dropped = sqlite3_column_int64(row, 17),
                .output_stored = sqlite3_column_int64(row, 18),
                .detail = store_column_json(row, 19, &rc),
                .pool = store_column_text(row, 20, &rc),
                .priority = sqlite3_column_int(row, 21),
        };
        if (rc != SQLITE_OK) {
                run_done(&run);
                return store_failed(store, rc);
        }
        *ret = run;
        return 0;
}

/* The one row of a statement. STORE_NOT_FOUND. */
static int run_fetch(struct store *store, sqlite3_stmt *row, struct run *ret)
{
        int r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        return store_read_run(store, row, ret);
}

int store_run_get_key(struct store *store, uid_t uid, const char *key, struct run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_RUN_GET_KEY, &row, "it", (int64_t)uid, key);
        return r == 0 ? run_fetch(store, row, ret) : r;
}

/* Its user's earlier run takes the place of @run. */
static int run_add_existing(struct store *store, struct run *run)
{
        struct run existing;
        int r = store_run_get_key(store, run->uid, run->key, &existing);
        if (r != 0)
                return r == STORE_NOT_FOUND ? -EINVAL : r;
        run_done(run);
        *run = existing;
        store->last_redone = false;
        return STORE_EXISTS;
}

int store_run_add(struct store *store, struct run *run)
{
        if (!store_space_check(store))
                return STORE_FULL;
        char *args _cleanup_free_ = run->args ? json_dumps(run->args, JSON_COMPACT) : strdup("[]");
        if (!args)
                return store->failure.code ? -store->failure.code : store_failed(store, SQLITE_NOMEM);
        if (!run->queued_at_us)
                run->queued_at_us = clock_realtime_us();

        int r = store_users_add(store->users, run->uid);
        if (r == 0)
                r = store_pools_add(store->pools, run->pool);
        if (r == 0)
                r = store_begin(store);
        if (r != 0)
                return r;
        int changes = 0;
        enum run_state state = run->state == RUN_HELD ? RUN_HELD : RUN_QUEUED;
        r = store_exec(store, STATEMENT_RUN_ADD, &changes, "ttittiitti", run->task, args, (int64_t)run->uid,
                       run->key, run->schedule, run->nominal_at_us, run->queued_at_us, run_state_name(state),
                       run->pool ? run->pool : "", (int64_t)run->priority);
        if (r == 0 && changes == 0)
                return run_add_existing(store, run);
        if (r == 0) {
                run->id = sqlite3_last_insert_rowid(store->db);
                run->state = state;
                run->result = RUN_RESULT_NONE;
                run->epoch = 0;
                run->exit_code = -1;
                store_counts_move(store, NULL, run);
        }
        return store_end_change(store, r);
}

int store_run_get(struct store *store, int64_t id, struct run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_RUN_GET, &row, "i", id);
        return r == 0 ? run_fetch(store, row, ret) : r;
}

int store_run_next_queued(struct store *store, const char *pool, int64_t uid, struct run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_RUN_NEXT_QUEUED, &row, "ti", pool, uid);
        if (r == 0)
                r = run_fetch(store, row, ret);
        if (r != STORE_NOT_FOUND || uid < 0)
                return r;
        store_reset(&row);
        r = store_bind(store, STATEMENT_RUN_NEXT_QUEUED, &row, "ti", pool, (int64_t)-1);
        return r == 0 ? run_fetch(store, row, ret) : r;
}

int store_peek_run(struct store *store, int64_t id, struct run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_RUN_BRIEF, &row, "i", id);
        if (r == 0)
                r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        *ret = (struct run){
                .id = id,
                .state = store_column_state(row, 1),
                .result = store_column_result(row, 2),
                .epoch = sqlite3_column_int64(row, 3),
                .output_stored = sqlite3_column_int64(row, 4),
                .uid = (uid_t)sqlite3_column_int64(row, 5),
                .pool = store_pools_name(store->pools, (const char *)sqlite3_column_text(row, 6)),
        };
        return 0;
}

int store_run_exists(struct store *store, int64_t id)
{
        struct run run;
        return store_peek_run(store, id, &run);
}

int store_run_start(struct store *store, int64_t id, int64_t started_at_us, int64_t *ret_epoch)
{
        int r = store_begin(store);
        if (r != 0)
                return r;
        struct run before;
        r = store_peek_run(store, id, &before);
        if (r != 0)
                return r;
        if (before.state != RUN_QUEUED)
                return STORE_NOT_FOUND;

        r = store_exec(store, STATEMENT_RUN_START, NULL, "ii", id, started_at_us);
        if (r == 0) {
                struct run after = before;
                after.state = RUN_STARTING;
                store_counts_move(store, &before, &after);
                *ret_epoch = before.epoch + 1;
        }
        return store_end_change(store, r);
}

int store_run_release(struct store *store, int64_t id, int64_t queued_at_us)
{
        int r = store_begin(store);
        if (r != 0)
                return r;
        struct run before;
        r = store_peek_run(store, id, &before);
        if (r != 0)
                return r;
        if (before.state != RUN_HELD)
                return STORE_NOT_FOUND;

        r = store_exec(store, STATEMENT_RUN_RELEASE, NULL, "ii", id, queued_at_us);
        if (r == 0) {
                struct run after = before;
                after.state = RUN_QUEUED;
                store_counts_move(store, &before, &after);
        }
        return store_end_change(store, r);
}

int store_run_set_output(struct store *store, const struct run *run)
{
        int r = store_begin(store);
        if (r != 0)
                return r;
        struct run before;
        r = store_peek_run(store, run->id, &before);
        if (r != 0)
                return r;
        r = store_exec(store, STATEMENT_RUN_OUTPUT, NULL, "iiii", run->id, run->output_bytes,
                       run->output_dropped, run->output_stored);
        if (r == 0)
                store->counts.output_stored += run->output_stored - before.output_stored;
        return store_end_change(store, r);
}

int store_run_count(struct store *store, enum run_state state, int64_t *ret)
{
        *ret = store->counts.states[state];
        return -store->failure.code;
}

int store_run_total(struct store *store, int64_t *ret)
{
        int64_t total = 0;
        for (size_t i = 0; i < RUN_STATE_COUNT; i++)
                total += store->counts.states[i];
        *ret = total;
        return -store->failure.code;
}

int store_count_all(struct store *store)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_COUNT_RUNS, &row, "");
        if (r != 0)
                return r;
        while ((r = store_row(store, row)) > 0) {
                struct run run = { .state = store_column_state(row, 0),
                                   .result = store_column_result(row, 1) };
                int64_t count = sqlite3_column_int64(row, 2);
                run.uid = (uid_t)sqlite3_column_int64(row, 4);
                r = store_users_add(store->users, run.uid);
                if (r == 0 && !run_state_is_final(run.state))
                        r = store_pools_add(store->pools, (const char *)sqlite3_column_text(row, 5));
                if (r < 0)
                        return r;
                run.pool = store_pools_name(store->pools, (const char *)sqlite3_column_text(row, 5));
                store_users_count(store->users, &run, count);
                store_pools_count(store->pools, &run, count);
                store->counts.states[run.state] += count;
                store->counts.output_stored += sqlite3_column_int64(row, 3);
                if (run_failed(&run))
                        store->counts.failures += count;
                else if (run_state_is_final(run.state))
                        store->counts.successes += count;
        }
        if (r < 0)
                return r;

        sqlite3_stmt *schedules _cleanup_reset_ = NULL;
        r = store_bind(store, STATEMENT_COUNT_SCHEDULES, &schedules, "");
        if (r == 0)
                r = store_row(store, schedules);
        if (r > 0)
                store->counts.schedules = sqlite3_column_int64(schedules, 0);
        return r < 0 ? r : 0;
}
