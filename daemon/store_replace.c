/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What takes the place of a database: the file bgtaskd.db.restored, made of a backup (or of nothing), of what can be
 * read of the old one, and of what else tells of runs. store_recover.c puts it in place.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"

/* So many numbers are skipped when it is not known which have been given away. */
#define NUMBERS_SKIPPED 10000
#define ACTIVE_OR_HELD "(" STORE_ACTIVE " OR state = 'held')"
#define LOST "state = 'lost', result = 'interrupted', reserve = x''"
#define LOST_DETAIL                                                                                          \
        "{\"message\":\"the store was restored from an older state: what became of this run is not known\"}"
#define UNKNOWN_TASK "(unknown)"
#define SEQUENCE "SELECT max(seq) FROM sqlite_sequence WHERE name = 'run'"

CLEANUP_DEFINE(sqlite3, sqlite3_close);

static int write_failed(sqlite3 *db, struct error *error)
{
        return store_error(error, db, "what was found cannot be written");
}

static int exec(sqlite3 *db, const char *sql, struct error *error)
{
        return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : write_failed(db, error);
}

static int number(sqlite3 *db, const char *sql, int64_t *ret, struct error *error)
{
        int rc = store_value(db, sql, ret, NULL, 0);
        if (rc == SQLITE_ERROR && sqlite3_errcode(db) == SQLITE_OK) { /* no row */
                *ret = 0;
                return 0;
        }
        return rc == SQLITE_OK ? 0 : write_failed(db, error);
}

/* A byte for byte copy; @from NULL: an empty file. */
static int file_copy(const char *from, int to, struct error *error)
{
        char buffer[65536];
        ssize_t n = 0;
        int in _cleanup_close_ = from ? open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
        if (from && in < 0)
                return error_set_errno(error, errno, "%s cannot be read", from);
        while (from && (n = read(in, buffer, sizeof(buffer))) > 0) {
                int r = fd_write_all(to, buffer, (size_t)n);
                if (r < 0)
                        return error_set_errno(error, -r, STORE_RESTORED_FILE " cannot be written");
        }
        return n < 0 ? error_set_errno(error, errno, "%s cannot be read", from) : 0;
}

static int target_open(struct store_replacement *replacement, sqlite3 **ret, struct error *error)
{
        const struct store *store = replacement->store;
        char *path _cleanup_free_ = path_join(store->directory, STORE_RESTORED_FILE);
        int fd _cleanup_close_ = openat(store->directory_fd, STORE_RESTORED_FILE,
                                        O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        sqlite3 *db _cleanup_(sqlite3_close_cleanup) = NULL;
        if (!path || fd < 0)
                return error_set_errno(error, path ? errno : ENOMEM, "%s/" STORE_RESTORED_FILE,
                                       store->directory);
        int r = file_copy(replacement->base, fd, error);
        if (r < 0)
                return r;
        int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
        if (rc == SQLITE_OK)
                rc = store_harden(db);
        /* It counts for nothing until it is complete and synced. */
        if (rc == SQLITE_OK)
                rc = sqlite3_exec(db,
                                  "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA locking_mode = EXCLUSIVE;"
                                  "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"
                                  "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024",
                                  NULL, NULL, NULL);
        if (rc != SQLITE_OK)
                return error_set(error, EIO, "%s: %s", path, db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
        *ret = steal_pointer(db);
        return 0;
}

/* The old one's schema, if that is known and newer; an empty file gets the newest. */
static int target_migrate(const struct store_replacement *replacement, sqlite3 *to, sqlite3 *from,
                          struct error *error)
{
        const struct schema_migration *migrations = replacement->migrations;
        int64_t have = 0, want = 0, newest = store_migrations_newest(migrations);
        int r = number(to, "PRAGMA user_version", &have, error);
        if (r < 0)
                return r;
        if (!from || store_value(from, "PRAGMA user_version", &want, NULL, 0) != SQLITE_OK || want <= 0 ||
            want > newest)
                want = have > 0 ? have : newest;
        if (want <= have)
                return 0;
        return store_migrations_run(to, migrations, (int)have, (int)want, error);
}

/* ---- what else tells of runs ---- */

static int64_t known_highest(const struct store_open_options *options)
{
        int64_t highest = 0;
        for (size_t i = 0; i < options->known_count; i++)
                highest = MAX(highest, options->known[i].id);
        return highest;
}

/* A run of which the database knows nothing (any more): it keeps its number, and its output. One with a run file goes on
 * from there. */
static int known_add(sqlite3 *db, sqlite3_stmt *add, const struct store_known *known)
{
        bool active = known->epoch > 0;
        sqlite3_bind_int64(add, 1, known->id);
        sqlite3_bind_text(add, 2, active ? "running" : "lost", -1, SQLITE_STATIC);
        sqlite3_bind_text(add, 3, active ? "" : "interrupted", -1, SQLITE_STATIC);
        sqlite3_bind_int64(add, 4, known->epoch);
        sqlite3_bind_int64(add, 5, clock_realtime_us());
        sqlite3_bind_text(add, 6, LOST_DETAIL, -1, SQLITE_STATIC);
        int rc = sqlite3_step(add);
        sqlite3_reset(add);
        return rc == SQLITE_DONE ? sqlite3_changes(db) : -1;
}

/* Those with numbers above @above. */
static int known_merge(struct store_replacement *replacement, sqlite3 *db, int64_t above, struct error *error)
{
        static const char insert[] =
                "INSERT INTO run (id, task, args, state, result, epoch, uid, queued_at_us, detail, reserve) VALUES "
                "(?1, '" UNKNOWN_TASK
                "', '[]', ?2, ?3, ?4, 0, ?5, ?6, zeroblob(192)) ON CONFLICT (id) DO UPDATE SET "
                "state = 'running', epoch = ?4 WHERE ?4 >= epoch AND " ACTIVE_OR_HELD;
        const struct store_open_options *options = replacement->options;
        sqlite3_stmt *add = NULL;
        int r = 0;
        if (options->known_count == 0)
                return 0;
        if (sqlite3_prepare_v2(db, insert, -1, &add, NULL) != SQLITE_OK)
                return write_failed(db, error);
        for (size_t i = 0; i < options->known_count && r == 0; i++) {
                const struct store_known *known = &options->known[i];
                /* What is complete and knows nothing of it has removed it. */
                if (known->id <= above || replacement->salvage.runs_complete)
                        continue;
                int changes = known_add(db, add, known);
                if (changes < 0)
                        r = write_failed(db, error);
                else
                        replacement->found += changes;
        }
        sqlite3_finalize(add);
        return r;
}

/* About those with a run file somebody else decides. */
static int known_keep(const struct store_open_options *options, sqlite3 *db, struct error *error)
{
        for (size_t i = 0; i < options->known_count; i++) {
                if (options->known[i].epoch == 0)
                        continue;
                char *sql _cleanup_free_ = format_string(
                        "INSERT OR IGNORE INTO salvaged (id) VALUES (%" PRId64 ")", options->known[i].id);
                int r = sql ? exec(db, sql, error) : error_set_errno(error, ENOMEM, "restore");
                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- what must not be done again ---- */

/* Runs that were active when the backup was made, and of which nothing newer is known. */
static int lose_active(struct store_replacement *replacement, sqlite3 *db, struct error *error)
{
        char *sql _cleanup_free_ = format_string("UPDATE run SET " LOST ", finished_at_us = max(%" PRId64
                                                 ", started_at_us), detail = '%s' WHERE " ACTIVE_OR_HELD
                                                 " AND id NOT IN (SELECT id FROM salvaged)",
                                                 clock_realtime_us(), LOST_DETAIL);
        if (!sql)
                return error_set_errno(error, ENOMEM, "restore");
        if (replacement->salvage.runs_complete)
                return exec(db, "DELETE FROM run WHERE id NOT IN (SELECT id FROM salvaged)", error);
        if (replacement->exact)
                return 0;
        int r = exec(db, sql, error);
        if (r == 0)
                replacement->lost = sqlite3_changes(db);
        return r;
}

static int raise_sequence(struct store_replacement *replacement, sqlite3 *db, struct error *error)
{
        int64_t sequence = 0;
        int r = number(db,
                       "SELECT max(seq) FROM (SELECT seq FROM sqlite_sequence WHERE name = 'run' "
                       "UNION ALL SELECT coalesce(max(id), 0) FROM run)",
                       &sequence, error);
        if (r < 0)
                return r;
        replacement->base_sequence = replacement->salvage.runs > 0 ? sequence : replacement->base_sequence;
        sequence = MAX(sequence, known_highest(replacement->options));
        if (replacement->salvage.sequence >= 0)
                sequence = MAX(sequence, replacement->salvage.sequence);
        else if (!replacement->exact)
                sequence += NUMBERS_SKIPPED;
        replacement->sequence = sequence;
        char *sql _cleanup_free_ =
                format_string("DELETE FROM sqlite_sequence WHERE name = 'run';"
                              "INSERT INTO sqlite_sequence (name, seq) VALUES ('run', %" PRId64 ")",
                              sequence);
        return sql ? exec(db, sql, error) : error_set_errno(error, ENOMEM, "restore");
}

static int target_fill(struct store_replacement *replacement, sqlite3 *to, sqlite3 *from, struct error *error)
{
        int r = exec(to, "BEGIN; CREATE TEMP TABLE salvaged (id INTEGER PRIMARY KEY)", error);
        if (r == 0)
                r = number(to, SEQUENCE, &replacement->base_sequence, error);
        if (r == 0 && from && replacement->take)
                r = store_salvage(to, from, &replacement->salvage, error);
        else if (r == 0 && from &&
                 store_value(from, "SELECT seq FROM sqlite_sequence WHERE name = 'run'",
                             &replacement->salvage.sequence, NULL, 0) != SQLITE_OK)
                replacement->salvage.sequence = -1;
        if (r == 0)
                r = known_merge(replacement, to, 0, error);
        if (r == 0 && !replacement->salvage.runs_complete)
                r = known_keep(replacement->options, to, error);
        if (r == 0)
                r = lose_active(replacement, to, error);
        if (r == 0)
                r = raise_sequence(replacement, to, error);
        return r == 0 ? exec(to, "COMMIT", error) : r;
}

static int target_check(sqlite3 *db, struct error *error)
{
        char damage[STORE_VALUE_MAX] = "";
        if (store_find_damage(db, true, damage) != SQLITE_OK)
                return write_failed(db, error);
        if (damage[0])
                return error_set(error, EUCLEAN, STORE_RESTORED_FILE " is damaged as well: %s", damage);
        return 0;
}

int store_replacement_make(struct store_replacement *replacement, struct error *error)
{
        const struct store *store = replacement->store;
        sqlite3 *from _cleanup_(sqlite3_close_cleanup) = NULL;
        sqlite3 *to _cleanup_(sqlite3_close_cleanup) = NULL;

        replacement->salvage = (struct store_salvage){ .sequence = -1 };
        if (faccessat(store->directory_fd, STORE_FILE, R_OK, AT_SYMLINK_NOFOLLOW) == 0)
                store_damaged_open(store->path, &from);
        int r = target_open(replacement, &to, error);
        if (r == 0)
                r = target_migrate(replacement, to, from, error);
        if (r == 0)
                r = target_fill(replacement, to, from, error);
        if (r == 0)
                r = target_check(to, error);
        if (r < 0)
                return r;
        if (sqlite3_close(to) != SQLITE_OK)
                return write_failed(to, error);
        to = NULL;
        int fd _cleanup_close_ = openat(store->directory_fd, STORE_RESTORED_FILE,
                                        O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0 || fsync(store->directory_fd) < 0)
                return error_set_errno(error, errno, STORE_RESTORED_FILE " cannot be synced");
        return 0;
}

int store_known_guard(struct store *store, const struct store_open_options *options, struct error *error)
{
        struct store_replacement replacement = { .store = store, .options = options, .exact = true };
        int64_t sequence = 0, highest = known_highest(options);
        int r = highest == 0 ? 0 : number(store->db, SEQUENCE, &sequence, error);
        if (r < 0 || highest <= sequence)
                return r;
        char line[ERROR_TEXT_MAX];
        snprintf(line, sizeof(line),
                 "%s knows no run above %" PRId64 ", but there are files of run %" PRId64
                 ": its newest changes are lost, by a damaged log or an older copy in its place",
                 store->path, sequence, highest);
        r = exec(store->db, "BEGIN", error);
        if (r == 0)
                r = known_merge(&replacement, store->db, sequence, error);
        if (r == 0)
                r = raise_sequence(&replacement, store->db, error);
        if (r == 0)
                r = exec(store->db, "COMMIT", error);
        if (!sqlite3_get_autocommit(store->db))
                sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        if (r == 0 && options->report)
                options->report(line, options->data);
        return r;
}
