/* SPDX-License-Identifier: MPL-2.0 */
/* The store's SQL, all of it but the schema: one table, each statement prepared once, at its first use. */
#ifndef DAEMON_STORE_STATEMENT_H
#define DAEMON_STORE_STATEMENT_H

#include <sqlite3.h>
#include <stdbool.h>

struct store;

/* Runs that are to come to an end without anyone's doing, as the partial indexes of the schema have it. */
#define STORE_ACTIVE "state IN ('queued', 'starting', 'running')"

enum store_statement {
        STATEMENT_BEGIN,
        STATEMENT_COMMIT,
        STATEMENT_SPARE_ADD,
        STATEMENT_SPARE_REMOVE,
        STATEMENT_COUNT_RUNS,
        STATEMENT_COUNT_SCHEDULES,
        STATEMENT_RUN_ADD,
        STATEMENT_RUN_GET,
        STATEMENT_RUN_GET_KEY,
        STATEMENT_RUN_BRIEF,
        STATEMENT_RUN_START,
        STATEMENT_RUN_RUNNING,
        STATEMENT_RUN_REQUEUE,
        STATEMENT_RUN_FINISH,
        STATEMENT_RUN_OUTPUT,
        STATEMENT_RUN_NEXT_QUEUED,
        STATEMENT_RUN_DELETE,
        STATEMENT_LIST_ANY,
        STATEMENT_LIST_TASK,
        STATEMENT_LIST_SCHEDULE,
        STATEMENT_LIST_ACTIVE,
        STATEMENT_LIST_HELD,
        STATEMENT_LIST_USER,
        STATEMENT_LIST_USER_ACTIVE,
        STATEMENT_LIST_SUCCESS,
        STATEMENT_LIST_FAILURE,
        STATEMENT_OLDEST_SUCCESS,
        STATEMENT_OLDEST_FAILURE,
        STATEMENT_RUN_RELEASE,
        STATEMENT_SCHEDULE_ADD,
        STATEMENT_SCHEDULE_GET,
        STATEMENT_SCHEDULE_GET_ID,
        STATEMENT_SCHEDULE_REMOVE,
        STATEMENT_SCHEDULE_LIST,
        STATEMENT_SCHEDULE_AFTER,
        STATEMENT_SCHEDULE_DUE,
        STATEMENT_SCHEDULE_WAKE,
        STATEMENT_SCHEDULE_NEWEST,
        STATEMENT_SCHEDULE_OF_FILES,
        STATEMENT_SCHEDULE_FILE_TASKS,
        STATEMENT_OCCURRENCE_NEWEST,
        STATEMENT_SCHEDULE_UPDATE,
        STATEMENT_TRIGGER_ADD,
        STATEMENT_TRIGGER_REMOVE,
        STATEMENT_TRIGGER_SCHEDULES,
        STATEMENT_TRIGGER_CHAINS,
        STATEMENT_TRIGGER_SUBJECTS,
        STATEMENT_PASS_ADD,
        STATEMENT_PASS_UPDATE,
        STATEMENT_PASS_LIST,
        STATEMENT_PASS_BACKFILL,
        STATEMENT_PASS_FROM,
        STATEMENT_PASS_OLDEST,
        STATEMENT_PASS_DELETE,
        STATEMENT_SCHEDULE_FROM,
        STATEMENT_OCCURRENCE_OLDEST,
        STATEMENT_OCCURRENCE_NEWEST_ID,
        STATEMENT_OCCURRENCE_FIRST,
        STATEMENT_OCCURRENCE_DELETE,
        STATEMENT_SCHEDULED_RUN_FOLLOWS,
        STATEMENT_OCCURRENCE_ADD,
        STATEMENT_OCCURRENCE_SET,
        STATEMENT_OCCURRENCE_GET,
        STATEMENT_OCCURRENCE_LAST,
        STATEMENT_OCCURRENCE_EXTEND,
        STATEMENT_OCCURRENCE_LIST,
        STATEMENT_SCHEDULED_RUN_ADD,
        STATEMENT_SCHEDULED_RUN_SET,
        STATEMENT_SCHEDULED_RUN_REMOVE,
        STATEMENT_SCHEDULED_RUN_GET,
        STATEMENT_SCHEDULED_RUN_COUNT,
        STATEMENT_SCHEDULED_RUN_OF,
        STATEMENT_SCHEDULED_RUN_HELD,
        STATEMENT_SCHEDULED_RUN_DUE,
        STATEMENT_SCHEDULED_RUN_WAKE,
        STATEMENT_SCHEDULED_RUN_ENDED,
        STATEMENT_ZONE_SET,
        STATEMENT_ZONE_LIST,
        STATEMENT_MACHINE_SET,
        STATEMENT_MACHINE_GET,
        STATEMENT_COUNT,
};

struct store_statement_text {
        const char *sql;
        bool scans; /* reads a whole table, by its purpose and not in the daemon's daily work */
};

extern const struct store_statement_text store_statements[STATEMENT_COUNT];

/* Prepare and bind @types: i int64_t, t const char * (NULL: null; must outlive the statement's use). Returns 0 or
 * a negative errno. Whoever gets a statement calls store_reset() on it. */
int store_bind(struct store *store, enum store_statement which, sqlite3_stmt **ret, const char *types, ...);
/* One row: 1, none left: 0; STORE_FULL cannot come from reading, negative errno. */
int store_row(struct store *store, sqlite3_stmt *statement);
void store_reset(sqlite3_stmt **statement);
/* Bind as store_bind() and run to the end; the number of changed rows goes to *ret_changes, which may be NULL.
 * Returns 0, STORE_FULL or a negative errno. */
int store_exec(struct store *store, enum store_statement which, int *ret_changes, const char *types, ...);

#define _cleanup_reset_ __attribute__((cleanup(store_reset)))

#endif
