/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The group of one run.
 *
 *   (made) ──_end: empty, removed──▶ gone
 *      └────_end: processes are left, killed──▶ ending ──the kernel tells that it is empty, removed──▶ gone
 *                                                 └─────after cgroup_end_limit: left for the next start──▶ gone
 */
#include "config.h"

#include "daemon/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/cgroup_internal.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

static const struct timeval cgroup_end_limit = { .tv_sec = 10 };

static struct cgroup *cgroup_allocate(struct cgroups *cgroups, int64_t run_id, int64_t epoch)
{
        struct cgroup *cgroup = calloc(1, sizeof(*cgroup));

        if (!cgroup)
                return NULL;
        cgroup->cgroups = cgroups;
        snprintf(cgroup->name, sizeof(cgroup->name), CGROUP_RUN_PREFIX "%" PRId64 ".%" PRId64, run_id, epoch);
        return cgroup;
}

/* One of the same name is what a crash left: this run has the store's word that it is not under way. */
static int cgroup_make(const struct cgroup *cgroup)
{
        int fd = cgroup->cgroups->fd;

        if (mkdirat(fd, cgroup->name, 0755) == 0)
                return 0;
        if (errno != EEXIST)
                return -errno;
        (void)cgroup_kill_at(fd, cgroup->name);
        int r = cgroup_remove_at(fd, cgroup->name);
        if (r < 0)
                return r;
        return mkdirat(fd, cgroup->name, 0755) < 0 ? -errno : 0;
}

int cgroup_new(struct cgroups *cgroups, int64_t run_id, int64_t epoch, struct cgroup **ret,
               struct error *error)
{
        if (!cgroups_available(cgroups))
                return error_set(error, EOPNOTSUPP, "there is no cgroup v2 to make groups in");
        struct cgroup *cgroup = cgroup_allocate(cgroups, run_id, epoch);
        if (!cgroup)
                return error_set_errno(error, ENOMEM, "cgroup");
        int r = cgroup_make(cgroup);
        if (r < 0) {
                error_set_errno(error, -r, "cgroup: %s/%s", cgroups->path, cgroup->name);
                cgroup_free(cgroup);
                return r;
        }
        *ret = cgroup;
        return 0;
}

int cgroup_limit(const struct cgroup *cgroup, const struct cgroup_limits *limits, struct error *error)
{
        const struct cgroups *cgroups = cgroup->cgroups;

        if (!cgroups->controllers)
                return 0;
        _cleanup_close_ int fd = cgroup_directory(cgroup);
        if (fd < 0)
                return error_set_errno(error, -fd, "cgroup: %s/%s", cgroups->path, cgroup->name);
        return cgroup_limits_write(fd, cgroups->controllers, limits, error);
}

int cgroup_find(struct cgroups *cgroups, int64_t run_id, int64_t epoch, struct cgroup **ret)
{
        struct cgroup *cgroup;

        if (!cgroups_available(cgroups))
                return -ENOENT;
        cgroup = cgroup_allocate(cgroups, run_id, epoch);
        if (!cgroup)
                return -ENOMEM;
        if (faccessat(cgroups->fd, cgroup->name, F_OK, 0) < 0) {
                cgroup_free(cgroup);
                return -ENOENT;
        }
        *ret = cgroup;
        return 0;
}

int cgroup_directory(const struct cgroup *cgroup)
{
        int fd = openat(cgroup->cgroups->fd, cgroup->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        return fd < 0 ? -errno : fd;
}

int cgroup_freeze(const struct cgroup *cgroup, bool frozen)
{
        _cleanup_close_ int fd = cgroup_directory(cgroup);

        return fd < 0 ? fd : cgroup_file_write(fd, "cgroup.freeze", frozen ? "1" : "0");
}

int cgroup_kill(const struct cgroup *cgroup)
{
        return cgroup_kill_at(cgroup->cgroups->fd, cgroup->name);
}

void cgroup_usage(const struct cgroup *cgroup, struct cgroup_usage *ret)
{
        struct cgroup_usage usage = { -1, -1, -1, -1, -1, -1 };
        unsigned controllers = cgroup->cgroups->controllers;
        _cleanup_close_ int fd = cgroup_directory(cgroup);

        if (fd >= 0)
                usage.cpu_time_us = cgroup_file_number(fd, "cpu.stat", "usage_usec");
        if (fd >= 0 && controllers & 1U << CGROUP_MEMORY) {
                usage.memory_peak_bytes = cgroup_file_number(fd, "memory.peak", NULL);
                usage.oom_kills = cgroup_file_number(fd, "memory.events", "oom_kill");
        }
        if (fd >= 0 && controllers & 1U << CGROUP_IO) {
                usage.read_bytes = cgroup_file_io(fd, "rbytes");
                usage.write_bytes = cgroup_file_io(fd, "wbytes");
        }
        if (fd >= 0 && controllers & 1U << CGROUP_PIDS)
                usage.tasks_hits = cgroup_file_number(fd, "pids.events", "max");
        *ret = usage;
}

/* ---- the end ---- */

void cgroup_free(struct cgroup *cgroup)
{
        if (!cgroup)
                return;
        if (cgroup->deadline) {
                LIST_REMOVE(cgroup, ending);
                event_free(cgroup->deadline);
        }
        free(cgroup);
}

/* True: it is gone, and the object with it. */
static bool cgroup_remove(struct cgroup *cgroup)
{
        int r = cgroup_remove_at(cgroup->cgroups->fd, cgroup->name);

        if (r == -EBUSY)
                return false;
        if (r < 0)
                log_warning("cgroup %s/%s cannot be removed: %s", cgroup->cgroups->path, cgroup->name,
                            strerror(-r));
        cgroup_free(cgroup);
        return true;
}

static void cgroup_late(evutil_socket_t fd, short what, void *data)
{
        struct cgroup *cgroup = data;

        if (cgroup_remove(cgroup))
                return;
        log_warning("cgroup %s/%s does not become empty: leaving it", cgroup->cgroups->path, cgroup->name);
        cgroup_free(cgroup);
}

/* Which of them it is does not matter: they are few. */
static void cgroups_emptied(evutil_socket_t fd, short what, void *data)
{
        struct cgroups *cgroups = data;
        struct cgroup *next;
        char buffer[4096];

        while (read(fd, buffer, sizeof(buffer)) > 0)
                ;
        for (struct cgroup *cgroup = LIST_FIRST(&cgroups->ending); cgroup; cgroup = next) {
                next = LIST_NEXT(cgroup, ending);
                cgroup_remove(cgroup);
        }
}

static int cgroup_watch(struct cgroup *cgroup)
{
        struct cgroups *cgroups = cgroup->cgroups;
        _cleanup_free_ char *path = format_string("%s/%s/cgroup.events", cgroups->path, cgroup->name);

        if (!path)
                return -ENOMEM;
        if (cgroups->inotify < 0) {
                cgroups->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
                if (cgroups->inotify < 0)
                        return -errno;
                cgroups->emptied = event_new(cgroups->base, cgroups->inotify, EV_READ | EV_PERSIST,
                                             cgroups_emptied, cgroups);
                if (!cgroups->emptied || event_add(cgroups->emptied, NULL) < 0)
                        return -ENOMEM;
        }
        return inotify_add_watch(cgroups->inotify, path, IN_MODIFY) < 0 ? -errno : 0;
}

void cgroup_end(struct cgroup *cgroup)
{
        if (!cgroup || cgroup_remove(cgroup))
                return;
        cgroup->deadline = event_new(cgroup->cgroups->base, -1, 0, cgroup_late, cgroup);
        if (!cgroup->deadline) {
                (void)cgroup_kill(cgroup);
                free(cgroup);
                return;
        }
        LIST_INSERT_HEAD(&cgroup->cgroups->ending, cgroup, ending);
        event_add(cgroup->deadline, &cgroup_end_limit);
        int r = cgroup_watch(cgroup);
        if (r < 0)
                log_warning("cgroup %s/%s cannot be watched: %s", cgroup->cgroups->path, cgroup->name,
                            strerror(-r));
        (void)cgroup_kill(cgroup);
        cgroup_remove(cgroup); /* it may have become empty before it was watched */
}
