/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The store's files in its directory:
 *
 *   bgtaskd.db, -wal    the database and its write-ahead log (no -shm: one connection, locked exclusively)
 *   bgtaskd.db.restored what takes the database's place; only while it does (store_recover.c)
 *   bgtaskd.lock        locked with flock() while a store is open; holds the process's number
 *   bgtaskd.suspect     something read of the database made no sense: the next start looks at all of it
 *   bgtaskd.ballast     blocks for a full disk
 *   backups             store_backup.h
 *   damaged-TIME        store_recover.h
 *
 * Whoever may write here can make the daemon run anything as anybody, so the directory and the database must
 * be ours alone to write.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define LOCK_WAIT_US INT64_C(5000000) /* for what a daemon that is dead left */
#define LOCK_LOOK_US INT64_C(20000)
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

/* What the lock's file says of who has it. */
static void lock_holder(const struct store *store, char ret[32])
{
        ssize_t n = pread(store->lock_fd, ret, 31, 0);

        ret[n > 0 ? n : 0] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
}

/* A daemon that was killed may leave children that have not executed their program yet, or are being killed in their turn,
 * and have its lock for so long. 0, -EWOULDBLOCK, or another errno. */
static int lock_wait(const struct store *store)
{
        const struct timespec pause = { .tv_nsec = LOCK_LOOK_US * 1000 };

        for (int64_t waited_us = 0;; waited_us += LOCK_LOOK_US) {
                char text[32];
                if (flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0)
                        return 0;
                if (errno != EWOULDBLOCK || waited_us >= LOCK_WAIT_US)
                        return -errno;
                lock_holder(store, text);
                pid_t pid = (pid_t)strtol(text, NULL, 10);
                if (pid <= 1 || kill(pid, 0) == 0 || errno != ESRCH)
                        return -EWOULDBLOCK;
                nanosleep(&pause, NULL);
        }
}

static int lock_take(struct store *store, struct error *error)
{
        char text[32];

        store->lock_fd = openat(store->directory_fd, STORE_LOCK_FILE,
                                O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (store->lock_fd < 0)
                return error_set_errno(error, errno, "cannot open %s/%s", store->directory, STORE_LOCK_FILE);

        int r = lock_wait(store);
        if (r < 0) {
                if (r != -EWOULDBLOCK)
                        return error_set_errno(error, -r, "cannot lock %s/%s", store->directory,
                                               STORE_LOCK_FILE);
                lock_holder(store, text);
                return error_set(error, EBUSY,
                                 "the state directory %s is in use by another bgtaskd (process %s)",
                                 store->directory, *text ? text : "unknown");
        }

        int size = snprintf(text, sizeof(text), "%d\n", (int)getpid());
        /* Only a hint for the message above. */
        if (ftruncate(store->lock_fd, 0) == 0 && pwrite(store->lock_fd, text, (size_t)size, 0) != size)
                return error_set_errno(error, errno, "cannot write %s/%s", store->directory, STORE_LOCK_FILE);
        return 0;
}

/* A log is replayed into the database: whoever writes to it writes to that. */
static int log_check(const struct store *store, const char *name, bool *ret_there, struct error *error)
{
        char *path _cleanup_free_ = path_join(store->directory, name);
        struct stat info;
        if (!path)
                return error_set_errno(error, ENOMEM, "%s", store->path);
        *ret_there = fstatat(store->directory_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
        if (!*ret_there)
                return errno == ENOENT ? 0 : error_set_errno(error, errno, "cannot examine %s", path);
        if (!S_ISREG(info.st_mode))
                return error_set(error, EMEDIUMTYPE, "%s is not a regular file", path);
        return owner_check(path, &info, error);
}

/* One without a byte is made by a start that was cut short, and durable before anything is in it. */
static int database_make(const struct store *store, int *ret_fd, struct error *error)
{
        int fd = openat(store->directory_fd, STORE_FILE, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) {
                fd = openat(store->directory_fd, STORE_FILE, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
                if (fd >= 0 && fsync(store->directory_fd) < 0) {
                        close_keep_errno(fd);
                        return error_set_errno(error, errno, "cannot sync %s", store->directory);
                }
        }
        if (fd < 0 && errno == ELOOP)
                return error_set(error, EMEDIUMTYPE, "%s is a symbolic link; expected a file", store->path);
        if (fd < 0)
                return error_set_errno(error, errno, "cannot open %s", store->path);
        *ret_fd = fd;
        return 0;
}

/* Before SQLite touches it. -shm would mean that somebody uses it as no bgtaskd does; that is left to SQLite's lock. */
int store_files_check(struct store *store, struct error *error)
{
        int fd _cleanup_close_ = -1;
        struct stat info;
        int r = database_make(store, &fd, error);
        if (r < 0)
                return r;
        if (fstat(fd, &info) < 0)
                return error_set_errno(error, errno, "cannot examine %s", store->path);
        if (!S_ISREG(info.st_mode))
                return error_set(error, EMEDIUMTYPE, "%s is not a regular file", store->path);
        r = owner_check(store->path, &info, error);
        bool log = false, journal = false;
        if (r == 0)
                r = log_check(store, STORE_FILE "-wal", &log, error);
        if (r == 0)
                r = log_check(store, STORE_FILE "-journal", &journal, error);
        /* With a journal the making of the file was cut short, and SQLite will undo what there is of it. */
        if (r < 0 || info.st_size == 0 || journal)
                return r;

        char magic[sizeof(SQLITE_MAGIC)] = "";
        if (pread(fd, magic, sizeof(magic), 0) != (ssize_t)sizeof(magic) ||
            memcmp(magic, SQLITE_MAGIC, sizeof(magic)) != 0) {
                char hint[128];
                store_files_backup_hint(store, hint, sizeof(hint));
                return error_set(
                        error, EUCLEAN,
                        "%s is damaged: it is not an SQLite database; bgtaskd --restore=latest replaces it "
                        "(%s)",
                        store->path, hint);
        }
        return 0;
}

void store_files_backup_hint(const struct store *store, char *ret_text, size_t size)
{
        struct store_backup_info info;
        if (store_backup_find(store->directory, 0, &info) == 0)
                snprintf(ret_text, size, "the newest backup is %s", info.name);
        else
                snprintf(ret_text, size, "there is no backup");
}

int store_files_lock(struct store *store, struct error *error)
{
        int r = directory_open(store, error);
        return r < 0 ? r : lock_take(store, error);
}

/* ---- who else ---- */

/* A line of /proc/locks: "1: POSIX  ADVISORY  WRITE 17 08:01:4711 1073741824 1073741824"; 0: of no interest. */
static pid_t lock_owner(char *line, const struct stat *info)
{
        enum { KIND = 1, OWNER = 4, FILE_ID = 5, COUNT };
        char *words[COUNT], *rest = NULL;
        int64_t pid, inode;
        int count = 0;
        for (char *word = strtok_r(line, " ", &rest); word && count < COUNT;
             word = strtok_r(NULL, " ", &rest))
                words[count++] = word;
        if (count < COUNT || strcmp(words[KIND], "POSIX") != 0)
                return 0;
        const char *colon = strrchr(words[FILE_ID], ':');
        if (!colon || parse_int64(colon + 1, 0, INT64_MAX, &inode) < 0 ||
            parse_int64(words[OWNER], 1, INT32_MAX, &pid) < 0 || (ino_t)inode != info->st_ino ||
            pid == getpid())
                return 0;
        return (pid_t)pid;
}

/* Some file systems show one device number here and another there; the inode and the kind of lock must do. */
void store_find_holder(const char *database, char *ret_text, size_t size)
{
        FILE *locks _cleanup_fclose_ = fopen("/proc/locks", "re");
        struct stat info;
        char line[256];
        pid_t pid = 0;

        snprintf(ret_text, size, "%s", "");
        if (!locks || stat(database, &info) < 0)
                return;
        while (pid == 0 && fgets(line, sizeof(line), locks))
                pid = lock_owner(line, &info);
        if (pid == 0)
                return;
        char path[64], *name _cleanup_free_ = NULL;
        size_t length;
        snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
        if (file_read(AT_FDCWD, path, 64, &name, &length) == 0)
                name[strcspn(name, "\n")] = '\0';
        snprintf(ret_text, size, name ? " (process %d, %s)" : " (process %d)", (int)pid, name);
}

/* ---- the files under us ---- */

static bool file_identify(const char *path, struct stat *ret)
{
        return stat(path, ret) == 0;
}

void store_files_remember(struct store *store)
{
        char *log _cleanup_free_ = path_join(store->directory, STORE_FILE "-wal");
        struct stat database, wal;
        if (!log || !file_identify(store->path, &database) || !file_identify(log, &wal))
                return;
        store->identity = (struct store_identity){ database.st_dev, database.st_ino, wal.st_ino };
}

int store_files_unmoved(const struct store *store, struct error *error)
{
        const struct store_identity *identity = &store->identity;
        char log[PATH_MAX];
        struct stat info;
        const char *path = store->path;
        if (identity->database == 0)
                return 0;
        bool there = file_identify(path, &info);
        if (there && info.st_dev == identity->device && info.st_ino == identity->database) {
                snprintf(log, sizeof(log), "%s-wal", store->path);
                path = log;
                there = file_identify(path, &info);
                if (there && info.st_dev == identity->device && info.st_ino == identity->log)
                        return 0;
        }
        return error_set(
                error, ESTALE,
                "%s was %s while bgtaskd had it open; nothing more is accepted, so that nothing is lost",
                path, there ? "replaced" : "taken away");
}

/* ---- suspicion ---- */

void store_files_suspect(const struct store *store)
{
        int fd _cleanup_close_ = openat(store->directory_fd, STORE_SUSPECT_FILE,
                                        O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 && fsync(fd) == 0)
                store_directory_sync(store->directory_fd, ".");
}

bool store_files_is_suspect(const struct store *store)
{
        return faccessat(store->directory_fd, STORE_SUSPECT_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void store_files_trust(const struct store *store)
{
        unlinkat(store->directory_fd, STORE_SUSPECT_FILE, 0);
}
