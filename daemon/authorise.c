/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/authorise.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define GROUPS_MAX 65536 /* NGROUPS_MAX of the kernel */

static const struct {
        enum role role;
        const char *name;
} actions[ACTION_COUNT] = {
        [ACTION_SEE] = { ROLE_SEE, "see runs, tasks and schedules" },
        [ACTION_RUN] = { ROLE_RUN, "run tasks" },
        [ACTION_CANCEL_OWN] = { ROLE_RUN, "cancel runs" },
        [ACTION_EDIT_SCHEDULES] = { ROLE_EDIT, "change schedules" },
        [ACTION_SEE_OTHERS] = { ROLE_ADMIN, "see and cancel other users' runs" },
        [ACTION_ADMINISTER] = { ROLE_ADMIN, "administer the daemon" },
};

bool authorise(const struct peer *peer, enum action action)
{
        return peer->role >= actions[action].role;
}

enum role action_role(enum action action)
{
        return actions[action].role;
}

const char *action_name(enum action action)
{
        return actions[action].name;
}

enum role authority_role(const struct authority *authority, const struct roles *roles, uid_t uid,
                         const gid_t *groups, size_t group_count)
{
        bool member = false;

        if (uid == 0 || uid == authority->uid)
                return ROLE_ADMIN;
        for (size_t i = 0; i < group_count && !member; i++)
                member = groups[i] == authority->socket_gid;
        return roles_find(roles, uid, member, groups, group_count);
}

/* Primary and supplementary groups, malloc'd. A kernel without SO_PEERGROUPS leaves the primary one to decide. */
static gid_t *peer_groups(int fd, gid_t primary, size_t *ret_count)
{
        size_t room = 64;

        for (int attempt = 0; attempt < 2; attempt++) {
                gid_t *groups = calloc(room + 1, sizeof(*groups));
                socklen_t size = (socklen_t)(room * sizeof(*groups));
                if (!groups)
                        return NULL;
                groups[0] = primary;
                *ret_count = 1;
                if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &size) == 0) {
                        *ret_count += size / sizeof(*groups);
                        return groups;
                }
                if (errno != ERANGE || attempt > 0)
                        return groups;
                free(groups);
                room = MIN(size / sizeof(*groups), (size_t)GROUPS_MAX);
        }
        return NULL;
}

int peer_of_socket(int fd, const struct authority *authority, const struct roles *roles, struct peer *ret)
{
        struct ucred credentials;
        socklen_t size = sizeof(credentials);
        size_t count = 0;

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return -errno;
        _cleanup_free_ gid_t *groups = peer_groups(fd, credentials.gid, &count);
        if (!groups)
                return -ENOMEM;
        *ret = (struct peer){
                .uid = credentials.uid,
                .gid = credentials.gid,
                .pid = credentials.pid,
                .role = authority_role(authority, roles, credentials.uid, groups, count),
        };
        return 0;
}
