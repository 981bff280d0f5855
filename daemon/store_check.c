/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/store_check.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define CHECK_PAGES_MAX 4096 /* of a database that is checked in full at once: a tenth of a second */
#define MACHINE_CHECK "check"

CLEANUP_DEFINE(sqlite3, sqlite3_close);

/* ---- at the start ---- */

static int check_small_tables(sqlite3 *db, char ret_damage[static STORE_VALUE_MAX])
{
        static const char tables[] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN "
                                     "('schedule', 'schedule_trigger', 'pass', 'occurrence')";
        sqlite3_stmt *row = NULL;
        int rc = sqlite3_prepare_v2(db, tables, -1, &row, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(row);
        while (rc == SQLITE_ROW && !ret_damage[0]) {
                rc = store_find_damage_in(db, (const char *)sqlite3_column_text(row, 0), ret_damage);
                if (rc == SQLITE_OK)
                        rc = sqlite3_step(row);
        }
        sqlite3_finalize(row);
        return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Whether indexes and rows agree, too. */
static int check_suspect(struct store *store, char ret_damage[static STORE_VALUE_MAX])
{
        int rc = store_find_damage(store->db, true, ret_damage);
        if (rc != SQLITE_OK || ret_damage[0])
                return rc;
        char *what _cleanup_free_ = store_rows_check(store->db);
        if (what)
                snprintf(ret_damage, STORE_VALUE_MAX, "%s", what);
        else
                store_files_trust(store);
        return SQLITE_OK;
}

int store_check_open(struct store *store, char ret_damage[static STORE_VALUE_MAX])
{
        int64_t pages = 0;
        store->check.missing = store->check.held = false;
        if (store_files_is_suspect(store))
                return check_suspect(store, ret_damage);
        int rc = store_value(store->db, "PRAGMA page_count", &pages, NULL, 0);
        if (rc != SQLITE_OK)
                return rc;
        store->check.missing = pages > CHECK_PAGES_MAX;
        return store->check.missing ? check_small_tables(store->db, ret_damage)
                                    : store_find_damage(store->db, false, ret_damage);
}

/* ---- while it is served ---- */

bool store_is_unchecked(const struct store *store)
{
        return store->check.missing;
}

int store_check_begin(struct store *store)
{
        if (store->failure.code)
                return -store->failure.code;
        if (store_pending(store))
                return 1;
        /* A log of which all is in the database begins anew with the next change, under whoever reads it: so that
         * change is made first. */
        if (store->wal_frames == 0) {
                int r = store_machine_set(store, MACHINE_CHECK, "begun");
                if (r == 0)
                        r = store_commit(store, NULL);
                if (r != 0)
                        return r;
        }
        store->check.held = store->wal_frames > 0;
        return store->check.held ? 0 : 1;
}

int store_check_file(const char *path, struct error *error)
{
        sqlite3 *db _cleanup_(sqlite3_close_cleanup) = NULL;
        char damage[STORE_VALUE_MAX] = "";
        /* The daemon has the lock; the log is read with an index of it in memory, as the daemon does. */
        int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, "unix-none");
        if (rc == SQLITE_OK)
                rc = store_harden_reader(db);
        if (rc == SQLITE_OK)
                rc = store_find_damage(db, false, damage);
        if (rc != SQLITE_OK)
                return error_set(error, store_errno(rc) == EUCLEAN ? EUCLEAN : EIO, "%s",
                                 db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
        return damage[0] ? error_set(error, EUCLEAN, "%s", damage) : 0;
}

bool store_check_end(struct store *store, bool sound)
{
        bool counts = store->check.held;
        store->check.held = false;
        if (counts && sound)
                store->check.missing = false;
        return counts;
}
