/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/known.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/output_format.h"
#include "lib/cleanup.h"
#include "lib/util.h"

struct known_list {
        struct store_known *items;
        size_t count, room;
};

static int known_add(struct known_list *list, int64_t id, int64_t epoch)
{
        if (list->count == list->room) {
                size_t room = MAX(list->room * 2, (size_t)64);
                struct store_known *items = reallocarray(list->items, room, sizeof(*items));
                if (!items)
                        return -ENOMEM;
                list->items = items;
                list->room = room;
        }
        list->items[list->count++] = (struct store_known){ id, epoch };
        return 0;
}

/* The output of run 17 is what output_name() says, its run file "17.EPOCH"; all else is not ours. */
static int known_add_name(struct known_list *list, const char *name, bool output)
{
        char expected[OUTPUT_NAME_MAX], text[OUTPUT_NAME_MAX];
        const char *dot = strchr(name, '.');
        int64_t id, epoch = 0;

        if (!dot || (size_t)(dot - name) >= sizeof(text))
                return 0;
        memcpy(text, name, (size_t)(dot - name));
        text[dot - name] = '\0';
        if (parse_int64(text, 1, INT64_MAX, &id) < 0)
                return 0;
        if (output) {
                output_name(id, expected);
                return strcmp(name, expected) == 0 ? known_add(list, id, 0) : 0;
        }
        return parse_int64(dot + 1, 1, INT64_MAX, &epoch) < 0 ? 0 : known_add(list, id, epoch);
}

static int known_add_directory(struct known_list *list, const char *path, bool output)
{
        _cleanup_closedir_ DIR *directory = opendir(path);
        int r = 0;

        for (struct dirent *entry; r == 0 && directory && (entry = readdir(directory));)
                r = known_add_name(list, entry->d_name, output);
        return r;
}

int known_collect(const struct locations *locations, struct store_known **ret, size_t *ret_count)
{
        struct known_list list = { NULL, 0, 0 };
        int r = known_add_directory(&list, locations->output, true);

        if (r == 0)
                r = known_add_directory(&list, locations->runs, false);
        if (r < 0) {
                free(list.items);
                return r;
        }
        *ret = list.items;
        *ret_count = list.count;
        return 0;
}
