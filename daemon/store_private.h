/* SPDX-License-Identifier: MPL-2.0 */
/* What the parts of the store that deal with faults share: backups, damage, restoring. Continues store_internal.h. */
#ifndef DAEMON_STORE_PRIVATE_H
#define DAEMON_STORE_PRIVATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/store_backup.h"
#include "daemon/store_recover.h"
#include "daemon/store_sqlite.h"
#include "lib/error.h"
#include "schema/embed.h"

#define STORE_TIME_NAME_MAX 20

/* ---- names and directories (store_backup_files.c); paths are in the state directory ---- */
/* "20261125T225500Z" */
void store_time_name(int64_t at_us, char ret[STORE_TIME_NAME_MAX]);
/* Rename @temporary to a backup's name of now, later than all others. */
int store_backup_name(int directory_fd, const char *temporary, const char *reason,
                      char ret[STORE_BACKUP_NAME_MAX]);
void store_backup_prune(int directory_fd, int keep);
/* A rescued copy has all that was acknowledged up to the next start, and is one of many after that: it is renamed. */
void store_backup_retire(int directory_fd);
int store_directory_make(int directory_fd, const char *path); /* there, and on disk */
int store_directory_sync(int directory_fd, const char *path);

/* ---- backups (store_backup.c) ---- */
/* As store_backup_check(), for schemas up to version @newest. */
int store_backup_check_to(const char *path, int newest, struct store_backup_info *ret, struct error *error);

/* With migrations that end with version 0; @options NULL: none. */
int store_open_all(const char *directory, const struct schema_migration *migrations,
                   const struct store_open_options *options, struct store **ret, struct error *error);
int store_open_with(const char *directory, const struct schema_migration *migrations, struct store **ret,
                    struct error *error);

/* ---- migrations (store_migrate.c) ---- */
/* Bring the open database to the newest version, after a backup if it had one before. */
int store_migrate(struct store *store, const struct schema_migration *migrations, struct error *error);
/* From version @from to @to in one transaction, which also marks the file as ours. */
int store_migrations_run(sqlite3 *db, const struct schema_migration *migrations, int from, int to,
                         struct error *error);
int store_migrations_newest(const struct schema_migration *migrations);

/* ---- files (store_files.c) ---- */
int store_files_lock(struct store *store, struct error *error);
/* Check the files of the database, which is there afterwards, made with mode 0600 when absent. -EUCLEAN: damaged. */
int store_files_check(struct store *store, struct error *error);
/* Remember which files are open. */
void store_files_remember(struct store *store);
/* Whether they are still those that a restart would open; -ESTALE. */
int store_files_unmoved(const struct store *store, struct error *error);
/* "the newest backup is NAME", or that there is none. */
void store_files_backup_hint(const struct store *store, char *ret_text, size_t size);
/* The next start looks at every row and index; and whether the last one asked for that. */
void store_files_suspect(const struct store *store);
bool store_files_is_suspect(const struct store *store);
void store_files_trust(const struct store *store);

/* ---- damage (store_recover.c, store_replace.c, store_salvage.c) ---- */
/* 0: open it as it is; 1: it is missing, though something of it is left. Ends what a restore has begun. */
int store_recover_prepare(struct store *store, struct error *error);
/* Replace the database, which is closed. @salvage: take what can be read of it. @why: one line. */
int store_recover(struct store *store, const struct schema_migration *migrations,
                  const struct store_open_options *options, bool salvage, const char *why,
                  struct error *error);
struct store_salvage {
        int64_t runs;       /* rows that were taken over */
        int64_t unreadable; /* places that could not be read, or made no sense */
        bool runs_complete, schedules_complete;
        int64_t sequence; /* the last number that was given away; -1: not known */
};
/* Open for reading, log included, without changing anything. -EIO: nothing can be read. */
int store_damaged_open(const char *path, sqlite3 **ret);
/* Copy what can be read into @to, which has a temporary table `salvaged (id)` for the keys of the runs that were. */
int store_salvage(sqlite3 *to, sqlite3 *from, struct store_salvage *ret, struct error *error);
/* What takes a database's place. */
struct store_replacement {
        const struct store *store;
        const struct schema_migration *migrations;
        const struct store_open_options *options;
        const char *base; /* the backup; NULL: none */
        bool exact;       /* it has all that was ever acknowledged */
        bool take;        /* take what can be read of the old one, too */
        struct store_salvage salvage;
        int64_t base_sequence, sequence; /* last numbers given away: of the base, and now */
        int64_t lost;                    /* runs that became lost */
        int64_t found; /* runs that were added or are active because of what else is known */
};
/* Make it: STORE_RESTORED_FILE, complete and on disk. Sets what follows `take`. */
int store_replacement_make(struct store_replacement *replacement, struct error *error);
/* Files of runs that the database has never heard of: it has lost its newest changes. They become known. */
int store_known_guard(struct store *store, const struct store_open_options *options, struct error *error);
/* Every row of the tables can be read and makes sense; NULL, or what does not (malloc'd). */
char *store_rows_check(sqlite3 *db);
void store_note_find(struct store *store);

/* Other files in the place of those that are open: save what there is, and fail (store_group.c). */
void store_group_check_files(struct store *store);

/* ---- space (store_space.c) ---- */
void store_space_prepare(struct store *store);
void store_space_release(struct store *store); /* remove the ballast, checkpoint */
/* Whether there is room for new rows, or again. */
bool store_space_check(struct store *store);
/* Passive. A disk without room for it is not an error: what is in the WAL stays there. */
int store_checkpoint_now(struct store *store);

#endif
