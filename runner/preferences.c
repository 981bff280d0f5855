/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/preferences.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/paths.h"
#include "lib/util.h"

static void load(struct prefs *prefs, const char *path, enum pref_branch branch)
{
        struct error error = ERROR_INIT;

        if (!path)
                return;
        int r = prefs_load(prefs, path, branch, &error);
        if (r < 0 && r != -ENOENT)
                log_error("preferences: %s", error.text);
}

/* A file that somebody named is expected to be there. */
static void load_named(struct prefs *prefs, const char *path)
{
        if (access(path, F_OK) < 0)
                log_error("preferences: %s: %s", path, strerror(errno));
        else
                load(prefs, path, PREF_DEFAULT);
}

static void load_in(struct prefs *prefs, const char *directory, const char *name, enum pref_branch branch)
{
        _cleanup_free_ char *path = path_join(directory, name);

        load(prefs, path, branch);
}

void preferences_load_defaults(struct prefs *prefs, const char *data, const char *const *files)
{
        load_in(prefs, data, "defaults/backgroundtasks.js", PREF_DEFAULT);
        if (files) {
                for (; *files; files++)
                        load_named(prefs, *files);
                return;
        }
        const char *named = getenv("BGTASKD_PREFS");
        if (named && *named)
                load_named(prefs, named);
        else
                load(prefs, BG_SYSCONFDIR "/bgtaskd/prefs.js", PREF_DEFAULT);
        /* What an ordinary user sets for their own instance. */
        _cleanup_free_ char *user = geteuid() == 0 ? NULL : paths_user_prefs();
        load(prefs, user, PREF_DEFAULT);
}

void preferences_load_profile(struct prefs *prefs, const char *profile)
{
        load_in(prefs, profile, "prefs.js", PREF_USER);
        load_in(prefs, profile, "user.js", PREF_USER);
}

void preferences_save(struct prefs *prefs, const char *profile)
{
        struct error error = ERROR_INIT;

        _cleanup_free_ char *path = path_join(profile, "prefs.js");
        if (path && prefs_save(prefs, path, &error) < 0)
                log_error("preferences: %s", error.text);
}
