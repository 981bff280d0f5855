/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Who may do what over the control socket. Each method has an action, each action a role that it needs (one table in
 * authorise.c), each peer a role: root's and the daemon's own user's is admin, others' is in the preferences
 * (roles.h). The rules are pure; the facts come from the kernel.
 */
#ifndef DAEMON_AUTHORISE_H
#define DAEMON_AUTHORISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/roles.h"

struct peer {
        uid_t uid; /* whom it acts for */
        gid_t gid;
        pid_t pid; /* 0: of a PID namespace that is not seen from here */
        enum role role;
        int64_t run_id; /* of a run that is a client; 0: none */
};

struct authority {
        bool system;
        uid_t uid; /* the daemon's own */
        gid_t socket_gid;
};

enum action {
        ACTION_SEE,
        ACTION_RUN,
        ACTION_CANCEL_OWN,
        ACTION_EDIT_SCHEDULES,
        ACTION_SEE_OTHERS,
        ACTION_ADMINISTER, /* the daemon itself: reload, backup, restart … */
        ACTION_COUNT,
};

bool authorise(const struct peer *peer, enum action action);
enum role action_role(enum action action);
/* In words, for PermissionDenied: "change schedules". */
const char *action_name(enum action action);

/* The role of a user who is in @groups, the primary one among them. */
enum role authority_role(const struct authority *authority, const struct roles *roles, uid_t uid,
                         const gid_t *groups, size_t group_count);
/* SO_PEERCRED and SO_PEERGROUPS of a connected socket, and the role that follows. */
int peer_of_socket(int fd, const struct authority *authority, const struct roles *roles, struct peer *ret);

#endif
