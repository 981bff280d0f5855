/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Groups: changes that become durable together, and what happens when they cannot.
 *
 *   none ──store_begin──▶ open ──store_commit──▶ none, every callback gets 0
 *                          │
 *                          ├── disk full ──▶ rolled back; the ballast is removed; changes to runs that had been
 *                          │                 durable before (they run, they end) are made again and committed at
 *                          │                 once: their callbacks get 0, all others -ENOSPC
 *                          └── other error ▶ rolled back, all callbacks get the error, the store is unusable
 *
 * A full disk may show in any statement of the group, not only in the commit. Callbacks are called by
 * store_commit() alone, so that nobody's change calls somebody else's callback; until then their result is
 * kept (settled). Those that are registered while no group is open and none waits are called at once.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_check.h"
#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"

static void callbacks_settle(struct store *store, int result, bool redone_succeed)
{
        for (size_t i = 0; i < store->callback_count; i++) {
                struct store_callback *callback = &store->callbacks[i];
                if (callback->settled)
                        continue;
                callback->settled = true;
                callback->result = redone_succeed && callback->redone ? 0 : result;
        }
}

static void changes_clear(struct store *store)
{
        for (size_t i = 0; i < store->change_count; i++)
                json_decref(store->changes[i].run.detail);
        store->change_count = 0;
}

/* Back to what is durable; the changes to be made again are kept. */
static void group_rollback(struct store *store)
{
        if (!sqlite3_get_autocommit(store->db))
                sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        store->in_transaction = false;
        store->counts = store->committed;
        store_users_rollback(store->users);
        store_pools_rollback(store->pools);
}

static int group_fail(struct store *store, int code, const char *text)
{
        if (!store->failure.code) {
                error_set(&store->failure, code, "%s: %s", store->path, text);
                if (code == EUCLEAN)
                        store_files_suspect(store);
        }
        group_rollback(store);
        callbacks_settle(store, -store->failure.code, false);
        changes_clear(store);
        return -store->failure.code;
}

static int file_errno(struct store *store, int which)
{
        sqlite3_file *file = NULL;
        int code = 0;
        if (sqlite3_file_control(store->db, "main", which, &file) == SQLITE_OK && file && file->pMethods)
                file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &code);
        return code;
}

static bool errno_is_full(int code)
{
        return code == ENOSPC || code == EDQUOT || code == EFBIG;
}

/* A quota and a limit on the size of files reach SQLite as plain I/O errors, of the log or of the database. */
static bool error_is_full(struct store *store, int rc)
{
        if ((rc & 0xff) == SQLITE_FULL)
                return true;
        return rc == SQLITE_IOERR_WRITE && (errno_is_full(file_errno(store, SQLITE_FCNTL_JOURNAL_POINTER)) ||
                                            errno_is_full(file_errno(store, SQLITE_FCNTL_FILE_POINTER)));
}

int store_failed(struct store *store, int rc)
{
        if (error_is_full(store, rc))
                return STORE_FULL;

        const char *text = sqlite3_extended_errcode(store->db) == rc ? sqlite3_errmsg(store->db)
                                                                     : sqlite3_errstr(rc);
        if ((rc & 0xff) == SQLITE_CONSTRAINT || (rc & 0xff) == SQLITE_TOOBIG)
                return -EINVAL;
        return group_fail(store, store_errno(rc), text);
}

int store_condemn(struct store *store, const char *what, struct error *error)
{
        char *escaped _cleanup_free_ = text_escape(what, strlen(what));
        char *text _cleanup_free_ = format_string("is damaged: %s; nothing more is written to it",
                                                  escaped ? escaped : "");
        int r = group_fail(store, EUCLEAN, text ? text : "is damaged");
        *error = store->failure;
        return r;
}

int store_begin(struct store *store)
{
        if (store->failure.code)
                return -store->failure.code;
        if (store->in_transaction)
                return 0;
        if (store->wal_frames >= store->checkpoint_at) {
                int r = store_checkpoint_now(store);
                if (r < 0)
                        return r;
        }
        int r = store_exec(store, STATEMENT_BEGIN, NULL, "");
        if (r != 0)
                return r;
        store->in_transaction = true;
        store->committed = store->counts;
        store_users_commit(store->users); /* what was counted outside of groups */
        store_pools_commit(store->pools);
        if (store->begun)
                store->begun(store->begun_data);
        return 0;
}

/* Committed into files that no restart would find is lost: whoever waits must not be told otherwise. What was ever
 * committed is in the files that are open here, so a copy of them is made while they are. */
void store_group_check_files(struct store *store)
{
        struct error error = ERROR_INIT;
        if (!store->db || store->failure.code || store_files_unmoved(store, &error) == 0)
                return;
        store_backup_free(store->backup);
        store_backup_make(store, STORE_BACKUP_RESCUED, 0, NULL);
        /* If it is the log alone that is gone, the database has all by this. */
        store_checkpoint_now(store);
        store->failure = error;
        callbacks_settle(store, -error.code, false);
}

static int group_redo(struct store *store, bool brief)
{
        int r = store_exec(store, STATEMENT_BEGIN, NULL, "");
        if (r == 0)
                r = store_exec(store, STATEMENT_SPARE_REMOVE, NULL, "");
        if (r != 0)
                return r;
        store->counts.spare = false;
        for (size_t i = 0; i < store->change_count; i++) {
                /* Not found: its run was added in the group that is no more. */
                r = store_change_apply(store, &store->changes[i], brief);
                if (r != 0 && r != STORE_NOT_FOUND)
                        return r;
        }
        return store_exec(store, STATEMENT_COMMIT, NULL, "");
}

static int group_recover(struct store *store)
{
        group_rollback(store);
        store->full = true;
        store->recovered = true;
        store_space_release(store);

        int r = store->failure.code ? -store->failure.code : 0;
        if (r == 0 && store->change_count > 0) {
                r = group_redo(store, false);
                if (r == STORE_FULL) {
                        group_rollback(store);
                        r = group_redo(store, true);
                }
        }
        if (r < 0)
                return group_fail(store, -r, "the changes could not be made again");
        if (r == STORE_FULL)
                return group_fail(store, ENOSPC, "the disk is full, and the end of a run cannot be recorded");
        store->committed = store->counts;
        store_users_commit(store->users);
        store_pools_commit(store->pools);
        store_group_check_files(store);
        callbacks_settle(store, -ENOSPC, true);
        changes_clear(store);
        return 0;
}

int store_end_change(struct store *store, int result)
{
        store->last_redone = false;
        if (result != STORE_FULL)
                return result;
        int r = group_recover(store);
        return r < 0 ? r : STORE_FULL;
}

int store_make_change(struct store *store, struct store_change *change)
{
        int r = store_begin(store);
        if (r != 0)
                return r;
        if (store->change_count == store->change_room) {
                size_t room = MAX(store->change_room * 2, (size_t)16);
                struct store_change *changes = reallocarray(store->changes, room, sizeof(*changes));
                if (!changes)
                        return group_fail(store, ENOMEM, "out of memory");
                store->changes = changes;
                store->change_room = room;
        }

        r = store_change_apply(store, change, store->full);
        if (r != 0 && r != STORE_FULL)
                return r;
        store->changes[store->change_count] = *change;
        json_incref(store->changes[store->change_count++].run.detail);
        store->last_redone = true;
        return r == STORE_FULL ? group_recover(store) : 0;
}

bool store_pending(const struct store *store)
{
        return store->in_transaction || store->callback_count > 0;
}

static void callbacks_deliver(struct store *store)
{
        /* They may start the next group and register with it. */
        struct store_callback *callbacks = store->callbacks;
        size_t count = store->callback_count;
        store->callbacks = NULL;
        store->callback_count = store->callback_room = 0;
        for (size_t i = 0; i < count; i++)
                callbacks[i].done(callbacks[i].result, callbacks[i].data);
        free(callbacks);
}

static void group_commit(struct store *store)
{
        int r = store_exec(store, STATEMENT_COMMIT, NULL, "");
        if (r == STORE_FULL) {
                group_recover(store);
        } else if (r == 0) {
                store->in_transaction = false;
                store->committed = store->counts;
                store_users_commit(store->users);
                store_pools_commit(store->pools);
                store_group_check_files(store);
                callbacks_settle(store, 0, false);
                changes_clear(store);
        } else if (!store->failure.code) {
                group_fail(store, -r, sqlite3_errmsg(store->db));
        }
}

int store_commit(struct store *store, struct error *error)
{
        if (store->in_transaction)
                group_commit(store);
        /* The group's outcome, before a callback starts another. */
        bool recovered = store->recovered;
        store->recovered = false;
        callbacks_deliver(store);

        if (store->failure.code) {
                if (error)
                        *error = store->failure;
                return -store->failure.code;
        }
        if (recovered) {
                error_set(error, ENOSPC, "%s: the disk is full; new runs are refused", store->path);
                return STORE_FULL;
        }
        return 0;
}

int store_after_commit(struct store *store, void (*done)(int result, void *data), void *data)
{
        if (!store_pending(store)) {
                done(-store->failure.code, data);
                return 0;
        }
        if (store->callback_count == store->callback_room) {
                size_t room = MAX(store->callback_room * 2, (size_t)16);
                struct store_callback *callbacks = reallocarray(store->callbacks, room, sizeof(*callbacks));
                if (!callbacks)
                        return -ENOMEM;
                store->callbacks = callbacks;
                store->callback_room = room;
        }
        store->callbacks[store->callback_count++] = (struct store_callback){
                .done = done,
                .data = data,
                .result = -store->failure.code,
                .redone = store->last_redone,
                .settled = !store->in_transaction,
        };
        return 0;
}

void store_on_begin(struct store *store, void (*begun)(void *data), void *data)
{
        store->begun = begun;
        store->begun_data = data;
}

void store_group_done(struct store *store)
{
        changes_clear(store);
        free(store->changes);
        free(store->callbacks);
        store_users_free(store->users);
        store_pools_free(store->pools);
}
