/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "lib/varlink.h"

#define BUFFER_FIRST 4096

/* buffer[start..end) is what was received and not yet handed out; up to @scanned it has no NUL. */
struct varlink_client {
        int fd;
        char *buffer;
        size_t capacity, start, scanned, end;
};

/* connect(2) that a signal interrupted goes on by itself: wait for it. */
static int connect_finish(int fd)
{
        struct pollfd poller = { .fd = fd, .events = POLLOUT };
        int code = 0;
        socklen_t size = sizeof(code);

        while (poll(&poller, 1, -1) < 0)
                if (errno != EINTR)
                        return -errno;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
                return -errno;
        return -code;
}

int varlink_client_connect(const char *socket_path, struct varlink_client **ret, struct error *error)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        size_t length = strlen(socket_path);

        if (length == 0)
                return error_set(error, ENOENT, "expected the path of a socket, found nothing");
        if (length >= sizeof(address.sun_path))
                return error_set(error, ENAMETOOLONG, "%s: expected a path of at most %zu bytes, found %zu",
                                 socket_path, sizeof(address.sun_path) - 1, length);
        memcpy(address.sun_path, socket_path, length + 1);

        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return error_set_errno(error, errno, "cannot make a socket");
        int r = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
        if (r == -EINTR)
                r = connect_finish(fd);
        if (r < 0)
                return error_set_errno(error, -r, "cannot connect to %s", socket_path);

        struct varlink_client *client = calloc(1, sizeof(*client));
        if (!client)
                return error_set(error, ENOMEM, "out of memory");
        client->fd = steal_fd(&fd);
        *ret = client;
        return 0;
}

void varlink_client_free(struct varlink_client *client)
{
        if (!client)
                return;
        close_keep_errno(client->fd);
        free(client->buffer);
        free(client);
}

int varlink_client_fd(const struct varlink_client *client)
{
        return client->fd;
}

int varlink_client_send(struct varlink_client *client, const char *method, json_t *parameters, bool more,
                        struct error *error)
{
        size_t size = 0;
        _cleanup_free_ char *text = varlink_call_encode(method, parameters, more, &size);

        if (!text)
                return error_set(error, EMSGSIZE, "the call of %s is too large or not UTF-8", method);
        for (size_t at = 0; at < size;) {
                /* No SIGPIPE: the caller gets an error instead. */
                ssize_t sent = send(client->fd, text + at, size - at, MSG_NOSIGNAL);
                if (sent < 0 && errno != EINTR)
                        return error_set_errno(error, errno, "cannot send the call of %s", method);
                if (sent > 0)
                        at += (size_t)sent;
        }
        return 0;
}

/* The NUL that ends the first message, NULL while it has not arrived. */
static char *message_end(struct varlink_client *client)
{
        if (client->scanned == client->end)
                return NULL;
        char *end = memchr(client->buffer + client->scanned, 0, client->end - client->scanned);
        if (!end)
                client->scanned = client->end;
        return end;
}

/* Room for more behind @end: move to the front, then grow. */
static int buffer_reserve(struct varlink_client *client, struct error *error)
{
        if (client->end < client->capacity)
                return 0;
        if (client->start > 0) {
                memmove(client->buffer, client->buffer + client->start, client->end - client->start);
                client->scanned -= client->start;
                client->end -= client->start;
                client->start = 0;
                if (client->end < client->capacity)
                        return 0;
        }
        if (client->end > VARLINK_MESSAGE_MAX)
                return error_set(error, EBADMSG, "expected a reply of at most %d bytes", VARLINK_MESSAGE_MAX);
        size_t capacity = client->capacity ? MIN(2 * client->capacity, (size_t)VARLINK_MESSAGE_MAX + 1)
                                           : BUFFER_FIRST;
        char *larger = realloc(client->buffer, capacity);
        if (!larger)
                return error_set(error, ENOMEM, "out of memory");
        client->buffer = larger;
        client->capacity = capacity;
        return 0;
}

int varlink_client_receive(struct varlink_client *client, struct varlink_reply *ret, struct error *error)
{
        char *end;

        while (!(end = message_end(client))) {
                int r = buffer_reserve(client, error);
                if (r < 0)
                        return r;
                ssize_t got = recv(client->fd, client->buffer + client->end, client->capacity - client->end,
                                   0);
                if (got < 0)
                        return error_set_errno(error, errno, "cannot receive a reply");
                if (got == 0)
                        return error_set(error, EPIPE, "the connection was closed%s",
                                         client->end > client->start ? " in the middle of a reply" : "");
                client->end += (size_t)got;
        }
        int r = varlink_reply_decode(client->buffer + client->start,
                                     (size_t)(end - client->buffer) - client->start, ret, error);
        client->start = client->scanned = (size_t)(end - client->buffer) + 1;
        if (client->start == client->end)
                client->start = client->scanned = client->end = 0;
        return r;
}
