/* SPDX-License-Identifier: MPL-2.0 */
/* What direct mode with and without --sandbox share. */
#ifndef RUNNER_DIRECT_H
#define RUNNER_DIRECT_H

#include "lib/error.h"
#include "runner/host.h"
#include "runner/options.h"
#include "runner/profile.h"

/* The policy of host->task from its file, if it has one, into host->policy. 0 or -errno. */
int direct_read_file(struct host *host, struct error *error);
/* malloc'd path of the file that @task has; NULL: none. */
char *direct_find_file(const char *task);
/* malloc'd path of the profile that the user named, by XRE_PROFILE_PATH or else --profile; NULL: none. The variable is for
 * this process: those that it starts do not get it. */
char *direct_profile_given(const struct options *options);
/* Run the task of @host, whose directories and policy are there and whose engine is not, kept in as its policy says. */
_Noreturn void direct_run_sandboxed(const struct options *options, struct host *host,
                                    struct profile *profile);

#endif
