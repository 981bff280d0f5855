/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/outcome.h"
#include "client/print.h"
#include "client/records.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/util.h"

#define LIST_LIMIT_MAX 100000

static const struct table_column list_columns[] = {
        { "RUN", true, false },    { "TASK", false, true },
        { "STATE", false, false }, { "EXIT", true, false },
        { "WHEN", false, false },  { "DURATION", true, false },
        { "ARGS", false, false },  { 0 },
};

/* Where runs go as they arrive: to stdout as JSON, or into the table. */
struct list_sink {
        bool json;
        struct print_array array;
        struct table *table;
        int64_t now_us;
        size_t count;
};

static void list_add_row(struct table *table, const json_t *run, int64_t now_us)
{
        int64_t duration_us = outcome_duration_us(run, now_us);
        int64_t started_at_us = record_int(run, "startedAt", 0);

        table_add(table, format_string("%" PRId64, record_int(run, "id", 0)), TEXT_PLAIN);
        table_add(table, text_line(record_string(run, "task")), TEXT_PLAIN);
        table_add(table, text_line(outcome_word(run)), outcome_color(run));
        table_add(table, outcome_code(run), TEXT_PLAIN);
        table_add(table, text_time(started_at_us ? started_at_us : record_int(run, "queuedAt", 0), "-"),
                  TEXT_PLAIN);
        table_add(table, duration_us < 0 ? strdup("-") : text_duration(duration_us), TEXT_PLAIN);
        table_add(table, text_words(json_object_get(run, "args")), TEXT_PLAIN);
}

static int list_reply(struct list_sink *sink, json_t *reply, struct error *error)
{
        _cleanup_json_ json_t *runs = NULL;
        struct error reason = ERROR_INIT;
        size_t i;
        json_t *run;

        if (record_read_all(record_run, "run", json_object_get(reply, "runs"), &runs, &reason) < 0)
                return connection_garbled(&reason, error);
        json_array_foreach(runs, i, run) {
                if (sink->json)
                        print_array_add(&sink->array, run);
                else
                        list_add_row(sink->table, run, sink->now_us);
                sink->count++;
        }
        return 0;
}

/* Those of the interface, which the daemon would refuse others of without a word about these. */
static int list_check_state(const char *state, struct error *error)
{
        static const char *const states[] = { "queued", "starting",  "running",     "finished",
                                              "held",   "cancelled", "interrupted", "lost" };

        for (size_t i = 0; i < ARRAY_SIZE(states); i++)
                if (strcmp(states[i], state) == 0)
                        return 0;
        return ctl_fail(error, PROGRAM_EXIT_USAGE,
                        "invalid --state: expected queued, starting, running, finished, held, cancelled, "
                        "interrupted or lost, found \"%s\"",
                        state);
}

static int list_parameters(const struct arguments *arguments, json_t **ret, struct error *error)
{
        const char *limit = arguments_option(arguments, "limit"),
                   *state = arguments_option(arguments, "state");
        _cleanup_json_ json_t *parameters = json_object();
        static const char *const texts[] = { "task", "schedule", "state" };
        int64_t number;
        int code = state ? list_check_state(state, error) : 0;

        if (code)
                return code;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                const char *value = arguments_option(arguments, texts[i]);

                if (value && json_object_set_new(parameters, texts[i], json_string(value)) < 0)
                        return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --%s: expected UTF-8 text",
                                        texts[i]);
        }
        if (arguments_flag(arguments, "failed"))
                json_object_set_new(parameters, "failed", json_true());
        if (limit) {
                if (parse_int64(limit, 1, LIST_LIMIT_MAX, &number) < 0)
                        return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --limit \"%s\": expected 1 to %d",
                                        limit, LIST_LIMIT_MAX);
                json_object_set_new(parameters, "limit", json_integer(number));
        }
        *ret = steal_pointer(parameters);
        return 0;
}

static int list_receive(struct connection *connection, struct list_sink *sink, struct error *error)
{
        bool continues = true;

        while (continues) {
                _cleanup_json_ json_t *reply = NULL;
                int code = connection_next(connection, &reply, &continues, error);

                if (code == 0)
                        code = list_reply(sink, reply, error);
                if (code)
                        return code;
        }
        return 0;
}

int cmd_list(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_(table_free_cleanup) struct table *table = table_new(list_columns);
        struct list_sink sink = { .json = ctl->json, .table = table, .now_us = clock_realtime_us() };
        json_t *parameters = NULL;
        int code;

        if (!table)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        code = list_parameters(arguments, &parameters, error);
        if (code)
                return code;
        code = connection_open(ctl, &connection, error);
        if (code) {
                json_decref(parameters);
                return code;
        }
        code = connection_send(connection, "List", parameters, true, error);
        if (code)
                return code;

        code = list_receive(connection, &sink, error);
        if (code)
                return code;
        if (ctl->json) {
                print_array_end(&sink.array);
                return print_flush(error);
        }
        if (sink.count > 0)
                return print_table(table, error);
        ctl_message("no runs");
        return 0;
}
