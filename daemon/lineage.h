/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whether a process is one of ours: a run's, by descent.
 *
 * Parents are followed up to this daemon, to the leader of a run that an earlier daemon began, or to the top. A run's
 * orphans come to the daemon, which is their subreaper, or to the leader, which is init of its PID namespace; so
 * descent does not get lost. It is read from /proc twice, and the peer's pidfd must be alive after that: a number
 * that was given to another process meanwhile shows as a difference, by its start time. Without pidfds that must do.
 *
 * What has no number here (a PID namespace beside or above ours) is not ours: runs are below the daemon, and so are
 * all namespaces that they can make.
 */
#ifndef DAEMON_LINEAGE_H
#define DAEMON_LINEAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum lineage {
        LINEAGE_FOREIGN,
        LINEAGE_OURS,
        LINEAGE_UNKNOWN, /* it has ended, or does not hold still */
};

struct lineage_process {
        pid_t pid, parent, session;
        uint64_t started; /* as the kernel counts */
};

struct lineage_view {
        pid_t self;
        /* Of @pid; -ENOENT: there is none, or it is not shown to us. */
        int (*look)(pid_t pid, struct lineage_process *ret, void *data);
        bool (*is_leader)(pid_t pid, void *data); /* of a run */
        void *data;
};

/* *ret_leader: the child of the daemon, or the leader, that @pid is or comes from; only with LINEAGE_OURS. */
enum lineage lineage_trace(const struct lineage_view *view, pid_t pid, pid_t *ret_leader);
/* The text of /proc/PID/stat, with a NUL behind it. -EBADMSG: it is none. */
int lineage_parse(const char *text, size_t size, struct lineage_process *ret);
/* The same of the peer of a connected socket, by its number @pid (0: it has none here). */
enum lineage lineage_of_peer(int socket_fd, pid_t pid, bool (*is_leader)(pid_t pid, void *data), void *data,
                             pid_t *ret_leader);

#endif
