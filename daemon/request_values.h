/* SPDX-License-Identifier: MPL-2.0 */
/* Checks of parameters that several methods take, and answers that come in parts. */
#ifndef DAEMON_REQUEST_VALUES_H
#define DAEMON_REQUEST_VALUES_H

#include <jansson.h>

#include "daemon/request.h"
#include "daemon/schedule.h"
#include "lib/error.h"
#include "lib/schedule_definition.h"

/* The texts say what was expected. -EINVAL. */
int request_check_task(const char *name, struct error *error);
/* A schedule's name or a key: 1 to 128 bytes without control characters. */
int request_check_label(const char *text, struct error *error);
/* A run that the client may see. STORE_NOT_FOUND: there is none, or it is another user's. */
int request_read_run(const struct request *request, int64_t id, struct run *ret);
/* Parameter "args" as a new array, empty when absent. -EINVAL, -ENOMEM. */
int request_take_args(const struct request *request, json_t **ret, struct error *error);

/* Whether one more run that names @pool (NULL: none) may be queued for the client; false: answered why not. */
bool request_admit_run(struct request *request, const char *pool);
/* False: answered that the task's file does not tell what it may do. */
bool request_check_policy(struct request *request, const char *task);
/* As io.bgtaskd.Manager.Schedule, as far as the client may see it. New reference; NULL: out of memory, or the store. */
json_t *request_schedule_json(const struct request *request, const struct schedule *schedule);
/* "Key=value" lines as an array; NULL: out of memory. */
json_t *request_definition_json(const char *definition);

/* One answer's worth of a list. With `more` an answer is full at 100 items or 256 KiB; without, at what fits
 * into one message. */
struct request_batch {
        json_t *items;
        size_t count, bytes;
        size_t count_max, bytes_max;
};
int request_batch_begin(struct request_batch *batch, bool more);
/* Takes @item (NULL: out of memory). 1: it was not added, the batch is full; 0; -ENOMEM. */
int request_batch_add(struct request_batch *batch, json_t *item);
void request_batch_done(struct request_batch *batch);

/* Answer with all parts that @stream reads, as the client takes them; @data becomes the request's (NULL: out of memory).
 * Without `more` there may be one part alone. */
void request_stream(struct request *request, const struct request_stream *stream, void *data);

#endif
