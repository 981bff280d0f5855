/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/outcome.h"
#include "client/print.h"
#include "client/records.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/task.h"
#include "lib/util.h"

/* What the interface says of everyUs; said here in the words of the command line. */
#define EVERY_MIN_US INT64_C(1000000)
#define EVERY_MAX_US (INT64_C(3653) * 86400 * 1000000)

static const struct table_column schedule_columns[] = {
        { "SCHEDULE", false, true }, { "TASK", false, true },
        { "EVERY", true, false },    { "NEXT", false, false },
        { "LAST RUN", true, false }, { "STATE", false, false },
        { "ARGS", false, false },    { 0 },
};

/* ---- add ---- */

static int schedule_parameters(const struct arguments *arguments, json_t **ret, struct error *error)
{
        const char *name = arguments->operands[0], *task = arguments->operands[1];
        const char *every = arguments_option(arguments, "every");
        char **args = arguments->operands + 2;
        _cleanup_json_ json_t *list = json_array();
        struct error reason = ERROR_INIT;
        int64_t every_us;

        if (!utf8_is_valid(name, strlen(name)))
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid name of a schedule: expected UTF-8 text");
        if (task_name_check(task, &reason) < 0 || task_args_check(args, &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "%s", reason.text);
        if (!every)
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "schedule add needs --every=SPAN, such as --every=6h");
        if (duration_parse(every, &every_us, &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --every: %s", reason.text);
        if (every_us < EVERY_MIN_US || every_us > EVERY_MAX_US)
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "invalid --every: expected 1 second to 10 years, found \"%s\"", every);

        for (size_t i = 0; args[i]; i++)
                json_array_append_new(list, json_string(args[i]));
        *ret = json_pack("{s:s, s:s, s:O, s:I}", "name", name, "task", task, "args", list, "everyUs",
                         (json_int_t)every_us);
        return *ret ? 0 : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
}

int cmd_schedule_add(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *schedule = NULL;
        _cleanup_free_ char *name = NULL, *next = NULL;
        json_t *parameters;
        int code = schedule_parameters(arguments, &parameters, error);

        if (code == 0)
                code = connection_request(ctl, "AddSchedule", parameters, &schedule, error);
        if (code)
                return code;
        if (ctl->json) {
                print_json(schedule);
        } else {
                name = text_line(record_string(schedule, "name"));
                next = text_time(record_int(schedule, "nextAt", 0), "not known");
                printf("Schedule %s: first run %s.\n", name ? name : "", next ? next : "");
        }
        return print_flush(error);
}

/* ---- list ---- */

static void schedule_add_row(struct table *table, const json_t *schedule)
{
        const json_t *run = json_object_get(schedule, "lastRun");
        bool ran = json_is_object(run);
        int64_t every_us = record_int(schedule, "everyUs", 0);

        table_add(table, text_line(record_string(schedule, "name")), TEXT_PLAIN);
        table_add(table, text_line(record_string(schedule, "task")), TEXT_PLAIN);
        table_add(table, every_us ? text_duration(every_us) : strdup("-"), TEXT_PLAIN);
        table_add(table, text_time(record_int(schedule, "nextAt", 0), "-"), TEXT_PLAIN);
        table_add(table, ran ? format_string("%lld", (long long)record_int(run, "id", 0)) : strdup("-"),
                  TEXT_PLAIN);
        table_add(table, ran ? text_line(outcome_word(run)) : strdup("-"),
                  ran ? outcome_color(run) : TEXT_PLAIN);
        table_add(table, text_words(json_object_get(schedule, "args")), TEXT_PLAIN);
}

int cmd_schedule_list(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(schedule_columns);
        _cleanup_json_ json_t *schedules = NULL;
        size_t i;
        json_t *schedule;
        int code = connection_request(ctl, "ListSchedules", json_object(), &schedules, error);

        if (code)
                return code;
        if (ctl->json)
                return print_array(schedules, error);
        if (!table)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        if (json_array_size(schedules) == 0) {
                ctl_message("no schedules");
                return 0;
        }
        json_array_foreach(schedules, i, schedule)
                schedule_add_row(table, schedule);
        return print_table(table, error);
}

/* ---- remove ---- */

int cmd_schedule_remove(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        const char *name = arguments->operands[0];
        _cleanup_json_ json_t *schedule = NULL;
        _cleanup_free_ char *shown = text_line(name);
        int code;

        if (!utf8_is_valid(name, strlen(name)))
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid name of a schedule: expected UTF-8 text");
        code = connection_request(ctl, "RemoveSchedule", json_pack("{s:s}", "name", name), &schedule, error);
        if (code)
                return code;
        if (ctl->json)
                print_json(schedule);
        else
                printf("Schedule %s is removed.\n", shown ? shown : "");
        return print_flush(error);
}
