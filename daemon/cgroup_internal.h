/* SPDX-License-Identifier: MPL-2.0 */
/* Private to cgroup*.c: the place, and the files of a group. */
#ifndef DAEMON_CGROUP_INTERNAL_H
#define DAEMON_CGROUP_INTERNAL_H

#include <sys/queue.h>

#include "daemon/cgroup.h"

#define CGROUP_RUN_PREFIX "run-"
#define CGROUP_NAME_MAX 64
#define CGROUP_TEXT_MAX 16384 /* that is read of a file */

struct cgroups {
        struct event_base *base;
        char *outer;          /* where we were started: the group above ours; NULL: ours is systemd's */
        char *path;           /* of our group */
        int fd;               /* its directory; -1: there is none */
        unsigned controllers; /* 1 << enum cgroup_controller: those that groups of runs have */
        char *degraded;
        int inotify; /* tells when a group is empty; -1: not needed yet */
        struct event *emptied;
        LIST_HEAD(, cgroup) ending;
        bool stay;
};

struct cgroup {
        struct cgroups *cgroups;
        char name[CGROUP_NAME_MAX];
        LIST_ENTRY(cgroup) ending;
        struct event *deadline; /* while it is ending */
};

extern const char *const cgroup_controller_names[CGROUP_CONTROLLER_COUNT];

/* ---- cgroup_file.c: everything below a directory @fd ---- */
int cgroup_file_write(int fd, const char *file, const char *text);
/* The whole of a file of the kernel's, cut at @size - 1. */
int cgroup_file_read(int fd, const char *file, char *ret, size_t size);
/* The number behind @key in a file of "KEY NUMBER" lines; key NULL: the file's only number. -1: not there. */
int64_t cgroup_file_number(int fd, const char *file, const char *key);
/* The sum over devices of @key=NUMBER in io.stat; -1: no such file. */
int64_t cgroup_file_io(int fd, const char *key);
/* Write the limits for which there is a controller. A text that names the file. */
int cgroup_limits_write(int fd, unsigned controllers, const struct cgroup_limits *limits,
                        struct error *error);
/* Kill all of group @name, by cgroup.kill or, before Linux 5.14, one by one. */
int cgroup_kill_at(int fd, const char *name);
/* One by one in any case, for a group in which somebody shall live again. */
int cgroup_kill_listed_at(int fd, const char *name);
/* Remove group @name with those in it. -EBUSY: there are processes. Absent is success. */
int cgroup_remove_at(int fd, const char *name);

#endif
