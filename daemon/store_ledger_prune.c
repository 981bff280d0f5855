/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Retention of the ledger: rows that are too old or too many go, those of a pass from its beginning on.
 *
 * The rows of a pass tile it. So that those that stay still do, a pass from which rows were taken begins where the last
 * of these ended: what is there is as complete as before. A row whose run is held or has not been followed up stays, and
 * with it what comes behind it in its pass. A pass that has ended goes when it is old and has no rows, the earlier one of
 * a schedule first, since an audit looks at the pass that follows.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/store_internal.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/util.h"

struct ledger_prune {
        struct store *store;
        int64_t decided_us; /* what was decided up to then is too old */
        int64_t id;         /* rows up to it are too many */
        int room;
        int64_t since_us; /* of what was removed: the last decision */
};

/* STORE_NOT_FOUND: there is none. */
static int prune_number(struct store *store, enum store_statement which, int64_t *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, which, &row, "");
        if (r == 0)
                r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        *ret = sqlite3_column_int64(row, 0);
        return 0;
}

/* The row's id, schedule, pass and moment of decision. STORE_NOT_FOUND. */
static int prune_oldest(struct store *store, int64_t after, struct occurrence *ret)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, STATEMENT_OCCURRENCE_OLDEST, &row, "i", after);
        if (r == 0)
                r = store_row(store, row);
        if (r <= 0)
                return r < 0 ? r : STORE_NOT_FOUND;
        *ret = (struct occurrence){
                .id = sqlite3_column_int64(row, 0),
                .schedule_id = sqlite3_column_int64(row, 1),
                .pass = sqlite3_column_int64(row, 2),
                .decided_at_us = sqlite3_column_int64(row, 3),
        };
        return 0;
}

static bool prune_wants(const struct ledger_prune *prune, const struct occurrence *occurrence)
{
        return occurrence->decided_at_us <= prune->decided_us || occurrence->id <= prune->id;
}

/* 1: something is still to come of it. */
static int prune_is_open(struct store *store, const struct occurrence *occurrence)
{
        sqlite3_stmt *row _cleanup_reset_ = NULL;

        if (occurrence->outcome == OCCURRENCE_HELD)
                return 1;
        int r = store_bind(store, STATEMENT_SCHEDULED_RUN_FOLLOWS, &row, "ii", occurrence->schedule_id,
                           occurrence->id);
        return r == 0 ? store_row(store, row) : r;
}

/* The pass begins behind what was removed. */
static int prune_begin_pass(struct store *store, const struct occurrence *last)
{
        int r = store_exec(store, STATEMENT_PASS_FROM, NULL, "iii", last->schedule_id, last->pass,
                           last->last_us);
        return r == 0 ? store_exec(store, STATEMENT_SCHEDULE_FROM, NULL, "iii", last->schedule_id, last->pass,
                                   last->last_us)
                      : r;
}

/* From the beginning of a pass, as far as its rows may go. */
static int prune_pass(struct ledger_prune *prune, int64_t schedule_id, int64_t pass)
{
        struct occurrence first, last = { 0 };
        int r = 0;

        while (r == 0 && prune->room > 0) {
                r = store_occurrence_first(prune->store, schedule_id, pass, &first);
                if (r != 0 || !prune_wants(prune, &first))
                        break;
                r = prune_is_open(prune->store, &first);
                if (r == 0)
                        r = store_exec(prune->store, STATEMENT_OCCURRENCE_DELETE, NULL, "i", first.id);
                if (r != 0)
                        break;
                prune->room--;
                prune->since_us = MAX(prune->since_us, first.decided_at_us);
                last = first;
        }
        if (r < 0 || r == STORE_FULL)
                return r;
        return last.id ? prune_begin_pass(prune->store, &last) : 0;
}

/* *ret_more: room was all used up. */
static int prune_rows(struct ledger_prune *prune)
{
        struct store *store = prune->store;
        struct occurrence oldest, still;

        while (prune->room > 0) {
                int r = prune_oldest(store, store->ledger_after, &oldest);
                if (r == STORE_NOT_FOUND || (r == 0 && !prune_wants(prune, &oldest))) {
                        store->ledger_after = 0;
                        return 0;
                }
                if (r == 0)
                        r = store_begin(store);
                if (r == 0)
                        r = prune_pass(prune, oldest.schedule_id, oldest.pass);
                if (r == 0)
                        r = prune_oldest(store, store->ledger_after, &still);
                if (r == STORE_NOT_FOUND)
                        return 0;
                if (r != 0)
                        return r;
                /* It waits for something: passed over until the next time. */
                if (still.id == oldest.id && prune->room > 0)
                        store->ledger_after = oldest.id;
        }
        return 0;
}

static int prune_passes(struct ledger_prune *prune)
{
        while (prune->room > 0) {
                sqlite3_stmt *row _cleanup_reset_ = NULL;
                int r = store_bind(prune->store, STATEMENT_PASS_OLDEST, &row, "i", prune->decided_us);
                if (r == 0)
                        r = store_row(prune->store, row);
                if (r <= 0)
                        return r;
                int64_t id = sqlite3_column_int64(row, 0);
                store_reset(&row);
                r = store_begin(prune->store);
                if (r == 0)
                        r = store_exec(prune->store, STATEMENT_PASS_DELETE, NULL, "i", id);
                if (r != 0)
                        return r;
                prune->room--;
        }
        return 0;
}

int store_ledger_since(struct store *store, int64_t *ret_us)
{
        char *text _cleanup_free_ = NULL;
        int r = store_machine_get(store, STORE_LEDGER_SINCE, &text);

        *ret_us = 0;
        if (r == 0)
                (void)parse_int64(text, 0, INT64_MAX, ret_us);
        return r == STORE_NOT_FOUND ? 0 : r;
}

static int prune_tell(struct ledger_prune *prune)
{
        int64_t before_us = 0;
        char text[24];
        int r = prune->since_us ? store_ledger_since(prune->store, &before_us) : 0;

        if (r != 0 || prune->since_us <= before_us)
                return r;
        snprintf(text, sizeof(text), "%" PRId64, prune->since_us);
        return store_machine_set(prune->store, STORE_LEDGER_SINCE, text);
}

int store_ledger_prune(struct store *store, int64_t age_us, int64_t max_rows, int64_t now_us, int batch,
                       bool *ret_more)
{
        struct ledger_prune prune = { .store = store, .decided_us = now_us - age_us, .room = batch };
        int64_t newest = 0;
        int r = prune_number(store, STATEMENT_OCCURRENCE_NEWEST_ID, &newest);

        if (r == STORE_NOT_FOUND)
                r = 0;
        prune.id = newest - max_rows;
        if (r == 0)
                r = prune_rows(&prune);
        if (r == 0)
                r = prune_tell(&prune);
        if (r == 0)
                r = prune_passes(&prune);
        if (r == 0)
                *ret_more = prune.room == 0;
        return store_end_change(store, r);
}
