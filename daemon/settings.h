/* SPDX-License-Identifier: MPL-2.0 */
/* The daemon's preferences: one table with name, type, range, default and help. */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdint.h>
#include <stdio.h>

#include "lib/error.h"
#include "lib/prefs.h"

enum setting {
        SETTING_RUNS_MAX_RUNNING,        /* bgtaskd.runs.maxRunning */
        SETTING_RUNS_MAX_QUEUED,         /* bgtaskd.runs.maxQueued */
        SETTING_SCHEDULES_MAX,           /* bgtaskd.schedules.max */
        SETTING_RUNS_MAX_QUEUED_PER_UID, /* of a user who is not admin */
        SETTING_RUNS_GRACE_SEC,          /* bgtaskd.runs.graceSec: behind a run's own timeout; TERM to KILL */
        SETTING_RUNS_MAX_RUNTIME_SEC,    /* bgtaskd.runs.maxRuntimeSec: the daemon's deadline for any run */
        SETTING_OUTPUT_MAX_KIB,          /* bgtaskd.output.maxKiB */
        SETTING_RETENTION_MAX_SUCCESSES, /* bgtaskd.retention.maxSuccesses */
        SETTING_RETENTION_MAX_FAILURES,
        SETTING_RETENTION_SUCCESS_DAYS,
        SETTING_RETENTION_FAILURE_DAYS,
        SETTING_RETENTION_MAX_OUTPUT_MIB,
        SETTING_RETENTION_LEDGER_DAYS,
        SETTING_RETENTION_MAX_LEDGER_ROWS,
        SETTING_ZYGOTE_IDLE_SEC, /* bgtaskd.zygote.idleSec */
        SETTING_ZYGOTE_MAX_RUNS, /* bgtaskd.zygote.maxRuns: started anew after so many */
        SETTING_ZYGOTE_MAX_AGE_SEC,
        SETTING_ZYGOTE_MAX_GROWTH_MIB,
        SETTING_SANDBOX_ENABLED,    /* bgtaskd.sandbox.enabled */
        SETTING_STORE_AUTO_RESTORE, /* bgtaskd.store.autoRestore */
        SETTING_BACKUP_EVERY_HOURS, /* bgtaskd.backup.everyHours; 0: never */
        SETTING_BACKUP_KEEP,        /* bgtaskd.backup.keep */
        SETTING_CONTROL_MAX_CONNECTIONS,
        SETTING_CONTROL_MAX_CONNECTIONS_PER_UID,
        SETTING_CONTROL_MAX_MIB_PER_UID,
        SETTING_CONTROL_TURN_US,
        SETTING_COUNT,
};

struct setting_description {
        const char *name;
        enum pref_type type;
        int32_t min, max, fallback; /* PREF_BOOL: 0, 1 and one of them */
        const char *unit;
        const char *help;
};

extern const struct setting_description setting_table[SETTING_COUNT];

struct settings {
        int32_t values[SETTING_COUNT];
};

/* Called for each error, with the name of the preference that is wrong. */
typedef void (*settings_report)(const char *name, const struct error *error, void *data);

/* Take all from @prefs. A value of the wrong type or out of range is an error that names it, with what was
 * expected; *ret then has the default for it. Unknown bgtaskd.* names are errors as well, except those of roles.h and
 * pool_settings.h.
 * Returns how many. */
int settings_load(const struct prefs *prefs, struct settings *ret, settings_report report, void *data);
void settings_print(FILE *out);

#endif
