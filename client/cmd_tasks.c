/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/print.h"
#include "client/records.h"
#include "lib/exit_code.h"

static const struct table_column tasks_columns[] = {
        { "TASK", false, true },
        { "ORIGIN", false, false },
        { "DESCRIPTION", false, true },
        { "MODULE", false, false },
        { 0 },
};

int cmd_tasks(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(tasks_columns);
        _cleanup_json_ json_t *tasks = NULL;
        size_t i;
        json_t *task;
        int code = connection_request(ctl, "Tasks", json_object(), &tasks, error);

        if (code)
                return code;
        if (ctl->json)
                return print_array(tasks, error);
        if (!table)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        if (json_array_size(tasks) == 0) {
                ctl_message("no tasks");
                return 0;
        }
        json_array_foreach(tasks, i, task) {
                table_add(table, text_line(record_string(task, "name")), TEXT_PLAIN);
                table_add(table, text_line(record_string(task, "origin")), TEXT_PLAIN);
                const char *problem = record_string(task, "problem");
                const char *about = problem ? problem : record_string(task, "description");
                table_add(table, text_line(about ? about : "-"), problem ? TEXT_RED : TEXT_PLAIN);
                table_add(table, text_line(record_string(task, "path")), TEXT_PLAIN);
        }
        return print_table(table, error);
}
