/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/tasks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/task.h"
#include "lib/util.h"

const char *task_origin_name(enum task_origin origin)
{
        switch (origin) {
        case TASK_APP:
                return "app";
        case TASK_TOOLKIT:
                return "toolkit";
        case TASK_TEST:
                return "test";
        case TASK_ORIGIN_COUNT:
                break;
        }
        return "app";
}

void task_list_done(struct task_list *list)
{
        for (size_t i = 0; i < list->count; i++) {
                free(list->entries[i].name);
                free(list->entries[i].path);
        }
        free(list->entries);
        *list = (struct task_list){ 0 };
}

static int task_list_append(struct task_list *list, char *name, char *path, enum task_origin origin)
{
        if (list->count >= TASKS_MAX)
                return -E2BIG;
        if (list->count == list->allocated) {
                size_t allocated = list->allocated ? list->allocated * 2 : 32;
                struct task_entry *entries = reallocarray(list->entries, allocated, sizeof(*entries));
                if (!entries)
                        return -ENOMEM;
                list->entries = entries;
                list->allocated = allocated;
        }
        list->entries[list->count++] = (struct task_entry){ name, path, origin };
        return 0;
}

/* malloc'd NAME of BackgroundTask_NAME.sys.mjs; NULL: not such a file, or a name no run may have. */
static char *task_name_of_file(const char *file)
{
        size_t length = strlen(file), prefix = strlen(TASK_MODULE_PREFIX),
               suffix = strlen(TASK_MODULE_SUFFIX);

        if (length <= prefix + suffix || strncmp(file, TASK_MODULE_PREFIX, prefix) != 0 ||
            strcmp(file + length - suffix, TASK_MODULE_SUFFIX) != 0)
                return NULL;
        char *name = strndup(file + prefix, length - prefix - suffix);
        if (name && task_name_check(name, NULL) < 0) {
                free(name);
                return NULL;
        }
        return name;
}

static int task_list_read_directory(struct task_list *list, const char *directory, enum task_origin origin)
{
        _cleanup_closedir_ DIR *dir = opendir(directory);
        int r = 0;

        if (!dir)
                return errno == ENOMEM ? -ENOMEM : 0;
        for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
                _cleanup_free_ char *name = task_name_of_file(entry->d_name);
                if (!name)
                        continue;
                _cleanup_free_ char *path = path_join(directory, entry->d_name);
                if (!path)
                        return -ENOMEM;
                r = task_list_append(list, name, path, origin);
                if (r == 0) {
                        steal_pointer(name);
                        steal_pointer(path);
                }
        }
        return r;
}

static int hex_digit(char c)
{
        return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The directory that a file:// URL names, malloc'd; NULL: another URL. */
static char *directory_of_url(const char *url)
{
        if (strncasecmp(url, "file:///", 8) != 0)
                return NULL;
        char *path = strdup(url + 7);
        if (!path)
                return NULL;
        char *to = path;
        for (const char *from = path; *from; from++) {
                if (from[0] == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
                        *to++ = (char)(hex_digit(from[1]) * 16 + hex_digit(from[2]));
                        from += 2;
                } else {
                        *to++ = *from;
                }
        }
        *to = '\0';
        return path;
}

static int task_compare(const void *a, const void *b)
{
        const struct task_entry *left = a, *right = b;
        int order = strcmp(left->name, right->name);

        return order ? order : (int)left->origin - (int)right->origin;
}

static void task_list_remove_doubles(struct task_list *list)
{
        size_t kept = 0;

        for (size_t i = 0; i < list->count; i++) {
                if (kept && strcmp(list->entries[kept - 1].name, list->entries[i].name) == 0) {
                        free(list->entries[i].name);
                        free(list->entries[i].path);
                } else {
                        list->entries[kept++] = list->entries[i];
                }
        }
        list->count = kept;
}

int task_list_read(const char *app_directory, const char *gre_directory, struct task_list *ret)
{
        const char *url = getenv("XPCSHELL_TESTING_MODULES_URI");
        _cleanup_free_ char *testing = url ? directory_of_url(url) : NULL;
        const struct {
                const char *directory, *below;
        } places[TASK_ORIGIN_COUNT] = {
                [TASK_APP] = { app_directory, TASK_MODULE_DIRECTORY },
                [TASK_TOOLKIT] = { gre_directory, TASK_MODULE_DIRECTORY },
                [TASK_TEST] = { testing, "backgroundtasks" },
        };
        struct task_list list = { 0 };
        int r = 0;

        for (size_t i = 0; r == 0 && i < TASK_ORIGIN_COUNT; i++) {
                if (!places[i].directory)
                        continue;
                _cleanup_free_ char *directory = path_join(places[i].directory, places[i].below);
                r = directory ? task_list_read_directory(&list, directory, (enum task_origin)i) : -ENOMEM;
        }
        if (r < 0) {
                task_list_done(&list);
                return r;
        }
        if (list.count)
                qsort(list.entries, list.count, sizeof(*list.entries), task_compare);
        task_list_remove_doubles(&list);
        *ret = list;
        return 0;
}
