/* SPDX-License-Identifier: MPL-2.0 */
/* Schedules and their triggers. The indexes on times are the timer queue: a tick looks at their first entries. */
#include "config.h"

#include "daemon/store_schedule.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define SCHEDULE_TYPES "itttttiiiiiitiiiiiiiitiii"

static int schedule_read(struct store *store, sqlite3_stmt *row, struct schedule *ret)
{
        int rc = SQLITE_OK;
        struct schedule schedule = {
                .id = sqlite3_column_int64(row, 0),
                .name = store_column_text(row, 1, &rc),
                .task = store_column_text(row, 2, &rc),
                .args = store_column_json(row, 3, &rc),
                .definition = store_column_text(row, 4, &rc),
                .source = store_column_text(row, 5, &rc),
                .uid = (uid_t)sqlite3_column_int64(row, 6),
                .created_at_us = sqlite3_column_int64(row, 7),
                .offset_us = sqlite3_column_int64(row, 8),
                .pass = sqlite3_column_int64(row, 9),
                .pass_from_us = sqlite3_column_int64(row, 10),
                .pass_began_us = sqlite3_column_int64(row, 11),
                .pass_why = store_column_text(row, 12, &rc),
                .cursor_us = sqlite3_column_int64(row, 13),
                .next_us = sqlite3_column_int64(row, 14),
                .due_us = sqlite3_column_int64(row, 15),
                .latest_us = sqlite3_column_int64(row, 16),
                .resume_us = sqlite3_column_int64(row, 17),
                .paused_at_us = sqlite3_column_int64(row, 18),
                .paused_uid = (uid_t)sqlite3_column_int64(row, 19),
                .paused_until_us = sqlite3_column_int64(row, 20),
                .paused_why = store_column_text(row, 21, &rc),
                .failures = sqlite3_column_int64(row, 22),
                .moved_from_us = sqlite3_column_int64(row, 23),
                .moved_at_us = sqlite3_column_int64(row, 24),
        };
        if (rc != SQLITE_OK) {
                schedule_done(&schedule);
                return store_failed(store, rc);
        }
        *ret = schedule;
        return 0;
}

static int schedule_fetch(struct store *store, sqlite3_stmt *row, struct schedule *ret)
{
        int r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        return schedule_read(store, row, ret);
}

/* Add or update: the same columns. */
static int schedule_write(struct store *store, enum store_statement which, const struct schedule *schedule,
                          int *ret_changes)
{
        char *args _cleanup_free_ = schedule->args ? json_dumps(schedule->args, JSON_COMPACT) : strdup("[]");
        if (!args)
                return store_failed(store, SQLITE_NOMEM);
        return store_exec(store, which, ret_changes, SCHEDULE_TYPES, schedule->id, schedule->name,
                          schedule->task, args, schedule->definition, schedule->source,
                          (int64_t)schedule->uid, schedule->created_at_us, schedule->offset_us,
                          schedule->pass, schedule->pass_from_us, schedule->pass_began_us, schedule->pass_why,
                          schedule->cursor_us, schedule->next_us, schedule->due_us, schedule->latest_us,
                          schedule->resume_us, schedule->paused_at_us, (int64_t)schedule->paused_uid,
                          schedule->paused_until_us, schedule->paused_why, schedule->failures,
                          schedule->moved_from_us, schedule->moved_at_us);
}

int store_schedule_add(struct store *store, struct schedule *schedule)
{
        if (!store_space_check(store))
                return STORE_FULL;
        int r = store_begin(store);
        if (r != 0)
                return r;
        int changes = 0;
        r = schedule_write(store, STATEMENT_SCHEDULE_ADD, schedule, &changes);
        if (r == 0 && changes == 0)
                return STORE_EXISTS;
        if (r == 0) {
                schedule->id = sqlite3_last_insert_rowid(store->db);
                store->counts.schedules++;
        }
        return store_end_change(store, r);
}

int store_schedule_update(struct store *store, const struct schedule *schedule)
{
        int changes = 0;
        int r = store_begin(store);
        if (r == 0)
                r = schedule_write(store, STATEMENT_SCHEDULE_UPDATE, schedule, &changes);
        if (r == 0 && changes == 0)
                return STORE_NOT_FOUND;
        return store_end_change(store, r);
}

int store_schedule_get(struct store *store, const char *name, struct schedule *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_GET, &row, "t", name);
        return r == 0 ? schedule_fetch(store, row, ret) : r;
}

int store_schedule_get_id(struct store *store, int64_t id, struct schedule *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_GET_ID, &row, "i", id);
        return r == 0 ? schedule_fetch(store, row, ret) : r;
}

int store_schedule_after(struct store *store, int64_t id, struct schedule *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_AFTER, &row, "i", id);
        return r == 0 ? schedule_fetch(store, row, ret) : r;
}

int store_schedule_remove(struct store *store, int64_t id)
{
        int r = store_begin(store);
        if (r != 0)
                return r;
        int changes = 0;
        r = store_exec(store, STATEMENT_SCHEDULE_REMOVE, &changes, "i", id);
        if (r == 0 && changes == 0)
                return STORE_NOT_FOUND;
        if (r == 0)
                store->counts.schedules--;
        return store_end_change(store, r);
}

int store_schedule_behind(struct store *store, const char *name, struct schedule *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_LIST, &row, "t", name);
        return r == 0 ? schedule_fetch(store, row, ret) : r;
}

int store_schedule_of_files(struct store *store, int (*each)(const struct schedule *schedule, void *data),
                            void *data)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_OF_FILES, &row, "");
        if (r != 0)
                return r;
        while ((r = store_row(store, row)) > 0) {
                struct schedule schedule = { 0 };
                r = schedule_read(store, row, &schedule);
                if (r == 0)
                        r = each(&schedule, data);
                schedule_done(&schedule);
                if (r != 0)
                        return r;
        }
        return r;
}

/* The first column of each row, with what the statement takes. */
static int texts_of(struct store *store, enum store_statement which, const char *kind,
                    int (*each)(const char *text, void *data), void *data)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = kind ? store_bind(store, which, &row, "t", kind) : store_bind(store, which, &row, "");
        if (r != 0)
                return r;
        while ((r = store_row(store, row)) > 0) {
                r = each((const char *)sqlite3_column_text(row, 0), data);
                if (r != 0)
                        return r;
        }
        return r;
}

int store_schedule_file_tasks(struct store *store, int (*each)(const char *task, void *data), void *data)
{
        return texts_of(store, STATEMENT_SCHEDULE_FILE_TASKS, NULL, each, data);
}

int store_schedule_count(struct store *store, int64_t *ret)
{
        *ret = store->counts.schedules;
        return -store->failure.code;
}

int store_schedule_due(struct store *store, int64_t now_us, struct schedule *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_DUE, &row, "i", now_us);
        return r == 0 ? schedule_fetch(store, row, ret) : r;
}

/* A number in the first row. */
static int number_of(struct store *store, enum store_statement which, int64_t *ret_us)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, which, &row, "");
        if (r == 0)
                r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        *ret_us = sqlite3_column_int64(row, 0);
        return 0;
}

int store_schedule_wake(struct store *store, int64_t *ret_us)
{
        int64_t schedule_us = INT64_MAX, held_us = INT64_MAX;
        int r = number_of(store, STATEMENT_SCHEDULE_WAKE, &schedule_us);
        if (r >= 0)
                r = number_of(store, STATEMENT_SCHEDULED_RUN_WAKE, &held_us);
        if (r < 0)
                return r;
        if (MIN(schedule_us, held_us) == INT64_MAX)
                return STORE_NOT_FOUND;
        *ret_us = MIN(schedule_us, held_us);
        return 0;
}

int store_schedule_newest(struct store *store, int64_t *ret_us)
{
        int64_t schedule_us = 0, occurrence_us = 0;
        int r = number_of(store, STATEMENT_SCHEDULE_NEWEST, &schedule_us);
        if (r >= 0)
                r = number_of(store, STATEMENT_OCCURRENCE_NEWEST, &occurrence_us);
        *ret_us = MAX(schedule_us, occurrence_us);
        return r < 0 ? r : 0;
}

/* ---- triggers ---- */

int store_trigger_add(struct store *store, int64_t schedule_id, const char *kind, const char *subject)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_TRIGGER_ADD, NULL, "itt", schedule_id, kind, subject);
        return store_end_change(store, r);
}

int store_trigger_remove(struct store *store, int64_t schedule_id)
{
        int r = store_begin(store);
        if (r == 0)
                r = store_exec(store, STATEMENT_TRIGGER_REMOVE, NULL, "i", schedule_id);
        return store_end_change(store, r);
}

int store_trigger_next(struct store *store, const char *kind, const char *subject, int64_t schedule_id,
                       int64_t *ret_schedule_id)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_TRIGGER_SCHEDULES, &row, "tti", kind, subject, schedule_id);
        if (r == 0)
                r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        *ret_schedule_id = sqlite3_column_int64(row, 0);
        return 0;
}

int store_trigger_subjects(struct store *store, const char *kind,
                           int (*each)(const char *subject, void *data), void *data)
{
        return texts_of(store, STATEMENT_TRIGGER_SUBJECTS, kind, each, data);
}

int store_trigger_chains(struct store *store, int (*each)(const char *after, const char *task, void *data),
                         void *data)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_TRIGGER_CHAINS, &row, "");
        if (r != 0)
                return r;
        while ((r = store_row(store, row)) > 0) {
                r = each((const char *)sqlite3_column_text(row, 0), (const char *)sqlite3_column_text(row, 1),
                         data);
                if (r != 0)
                        return r;
        }
        return r;
}
