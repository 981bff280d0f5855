/* SPDX-License-Identifier: MPL-2.0 */
/*
 * From any older version of the schema to the newest: all steps in one transaction, so that the file is at the
 * old version or at the new one. A database that has data is copied first.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"

static int migration_run(sqlite3 *db, const struct schema_migration *migration, struct error *error)
{
        char *version _cleanup_free_ = format_string("PRAGMA user_version = %d", migration->version);
        if (!version)
                return error_set_errno(error, ENOMEM, "%s", migration->name);
        if (sqlite3_exec(db, migration->sql, NULL, NULL, NULL) != SQLITE_OK ||
            sqlite3_exec(db, version, NULL, NULL, NULL) != SQLITE_OK)
                return store_error(error, db, migration->name);
        return 0;
}

int store_migrations_run(sqlite3 *db, const struct schema_migration *migrations, int from, int to,
                         struct error *error)
{
        char *mark _cleanup_free_ = format_string("PRAGMA application_id = %d", STORE_APPLICATION_ID);
        if (!mark)
                return error_set_errno(error, ENOMEM, "begin");
        if (sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK)
                return store_error(error, db, "begin");

        int r = 0;
        if (sqlite3_exec(db, mark, NULL, NULL, NULL) != SQLITE_OK)
                r = store_error(error, db, "application_id");
        for (int i = from; i < to && r == 0; i++)
                r = migration_run(db, &migrations[i], error);
        if (r == 0 && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
                r = store_error(error, db, "commit");
        if (!sqlite3_get_autocommit(db))
                sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return r;
}

int store_migrations_newest(const struct schema_migration *migrations)
{
        int newest = 0;
        while (migrations[newest].version)
                newest++;
        return newest;
}

/* Kept whatever number of them are there: this one is not to be made again. */
static int backup_before(struct store *store, int newest, struct error *error)
{
        char reason[STORE_BACKUP_REASON_MAX];
        snprintf(reason, sizeof(reason), "before-v%d", newest);
        return store_backup_make(store, reason, 0, error);
}

int store_migrate(struct store *store, const struct schema_migration *migrations, struct error *error)
{
        int newest = store_migrations_newest(migrations);
        if (store->version > newest)
                return error_set(
                        error, EPROTO,
                        "%s has schema version %d, this bgtaskd knows versions up to %d: it was used by a newer "
                        "bgtaskd, which is to be installed again",
                        store->path, store->version, newest);
        if (store->version == newest)
                return 0;

        int r = 0;
        if (store->version > 0)
                r = backup_before(store, newest, error);
        if (r == 0)
                r = store_migrations_run(store->db, migrations, store->version, newest, error);
        if (r < 0) {
                error_prefix(error, "%s: migration from version %d to %d failed, nothing has changed",
                             store->path, store->version, newest);
                return r;
        }
        store->version = newest;
        return 0;
}
