/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/outcome.h"
#include "client/print.h"
#include "client/records.h"
#include "client/schedules.h"
#include "lib/exit_code.h"
#include "lib/util.h"

static const struct table_column schedule_columns[] = {
        { "SCHEDULE", false, true }, { "TASK", false, true },     { "WHEN", false, false },
        { "NEXT", false, false },    { "LAST RUN", true, false }, { "STATE", false, false },
        { "FROM", false, true },     { "ARGS", false, false },    { 0 },
};

static const struct table_column moved_columns[] = {
        { "SCHEDULE", false, true }, { "TASK", false, true },  { "MOVED", false, false },
        { "FROM", false, false },    { "NEXT", false, false }, { 0 },
};

/* ---- list ---- */

static void schedule_add_row(struct table *table, const json_t *schedule)
{
        const json_t *run = json_object_get(schedule, "lastRun");
        bool ran = json_is_object(run);

        table_add(table, text_line(record_string(schedule, "name")), TEXT_PLAIN);
        table_add(table, text_line(record_string(schedule, "task")), TEXT_PLAIN);
        table_add(table, schedules_when(schedule), TEXT_PLAIN);
        table_add(table,
                  record_has(schedule, "pause") ? strdup("paused")
                                                : text_time(record_int(schedule, "nextAt", 0), "-"),
                  record_has(schedule, "pause") ? TEXT_YELLOW : TEXT_PLAIN);
        table_add(table, ran ? format_string("%lld", (long long)record_int(run, "id", 0)) : strdup("-"),
                  TEXT_PLAIN);
        table_add(table, ran ? text_line(outcome_word(run)) : strdup("-"),
                  ran ? outcome_color(run) : TEXT_PLAIN);
        table_add(table,
                  record_has(schedule, "source") ? text_line(record_string(schedule, "source")) : strdup("-"),
                  TEXT_PLAIN);
        table_add(table, text_words(json_object_get(schedule, "args")), TEXT_PLAIN);
}

static void moved_add_row(struct table *table, const json_t *schedule)
{
        table_add(table, text_line(record_string(schedule, "name")), TEXT_PLAIN);
        table_add(table, text_line(record_string(schedule, "task")), TEXT_PLAIN);
        table_add(table, text_time(record_int(schedule, "movedAt", 0), "-"), TEXT_PLAIN);
        table_add(table, text_time(record_int(schedule, "movedFrom", 0), "-"), TEXT_PLAIN);
        table_add(table, text_time(record_int(schedule, "nextAt", 0), "-"), TEXT_PLAIN);
}

/* Only those whose times new data of their zones, or the clock, moved. */
static void keep_moved(json_t *schedules)
{
        for (size_t i = json_array_size(schedules); i-- > 0;)
                if (!record_has(json_array_get(schedules, i), "movedAt"))
                        json_array_remove(schedules, i);
}

int cmd_schedule_list(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        bool moved = arguments_flag(arguments, "moved");
        _cleanup_(table_free_cleanup) struct table *table = table_new(moved ? moved_columns
                                                                            : schedule_columns);
        _cleanup_json_ json_t *schedules = NULL;
        size_t i;
        json_t *schedule;
        int code = schedules_all(ctl, &schedules, error);

        if (code)
                return code;
        if (moved)
                keep_moved(schedules);
        if (ctl->json)
                return print_array(schedules, error);
        if (!table)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        if (json_array_size(schedules) == 0) {
                ctl_message(moved ? "no schedules were moved" : "no schedules");
                return 0;
        }
        json_array_foreach(schedules, i, schedule)
                (moved ? moved_add_row : schedule_add_row)(table, schedule);
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
