/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Task files: NAME.task, and NAME.task.d with drop-ins *.conf, in folders of which earlier ones win.
 *
 * The first folder that has NAME.task has the task's file. Drop-ins of all folders are read after it, sorted by their
 * names; of two of one name that of the earlier folder counts. A link to /dev/null stands for nothing and hides what
 * is in later folders. Everything read is one policy and any number of schedules; bgtaskd.task(5) tells users the rules.
 */
#ifndef LIB_TASK_FILE_H
#define LIB_TASK_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/schedule_definition.h"
#include "lib/task_policy.h"

#define TASK_FILE_SUFFIX ".task"
#define TASK_FILE_DROP_IN_SUFFIX ".conf"
#define TASK_FILE_DIRECTORIES_VARIABLE "BGTASKD_TASK_DIRS"
#define TASK_FILE_MAX (256 * 1024)     /* bytes of a file */
#define TASK_FILE_LINE_MAX (16 * 1024) /* and of a line, with those that continue it */
#define TASK_FILE_DROP_INS_MAX 128     /* of a task */
#define TASK_FILE_ERRORS_MAX 32        /* that are kept; one more says that there are others */
#define TASK_FILE_NAMES_MAX 65536      /* tasks that have files */
#define TASK_FILE_SCHEDULES_MAX 128    /* of a task */

/* Where a value comes from. */
struct task_file_origin {
        size_t file;   /* index into files */
        unsigned line; /* 0: it is the default */
};

struct task_file_schedule {
        char *name; /* Name=, or the task's */
        struct schedule_definition definition;
        char *text;                          /* schedule_definition_format(); NULL when there are errors */
        struct task_file_origin first, last; /* its sections: the one that begins it, and the latest */
        struct task_file_origin *origins;    /* of its keys, schedule_definition_keys() */
};

/* All strings malloc'd, lists NULL-terminated, NULL: empty. */
struct task_file {
        struct task_policy policy; /* of no use when there are errors */
        char **files;              /* what was read, in that order */
        char **watched;            /* when one of these paths changes, comes or goes, it is out of date */
        char **errors;             /* "FILE:LINE: Key=: expected …, found …" */
        struct task_file_origin origins[TASK_POLICY_KEYS]; /* of a list: of what was added last */
        struct task_file_schedule *schedules;              /* in the order of their first sections */
        size_t schedule_count;
};

/* The folders of an instance, earlier ones win: the user's ($XDG_CONFIG_HOME/bgtaskd/tasks.d; not in the system
 * instance), the site's, the vendor's. BGTASKD_TASK_DIRS replaces them: paths with colons between, an empty one at the
 * end stands for the usual. malloc'd as strv_free() wants it; NULL only when out of memory. */
char **task_file_directories(bool system_instance);
/* Read all that concerns @task. 0 also when there are errors in the files: see ret->errors. -ENOMEM. */
int task_file_load(char *const *directories, const char *task, bool system_instance, struct task_file *ret);
/* Read one file that need not be in its folder, and the drop-ins beside it: .../NAME.task or .../NAME.task.d/X.conf.
 * -EINVAL: it has no such name; -ENOMEM. */
int task_file_load_path(const char *path, bool system_instance, struct task_file *ret, struct error *error);
/* Release what it owns. */
void task_file_done(struct task_file *file);
/* The names of all tasks that have files or drop-ins, sorted, malloc'd as strv_free() wants it. -E2BIG: there are more
 * than TASK_FILE_NAMES_MAX; -ENOMEM. */
int task_file_names(char *const *directories, char ***ret);
/* malloc'd name of the task that .../NAME.task or .../NAME.task.d/X.conf concerns; NULL: it has no such name. */
char *task_file_task(const char *path);

/* Read the text of one file into @file->policy; errors are added to those that are there. @text is changed. For the
 * above and for tests. -ENOMEM. */
int task_file_parse(const char *path, char *text, size_t size, const struct task_specifiers *specifiers,
                    struct task_file *file);
/* "PATH: …" or, with a line, "PATH:LINE: …". -ENOMEM. */
int task_file_complain(struct task_file *file, const char *path, unsigned line, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#endif
