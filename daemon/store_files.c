/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The store's files in its directory:
 *
 *   bgtaskd.db, -wal      the database and its write-ahead log (no -shm: one connection, locked exclusively)
 *   bgtaskd.db.backup-vN  the database as it was before it was migrated from version N
 *   bgtaskd.lock          locked with flock() while a store is open; holds the process's number
 *   bgtaskd.ballast       blocks for a full disk
 *
 * Whoever may write here can make the daemon run anything as anybody, so the directory and the database must
 * be ours alone to write.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define SQLITE_MAGIC "SQLite format 3"

static int owner_check(const char *path, const struct stat *info, struct error *error)
{
        if (info->st_uid != geteuid() && info->st_uid != 0)
                return error_set(error, EPERM, "%s belongs to user %u; expected user %u, who runs bgtaskd",
                                 path, (unsigned)info->st_uid, (unsigned)geteuid());
        if (info->st_mode & (S_IWGRP | S_IWOTH))
                return error_set(error, EPERM,
                                 "%s has mode %04o, so others may write to it; expected at most %04o", path,
                                 (unsigned)(info->st_mode & 07777),
                                 (unsigned)(info->st_mode & 07777 & ~(S_IWGRP | S_IWOTH)));
        return 0;
}

static int directory_open(struct store *store, struct error *error)
{
        store->directory_fd = open(store->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (store->directory_fd < 0)
                return error_set_errno(error, errno, "cannot open the state directory %s", store->directory);
        struct stat info;
        if (fstat(store->directory_fd, &info) < 0)
                return error_set_errno(error, errno, "cannot examine the state directory %s",
                                       store->directory);
        if (faccessat(store->directory_fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
                return error_set_errno(error, errno, "cannot write to the state directory %s",
                                       store->directory);
        return owner_check(store->directory, &info, error);
}

static int lock_take(struct store *store, struct error *error)
{
        store->lock_fd = openat(store->directory_fd, STORE_LOCK_FILE,
                                O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (store->lock_fd < 0)
                return error_set_errno(error, errno, "cannot open %s/%s", store->directory, STORE_LOCK_FILE);

        if (flock(store->lock_fd, LOCK_EX | LOCK_NB) < 0) {
                if (errno != EWOULDBLOCK)
                        return error_set_errno(error, errno, "cannot lock %s/%s", store->directory,
                                               STORE_LOCK_FILE);
                char text[32] = "";
                ssize_t n = pread(store->lock_fd, text, sizeof(text) - 1, 0);
                text[n > 0 ? strcspn(text, "\n") : 0] = '\0';
                return error_set(error, EBUSY,
                                 "the state directory %s is in use by another bgtaskd (process %s)",
                                 store->directory, *text ? text : "unknown");
        }

        char text[32];
        int size = snprintf(text, sizeof(text), "%d\n", (int)getpid());
        /* Only a hint for the message above. */
        if (ftruncate(store->lock_fd, 0) == 0 && pwrite(store->lock_fd, text, (size_t)size, 0) != size)
                return error_set_errno(error, errno, "cannot write %s/%s", store->directory, STORE_LOCK_FILE);
        return 0;
}

/* Before SQLite touches it. -shm would mean that somebody uses it as no bgtaskd does; that is left to SQLite's lock. */
static int database_check(struct store *store, struct error *error)
{
        int fd _cleanup_close_ = openat(store->directory_fd, STORE_FILE,
                                        O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        if (fd < 0)
                return error_set_errno(error, errno, "cannot open %s", store->path);
        struct stat info;
        if (fstat(fd, &info) < 0)
                return error_set_errno(error, errno, "cannot examine %s", store->path);
        if (!S_ISREG(info.st_mode))
                return error_set(error, EUCLEAN, "%s is not a regular file", store->path);
        int r = owner_check(store->path, &info, error);
        if (r < 0 || info.st_size == 0)
                return r;

        char magic[sizeof(SQLITE_MAGIC)] = "";
        if (pread(fd, magic, sizeof(magic), 0) != (ssize_t)sizeof(magic) ||
            memcmp(magic, SQLITE_MAGIC, sizeof(magic)) != 0) {
                char *hint _cleanup_free_ = store_files_backup_hint(store);
                return error_set(error, EUCLEAN, "%s is not an SQLite database; move it away (%s)",
                                 store->path, hint ? hint : "");
        }
        return 0;
}

char *store_files_backup_hint(const struct store *store)
{
        for (int version = 999; version > 0; version--) {
                char *path _cleanup_free_ = format_string("%s.backup-v%d", store->path, version);
                if (path && access(path, R_OK) == 0)
                        return format_string("the last backup is %s", path);
        }
        return format_string("there is no backup");
}

int store_files_open(struct store *store, struct error *error)
{
        int r = directory_open(store, error);
        if (r == 0)
                r = lock_take(store, error);
        if (r == 0)
                r = database_check(store, error);
        return r;
}
