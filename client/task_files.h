/* SPDX-License-Identifier: MPL-2.0 */
/* Task files as commands look at them: read here, without a daemon. */
#ifndef CLIENT_TASK_FILES_H
#define CLIENT_TASK_FILES_H

#include <stdbool.h>

#include "client/bgtaskctl.h"
#include "lib/task_file.h"

/* Which instance's files are meant: as options say, else the system's for root, the user's for others. */
bool task_files_of_system(const struct ctl *ctl);
/* Whether the daemon would find its module, if it was not given another --app-dir. */
bool task_has_module(const char *task);
/* What is allowed and yet unlikely to be meant: "FILE: warning: …". NULL: out of memory. */
char **task_files_warn(const struct task_file *file, const char *task, const char *path);

#endif
