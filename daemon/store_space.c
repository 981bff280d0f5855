/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Disk space: what is set aside so that runs can end properly on a full disk, and how the file shrinks again.
 *
 * Set aside, from the first to be used to the last:
 * 1. The reserve in each run's row: its changes need no new page (schema).
 * 2. The WAL's blocks. It is never truncated and has STORE_WAL_RESERVE allocated from the start. A checkpoint is due
 *    at STORE_CHECKPOINT_FRAMES, after which it is written from its beginning again.
 * 3. Table spare: pages inside the database for what indexes may need.
 * 4. The ballast: a file that is removed. Somebody else may take these blocks first, hence 1 to 3.
 *
 * Growth is bounded by retention. Free pages are used again first; when more than a quarter of the file is free,
 * idle times give the end of the file back, some pages at a time.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"

#define SHRINK_MIN_FREE_PAGES 256
#define SHRINK_STEP "PRAGMA incremental_vacuum(64)"

static uint64_t free_bytes(const struct store *store)
{
        if (store->free_bytes)
                return store->free_bytes(store);
        struct statvfs info;
        if (fstatvfs(store->directory_fd, &info) < 0)
                return 0;
        return (uint64_t)info.f_bavail * info.f_frsize;
}

static bool ballast_exists(const struct store *store)
{
        struct stat info;
        return fstatat(store->directory_fd, STORE_BALLAST_FILE, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISREG(info.st_mode) && info.st_size >= STORE_BALLAST_BYTES &&
               (int64_t)info.st_blocks * 512 >= STORE_BALLAST_BYTES; /* a copy may be sparse */
}

/* Only where that leaves as much again: a small disk is better used for the history. */
static bool ballast_make(const struct store *store)
{
        if (ballast_exists(store))
                return true;
        if (free_bytes(store) < 2 * (uint64_t)STORE_BALLAST_BYTES)
                return false;
        int fd _cleanup_close_ = openat(store->directory_fd, STORE_BALLAST_FILE,
                                        O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 && posix_fallocate(fd, 0, STORE_BALLAST_BYTES) == 0)
                return true;
        unlinkat(store->directory_fd, STORE_BALLAST_FILE, 0);
        return false;
}

/* Allocate beyond the end, so that SQLite's view of the WAL does not change. Not all file systems can. */
static void wal_reserve(const struct store *store)
{
        int fd _cleanup_close_ = openat(store->directory_fd, STORE_FILE "-wal",
                                        O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, STORE_WAL_RESERVE) < 0)
                return;
}

static int spare_make(struct store *store)
{
        if (store->counts.spare || store->full || store->in_transaction)
                return 0;
        int r = store_exec(store, STATEMENT_SPARE_ADD, NULL, "i", (int64_t)STORE_SPARE_BYTES);
        if (r < 0)
                return r;
        store->full = r == STORE_FULL;
        store->counts.spare = store->committed.spare = r == 0;
        return 0;
}

void store_space_prepare(struct store *store)
{
        store->ballast = ballast_make(store);
        wal_reserve(store);
        spare_make(store);
}

void store_space_release(struct store *store)
{
        store->ballast = false;
        unlinkat(store->directory_fd, STORE_BALLAST_FILE, 0);
        store_checkpoint_now(store);
}

bool store_space_check(struct store *store)
{
        if (!store->full)
                return true;
        store->ballast = ballast_make(store);
        store->full = !store->ballast;
        return store->ballast;
}

int store_checkpoint_now(struct store *store)
{
        int frames = -1, done = -1;
        store->check.held = false; /* whoever reads it has read what changes now */
        int rc = sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &done);
        int r = 0;
        if (rc != SQLITE_OK && rc != SQLITE_BUSY && rc != SQLITE_LOCKED)
                r = store_failed(store, rc);
        if (r < 0)
                return r;
        if (rc == SQLITE_OK && frames == done)
                store->wal_frames = 0;
        store->checkpoint_at = store->wal_frames + STORE_CHECKPOINT_FRAMES;
        return 0;
}

static int pragma_number(struct store *store, const char *sql, int64_t *ret)
{
        int rc = store_value(store->db, sql, ret, NULL, 0);
        return rc == SQLITE_OK ? 0 : store_failed(store, rc);
}

static int space_shrink(struct store *store)
{
        int64_t pages = 0, unused = 0;
        int r = pragma_number(store, "PRAGMA page_count", &pages);
        if (r == 0)
                r = pragma_number(store, "PRAGMA freelist_count", &unused);
        if (r != 0 || unused < SHRINK_MIN_FREE_PAGES || unused < pages / 4)
                return r;
        int rc = sqlite3_exec(store->db, SHRINK_STEP, NULL, NULL, NULL);
        r = rc == SQLITE_OK ? 0 : store_failed(store, rc);
        return r < 0 ? r : 0;
}

int store_checkpoint(struct store *store)
{
        if (store->failure.code)
                return -store->failure.code;
        if (store_pending(store) || store->check.held)
                return 0;
        int r = 0;
        if (store_space_check(store) && !store->counts.spare)
                r = spare_make(store);
        if (r == 0 && store->wal_frames > 0) {
                r = space_shrink(store);
                if (r == 0)
                        r = store_checkpoint_now(store);
        }
        sqlite3_db_release_memory(store->db);
        return r;
}

const char *store_degraded(const struct store *store)
{
        if (store->full)
                return "The disk of the state directory is full: new runs are refused until there is room again.";
        if (!store->ballast)
                return "The state directory has too little free space for the reserve that lets runs end properly on "
                       "a full disk.";
        return NULL;
}
