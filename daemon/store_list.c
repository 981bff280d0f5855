/* SPDX-License-Identifier: MPL-2.0 */
/* Lists of runs: the filter chooses which index leads, the other conditions are checked row by row. */
#include "config.h"

#include <stdint.h>

#include "daemon/store_internal.h"

static enum store_statement list_statement(const struct run_filter *filter)
{
        bool active = filter->state >= 0 && !run_state_is_final((enum run_state)filter->state);

        if (filter->state == RUN_HELD)
                return filter->of_user ? STATEMENT_LIST_USER : STATEMENT_LIST_HELD;
        if (filter->of_user && !filter->schedule)
                return active ? STATEMENT_LIST_USER_ACTIVE : STATEMENT_LIST_USER;
        if (active)
                return STATEMENT_LIST_ACTIVE;
        if (filter->schedule)
                return STATEMENT_LIST_SCHEDULE;
        if (filter->task)
                return STATEMENT_LIST_TASK;
        if (filter->failed == 0)
                return STATEMENT_LIST_SUCCESS;
        /* Of the ended, only finished ones can be successes. */
        if (filter->failed == 1 || (filter->state >= 0 && filter->state != RUN_FINISHED))
                return STATEMENT_LIST_FAILURE;
        return STATEMENT_LIST_ANY;
}

int store_run_list(struct store *store, const struct run_filter *filter,
                   int (*each)(const struct run *run, void *data), void *data)
{
        const char *state = filter->state >= 0 ? run_state_name((enum run_state)filter->state) : NULL;
        sqlite3_stmt *row _cleanup_reset_ = NULL;
        int r = store_bind(store, list_statement(filter), &row, "itttiii",
                           filter->before > 0 ? filter->before : INT64_MAX, filter->task, filter->schedule,
                           state, (int64_t)filter->failed, filter->limit,
                           filter->of_user ? (int64_t)filter->uid : -1);
        if (r != 0)
                return r;

        while ((r = store_row(store, row)) > 0) {
                struct run run;
                r = store_read_run(store, row, &run);
                if (r != 0)
                        return r;
                r = each(&run, data);
                run_done(&run);
                if (r != 0)
                        return r;
        }
        return r;
}
