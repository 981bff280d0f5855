/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/prefs.h"
#include "lib/util.h"

CLEANUP_DEFINE(struct prefs, prefs_free);

static int configuration_list_files(bool system, struct configuration *configuration)
{
        const char *replacement = getenv("BGTASKD_PREFS");
        bool replaced = replacement && replacement[0];
        size_t n = 0;

        configuration->defaults = path_join(paths_data_directory(), "defaults/backgroundtasks.js");
        configuration->site_files = calloc(3, sizeof(char *));
        if (!configuration->defaults || !configuration->site_files)
                return -ENOMEM;
        char *site = strdup(replaced ? replacement : SYSCONFDIR "/bgtaskd/prefs.js");
        if (!site)
                return -ENOMEM;
        configuration->site_files[n++] = site;
        if (!system) {
                char *user = paths_user_prefs();
                if (user)
                        configuration->site_files[n++] = user;
        }
        return 0;
}

struct report {
        void (*call)(const struct error *error, void *data);
        void *data;
};

static int configuration_read(struct prefs *prefs, const char *file, bool required,
                              const struct report *report)
{
        struct error error = ERROR_INIT;
        int r = prefs_load(prefs, file, PREF_DEFAULT, &error);

        if (r == 0 || (r == -ENOENT && !required))
                return 0;
        if (!error.text[0])
                error_set_errno(&error, -r, "%s", file);
        report->call(&error, report->data);
        return 1;
}

int configuration_load(bool system, struct configuration *ret,
                       void (*report)(const struct error *error, void *data), void *data)
{
        struct configuration configuration = { 0 };
        const struct report to = { report, data };
        _cleanup_(prefs_free_cleanup) struct prefs *prefs = prefs_new();
        int errors = 0;

        if (!prefs || configuration_list_files(system, &configuration) < 0) {
                configuration_done(&configuration);
                return -ENOMEM;
        }
        errors += configuration_read(prefs, configuration.defaults, false, &to);
        for (size_t i = 0; configuration.site_files[i]; i++)
                errors += configuration_read(prefs, configuration.site_files[i],
                                             i == 0 && getenv("BGTASKD_PREFS"), &to);
        errors += settings_load(prefs, &configuration.settings, report, data);
        *ret = configuration;
        return errors;
}

void configuration_done(struct configuration *configuration)
{
        free(configuration->defaults);
        strv_free(configuration->site_files);
        *configuration = (struct configuration){ 0 };
}
