/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/client.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/request.h"
#include "daemon/turns.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"
#include "lib/varlink.h"

#define CLIENT_READ_SIZE 65536
#define CLIENT_CALLS_MAX 8 /* in a row, before the time is looked at */

static const struct timeval client_patience = { .tv_sec = CLIENT_PATIENCE };

struct client {
        struct daemon *daemon;
        int fd;
        struct peer peer;
        struct client_end gone;
        struct fair_entry entry; /* its place in its user's queue */
        size_t counted;          /* of its user's bytes */
        struct event readable;   /* with a timeout while half a message is here */
        struct event writable;   /* pending, with a timeout, while output waits */
        struct event end;        /* when dead: be gone */
        char *in;
        size_t in_size, in_room;
        struct evbuffer *out;
        struct request *call; /* in progress */
        bool processing;
        bool congested;
        bool drained; /* the call in progress is to go on with its turn */
        bool reading;
        bool impatient; /* the readable event has a timeout */
        bool ended;     /* the peer will send no more */
        bool closing;
        bool dead;
};

const struct peer *client_peer(const struct client *client)
{
        return &client->peer;
}

struct daemon *client_daemon(const struct client *client)
{
        return client->daemon;
}

bool client_congested(const struct client *client)
{
        return client->congested || client->dead;
}

bool client_is_flushed(const struct client *client)
{
        return evbuffer_get_length(client->out) == 0;
}

void client_drop(struct client *client, const char *why)
{
        if (client->dead)
                return;
        if (why)
                log_notice("client of uid %u, pid %d: %s", (unsigned)client->peer.uid, (int)client->peer.pid,
                           why);
        client->dead = true;
        event_del(&client->readable);
        event_del(&client->writable);
        event_active(&client->end, EV_TIMEOUT, 0);
}

void client_set_roles(struct client *client, const struct authority *authority, const struct roles *roles)
{
        struct peer peer;

        /* What a run may is not in the preferences. */
        if (client->dead || client->peer.run_id || peer_of_socket(client->fd, authority, roles, &peer) < 0)
                return;
        if (peer.role < client->peer.role)
                client_drop(client, "dropped: its role is a lower one now");
        client->peer.role = peer.role;
}

/* What it holds, towards its user's limit. A client that would exceed it is dropped, and not the ones that behave. */
static void client_count(struct client *client)
{
        size_t held = client->in_room + evbuffer_get_length(client->out);
        size_t limit = (size_t)daemon_setting(client->daemon, SETTING_CONTROL_MAX_MIB_PER_UID) * 1024 * 1024;
        bool grows = held > client->counted;

        client->entry.user->bytes += held - client->counted;
        client->counted = held;
        if (grows && client->entry.user->bytes > limit)
                client_drop(client, "dropped: the connections of its user hold too much");
}

/* ---- out ---- */

static void message_free(const void *data, size_t size, void *message)
{
        free(message);
}

/* Write what the socket takes, and watch it for the rest. */
static void client_flush(struct client *client)
{
        while (evbuffer_get_length(client->out) > 0) {
                if (evbuffer_write(client->out, client->fd) > 0)
                        continue;
                if (errno == EINTR)
                        continue;
                if (errno != EAGAIN) {
                        client_drop(client, NULL);
                        return;
                }
                if (!event_pending(&client->writable, EV_WRITE, NULL))
                        event_add(&client->writable, &client_patience);
                return;
        }
        event_del(&client->writable);
        if (client->closing)
                client_drop(client, NULL);
}

void client_send(struct client *client, char *message, size_t size)
{
        if (client->dead || client->closing ||
            evbuffer_add_reference(client->out, message, size, message_free, message) < 0) {
                free(message);
                return;
        }
        client_flush(client);
        client_count(client);
        size_t waiting = evbuffer_get_length(client->out);
        if (waiting >= CLIENT_PAUSE)
                client->congested = true;
        if (waiting > CLIENT_OUTPUT_MAX)
                client_drop(client, "dropped: it does not take its answers");
}

static void client_adjust(struct client *client);

static void client_on_writable(evutil_socket_t fd, short what, void *data)
{
        struct client *client = data;

        if (what & EV_TIMEOUT) {
                client_drop(client, "dropped: it has not taken its answers for a while");
                return;
        }
        client_flush(client);
        client_count(client);
        if (client->dead || !client->congested || evbuffer_get_length(client->out) >= CLIENT_RESUME)
                return;
        client->congested = false;
        client->drained = client->call != NULL;
        if (client->drained)
                turns_want(client->daemon->turns, &client->entry);
        else
                client_adjust(client);
}

void client_close(struct client *client)
{
        client->closing = true;
        event_del(&client->readable);
        client->reading = false;
        client_flush(client);
}

/* ---- in ---- */

static bool client_is_ready(const struct client *client)
{
        return !client->dead && !client->closing && !client->call && !client->congested;
}

static void client_refuse(struct client *client, const char *expected)
{
        _cleanup_free_ char *why = format_string("closing: bad message: %s", expected);
        json_t *parameters = json_pack("{s:s, s:s}", "field", "message", "expected", expected);
        size_t size;
        char *reply = parameters ? varlink_reply_encode(REQUEST_INTERFACE ".InvalidValue", parameters, false,
                                                        &size)
                                 : NULL;

        json_decref(parameters);
        log_notice("client of uid %u, pid %d: %s", (unsigned)client->peer.uid, (int)client->peer.pid,
                   why ? why : "closing: bad message");
        if (reply)
                client_send(client, reply, size);
        client_close(client);
}

/* Answer the messages that are complete; returns how many bytes were used up. */
static size_t client_take_calls(struct client *client)
{
        size_t at = 0;

        for (int i = 0; i < CLIENT_CALLS_MAX && client_is_ready(client) && at < client->in_size; i++) {
                const char *text = client->in + at;
                const char *end = memchr(text, 0, client->in_size - at);
                struct error error = ERROR_INIT;

                if (!end)
                        break;
                size_t size = (size_t)(end - text);
                at += size + 1;
                int r = size > VARLINK_MESSAGE_MAX
                                ? error_set(&error, EMSGSIZE, "at most %d bytes", VARLINK_MESSAGE_MAX)
                                : request_begin(client, text, size, &client->call, &error);
                if (r < 0)
                        client_refuse(client, error.text);
        }
        return at;
}

/* Whether to read on, with or without a limit of time, follows from what is in the buffer. */
static void client_adjust(struct client *client)
{
        bool more = client->in_size > 0 && memchr(client->in, 0, client->in_size);

        if (client->dead || client->closing)
                return;
        if (!more && client->in_size > VARLINK_MESSAGE_MAX) {
                client_refuse(client, "at most 1048576 bytes");
                return;
        }
        if (more && client_is_ready(client))
                turns_want(client->daemon->turns, &client->entry);
        if (client->ended) {
                if (!more && !client->call)
                        client_close(client);
                return;
        }
        bool reading = client_is_ready(client) ? !more : client->in_size < CLIENT_READ_SIZE;
        bool impatient = reading && client_is_ready(client) && client->in_size > 0;
        if (!reading && client->reading)
                event_del(&client->readable);
        else if (reading && impatient && !client->impatient)
                event_add(&client->readable, &client_patience);
        else if (reading && !client->reading)
                event_add(&client->readable, NULL);
        if (reading && client->impatient && !impatient)
                event_remove_timer(&client->readable);
        client->reading = reading;
        client->impatient = impatient;
}

void client_serve(struct fair_entry *entry)
{
        struct client *client = (struct client *)((char *)entry - offsetof(struct client, entry));

        if (client->dead)
                return;
        client->processing = true;
        if (client->drained && client->call)
                request_drained(client->call);
        client->drained = false;
        size_t used = client_take_calls(client);
        client->processing = false;
        client->in_size -= used;
        if (client->in_size == 0) {
                free(client->in);
                client->in = NULL;
                client->in_room = 0;
        } else if (used) {
                memmove(client->in, client->in + used, client->in_size);
        }
        client_count(client);
        client_adjust(client);
}

static int client_append(struct client *client, const char *data, size_t size)
{
        size_t needed = client->in_size + size;

        if (needed > client->in_room) {
                size_t room = MAX(needed,
                                  MIN(client->in_room * 2, (size_t)VARLINK_MESSAGE_MAX + CLIENT_READ_SIZE));
                char *in = realloc(client->in, room);
                if (!in)
                        return -ENOMEM;
                client->in = in;
                client->in_room = room;
        }
        memcpy(client->in + client->in_size, data, size);
        client->in_size = needed;
        return 0;
}

/* The peer has closed its side: half of the connection, for `printf … | socat`, or all of it. */
static void client_on_end(struct client *client)
{
        struct pollfd poll_fd = { .fd = client->fd };

        client->ended = true;
        client->reading = client->impatient = false;
        event_del(&client->readable);
        if (poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & (POLLHUP | POLLERR))
                client_drop(client, NULL);
        else
                client_adjust(client);
}

static void client_on_readable(evutil_socket_t fd, short what, void *data)
{
        static char buffer[CLIENT_READ_SIZE];
        struct client *client = data;

        if (what == EV_TIMEOUT) {
                client_drop(client, "dropped: half a message, and nothing more for a while");
                return;
        }
        ssize_t n = read(fd, buffer, sizeof(buffer));
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n < 0)
                client_drop(client, NULL);
        else if (n == 0)
                client_on_end(client);
        else if (client_append(client, buffer, (size_t)n) < 0)
                client_drop(client, "dropped: out of memory");
        client_count(client);
        client_adjust(client);
}

static void client_on_end_of_life(evutil_socket_t fd, short what, void *data)
{
        struct client *client = data;

        client->gone.gone(client, client->gone.data);
}

void client_call_done(struct client *client)
{
        client->call = NULL;
        if (!client->processing)
                client_adjust(client);
}

/* ---- life ---- */

int client_new(struct daemon *daemon, int fd, const struct peer *peer, uid_t account,
               const struct client_end *end, struct client **ret)
{
        struct client *client = calloc(1, sizeof(*client));
        struct evbuffer *out = evbuffer_new();

        if (!client || !out || fair_join(turns_fair(daemon->turns), account, &client->entry) < 0) {
                if (out)
                        evbuffer_free(out);
                free(client);
                close(fd);
                return -ENOMEM;
        }
        client->daemon = daemon;
        client->fd = fd;
        client->peer = *peer;
        client->gone = *end;
        client->out = out;
        event_assign(&client->readable, daemon->base, fd, EV_READ | EV_PERSIST, client_on_readable, client);
        event_assign(&client->writable, daemon->base, fd, EV_WRITE | EV_PERSIST, client_on_writable, client);
        event_assign(&client->end, daemon->base, -1, 0, client_on_end_of_life, client);
        if (event_add(&client->readable, NULL) < 0) {
                client_free(client);
                return -ENOMEM;
        }
        client->reading = true;
        *ret = client;
        return 0;
}

void client_free(struct client *client)
{
        if (!client)
                return;
        client->dead = true;
        if (client->call)
                request_abandon(client->call);
        event_del(&client->readable);
        event_del(&client->writable);
        event_del(&client->end);
        client->entry.user->bytes -= client->counted;
        fair_leave(&client->entry);
        evbuffer_free(client->out);
        close_keep_errno(client->fd);
        free(client->in);
        free(client);
}
