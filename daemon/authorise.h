/* SPDX-License-Identifier: MPL-2.0 */
/* Who may do what over the control socket. The rules are pure; the facts come from the kernel. */
#ifndef DAEMON_AUTHORISE_H
#define DAEMON_AUTHORISE_H

#include <stdbool.h>
#include <sys/types.h>

struct peer {
        uid_t uid;
        gid_t gid;
        pid_t pid;
        bool in_group; /* of the socket's group, by its primary or a supplementary one */
};

struct authority {
        bool system; /* of the system's instance: members of the socket's group are served */
        uid_t uid;   /* the daemon's own */
        gid_t socket_gid;
};

enum action {
        ACTION_SEE,
        ACTION_RUN,
        ACTION_CANCEL_OWN,
        ACTION_CANCEL_OTHER,
        ACTION_EDIT_SCHEDULES,
        ACTION_COUNT,
};

bool authorise(const struct authority *authority, const struct peer *peer, enum action action);
/* In words, for PermissionDenied: "cancel another user's run". */
const char *action_name(enum action action);
/* SO_PEERCRED and SO_PEERGROUPS of a connected socket. */
int peer_of_socket(int fd, const struct authority *authority, struct peer *ret);

#endif
