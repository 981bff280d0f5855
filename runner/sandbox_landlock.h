/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Landlock: the kernel's own list of what a process and all that it starts may touch of the file system, needing
 * no privilege. What it covers grows with its ABI; of ABI 1 to 7 all is used that the running kernel has:
 *
 *   1  reading, executing, writing, making and removing files      4  binding and connecting TCP sockets
 *   2  moving files between directories (before: always refused)   5  ioctl on devices
 *   3  truncating                                                  6  abstract Unix sockets and signals outside
 *                                                                  7  what of it goes to the audit log
 *
 * Not covered by any: stat, chdir, chmod, UDP, connecting to a Unix socket that has a path.
 */
#ifndef RUNNER_SANDBOX_LANDLOCK_H
#define RUNNER_SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

#define LANDLOCK_ABSENT 1 /* outcome: the kernel has none, or it is not enabled */

enum landlock_access {
        LANDLOCK_READ,         /* files and directories below */
        LANDLOCK_READ_EXECUTE, /* the same, and run what is there, map libraries */
        LANDLOCK_READ_WRITE,   /* the same as READ, and make, change, move and remove; no device nodes */
        LANDLOCK_ALL,          /* READ_WRITE and execute */
};

struct landlock_rule {
        const char *path; /* a directory with all below it, or a file; NULL: what @fd is */
        int fd;
        enum landlock_access access;
        bool optional; /* may be absent */
};

struct landlock_policy {
        const struct landlock_rule *rules;
        size_t count;
        bool network;       /* else no TCP port is bound or connected to (ABI 4) */
        bool abstract_unix; /* else no abstract Unix socket from outside (ABI 6) */
};

/* The ABI that is used: of this kernel, 1 and up; 0: none. Asked once. */
int landlock_abi(void);
/* Apply it to the calling thread, which must have no_new_privs, for good. 0; LANDLOCK_ABSENT; or -errno: a
 * rule's path that is not there and not optional, and the like: nothing is in force then. */
int landlock_apply(const struct landlock_policy *policy, struct error *error);

#endif
