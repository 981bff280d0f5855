/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Pools as the preferences define them: bgtaskd.pools.NAME.weight, .maxRunning and .maxQueued.
 *
 * A pool exists when one of its preferences is set. The default one always does; its name is "default", and runs that
 * name no pool are in it.
 */
#ifndef DAEMON_POOL_SETTINGS_H
#define DAEMON_POOL_SETTINGS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/settings.h"
#include "lib/error.h"
#include "lib/prefs.h"
#include "lib/schedule_value.h"

#define POOL_SETTINGS_PREFIX "bgtaskd.pools."
#define POOL_DEFAULT "default"
#define POOLS_MAX 256

struct pool_setting {
        char name[SCHEDULE_POOL_NAME_MAX + 1];
        int32_t weight;      /* its share, 1 to 1000 */
        int32_t max_running; /* further runs wait; 0: none begins */
        int32_t max_queued;  /* further runs are refused */
};

struct pool_settings {
        struct pool_setting *pools; /* the default one, then the others by name */
        size_t count;
};

/* Take all from @prefs. Each error is reported and counted as by settings_load(); what is bad has its default then.
 * -ENOMEM. */
int pool_settings_load(const struct prefs *prefs, struct pool_settings *ret, settings_report report,
                       void *data);
void pool_settings_done(struct pool_settings *settings);
/* NULL or "" is the default one. NULL: it is not defined. */
const struct pool_setting *pool_settings_find(const struct pool_settings *settings, const char *name);
/* -EINVAL when it is not, with what pools there are. */
int pool_settings_check(const struct pool_settings *settings, const char *name, struct error *error);
void pool_settings_print(FILE *out);

#endif
