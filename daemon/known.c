/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/known.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/output_format.h"
#include "lib/cleanup.h"
#include "lib/run_file.h"
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

/* Of output, and of runs' own files; all else is not ours. */
static int known_add_name(struct known_list *list, const char *name, bool output)
{
        enum run_file_kind kind;
        int64_t id, epoch;

        if (output)
                return output_name_parse(name, &id) ? known_add(list, id, 0) : 0;
        return run_file_name_parse(name, &id, &epoch, &kind) && kind == RUN_FILE_STATE
                       ? known_add(list, id, epoch)
                       : 0;
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
