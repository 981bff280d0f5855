/* SPDX-License-Identifier: MPL-2.0 */
/* Preparing, binding and stepping; the texts are in store_sql.c. */
#include "config.h"

#include "daemon/store_statement.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#include "daemon/store_internal.h"

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
