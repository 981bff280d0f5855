/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/wanted.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/pool_settings.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/task_file.h"
#include "lib/util.h"

/* ---- lists ---- */

static int list_add(char ***list, size_t *count, char *text)
{
        char **longer = text ? reallocarray(*list, *count + 2, sizeof(*longer)) : NULL;

        if (!longer) {
                free(text);
                return -ENOMEM;
        }
        *list = longer;
        longer[(*count)++] = text;
        longer[*count] = NULL;
        return 0;
}

/* Takes @text. What is too much is not kept. */
static int error_add(struct wanted *wanted, char *text)
{
        if (wanted->error_count < WANTED_ERRORS_MAX)
                return list_add(&wanted->errors, &wanted->error_count, text);
        free(text);
        return 0;
}

static int string_compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- schedules ---- */

static void schedule_free(struct wanted_schedule *schedule)
{
        free(schedule->name);
        free(schedule->task);
        free(schedule->definition);
        free(schedule->source);
        strv_free(schedule->after);
}

static int after_of(const struct schedule_definition *definition, char ***ret)
{
        char *const *const lists[] = { definition->on_success_of, definition->on_failure_of,
                                       definition->on_end_of };
        char **after = NULL;
        size_t count = 0;
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(lists) && definition->enabled; i++)
                for (char *const *task = lists[i]; r == 0 && task && *task; task++)
                        r = list_add(&after, &count, strdup(*task));
        if (r < 0) {
                strv_free(after);
                return r;
        }
        *ret = after;
        return 0;
}

int wanted_after(const char *definition, char ***ret)
{
        static const char *const keys[] = { "OnSuccessOf=", "OnFailureOf=", "OnEndOf=" };
        struct schedule_definition value;
        struct error error = ERROR_INIT;
        bool any = false;

        *ret = NULL;
        for (const char *line = definition; *line && !any; line += strcspn(line, "\n"), line += *line == '\n')
                for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                        any = any || strncmp(line, keys[i], strlen(keys[i])) == 0;
        if (!any)
                return 0;
        int r = schedule_definition_parse(definition, &value, &error);
        if (r < 0)
                return r;
        r = after_of(&value, ret);
        schedule_definition_done(&value);
        return r;
}

/* Which of the folders a file is in. */
static size_t folder_of(const struct wanted *wanted, const char *path)
{
        size_t i = 0;

        for (; wanted->directories[i]; i++) {
                size_t size = strlen(wanted->directories[i]);
                if (strncmp(path, wanted->directories[i], size) == 0 &&
                    (path[size] == '/' || (size > 0 && path[size - 1] == '/')))
                        break;
        }
        return i;
}

static int schedule_add(struct wanted *wanted, const char *task, const struct task_file *file, size_t nth)
{
        const struct task_file_schedule *from = &file->schedules[nth];
        const char *source = file->files[from->first.file];

        if (wanted->count == wanted->room) {
                size_t room = wanted->room ? 2 * wanted->room : 64;
                struct wanted_schedule *longer = reallocarray(wanted->schedules, room, sizeof(*longer));
                if (!longer)
                        return -ENOMEM;
                wanted->schedules = longer;
                wanted->room = room;
        }
        struct wanted_schedule schedule = {
                .name = strdup(from->name),
                .task = strdup(task),
                .definition = strdup(from->text),
                .source = strdup(source),
                .line = from->first.line,
                .folder = folder_of(wanted, source),
                .nth = nth,
        };
        int r = after_of(&from->definition, &schedule.after);
        if (r < 0 || !schedule.name || !schedule.task || !schedule.definition || !schedule.source) {
                schedule_free(&schedule);
                return -ENOMEM;
        }
        wanted->schedules[wanted->count++] = schedule;
        return 0;
}

/* ---- files ---- */

static int file_check(const struct wanted *wanted, struct task_file *file)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < file->schedule_count; i++) {
                const struct task_file_schedule *schedule = &file->schedules[i];
                struct error expected = ERROR_INIT;
                if (pool_settings_check(wanted->pools, schedule->definition.pool, &expected) < 0)
                        r = task_file_complain(file, file->files[schedule->first.file], schedule->first.line,
                                               "schedule \"%s\": Pool=: expected %s", schedule->name,
                                               expected.text);
        }
        return r;
}

static int task_read(struct wanted *wanted, const char *task)
{
        struct task_file file;
        int r = task_file_load(wanted->directories, task, wanted->system_instance, &file);

        if (r < 0)
                return r;
        if (!file.errors)
                r = file_check(wanted, &file);
        if (r == 0 && file.errors)
                r = list_add(&wanted->bad, &wanted->bad_count, strdup(task));
        for (char **error = file.errors; r == 0 && error && *error; error++)
                r = error_add(wanted, strdup(*error));
        for (size_t i = 0; r == 0 && !file.errors && i < file.schedule_count; i++)
                r = schedule_add(wanted, task, &file, i);
        task_file_done(&file);
        return r;
}

static int schedule_compare(const void *a, const void *b)
{
        const struct wanted_schedule *one = a, *other = b;

        if (one->folder != other->folder)
                return one->folder < other->folder ? -1 : 1;
        int order = strcmp(one->task, other->task);
        return order ? order : one->nth < other->nth ? -1 : one->nth > other->nth;
}

int wanted_read(struct wanted *wanted, int64_t budget_us)
{
        int64_t began_us = clock_monotonic_us();

        while (wanted->tasks[wanted->at]) {
                int r = task_read(wanted, wanted->tasks[wanted->at]);
                if (r < 0)
                        return r;
                wanted->at++;
                if (wanted->tasks[wanted->at] && clock_monotonic_us() - began_us >= budget_us)
                        return 1;
        }
        if (wanted->count)
                qsort(wanted->schedules, wanted->count, sizeof(*wanted->schedules), schedule_compare);
        return 0;
}

/* ---- life ---- */

/* A folder that cannot be listed may have files of tasks that nobody knows of. */
static int folders_check(struct wanted *wanted)
{
        int r = 0;

        for (char **path = wanted->directories; r == 0 && *path; path++) {
                _cleanup_closedir_ DIR *dir = opendir(**path ? *path : ".");
                if (!dir && errno != ENOENT && errno != ENOTDIR)
                        r = error_add(wanted, format_string("%s: %s", *path, strerror(errno)));
        }
        return r;
}

/* Those that have files, and those that had. */
static int tasks_collect(struct wanted *wanted, char *const *had)
{
        char **tasks = NULL;
        int r = task_file_names(wanted->directories, &tasks);

        if (r == -E2BIG) {
                tasks = calloc(1, sizeof(*tasks));
                r = tasks ? error_add(wanted,
                                      format_string(
                                              "task files: expected files of at most %d tasks, found more",
                                              TASK_FILE_NAMES_MAX))
                          : -ENOMEM;
        }
        size_t listed = strv_length(tasks), count = listed;
        for (; r == 0 && *had; had++)
                if (!listed || !bsearch(had, tasks, listed, sizeof(*tasks), string_compare))
                        r = list_add(&tasks, &count, strdup(*had));
        if (r < 0) {
                strv_free(tasks);
                return r;
        }
        qsort(tasks, count, sizeof(*tasks), string_compare);
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) {
                if (kept && strcmp(tasks[kept - 1], tasks[i]) == 0)
                        free(tasks[i]);
                else
                        tasks[kept++] = tasks[i];
        }
        tasks[kept] = NULL;
        wanted->tasks = tasks;
        return 0;
}

int wanted_new(bool system_instance, char *const *tasks, const struct pool_settings *pools,
               struct wanted **ret)
{
        struct wanted *wanted = calloc(1, sizeof(*wanted));

        if (!wanted)
                return -ENOMEM;
        wanted->system_instance = system_instance;
        wanted->pools = pools;
        wanted->directories = task_file_directories(system_instance);
        int r = wanted->directories ? folders_check(wanted) : -ENOMEM;
        if (r == 0)
                r = tasks_collect(wanted, tasks);
        if (r < 0) {
                wanted_free(wanted);
                return r;
        }
        *ret = wanted;
        return 0;
}

void wanted_free(struct wanted *wanted)
{
        if (!wanted)
                return;
        for (size_t i = 0; i < wanted->count; i++)
                schedule_free(&wanted->schedules[i]);
        free(wanted->schedules);
        strv_free(wanted->directories);
        strv_free(wanted->tasks);
        strv_free(wanted->bad);
        strv_free(wanted->errors);
        free(wanted);
}
