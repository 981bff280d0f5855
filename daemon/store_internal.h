/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of the store share. Nobody else includes this, tests of the store excepted. Longer than 120 lines: one
 * struct has all of the store's state. */
#ifndef DAEMON_STORE_INTERNAL_H
#define DAEMON_STORE_INTERNAL_H

#include <sqlite3.h>

#include "daemon/store.h"
#include "daemon/store_pool.h"
#include "daemon/store_sqlite.h"
#include "daemon/store_statement.h"
#include "daemon/store_user.h"
#include "schema/embed.h"

#define STORE_FILE "bgtaskd.db"
#define STORE_LOCK_FILE "bgtaskd.lock"
#define STORE_BALLAST_FILE "bgtaskd.ballast"
#define STORE_SUSPECT_FILE "bgtaskd.suspect"
#define STORE_RESTORED_FILE "bgtaskd.db.restored"
#define STORE_APPLICATION_ID 0x62677464 /* "bgtd" */

/* A checkpoint is made before a group when the WAL has so many frames; the WAL's blocks are reserved beyond
 * that, and the ballast is larger than it ever gets. */
#define STORE_CHECKPOINT_FRAMES 1000
#define STORE_WAL_RESERVE (6 * 1024 * 1024)
#define STORE_BALLAST_BYTES (8 * 1024 * 1024)
#define STORE_SPARE_BYTES (256 * 1024)
#define STORE_DETAIL_MAX (64 * 1024)
#define STORE_NOTE_MAX 256
/* What is known without asking the database. The counts of a group that is rolled back are taken back. */
struct store_counts {
        int64_t states[RUN_STATE_COUNT];
        int64_t successes, failures; /* ended runs */
        int64_t output_stored;       /* bytes of all runs' output files */
        int64_t schedules;
        bool spare; /* the row of table spare is there */
};

/* Which files are open, to notice when others take their place. */
struct store_identity {
        dev_t device;
        ino_t database, log;
};

struct store_callback {
        void (*done)(int result, void *data);
        void *data;
        int result;
        bool redone;  /* belongs to a change that is made again after a full disk */
        bool settled; /* result is final */
};

/* A change to a run that has been durable before: made again when its group was rolled back for lack of space. */
struct store_change {
        enum store_change_kind { CHANGE_RUNNING, CHANGE_REQUEUE, CHANGE_FINISH } kind;
        struct run run; /* id, epoch and what the kind needs; holds a reference to detail, no strings */
};

struct store {
        sqlite3 *db;
        sqlite3_stmt *statements[STATEMENT_COUNT];
        char *directory, *path;
        int directory_fd, lock_fd;
        int version;
        struct error failure; /* code set: unusable */
        bool in_transaction;
        bool recovered; /* since the last store_commit() a group was rolled back for lack of space */
        bool full, ballast;
        int64_t ledger_after; /* rows of the ledger up to it cannot be removed now */
        int wal_frames;       /* not yet in the database's file, as far as known */
        int checkpoint_at;    /* a checkpoint is due at so many */
        struct store_counts counts, committed;
        struct store_users *users;
        struct store_pools *pools;
        struct store_change *changes; /* of this group, to be made again */
        size_t change_count, change_room;
        bool last_redone; /* the last change is in changes */
        struct store_callback *callbacks;
        size_t callback_count, callback_room;
        void (*begun)(void *data);
        void *begun_data;
        uint64_t (*free_bytes)(const struct store *store); /* tests put theirs here */

        struct store_backup *backup; /* the one being made */
        struct store_identity identity;
        struct {
                bool missing; /* not all of it has been checked */
                bool held;    /* another process reads it: nothing is moved from the log */
        } check;
        char note[STORE_NOTE_MAX]; /* what a restart should not hide; "": nothing */
};

/* ---- groups (store_group.c): all return 0, STORE_FULL or a negative errno ---- */
int store_begin(struct store *store);
/* Ends a change that is not made again: @result is what its statement returned. On a full disk the group is rolled
 * back, and what can be made again is. */
int store_end_change(struct store *store, int result);
/* Make a change that can be made again; reads *change, its detail included. STORE_NOT_FOUND. */
int store_make_change(struct store *store, struct store_change *change);
/* Record an SQLite error: STORE_FULL, -EINVAL for a broken constraint, or a negative errno after which the
 * store is unusable. */
int store_failed(struct store *store, int rc);
void store_group_done(struct store *store); /* free the memory */

/* ---- store_change.c ---- */
/* @brief: leave out a detail that the row has no reserve for, so that it does not grow. */
int store_change_apply(struct store *store, const struct store_change *change, bool brief);
void store_counts_move(struct store *store, const struct run *before, const struct run *after);

/* ---- rows ---- */
int store_read_run(struct store *store, sqlite3_stmt *row, struct run *ret);
/* What a change depends on: state, result, epoch, stored output, user, pool; nothing to release. STORE_NOT_FOUND. */
int store_peek_run(struct store *store, int64_t id, struct run *ret);
/* Copies; text is NULL for null. *rc is set when memory is short or the text is not JSON. */
char *store_column_text(sqlite3_stmt *row, int column, int *rc);
json_t *store_column_json(sqlite3_stmt *row, int column, int *rc);
enum run_state store_column_state(sqlite3_stmt *row, int column);
enum run_result store_column_result(sqlite3_stmt *row, int column);
int store_count_all(struct store *store);
/* store_check.c: what has to be sound before any of it is used. As store_find_damage(). */
int store_check_open(struct store *store, char ret_damage[static STORE_VALUE_MAX]);

#endif
