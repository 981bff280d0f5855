/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/reload.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/store.h"
#include "lib/util.h"

/* What is answered, part by part. */
struct answer {
        json_t *changes, *end; /* the members of the last part */
        size_t at;
        size_t end_bytes;
};

static void answer_free(void *data)
{
        struct answer *answer = data;

        if (!answer)
                return;
        json_decref(answer->changes);
        json_decref(answer->end);
        free(answer);
}

static struct answer *answer_new(const struct reload_report *report)
{
        struct answer *answer = calloc(1, sizeof(*answer));

        if (!answer)
                return NULL;
        answer->changes = json_incref(report->changes);
        answer->end = json_pack("{s:I, s:O, s:O, s:O}", "unchanged", (json_int_t)report->unchanged,
                                "preferences", report->preferences, "preferenceErrors",
                                report->preferences_errors, "errors", report->errors);
        if (!answer->end) {
                answer_free(answer);
                return NULL;
        }
        answer->end_bytes = json_dumpb(answer->end, NULL, 0, JSON_COMPACT);
        return answer;
}

static int answer_read(struct request *request, json_t **ret, bool *ret_more)
{
        struct answer *answer = request->data;
        size_t count = json_array_size(answer->changes);
        struct request_batch batch;
        int r = request_batch_begin(&batch, request->call.more);

        batch.bytes_max -= MIN(batch.bytes_max, answer->end_bytes);
        while (r == 0 && answer->at < count) {
                r = request_batch_add(&batch, json_incref(json_array_get(answer->changes, answer->at)));
                answer->at += r == 0;
        }
        *ret_more = r == 1;
        *ret = r < 0 ? NULL : json_pack("{s:O}", "changes", batch.items);
        request_batch_done(&batch);
        if (*ret && !*ret_more)
                json_object_update(*ret, answer->end);
        return *ret ? 0 : -ENOMEM;
}

static void reload_answer(int r, const struct reload_report *report, void *data)
{
        static const struct request_stream stream = { answer_read, answer_free };
        struct request *request = data;

        request->gone = NULL;
        if (r == -ECANCELED)
                request_error(request, "ShuttingDown", json_object());
        else if (r != 0)
                request_failed(request, r == STORE_FULL ? -ENOSPC : r, NULL);
        else
                request_stream(request, &stream, answer_new(report));
}

static void reload_gone(struct request *request)
{
        reload_forget(request->daemon->reload, request);
}

void request_reload(struct request *request)
{
        int r = reload_begin(request->daemon->reload, request_bool(request, "dryRun", false), reload_answer,
                             request);

        if (r < 0)
                request_failed(request, r, NULL);
        else
                request->gone = reload_gone;
}
