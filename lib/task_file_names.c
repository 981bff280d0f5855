/* SPDX-License-Identifier: MPL-2.0 */
/* Which tasks have files: the names in all folders, of which there may be many. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/task_file_internal.h"
#include "lib/util.h"

/* Names as they are found: some of them are there several times. */
struct names {
        char **list;
        size_t count, room;
};

/* Takes @name. */
static int names_append(struct names *names, char *name)
{
        if (names->count == names->room) {
                size_t room = names->room ? 2 * names->room : 64;
                char **longer = reallocarray(names->list, room, sizeof(*longer));
                if (!longer) {
                        free(name);
                        return -ENOMEM;
                }
                names->list = longer;
                names->room = room;
        }
        names->list[names->count++] = name;
        return 0;
}

static int names_add(const char *directory, struct names *names)
{
        _cleanup_closedir_ DIR *dir = opendir(directory);
        int r = 0;

        if (!dir)
                return errno == ENOMEM ? -ENOMEM : 0; /* what matters is said when a task is looked up */
        for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
                char *task = task_file_strip(entry->d_name, strlen(entry->d_name), TASK_FILE_SUFFIX);
                if (!task)
                        task = task_file_strip(entry->d_name, strlen(entry->d_name), TASK_FILE_SUFFIX ".d");
                if (task)
                        r = names_append(names, task);
        }
        return r;
}

static int compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, each once. */
static void names_settle(struct names *names)
{
        size_t kept = 0;

        if (names->count)
                qsort(names->list, names->count, sizeof(*names->list), compare);
        for (size_t i = 0; i < names->count; i++) {
                if (kept && strcmp(names->list[kept - 1], names->list[i]) == 0)
                        free(names->list[i]);
                else
                        names->list[kept++] = names->list[i];
        }
        names->count = kept;
}

int task_file_names(char *const *directories, char ***ret)
{
        struct names names = { 0 };
        int r = 0;

        for (; r == 0 && *directories; directories++)
                r = names_add(*directories, &names);
        names_settle(&names);
        if (r == 0 && names.count > TASK_FILE_NAMES_MAX)
                r = -E2BIG;
        size_t count = names.count; /* of those that are to be freed when there is no room for the end */
        if (r == 0)
                r = names_append(&names, NULL);
        if (r < 0) {
                for (size_t i = 0; i < count; i++)
                        free(names.list[i]);
                free(names.list);
                return r;
        }
        *ret = names.list;
        return 0;
}
