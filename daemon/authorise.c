/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/authorise.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/cleanup.h"

bool authorise(const struct authority *authority, const struct peer *peer, enum action action)
{
        if (peer->uid == 0 || peer->uid == authority->uid)
                return true;
        if (!authority->system || !peer->in_group)
                return false;
        switch (action) {
        case ACTION_SEE:
        case ACTION_RUN:
        case ACTION_CANCEL_OWN:
                return true;
        case ACTION_CANCEL_OTHER:
        case ACTION_EDIT_SCHEDULES:
        case ACTION_COUNT:
                return false;
        }
        return false;
}

const char *action_name(enum action action)
{
        switch (action) {
        case ACTION_SEE:
                return "see runs, tasks and schedules";
        case ACTION_RUN:
                return "run tasks";
        case ACTION_CANCEL_OWN:
                return "cancel runs";
        case ACTION_CANCEL_OTHER:
                return "cancel another user's run";
        case ACTION_EDIT_SCHEDULES:
                return "change schedules";
        case ACTION_COUNT:
                break;
        }
        return "do this";
}

/* Supplementary groups. A kernel without SO_PEERGROUPS leaves the primary group to decide. */
static bool peer_has_group(int fd, gid_t gid)
{
        socklen_t size = 64 * sizeof(gid_t);

        for (int attempt = 0; attempt < 2; attempt++) {
                _cleanup_free_ gid_t *groups = malloc(size);
                if (!groups)
                        return false;
                if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0) {
                        for (size_t i = 0; i < size / sizeof(gid_t); i++)
                                if (groups[i] == gid)
                                        return true;
                        return false;
                }
                if (errno != ERANGE)
                        return false;
        }
        return false;
}

int peer_of_socket(int fd, const struct authority *authority, struct peer *ret)
{
        struct ucred credentials;
        socklen_t size = sizeof(credentials);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return -errno;
        *ret = (struct peer){
                .uid = credentials.uid,
                .gid = credentials.gid,
                .pid = credentials.pid,
                .in_group = authority->system && (credentials.gid == authority->socket_gid ||
                                                  peer_has_group(fd, authority->socket_gid)),
        };
        return 0;
}
