/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One call: from its message through the table of methods to its last answer.
 *
 * The call is checked against the interface description before its handler sees it, so that handlers take
 * parameters without asking for their types. A handler answers at once or later; request_reply(…, false) and
 * the errors are the last answer, after which the request must not be touched. A request whose client is gone
 * stays until that answer, which then goes nowhere.
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/authorise.h"
#include "daemon/run.h"
#include "lib/error.h"
#include "lib/varlink.h"

#define REQUEST_INTERFACE "io.bgtaskd.Manager"

struct client;
struct daemon;
struct request;

/* An answer in parts. */
struct request_stream {
        /* The next part's parameters, and whether others follow. STORE_FULL, negative errno. */
        int (*read)(struct request *request, json_t **ret, bool *ret_more);
        void (*forget)(void *data); /* free the request's data; NULL is fine */
};

struct request_method {
        const char *name; /* without the interface */
        enum action action;
        bool changes; /* refused while the daemon ends */
        void (*handle)(struct request *request);
};

struct request {
        struct daemon *daemon;
        struct client *client; /* NULL: gone */
        const struct request_method *method;
        struct varlink_call call;
        struct peer peer;
        /* Of an answer that takes several turns: what it needs, and who hears that the client takes more, or
         * that it is gone (then the callee must forget the request; it is freed after that). */
        void *data;
        const struct request_stream *stream; /* request_stream(); NULL: something else */
        void (*drained)(struct request *request);
        void (*gone)(struct request *request);
        json_t *committing;                                     /* the answer that waits for a commit */
        void (*committed)(int result, struct request *request); /* waits for a commit */
};

/* Check that every method of the descriptions has a handler and the other way round. */
int request_check_tables(struct error *error);
void request_tables_done(void);

/* ---- for the client ---- */
/* Begin the call in @text. *ret_call is set while it is in progress. -EBADMSG: not a call. */
int request_begin(struct client *client, const char *text, size_t size, struct request **ret_call,
                  struct error *error);
void request_drained(struct request *request);
void request_abandon(struct request *request);

/* ---- for handlers ---- */
const char *request_string(const struct request *request, const char *name); /* NULL: absent */
int64_t request_int(const struct request *request, const char *name, int64_t fallback);
bool request_bool(const struct request *request, const char *name, bool fallback);
bool request_congested(const struct request *request);

/* @parameters become the callee's; NULL counts as out of memory. */
void request_reply(struct request *request, json_t *parameters, bool continues);
/* The last answer, once all changes so far are durable; an error if they are not. */
void request_reply_committed(struct request *request, json_t *parameters);
/* An error of io.bgtaskd.Manager; for others the full name. */
void request_error(struct request *request, const char *name, json_t *parameters);
/* PermissionDenied, with the role that @action needs and the one that the client has. */
void request_deny(struct request *request, enum action action);
void request_invalid(struct request *request, const char *field, const char *expected);
/* A failure here: -@errno of the store or the system, @text NULL for its words. */
void request_failed(struct request *request, int r, const char *text);
/* Call @done with the result when all changes so far are durable (or not); not when the client is gone by then. */
void request_after_commit(struct request *request, void (*done)(int result, struct request *request));

/* ---- handlers, by file ---- */
extern const struct request_method request_methods[]; /* io.bgtaskd.Manager; NULL name after the last */

void request_run(struct request *request); /* request_run.c */
void request_logs(struct request *request);
void request_wait(struct request *request);
void request_cancel(struct request *request);
void request_backup(struct request *request); /* request_backup.c */
void request_list(struct request *request);   /* request_list.c */
void request_show(struct request *request);
void request_tasks(struct request *request); /* request_status.c */
void request_status(struct request *request);
void request_list_schedules(struct request *request); /* request_schedule.c */
void request_show_schedule(struct request *request);
void request_add_schedule(struct request *request); /* request_schedule_change.c */
void request_edit_schedule(struct request *request);
void request_remove_schedule(struct request *request);
void request_pause_schedule(struct request *request);
void request_resume_schedule(struct request *request);
void request_run_schedule(struct request *request);
void request_backfill_schedule(struct request *request);
void request_ledger(struct request *request);   /* request_ledger.c */
void request_reexec(struct request *request);   /* request_reexec.c */
void request_reload(struct request *request);   /* request_reload.c */
void request_get_info(struct request *request); /* request_service.c */
void request_get_interface_description(struct request *request);

#endif
