/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/store_backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"

/* One at a time, so that what a crash left behind is overwritten. */
#define COPY_NAME STORE_BACKUP_DIRECTORY "/unfinished.tmp"

CLEANUP_DEFINE(struct store_backup, store_backup_free);
CLEANUP_DEFINE(sqlite3, sqlite3_close);

struct store_backup {
        struct store *store;
        char *path;
        char reason[STORE_BACKUP_REASON_MAX];
        int fd; /* the copy */
        sqlite3 *db;
        sqlite3_backup *backup; /* NULL: complete */
        struct store_backup_info info;
};

static int copy_failed(const struct store_backup *backup, int rc, struct error *error)
{
        const char *text = backup->db ? sqlite3_errmsg(backup->db) : sqlite3_errstr(rc);
        return error_set(error, store_errno(rc), "the backup %s cannot be written: %s", backup->path, text);
}

/* SQLite would make it readable by all. It is synced as a whole at the end. */
static int copy_open(struct store_backup *backup, struct error *error)
{
        int r = store_directory_make(backup->store->directory_fd, STORE_BACKUP_DIRECTORY);
        if (r < 0)
                return error_set_errno(error, -r, "%s/%s cannot be made", backup->store->directory,
                                       STORE_BACKUP_DIRECTORY);
        backup->fd = openat(backup->store->directory_fd, COPY_NAME,
                            O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (backup->fd < 0)
                return error_set_errno(error, errno, "the backup %s cannot be made", backup->path);
        int rc = sqlite3_open_v2(backup->path, &backup->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                 NULL);
        if (rc == SQLITE_OK)
                rc = sqlite3_exec(
                        backup->db,
                        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA cache_size = -256",
                        NULL, NULL, NULL);
        if (rc == SQLITE_OK)
                backup->backup = sqlite3_backup_init(backup->db, "main", backup->store->db, "main");
        return backup->backup ? 0 : copy_failed(backup, rc, error);
}

int store_backup_begin(struct store *store, const char *reason, struct store_backup **ret,
                       struct error *error)
{
        int failure = store->failure.code;
        if (failure)
                return error_set(error, failure, "%s", store->failure.text);
        if (store->backup)
                return error_set(error, EBUSY, "a backup is being made already");
        struct store_backup *backup _cleanup_(store_backup_free_cleanup) = calloc(1, sizeof(*backup));
        if (!backup)
                return error_set_errno(error, ENOMEM, "no backup");
        backup->fd = -1;
        backup->store = store;
        snprintf(backup->reason, sizeof(backup->reason), "%s", reason ? reason : "");
        backup->path = path_join(store->directory, COPY_NAME);
        if (!backup->path)
                return error_set_errno(error, ENOMEM, "no backup");
        int r = copy_open(backup, error);
        if (r < 0)
                return r;
        store->backup = backup;
        *ret = steal_pointer(backup);
        return 0;
}

/* The copy says of itself that it has a log; without that it can be read without making one. */
static int copy_complete(struct store_backup *backup, struct error *error)
{
        char mode[16] = "";
        int rc = sqlite3_backup_finish(steal_pointer(backup->backup));
        if (rc == SQLITE_OK)
                rc = store_value(backup->db, "PRAGMA journal_mode = DELETE", NULL, mode, sizeof(mode));
        if (rc != SQLITE_OK)
                return copy_failed(backup, rc, error);
        if (strcmp(mode, "delete") != 0)
                return error_set(error, EIO, "the backup %s: the journal mode is %s; expected delete",
                                 backup->path, mode);
        rc = sqlite3_close(backup->db);
        if (rc != SQLITE_OK)
                return copy_failed(backup, rc, error);
        backup->db = NULL;

        backup->info.version = backup->store->version;
        return store_run_total(backup->store, &backup->info.runs);
}

int store_backup_step(struct store_backup *backup, int pages, struct error *error)
{
        if (!backup->backup)
                return 0;
        if (backup->store->in_transaction)
                return 1;
        int rc = sqlite3_backup_step(backup->backup, pages);
        if (rc == SQLITE_DONE)
                return copy_complete(backup, error);
        if (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
                return 1;
        return copy_failed(backup, rc, error);
}

const char *store_backup_path(const struct store_backup *backup)
{
        return backup->path;
}

int store_backup_finish(struct store_backup *unfinished, int keep, struct store_backup_info *ret,
                        struct error *error)
{
        struct store_backup *backup _cleanup_(store_backup_free_cleanup) = unfinished;
        const struct store *store = backup->store;
        struct store_backup_info info = backup->info;
        struct stat status = { 0 };
        int r = backup->backup || backup->db ? -EINVAL : 0;

        if (r == 0 && (fsync(backup->fd) < 0 || fstat(backup->fd, &status) < 0))
                r = -errno;
        if (r == 0)
                r = store_backup_name(store->directory_fd, COPY_NAME, backup->reason, info.name);
        if (r == 0)
                r = store_directory_sync(store->directory_fd, STORE_BACKUP_DIRECTORY);
        if (r < 0)
                return error_set_errno(error, -r, "the backup %s cannot be finished", backup->path);
        if (keep > 0)
                store_backup_prune(store->directory_fd, keep);
        info.bytes = status.st_size;
        memcpy(info.reason, backup->reason, sizeof(info.reason));
        *ret = info;
        return 0;
}

void store_backup_free(struct store_backup *backup)
{
        if (!backup)
                return;
        if (backup->backup)
                sqlite3_backup_finish(backup->backup);
        sqlite3_close(backup->db);
        if (backup->fd >= 0)
                unlinkat(backup->store->directory_fd, COPY_NAME, 0); /* absent: it has its name */
        close_keep_errno(backup->fd);
        if (backup->store->backup == backup)
                backup->store->backup = NULL;
        free(backup->path);
        free(backup);
}

int store_backup_make(struct store *store, const char *reason, int keep, struct error *error)
{
        struct store_backup *backup = NULL;
        struct store_backup_info info = { .version = -1, .runs = -1 };
        int r = store_backup_begin(store, reason, &backup, error);
        if (!backup) /* r < 0 */
                return r;
        r = store_backup_step(backup, -1, error);
        if (r > 0)
                r = error_set(error, EBUSY, "%s is being changed", store->path);
        if (r == 0)
                r = store_backup_check(store_backup_path(backup), &info, error);
        if (r < 0) {
                store_backup_free(backup);
                return r;
        }
        return store_backup_finish(backup, keep, &info, error);
}

/* ---- checking ---- */

static int check_content(sqlite3 *db, const char *path, int newest, struct store_backup_info *info,
                         struct error *error)
{
        char damage[STORE_VALUE_MAX] = "";
        int64_t application = 0, version = 0;
        int rc = store_value(db, "PRAGMA application_id", &application, NULL, 0);
        if (rc == SQLITE_OK && application != STORE_APPLICATION_ID)
                return error_set(error, EUCLEAN, "%s is not a database of bgtaskd", path);
        if (rc == SQLITE_OK)
                rc = store_value(db, "PRAGMA user_version", &version, NULL, 0);
        if (rc == SQLITE_OK && version > newest)
                return error_set(error, EPROTO,
                                 "%s has schema version %d, this bgtaskd knows versions up to %d", path,
                                 (int)version, newest);
        if (rc == SQLITE_OK)
                rc = store_find_damage(db, false, damage);
        if (rc == SQLITE_OK && !damage[0])
                rc = store_value(db, "SELECT count(*) FROM run", &info->runs, NULL, 0);
        if (rc != SQLITE_OK)
                return error_set(error, EUCLEAN, "%s is damaged: %s", path, sqlite3_errmsg(db));
        if (damage[0])
                return error_set(error, EUCLEAN, "%s is damaged: %s", path, damage);
        info->version = (int)version;
        return 0;
}

int store_backup_check_to(const char *path, int newest, struct store_backup_info *ret, struct error *error)
{
        sqlite3 *db _cleanup_(sqlite3_close_cleanup) = NULL;
        struct store_backup_info info = *ret;
        struct stat status;
        int fd _cleanup_close_ = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &status) < 0)
                return error_set_errno(error, errno, "%s cannot be read", path);
        if (!S_ISREG(status.st_mode) || status.st_size == 0)
                return error_set(error, EUCLEAN, "%s is not a database of bgtaskd", path);
        /* What is only in memory may read well and be lost. */
        if (fsync(fd) < 0 && errno != EROFS && errno != EINVAL)
                return error_set_errno(error, errno, "%s cannot be synced", path);
        info.bytes = status.st_size;
        int r = store_open_immutable(path, &db, error);
        if (r == 0)
                r = check_content(db, path, newest, &info, error);
        if (r == 0)
                *ret = info;
        return r;
}

int store_backup_check(const char *path, struct store_backup_info *ret, struct error *error)
{
        return store_backup_check_to(path, store_migrations_newest(schema_migrations), ret, error);
}
