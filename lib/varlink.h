/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Varlink messages: JSON objects, each ended by a NUL byte, over a stream socket (varlink.org).
 *
 * Both sides use the same decoder. A message that is too large, not UTF-8, too deep (JSON_DEPTH_MAX), or has a
 * duplicate key is refused before anything looks inside it.
 */
#ifndef LIB_VARLINK_H
#define LIB_VARLINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

#define VARLINK_MESSAGE_MAX (1024 * 1024) /* bytes, without the NUL */

#define VARLINK_ERROR_INTERFACE_NOT_FOUND "org.varlink.service.InterfaceNotFound"
#define VARLINK_ERROR_METHOD_NOT_FOUND "org.varlink.service.MethodNotFound"
#define VARLINK_ERROR_METHOD_NOT_IMPLEMENTED "org.varlink.service.MethodNotImplemented"
#define VARLINK_ERROR_INVALID_PARAMETER "org.varlink.service.InvalidParameter"
#define VARLINK_ERROR_EXPECTED_MORE "org.varlink.service.ExpectedMore"

struct varlink_call {
        const char *method; /* borrowed from message */
        json_t *parameters; /* object, borrowed, never NULL */
        bool more, oneway, upgrade;
        json_t *message; /* owned */
};

struct varlink_reply {
        const char *error;  /* NULL: none; borrowed */
        json_t *parameters; /* object, borrowed, never NULL */
        bool continues;
        json_t *message; /* owned */
};

/* Decode one message of @size bytes without its NUL. -EBADMSG with a text. Also validates the envelope:
 * unknown members, other types, and "more" with "oneway" are refused; null stands for absent. */
int varlink_call_decode(const char *text, size_t size, struct varlink_call *ret, struct error *error);
int varlink_reply_decode(const char *text, size_t size, struct varlink_reply *ret, struct error *error);
void varlink_call_done(struct varlink_call *call);
void varlink_reply_done(struct varlink_reply *reply);

/* Encode, with the NUL (which *ret_size counts), malloc'd. References to @parameters (NULL: {}) are not taken.
 * NULL: out of memory, or not representable: too large, a string that is not UTF-8. */
char *varlink_call_encode(const char *method, json_t *parameters, bool more, size_t *ret_size);
char *varlink_reply_encode(const char *error, json_t *parameters, bool continues, size_t *ret_size);

/* A blocking client connection, used by bgtaskctl and libbgtask. */
struct varlink_client;

/* -errno as connect(2) has it; -ENAMETOOLONG. */
int varlink_client_connect(const char *socket_path, struct varlink_client **ret, struct error *error);
void varlink_client_free(struct varlink_client *client);
int varlink_client_fd(const struct varlink_client *client);
/* -EPIPE: the daemon closed the connection; what it said before can still be received. -EMSGSIZE: @parameters
 * are too large or have a string that is not UTF-8. */
int varlink_client_send(struct varlink_client *client, const char *method, json_t *parameters, bool more,
                        struct error *error);
/* Wait for the next reply. -EPIPE: the daemon closed the connection; -EBADMSG: not a reply; -EINTR: a
 * signal handler ran (call again to go on). Other replies after -EBADMSG cannot be trusted. */
int varlink_client_receive(struct varlink_client *client, struct varlink_reply *ret, struct error *error);

#endif
