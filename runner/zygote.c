/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The zygote: the engine started and the runtime library loaded once, then one clone for every run.
 *
 * It is single-threaded and quiet: clone3 without exec copies only the calling thread, and past glibc's own
 * handlers, so no lock may be held and no buffer filled at that moment. It has no event loop either (a child
 * would share its epoll descriptor). CLONE_PARENT makes the run the daemon's child, not ours: the daemon alone
 * reaps it, and we never learn of its end. Serial and blocking is right here: a clone takes a fraction of a
 * millisecond, and the daemon's packets wait in the socket meanwhile.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/paths.h"
#include "lib/run_file.h"
#include "lib/run_file_write.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/heap.h"
#include "runner/modes.h"
#include "runner/sandbox.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

static struct host zygote_host;
static struct sandbox_frame zygote_frame = SANDBOX_FRAME_INIT;

/* How a run is made. */
struct cloning {
        uint64_t flags;  /* CLONE_NEWPID or nothing */
        int cgroup_fd;   /* -1: none */
        int32_t *number; /* the kernel puts its process ID there; may be NULL */
        int pidfd;       /* filled; -1: none could be had */
};

/* The old call has one place for a pidfd or the number. The number goes to the run's file, as it must be there when we
 * are killed here or the run ends at once; the daemon reaps nobody that is named there before it is told, so that the
 * pidfd can be had afterwards. Where it cannot, the pidfd it is, and the number comes a moment later. */
static pid_t clone_old(struct cloning *cloning, int *ret_pidfd)
{
        _cleanup_close_ int opened = (int)syscall(SYS_pidfd_open, getpid(), 0);

        if (opened < 0 || !cloning->number)
                return (pid_t)syscall(SYS_clone, cloning->flags | CLONE_PARENT | CLONE_PIDFD, NULL, ret_pidfd,
                                      NULL, NULL);
        pid_t pid = (pid_t)syscall(SYS_clone, cloning->flags | CLONE_PARENT | CLONE_PARENT_SETTID, NULL,
                                   cloning->number, NULL, NULL);
        if (pid > 0)
                *ret_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        return pid;
}

/* One attempt. clone3 where it is served (Docker's default filter answers ENOSYS), else clone. */
static pid_t clone_try(struct cloning *cloning)
{
        bool cgroup = cloning->cgroup_fd >= 0;
        int pidfd = -1;
        struct clone_args args = {
                .flags = cloning->flags | CLONE_PARENT | CLONE_PIDFD | (cgroup ? CLONE_INTO_CGROUP : 0) |
                         (cloning->number ? CLONE_PARENT_SETTID : 0),
                .pidfd = (uint64_t)(uintptr_t)&pidfd,
                .parent_tid = (uint64_t)(uintptr_t)cloning->number,
                .cgroup = cgroup ? (uint64_t)cloning->cgroup_fd : 0,
        };

        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
        if (pid < 0 && !cgroup && (errno == ENOSYS || errno == EPERM))
                pid = clone_old(cloning, &pidfd);
        if (pid > 0)
                cloning->pidfd = pidfd;
        return pid;
}

/* Whether the system gives us PID namespaces: what it refused once it is not asked again. */
static bool pid_namespaces = true;

/* With as much as the system gives: a cgroup, a PID namespace. The run sees for itself whether it is in the latter. */
static pid_t clone_best(struct cloning *cloning)
{
        pid_t pid;

        cloning->flags = pid_namespaces && !zygote_frame.off ? CLONE_NEWPID : 0;
        if (cloning->cgroup_fd >= 0) {
                pid = clone_try(cloning);
                if (pid >= 0 || errno == ENOMEM || errno == EAGAIN)
                        return pid;
                cloning->cgroup_fd = -1;
        }
        pid = clone_try(cloning);
        if (pid < 0 && cloning->flags &&
            (errno == EPERM || errno == EINVAL || errno == ENOSYS || errno == ENOSPC)) {
                pid_namespaces = errno == ENOSPC; /* as many as there may be: another time */
                cloning->flags = 0;
                pid = clone_try(cloning);
        }
        return pid;
}

/* With a pidfd in *ret_pidfd; *cgroup_fd is -1 afterwards if the run is not in it. The kernel puts the number into the
 * run's file before the run begins: should we be killed here, it is known. */
static pid_t run_clone(int run_file, int *cgroup_fd, int *ret_pidfd)
{
        struct cloning cloning = { .cgroup_fd = *cgroup_fd,
                                   .number = run_file_map_pid(run_file),
                                   .pidfd = -1 };

        pid_t pid = clone_best(&cloning);
        int error = errno;
        if (pid > 0) {
                *ret_pidfd = cloning.pidfd;
                /* Without the number only the lock tells of the run. */
                if (!cloning.number || *cloning.number != pid)
                        (void)run_file_set_pid(run_file, pid);
        }
        run_file_unmap_pid(
                cloning.number); /* in the run as well: it would hold the lock for what the run starts */
        *cgroup_fd = cloning.cgroup_fd;
        errno = error;
        return pid;
}

static int event_send(const struct wire_zygote_event *event, int pidfd)
{
        int r;

        do {
                r = wire_send(WIRE_ZYGOTE_FD, event, sizeof(*event), &pidfd, pidfd >= 0 ? 1 : 0);
                if (r == -EAGAIN)
                        poll(&(struct pollfd){ .fd = WIRE_ZYGOTE_FD, .events = POLLOUT }, 1, -1);
        } while (r == -EAGAIN || r == -EINTR);
        return r;
}

/* One run: clone, and tell the daemon. In the child this does not return. */
static int run_start(const void *packet, size_t size, const int *fds, size_t fd_count)
{
        struct wire_zygote_event event = { .version = WIRE_VERSION, .kind = WIRE_STARTED };
        struct error error = ERROR_INIT;
        struct wire_start start = { 0 };
        _cleanup_close_ int pidfd = -1;

        int r = fd_count >= WIRE_FD_COUNT && fd_count <= WIRE_FD_MAX
                        ? wire_start_decode(packet, size, &start, &error)
                        : error_set(&error, EBADMSG, "a packet with %zu descriptors", fd_count);
        if (r < 0)
                log_error("request to start a run: %s", error.text);
        event.run_id = start.run_id;
        event.epoch = start.epoch;
        event.error = -r;
        if (r == 0 && (r = sandbox_frame_refresh(&zygote_frame, start.profile)) < 0) {
                log_error("a run cannot be given its place: %s", strerror(-r));
                event.error = -r;
        }
        if (r == 0) {
                struct child_descriptors given = {
                        .fds = fds,
                        .cgroup_fd = fd_count > WIRE_FD_CGROUP ? fds[WIRE_FD_CGROUP] : -1,
                };
                pid_t pid = run_clone(fds[WIRE_FD_RUN_FILE], &given.cgroup_fd, &pidfd);
                if (pid == 0)
                        child_run(&zygote_host, &start, &given);
                event.error = pid < 0 ? errno : 0;
                event.pid = pid < 0 ? 0 : pid;
        }
        free(start.args);
        return event_send(&event, pidfd);
}

/* Serve until the daemon closes its end. */
static int serve(void)
{
        int fds[WIRE_FDS_MAX];
        size_t fd_count;

        _cleanup_free_ char *packet = malloc(WIRE_PACKET_MAX);
        if (!packet)
                return -ENOMEM;
        for (;;) {
                int r = wire_receive(WIRE_ZYGOTE_FD, packet, WIRE_PACKET_MAX, fds, ARRAY_SIZE(fds),
                                     &fd_count);
                if (r == -EINTR)
                        continue;
                if (r == -EAGAIN) {
                        poll(&(struct pollfd){ .fd = WIRE_ZYGOTE_FD, .events = POLLIN }, 1, -1);
                        continue;
                }
                if (r <= 0)
                        return r;
                r = run_start(packet, (size_t)r, fds, fd_count);
                for (size_t i = 0; i < fd_count; i++)
                        close(fds[i]);
                if (r < 0)
                        return r;
        }
}

static int socket_check(struct error *error)
{
        int type = 0;
        socklen_t size = sizeof(type);

        if (getsockopt(WIRE_ZYGOTE_FD, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET)
                return error_set(error, EINVAL, "--zygote: descriptor %d is not the daemon's socket",
                                 WIRE_ZYGOTE_FD);
        if (fcntl(WIRE_ZYGOTE_FD, F_SETFD, FD_CLOEXEC) < 0)
                return error_set_errno(error, errno, "descriptor %d", WIRE_ZYGOTE_FD);
        return 0;
}

/* What the runs are kept in. From here on only what the runtime needs can be seen. */
static int frame_make(const struct options *options, struct error *error)
{
        const char *directories[8] = { paths_data_directory(), paths_lib_directory(),
                                       zygote_host.gre_directory, zygote_host.app_directory,
                                       zygote_host.testing_directory };

        zygote_frame.off = options->no_sandbox;
        zygote_frame.network = !options->no_network;
        zygote_frame.jit = !options->no_jit;
        zygote_host.frame = &zygote_frame;
        zygote_host.no_jit = options->no_jit;
        return sandbox_frame_make(&zygote_frame, directories, error);
}

/* All that the children shall find ready. */
static int warm_up(const struct options *options, struct error *error)
{
        eng_scope scope;

        int r = host_init(&zygote_host, options->app_directory, (const char *const *)options->prefs_files,
                          error);
        if (r == 0)
                r = frame_make(options, error);
        if (r == 0)
                r = host_start_engine(&zygote_host, true, error);
        if (r == 0)
                r = sandbox_frame_finish(&zygote_frame, error);
        if (r < 0)
                return r;
        zygote_host.sandbox = zygote_frame.shared;
        eng *e = zygote_host.engine;
        eng_scope_open(e, &scope);
        bool loaded = builtin_preload(&zygote_host, e, false);
        if (!loaded)
                host_report_exception(&zygote_host, eng_catch(e));
        eng_scope_close(e, &scope, NULL);
        if (!loaded)
                return error_set(error, EIO, "the runtime library cannot be loaded from %s",
                                 zygote_host.gre_directory);
        host_turn(&zygote_host);
        eng_before_fork(e);
        heap_settle();
        return 0;
}

int zygote_run(const struct options *options)
{
        struct wire_zygote_event ready = { .version = WIRE_VERSION, .kind = WIRE_READY };
        struct error error = ERROR_INIT;

        prctl(PR_SET_NAME, "bgtask-zygote");
        int r = socket_check(&error);
        if (r < 0) {
                log_error("%s", error.text);
                return PROGRAM_EXIT_USAGE;
        }
        if (warm_up(options, &error) < 0) {
                log_error("zygote: %s", error.text);
                return PROGRAM_EXIT_SOFTWARE;
        }
        const struct sandbox forecast = sandbox_frame_forecast(&zygote_frame);
        sandbox_text(&forecast, ready.sandbox);
        r = event_send(&ready, -1);
        if (r == 0)
                r = serve();
        if (r < 0 && r != -EPIPE && r != -ECONNRESET)
                log_error("zygote: the daemon's socket: %s", strerror(-r));
        return r < 0 ? PROGRAM_EXIT_IOERR : PROGRAM_EXIT_OK;
}

int zygote_report(const struct options *options)
{
        struct error error = ERROR_INIT;
        char text[SANDBOX_TEXT_MAX];

        int r = host_init(&zygote_host, options->app_directory, (const char *const *)options->prefs_files,
                          &error);
        if (r == 0)
                r = frame_make(options, &error);
        if (r == 0)
                r = sandbox_frame_finish(&zygote_frame, &error);
        if (r < 0) {
                log_error("%s", error.text);
                return PROGRAM_EXIT_OSERR;
        }
        const struct sandbox forecast = sandbox_frame_forecast(&zygote_frame);
        sandbox_text(&forecast, text);
        r = printf("%s\n", text);
        return r < 0 || fflush(stdout) != 0 ? PROGRAM_EXIT_IOERR : PROGRAM_EXIT_OK;
}
