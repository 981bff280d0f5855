/* SPDX-License-Identifier: MPL-2.0 */
/* reload: what changed, or would, on stdout; what is wrong with files as lines on stderr, as verify has them. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/print.h"
#include "client/records.h"
#include "client/text.h"
#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/util.h"

static const struct table_column reload_columns[] = {
        { "CHANGE", false, false }, { "SCHEDULE", false, true }, { "NEXT", false, false },
        { "WHAT", false, true },    { "FILE", false, false },    { 0 },
};

/* ---- the call ---- */

/* All parts of the answer as one: the changes of each, and the rest of the last. */
static int reload_collect(struct connection *connection, json_t **ret, struct error *error)
{
        _cleanup_json_ json_t *changes = json_array(), *whole = NULL;
        bool continues = true;

        while (continues) {
                _cleanup_json_ json_t *reply = NULL, *part = NULL;
                struct error reason = ERROR_INIT;
                int code = connection_next(connection, &reply, &continues, error);
                if (code)
                        return code;
                if (record_read(record_reload, "reload", reply, &part, &reason) < 0)
                        return connection_garbled(&reason, error);
                json_array_extend(changes, json_object_get(part, "changes"));
                if (!continues)
                        whole = json_incref(part);
        }
        if (!whole || json_object_set(whole, "changes", changes) < 0)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        *ret = steal_pointer(whole);
        return 0;
}

static int reload_call(const struct ctl *ctl, bool dry, json_t **ret, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        int code = connection_open(ctl, &connection, error);

        if (code)
                return code;
        /* How long it takes depends on how many files there are. */
        connection_set_timeout(connection, 0);
        code = connection_send(connection, "Reload", json_pack("{s:b}", "dryRun", dry), true, error);
        return code ? code : reload_collect(connection, ret, error);
}

/* ---- what it came to ---- */

static char *next_text(const json_t *change)
{
        int64_t from_us = record_int(change, "nextFrom", 0), to_us = record_int(change, "nextTo", 0);
        _cleanup_free_ char *from = text_time(from_us, "-"), *to = text_time(to_us, "-");

        if (!from || !to)
                return NULL;
        return from_us == to_us || strcmp(record_string(change, "change"), "changed") != 0
                       ? strdup(to_us ? to : from)
                       : format_string("%s -> %s", from, to);
}

static enum text_color change_color(const char *change)
{
        return strcmp(change, "added") == 0     ? TEXT_GREEN
               : strcmp(change, "removed") == 0 ? TEXT_RED
                                                : TEXT_YELLOW;
}

static int changes_print(const json_t *changes, struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(reload_columns);
        size_t i;
        json_t *change;

        if (!table)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        json_array_foreach((json_t *)(uintptr_t)changes, i, change) {
                const char *word = record_string(change, "change");
                table_add(table, text_line(word), change_color(word));
                table_add(table, text_line(record_string(change, "name")), TEXT_PLAIN);
                table_add(table, next_text(change), TEXT_PLAIN);
                table_add(table, text_words(json_object_get(change, "keys")), TEXT_PLAIN);
                table_add(table, text_line(record_string(change, "source")), TEXT_PLAIN);
        }
        return print_table(table, error);
}

static int reload_print(const json_t *reload, bool dry, struct error *error)
{
        const json_t *changes = json_object_get(reload, "changes"),
                     *preferences = json_object_get(reload, "preferences");
        int64_t unchanged = record_int(reload, "unchanged", 0);
        size_t i;
        json_t *preference;

        json_array_foreach((json_t *)(uintptr_t)preferences, i, preference) {
                _cleanup_free_ char *name = text_line(record_string(preference, "name"));
                printf("%s: %" PRId64 " -> %" PRId64 "\n", name ? name : "",
                       record_int(preference, "from", 0), record_int(preference, "to", 0));
        }
        int code = json_array_size(changes) ? changes_print(changes, error) : 0;
        if (code)
                return code;
        printf("%s%" PRId64 " schedule%s of task files %s as %s.\n",
               dry ? "Nothing was done: with a reload " : "", unchanged, unchanged == 1 ? "" : "s",
               dry              ? "would stay"
               : unchanged == 1 ? "stays"
                                : "stay",
               unchanged == 1 ? "it was" : "they were");
        return print_flush(error);
}

static void lines_print(const json_t *lines)
{
        size_t i;
        json_t *line;

        json_array_foreach((json_t *)(uintptr_t)lines, i, line) {
                _cleanup_free_ char *text = text_line(json_string_value(line));
                fprintf(stderr, "%s\n", text ? text : "?");
        }
}

int cmd_reload(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *reload = NULL;
        bool dry = arguments_flag(arguments, "dry-run");
        int code = reload_call(ctl, dry, &reload, error);

        if (code)
                return code;
        const json_t *errors = json_object_get(reload, "errors"),
                     *preference_errors = json_object_get(reload, "preferenceErrors");
        if (ctl->json) {
                json_object_set_new(reload, "dryRun", json_boolean(dry));
                print_json(reload);
                code = print_flush(error);
        } else {
                lines_print(preference_errors);
                lines_print(errors);
                code = reload_print(reload, dry, error);
        }
        if (code)
                return code;
        return json_array_size(preference_errors) ? PROGRAM_EXIT_CONFIG
               : json_array_size(errors)          ? PROGRAM_EXIT_DATAERR
                                                  : 0;
}
