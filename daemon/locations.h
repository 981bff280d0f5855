/* SPDX-License-Identifier: MPL-2.0 */
/* The directories and files of this instance, all absolute. */
#ifndef DAEMON_LOCATIONS_H
#define DAEMON_LOCATIONS_H

#include <stdbool.h>

#include "daemon/options.h"
#include "lib/error.h"

struct locations {
        char *state;   /* 0700: database, output, persistent profiles */
        char *runtime; /* socket, ephemeral profiles, runs under way */
        char *socket;
        char *app; /* resource:///; NULL: the runner's default */
        char *runner;
        char *output;     /* STATE/output */
        char *persistent; /* STATE/profiles */
        char *backups;    /* STATE/backups: made by the store */
        char *ephemeral;  /* RUNTIME/profiles */
        char *runs;       /* RUNTIME/runs: lib/run_file.h */
        char *gre;        /* DATA/gre */
};

/* Where everything is; touches nothing. -EINVAL with a text that says how to name what cannot be known. */
int locations_find(const struct options *options, struct locations *ret, struct error *error);
/* Check all of them, then make those that are absent. -EPERM: others can get at one of them, at what is in it, or at a
 * directory on the way to it; nothing has been made then. */
int locations_make(const struct locations *locations, bool system, struct error *error);
/* The same checks on what exists, making nothing. */
int locations_check(const struct locations *locations, struct error *error);
void locations_done(struct locations *locations);

#endif
