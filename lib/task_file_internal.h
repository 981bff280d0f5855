/* SPDX-License-Identifier: MPL-2.0 */
/* Private to the task_file files. */
#ifndef LIB_TASK_FILE_INTERNAL_H
#define LIB_TASK_FILE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/task_file.h"
#include "lib/task_specifier.h"

#define TASK_FILE_SCHEDULE_NAME "Name" /* the one key of [Schedule] that is no part of the definition */

/* A [Schedule] section while it is read: which schedule it is about is known when it ends. */
struct task_file_section {
        struct task_file_assignment {
                char *key, *value;
                unsigned line;
        } * assignments;
        size_t count;
        unsigned line; /* where it begins; 0: there is none */
};

/* -ENOMEM. */
int task_file_section_add(struct task_file_section *section, const char *key, const char *value,
                          unsigned line);
/* Take a section that has ended into @file, and empty it. What is wrong is complained of. -ENOMEM. */
int task_file_section_end(struct task_file_section *section, const char *path,
                          const struct task_specifiers *specifiers, struct task_file *file);
void task_file_section_done(struct task_file_section *section);

/* Check each schedule as a whole, unless a part of it may be elsewhere, and set its text. -ENOMEM. */
int task_file_schedules_check(struct task_file *file, bool complete);
void task_file_schedules_done(struct task_file *file);

/* malloc'd copy of @name, of @length bytes, without @suffix; NULL: it has another, or what is left names no task. */
char *task_file_strip(const char *name, size_t length, const char *suffix);

/* Complain of a key that the section does not have. -ENOMEM. */
int task_file_complain_key(struct task_file *file, const char *path, unsigned line, const char *key,
                           bool of_schedule);

#endif
