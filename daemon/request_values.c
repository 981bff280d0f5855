/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/request_values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/store.h"
#include "lib/cleanup.h"
#include "lib/task.h"
#include "lib/util.h"

#define BATCH_COUNT 100
#define BATCH_BYTES ((size_t)256 * 1024)
#define BATCH_OVERHEAD 1024 /* of the message around the items */

int request_check_task(const char *name, struct error *error)
{
        return task_name_check(name, error);
}

int request_check_label(const char *text, struct error *error)
{
        return task_label_check(text, error);
}

int request_read_run(const struct request *request, int64_t id, struct run *ret)
{
        struct run run = { 0 };
        int r = store_run_get(request->daemon->store, id, &run);

        if (r == STORE_OK && run.uid != request->peer.uid && !authorise(&request->peer, ACTION_SEE_OTHERS)) {
                run_done(&run);
                return STORE_NOT_FOUND;
        }
        if (r == STORE_OK)
                *ret = run;
        return r;
}

int request_take_args(const struct request *request, json_t **ret, struct error *error)
{
        json_t *given = json_object_get(request->call.parameters, "args");
        size_t count = json_array_size(given);
        _cleanup_free_ char **args = calloc(count + 1, sizeof(*args));

        if (!args)
                return error_set_errno(error, ENOMEM, "args");
        for (size_t i = 0; i < count; i++)
                args[i] = (char *)json_string_value(json_array_get(given, i));
        int r = task_args_check(args, error);
        if (r < 0)
                return r;
        *ret = json_is_array(given) ? json_incref(given) : json_array();
        return *ret ? 0 : error_set_errno(error, ENOMEM, "args");
}

int request_batch_begin(struct request_batch *batch, bool more)
{
        *batch = (struct request_batch){
                .items = json_array(),
                .count_max = more ? BATCH_COUNT : SIZE_MAX,
                .bytes_max = more ? BATCH_BYTES : VARLINK_MESSAGE_MAX - BATCH_OVERHEAD,
        };
        return batch->items ? 0 : -ENOMEM;
}

int request_batch_add(struct request_batch *batch, json_t *item)
{
        if (!item)
                return -ENOMEM;
        size_t bytes = json_dumpb(item, NULL, 0, JSON_COMPACT) + 1;
        bool fits = batch->count == 0 ||
                    (batch->count < batch->count_max && batch->bytes + bytes <= batch->bytes_max);
        if (!fits) {
                json_decref(item);
                return 1;
        }
        if (json_array_append_new(batch->items, item) < 0)
                return -ENOMEM;
        batch->count++;
        batch->bytes += bytes;
        return 0;
}

void request_batch_done(struct request_batch *batch)
{
        json_decref(batch->items);
        batch->items = NULL;
}

/* ---- answers in parts ---- */

static void stream_gone(struct request *request)
{
        request->stream->forget(request->data);
        request->data = NULL;
        request->stream = NULL;
        request->drained = request->gone = NULL;
}

static void stream_pump(struct request *request)
{
        bool more = true;

        while (more && !request_congested(request)) {
                json_t *answer = NULL;
                int r = request->stream->read(request, &answer, &more);
                bool too_many = r == 0 && more && !request->call.more;
                if (r != 0 || too_many || !more)
                        stream_gone(request);
                if (r != 0) {
                        request_failed(request, r == STORE_FULL ? -ENOSPC : r, NULL);
                        return;
                }
                if (too_many) {
                        json_decref(answer);
                        request_error(request, VARLINK_ERROR_EXPECTED_MORE, json_object());
                        return;
                }
                request_reply(request, answer, more);
        }
}

void request_stream(struct request *request, const struct request_stream *stream, void *data)
{
        if (!data) {
                request_failed(request, -ENOMEM, NULL);
                return;
        }
        request->stream = stream;
        request->data = data;
        request->drained = stream_pump;
        request->gone = stream_gone;
        stream_pump(request);
}
