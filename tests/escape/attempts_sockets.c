/* SPDX-License-Identifier: MPL-2.0 */
/* Attempts to reach somebody: the network, services of this machine, the daemon itself. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/escape/attempt.h"

#ifndef AF_SMC
#define AF_SMC 43
#endif
#ifndef AF_XDP
#define AF_XDP 44
#endif

#define NETWORK_PERMISSION "Network=yes"

static int connect_to(int fd, const void *address, socklen_t size)
{
        if (fd < 0)
                return -errno;
        int r = outcome(connect(fd, address, size));
        close(fd);
        return r;
}

static struct sockaddr_in loopback(int port)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((in_port_t)port) };

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
}

static int tcp_connect(const struct target *target)
{
        struct sockaddr_in address = loopback(target->tcp_port);

        return connect_to(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), &address, sizeof(address));
}

static int tcp6_connect(const struct target *target)
{
        struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                        .sin6_port = htons((in_port_t)target->tcp_port) };

        /* ::ffff:127.0.0.1 */
        address.sin6_addr.s6_addr[10] = address.sin6_addr.s6_addr[11] = 0xff;
        address.sin6_addr.s6_addr[12] = 127;
        address.sin6_addr.s6_addr[15] = 1;
        return connect_to(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), &address, sizeof(address));
}

/* Without connect(): data with the first packet. */
static int tcp_fast_open(const struct target *target)
{
        struct sockaddr_in address = loopback(target->tcp_port);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        int r = outcome(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&address,
                               sizeof(address)));
        close(fd);
        return r;
}

static int udp_send(const struct target *target)
{
        struct sockaddr_in address = loopback(target->udp_port);
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        int r = outcome(sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)));
        close(fd);
        return r;
}

static int tcp_listen(const struct target *target)
{
        struct sockaddr_in address = loopback(0);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        int r = outcome(bind(fd, (struct sockaddr *)&address, sizeof(address)));
        if (r == 0)
                r = outcome(listen(fd, 1));
        close(fd);
        return r;
}

static int only_socket(int family, int type, int protocol)
{
        int fd = socket(family, type | SOCK_CLOEXEC, protocol);

        if (fd < 0)
                return -errno;
        close(fd);
        return 0;
}

static int raw_socket(const struct target *target)
{
        return only_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int ping_socket(const struct target *target)
{
        return only_socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
}

static int packet_socket(const struct target *target)
{
        return only_socket(AF_PACKET, SOCK_RAW, htons(3));
}

static int netlink_socket(const struct target *target)
{
        return only_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}

static int netfilter_socket(const struct target *target)
{
        return only_socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
}

static int uevent_socket(const struct target *target)
{
        return only_socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);
}

static int vsock_socket(const struct target *target)
{
        return only_socket(AF_VSOCK, SOCK_STREAM, 0);
}

static int alg_socket(const struct target *target)
{
        return only_socket(AF_ALG, SOCK_SEQPACKET, 0);
}

static int other_sockets(const struct target *target)
{
        static const int families[] = { AF_BLUETOOTH, AF_CAN,       AF_KEY,   AF_TIPC, AF_RDS, AF_X25,
                                        AF_AX25,      AF_IRDA,      AF_NFC,   AF_KCM,  AF_SMC, AF_XDP,
                                        AF_IPX,       AF_APPLETALK, AF_PPPOX, AF_LLC };
        static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };
        int error = EAFNOSUPPORT;

        for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
                for (size_t j = 0; j < sizeof(types) / sizeof(*types); j++) {
                        int r = only_socket(families[i], types[j], 0);
                        if (r == 0)
                                return 0;
                        error = -r;
                }
        return -error;
}

static int unix_connect(const char *path, int type)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        return connect_to(socket(AF_UNIX, type | SOCK_CLOEXEC, 0), &address, sizeof(address));
}

/* A socket like Docker's: whoever reaches it is root. */
static int service_socket(const struct target *target)
{
        return unix_connect(path_in(target->directory, "service.sock"), SOCK_STREAM);
}

static int datagram_socket(const struct target *target)
{
        return unix_connect(path_in(target->directory, "log.sock"), SOCK_DGRAM);
}

/* One of a pair needs no socket() and no connect() to reach it. */
static int datagram_pair(const struct target *target)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int ends[2];

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path_in(target->directory, "log.sock"));
        if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0)
                return -errno;
        int r = outcome(sendto(ends[0], "x", 1, 0, (struct sockaddr *)&address, sizeof(address)));
        close(ends[0]);
        close(ends[1]);
        return r;
}

static int system_sockets(const struct target *target)
{
        static const char *const paths[] = {
                "/run/docker.sock",     "/var/run/docker.sock",        "/run/dbus/system_bus_socket",
                "/run/systemd/private", "/run/systemd/journal/socket", "/run/containerd/containerd.sock"
        };
        int r = -ENOENT;

        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
                if ((r = unix_connect(paths[i], SOCK_STREAM)) == 0)
                        return 0;
        return r;
}

static int abstract_socket(const struct target *target)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        int n = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "bgtaskd-escape-%d",
                         (int)target->bystander);
        return connect_to(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), &address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n));
}

/* A call, not only a connection: the daemon must answer to this process. */
static int control_socket(const struct target *target)
{
        static const char call[] = "{\"method\":\"io.bgtaskd.Manager.Status\",\"parameters\":{}}";
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char answer[512] = "";

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", target->control);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        int r = outcome(connect(fd, (struct sockaddr *)&address, sizeof(address)));
        if (r == 0)
                r = outcome(send(fd, call, sizeof(call), MSG_NOSIGNAL));
        ssize_t n = r == 0 ? recv(fd, answer, sizeof(answer) - 1, 0) : 0;
        close(fd);
        if (r < 0)
                return r;
        return n > 0 && strstr(answer, "\"status\"") ? 0 : -EPERM;
}

const struct attempt attempts_sockets[] = {
        { "tcp-connect", NETWORK_PERMISSION, tcp_connect },
        { "tcp6-connect", NETWORK_PERMISSION, tcp6_connect },
        { "tcp-fast-open", NETWORK_PERMISSION, tcp_fast_open },
        { "udp-send", NETWORK_PERMISSION, udp_send },
        { "tcp-listen", NULL, tcp_listen },
        { "raw-socket", NULL, raw_socket },
        { "ping-socket", NULL, ping_socket },
        { "packet-socket", NULL, packet_socket },
        { "netlink-socket", NETWORK_PERMISSION, netlink_socket },
        { "netfilter-socket", NULL, netfilter_socket },
        { "uevent-socket", NULL, uevent_socket },
        { "vsock-socket", NULL, vsock_socket },
        { "alg-socket", NULL, alg_socket },
        { "other-sockets", NULL, other_sockets },
        { "service-socket", NULL, service_socket },
        { "datagram-socket", NULL, datagram_socket },
        { "datagram-pair", NULL, datagram_pair },
        { "system-sockets", NULL, system_sockets },
        { "abstract-socket", NULL, abstract_socket },
        { "control-socket", "ControlSocket=yes", control_socket },
        { NULL },
};
