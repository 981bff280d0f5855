/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/gecko_names.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define LIST "gecko.names"
#define LIST_MAX (1024 * 1024)

/* The list, read once: lines in the order of their bytes. */
static char *list;
static size_t list_size;

static void list_read(const char *gre_directory)
{
        _cleanup_free_ char *path = path_join(gre_directory, LIST);
        if (!path || file_read(AT_FDCWD, path, LIST_MAX, &list, &list_size) < 0)
                list = NULL;
}

/* How "KIND NAME" compares with the line at @line, which ends at @end. */
static int line_compare(const char *kind, const char *name, const char *line, const char *end)
{
        const char *const parts[] = { kind, " ", name };

        for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
                size_t size = strlen(parts[i]);
                size_t left = (size_t)(end - line);
                int order = memcmp(parts[i], line, size < left ? size : left);
                if (order != 0)
                        return order;
                if (size > left)
                        return 1;
                line += size;
        }
        return line < end ? -1 : 0;
}

const char *gecko_names_find(const char *gre_directory, const char *kind, const char *name)
{
        if (!list)
                list_read(gre_directory);
        if (!list || *name == '\0' || strpbrk(name, " \n"))
                return NULL;
        const char *low = list;
        const char *high = list + list_size;
        while (low < high) {
                const char *line = low + (high - low) / 2;
                while (line > low && line[-1] != '\n')
                        line--;
                const char *end = memchr(line, '\n', (size_t)(high - line));
                if (!end)
                        end = high;
                int order = line_compare(kind, name, line, end);
                if (order == 0)
                        return line + strlen(kind) + 1;
                if (order < 0)
                        high = line;
                else
                        low = end < high ? end + 1 : high;
        }
        return NULL;
}

bool gecko_names_have(const char *gre_directory, const char *kind, const char *name)
{
        return gecko_names_find(gre_directory, kind, name) != NULL;
}
