/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define NOTIFY_LISTEN_FDS_START 3

struct notify {
        int fd; /* -1: nobody listens */
        char *path;
        int64_t watchdog_us;
};

static int notify_connect(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        size_t length = strlen(path);

        if ((path[0] != '/' && path[0] != '@') || length < 2 || length >= sizeof(address.sun_path))
                return -1;
        memcpy(address.sun_path, path, length);
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address,
                              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
                return -1;
        return steal_fd(&fd);
}

/* WATCHDOG_USEC, if it is meant for this process. */
static int64_t notify_read_watchdog(void)
{
        const char *pid = getenv("WATCHDOG_PID"), *usec = getenv("WATCHDOG_USEC");
        int64_t number, result = 0;

        if (usec && parse_int64(usec, 1, INT64_MAX, &result) < 0)
                result = 0;
        if (pid && (parse_int64(pid, 1, INT32_MAX, &number) < 0 || number != getpid()))
                result = 0;
        return result;
}

struct notify *notify_new(void)
{
        struct notify *notify = calloc(1, sizeof(*notify));

        if (!notify)
                return NULL;
        const char *path = getenv("NOTIFY_SOCKET");
        notify->fd = path ? notify_connect(path) : -1;
        notify->path = notify->fd >= 0 ? strdup(path) : NULL;
        notify->watchdog_us = notify->fd >= 0 ? notify_read_watchdog() : 0;
        unsetenv("NOTIFY_SOCKET");
        unsetenv("WATCHDOG_USEC");
        unsetenv("WATCHDOG_PID");
        return notify;
}

void notify_free(struct notify *notify)
{
        if (!notify)
                return;
        close_keep_errno(notify->fd);
        free(notify->path);
        free(notify);
}

void notify_export(const struct notify *notify)
{
        char usec[24];

        if (!notify->path)
                return;
        snprintf(usec, sizeof(usec), "%lld", (long long)notify->watchdog_us);
        if (setenv("NOTIFY_SOCKET", notify->path, 1) < 0 ||
            (notify->watchdog_us && setenv("WATCHDOG_USEC", usec, 1) < 0))
                unsetenv("NOTIFY_SOCKET");
}

void notify_send(const struct notify *notify, const char *format, ...)
{
        char text[512];
        va_list arguments;

        if (notify->fd < 0)
                return;
        va_start(arguments, format);
        int n = vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        if (n > 0 && send(notify->fd, text, MIN((size_t)n, sizeof(text) - 1), MSG_NOSIGNAL) < 0)
                return;
}

int64_t notify_watchdog_us(const struct notify *notify)
{
        return notify->watchdog_us;
}

static int notify_check_listener(int fd, struct error *error)
{
        struct sockaddr_un address = { 0 };
        socklen_t size = sizeof(address), length = sizeof(int);
        int type = 0, listening = 0;

        if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 || address.sun_family != AF_UNIX ||
            getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 || type != SOCK_STREAM ||
            getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) < 0 || !listening)
                return error_set(error, EINVAL,
                                 "LISTEN_FDS: descriptor %d: expected a listening Unix stream socket", fd);
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fd_set_nonblocking(fd, true) < 0)
                return error_set_errno(error, errno, "LISTEN_FDS: descriptor %d", fd);
        return 0;
}

int notify_listen_fd(int *ret_fd, struct error *error)
{
        const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
        int64_t number, fds = 0;
        int r = 0;

        *ret_fd = -1;
        if (pid && count && parse_int64(pid, 1, INT32_MAX, &number) == 0 && number == getpid()) {
                if (parse_int64(count, 0, 1024, &fds) < 0 || fds > 1)
                        r = error_set(error, EINVAL, "LISTEN_FDS=%s: expected one socket", count);
                else if (fds == 1)
                        r = notify_check_listener(NOTIFY_LISTEN_FDS_START, error);
        }
        unsetenv("LISTEN_PID");
        unsetenv("LISTEN_FDS");
        unsetenv("LISTEN_FDNAMES");
        if (r == 0 && fds == 1)
                *ret_fd = NOTIFY_LISTEN_FDS_START;
        return r;
}
