/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The calls that a run may make: a list of what is allowed, compiled once by the zygote and installed in each
 * child as the last layer (seccomp). What is not on the list fails, with an errno that libraries expect, and is
 * told as a denial (denial.h): in the run itself through SIGSYS, in a run that may start programs through a
 * thread that the kernel asks. Another architecture's calls (i386, x32) end the process.
 *
 * That thread is asked about files, too: what a program is refused there is Landlock's and the mounts' doing, which tell
 * nobody. It says "go on" in any case, and whether it looks in time is of no consequence but for the record.
 */
#ifndef RUNNER_SANDBOX_CALLS_H
#define RUNNER_SANDBOX_CALLS_H

#include <stdbool.h>

#include "lib/error.h"

enum calls_flag {
        CALLS_NETWORK = 1,    /* sockets of the Internet */
        CALLS_UNIX = 2,       /* Unix sockets: the task is a client, or a mount namespace hides all others */
        CALLS_SUBPROCESS = 4, /* fork, exec and what programs need; never namespaces, mounts, tracing */
        CALLS_JIT = 8,        /* memory that was writable may become executable */
        /* kill() and its kind: a PID namespace (or Landlock, ABI 6) keeps all others away; else a run may signal itself
         * alone. */
        CALLS_SIGNALS = 16,
        /* To change modes, owners, times and attributes, and to watch, by name. Landlock lets that pass, so only where a
         * mount namespace keeps all other files away. */
        CALLS_PATHS = 32,
        /* The same of open files: where those that can be opened for reading alone are not the run's own. */
        CALLS_OWNERS = 64,
        CALLS_TRUNCATE = 128, /* files by name; before ABI 3 Landlock lets that pass, too */
        /* With CALLS_SUBPROCESS: what programs ask the kernel about files is looked at before it answers. */
        CALLS_FILES = 256,
        CALLS_ALL = 511,
};

#define CALLS_ABSENT 1 /* outcome: the kernel has no seccomp filters */

/* Whether the kernel has filters with all that is used here. Asked by trying. */
bool calls_supported(void);
/* Compile the filters for @fixed together with each subset of @varying, before any thread. 0, CALLS_ABSENT or
 * -errno. Once a process. */
int calls_prepare(unsigned fixed, unsigned varying, struct error *error);
/* Install one of those (else it is compiled here) for the whole process, for good; it must have no_new_privs.
 * Compilation apart, it needs nothing but seccomp() itself. With CALLS_SUBPROCESS it starts a thread. After
 * denial_start(). 0, CALLS_ABSENT or -errno. */
int calls_install(unsigned flags, struct error *error);
#define CALLS_MDWE_ABSENT 1 /* outcome: older than Linux 6.3; the filter without CALLS_JIT does most of it */

/* No memory that was ever writable becomes executable in this process and those it starts. 0, CALLS_MDWE_ABSENT,
 * -errno. Not with the engine's JIT. */
int calls_mdwe(void);

#endif
