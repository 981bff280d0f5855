/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a sandbox consists of, in words. One table in sandbox_text.c has all of them: the text that status and records
 * show, `fs=mount+landlock7 net=netns+seccomp …`, and what Require= in a task file may name come from it.
 *
 * A facet is what is kept in; a mechanism is what keeps it. A facet without a mechanism is "none". bgtaskd.task(5)
 * tells users the words.
 */
#ifndef LIB_SANDBOX_TEXT_H
#define LIB_SANDBOX_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

#define SANDBOX_TEXT_MAX 256 /* with its NUL */

enum sandbox_mechanism {
        SANDBOX_FS_MOUNT,       /* a root of its own: what is not bound into it does not exist */
        SANDBOX_FS_LANDLOCK,    /* with the ABI that is used: landlock7 */
        SANDBOX_NET_NETNS,      /* a network namespace without a network */
        SANDBOX_NET_SECCOMP,    /* no sockets but those of this host's processes (AF_UNIX) */
        SANDBOX_NET_LANDLOCK,   /* no TCP */
        SANDBOX_NET_ALLOWED,    /* Network=yes */
        SANDBOX_CALLS_SECCOMP,  /* system calls that are on a list, no others */
        SANDBOX_CALLS_MDWE,     /* JIT=no: what was writable never becomes executable */
        SANDBOX_KILL_PIDNS,     /* all of it ends with its first process */
        SANDBOX_KILL_NOFORK,    /* there is only one process */
        SANDBOX_KILL_CGROUP,    /* cgroup.kill */
        SANDBOX_KILL_PDEATHSIG, /* it ends with the daemon; not when it is to be adopted */
        SANDBOX_LIMITS_RLIMIT,
        SANDBOX_LIMITS_CGROUP,
        SANDBOX_UID_USERNS,  /* a user namespace: no capability of its own outside of it */
        SANDBOX_UID_DROPPED, /* User= */
        SANDBOX_UID_SHARED,  /* the daemon's */
        SANDBOX_CAPS_DROPPED,
        SANDBOX_IPC_IPCNS,
        SANDBOX_CGROUP_V2,
        SANDBOX_MECHANISM_COUNT,
};

/* What is in force. */
struct sandbox {
        uint32_t mechanisms; /* 1 << enum sandbox_mechanism */
        unsigned landlock;   /* ABI */
};

void sandbox_add(struct sandbox *sandbox, enum sandbox_mechanism mechanism);
bool sandbox_has(const struct sandbox *sandbox, enum sandbox_mechanism mechanism);
/* One line, always complete. */
void sandbox_text(const struct sandbox *sandbox, char ret[static SANDBOX_TEXT_MAX]);
/* The other way, strictly. -EBADMSG: a text. */
int sandbox_parse(const char *text, struct sandbox *ret, struct error *error);
/* Whether @requirement is "FACET=MECHANISM", "+MECHANISM" as often as wanted; a number behind the last word is the least
 * that will do ("landlock4"). -EINVAL: a text that says what was expected. */
int sandbox_requirement_check(const char *requirement, struct error *error);
/* Whether all of @require (NULL: nothing) is in force. -EINVAL as above; -EPERM: a text that names what is required and
 * what is in force. */
int sandbox_require(const struct sandbox *sandbox, char *const *require, struct error *error);

#endif
