/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One connection to the control socket: framing, order and back-pressure.
 *
 * Calls are answered in the order they came, when it is their user's turn (turns.h); while one is in progress the next
 * waits in the buffer, or in the socket when there is much of it. Answers that the peer does not take pile up to CLIENT_PAUSE bytes; then
 * whoever produces them is congested, and is called again below CLIENT_RESUME. A peer that takes nothing for
 * CLIENT_PATIENCE seconds, or that sends half a message and then nothing for as long, is dropped. An idle
 * connection costs this object and nothing else: no buffer, no timer.
 */
#ifndef DAEMON_CLIENT_H
#define DAEMON_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/authorise.h"

#define CLIENT_PAUSE ((size_t)256 * 1024)
#define CLIENT_RESUME ((size_t)64 * 1024)
#define CLIENT_OUTPUT_MAX ((size_t)4 * 1024 * 1024)
#define CLIENT_PATIENCE 30

struct client;
struct daemon;
struct request;

struct client_end {
        void (*gone)(struct client *client, void *data);
        void *data;
};
/* Takes @fd in all cases. It counts as one of @account, which is a user. @end is called once, from the event loop, when
 * the connection has ended; the callee frees the client. */
int client_new(struct daemon *daemon, int fd, const struct peer *peer, uid_t account,
               const struct client_end *end, struct client **ret);
/* Its turn: answer some of what it has asked. For turns_new(). */
struct fair_entry;
void client_serve(struct fair_entry *entry);
void client_free(struct client *client);
const struct peer *client_peer(const struct client *client);
/* Its role anew. A client whose role has become a lower one is dropped, with what it waits for. */
void client_set_roles(struct client *client, const struct authority *authority, const struct roles *roles);
struct daemon *client_daemon(const struct client *client);

/* Queue a whole message; @message is malloc'd and becomes the client's. */
void client_send(struct client *client, char *message, size_t size);
/* Produce no more for now; request_drained() follows, or the end. */
bool client_congested(const struct client *client);
/* Whether something still waits to be sent. */
bool client_is_flushed(const struct client *client);
/* The call in progress has had its last answer. */
void client_call_done(struct client *client);
/* Close once all is sent; nothing more is read. */
void client_close(struct client *client);
/* Give the connection up, for a reason that is logged (NULL: silently). */
void client_drop(struct client *client, const char *why);

#endif
