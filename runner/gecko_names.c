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

/* The list; read once. */
static char *list;

static void list_read(const char *gre_directory)
{
        size_t size;

        _cleanup_free_ char *path = path_join(gre_directory, LIST);
        if (!path || file_read(AT_FDCWD, path, LIST_MAX, &list, &size) < 0)
                list = NULL;
}

bool gecko_names_have(const char *gre_directory, const char *kind, const char *name)
{
        if (!list)
                list_read(gre_directory);
        if (!list || *name == '\0' || strpbrk(name, " \n"))
                return false;
        _cleanup_free_ char *line = format_string("\n%s %s\n", kind, name);
        return line && strstr(list, line);
}
