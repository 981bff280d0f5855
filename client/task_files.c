/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/task_files.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/task.h"
#include "lib/util.h"

bool task_files_of_system(const struct ctl *ctl)
{
        return ctl->system || (!ctl->user && geteuid() == 0);
}

static bool module_exists(const char *below, const char *task)
{
        _cleanup_free_ char *path = format_string(
                "%s/" TASK_MODULE_DIRECTORY "/" TASK_MODULE_PREFIX "%s" TASK_MODULE_SUFFIX, below, task);

        return path && access(path, F_OK) == 0;
}

bool task_has_module(const char *task)
{
        _cleanup_free_ char *installed = paths_app_directory();
        _cleanup_free_ char *app = path_join(paths_data_directory(), "app");
        _cleanup_free_ char *gre = path_join(paths_data_directory(), "gre");

        return (installed && module_exists(installed, task)) || (app && module_exists(app, task)) ||
               (gre && module_exists(gre, task));
}

/* Takes @text. */
static int warning_add(char ***warnings, char *text)
{
        size_t count = strv_length(*warnings);
        char **longer = text ? reallocarray(*warnings, count + 2, sizeof(*longer)) : NULL;

        if (!longer) {
                free(text);
                return -ENOMEM;
        }
        longer[count] = text;
        longer[count + 1] = NULL;
        *warnings = longer;
        return 0;
}

static int warn_of_paths(char *const *list, const char *key, const char *path, char ***warnings)
{
        int r = 0;

        for (; r == 0 && list && *list; list++)
                if ((*list)[0] != '-' && access(*list, F_OK) < 0 && errno == ENOENT)
                        r = warning_add(warnings, format_string("%s: warning: %s=: %s does not exist here; "
                                                                "\"-%s\" is for what may be absent",
                                                                path, key, *list, *list));
        return r;
}

static int warn_of_tasks(char *const *list, const char *key, const char *path, char ***warnings)
{
        int r = 0;

        for (; r == 0 && list && *list; list++)
                if (!task_has_module(*list))
                        r = warning_add(warnings,
                                        format_string("%s: warning: %s=: there is no module of a task "
                                                      "\"%s\" in the usual places",
                                                      path, key, *list));
        return r;
}

static int warn_of_schedules(const struct task_file *file, const char *path, char ***warnings)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < file->schedule_count; i++) {
                const struct schedule_definition *definition = &file->schedules[i].definition;
                r = warn_of_tasks(definition->on_success_of, "OnSuccessOf", path, warnings);
                if (r == 0)
                        r = warn_of_tasks(definition->on_failure_of, "OnFailureOf", path, warnings);
                if (r == 0)
                        r = warn_of_tasks(definition->on_end_of, "OnEndOf", path, warnings);
        }
        return r;
}

char **task_files_warn(const struct task_file *file, const char *task, const char *path)
{
        char **warnings = calloc(1, sizeof(*warnings));
        const char *user = file->policy.user;
        int r = warnings ? 0 : -ENOMEM;

        if (r == 0 && !task_has_module(task))
                r = warning_add(&warnings,
                                format_string("%s: warning: there is no module of a task \"%s\" in the "
                                              "usual places",
                                              path, task));
        if (r == 0 && user && !isdigit((unsigned char)user[0]) && !getpwnam(user))
                r = warning_add(&warnings, format_string("%s: warning: User=: there is no user \"%s\" here",
                                                         path, user));
        if (r == 0)
                r = warn_of_paths(file->policy.read_only_paths, "ReadOnlyPaths", path, &warnings);
        if (r == 0)
                r = warn_of_paths(file->policy.read_write_paths, "ReadWritePaths", path, &warnings);
        if (r == 0)
                r = warn_of_schedules(file, path, &warnings);
        if (r == 0)
                return warnings;
        strv_free(warnings);
        return NULL;
}
