/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/lineage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

/* Since Linux 6.5; Debian 12's headers are older. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#define LINEAGE_DEPTH 256 /* PID namespaces alone may be 32 deep */
#define LINEAGE_TRIES 4

/* ---- /proc ---- */

int lineage_parse(const char *text, size_t size, struct lineage_process *ret)
{
        /* The name is the process's own choice, and may look like all the rest. */
        const char *name_end = memrchr(text, ')', size);
        struct lineage_process process = { 0 };
        const char *rest = text;
        int64_t pid, parent, session, started;

        if (!name_end || parse_field(&rest, 0, 0, INT_MAX, &pid) < 0)
                return -EBADMSG;
        /* Behind the name: state, parent, group, session (-1: it is just being released), 15 others, started. */
        rest = name_end + 1;
        if (parse_field(&rest, 1, 0, INT_MAX, &parent) < 0 ||
            parse_field(&rest, 1, -1, INT_MAX, &session) < 0 ||
            parse_field(&rest, 15, 0, INT64_MAX, &started) < 0)
                return -EBADMSG;
        process.pid = (pid_t)pid;
        process.parent = (pid_t)parent;
        process.session = (pid_t)session;
        process.started = (uint64_t)started;
        *ret = process;
        return 0;
}

static int lineage_look(pid_t pid, struct lineage_process *ret, void *data)
{
        char path[64], text[4096];

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT || errno == EACCES || errno == ESRCH ? -ENOENT : -errno;
        ssize_t n = read(fd, text, sizeof(text) - 1);
        if (n <= 0)
                return n == 0 || errno == ESRCH ? -ENOENT : -errno;
        text[n] = '\0';
        return lineage_parse(text, (size_t)n, ret);
}

/* ---- descent ---- */

struct walk {
        struct lineage_process steps[LINEAGE_DEPTH];
        size_t count;
        enum lineage lineage;
        pid_t leader;
};

static void walk_up(const struct lineage_view *view, pid_t pid, struct walk *walk)
{
        walk->count = 0;
        walk->lineage = LINEAGE_UNKNOWN;
        while (walk->count < LINEAGE_DEPTH) {
                struct lineage_process *step = &walk->steps[walk->count];
                int r = view->look(pid, step, view->data);

                /* An ancestor that is hidden from us is of another user: no run's. */
                if (r < 0) {
                        walk->lineage = r == -ENOENT && walk->count > 0 ? LINEAGE_FOREIGN : LINEAGE_UNKNOWN;
                        return;
                }
                walk->count++;
                walk->leader = view->is_leader(step->session, view->data) ? step->session : pid;
                if (walk->leader != pid || step->parent == view->self || view->is_leader(pid, view->data)) {
                        walk->lineage = LINEAGE_OURS;
                        return;
                }
                if (step->parent <= 0 || pid == view->self) {
                        walk->lineage = LINEAGE_FOREIGN;
                        return;
                }
                pid = step->parent;
        }
}

static bool walk_is_same(const struct walk *a, const struct walk *b)
{
        if (a->count != b->count || a->lineage != b->lineage)
                return false;
        for (size_t i = 0; i < a->count; i++)
                if (a->steps[i].pid != b->steps[i].pid || a->steps[i].started != b->steps[i].started ||
                    a->steps[i].parent != b->steps[i].parent)
                        return false;
        return true;
}

enum lineage lineage_trace(const struct lineage_view *view, pid_t pid, pid_t *ret_leader)
{
        static struct walk walks[2]; /* one thread */

        walk_up(view, pid, &walks[0]);
        for (size_t i = 1; i < LINEAGE_TRIES; i++) {
                const struct walk *last = &walks[i % 2];
                walk_up(view, pid, &walks[i % 2]);
                if (!walk_is_same(&walks[0], &walks[1]))
                        continue;
                if (last->lineage == LINEAGE_OURS)
                        *ret_leader = last->leader;
                return last->lineage;
        }
        return LINEAGE_UNKNOWN;
}

/* ---- peers ---- */

static int peer_pidfd(int socket_fd, pid_t pid)
{
        int pidfd = -1;
        socklen_t size = sizeof(pidfd);

        if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) == 0)
                return pidfd;
        /* Before Linux 6.5. That the number was given on before this is not seen then. */
        if (errno == ENOPROTOOPT)
                pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        return pidfd < 0 ? -errno : pidfd;
}

static bool pidfd_is_alive(int pidfd)
{
        struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
        int r;

        /* A signal that is pending interrupts even a look that does not wait. */
        do
                r = poll(&poll_fd, 1, 0);
        while (r < 0 && errno == EINTR);
        return r == 0;
}

enum lineage lineage_of_peer(int socket_fd, pid_t pid, bool (*is_leader)(pid_t pid, void *data), void *data,
                             pid_t *ret_leader)
{
        const struct lineage_view view = {
                .self = getpid(), .look = lineage_look, .is_leader = is_leader, .data = data
        };

        if (pid == 0)
                return LINEAGE_FOREIGN;
        _cleanup_close_ int pidfd = peer_pidfd(socket_fd, pid);
        /* A kernel before 5.3, or a container's filter (EPERM: an old one, which knows no better). Number and start time of
         * the peer and of all above it are the same in both walks: it is one process that was seen, and no other took its
         * number in between. What is not noticed then is a number that was given on before the first walk, and that is not
         * with pidfd_open() either, which names whoever has the number by now; SO_PEERPIDFD alone names who connected. */
        if (pidfd == -ENOSYS || pidfd == -EPERM)
                return lineage_trace(&view, pid, ret_leader);
        if (pidfd < 0)
                return LINEAGE_UNKNOWN;
        enum lineage lineage = lineage_trace(&view, pid, ret_leader);
        return pidfd_is_alive(pidfd) ? lineage : LINEAGE_UNKNOWN;
}
