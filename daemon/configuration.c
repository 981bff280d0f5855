/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/configuration.h"

#include <errno.h>
#include <fcntl.h>
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
        const struct configuration *configuration;
};

/* ---- where a preference is set ---- */

struct position {
        const char *name;
        const char *file; /* of the last statement; NULL: none so far */
        unsigned line, column;
        const char *reading;
};

static int position_each(const struct pref_declaration *declaration, void *data)
{
        struct position *position = data;

        if (strcmp(declaration->name, position->name) != 0)
                return 0;
        position->file = position->reading;
        position->line = declaration->line;
        position->column = declaration->column;
        return 0;
}

static void position_read(struct position *position, const char *file)
{
        _cleanup_free_ char *text = NULL;
        size_t size;

        position->reading = file;
        if (file_read(AT_FDCWD, file, PREF_FILE_MAX, &text, &size) == 0)
                (void)pref_file_parse(file, text, size, position_each, position, NULL);
}

/* What is wrong with a value is said with its place; the files are read once more for that. */
static void report_setting(const char *name, const struct error *error, void *data)
{
        const struct report *report = data;
        struct position position = { .name = name };
        struct error placed = *error;

        position_read(&position, report->configuration->defaults);
        for (char **file = report->configuration->site_files; *file; file++)
                position_read(&position, *file);
        if (position.file)
                error_prefix(&placed, "%s:%u:%u", position.file, position.line, position.column);
        report->call(&placed, report->data);
}

/* ---- reading ---- */

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
        struct report to = { report, data, &configuration };
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
        errors += settings_load(prefs, &configuration.settings, report_setting, &to);
        int r = pool_settings_load(prefs, &configuration.pools, report_setting, &to);
        if (r >= 0) {
                errors += r;
                r = roles_load(prefs, system, &configuration.roles, report_setting, &to);
        }
        if (r < 0) {
                configuration_done(&configuration);
                return r;
        }
        errors += r;
        *ret = configuration;
        return errors;
}

void configuration_done(struct configuration *configuration)
{
        free(configuration->defaults);
        strv_free(configuration->site_files);
        pool_settings_done(&configuration->pools);
        roles_done(&configuration->roles);
        *configuration = (struct configuration){ 0 };
}
