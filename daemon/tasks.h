/* SPDX-License-Identifier: MPL-2.0 */
/* Which tasks there are: the module files in the application, toolkit and test directories. */
#ifndef DAEMON_TASKS_H
#define DAEMON_TASKS_H

#include <stddef.h>

#define TASKS_MAX 10000

enum task_origin {
        TASK_APP,
        TASK_TOOLKIT,
        TASK_TEST,
        TASK_ORIGIN_COUNT,
};

struct task_entry {
        char *name, *path;
        enum task_origin origin;
};

struct task_list {
        struct task_entry *entries;
        size_t count, allocated;
};

const char *task_origin_name(enum task_origin origin);
/* All of them by name; of several with one name the first origin wins, as it does in a run. A directory that
 * is absent or cannot be read has none. -ENOMEM; -E2BIG: more than TASKS_MAX. */
int task_list_read(const char *app_directory, const char *gre_directory, struct task_list *ret);
void task_list_done(struct task_list *list);

#endif
