/* SPDX-License-Identifier: MPL-2.0 */
/*
 * From any older version of the schema to the newest: all steps in one transaction, so that the file is at the
 * old version or at the new one. A database that has data is copied first.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

static int sqlite_error(struct error *error, sqlite3 *db, const char *what)
{
        bool full = (sqlite3_errcode(db) & 0xff) == SQLITE_FULL;
        return error_set(error, full ? ENOSPC : EIO, "%s: %s", what, sqlite3_errmsg(db));
}

static int pages_copy(sqlite3 *from, const char *to, struct error *error)
{
        sqlite3 *copy = NULL;
        int r = 0;
        if (sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
                r = sqlite_error(error, copy, to);
        } else {
                sqlite3_backup *backup = sqlite3_backup_init(copy, "main", from, "main");
                if (backup)
                        sqlite3_backup_step(backup, -1);
                if (!backup || sqlite3_backup_finish(backup) != SQLITE_OK)
                        r = sqlite_error(error, copy, to);
        }
        sqlite3_close(copy);
        return r;
}

/* Under its name only when it is complete and on disk. */
static int backup_make(const struct store *store, int version, struct error *error)
{
        char *path _cleanup_free_ = format_string("%s.backup-v%d", store->path, version);
        char *temporary _cleanup_free_ = format_string("%s.backup-v%d.tmp", store->path, version);
        if (!path || !temporary)
                return error_set_errno(error, ENOMEM, "cannot back up %s", store->path);

        /* SQLite would make it readable by all. */
        int fd _cleanup_close_ = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return error_set_errno(error, errno, "cannot create %s", temporary);
        int r = pages_copy(store->db, temporary, error);
        if (r == 0 && (fsync(fd) < 0 || rename(temporary, path) < 0 || fsync(store->directory_fd) < 0))
                r = error_set_errno(error, errno, "cannot write %s", path);
        if (r < 0)
                unlink(temporary);
        return r;
}

static int migration_run(sqlite3 *db, const struct schema_migration *migration, struct error *error)
{
        char *version _cleanup_free_ = format_string("PRAGMA user_version = %d", migration->version);
        if (!version)
                return error_set_errno(error, ENOMEM, "%s", migration->name);
        if (sqlite3_exec(db, migration->sql, NULL, NULL, NULL) != SQLITE_OK ||
            sqlite3_exec(db, version, NULL, NULL, NULL) != SQLITE_OK)
                return sqlite_error(error, db, migration->name);
        return 0;
}

static int migrations_run(struct store *store, const struct schema_migration *migration, struct error *error)
{
        char *mark _cleanup_free_ = format_string("PRAGMA application_id = %d", STORE_APPLICATION_ID);
        if (!mark)
                return error_set_errno(error, ENOMEM, "begin");
        if (sqlite3_exec(store->db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK)
                return sqlite_error(error, store->db, "begin");

        int r = 0;
        if (sqlite3_exec(store->db, mark, NULL, NULL, NULL) != SQLITE_OK)
                r = sqlite_error(error, store->db, "application_id");
        for (; migration->version && r == 0; migration++)
                r = migration_run(store->db, migration, error);
        if (r == 0 && sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
                r = sqlite_error(error, store->db, "commit");
        if (!sqlite3_get_autocommit(store->db))
                sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return r;
}

int store_migrate(struct store *store, const struct schema_migration *migrations, struct error *error)
{
        int newest = 0;
        while (migrations[newest].version)
                newest++;

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
                r = backup_make(store, store->version, error);
        if (r < 0)
                return r;
        r = migrations_run(store, &migrations[store->version], error);
        if (r < 0) {
                error_prefix(error, "%s: migration from version %d to %d failed, nothing has changed",
                             store->path, store->version, newest);
                return r;
        }
        store->version = newest;
        return 0;
}
