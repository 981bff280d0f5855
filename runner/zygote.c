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
#include <malloc.h>
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
#include "lib/run_file.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/modes.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif

static struct host zygote_host;

/* clone3 where it is served (Docker's default filter answers ENOSYS), else clone. With a pidfd in *ret_pidfd. The
 * kernel puts the number into the run's file before the run begins: should we be killed here, it is known. */
static pid_t run_clone(int run_file, int *ret_pidfd)
{
        int pidfd = -1;
        int32_t *number = run_file_map_pid(run_file);
        struct clone_args args = {
                .flags = CLONE_PARENT | CLONE_PIDFD | (number ? CLONE_PARENT_SETTID : 0),
                .pidfd = (uint64_t)(uintptr_t)&pidfd,
                .parent_tid = (uint64_t)(uintptr_t)number,
        };

        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
        if (pid < 0 && (errno == ENOSYS || errno == EPERM))
                pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | CLONE_PIDFD, NULL, &pidfd, NULL, NULL);
        if (pid < 0 && errno == EINVAL) { /* before Linux 5.2 */
                pid = (pid_t)syscall(SYS_clone, CLONE_PARENT, NULL, NULL, NULL, NULL);
                if (pid > 0)
                        pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        }
        int error = errno;
        if (pid > 0) {
                *ret_pidfd = pidfd;
                /* The old call has no room for it. Without the number only the lock tells of the run. */
                if (!number || *number != pid)
                        (void)run_file_set_pid(run_file, pid);
        }
        run_file_unmap_pid(number); /* in the run as well: it would hold the lock for what the run starts */
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
        if (r == 0) {
                pid_t daemon = getppid();
                pid_t pid = run_clone(fds[WIRE_FD_RUN_FILE], &pidfd);
                if (pid == 0)
                        child_run(&zygote_host, &start, fds, daemon);
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

/* All that the children shall find ready. */
static int warm_up(const struct options *options, struct error *error)
{
        eng_scope scope;

        int r = host_init(&zygote_host, options->app_directory, (const char *const *)options->prefs_files,
                          error);
        if (r == 0)
                r = host_start_engine(&zygote_host, true, error);
        if (r < 0)
                return r;
        eng *e = zygote_host.engine;
        eng_scope_open(e, &scope);
        bool loaded = builtin_preload(&zygote_host, e);
        if (!loaded)
                host_report_exception(&zygote_host, eng_catch(e));
        eng_scope_close(e, &scope, NULL);
        if (!loaded)
                return error_set(error, EIO, "the runtime library cannot be loaded from %s",
                                 zygote_host.gre_directory);
        host_turn(&zygote_host);
        eng_before_fork(e);
        malloc_trim(0);
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
        sandbox_text(&zygote_host.sandbox, ready.sandbox);
        r = event_send(&ready, -1);
        if (r == 0)
                r = serve();
        if (r < 0 && r != -EPIPE && r != -ECONNRESET)
                log_error("zygote: the daemon's socket: %s", strerror(-r));
        return r < 0 ? PROGRAM_EXIT_IOERR : PROGRAM_EXIT_OK;
}

int zygote_report(const struct options *options)
{
        char text[SANDBOX_TEXT_MAX];

        sandbox_text(&zygote_host.sandbox, text);
        int r = printf("%s\n", text);
        return r < 0 || fflush(stdout) != 0 ? PROGRAM_EXIT_IOERR : PROGRAM_EXIT_OK;
}
