/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/settings.h"

#include <errno.h>
#include <string.h>

#include "daemon/pool_settings.h"
#include "daemon/roles.h"
#include "lib/util.h"

#define SETTING_PREFIX "bgtaskd."
#define SETTING_PREFIX_RUNNER "bgtaskd.app." /* what the application is, for the tasks */

const struct setting_description setting_table[SETTING_COUNT] = {
        [SETTING_RUNS_MAX_RUNNING] = { "bgtaskd.runs.maxRunning", PREF_INT, 1, 1024, 4, "runs",
                                       "How many runs may be in progress at a time; further ones wait in the queue." },
        [SETTING_RUNS_MAX_QUEUED] = { "bgtaskd.runs.maxQueued", PREF_INT, 1, 1000000, 10000, "runs",
                                      "How many runs may wait; further requests are refused." },
        [SETTING_SCHEDULES_MAX] = { "bgtaskd.schedules.max", PREF_INT, 1, 10000000, 1000000, "schedules",
                                    "How many schedules may exist." },
        [SETTING_RUNS_MAX_QUEUED_PER_UID] = { "bgtaskd.runs.maxQueuedPerUid", PREF_INT, 1, 1000000, 5000,
                                              "runs",
                                              "How many runs of one user may wait, unless that is admin." },
        [SETTING_RUNS_GRACE_SEC] = { "bgtaskd.runs.graceSec", PREF_INT, 1, 3600, 10, "seconds",
                                     "How long a run may go on after SIGTERM, and after its own timeout." },
        [SETTING_RUNS_MAX_RUNTIME_SEC] = { "bgtaskd.runs.maxRuntimeSec", PREF_INT, 1, 31536000, 86400,
                                           "seconds",
                                           "The deadline of any run, whatever timeout the task has set." },
        [SETTING_OUTPUT_MAX_KIB] = { "bgtaskd.output.maxKiB", PREF_INT, 4, 1048576, 1024, "KiB",
                                     "How much of a run's output is kept: the first and the last half of it." },
        [SETTING_RETENTION_MAX_SUCCESSES] = { "bgtaskd.retention.maxSuccesses", PREF_INT, 0, 10000000, 2000,
                                              "runs", "How many successful runs the history keeps." },
        [SETTING_RETENTION_MAX_FAILURES] = { "bgtaskd.retention.maxFailures", PREF_INT, 0, 10000000, 10000,
                                             "runs",
                                             "How many runs that ended otherwise the history keeps." },
        [SETTING_RETENTION_SUCCESS_DAYS] = { "bgtaskd.retention.successDays", PREF_INT, 1, 36500, 14, "days",
                                             "How long the history keeps a successful run." },
        [SETTING_RETENTION_FAILURE_DAYS] = { "bgtaskd.retention.failureDays", PREF_INT, 1, 36500, 90, "days",
                                             "How long the history keeps a run that ended otherwise." },
        [SETTING_RETENTION_MAX_OUTPUT_MIB] = { "bgtaskd.retention.maxOutputMiB", PREF_INT, 1, 1048576, 256,
                                               "MiB",
                                               "How much output of all ended runs together is kept; beyond it the "
                                               "oldest runs are removed, successful ones first." },
        [SETTING_RETENTION_LEDGER_DAYS] = { "bgtaskd.retention.ledgerDays", PREF_INT, 1, 36500, 400, "days",
                                            "How long the ledger keeps what became of a schedule's times." },
        [SETTING_RETENTION_MAX_LEDGER_ROWS] = { "bgtaskd.retention.maxLedgerRows", PREF_INT, 1, 100000000,
                                                1000000, "rows", "How many rows the ledger keeps." },
        [SETTING_ZYGOTE_IDLE_SEC] = { "bgtaskd.zygote.idleSec", PREF_INT, 0, 86400, 60, "seconds",
                                      "How long the prepared engine process stays without work; 0: it stays for good." },
        [SETTING_ZYGOTE_MAX_RUNS] = { "bgtaskd.zygote.maxRuns", PREF_INT, 1, 100000000, 1000, "runs",
                                      "After how many runs the prepared engine process is started anew." },
        [SETTING_ZYGOTE_MAX_AGE_SEC] = { "bgtaskd.zygote.maxAgeSec", PREF_INT, 1, 86400, 600, "seconds",
                                         "At what age the prepared engine process is started anew, when it is used." },
        [SETTING_ZYGOTE_MAX_GROWTH_MIB] = { "bgtaskd.zygote.maxGrowthMiB", PREF_INT, 1, 65536, 16, "MiB",
                                            "By how much the prepared engine process may grow before it is started "
                                            "anew." },
        [SETTING_SANDBOX_ENABLED] = { "bgtaskd.sandbox.enabled", PREF_BOOL, 0, 1, 1, "",
                                      "Whether runs are kept to what their task files allow. Off is for measuring "
                                      "and for emergencies: a task may then do all that the daemon's user may." },
        [SETTING_STORE_AUTO_RESTORE] = { "bgtaskd.store.autoRestore", PREF_BOOL, 0, 1, 1, "",
                                         "Whether a damaged or missing database is replaced by the newest good backup "
                                         "and what can be read of the old one; off: the daemon does not start then." },
        [SETTING_BACKUP_EVERY_HOURS] = { "bgtaskd.backup.everyHours", PREF_INT, 0, 8760, 24, "hours",
                                         "How often the store is backed up when something has changed; 0: never." },
        [SETTING_BACKUP_KEEP] = { "bgtaskd.backup.keep", PREF_INT, 1, 1000, 7, "backups",
                                  "How many backups are kept; the last from before a change of the schema stays "
                                  "besides." },
        [SETTING_CONTROL_MAX_CONNECTIONS] = { "bgtaskd.control.maxConnections", PREF_INT, 8, 65536, 2048,
                                              "connections",
                                              "How many clients may be connected to the control socket." },
        [SETTING_CONTROL_MAX_CONNECTIONS_PER_UID] = { "bgtaskd.control.maxConnectionsPerUid", PREF_INT, 4,
                                                      65536, 1536, "connections",
                                                      "How many clients of one user may be connected." },
        [SETTING_CONTROL_MAX_MIB_PER_UID] = { "bgtaskd.control.maxMiBPerUid", PREF_INT, 8, 65536, 128, "MiB",
                                              "How much the calls and answers of one user may take that are not "
                                              "yet read or taken." },
        [SETTING_CONTROL_TURN_US] = { "bgtaskd.control.turnUs", PREF_INT, 100, 100000, 1000, "microseconds",
                                      "How long the calls of one user are answered before it is another's turn." },
};

static const char *const type_names[] = {
        [PREF_NONE] = "nothing",
        [PREF_STRING] = "a string",
        [PREF_INT] = "an integer",
        [PREF_BOOL] = "a boolean",
};

/* The value in force, or the default with *error set. */
static int32_t setting_take(const struct setting_description *setting, const struct prefs *prefs,
                            struct error *error)
{
        struct pref_value value;
        if (!prefs_get(prefs, setting->name, PREF_USER, &value))
                return setting->fallback;

        if (value.type == PREF_BOOL && setting->type == PREF_BOOL)
                return value.boolean;
        if (setting->type == PREF_BOOL)
                error_set(error, EINVAL, "%s is %s; expected true or false; using %s", setting->name,
                          type_names[value.type], setting->fallback ? "true" : "false");
        else if (value.type != setting->type)
                error_set(error, EINVAL, "%s is %s; expected %s from %d to %d (%s); using %d", setting->name,
                          type_names[value.type], type_names[setting->type], setting->min, setting->max,
                          setting->unit, setting->fallback);
        else if (value.integer < setting->min || value.integer > setting->max)
                error_set(error, ERANGE, "%s is %d; expected %d to %d (%s); using %d", setting->name,
                          value.integer, setting->min, setting->max, setting->unit, setting->fallback);
        else
                return value.integer;
        return setting->fallback;
}

static bool setting_is_known(const char *name)
{
        if (strncmp(name, SETTING_PREFIX_RUNNER, strlen(SETTING_PREFIX_RUNNER)) == 0 ||
            strncmp(name, ROLES_PREFIX, strlen(ROLES_PREFIX)) == 0 ||
            strncmp(name, POOL_SETTINGS_PREFIX, strlen(POOL_SETTINGS_PREFIX)) == 0)
                return true;
        for (size_t i = 0; i < SETTING_COUNT; i++)
                if (strcmp(setting_table[i].name, name) == 0)
                        return true;
        return false;
}

int settings_load(const struct prefs *prefs, struct settings *ret, settings_report report, void *data)
{
        int errors = 0;

        for (size_t i = 0; i < SETTING_COUNT; i++) {
                struct error error = ERROR_INIT;
                ret->values[i] = setting_take(&setting_table[i], prefs, &error);
                if (!error.code)
                        continue;
                errors++;
                report(setting_table[i].name, &error, data);
        }

        char **names = prefs_names(prefs, SETTING_PREFIX);
        for (char **name = names; name && *name; name++) {
                if (setting_is_known(*name))
                        continue;
                struct error error = ERROR_INIT;
                error_set(&error, ENOENT, "%s is not a preference of bgtaskd; bgtaskd(8) lists them", *name);
                errors++;
                report(*name, &error, data);
        }
        strv_free(names);
        return errors;
}

void settings_print(FILE *out)
{
        for (size_t i = 0; i < SETTING_COUNT; i++) {
                const struct setting_description *setting = &setting_table[i];
                if (setting->type == PREF_BOOL)
                        fprintf(out, "%s = %s    (true or false)\n    %s\n", setting->name,
                                setting->fallback ? "true" : "false", setting->help);
                else
                        fprintf(out, "%s = %d    (%d to %d %s)\n    %s\n", setting->name, setting->fallback,
                                setting->min, setting->max, setting->unit, setting->help);
        }
}
