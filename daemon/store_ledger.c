/* SPDX-License-Identifier: MPL-2.0 */
/* Passes and occurrences, the runs that are held, and what the scheduler remembers of the machine. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"

/* ---- passes ---- */

static int pass_read(struct store *store, sqlite3_stmt *row, struct pass *ret)
{
        int rc = SQLITE_OK;
        struct pass pass = {
                .id = sqlite3_column_int64(row, 0),
                .schedule_id = sqlite3_column_int64(row, 1),
                .pass = sqlite3_column_int64(row, 2),
                .name = store_column_text(row, 3, &rc),
                .uid = (uid_t)sqlite3_column_int64(row, 4),
                .kind = strcmp((const char *)sqlite3_column_text(row, 5), "backfill") == 0 ? PASS_BACKFILL
                                                                                           : PASS_CLOCK,
                .why = store_column_text(row, 6, &rc),
                .definition = store_column_text(row, 7, &rc),
                .from_us = sqlite3_column_int64(row, 8),
                .until_us = sqlite3_column_int64(row, 9),
                .cursor_us = sqlite3_column_int64(row, 10),
                .began_at_us = sqlite3_column_int64(row, 11),
                .ended_at_us = sqlite3_column_int64(row, 12),
        };
        if (rc != SQLITE_OK) {
                pass_done(&pass);
                return store_failed(store, rc);
        }
        *ret = pass;
        return 0;
}

static int pass_fetch(struct store *store, enum store_statement which, int64_t id, struct pass *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, which, &row, "i", id);
        if (r == 0)
                r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        return pass_read(store, row, ret);
}

int store_pass_add(struct store *store, const struct pass *pass)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_PASS_ADD, NULL, "iititttiiiii", pass->schedule_id, pass->pass,
                               pass->name, (int64_t)pass->uid,
                               pass->kind == PASS_BACKFILL ? "backfill" : "clock", pass->why,
                               pass->definition, pass->from_us, pass->until_us, pass->cursor_us,
                               pass->began_at_us, pass->ended_at_us);
        return store_end_change(store, r);
}

int store_pass_update(struct store *store, const struct pass *pass)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_PASS_UPDATE, NULL, "iii", pass->id, pass->cursor_us,
                               pass->ended_at_us);
        return store_end_change(store, r);
}

int store_pass_after(struct store *store, int64_t id, struct pass *ret)
{
        return pass_fetch(store, STATEMENT_PASS_LIST, id, ret);
}

int store_backfill_after(struct store *store, int64_t id, struct pass *ret)
{
        return pass_fetch(store, STATEMENT_PASS_BACKFILL, id, ret);
}

/* ---- the ledger ---- */

static void occurrence_read(sqlite3_stmt *row, struct occurrence *ret)
{
        int outcome = occurrence_outcome_parse((const char *)sqlite3_column_text(row, 7));
        *ret = (struct occurrence){
                .id = sqlite3_column_int64(row, 0),
                .schedule_id = sqlite3_column_int64(row, 1),
                .pass = sqlite3_column_int64(row, 2),
                .after_us = sqlite3_column_int64(row, 3),
                .first_us = sqlite3_column_int64(row, 4),
                .last_us = sqlite3_column_int64(row, 5),
                .count = sqlite3_column_int64(row, 6),
                /* The schema's CHECK keeps other words out. */
                .outcome = outcome < 0 ? OCCURRENCE_LOST : (enum occurrence_outcome)outcome,
                .run_id = sqlite3_column_int64(row, 9),
                .into_id = sqlite3_column_int64(row, 10),
                .decided_at_us = sqlite3_column_int64(row, 11),
        };
        snprintf(ret->reason, sizeof(ret->reason), "%s", (const char *)sqlite3_column_text(row, 8));
}

int store_occurrence_add(struct store *store, struct occurrence *occurrence)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_OCCURRENCE_ADD, NULL, "iiiiiittiii", occurrence->schedule_id,
                               occurrence->pass, occurrence->after_us, occurrence->first_us,
                               occurrence->last_us, occurrence->count,
                               occurrence_outcome_name(occurrence->outcome), occurrence->reason,
                               occurrence->run_id, occurrence->into_id, occurrence->decided_at_us);
        if (r == 0)
                occurrence->id = sqlite3_last_insert_rowid(store->db);
        return store_end_change(store, r);
}

int store_occurrence_set(struct store *store, const struct occurrence *occurrence)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_OCCURRENCE_SET, NULL, "itti", occurrence->id,
                               occurrence_outcome_name(occurrence->outcome), occurrence->reason,
                               occurrence->run_id);
        return store_end_change(store, r);
}

int store_occurrence_extend(struct store *store, const struct occurrence *occurrence)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_OCCURRENCE_EXTEND, NULL, "iii", occurrence->id,
                               occurrence->last_us, occurrence->count);
        return store_end_change(store, r);
}

static int occurrence_fetch(struct store *store, sqlite3_stmt *row, struct occurrence *ret)
{
        int r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        occurrence_read(row, ret);
        return 0;
}

int store_occurrence_get(struct store *store, int64_t id, struct occurrence *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_OCCURRENCE_GET, &row, "i", id);
        return r == 0 ? occurrence_fetch(store, row, ret) : r;
}

int store_occurrence_last(struct store *store, int64_t schedule_id, int64_t pass, struct occurrence *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_OCCURRENCE_LAST, &row, "ii", schedule_id, pass);
        return r == 0 ? occurrence_fetch(store, row, ret) : r;
}

int store_occurrence_first(struct store *store, int64_t schedule_id, int64_t pass, struct occurrence *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_OCCURRENCE_FIRST, &row, "ii", schedule_id, pass);
        return r == 0 ? occurrence_fetch(store, row, ret) : r;
}

int store_occurrence_list(struct store *store, int64_t schedule_id, int64_t pass, int64_t after_us,
                          int (*each)(const struct occurrence *occurrence, void *data), void *data)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_OCCURRENCE_LIST, &row, "iii", schedule_id, pass, after_us);
        if (r != 0)
                return r;
        while ((r = store_row(store, row)) > 0) {
                struct occurrence occurrence;
                occurrence_read(row, &occurrence);
                r = each(&occurrence, data);
                if (r != 0)
                        return r;
        }
        return r;
}

/* ---- runs that are held or to be followed up ---- */

int store_scheduled_run_add(struct store *store, const struct scheduled_run *scheduled)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_SCHEDULED_RUN_ADD, NULL, "iiiitii", scheduled->run_id,
                               scheduled->schedule_id, scheduled->occurrence_id, scheduled->attempt,
                               hold_name(scheduled->hold), scheduled->since_us, scheduled->wake_us);
        return store_end_change(store, r);
}

int store_scheduled_run_set(struct store *store, const struct scheduled_run *scheduled)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_SCHEDULED_RUN_SET, NULL, "iti", scheduled->run_id,
                               hold_name(scheduled->hold), scheduled->wake_us);
        return store_end_change(store, r);
}

int store_scheduled_run_remove(struct store *store, int64_t run_id)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_SCHEDULED_RUN_REMOVE, NULL, "i", run_id);
        return store_end_change(store, r);
}

static int scheduled_run_fetch(struct store *store, sqlite3_stmt *row, struct scheduled_run *ret)
{
        int r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        int hold = hold_parse((const char *)sqlite3_column_text(row, 4));
        *ret = (struct scheduled_run){
                .run_id = sqlite3_column_int64(row, 0),
                .schedule_id = sqlite3_column_int64(row, 1),
                .occurrence_id = sqlite3_column_int64(row, 2),
                .attempt = sqlite3_column_int64(row, 3),
                .hold = hold < 0 ? HOLD_NONE : (enum hold)hold,
                .since_us = sqlite3_column_int64(row, 5),
                .wake_us = sqlite3_column_int64(row, 6),
        };
        return 0;
}

int store_scheduled_run_get(struct store *store, int64_t run_id, struct scheduled_run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULED_RUN_GET, &row, "i", run_id);
        return r == 0 ? scheduled_run_fetch(store, row, ret) : r;
}

int store_scheduled_run_count(struct store *store, int64_t schedule_id, enum hold hold, int64_t *ret_count,
                              int64_t *ret_first)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULED_RUN_COUNT, &row, "it", schedule_id, hold_name(hold));
        if (r == 0)
                r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        *ret_count = sqlite3_column_int64(row, 0);
        *ret_first = sqlite3_column_int64(row, 1);
        return 0;
}

int store_scheduled_run_of(struct store *store, int64_t schedule_id, enum hold hold, int64_t run_id,
                           struct scheduled_run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULED_RUN_OF, &row, "iti", schedule_id, hold_name(hold),
                           run_id);
        return r == 0 ? scheduled_run_fetch(store, row, ret) : r;
}

int store_scheduled_run_held(struct store *store, enum hold hold, int64_t run_id, struct scheduled_run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULED_RUN_HELD, &row, "ti", hold_name(hold), run_id);
        return r == 0 ? scheduled_run_fetch(store, row, ret) : r;
}

int store_scheduled_run_due(struct store *store, int64_t now_us, struct scheduled_run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULED_RUN_DUE, &row, "i", now_us);
        return r == 0 ? scheduled_run_fetch(store, row, ret) : r;
}

int store_scheduled_run_ended(struct store *store, int64_t run_id, struct scheduled_run *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULED_RUN_ENDED, &row, "i", run_id);
        return r == 0 ? scheduled_run_fetch(store, row, ret) : r;
}

/* ---- the machine ---- */

int store_zone_set(struct store *store, const char *name, uint64_t hash)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_ZONE_SET, NULL, "ti", name, (int64_t)hash);
        return store_end_change(store, r);
}

int store_zone_list(struct store *store, int (*each)(const char *name, uint64_t hash, void *data), void *data)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_ZONE_LIST, &row, "");
        if (r != 0)
                return r;
        while ((r = store_row(store, row)) > 0) {
                r = each((const char *)sqlite3_column_text(row, 0), (uint64_t)sqlite3_column_int64(row, 1),
                         data);
                if (r != 0)
                        return r;
        }
        return r;
}

int store_machine_set(struct store *store, const char *name, const char *value)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_MACHINE_SET, NULL, "tt", name, value);
        return store_end_change(store, r);
}

int store_machine_get(struct store *store, const char *name, char **ret_value)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int rc = SQLITE_OK;
        int r = store_bind(store, STATEMENT_MACHINE_GET, &row, "t", name);
        if (r == 0)
                r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        char *value = store_column_text(row, 0, &rc);
        if (rc != SQLITE_OK)
                return store_failed(store, rc);
        *ret_value = value;
        return 0;
}
