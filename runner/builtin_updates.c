/* SPDX-License-Identifier: MPL-2.0 */
/* native.updates: whether another instance of the application is running (nsIUpdateSyncManager). */
#include "config.h"

#include "runner/builtin.h"
#include "runner/updates.h"

/* lock(path): be one of the instances whose lock is at @path, "": of this installation. 0 or a negative errno. */
static eng_val updates_js_lock(eng *e, eng_args *args, void *data)
{
        const char *path;

        if (!eng_args_get(e, args, "lock", "s", &path))
                return NULL;
        return eng_number(e, updates_lock(*path ? path : NULL));
}

/* hasOthers(): a boolean, or a negative errno. */
static eng_val updates_js_has_others(eng *e, eng_args *args, void *data)
{
        int r = updates_has_others();

        return r < 0 ? eng_number(e, r) : eng_bool(r == 1);
}

static const struct builtin_function updates_functions[] = {
        { "lock", 1, updates_js_lock },
        { "hasOthers", 0, updates_js_has_others },
        { NULL, 0, NULL },
};

static eng_val updates_create(struct host *host, eng *e)
{
        return builtin_object(host, e, updates_functions);
}

const struct builtin builtin_updates = { "updates", updates_create };
