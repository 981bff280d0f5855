/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The store: runs and schedules in SQLite. The truth; everything in memory is a cache of it.
 *
 * One connection, EXCLUSIVE locking, WAL, synchronous=FULL. Changes are grouped: the first change opens a
 * transaction, store_commit() ends it. Whoever must not act before its change is durable (answer a client,
 * start a process) registers that with store_after_commit(), right after the change. When a commit fails, all of
 * the group is rolled back, the callbacks get the error, and nothing of the group has happened.
 *
 * A full disk is not the end: the group is rolled back, the ballast is given up, and those changes of the group
 * that tell what a process did (running, requeue, finish) are made again and committed. Their
 * callbacks get 0, all others -ENOSPC. From then on, until there is room again, what would add a row returns
 * STORE_FULL; all else goes on. store_space.c says what is set aside for this.
 *
 * Functions return 0, a positive outcome of enum store_outcome, or a negative errno: -EINVAL for a value that
 * breaks a rule of the schema (nothing has changed), any other: the store is not to be used any further (the
 * daemon stops and is restarted).
 */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/run.h"
#include "lib/error.h"

enum store_outcome {
        STORE_OK = 0,
        STORE_NOT_FOUND = 1, /* no such row, or not in the state or epoch asked for */
        STORE_EXISTS = 2,    /* the name or key is taken */
        STORE_FULL = 3,      /* no space: refused, nothing changed */
};

struct store;

/* Open DIRECTORY/bgtaskd.db, made if absent (the directory is not): lock, check, back up and migrate. A database
 * that another process holds is -EBUSY; one of a newer schema -EPROTO; a damaged one -EUCLEAN; another
 * program's, or what is no file -EMEDIUMTYPE; a directory or file that others may write -EPERM. */
int store_open(const char *directory, struct store **ret, struct error *error);
/* Commits what is pending. NULL is fine. */
void store_close(struct store *store);
/* Why the store is less safe than it should be, in one static sentence; NULL: it is not. */
const char *store_degraded(const struct store *store);
int store_schema_version(const struct store *store);

/* ---- groups ---- */
bool store_pending(const struct store *store); /* a transaction is open, or callbacks wait */
/* STORE_FULL: rolled back on a full disk, see above; the callbacks were told which changes hold. */
int store_commit(struct store *store, struct error *error);
/* @done gets 0, or the negative errno of the commit. It belongs to the change made last. Called by store_commit()
 * in order of registration, and may begin the next group; called at once when nothing is pending. */
int store_after_commit(struct store *store, void (*done)(int result, void *data), void *data);
/* Called once whenever a transaction is opened: time to schedule a commit. */
void store_on_begin(struct store *store, void (*begun)(void *data), void *data);
/* When idle, after the last commit of a burst: a passive checkpoint, the reserves, some shrinking. Nothing to do
 * costs nothing. Under constant load a checkpoint comes by itself, before a group. */
int store_checkpoint(struct store *store);

/* ---- runs ---- */
/* Queue a run, or hold it when its state is RUN_HELD; id, state and, unless given, queued_at_us are set. STORE_EXISTS: its user used the key before;
 * *run is then the run of that time, the caller's to release with run_done() as before. */
int store_run_add(struct store *store, struct run *run);
/* The run of @uid that was added with @key. STORE_NOT_FOUND. */
int store_run_get_key(struct store *store, uid_t uid, const char *key, struct run *ret);
int store_run_get(struct store *store, int64_t id, struct run *ret);
int store_run_exists(struct store *store, int64_t id); /* 0, STORE_NOT_FOUND */
/* held -> queued, as from @queued_at_us. STORE_NOT_FOUND: it is not held any more. */
int store_run_release(struct store *store, int64_t id, int64_t queued_at_us);
/* queued -> starting, epoch + 1. STORE_NOT_FOUND: it is not queued any more. */
int store_run_start(struct store *store, int64_t id, int64_t started_at_us, int64_t *ret_epoch);
/* starting -> running; pid and start time. */
int store_run_running(struct store *store, int64_t id, int64_t epoch, pid_t pid, int64_t started_at_us);
/* Any state that is not final, of run->epoch -> run->state with result, exit code, signal, finished_at_us, output
 * and detail (of which 64 KiB are kept). STORE_NOT_FOUND: it has ended, or is of another epoch. */
int store_run_finish(struct store *store, const struct run *run);
/* starting or running of run->epoch -> queued again, with the detail, which says why. */
int store_run_requeue(struct store *store, const struct run *run);
/* Of the queued runs that name @pool ("": none) those of the highest priority, of them the user's whose turn is after @uid
 * (-1: the first), around, of that user's the first. STORE_NOT_FOUND: none is queued. */
int store_run_next_queued(struct store *store, const char *pool, int64_t uid, struct run *ret);
int store_run_count(struct store *store, enum run_state state, int64_t *ret); /* from memory, no scan */
int store_run_total(struct store *store, int64_t *ret);
/* Correct the three output columns, of a run in any state. */
int store_run_set_output(struct store *store, const struct run *run);

struct run_filter {
        const char *task, *schedule; /* NULL: any */
        int state;                   /* enum run_state, -1: any */
        int failed;                  /* 1: ended otherwise than with success; 0: with success; -1: any */
        int64_t before, limit;       /* ids below it; 0: any */
        bool of_user;                /* only the runs of @uid */
        uid_t uid;
};
/* Newest first. @each returns 0 to go on; the run is its to look at, not to keep. It does not use the store. */
int store_run_list(struct store *store, const struct run_filter *filter,
                   int (*each)(const struct run *run, void *data), void *data);

struct retention {
        int64_t max_successes, max_failures; /* rows kept */
        int64_t success_age_us, failure_age_us;
        int64_t max_output_bytes; /* of all runs together */
};
/* Remove at most @batch ended runs that retention no longer keeps; their ids go to @removed (whose output is to be
 * deleted after the commit). *ret_more: there are more. retention.h does all of it. */
int store_run_prune(struct store *store, const struct retention *retention, int64_t now_us, int batch,
                    void (*removed)(int64_t id, void *data), void *data, bool *ret_more);

#endif
