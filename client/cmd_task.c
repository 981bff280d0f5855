/* SPDX-License-Identifier: MPL-2.0 */
/* task: what a task may do here, and which line of which file says so. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/print.h"
#include "client/records.h"
#include "client/task_files.h"
#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/task.h"
#include "lib/util.h"

static const struct table_column task_columns[] = {
        { "KEY", false, false },
        { "VALUE", false, true },
        { "FROM", false, false },
        { 0 },
};

/* "FILE:LINE"; NULL: it is the default. */
static char *origin_text(const struct task_file *file, size_t key)
{
        const struct task_file_origin *origin = &file->origins[key];

        if (origin->line == 0 || !file->files || origin->file >= strv_length(file->files))
                return NULL;
        return format_string("%s:%u", file->files[origin->file], origin->line);
}

static int task_print_json(const struct task_file *file, const char *task, struct error *error)
{
        _cleanup_json_ json_t *answer = json_pack("{s:s, s:[], s:{}}", "task", task, "files", "values");
        json_t *files = json_object_get(answer, "files"), *values = json_object_get(answer, "values");
        bool failed = !answer;

        for (char **path = file->files; !failed && path && *path; path++)
                failed = json_array_append_new(files, json_string(*path)) < 0;
        for (size_t i = 0; !failed && i < TASK_POLICY_KEYS; i++) {
                _cleanup_free_ char *value = task_policy_value(&file->policy, i);
                _cleanup_free_ char *from = origin_text(file, i);
                json_t *entry = value ? json_pack("{s:s, s:s*}", "value", value, "from", from) : NULL;
                failed = json_object_set_new(values, task_policy_key(i), entry) < 0;
        }
        if (failed)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        print_json(answer);
        return print_flush(error);
}

static int task_print(const struct task_file *file, struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(task_columns);

        if (!table)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        for (size_t i = 0; i < TASK_POLICY_KEYS; i++) {
                _cleanup_free_ char *value = task_policy_value(&file->policy, i);
                _cleanup_free_ char *from = origin_text(file, i);
                if (!value)
                        return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
                table_add(table, text_line(task_policy_key(i)), from ? TEXT_BOLD : TEXT_PLAIN);
                table_add(table, text_line(*value ? value : "-"), TEXT_PLAIN);
                table_add(table, text_line(from ? from : "default"), TEXT_PLAIN);
        }
        return print_table(table, error);
}

int cmd_task(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        const char *task = arguments->operands[0];
        bool system = task_files_of_system(ctl);
        char **directories = task_file_directories(system);
        struct task_file file;

        if (task_name_check(task, error) < 0) {
                strv_free(directories);
                return PROGRAM_EXIT_USAGE;
        }
        int r = directories ? task_file_load(directories, task, system, &file) : -ENOMEM;
        strv_free(directories);
        if (r < 0)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        int code;
        if (file.errors)
                code = ctl_fail(error, PROGRAM_EXIT_DATAERR, "%s", file.errors[0]);
        else
                code = ctl->json ? task_print_json(&file, task, error) : task_print(&file, error);
        task_file_done(&file);
        return code;
}
