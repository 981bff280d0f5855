/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cgroup v2: one group for the daemon and its zygotes, one for each run, which the zygote clones the run into. No
 * process is ever moved but the daemon itself, once, at its start: moving one costs 10 ms and more.
 *
 *   ours (systemd's unit, if it is delegated)      or   where we were started, when others are in there too
 *   ├─ daemon       the daemon and its zygotes          └─ bgtaskd-HASH     as on the left
 *   ├─ run-7.1      ID.EPOCH
 *   └─ run-9.2
 *
 * Controllers can be had for groups only while no process is in the group above them, hence the leaf for the daemon.
 * Where a group cannot be made, runs go without one; where a controller is missing, without its limit and its figures.
 * cgroups_degraded() says so. The end of a run is the end of its group: what is left in it is killed, and it is
 * removed as soon as the kernel tells that it is empty.
 */
#ifndef DAEMON_CGROUP_H
#define DAEMON_CGROUP_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

#define CGROUP_NO_LIMIT UINT64_MAX

struct cgroups;
struct cgroup;

enum cgroup_controller {
        CGROUP_CPU,
        CGROUP_IO,
        CGROUP_MEMORY,
        CGROUP_PIDS,
        CGROUP_CONTROLLER_COUNT,
};

struct cgroup_limits {
        uint64_t memory_max, memory_swap_max; /* bytes, or CGROUP_NO_LIMIT */
        uint64_t tasks_max;                   /* processes and threads, or CGROUP_NO_LIMIT */
        uint32_t cpu_quota;                   /* percent of one processor; 0: none */
        uint32_t io_weight;                   /* 1 to 10000; 0: the kernel's */
};

/* What a group has used; -1: not known. */
struct cgroup_usage {
        int64_t cpu_time_us, memory_peak_bytes, read_bytes, write_bytes;
        int64_t oom_kills;  /* processes that were killed at the limit of memory */
        int64_t tasks_hits; /* how often TasksMax refused one */
};

/* Find our place and move there. Without one that is no error. @instance tells daemons of one place apart. -ENOMEM. */
int cgroups_new(struct event_base *base, const char *instance, struct cgroups **ret);
/* Unless it is systemd's the place is removed, with the zygotes that are still in it; runs are left alone. */
void cgroups_free(struct cgroups *cgroups);
/* Runs go on without this daemon, maybe in its own group (where clones could not be made into theirs): the place stays
 * at cgroups_free(). */
void cgroups_stay(struct cgroups *cgroups);
bool cgroups_available(const struct cgroups *cgroups);
bool cgroups_has(const struct cgroups *cgroups, enum cgroup_controller controller);
/* What is missing, in a sentence; NULL: nothing. */
const char *cgroups_degraded(const struct cgroups *cgroups);
/* Kill and remove the groups of runs that are there, except those that @keep says are somebody's (NULL: none). */
void cgroups_sweep(struct cgroups *cgroups, bool (*keep)(int64_t run_id, int64_t epoch, void *data),
                   void *data);

/* Make the group of a run, without limits. -EOPNOTSUPP: there are none here; others: a text. */
int cgroup_new(struct cgroups *cgroups, int64_t run_id, int64_t epoch, struct cgroup **ret,
               struct error *error);
/* Set those limits for which there is a controller. A text that names the file. */
int cgroup_limit(const struct cgroup *cgroup, const struct cgroup_limits *limits, struct error *error);
/* The group of a run that a daemon before this one made. -ENOENT: it has none. */
int cgroup_find(struct cgroups *cgroups, int64_t run_id, int64_t epoch, struct cgroup **ret);
/* Its directory for WIRE_FD_CGROUP; the caller's to close. Negative errno. */
int cgroup_directory(const struct cgroup *cgroup);
/* Freeze all of it, or let it go on; the kernel takes a moment. -ENOENT before Linux 5.2. */
int cgroup_freeze(const struct cgroup *cgroup, bool frozen);
/* SIGKILL to all of it, at once. */
int cgroup_kill(const struct cgroup *cgroup);
void cgroup_usage(const struct cgroup *cgroup, struct cgroup_usage *ret);
/* The run has ended: kill what is left and remove it, now or when it is empty. NULL is allowed. */
void cgroup_end(struct cgroup *cgroup);
/* Let go of it and leave the group as it is, for the next daemon. NULL is allowed. */
void cgroup_free(struct cgroup *cgroup);

#endif
