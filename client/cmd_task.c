/* SPDX-License-Identifier: MPL-2.0 */
/* task: what a task may do here and when it runs, and which line of which file says so. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static char *origin_text(const struct task_file *file, const struct task_file_origin *origin)
{
        if (origin->line == 0 || !file->files || origin->file >= strv_length(file->files))
                return NULL;
        return format_string("%s:%u", file->files[origin->file], origin->line);
}

/* ---- JSON ---- */

/* Takes @value. {"value", "from"}, or NULL. */
static json_t *value_to_json(const struct task_file *file, const struct task_file_origin *origin, char *value)
{
        _cleanup_free_ char *from = origin_text(file, origin), *taken = value;

        return taken ? json_pack("{s:s, s:s*}", "value", taken, "from", from) : NULL;
}

static json_t *policy_to_json(const struct task_file *file)
{
        json_t *values = json_object();
        bool failed = !values;

        for (size_t i = 0; !failed && i < TASK_POLICY_KEYS; i++)
                failed = json_object_set_new(values, task_policy_key(i),
                                             value_to_json(file, &file->origins[i],
                                                           task_policy_value(&file->policy, i))) < 0;
        if (!failed)
                return values;
        json_decref(values);
        return NULL;
}

static json_t *schedule_to_json(const struct task_file *file, const struct task_file_schedule *schedule)
{
        _cleanup_free_ char *from = origin_text(file, &schedule->first);
        json_t *entry = json_pack("{s:s, s:s*, s:{}}", "name", schedule->name, "from", from, "values");
        json_t *values = json_object_get(entry, "values");
        bool failed = !entry;

        for (size_t i = 0; !failed && i < schedule_definition_keys(); i++)
                failed = json_object_set_new(
                                 values, schedule_definition_key(i),
                                 value_to_json(file, &schedule->origins[i],
                                               schedule_definition_value(&schedule->definition, i))) < 0;
        if (!failed)
                return entry;
        json_decref(entry);
        return NULL;
}

static int task_print_json(const struct task_file *file, const char *task, struct error *error)
{
        _cleanup_json_ json_t *answer = json_pack("{s:s, s:[], s:o, s:[]}", "task", task, "files", "values",
                                                  policy_to_json(file), "schedules");
        json_t *files = json_object_get(answer, "files"), *schedules = json_object_get(answer, "schedules");
        bool failed = !answer;

        for (char **path = file->files; !failed && path && *path; path++)
                failed = json_array_append_new(files, json_string(*path)) < 0;
        for (size_t i = 0; !failed && i < file->schedule_count; i++)
                failed = json_array_append_new(schedules, schedule_to_json(file, &file->schedules[i])) < 0;
        if (failed)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        print_json(answer);
        return print_flush(error);
}

/* ---- a table ---- */

/* Takes @value and @from; NULL: out of memory, and the default. */
static int row_add(struct table *table, const char *key, char *value, char *from)
{
        _cleanup_free_ char *taken = value, *taken_from = from;

        if (!taken)
                return -ENOMEM;
        table_add(table, text_line(key), from ? TEXT_BOLD : TEXT_PLAIN);
        table_add(table, text_line(*taken ? taken : "-"), TEXT_PLAIN);
        table_add(table, text_line(from ? from : "default"), TEXT_PLAIN);
        return 0;
}

/* What differs from the default: there are many keys, and each schedule is about few. */
static int schedule_add(struct table *table, const struct task_file *file,
                        const struct task_file_schedule *schedule)
{
        int r = row_add(table, "[Schedule]", strdup(schedule->name), origin_text(file, &schedule->first));

        for (size_t i = 0; r == 0 && i < schedule_definition_keys(); i++)
                if (!schedule_definition_is_default(&schedule->definition, i))
                        r = row_add(table, schedule_definition_key(i),
                                    schedule_definition_value(&schedule->definition, i),
                                    origin_text(file, &schedule->origins[i]));
        return r;
}

static int task_print(const struct task_file *file, struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(task_columns);
        int r = table ? 0 : -ENOMEM;

        for (size_t i = 0; r == 0 && i < TASK_POLICY_KEYS; i++)
                r = row_add(table, task_policy_key(i), task_policy_value(&file->policy, i),
                            origin_text(file, &file->origins[i]));
        for (size_t i = 0; r == 0 && i < file->schedule_count; i++)
                r = schedule_add(table, file, &file->schedules[i]);
        return r == 0 ? print_table(table, error) : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
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
        if (!file.errors && !(file.files && file.files[0]) && !task_has_module(task))
                ctl_message(
                        "warning: there is neither a file nor a module of a task \"%s\" in the usual places",
                        task);
        if (file.errors)
                code = ctl_fail(error, PROGRAM_EXIT_DATAERR, "%s", file.errors[0]);
        else
                code = ctl->json ? task_print_json(&file, task, error) : task_print(&file, error);
        task_file_done(&file);
        return code;
}
