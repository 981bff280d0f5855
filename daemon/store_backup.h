/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Backups: STATE/backups/bgtaskd-YYYYMMDDTHHMMSSZ[-REASON].db, mode 0600, each a whole database in one file that stands
 * for itself (no log beside it). REASON is before-vN for the state before a migration to version N, rescued, and
 * kept after the next start, for what a daemon saved whose files had been taken away from it, and absent otherwise.
 * The order of names is that of time.
 *
 *   begin ──step──▶ … ──step──▶ complete ──check──▶ finish: under its name, on disk
 *                                                └▶ free: nothing is left
 *
 * A copy is made in steps between groups, by the store's own connection: what is committed meanwhile goes into the copy
 * as well, so that it is the store of its last step.
 */
#ifndef DAEMON_STORE_BACKUP_H
#define DAEMON_STORE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

#define STORE_BACKUP_DIRECTORY "backups"
#define STORE_BACKUP_NAME_MAX 64
#define STORE_BACKUP_REASON_MAX 24
#define STORE_BACKUP_RESCUED "rescued"

struct store;
struct store_backup;

struct store_backup_info {
        char name[STORE_BACKUP_NAME_MAX];
        char reason[STORE_BACKUP_REASON_MAX]; /* "": made on request or by the clock */
        int64_t made_at_us;
        int64_t bytes;
        int version;  /* of the schema; -1: not looked at */
        int64_t runs; /* -1: not looked at */
};

/* Begin. @reason NULL: none. -EBUSY: another one is being made. */
int store_backup_begin(struct store *store, const char *reason, struct store_backup **ret,
                       struct error *error);
/* Copy @pages more, negative: all. 1: go on later (also while a group is open), 0: complete. */
int store_backup_step(struct store_backup *backup, int pages, struct error *error);
/* Where the unfinished copy is, for store_backup_check(). */
const char *store_backup_path(const struct store_backup *backup);
/* Sync, name, and remove the oldest beyond @keep (0: none; the newest from before a migration stays). Frees. */
int store_backup_finish(struct store_backup *backup, int keep, struct store_backup_info *ret,
                        struct error *error);
/* NULL is fine. An unfinished copy is removed. */
void store_backup_free(struct store_backup *backup);
/* All of it at once. */
int store_backup_make(struct store *store, const char *reason, int keep, struct error *error);

/* Sync the file at @path and see whether it is a good database of ours; it is only read, and nothing is made beside it.
 * Sets version and runs. Needs no store: for another process. -EUCLEAN: damaged, or not ours. -EPROTO: newer. */
int store_backup_check(const char *path, struct store_backup_info *ret, struct error *error);
/* The @index-th newest in @directory (a state directory); -ENOENT: there are not so many. */
int store_backup_find(const char *directory, unsigned index, struct store_backup_info *ret);

#endif
