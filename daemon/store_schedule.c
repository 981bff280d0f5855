/* SPDX-License-Identifier: MPL-2.0 */
/* Schedules. The index on the next time is the timer queue: a tick looks at its first entry. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"

static int schedule_read(struct store *store, sqlite3_stmt *row, struct schedule *ret)
{
        int rc = SQLITE_OK;
        struct schedule schedule = {
                .id = sqlite3_column_int64(row, 0),
                .name = store_column_text(row, 1, &rc),
                .task = store_column_text(row, 2, &rc),
                .args = store_column_json(row, 3, &rc),
                .every_us = sqlite3_column_int64(row, 4),
                .anchor_at_us = sqlite3_column_int64(row, 5),
                .next_at_us = sqlite3_column_int64(row, 6),
                .uid = (uid_t)sqlite3_column_int64(row, 7),
                .created_at_us = sqlite3_column_int64(row, 8),
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

int store_schedule_add(struct store *store, struct schedule *schedule)
{
        if (!store_space_check(store))
                return STORE_FULL;
        char *args _cleanup_free_ = schedule->args ? json_dumps(schedule->args, JSON_COMPACT) : strdup("[]");
        if (!args)
                return store_failed(store, SQLITE_NOMEM);
        char every[24];
        snprintf(every, sizeof(every), "%" PRId64, schedule->every_us);

        int r = store_begin(store);
        if (r != 0)
                return r;
        int changes = 0;
        r = store_exec(store, STATEMENT_SCHEDULE_ADD, &changes, "ttttiiii", schedule->name, schedule->task,
                       args, every, schedule->anchor_at_us, schedule->next_at_us, (int64_t)schedule->uid,
                       schedule->created_at_us);
        if (r == 0 && changes == 0)
                return STORE_EXISTS;
        if (r == 0) {
                schedule->id = sqlite3_last_insert_rowid(store->db);
                store->counts.schedules++;
        }
        return store_end_change(store, r);
}

int store_schedule_get(struct store *store, const char *name, struct schedule *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_GET, &row, "t", name);
        return r == 0 ? schedule_fetch(store, row, ret) : r;
}

int store_schedule_remove(struct store *store, const char *name)
{
        int r = store_begin(store);
        if (r != 0)
                return r;
        int changes = 0;
        r = store_exec(store, STATEMENT_SCHEDULE_REMOVE, &changes, "t", name);
        if (r == 0 && changes == 0)
                return STORE_NOT_FOUND;
        if (r == 0)
                store->counts.schedules--;
        return store_end_change(store, r);
}

int store_schedule_list(struct store *store, int (*each)(const struct schedule *schedule, void *data),
                        void *data)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_LIST, &row, "");
        if (r != 0)
                return r;
        while ((r = store_row(store, row)) > 0) {
                struct schedule schedule;
                r = schedule_read(store, row, &schedule);
                if (r != 0)
                        return r;
                r = each(&schedule, data);
                schedule_done(&schedule);
                if (r != 0)
                        return r;
        }
        return r;
}

int store_schedule_count(struct store *store, int64_t *ret)
{
        *ret = store->counts.schedules;
        return -store->failure.code;
}

int store_schedule_earliest(struct store *store, int64_t *ret_next_at_us)
{
        struct schedule schedule = { 0 };
        int r = store_schedule_due(store, INT64_MAX, &schedule);
        if (r != 0)
                return r;
        *ret_next_at_us = schedule.next_at_us;
        schedule_done(&schedule);
        return 0;
}

int store_schedule_due(struct store *store, int64_t now_us, struct schedule *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_SCHEDULE_DUE, &row, "i", now_us);
        return r == 0 ? schedule_fetch(store, row, ret) : r;
}

int store_schedule_set_next(struct store *store, int64_t id, int64_t next_at_us)
{
        int r = store_begin(store);
        if (r != 0)
                return r;
        int changes = 0;
        r = store_exec(store, STATEMENT_SCHEDULE_SET_NEXT, &changes, "ii", id, next_at_us);
        if (r == 0 && changes == 0)
                return STORE_NOT_FOUND;
        return store_end_change(store, r);
}
