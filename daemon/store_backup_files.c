/* SPDX-License-Identifier: MPL-2.0 */
/* The files of backups: their names, which there are, and which go. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/store_backup.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"

#define NAME_PREFIX "bgtaskd-"
#define NAME_SUFFIX ".db"
#define NAME_TIME_FORMAT "%Y%m%dT%H%M%SZ"
#define NAME_TIME_SIZE 16
#define REASON_MIGRATION "before-v"
#define REASON_KEPT "kept"

/* "20261125T225500Z" */
static bool time_parse(const char *text, int64_t *ret_us)
{
        struct tm time = { 0 };
        const char *end = strptime(text, NAME_TIME_FORMAT, &time);
        if (!end || end - text != NAME_TIME_SIZE)
                return false;
        *ret_us = (int64_t)timegm(&time) * (int64_t)USEC_PER_SEC;
        return true;
}

void store_time_name(int64_t at_us, char ret[STORE_TIME_NAME_MAX])
{
        time_t seconds = at_us / (int64_t)USEC_PER_SEC;
        struct tm time;
        gmtime_r(&seconds, &time);
        strftime(ret, STORE_TIME_NAME_MAX, NAME_TIME_FORMAT, &time);
}

/* Whether @name is a backup's. */
static bool name_parse(const char *name, struct store_backup_info *ret)
{
        struct store_backup_info info = { .version = -1, .runs = -1 };
        size_t length = strlen(name), fixed = strlen(NAME_PREFIX) + NAME_TIME_SIZE;
        size_t ends = length - MIN(length, strlen(NAME_SUFFIX));
        if (length >= sizeof(info.name) || ends < fixed ||
            strncmp(name, NAME_PREFIX, strlen(NAME_PREFIX)) != 0 || strcmp(name + ends, NAME_SUFFIX) != 0 ||
            !time_parse(name + strlen(NAME_PREFIX), &info.made_at_us))
                return false;
        if (ends > fixed) {
                size_t size = ends - fixed - 1;
                if (name[fixed] != '-' || size == 0 || size >= sizeof(info.reason))
                        return false;
                memcpy(info.reason, name + fixed + 1, size);
        }
        memcpy(info.name, name, length + 1);
        *ret = info;
        return true;
}

/* Newest first. */
static int compare(const void *a, const void *b)
{
        const struct store_backup_info *left = a, *right = b;
        if (left->made_at_us != right->made_at_us)
                return left->made_at_us < right->made_at_us ? 1 : -1;
        return strcmp(right->name, left->name);
}

/* No directory is no backups. */
static int list(int directory_fd, struct store_backup_info **ret, size_t *ret_count)
{
        struct store_backup_info *infos _cleanup_free_ = NULL;
        size_t count = 0, room = 0;
        int fd = openat(directory_fd, STORE_BACKUP_DIRECTORY,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *entries _cleanup_closedir_ = fd < 0 ? NULL : fdopendir(fd);
        if (!entries && fd >= 0)
                close_keep_errno(fd);
        if (!entries && errno != ENOENT)
                return -errno;
        for (struct dirent *entry; entries && (entry = readdir(entries));) {
                struct store_backup_info info;
                struct stat status;
                if (!name_parse(entry->d_name, &info) ||
                    fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
                    !S_ISREG(status.st_mode))
                        continue;
                info.bytes = status.st_size;
                if (count == room) {
                        room = MAX(room * 2, (size_t)16);
                        struct store_backup_info *more = reallocarray(infos, room, sizeof(*more));
                        if (!more)
                                return -ENOMEM;
                        infos = more;
                }
                infos[count++] = info;
        }
        if (count > 1)
                qsort(infos, count, sizeof(*infos), compare);
        *ret = steal_pointer(infos);
        *ret_count = count;
        return 0;
}

int store_backup_find(const char *directory, unsigned index, struct store_backup_info *ret)
{
        struct store_backup_info *infos _cleanup_free_ = NULL;
        size_t count = 0;
        int fd _cleanup_close_ = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        int r = list(fd, &infos, &count);
        if (r < 0)
                return r;
        if (index >= count)
                return -ENOENT;
        *ret = infos[index];
        return 0;
}

void store_backup_prune(int directory_fd, int keep)
{
        struct store_backup_info *infos _cleanup_free_ = NULL;
        size_t count = 0;
        bool migration_seen = false;
        if (list(directory_fd, &infos, &count) < 0)
                return;
        for (size_t i = 0; i < count; i++) {
                bool migration = strncmp(infos[i].reason, REASON_MIGRATION, strlen(REASON_MIGRATION)) == 0;
                bool stays = i < (size_t)keep || (migration && !migration_seen);
                migration_seen = migration_seen || migration;
                char *path _cleanup_free_ = path_join(STORE_BACKUP_DIRECTORY, infos[i].name);
                /* One that cannot be removed now is met again by the next backup. */
                if (!stays && path)
                        unlinkat(directory_fd, path, 0);
        }
}

int store_backup_name(int directory_fd, const char *temporary, const char *reason,
                      char ret[STORE_BACKUP_NAME_MAX])
{
        struct store_backup_info *infos _cleanup_free_ = NULL;
        char name[STORE_BACKUP_NAME_MAX], time[STORE_TIME_NAME_MAX];
        int64_t at_us = clock_realtime_us();
        size_t count = 0;
        int r = list(directory_fd, &infos, &count);
        if (r < 0)
                return r;
        /* The newest has the latest time, whatever the clock does. The lock is ours, so nobody else makes one. */
        if (count > 0)
                at_us = MAX(at_us, infos[0].made_at_us + (int64_t)USEC_PER_SEC);
        store_time_name(at_us, time);
        snprintf(name, sizeof(name), NAME_PREFIX "%s%s%s" NAME_SUFFIX, time, *reason ? "-" : "", reason);
        char *path _cleanup_free_ = path_join(STORE_BACKUP_DIRECTORY, name);
        if (!path)
                return -ENOMEM;
        if (renameat(directory_fd, temporary, directory_fd, path) < 0)
                return -errno;
        memcpy(ret, name, sizeof(name));
        return 0;
}

void store_backup_retire(int directory_fd)
{
        struct store_backup_info *infos _cleanup_free_ = NULL;
        size_t count = 0;
        if (list(directory_fd, &infos, &count) < 0)
                return;
        for (size_t i = 0; i < count; i++) {
                if (strcmp(infos[i].reason, STORE_BACKUP_RESCUED) != 0)
                        continue;
                int stem = (int)(strlen(infos[i].name) - strlen(STORE_BACKUP_RESCUED NAME_SUFFIX));
                char from[128], to[128];
                snprintf(from, sizeof(from), STORE_BACKUP_DIRECTORY "/%s", infos[i].name);
                snprintf(to, sizeof(to), STORE_BACKUP_DIRECTORY "/%.*s" REASON_KEPT NAME_SUFFIX, stem,
                         infos[i].name);
                if (renameat(directory_fd, from, directory_fd, to) == 0)
                        store_directory_sync(directory_fd, STORE_BACKUP_DIRECTORY);
        }
}

int store_directory_sync(int directory_fd, const char *path)
{
        int fd _cleanup_close_ = openat(directory_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
                return -errno;
        return 0;
}

int store_directory_make(int directory_fd, const char *path)
{
        if (mkdirat(directory_fd, path, 0700) < 0 && errno != EEXIST)
                return -errno;
        return store_directory_sync(directory_fd, ".");
}
