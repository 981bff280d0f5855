/* SPDX-License-Identifier: MPL-2.0 */
/* What the preference files say, for the daemon itself and as a list of files for the zygote. */
#ifndef DAEMON_CONFIGURATION_H
#define DAEMON_CONFIGURATION_H

#include <stdbool.h>

#include "daemon/pool_settings.h"
#include "daemon/roles.h"
#include "daemon/settings.h"
#include "lib/error.h"

struct configuration {
        struct settings settings;
        struct pool_settings pools;
        struct roles roles;
        char *defaults;    /* the built-in file, which the runner reads by itself */
        char **site_files; /* those after it, in order; some may be absent */
};

/* Read all files. @report is called for each error (a file that cannot be read or parsed, a bad value);
 * returns how many there were: the rest is in force, with defaults for what was bad. -ENOMEM. */
int configuration_load(bool system, struct configuration *ret,
                       void (*report)(const struct error *error, void *data), void *data);
void configuration_done(struct configuration *configuration);

#endif
