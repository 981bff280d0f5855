/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Reading what can be read of a damaged database.
 *
 * It is opened as a store's own would be, log included, but nothing is written to it: the files are evidence. A table is
 * walked in the order of its key. Where a page cannot be read, the walk goes on behind the key that it had come to,
 * one key after another: each look-up is a descent of its own, so only rows of pages that are broken, or that are
 * reached through broken ones, stay away. SQLite checks what it reads; how much it may do is limited, since a
 * damaged tree can have cycles.
 *
 * A table that was walked to its end without an error is complete: then a row that is not in it is gone for a reason.
 */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/run.h"
#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define COLUMNS_MAX 64
#define ERRORS_MAX 100000     /* of keys that cannot be read */
#define STEPS_PER_CALL 100000 /* of SQLite's virtual machine */
#define CALLS_MAX 20000       /* of the limit: some ten seconds */
#define KEYS_BEYOND 1000      /* are tried behind the last row when nothing says how many there were */
#define DETAIL_DAMAGED "{\"message\":\"the details were damaged on disk\"}"

struct table {
        const char *name;
        int key, args, detail; /* columns; -1: it has none */
        int columns;
        char names[2048];
};

struct walk {
        sqlite3 *from, *to;
        struct table table;
        sqlite3_stmt *read, *write, *seen; /* seen: NULL where nobody asks */
        int64_t limit;                     /* keys beyond it are not tried */
        int64_t rows;
        int64_t errors;
        int calls;
};

static void finalize(sqlite3_stmt **statement)
{
        sqlite3_finalize(*statement);
}

static int give_up(void *data)
{
        struct walk *walk = data;
        return ++walk->calls > CALLS_MAX;
}

static int to_failed(sqlite3 *to, struct error *error)
{
        return store_error(error, to, "what is salvaged cannot be written");
}

/* As the target has it; what is damaged may have any schema, or none. */
static int table_describe(sqlite3 *to, const char *name, struct table *ret)
{
        struct table table = { .name = name, .key = -1, .args = -1, .detail = -1 };
        sqlite3_stmt *row _cleanup_(finalize) = NULL;
        size_t size = 0;
        if (sqlite3_prepare_v2(to, "SELECT name FROM pragma_table_info(?1)", -1, &row, NULL) != SQLITE_OK ||
            sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC) != SQLITE_OK)
                return -EIO;
        while (sqlite3_step(row) == SQLITE_ROW) {
                const char *column = (const char *)sqlite3_column_text(row, 0);
                int at = table.columns++;
                size += (size_t)snprintf(table.names + size, sizeof(table.names) - size, "%s%s",
                                         at ? ", " : "", column);
                if (size >= sizeof(table.names) || table.columns > COLUMNS_MAX)
                        return -E2BIG;
                if (strcmp(column, "id") == 0)
                        table.key = at;
                if (strcmp(column, "args") == 0)
                        table.args = at;
                if (strcmp(column, "detail") == 0)
                        table.detail = at;
        }
        if (table.key < 0)
                return -ENOENT;
        *ret = table;
        return 0;
}

static int walk_prepare(struct walk *walk, struct error *error)
{
        const struct table *table = &walk->table;
        char parameters[COLUMNS_MAX * 4 + 1] = "";
        for (int i = 0; i < table->columns; i++)
                snprintf(parameters + strlen(parameters), sizeof(parameters) - strlen(parameters), "%s?",
                         i ? ", " : "");
        char *read _cleanup_free_ = format_string("SELECT %s FROM %s NOT INDEXED WHERE id > ?1 ORDER BY id",
                                                  table->names, table->name);
        char *write _cleanup_free_ = format_string("INSERT OR REPLACE INTO %s (%s) VALUES (%s)", table->name,
                                                   table->names, parameters);
        if (!read || !write)
                return error_set_errno(error, ENOMEM, "salvage");
        if (sqlite3_prepare_v2(walk->to, write, -1, &walk->write, NULL) != SQLITE_OK)
                return to_failed(walk->to, error);
        /* Not a table there, or another one. */
        return sqlite3_prepare_v2(walk->from, read, -1, &walk->read, NULL) == SQLITE_OK ? 0 : 1;
}

static bool json_is_good(sqlite3_stmt *row, int column, bool (*is_type)(const json_t *value))
{
        const char *text = (const char *)sqlite3_column_text(row, column);
        json_t *value = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
        bool good = value && is_type(value);
        json_decref(value);
        return good;
}

static bool is_array(const json_t *value)
{
        return json_is_array(value);
}

static bool is_object(const json_t *value)
{
        return json_is_object(value);
}

/* 1: its arguments make no sense. A detail that makes none is worth less than the rest of its row. */
static int row_bind(struct walk *walk)
{
        const struct table *table = &walk->table;
        for (int i = 0; i < table->columns; i++)
                if (sqlite3_bind_value(walk->write, i + 1, sqlite3_column_value(walk->read, i)) != SQLITE_OK)
                        return -ENOMEM;
        if (table->detail >= 0 && !json_is_good(walk->read, table->detail, is_object))
                sqlite3_bind_text(walk->write, table->detail + 1, DETAIL_DAMAGED, -1, SQLITE_STATIC);
        if (table->args < 0 || json_is_good(walk->read, table->args, is_array))
                return 0;
        sqlite3_bind_text(walk->write, table->args + 1, "[]", -1, SQLITE_STATIC);
        return 1;
}

static int row_write(struct walk *walk, sqlite3_stmt *statement, struct error *error)
{
        int rc = sqlite3_step(statement);
        sqlite3_reset(statement);
        /* The schema's rules are what tells a row from noise. */
        if ((rc & 0xff) == SQLITE_CONSTRAINT)
                return 1;
        return rc == SQLITE_DONE ? 0 : to_failed(walk->to, error);
}

/* What is not marked as seen is not run again. */
static int row_take(struct walk *walk, int64_t key, struct error *error)
{
        int bound = row_bind(walk);
        if (bound < 0)
                return error_set_errno(error, -bound, "salvage");
        int r = row_write(walk, walk->write, error);
        if (r < 0)
                return r;
        walk->errors += bound != 0 || r != 0;
        walk->rows += r == 0;
        if (!walk->seen || bound != 0 || r != 0)
                return 0;
        sqlite3_bind_int64(walk->seen, 1, key);
        return row_write(walk, walk->seen, error);
}

/* From behind @after to the end, or to an error: then 1, and *after is the last key that could be read. */
static int walk_stretch(struct walk *walk, int64_t *after, struct error *error)
{
        int rc, r = 0;
        sqlite3_bind_int64(walk->read, 1, *after);
        while (r == 0 && (rc = sqlite3_step(walk->read)) == SQLITE_ROW) {
                int64_t key = sqlite3_column_int64(walk->read, walk->table.key);
                if (key <= *after) { /* a cycle */
                        rc = SQLITE_CORRUPT;
                        break;
                }
                *after = key;
                r = row_take(walk, key, error);
        }
        sqlite3_reset(walk->read);
        if (r < 0)
                return r;
        if (rc == SQLITE_DONE)
                return 0;
        walk->errors++;
        return 1;
}

static int walk_table(struct walk *walk, struct error *error)
{
        int64_t after = 0, last_row = 0;
        for (;;) {
                int64_t rows = walk->rows;
                int r = walk_stretch(walk, &after, error);
                if (r <= 0)
                        return r;
                if (walk->rows > rows)
                        last_row = after;
                after++; /* this key is not to be had */
                if (walk->calls > CALLS_MAX || walk->errors > ERRORS_MAX ||
                    (after > walk->limit && after > last_row + KEYS_BEYOND))
                        return 0;
        }
}

/* Returns 0 with the result in *walk; errors of the target are errors. */
static int table_salvage(struct walk *walk, const char *name, bool *ret_complete, struct error *error)
{
        *ret_complete = false;
        int r = table_describe(walk->to, name, &walk->table);
        if (r < 0)
                return error_set_errno(error, -r, "salvage: table %s", name);
        walk->rows = walk->errors = walk->calls = 0;
        walk->read = walk->write = NULL;
        sqlite3_progress_handler(walk->from, STEPS_PER_CALL, give_up, walk);
        r = walk_prepare(walk, error);
        if (r == 0) {
                r = walk_table(walk, error);
                *ret_complete = r == 0 && walk->errors == 0;
        }
        sqlite3_progress_handler(walk->from, 0, NULL, NULL);
        finalize(&walk->read);
        finalize(&walk->write);
        return r < 0 ? r : 0;
}

static int salvage_runs(struct walk *walk, struct store_salvage *result, struct error *error)
{
        if (sqlite3_prepare_v2(walk->to, "INSERT OR IGNORE INTO salvaged (id) VALUES (?1)", -1, &walk->seen,
                               NULL) != SQLITE_OK)
                return to_failed(walk->to, error);
        int r = table_salvage(walk, "run", &result->runs_complete, error);
        finalize(&walk->seen);
        walk->seen = NULL;
        result->runs = walk->rows;
        result->unreadable = walk->errors;
        return r;
}

/* All rows, if they are all there: one that was removed since the backup does not come back. */
static int salvage_whole(struct walk *walk, const char *table, bool *ret_complete, struct error *error)
{
        char *remove _cleanup_free_ = format_string("SAVEPOINT whole; DELETE FROM %s", table);
        if (!remove)
                return error_set_errno(error, ENOMEM, "salvage");
        if (sqlite3_exec(walk->to, remove, NULL, NULL, NULL) != SQLITE_OK)
                return to_failed(walk->to, error);
        int r = table_salvage(walk, table, ret_complete, error);
        if (r < 0)
                return r;
        const char *end = *ret_complete ? "RELEASE whole" : "ROLLBACK TO whole; RELEASE whole";
        if (sqlite3_exec(walk->to, end, NULL, NULL, NULL) != SQLITE_OK)
                return to_failed(walk->to, error);
        bool ignored;
        return *ret_complete ? 0 : table_salvage(walk, table, &ignored, error);
}

/* What belongs to schedules follows them. */
static int salvage_schedules(struct walk *walk, struct store_salvage *result, struct error *error)
{
        static const char *const tables[] = { "schedule",   "schedule_trigger", "pass",
                                              "occurrence", "scheduled_run",    "zone",
                                              "machine" };
        bool complete = true, whole = false;
        int r = 0;
        for (size_t i = 0; i < ARRAY_SIZE(tables) && r == 0; i++) {
                r = salvage_whole(walk, tables[i], &whole, error);
                complete = complete && whole;
        }
        result->schedules_complete = complete;
        return r;
}

int store_damaged_open(const char *path, sqlite3 **ret)
{
        sqlite3 *db = NULL;
        int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
        if (rc == SQLITE_OK)
                rc = store_harden_reader(db);
        if (rc != SQLITE_OK) {
                sqlite3_close(db);
                return -EIO;
        }
        *ret = db;
        return 0;
}

int store_salvage(sqlite3 *to, sqlite3 *from, struct store_salvage *ret, struct error *error)
{
        struct store_salvage result = { .sequence = -1 };
        struct walk walk = { .from = from, .to = to };
        int64_t sequence = 0;
        if (store_value(from, "SELECT seq FROM sqlite_sequence WHERE name = 'run'", &sequence, NULL, 0) ==
            SQLITE_OK)
                result.sequence = sequence;
        walk.limit = MIN(sequence, INT64_MAX - KEYS_BEYOND - 1);
        int r = salvage_runs(&walk, &result, error);
        if (r == 0)
                r = salvage_schedules(&walk, &result, error);
        if (r == 0)
                *ret = result;
        return r;
}

/* ---- rows of a database whose pages are sound ---- */

char *store_rows_check(sqlite3 *db)
{
        sqlite3_stmt *row _cleanup_(finalize) = NULL;
        int rc = sqlite3_prepare_v2(db, "SELECT id, args, detail, state, result FROM run", -1, &row, NULL);
        while (rc == SQLITE_OK || rc == SQLITE_ROW) {
                rc = sqlite3_step(row);
                if (rc != SQLITE_ROW)
                        break;
                if (!json_is_good(row, 1, is_array) || !json_is_good(row, 2, is_object) ||
                    run_state_parse((const char *)sqlite3_column_text(row, 3)) < 0 ||
                    run_result_parse((const char *)sqlite3_column_text(row, 4)) < 0)
                        return format_string("the row of run %lld makes no sense",
                                             (long long)sqlite3_column_int64(row, 0));
        }
        if (rc != SQLITE_DONE)
                return format_string("%s", sqlite3_errmsg(db));
        finalize(&row);
        row = NULL;
        rc = sqlite3_prepare_v2(db, "SELECT id, args FROM schedule", -1, &row, NULL);
        while (rc == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW)
                if (!json_is_good(row, 1, is_array))
                        return format_string("the row of schedule number %lld makes no sense",
                                             (long long)sqlite3_column_int64(row, 0));
        return NULL;
}
