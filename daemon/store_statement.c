/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Two habits of the statements below:
 *
 * - A partial index is named with INDEXED BY, and its WHERE is repeated word for word: a statement that could not
 *   use its index fails to prepare instead of scanning.
 * - The reserve of a run's row gives back what the other columns may take more. In bytes, at most: queued -> starting
 *   2 of the state, 1 of the epoch, 8 of the start; starting -> running 4 of the process; back to queued 10
 *   (from running 13) are free again, and the detail takes what says why; -> ended 4 of the state, 12 of the result, 2 of exit code and signal, 8 each of the end and the
 *   output's three. That leaves 127 for the detail, less one for every time it went back to the queue.
 */
#include "config.h"

#include "daemon/store_statement.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#include "daemon/store_internal.h"

#define RESERVE "192"

#define ACTIVE "state IN ('queued', 'starting', 'running', 'held')"
#define FAILURE "result NOT IN ('', 'success')"

/* In the order of store_read_run(). */
#define RUN_COLUMNS                                                                                                  \
        "id, task, args, state, result, epoch, exit_code, signal, uid, key, schedule, nominal_at_us, queued_at_us, " \
        "started_at_us, finished_at_us, pid, output_bytes, output_dropped, output_stored, detail"

/* ?1 below this id; ?2 task, ?3 schedule, ?4 state, null: any; ?5 failed, ?7 user, negative: any; ?6 limit */
#define LIST(source, driver)                                                                                 \
        "SELECT " RUN_COLUMNS " FROM run " source " WHERE id < ?1 AND " driver                               \
        " AND (?2 IS NULL OR task = ?2) AND (?3 IS NULL OR schedule = ?3) AND (?4 IS NULL OR state = ?4)"    \
        " AND (?5 < 0 OR (result <> '' AND (result <> 'success') = ?5)) AND (?7 < 0 OR uid = ?7) ORDER BY id DESC LIMIT ?6"

#define OLDEST(index, condition)                                                                             \
        "SELECT id, state, result, finished_at_us, output_stored, uid FROM run INDEXED BY " index            \
        " WHERE " condition " AND id > ?1 ORDER BY id LIMIT ?2"

/* In the order of schedule_read(). */
#define SCHEDULE_COLUMNS "id, name, task, args, trigger_spec, anchor_at_us, next_at_us, uid, created_at_us"

const struct store_statement_text store_statements[STATEMENT_COUNT] = {
        [STATEMENT_BEGIN] = { "BEGIN IMMEDIATE", false },
        [STATEMENT_COMMIT] = { "COMMIT", false },
        [STATEMENT_ROLLBACK] = { "ROLLBACK", false },
        [STATEMENT_SPARE_ADD] = { "INSERT OR IGNORE INTO spare (id, filler) VALUES (1, zeroblob(?1))",
                                  false },
        [STATEMENT_SPARE_REMOVE] = { "DELETE FROM spare WHERE id = 1", false },
        [STATEMENT_COUNT_RUNS] = { "SELECT state, result, count(*), sum(output_stored), uid FROM run GROUP BY uid, state, result",
                                   true },
        [STATEMENT_COUNT_SCHEDULES] = { "SELECT count(*) FROM schedule", true },

        [STATEMENT_RUN_ADD] = { "INSERT INTO run (task, args, state, uid, key, schedule, nominal_at_us, queued_at_us, "
                                "reserve) VALUES (?1, ?2, 'queued', ?3, ?4, ?5, ?6, ?7, zeroblob(" RESERVE
                                ")) ON CONFLICT (uid, key) WHERE key IS NOT NULL DO NOTHING",
                                false },
        [STATEMENT_RUN_GET] = { "SELECT " RUN_COLUMNS " FROM run WHERE id = ?1", false },
        [STATEMENT_RUN_GET_KEY] = { "SELECT " RUN_COLUMNS
                                    " FROM run INDEXED BY run_key WHERE uid = ?1 AND key = ?2",
                                    false },
        [STATEMENT_RUN_BRIEF] = { "SELECT id, state, result, epoch, output_stored, uid FROM run WHERE id = ?1",
                                  false },
        [STATEMENT_RUN_START] = { "UPDATE run SET state = 'starting', epoch = epoch + 1, started_at_us = ?2, "
                                  "reserve = zeroblob(length(reserve) - 11) WHERE id = ?1",
                                  false },
        [STATEMENT_RUN_RUNNING] = { "UPDATE run SET state = 'running', pid = ?2, started_at_us = ?3, "
                                    "reserve = zeroblob(length(reserve) - 4) WHERE id = ?1",
                                    false },
        [STATEMENT_RUN_REQUEUE] = { "UPDATE run SET state = 'queued', started_at_us = 0, pid = 0, "
                                    "detail = coalesce(?2, detail), reserve = zeroblob(length(reserve) + "
                                    "CASE state WHEN 'running' THEN 13 ELSE 10 END "
                                    "- length(coalesce(?2, detail)) + length(detail)) WHERE id = ?1",
                                    false },
        [STATEMENT_RUN_FINISH] = { "UPDATE run SET state = ?2, result = ?3, exit_code = ?4, signal = ?5, "
                                   "finished_at_us = ?6, output_bytes = ?7, output_dropped = ?8, output_stored = ?9, "
                                   "detail = ?10, pid = max(pid, ?11), "
                                   "started_at_us = CASE WHEN ?12 > 0 THEN ?12 ELSE started_at_us END, "
                                   "reserve = x'' WHERE id = ?1",
                                   false },
        [STATEMENT_RUN_OUTPUT] = { "UPDATE run SET output_bytes = ?2, output_dropped = ?3, output_stored = ?4 "
                                   "WHERE id = ?1",
                                   false },
        [STATEMENT_RUN_NEXT_QUEUED] = { "SELECT " RUN_COLUMNS
                                        " FROM run INDEXED BY run_user_active WHERE " ACTIVE
                                        " AND uid > ?1 AND state = 'queued' ORDER BY uid, id LIMIT 1",
                                        false },
        [STATEMENT_RUN_DELETE] = { "DELETE FROM run WHERE id = ?1", false },

        [STATEMENT_LIST_ANY] = { LIST("", "1"), false },
        [STATEMENT_LIST_TASK] = { LIST("INDEXED BY run_task", "task = ?2"), false },
        [STATEMENT_LIST_SCHEDULE] = { LIST("INDEXED BY run_schedule", "schedule = ?3"), false },
        [STATEMENT_LIST_ACTIVE] = { LIST("INDEXED BY run_active", ACTIVE), false },
        [STATEMENT_LIST_USER] = { LIST("INDEXED BY run_user", "uid = ?7"), false },
        [STATEMENT_LIST_USER_ACTIVE] = { LIST("INDEXED BY run_user_active", ACTIVE " AND uid = ?7"), false },
        [STATEMENT_LIST_SUCCESS] = { LIST("INDEXED BY run_success", "result = 'success'"), false },
        [STATEMENT_LIST_FAILURE] = { LIST("INDEXED BY run_failure", FAILURE), false },
        [STATEMENT_OLDEST_SUCCESS] = { OLDEST("run_success", "result = 'success'"), false },
        [STATEMENT_OLDEST_FAILURE] = { OLDEST("run_failure", FAILURE), false },

        [STATEMENT_SCHEDULE_ADD] = { "INSERT INTO schedule (name, task, args, trigger_kind, trigger_spec, anchor_at_us, "
                                     "next_at_us, uid, created_at_us) VALUES (?1, ?2, ?3, 'interval', ?4, ?5, ?6, ?7, "
                                     "?8) ON CONFLICT (name) DO NOTHING",
                                     false },
        [STATEMENT_SCHEDULE_GET] = { "SELECT " SCHEDULE_COLUMNS " FROM schedule WHERE name = ?1", false },
        [STATEMENT_SCHEDULE_REMOVE] = { "DELETE FROM schedule WHERE name = ?1", false },
        [STATEMENT_SCHEDULE_LIST] = { "SELECT " SCHEDULE_COLUMNS " FROM schedule ORDER BY name", true },
        [STATEMENT_SCHEDULE_DUE] = { "SELECT " SCHEDULE_COLUMNS " FROM schedule INDEXED BY schedule_next "
                                     "WHERE next_at_us > 0 AND next_at_us <= ?1 ORDER BY next_at_us, id LIMIT 1",
                                     false },
        [STATEMENT_SCHEDULE_SET_NEXT] = { "UPDATE schedule SET next_at_us = ?2 WHERE id = ?1", false },
};

static int statement_bind(sqlite3_stmt *statement, const char *types, va_list values)
{
        int rc = SQLITE_OK;
        for (int i = 1; *types && rc == SQLITE_OK; types++, i++)
                rc = *types == 'i' ? sqlite3_bind_int64(statement, i, va_arg(values, int64_t))
                                   : sqlite3_bind_text(statement, i, va_arg(values, const char *), -1,
                                                       SQLITE_STATIC);
        return rc;
}

static int statement_get(struct store *store, enum store_statement which, const char *types, va_list values)
{
        if (store->failure.code)
                return -store->failure.code;

        int rc = SQLITE_OK;
        if (!store->statements[which])
                rc = sqlite3_prepare_v3(store->db, store_statements[which].sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &store->statements[which], NULL);
        if (rc == SQLITE_OK)
                rc = statement_bind(store->statements[which], types, values);
        return rc == SQLITE_OK ? 0 : store_failed(store, rc);
}

int store_bind(struct store *store, enum store_statement which, sqlite3_stmt **ret, const char *types, ...)
{
        va_list values;
        va_start(values, types);
        int r = statement_get(store, which, types, values);
        va_end(values);
        if (r == 0)
                *ret = store->statements[which];
        return r;
}

int store_row(struct store *store, sqlite3_stmt *statement)
{
        int rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW)
                return 1;
        return rc == SQLITE_DONE ? 0 : store_failed(store, rc);
}

/* Bindings are cleared as well: they point into the caller's memory. */
void store_reset(sqlite3_stmt **statement)
{
        if (!*statement)
                return;
        sqlite3_reset(*statement);
        sqlite3_clear_bindings(*statement);
}

int store_exec(struct store *store, enum store_statement which, int *ret_changes, const char *types, ...)
{
        va_list values;
        va_start(values, types);
        int r = statement_get(store, which, types, values);
        va_end(values);
        if (r != 0)
                return r;

        sqlite3_stmt *statement _cleanup_reset_ = store->statements[which];
        int rc;
        do {
                rc = sqlite3_step(statement);
        } while (rc == SQLITE_ROW);
        if (rc != SQLITE_DONE)
                return store_failed(store, rc);
        if (ret_changes)
                *ret_changes = sqlite3_changes(store->db);
        return 0;
}
