/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Putting another database in the place of one that is damaged, gone or not wanted.
 *
 *   1. bgtaskd.db.restored is made, complete, and synced (store_replace.c). Until here nothing has changed.
 *   2. damaged-TIME is made, with a report; bgtaskd.db goes there, and that is synced.
 *   3. The log goes there as well, and that is synced. It must be gone before another database has its name: it would be
 *      replayed into that.
 *   4. bgtaskd.db.restored is renamed to bgtaskd.db, and that is synced.
 *
 * After a crash in between a start finds: bgtaskd.db, then it does as if nothing had been; or none but
 * bgtaskd.db.restored, then it goes on with 3.
 */
#include "config.h"

#include "daemon/store_recover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"

#define DAMAGED_PREFIX "damaged-"
#define DAMAGED_MAX 5
#define REPORT_FILE "report.txt"
#define REPORT_MAX 8192

struct recovery {
        struct store_replacement replacement;
        char base_path[PATH_MAX];
        char folder[64]; /* damaged-TIME */
        char report[REPORT_MAX];
};

static void report(struct recovery *recovery, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void report(struct recovery *recovery, const char *format, ...)
{
        const struct store_open_options *options = recovery->replacement.options;
        size_t used = strlen(recovery->report);
        char line[ERROR_TEXT_MAX];
        va_list values;
        va_start(values, format);
        vsnprintf(line, sizeof(line), format, values);
        va_end(values);
        snprintf(recovery->report + used, sizeof(recovery->report) - used, "%s\n", line);
        if (options->report)
                options->report(line, options->data);
}

/* ---- folders of damaged files ---- */

/* The newest, and how many there are. */
static int folders_find(int directory_fd, char ret_newest[64])
{
        int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *entries _cleanup_closedir_ = fd < 0 ? NULL : fdopendir(fd);
        int count = 0;
        if (fd >= 0 && !entries)
                close_keep_errno(fd);
        ret_newest[0] = '\0';
        for (struct dirent *entry; entries && (entry = readdir(entries));) {
                if (strncmp(entry->d_name, DAMAGED_PREFIX, strlen(DAMAGED_PREFIX)) != 0)
                        continue;
                count++;
                if (strcmp(entry->d_name, ret_newest) > 0)
                        snprintf(ret_newest, 64, "%.63s", entry->d_name);
        }
        return count;
}

void store_note_find(struct store *store)
{
        char newest[64];
        store->note[0] = '\0';
        if (folders_find(store->directory_fd, newest) > 0)
                snprintf(
                        store->note, sizeof(store->note),
                        "The database was replaced: %s in the state directory has the old one and a report; remove "
                        "the folder when that has been dealt with.",
                        newest);
}

const char *store_note(struct store *store)
{
        store_note_find(store);
        return store->note[0] ? store->note : NULL;
}

static int folder_make(struct recovery *recovery, struct error *error)
{
        const struct store *store = recovery->replacement.store;
        char time[STORE_TIME_NAME_MAX];
        int r = -EEXIST;
        for (int i = 0; i < 60 && r == -EEXIST; i++) {
                store_time_name(clock_realtime_us() + i * (int64_t)USEC_PER_SEC, time);
                snprintf(recovery->folder, sizeof(recovery->folder), DAMAGED_PREFIX "%s", time);
                r = mkdirat(store->directory_fd, recovery->folder, 0700) < 0 ? -errno : 0;
        }
        if (r == 0 && fsync(store->directory_fd) < 0)
                r = -errno;
        if (r < 0)
                return error_set_errno(error, -r, "%s/%s cannot be made", store->directory, recovery->folder);
        return 0;
}

/* Absent is success. */
static int file_move(int directory_fd, const char *name, const char *folder)
{
        char to[128];
        snprintf(to, sizeof(to), "%s/%s", folder, name);
        return renameat(directory_fd, name, directory_fd, to) < 0 && errno != ENOENT ? -errno : 0;
}

static int both_sync(int directory_fd, const char *folder)
{
        int r = store_directory_sync(directory_fd, folder);
        return r < 0 ? r : store_directory_sync(directory_fd, ".");
}

/* Steps 3 and 4. */
static int install(const struct store *store, const char *folder, struct error *error)
{
        int r = file_move(store->directory_fd, STORE_FILE "-wal", folder);
        if (r == 0)
                r = file_move(store->directory_fd, STORE_FILE "-shm", folder);
        if (r == 0)
                r = file_move(store->directory_fd, STORE_FILE "-journal", folder);
        if (r == 0)
                r = both_sync(store->directory_fd, folder);
        if (r == 0 && renameat(store->directory_fd, STORE_RESTORED_FILE, store->directory_fd, STORE_FILE) < 0)
                r = -errno;
        if (r == 0)
                r = store_directory_sync(store->directory_fd, ".");
        if (r < 0)
                return error_set_errno(error, -r, "%s cannot be replaced", store->path);
        store_files_trust(store);
        return 0;
}

/* ---- what is to be put in place ---- */

static int base_choose(struct recovery *recovery, struct error *error)
{
        struct store_replacement *replacement = &recovery->replacement;
        const char *from = replacement->options->from;
        const struct store *store = replacement->store;
        struct store_backup_info info = { .version = -1 };
        char log[PATH_MAX + 8];
        int newest = store_migrations_newest(replacement->migrations);
        bool missing = faccessat(store->directory_fd, STORE_FILE, F_OK, AT_SYMLINK_NOFOLLOW) < 0;

        replacement->base = recovery->base_path;
        if (from && strcmp(from, "latest") != 0) {
                struct stat status;
                snprintf(recovery->base_path, sizeof(recovery->base_path), "%s", from);
                snprintf(log, sizeof(log), "%s-wal", from);
                if (stat(log, &status) == 0 && status.st_size > 0)
                        return error_set(error, EUCLEAN,
                                         "%s has a log beside it (%s): it is a database in use, not a backup",
                                         from, log);
                return store_backup_check_to(from, newest, &info, error);
        }
        for (unsigned i = 0; store_backup_find(store->directory, i, &info) == 0; i++) {
                struct error bad = ERROR_INIT;
                snprintf(recovery->base_path, sizeof(recovery->base_path), "%s/" STORE_BACKUP_DIRECTORY "/%s",
                         store->directory, info.name);
                if (store_backup_check_to(recovery->base_path, newest, &info, &bad) == 0) {
                        replacement->exact = missing && strcmp(info.reason, STORE_BACKUP_RESCUED) == 0;
                        return 0;
                }
                report(recovery, "passed over: %s", bad.text);
        }
        replacement->base = NULL;
        if (!replacement->take && replacement->options->from)
                return error_set(error, ENOENT, "%s/" STORE_BACKUP_DIRECTORY " has no good backup",
                                 store->directory);
        return 0;
}

static void report_result(struct recovery *recovery)
{
        const struct store_replacement *replacement = &recovery->replacement;
        const struct store_salvage *salvage = &replacement->salvage;
        const char *base = replacement->base ? replacement->base : "an empty database";

        if (salvage->runs_complete)
                report(recovery, "all runs could be read from the old database: none is lost");
        else if (replacement->exact)
                report(recovery, "it was made from %s, which has all that was ever acknowledged", base);
        else if (salvage->runs > 0)
                report(recovery,
                       "it was made from %s and %" PRId64
                       " runs that could be read from the old database; %" PRId64 " places in that could not",
                       base, salvage->runs, salvage->unreadable);
        else
                report(recovery, "it was made from %s; runs with numbers from %" PRId64 " on are not in that",
                       base, replacement->base_sequence + 1);
        if (replacement->lost > 0)
                report(recovery,
                       "%" PRId64 " runs that it has as queued or running are lost: they are not run again",
                       replacement->lost);
        if (replacement->found > 0)
                report(recovery, "%" PRId64 " runs are known by their output or their run file alone",
                       replacement->found);
        report(recovery, "numbers of new runs begin with %" PRId64, replacement->sequence + 1);
        if (!replacement->exact && !salvage->schedules_complete)
                report(recovery, "the schedules are those of %s%s", base,
                       salvage->runs > 0 ? " and those that could be read" : "");
}

int store_recover(struct store *store, const struct schema_migration *migrations,
                  const struct store_open_options *options, bool salvage, const char *why,
                  struct error *error)
{
        struct recovery *recovery _cleanup_free_ = calloc(1, sizeof(*recovery));
        char newest[64], report_path[128];
        if (!recovery)
                return error_set_errno(error, ENOMEM, "restore");
        recovery->replacement = (struct store_replacement){
                .store = store, .migrations = migrations, .options = options, .take = salvage
        };
        if (folders_find(store->directory_fd, newest) >= DAMAGED_MAX)
                return error_set(error, EUCLEAN,
                                 "%s; it was replaced %d times before (" DAMAGED_PREFIX
                                 "*): look for a failing disk, and move these folders away",
                                 why, DAMAGED_MAX);
        int r = base_choose(recovery, error);
        if (r == 0)
                r = store_replacement_make(&recovery->replacement, error);
        if (r == 0)
                r = folder_make(recovery, error);
        if (r < 0) {
                unlinkat(store->directory_fd, STORE_RESTORED_FILE, 0);
                return r;
        }
        report(recovery, "%s is replaced: %s", store->path, why);
        report_result(recovery);
        report(recovery, "the old database is kept in %s/%s", store->directory, recovery->folder);
        snprintf(report_path, sizeof(report_path), "%s/" REPORT_FILE, recovery->folder);
        /* It is for people: a restore does not fail for it. */
        file_write_atomic(store->directory_fd, report_path, recovery->report, strlen(recovery->report), 0600,
                          true);
        r = file_move(store->directory_fd, STORE_FILE, recovery->folder);
        if (r == 0)
                r = both_sync(store->directory_fd, recovery->folder);
        if (r < 0)
                return error_set_errno(error, -r, "%s cannot be moved away", store->path);
        return install(store, recovery->folder, error);
}

/* ---- at every start ---- */

static bool directory_has(const struct store *store, const char *name)
{
        int fd = openat(store->directory_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *entries _cleanup_closedir_ = fd < 0 ? NULL : fdopendir(fd);
        bool has = false;
        if (fd >= 0 && !entries)
                close_keep_errno(fd);
        for (struct dirent *entry; !has && entries && (entry = readdir(entries));)
                has = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        return has;
}

static bool log_has_frames(const struct store *store)
{
        struct stat info;
        return fstatat(store->directory_fd, STORE_FILE "-wal", &info, AT_SYMLINK_NOFOLLOW) == 0 &&
               info.st_size > 0;
}

/* 1 with what is left, when it is missing and something is. */
static int loss_find(const struct store *store, struct error *error)
{
        struct store_backup_info backup;
        const char *left = NULL;
        if (store_backup_find(store->directory, 0, &backup) == 0)
                left = "backups";
        else if (directory_has(store, "output"))
                left = "output of runs";
        else if (log_has_frames(store))
                left = "its log";
        if (!left)
                return 0;
        error_set(error, EUCLEAN,
                  "%s is missing, though there is %s of it: bgtaskd --restore=latest makes another; to begin "
                  "with an empty one move all of %s away",
                  store->path, left, store->directory);
        return 1;
}

static bool database_is_there(const struct store *store)
{
        struct stat info;
        return fstatat(store->directory_fd, STORE_FILE, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
               (info.st_size > 0 || !S_ISREG(info.st_mode));
}

int store_recover_prepare(struct store *store, struct error *error)
{
        char newest[64];
        bool restored = faccessat(store->directory_fd, STORE_RESTORED_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;

        if (database_is_there(store)) {
                if (restored)
                        unlinkat(store->directory_fd, STORE_RESTORED_FILE, 0);
                return 0;
        }
        if (restored && folders_find(store->directory_fd, newest) > 0)
                return install(store, newest, error);
        return loss_find(store, error);
}

int store_check_missing(const char *directory, struct error *error)
{
        char *path _cleanup_free_ = path_join(directory, STORE_FILE);
        int fd _cleanup_close_ = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (!path || fd < 0)
                return error_set_errno(error, path ? errno : ENOMEM, "%s", directory);
        const struct store store = { .directory = (char *)directory, .path = path, .directory_fd = fd };
        if (database_is_there(&store) || faccessat(fd, STORE_RESTORED_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                return 0;
        return loss_find(&store, error) == 0 ? 0 : -EUCLEAN;
}
