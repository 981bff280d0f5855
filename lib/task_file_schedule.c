/* SPDX-License-Identifier: MPL-2.0 */
/*
 * [Schedule] sections. Each begins a schedule, or continues the one that an earlier file has under the same name. As
 * that name and the zone of local times may stand anywhere in the section, its assignments are kept until it ends.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/task.h"
#include "lib/task_file_internal.h"
#include "lib/util.h"

#define ZONE "TimeZone"

/* ---- the section ---- */

int task_file_section_add(struct task_file_section *section, const char *key, const char *value,
                          unsigned line)
{
        struct task_file_assignment *longer = reallocarray(section->assignments, section->count + 1,
                                                           sizeof(*longer));

        if (!longer)
                return -ENOMEM;
        section->assignments = longer;
        longer += section->count;
        *longer = (struct task_file_assignment){ .key = strdup(key), .value = strdup(value), .line = line };
        section->count++;
        return longer->key && longer->value ? 0 : -ENOMEM;
}

void task_file_section_done(struct task_file_section *section)
{
        for (size_t i = 0; i < section->count; i++) {
                free(section->assignments[i].key);
                free(section->assignments[i].value);
        }
        free(section->assignments);
        *section = (struct task_file_section){ 0 };
}

/* ---- the schedule ---- */

static bool is_name(const struct task_file_assignment *assignment)
{
        return strcmp(assignment->key, TASK_FILE_SCHEDULE_NAME) == 0;
}

static const struct task_file_assignment *name_find(const struct task_file_section *section)
{
        const struct task_file_assignment *found = NULL;

        for (size_t i = 0; i < section->count; i++)
                if (is_name(&section->assignments[i]))
                        found = &section->assignments[i];
        return found && *found->value ? found : NULL;
}

/* The name of the schedule, malloc'd. -EINVAL with a text; -ENOMEM. */
static int name_get(const struct task_file_assignment *given, const struct task_specifiers *specifiers,
                    char **ret, struct error *error)
{
        struct error expected = ERROR_INIT;
        _cleanup_free_ char *name = given ? NULL : strdup(specifiers->task);
        int r = given ? task_specifiers_expand(specifiers, given->value, &name, error) : name ? 0 : -ENOMEM;

        if (r == 0 && task_label_check(name, &expected) < 0)
                r = error_set(error, EINVAL, "expected %s", expected.text);
        if (r == 0)
                *ret = steal_pointer(name);
        return r;
}

static struct task_file_schedule *schedule_find(struct task_file *file, const char *name)
{
        for (size_t i = 0; i < file->schedule_count; i++)
                if (strcmp(file->schedules[i].name, name) == 0)
                        return &file->schedules[i];
        return NULL;
}

/* Takes *@name, unless it returns NULL: out of memory. */
static struct task_file_schedule *schedule_add(struct task_file *file, char **name)
{
        struct task_file_origin *origins = calloc(schedule_definition_keys(), sizeof(*origins));
        struct task_file_schedule *longer =
                origins ? reallocarray(file->schedules, file->schedule_count + 1, sizeof(*longer)) : NULL;

        if (!longer) {
                free(origins);
                return NULL;
        }
        file->schedules = longer;
        longer += file->schedule_count++;
        *longer = (struct task_file_schedule){ .name = steal_pointer(*name), .origins = origins };
        schedule_definition_init(&longer->definition);
        return longer;
}

static int assignment_take(const struct task_file_assignment *assignment, const char *path,
                           const struct task_specifiers *specifiers, struct task_file_schedule *schedule,
                           struct task_file *file)
{
        struct error error = ERROR_INIT;
        int index = schedule_definition_find(assignment->key);

        if (index < 0)
                return task_file_complain_key(file, path, assignment->line, assignment->key, true);
        if (schedule_definition_assign(&schedule->definition, assignment->key, assignment->value, specifiers,
                                       &error) < 0)
                return task_file_complain(file, path, assignment->line, "%s", error.text);
        schedule->origins[index] = (struct task_file_origin){ strv_length(file->files), assignment->line };
        if (!*assignment->value)
                schedule->origins[index].line = 0;
        return 0;
}

/* The zone first: local times are times of it. */
static int assignments_take(const struct task_file_section *section, const char *path,
                            const struct task_specifiers *specifiers, struct task_file_schedule *schedule,
                            struct task_file *file)
{
        int r = 0;

        for (int others = 0; others < 2; others++)
                for (size_t i = 0; r == 0 && i < section->count; i++) {
                        const struct task_file_assignment *assignment = &section->assignments[i];
                        if (!is_name(assignment) && (strcmp(assignment->key, ZONE) != 0) == (others == 1))
                                r = assignment_take(assignment, path, specifiers, schedule, file);
                }
        return r;
}

/* The schedule that a section which begins at @here is about. 0 and NULL: it was complained of. Takes *@name if it
 * is a new one. -ENOMEM. */
static int schedule_of(struct task_file *file, const char *path, struct task_file_origin here, char **name,
                       struct task_file_schedule **ret)
{
        struct task_file_schedule *schedule = schedule_find(file, *name);

        *ret = NULL;
        if (schedule && schedule->last.file == here.file)
                return task_file_complain(
                        file, path, here.line,
                        "expected one [Schedule] of the name \"%s\", found another in line %u; " TASK_FILE_SCHEDULE_NAME
                        "= tells them apart",
                        *name, schedule->last.line);
        if (!schedule && file->schedule_count == TASK_FILE_SCHEDULES_MAX)
                return task_file_complain(file, path, here.line, "expected at most %d schedules, found more",
                                          TASK_FILE_SCHEDULES_MAX);
        if (!schedule) {
                schedule = schedule_add(file, name);
                if (!schedule)
                        return -ENOMEM;
                schedule->first = here;
        }
        schedule->last = here;
        *ret = schedule;
        return 0;
}

int task_file_section_end(struct task_file_section *section, const char *path,
                          const struct task_specifiers *specifiers, struct task_file *file)
{
        const struct task_file_origin here = { strv_length(file->files), section->line };
        const struct task_file_assignment *given = name_find(section);
        struct task_file_schedule *schedule = NULL;
        struct error error = ERROR_INIT;
        _cleanup_free_ char *name = NULL;

        if (section->line == 0)
                return 0;
        int r = name_get(given, specifiers, &name, &error);
        if (r == 0)
                r = schedule_of(file, path, here, &name, &schedule);
        else if (r != -ENOMEM)
                r = task_file_complain(file, path, given ? given->line : here.line,
                                       TASK_FILE_SCHEDULE_NAME "=: %s", error.text);
        if (schedule)
                r = assignments_take(section, path, specifiers, schedule, file);
        task_file_section_done(section);
        return r;
}

/* ---- all of them ---- */

int task_file_schedules_check(struct task_file *file, bool complete)
{
        for (size_t i = 0; i < file->schedule_count; i++) {
                struct task_file_schedule *schedule = &file->schedules[i];
                const char *path = file->files[schedule->first.file];
                struct error error = ERROR_INIT;
                int r = 0;

                if (complete && schedule_definition_check(&schedule->definition, &error) < 0)
                        r = task_file_complain(file, path, schedule->first.line, "schedule \"%s\": %s",
                                               schedule->name, error.text);
                schedule->text = schedule_definition_format(&schedule->definition);
                if (r == 0 && !schedule->text)
                        r = task_file_complain(file, path, schedule->first.line,
                                               "schedule \"%s\": expected at most %d bytes, found more",
                                               schedule->name, SCHEDULE_DEFINITION_TEXT_MAX);
                if (r < 0)
                        return r;
        }
        return 0;
}

void task_file_schedules_done(struct task_file *file)
{
        for (size_t i = 0; i < file->schedule_count; i++) {
                free(file->schedules[i].name);
                free(file->schedules[i].text);
                free(file->schedules[i].origins);
                schedule_definition_done(&file->schedules[i].definition);
        }
        free(file->schedules);
}
