/* SPDX-License-Identifier: MPL-2.0 */
/* The connection to the daemon: where it is, calls, and errors in words. Results as in bgtaskctl.h. */
#ifndef CLIENT_CONNECTION_H
#define CLIENT_CONNECTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/bgtaskctl.h"
#include "lib/cleanup.h"
#include "lib/error.h"

struct connection;

/* How long an answer may take by default. */
#define CONNECTION_TIMEOUT_US (INT64_C(30) * 1000 * 1000)

/*
 * Connect to the socket that is chosen by --socket; --user or --system; $BGTASKD_SOCKET; for root the system
 * instance's; for others the user's, if it is there, else the system's.
 */
int connection_open(const struct ctl *ctl, struct connection **ret, struct error *error);
void connection_free(struct connection *connection);
CLEANUP_DEFINE(struct connection, connection_free);

/* How long each further reply may take unless --timeout was given; 0: for ever. */
void connection_set_timeout(struct connection *connection, int64_t timeout_us);
/* Whatever --timeout says: what is awaited is not an answer but an event. */
void connection_wait_for_ever(struct connection *connection);

/* Send a call of io.bgtaskd.Manager. @parameters is taken over. */
int connection_send(struct connection *connection, const char *method, json_t *parameters, bool more,
                    struct error *error);
/* The next reply's parameters. An error reply is a failure with its text. When a signal was taken
 * (interrupt.h) the result is 128 + its number, without text. */
int connection_next(struct connection *connection, json_t **ret_parameters, bool *ret_continues,
                    struct error *error);
/* A call with one reply, of which *ret is what it is about: complete records, see records.h. */
int connection_call(struct connection *connection, const char *method, json_t *parameters, json_t **ret,
                    struct error *error);
/* The same on a connection of its own. */
int connection_request(const struct ctl *ctl, const char *method, json_t *parameters, json_t **ret,
                       struct error *error);
/* The failure for a reply that is not as the interface says. */
int connection_garbled(const struct error *reason, struct error *error);

/* Whether the last failure was the loss of the connection, so that reconnecting may help. */
bool connection_lost(const struct connection *connection);
/* Connect again, trying for some seconds. Says so on stderr. Fails with PROGRAM_EXIT_TEMPFAIL. */
int connection_reconnect(struct connection *connection, struct error *error);

/* The exit code and the text of an error reply. */
int connection_explain(const char *name, json_t *parameters, struct error *error);
/* Whether connection_explain() has its own text for @name, with or without its interface. */
bool connection_explains(const char *name);

#endif
