/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define MESSAGE_MAX                                                                                          \
        8192 /* of a uevent the kernel sends at most 2 KiB of environment; of routes the rest is cut off */
#define MESSAGES_AT_ONCE 256 /* then others get their turn */
#define UEVENT_GROUP_KERNEL 1
#define WINDOW_US 10000000 /* what an unprivileged process may watch must be a multiple of 2 s */

struct watch {
        int fd;    /* what is watched */
        int inner; /* an epoll descriptor around it, for what libevent cannot wait for; -1: none */
        bool is_power;
        struct event *event;
        void (*changed)(void *data);
        void *data;
};

void watch_free(struct watch *watch)
{
        if (!watch)
                return;
        if (watch->event)
                event_free(watch->event);
        close_keep_errno(watch->inner);
        close_keep_errno(watch->fd);
        free(watch);
}

static int watch_new(struct event_base *base, int fd, int inner, event_callback_fn ready,
                     void (*changed)(void *data), void *data, struct watch **ret)
{
        struct watch *watch = calloc(1, sizeof(*watch));

        if (!watch) {
                close_keep_errno(inner);
                close_keep_errno(fd);
                return -ENOMEM;
        }
        *watch = (struct watch){ .fd = fd, .inner = inner, .changed = changed, .data = data };
        watch->event = event_new(base, inner >= 0 ? inner : fd, EV_READ | EV_PERSIST, ready, watch);
        if (!watch->event || event_add(watch->event, NULL) < 0) {
                watch_free(watch);
                return -ENOMEM;
        }
        *ret = watch;
        return 0;
}

/* ---- netlink ---- */

bool watch_is_power_event(const char *message, size_t size)
{
        static const char line[] = "SUBSYSTEM=power_supply";

        for (size_t at = 0; at < size;) {
                size_t length = strnlen(message + at, size - at);
                if (length == sizeof(line) - 1 && memcmp(message + at, line, length) == 0)
                        return true;
                at += length + 1;
        }
        return false;
}

/* Read away all there is. Only the kernel is believed; what was lost for want of room counts as a change. */
static void netlink_ready(evutil_socket_t fd, short what, void *data)
{
        struct watch *watch = data;
        char message[MESSAGE_MAX];
        bool changed = false;

        (void)what;
        for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
                struct sockaddr_nl sender = { 0 };
                socklen_t length = sizeof(sender);
                ssize_t n = recvfrom(fd, message, sizeof(message), MSG_DONTWAIT, (struct sockaddr *)&sender,
                                     &length);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == ENOBUFS) {
                        changed = true;
                        continue;
                }
                if (n < 0)
                        break;
                if (sender.nl_pid == 0 && (!watch->is_power || watch_is_power_event(message, (size_t)n)))
                        changed = true;
        }
        if (changed)
                watch->changed(watch->data);
}

static int netlink_open(int protocol, unsigned groups, int *ret_fd)
{
        const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = groups };
        _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

        if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;
        *ret_fd = steal_fd(&fd);
        return 0;
}

int watch_network(struct event_base *base, void (*changed)(void *data), void *data, struct watch **ret)
{
        int fd = -1;
        int r = netlink_open(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE, &fd);

        return r < 0 ? r : watch_new(base, fd, -1, netlink_ready, changed, data, ret);
}

int watch_power(struct event_base *base, void (*changed)(void *data), void *data, struct watch **ret)
{
        int fd = -1;
        int r = netlink_open(NETLINK_KOBJECT_UEVENT, UEVENT_GROUP_KERNEL, &fd);

        if (r == 0)
                r = watch_new(base, fd, -1, netlink_ready, changed, data, ret);
        if (r == 0)
                (*ret)->is_power = true;
        return r;
}

/* ---- pressure ---- */

static void pressure_ready(evutil_socket_t fd, short what, void *data)
{
        struct watch *watch = data;
        struct epoll_event event;

        (void)what;
        /* To look is to take note of it: the next one is told in another window. */
        if (epoll_wait(fd, &event, 1, 0) > 0)
                watch->changed(watch->data);
}

int watch_pressure(struct event_base *base, enum machine_pressure pressure, unsigned percent,
                   void (*changed)(void *data), void *data, struct watch **ret)
{
        struct epoll_event wanted = { .events = EPOLLPRI };
        char path[64], trigger[64];

        snprintf(path, sizeof(path), "/proc/pressure/%s", machine_pressure_name(pressure));
        int size = snprintf(trigger, sizeof(trigger), "some %u %d", MIN(percent, 100U) * (WINDOW_US / 100),
                            WINDOW_US);
        _cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
        /* The kernel wants its NUL, too. */
        if (fd < 0 || write(fd, trigger, (size_t)size + 1) < 0)
                return -errno;
        _cleanup_close_ int inner = epoll_create1(EPOLL_CLOEXEC);
        if (inner < 0 || epoll_ctl(inner, EPOLL_CTL_ADD, fd, &wanted) < 0)
                return -errno;
        int watched = steal_fd(&fd), around = steal_fd(&inner);
        return watch_new(base, watched, around, pressure_ready, changed, data, ret);
}
