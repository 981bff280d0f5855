/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Opening and closing.
 *
 * The order matters: nothing is written before the lock is ours and the file is known to be our own and undamaged;
 * SQLite is told not to trust the file before it reads any of it.
 */
#include "config.h"

#include "daemon/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define VALUE_TEXT_MAX 256

CLEANUP_DEFINE(struct store, store_close);

static int open_failed(struct store *store, int rc, struct error *error)
{
        const char *text = sqlite3_errmsg(store->db);
        char *hint _cleanup_free_ = store_files_backup_hint(store);
        switch (rc & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return error_set(error, EBUSY, "%s is in use by another program", store->path);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return error_set(
                        error, EUCLEAN,
                        "%s is damaged: %s; move it away together with %s-wal and put a backup in its place (%s)",
                        store->path, text, STORE_FILE, hint ? hint : "");
        case SQLITE_FULL:
                return error_set(error, ENOSPC, "%s: %s", store->path, text);
        case SQLITE_NOMEM:
                return error_set(error, ENOMEM, "%s: %s", store->path, text);
        default:
                return error_set(error, EIO, "cannot open %s: %s", store->path, text);
        }
}

/* The first column of the first row, as a number and, in @ret_text, as text. */
static int value_get(struct store *store, const char *sql, int64_t *ret, char ret_text[VALUE_TEXT_MAX])
{
        sqlite3_stmt *statement = NULL;
        int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) {
                const char *text = (const char *)sqlite3_column_text(statement, 0);
                if (ret_text) {
                        ret_text[0] = '\0';
                        strncat(ret_text, text ? text : "", VALUE_TEXT_MAX - 1);
                }
                if (ret)
                        *ret = sqlite3_column_int64(statement, 0);
        }
        sqlite3_finalize(statement);
        return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_ERROR : rc;
}

static int connection_harden(sqlite3 *db)
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

/* Whether the file is ours, before anything writes to it. */
static int database_identify(struct store *store, struct error *error)
{
        int64_t application = 0, version = 0, objects = 0;
        int rc = value_get(store, "PRAGMA application_id", &application, NULL);
        if (rc == SQLITE_OK)
                rc = value_get(store, "PRAGMA user_version", &version, NULL);
        if (rc == SQLITE_OK)
                rc = value_get(store, "SELECT count(*) FROM sqlite_schema", &objects, NULL);
        if (rc != SQLITE_OK)
                return open_failed(store, rc, error);
        /* Without objects: our own creation was cut short. */
        if (application != STORE_APPLICATION_ID && (version != 0 || objects != 0))
                return error_set(error, EUCLEAN, "%s is another program's SQLite database; move it away",
                                 store->path);
        store->version = (int)version;
        return 0;
}

static int database_check(struct store *store, struct error *error)
{
        char text[VALUE_TEXT_MAX];
        int rc = value_get(store, "PRAGMA quick_check(1)", NULL, text);
        if (rc != SQLITE_OK)
                return open_failed(store, rc, error);
        if (strcmp(text, "ok") == 0)
                return 0;
        char *hint _cleanup_free_ = store_files_backup_hint(store);
        const char *line = strchr(text, '\n'); /* after a heading with the name of the database */
        return error_set(
                error, EUCLEAN,
                "%s is damaged: %s; move it away together with %s-wal and put a backup in its place (%s)",
                store->path, line ? line + 1 : text, STORE_FILE, hint ? hint : "");
}

static int wal_hook(void *data, sqlite3 *db, const char *name, int frames)
{
        struct store *store = data;
        store->wal_frames = frames;
        return SQLITE_OK;
}

static int database_configure(struct store *store, struct error *error)
{
        /* auto_vacuum counts only before the first table. */
        static const char pragmas[] = "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL;"
                                      "PRAGMA mmap_size = 0; PRAGMA journal_size_limit = -1;"
                                      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024;";
        char mode[VALUE_TEXT_MAX] = "";
        int on = 1;

        int rc = sqlite3_exec(store->db, pragmas, NULL, NULL, NULL);
        if (rc == SQLITE_OK)
                rc = value_get(store, "PRAGMA journal_mode = WAL", NULL, mode);
        if (rc == SQLITE_OK)
                rc = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
        if (rc != SQLITE_OK)
                return open_failed(store, rc, error);
        if (strcmp(mode, "wal") != 0)
                return error_set(error, EIO, "%s: the journal mode is %s; expected wal", store->path, mode);
        sqlite3_wal_hook(store->db, wal_hook, store);
        return 0;
}

static int database_open(struct store *store, const struct schema_migration *migrations, struct error *error)
{
        int rc = sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
        if (rc == SQLITE_OK)
                rc = connection_harden(store->db);
        if (rc == SQLITE_OK)
                rc = value_get(store, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL);
        if (rc != SQLITE_OK)
                return open_failed(store, rc, error);

        int r = database_identify(store, error);
        if (r == 0)
                r = database_configure(store, error);
        if (r == 0)
                r = database_check(store, error);
        if (r == 0)
                r = store_migrate(store, migrations, error);
        return r;
}

int store_open_with(const char *directory, const struct schema_migration *migrations, struct store **ret,
                    struct error *error)
{
        struct store *store _cleanup_(store_close_cleanup) = calloc(1, sizeof(*store));
        if (!store)
                return error_set_errno(error, ENOMEM, "cannot open the store");
        store->directory_fd = store->lock_fd = -1;
        store->checkpoint_at = STORE_CHECKPOINT_FRAMES;
        store->directory = strdup(directory);
        store->path = path_join(directory, STORE_FILE);
        if (!store->directory || !store->path)
                return error_set_errno(error, ENOMEM, "cannot open the store");

        int r = store_files_open(store, error);
        if (r == 0)
                r = database_open(store, migrations, error);
        if (r < 0)
                return r;

        r = store_count_all(store);
        if (r == 0) {
                store->committed = store->counts;
                store_space_prepare(store);
        }
        if (r != 0 || store->failure.code) {
                if (error)
                        *error = store->failure;
                return r < 0 ? r : -store->failure.code;
        }
        *ret = steal_pointer(store);
        return 0;
}

int store_open(const char *directory, struct store **ret, struct error *error)
{
        return store_open_with(directory, schema_migrations, ret, error);
}

void store_close(struct store *store)
{
        if (!store)
                return;
        if (store_pending(store))
                store_commit(store, NULL);
        for (size_t i = 0; i < STATEMENT_COUNT; i++)
                sqlite3_finalize(store->statements[i]);
        sqlite3_close(store->db);
        store_group_done(store);
        close_keep_errno(store->directory_fd);
        /* The lock last: the file is closed by now. */
        close_keep_errno(store->lock_fd);
        free(store->path);
        free(store->directory);
        free(store);
}

int store_schema_version(const struct store *store)
{
        return store->version;
}
