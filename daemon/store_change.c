/* SPDX-License-Identifier: MPL-2.0 */
/* Changes to runs that are durable already, each of which can be made again from its value. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "lib/cleanup.h"

#define DETAIL_NO_SPACE "{\"message\":\"no disk space to keep the details\"}"
/* What the row's reserve holds at the least (store_statement.c): on a full disk nothing longer is written. */
#define DETAIL_RESERVED 100
#define DETAIL_TOO_LARGE "{\"message\":\"the details were too large to keep\"}"

static void counts_add(struct store_counts *counts, const struct run *run, int sign)
{
        counts->states[run->state] += sign;
        counts->output_stored += sign * run->output_stored;
        if (!run_state_is_final(run->state))
                return;
        if (run_failed(run))
                counts->failures += sign;
        else
                counts->successes += sign;
}

void store_counts_move(struct store *store, const struct run *before, const struct run *after)
{
        if (before)
                counts_add(&store->counts, before, -1);
        if (after)
                counts_add(&store->counts, after, 1);
        store_users_move(store->users, before, after);
        store_pools_move(store->pools, before, after);
}

static int change_running(struct store *store, const struct store_change *change, struct run *after)
{
        after->state = RUN_RUNNING;
        return store_exec(store, STATEMENT_RUN_RUNNING, NULL, "iii", change->run.id, (int64_t)change->run.pid,
                          change->run.started_at_us);
}

/* The detail's text, or the one that stands for it. malloc'd in *ret_text; NULL: out of memory. */
static const char *change_detail(const struct store_change *change, bool brief, char **ret_text)
{
        char *text = change->run.detail ? json_dumps(change->run.detail, JSON_COMPACT) : strdup("{}");
        if (!text)
                return NULL;
        *ret_text = text;
        if (strlen(text) > STORE_DETAIL_MAX)
                text = (char *)DETAIL_TOO_LARGE;
        return brief && strlen(text) > DETAIL_RESERVED ? DETAIL_NO_SPACE : text;
}

/* On a full disk the row does not get longer: of the attempt only the epoch tells then. */
static int change_requeue(struct store *store, const struct store_change *change, struct run *after,
                          bool brief)
{
        char *text _cleanup_free_ = NULL;
        const char *detail = change_detail(change, false, &text);
        if (!detail)
                return store_failed(store, SQLITE_NOMEM);
        after->state = RUN_QUEUED;
        return store_exec(store, STATEMENT_RUN_REQUEUE, NULL, "it", change->run.id, brief ? NULL : detail);
}

static int change_finish(struct store *store, const struct store_change *change, struct run *after,
                         bool brief)
{
        const struct run *run = &change->run;
        char *text _cleanup_free_ = NULL;
        const char *detail = change_detail(change, brief, &text);
        if (!detail)
                return store_failed(store, SQLITE_NOMEM);

        after->state = run->state;
        after->result = run->result;
        after->output_stored = run->output_stored ? run->output_stored
                                                  : run->output_bytes - run->output_dropped;
        return store_exec(store, STATEMENT_RUN_FINISH, NULL, "ittiiiiiitii", run->id,
                          run_state_name(run->state), run_result_name(run->result), (int64_t)run->exit_code,
                          (int64_t)run->signal, run->finished_at_us, run->output_bytes, run->output_dropped,
                          after->output_stored, detail, (int64_t)run->pid, run->started_at_us);
}

int store_change_apply(struct store *store, const struct store_change *change, bool brief)
{
        struct run before;
        int r = store_peek_run(store, change->run.id, &before);
        if (r != 0)
                return r;
        if (before.epoch != change->run.epoch)
                return STORE_NOT_FOUND;

        struct run after = before;
        switch (change->kind) {
        case CHANGE_RUNNING:
                r = before.state == RUN_STARTING ? change_running(store, change, &after) : STORE_NOT_FOUND;
                break;
        case CHANGE_REQUEUE:
                r = before.state == RUN_STARTING || before.state == RUN_RUNNING
                            ? change_requeue(store, change, &after, brief)
                            : STORE_NOT_FOUND;
                break;
        case CHANGE_FINISH:
                r = run_state_is_final(before.state) ? STORE_NOT_FOUND
                                                     : change_finish(store, change, &after, brief);
                break;
        }
        if (r == 0)
                store_counts_move(store, &before, &after);
        return r;
}

int store_run_running(struct store *store, int64_t id, int64_t epoch, pid_t pid, int64_t started_at_us)
{
        struct store_change change = {
                .kind = CHANGE_RUNNING,
                .run = { .id = id, .epoch = epoch, .pid = pid, .started_at_us = started_at_us },
        };
        return store_make_change(store, &change);
}

int store_run_requeue(struct store *store, const struct run *run)
{
        struct store_change change = {
                .kind = CHANGE_REQUEUE,
                .run = { .id = run->id, .epoch = run->epoch, .detail = run->detail },
        };
        return store_make_change(store, &change);
}

int store_run_finish(struct store *store, const struct run *run)
{
        if (!run_state_is_final(run->state) || run->result == RUN_RESULT_NONE)
                return -EINVAL;
        struct store_change change = { .kind = CHANGE_FINISH, .run = *run };
        change.run.task = change.run.key = change.run.schedule = NULL;
        change.run.args = NULL;
        return store_make_change(store, &change);
}
