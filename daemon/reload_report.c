/* SPDX-License-Identifier: MPL-2.0 */
/* What a reload tells, and the preferences, of which it tells all that it does. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/reload_internal.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/schedule_definition.h"
#include "lib/util.h"

int reload_report_init(struct reload_job *job)
{
        job->report = (struct reload_report){
                .changes = json_array(),
                .preferences = json_array(),
                .errors = json_array(),
                .preferences_errors = json_array(),
        };
        if (job->report.changes && job->report.preferences && job->report.errors &&
            job->report.preferences_errors)
                return 0;
        reload_report_done(job);
        return -ENOMEM;
}

void reload_report_done(struct reload_job *job)
{
        json_decref(job->report.changes);
        pool_settings_done(&job->pools);
        json_decref(job->report.preferences);
        json_decref(job->report.errors);
        json_decref(job->report.preferences_errors);
        job->report = (struct reload_report){ 0 };
}

/* The @count-th of them. What has no room is counted in the last line. */
static void line_add(json_t *lines, size_t count, const char *line)
{
        _cleanup_free_ char *more = NULL;

        if (count < RELOAD_ERRORS_MAX) {
                json_array_append_new(lines, json_string(line));
                return;
        }
        more = format_string("and %zu more", count - RELOAD_ERRORS_MAX + 2);
        if (more)
                json_array_set_new(lines, RELOAD_ERRORS_MAX - 1, json_string(more));
}

void reload_complain(struct reload_job *job, const char *line)
{
        if (!job->dry)
                log_error("%s", line);
        line_add(job->report.errors, job->error_count++, line);
}

/* ---- keys ---- */

json_t *reload_keys(const char *before, const char *after)
{
        struct schedule_definition old, new;
        struct error error = ERROR_INIT;
        json_t *keys = json_array();
        int r = 0;

        /* One of another version may not be readable any more: then it is all new. */
        if (schedule_definition_parse(before, &old, &error) < 0)
                schedule_definition_init(&old);
        if (schedule_definition_parse(after, &new, &error) < 0)
                schedule_definition_init(&new);
        for (size_t i = 0; keys && r == 0 && i < schedule_definition_keys(); i++) {
                _cleanup_free_ char *was = schedule_definition_value(&old, i);
                _cleanup_free_ char *is = schedule_definition_value(&new, i);
                if (!was || !is)
                        r = -ENOMEM;
                else if (strcmp(was, is) != 0)
                        r = json_array_append_new(keys, json_string(schedule_definition_key(i)));
        }
        schedule_definition_done(&old);
        schedule_definition_done(&new);
        if (r == 0)
                return keys;
        json_decref(keys);
        return NULL;
}

/* ---- preferences ---- */

static void preferences_complain(const struct error *error, void *data)
{
        struct reload_job *job = data;

        if (!job->dry)
                log_error("%s", error->text);
        line_add(job->report.preferences_errors, json_array_size(job->report.preferences_errors),
                 error->text);
}

static void preference_tell(struct reload_job *job, const char *name, int32_t from, int32_t to)
{
        if (from != to)
                json_array_append_new(job->report.preferences, json_pack("{s:s, s:i, s:i}", "name", name,
                                                                         "from", (int)from, "to", (int)to));
}

static void pool_compare(struct reload_job *job, const struct pool_setting *from,
                         const struct pool_setting *to)
{
        const struct {
                const char *name;
                int32_t from, to;
        } values[] = {
                { "weight", from->weight, to->weight },
                { "maxRunning", from->max_running, to->max_running },
                { "maxQueued", from->max_queued, to->max_queued },
        };

        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
                _cleanup_free_ char *name = format_string("%s%s.%s", POOL_SETTINGS_PREFIX, from->name,
                                                          values[i].name);
                if (name)
                        preference_tell(job, name, values[i].from, values[i].to);
        }
}

/* A pool that is in one of them alone is to the other what the default one is. */
static void pools_compare(struct reload_job *job, const struct pool_settings *old,
                          const struct pool_settings *new)
{
        for (size_t i = 0; i < old->count; i++) {
                struct pool_setting to = *new->pools;
                const struct pool_setting *found = pool_settings_find(new, old->pools[i].name);
                pool_compare(job, &old->pools[i], found ? found : &to);
        }
        for (size_t i = 0; i < new->count; i++)
                if (!pool_settings_find(old, new->pools[i].name)) {
                        struct pool_setting from = *old->pools;
                        snprintf(from.name, sizeof(from.name), "%s", new->pools[i].name);
                        pool_compare(job, &from, &new->pools[i]);
                }
}

static void preferences_compare(struct reload_job *job, const struct settings *old,
                                const struct settings *new)
{
        for (size_t i = 0; i < SETTING_COUNT; i++)
                preference_tell(job, setting_table[i].name, old->values[i], new->values[i]);
}

void reload_preferences(struct reload_job *job)
{
        struct daemon *daemon = job->daemon;
        struct configuration configuration = { 0 };
        int errors = configuration_load(daemon->options->system, &configuration, preferences_complain, job);

        if (errors < 0) {
                const struct error error = { ENOMEM, "out of memory" };
                preferences_complain(&error, job);
        }
        if (errors == 0) {
                preferences_compare(job, &daemon->configuration.settings, &configuration.settings);
                pools_compare(job, &daemon->configuration.pools, &configuration.pools);
        }
        if (errors == 0 && !job->dry) {
                daemon_configure(daemon, &configuration);
                log_notice("the preferences are reloaded");
                return;
        }
        if (errors == 0) {
                job->pools = configuration.pools;
                configuration.pools = (struct pool_settings){ 0 };
        }
        if (!job->dry)
                log_error("the preferences are not reloaded: those from before stay in force");
        if (errors >= 0)
                configuration_done(&configuration);
}
