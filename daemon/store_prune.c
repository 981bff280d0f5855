/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Retention: which ended runs are kept. The oldest of a class (successes, failures) goes while the class has too
 * many, or it is too old; then, while all output together takes too much space, the oldest successes go, and
 * after them the oldest failures. "Oldest" is the order of ids, in which the runs were queued.
 */
#include "config.h"

#include <stdint.h>

#include "daemon/store_internal.h"
#include "lib/util.h"

struct prune {
        struct store *store;
        const struct retention *retention;
        int64_t now_us;
        int room; /* how many more may be removed */
        void (*removed)(int64_t id, void *data);
        void *data;
        bool stopped; /* there was no room for one that should go */
};

static bool prune_wants(const struct prune *prune, const struct run *run, bool success, bool for_space)
{
        const struct retention *retention = prune->retention;
        const struct store_counts *counts = &prune->store->counts;
        if (for_space)
                return counts->output_stored > retention->max_output_bytes;
        if (success)
                return counts->successes > retention->max_successes ||
                       prune->now_us - run->finished_at_us > retention->success_age_us;
        return counts->failures > retention->max_failures ||
               prune->now_us - run->finished_at_us > retention->failure_age_us;
}

static int prune_remove(struct prune *prune, const struct run *run)
{
        int r = store_begin(prune->store);
        if (r == 0)
                r = store_exec(prune->store, STATEMENT_RUN_DELETE, NULL, "i", run->id);
        if (r != 0)
                return r;
        store_counts_move(prune->store, run, NULL);
        prune->room--;
        prune->removed(run->id, prune->data);
        return 0;
}

/* Walks the class from its oldest on, as long as there is something to remove and room for it. */
static int prune_class(struct prune *prune, bool success, bool for_space)
{
        int64_t after = 0;
        for (;;) {
                sqlite3_stmt *row _cleanup_reset_ = NULL;
                /* One row at a time: it is deleted while nothing reads the index. */
                int r = store_bind(prune->store,
                                   success ? STATEMENT_OLDEST_SUCCESS : STATEMENT_OLDEST_FAILURE, &row, "ii",
                                   after, (int64_t)1);
                if (r == 0)
                        r = store_row(prune->store, row);
                if (r <= 0)
                        return r;
                struct run run = {
                        .id = sqlite3_column_int64(row, 0),
                        .state = store_column_state(row, 1),
                        .result = store_column_result(row, 2),
                        .finished_at_us = sqlite3_column_int64(row, 3),
                        .output_stored = sqlite3_column_int64(row, 4),
                        .uid = (uid_t)sqlite3_column_int64(row, 5),
                };
                store_reset(&row);
                after = run.id;
                if (!prune_wants(prune, &run, success, for_space))
                        return 0;
                prune->stopped = prune->room == 0;
                if (prune->stopped)
                        return 0;
                r = prune_remove(prune, &run);
                if (r != 0)
                        return r;
        }
}

int store_run_prune(struct store *store, const struct retention *retention, int64_t now_us, int batch,
                    void (*removed)(int64_t id, void *data), void *data, bool *ret_more)
{
        static const struct {
                bool success, for_space;
        } passes[] = { { true, false }, { false, false }, { true, true }, { false, true } };

        struct prune prune = { store, retention, now_us, batch, removed, data, false };
        int r = 0;
        for (size_t i = 0; i < ARRAY_SIZE(passes) && r == 0 && !prune.stopped; i++)
                r = prune_class(&prune, passes[i].success, passes[i].for_space);
        if (r == 0)
                *ret_more = prune.stopped;
        return store_end_change(store, r);
}
