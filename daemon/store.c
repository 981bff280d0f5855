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
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"

CLEANUP_DEFINE(struct store, store_close);

/* @what: of the damage. -EUCLEAN. */
static int open_damaged(const struct store *store, const char *what, struct error *error)
{
        char hint[128];
        store_files_backup_hint(store, hint, sizeof(hint));
        /* It may quote what is damaged. */
        char *escaped _cleanup_free_ = text_escape(what, strnlen(what, STORE_VALUE_MAX));
        return error_set(error, EUCLEAN, "%s is damaged: %s; bgtaskd --restore=latest replaces it (%s)",
                         store->path, escaped ? escaped : "out of memory", hint);
}

static int open_failed(const struct store *store, int rc, struct error *error)
{
        const char *text = sqlite3_errmsg(store->db);
        char holder[64];
        int code = store_errno(rc);
        switch (code) {
        case EBUSY:
                store_find_holder(store->path, holder, sizeof(holder));
                return error_set(error, code, "%s is in use by another program%s", store->path, holder);
        case EUCLEAN:
                return open_damaged(store, text, error);
        default:
                return error_set(error, code, "%s cannot be opened: %s", store->path, text);
        }
}

/* Whether the file is ours, before anything writes to it. */
static int database_identify(struct store *store, struct error *error)
{
        int64_t application = 0, version = 0, objects = 0;
        int rc = store_value(store->db, "PRAGMA application_id", &application, NULL, 0);
        if (rc == SQLITE_OK)
                rc = store_value(store->db, "PRAGMA user_version", &version, NULL, 0);
        if (rc == SQLITE_OK)
                rc = store_value(store->db, "SELECT count(*) FROM sqlite_schema", &objects, NULL, 0);
        if (rc != SQLITE_OK)
                return open_failed(store, rc, error);
        /* Without objects: our own creation was cut short. */
        if (application != STORE_APPLICATION_ID && (version != 0 || objects != 0))
                return error_set(error, EMEDIUMTYPE, "%s is another program's SQLite database; move it away",
                                 store->path);
        store->version = (int)version;
        return 0;
}

static int database_check(struct store *store, struct error *error)
{
        char damage[STORE_VALUE_MAX] = "";
        int rc = store_check_open(store, damage);
        if (rc != SQLITE_OK)
                return open_failed(store, rc, error);
        return damage[0] ? open_damaged(store, damage, error) : 0;
}

static int wal_hook(void *data, sqlite3 *db, const char *name, int frames)
{
        struct store *store = data;
        store->wal_frames = frames;
        return SQLITE_OK;
}

static int database_configure(struct store *store, struct error *error)
{
        /* auto_vacuum counts only before the first table. With cell_size_check damage is noticed where it is read. */
        static const char pragmas[] = "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL;"
                                      "PRAGMA mmap_size = 0; PRAGMA journal_size_limit = -1;"
                                      "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024;"
                                      "PRAGMA cell_size_check = ON;";
        char mode[STORE_VALUE_MAX] = "";
        int on = 1;

        int rc = sqlite3_exec(store->db, pragmas, NULL, NULL, NULL);
        if (rc == SQLITE_OK)
                rc = store_value(store->db, "PRAGMA journal_mode = WAL", NULL, mode, sizeof(mode));
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
                rc = store_harden(store->db);
        if (rc == SQLITE_OK)
                rc = store_value(store->db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, 0);
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

/*
 * What is in the log may be there in the kernel's memory alone: of a commit whose sync failed, in a daemon that ended
 * because of that. What is committed after it would end at the hole that a power cut makes of it. So all
 * of the log goes into the database first, and it begins anew.
 */
static int database_settle(struct store *store)
{
        int r = store_checkpoint_now(store);
        return r == STORE_FULL ? 0 : r;
}

static int database_start(struct store *store, const struct schema_migration *migrations,
                          const struct store_open_options *options, struct error *error)
{
        int r = store_files_check(store, error);
        if (r == 0)
                r = database_open(store, migrations, error);
        if (r == 0)
                r = store_known_guard(store, options, error);
        if (r < 0)
                return r;
        r = store_count_all(store);
        if (r == 0)
                r = database_settle(store);
        if (r == 0) {
                store->committed = store->counts;
                store_users_commit(store->users);
                store_pools_commit(store->pools);
                store_space_prepare(store);
                store_files_remember(store);
        }
        if (store->failure.code == EUCLEAN) {
                store_files_suspect(store);
                return open_damaged(store, store->failure.text, error);
        }
        if (r != 0 || store->failure.code) {
                if (error)
                        *error = store->failure;
                return r < 0 ? r : -store->failure.code;
        }
        return 0;
}

/* A damaged one, or one after an error, is left as it is: nothing goes from its log into the file. */
static void database_close(struct store *store)
{
        if (store->failure.code && store->db)
                sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        for (size_t i = 0; i < STATEMENT_COUNT; i++) {
                sqlite3_finalize(store->statements[i]);
                store->statements[i] = NULL;
        }
        store_backup_free(store->backup);
        sqlite3_close(store->db);
        store->db = NULL;
}

/* The same store once more, as if nothing had been tried. */
static void database_forget(struct store *store)
{
        store->failure.code = EUCLEAN;
        database_close(store);
        store->failure = (struct error){ 0 };
        store->counts = store->committed = (struct store_counts){ 0 };
        store_users_reset(store->users);
        store_pools_reset(store->pools);
        store->full = store->in_transaction = false;
        store->identity = (struct store_identity){ 0 };
        store->wal_frames = store->version = 0;
        store->checkpoint_at = STORE_CHECKPOINT_FRAMES;
}

static int database_start_or_recover(struct store *store, const struct schema_migration *migrations,
                                     const struct store_open_options *options, struct error *error)
{
        struct error why = ERROR_INIT;
        bool latest = options->from && strcmp(options->from, "latest") == 0;
        int r = store_recover_prepare(store, &why);

        if (r == 0 && (!options->from || latest))
                r = database_start(store, migrations, options, &why);
        bool damaged = r == 1 || r == -EUCLEAN;
        if (damaged ? !options->restore && !options->from : !options->from || r < 0) {
                if (r != 0 && error)
                        *error = why;
                return r == 1 ? -EUCLEAN : r;
        }
        database_forget(store);
        if (!damaged)
                error_set(&why, 0, "it was asked for");
        r = store_recover(store, migrations, options, damaged, why.text, error);
        return r < 0 ? r : database_start(store, migrations, options, error);
}

int store_open_all(const char *directory, const struct schema_migration *migrations,
                   const struct store_open_options *options, struct store **ret, struct error *error)
{
        static const struct store_open_options no_options = { 0 };
        struct store *store _cleanup_(store_close_cleanup) = calloc(1, sizeof(*store));
        if (!store)
                return error_set_errno(error, ENOMEM, "cannot open the store");
        store->directory_fd = store->lock_fd = -1;
        store->checkpoint_at = STORE_CHECKPOINT_FRAMES;
        store->directory = strdup(directory);
        store->path = path_join(directory, STORE_FILE);
        store->users = store_users_new();
        store->pools = store_pools_new();
        if (!store->directory || !store->path || !store->users || !store->pools)
                return error_set_errno(error, ENOMEM, "cannot open the store");

        int r = store_files_lock(store, error);
        if (r == 0)
                r = database_start_or_recover(store, migrations, options ? options : &no_options, error);
        if (r < 0) {
                store->failure.code = -r; /* the file stays as it is */
                return r;
        }
        store_backup_retire(store->directory_fd);
        store_note_find(store);
        *ret = steal_pointer(store);
        return 0;
}

int store_open_with(const char *directory, const struct schema_migration *migrations, struct store **ret,
                    struct error *error)
{
        return store_open_all(directory, migrations, NULL, ret, error);
}

int store_open_recover(const char *directory, const struct store_open_options *options, struct store **ret,
                       struct error *error)
{
        return store_open_all(directory, schema_migrations, options, ret, error);
}

int store_open(const char *directory, struct store **ret, struct error *error)
{
        return store_open_all(directory, schema_migrations, NULL, ret, error);
}

void store_close(struct store *store)
{
        if (!store)
                return;
        if (store_pending(store))
                store_commit(store, NULL);
        store_group_check_files(store);
        database_close(store);
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
