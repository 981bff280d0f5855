/* SPDX-License-Identifier: MPL-2.0 */
/* The command line of bgtaskd. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/log.h"

enum options_action {
        OPTIONS_SERVE,
        OPTIONS_CHECK,
        OPTIONS_RESTORE,
        OPTIONS_PREFERENCES,
        OPTIONS_VERSION,
        OPTIONS_HELP,
};

/* Strings point into argv; NULL: the default. */
struct options {
        enum options_action action;
        bool system; /* the instance; by default that of root's is the system's */
        const char *state_directory;
        const char *runtime_directory;
        const char *socket;
        const char *app_directory;
        const char *runner;
        const char *restore; /* of OPTIONS_RESTORE: a file, or "latest" */
        enum log_level log_level;
};

/* -EINVAL: said on stderr what is wrong. */
int options_parse(int argc, char **argv, struct options *ret);
void options_print_help(FILE *out);

#endif
