/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/store_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"

CLEANUP_DEFINE(sqlite3, sqlite3_close);

int store_errno(int rc)
{
        switch (rc & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return EBUSY;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return EUCLEAN;
        case SQLITE_FULL:
                return ENOSPC;
        case SQLITE_NOMEM:
                return ENOMEM;
        case SQLITE_READONLY:
                return EROFS;
        default:
                return EIO;
        }
}

int store_error(struct error *error, sqlite3 *db, const char *what)
{
        return error_set(error, store_errno(sqlite3_errcode(db)), "%s: %s", what, sqlite3_errmsg(db));
}

static int damage_of(sqlite3 *db, const char *sql, char ret_damage[static STORE_VALUE_MAX])
{
        char text[STORE_VALUE_MAX] = "";
        int rc = store_value(db, sql, NULL, text, sizeof(text));
        if (rc != SQLITE_OK)
                return rc;
        const char *line = strchr(text, '\n'); /* after a heading with the name of the database */
        snprintf(ret_damage, STORE_VALUE_MAX, "%s", strcmp(text, "ok") == 0 ? "" : line ? line + 1 : text);
        return SQLITE_OK;
}

int store_find_damage(sqlite3 *db, bool indexes, char ret_damage[static STORE_VALUE_MAX])
{
        return damage_of(db, indexes ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)", ret_damage);
}

int store_find_damage_in(sqlite3 *db, const char *table, char ret_damage[static STORE_VALUE_MAX])
{
        char *sql = sqlite3_mprintf("PRAGMA quick_check(%Q)", table);
        int rc = sql ? damage_of(db, sql, ret_damage) : SQLITE_NOMEM;
        sqlite3_free(sql);
        return rc;
}

int store_value(sqlite3 *db, const char *sql, int64_t *ret, char *ret_text, size_t text_size)
{
        sqlite3_stmt *statement = NULL;
        int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
                const char *text = (const char *)sqlite3_column_text(statement, 0);
                if (ret_text)
                        snprintf(ret_text, text_size, "%s", text ? text : "");
                if (ret)
                        *ret = sqlite3_column_int64(statement, 0);
        }
        sqlite3_finalize(statement);
        return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_ERROR : rc;
}

int store_harden(sqlite3 *db)
{
        static const struct {
                int option, value;
        } options[] = {
                { SQLITE_DBCONFIG_DEFENSIVE, 1 },   { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
                { SQLITE_DBCONFIG_ENABLE_FKEY, 1 }, { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
                { SQLITE_DBCONFIG_DQS_DDL, 0 },     { SQLITE_DBCONFIG_DQS_DML, 0 },
        };
        int rc = SQLITE_OK;
        for (size_t i = 0; i < ARRAY_SIZE(options) && rc == SQLITE_OK; i++)
                rc = sqlite3_db_config(db, options[i].option, options[i].value, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_extended_result_codes(db, 1);
        return rc;
}

int store_harden_reader(sqlite3 *db)
{
        int rc = store_harden(db);
        if (rc == SQLITE_OK)
                rc = sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_exec(
                        db,
                        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON; PRAGMA mmap_size = 0;"
                        "PRAGMA cell_size_check = ON; PRAGMA cache_size = -1024",
                        NULL, NULL, NULL);
        return rc;
}

/* "file:" with everything escaped that means something in a URI. */
static char *uri_of(const char *path)
{
        static const char suffix[] = "?immutable=1";
        char *uri = malloc(3 * strlen(path) + sizeof("file:") + sizeof(suffix));
        if (!uri)
                return NULL;
        char *to = stpcpy(uri, "file:");
        for (; *path; path++)
                to += sprintf(to, strchr("%?#", *path) ? "%%%02x" : "%c", (unsigned char)*path);
        memcpy(to, suffix, sizeof(suffix));
        return uri;
}

int store_open_immutable(const char *path, sqlite3 **ret, struct error *error)
{
        char *uri _cleanup_free_ = uri_of(path);
        sqlite3 *db _cleanup_(sqlite3_close_cleanup) = NULL;
        if (!uri)
                return error_set_errno(error, ENOMEM, "%s", path);
        int rc = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI,
                                 NULL);
        if (rc == SQLITE_OK)
                rc = store_harden(db);
        if (rc != SQLITE_OK)
                return error_set(error, EIO, "%s: %s", path, db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
        *ret = steal_pointer(db);
        return 0;
}
