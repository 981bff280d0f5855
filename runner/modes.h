/* SPDX-License-Identifier: MPL-2.0 */
/* What bgtask-runner can be: one task here, a daemon's zygote, a writer of the startup cache. */
#ifndef RUNNER_MODES_H
#define RUNNER_MODES_H

#include "lib/wire.h"
#include "runner/host.h"
#include "runner/options.h"
#include "runner/profile.h"

/* The whole program; main() calls it and nothing else. Returns only what a shell should see. */
int runner_main(int argc, char **argv);

int direct_run(const struct options *options);
int zygote_run(const struct options *options);
/* --sandbox-report: one line, what a run of such a zygote would have in force (lib/sandbox_text.h). */
int zygote_report(const struct options *options);

/* What a run is given. */
struct child_descriptors {
        const int *fds; /* WIRE_FD_COUNT of them */
        int cgroup_fd;  /* the directory that it was cloned into; -1: none */
};

/* In a zygote's child, first thing: set up and run @start to the end. */
_Noreturn void child_run(struct host *host, const struct wire_start *start,
                         const struct child_descriptors *given);

/* Run the task of a host that is complete but for its loop, and leave with its code. */
_Noreturn void run_and_leave(struct host *host, struct profile *profile);
/* Leave without having run: say why, in the profile's stage or another. */
_Noreturn void run_not_started(struct host *host, struct profile *profile, const char *stage,
                               const struct error *error);
/* Standard output and error to /dev/null for the tasks whose output nobody wants (unless @args, which
 * lose what says it, or the environment say otherwise). 0 or -errno. */
int run_silence(const char *task, char **args);

#endif
