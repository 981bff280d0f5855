/* SPDX-License-Identifier: MPL-2.0 */
/* The command line of bgtask-runner. */
#ifndef RUNNER_OPTIONS_H
#define RUNNER_OPTIONS_H

#include <stdbool.h>

#include "lib/error.h"

enum options_mode {
        OPTIONS_RUN, /* --backgroundtask NAME */
        OPTIONS_ZYGOTE,
        OPTIONS_SANDBOX_REPORT,
        OPTIONS_WRITE_CACHE,
        OPTIONS_HELP,
        OPTIONS_VERSION,
};

/* Strings point into argv, or are malloc'd where said. */
struct options {
        enum options_mode mode;
        const char *task;
        char **args; /* malloc'd array of malloc'd strings: what is left for the task, normalised */
        const char *app_directory;
        const char **prefs_files; /* malloc'd array, NULL-terminated; NULL: none given */
        const char *cache_file;   /* OPTIONS_WRITE_CACHE */
        const char *profile;      /* --profile; NULL: not given */
        bool attach_console;
        bool sandbox;            /* --backgroundtask */
        bool no_network, no_jit; /* what a zygote's runs never have */
        bool no_sandbox;         /* --zygote: runs are not kept in */
};

/* 0, or -errno with @error saying what is wrong: -EINVAL is a usage error, -ENOENT a --profile without a
 * path (which Gecko treats as a profile that is not there), -EOPNOTSUPP a flag that this build does not serve. */
int options_parse(int argc, char **argv, struct options *ret, struct error *error);
void options_done(struct options *options);
/* malloc'd: the text of --help. */
char *options_help(void);

/* Arguments as nsICommandLine has them: "--x" becomes "-x", and "-x=y" two of them. malloc'd as strv_free()
 * wants it; NULL only when out of memory. */
char **options_normalise(char *const *args);

#endif
