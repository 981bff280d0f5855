/* SPDX-License-Identifier: MPL-2.0 */
/*
 * List and Show: the history.
 *
 * A long list is read from the store an answer at a time, as the client takes them; the last id is the cursor,
 * so that nothing is held open meanwhile.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/store.h"
#include "daemon/supervise.h"
#include "lib/cleanup.h"

#define LIST_LIMIT_DEFAULT 50
#define LIST_LIMIT_MAX 100000

struct lister {
        struct run_filter filter; /* its strings are the request's */
        int64_t left;
};

struct list_page {
        struct request_batch batch;
        int64_t last_id;
        int r;
};

static int list_each(const struct run *run, void *data)
{
        struct list_page *page = data;

        page->r = request_batch_add(&page->batch, run_to_json(run));
        if (page->r == 0)
                page->last_id = run->id;
        return page->r;
}

/* The next page; *ret_more: the list goes on after it. */
static int lister_read(struct request *request, json_t **ret, bool *ret_more)
{
        struct lister *lister = request->data;
        struct list_page page = { 0 };
        int r = request_batch_begin(&page.batch, request->call.more);

        if (r < 0)
                return r;
        /* One more than an answer holds tells whether there is more. */
        lister->filter.limit = lister->left;
        if (request->call.more && lister->left > (int64_t)page.batch.count_max)
                lister->filter.limit = (int64_t)page.batch.count_max + 1;
        r = store_run_list(request->daemon->store, &lister->filter, list_each, &page);
        if (page.r < 0 || r < 0) {
                request_batch_done(&page.batch);
                return page.r < 0 ? page.r : r;
        }
        lister->left -= (int64_t)page.batch.count;
        lister->filter.before = page.last_id;
        *ret_more = page.r == 1 && lister->left > 0;
        *ret = json_pack("{s:o}", "runs", page.batch.items);
        return 0;
}

static void list_begin(int result, struct request *request)
{
        static const struct request_stream stream = { lister_read, free };
        const char *state = request_string(request, "state");
        struct lister *lister = calloc(1, sizeof(*lister));

        if (result < 0 || !lister) {
                free(lister);
                request_failed(request, result < 0 ? result : -ENOMEM, NULL);
                return;
        }
        lister->filter = (struct run_filter){
                .task = request_string(request, "task"),
                .schedule = request_string(request, "schedule"),
                .state = state ? run_state_parse(state) : -1,
                .failed = json_is_boolean(json_object_get(request->call.parameters, "failed"))
                                  ? request_bool(request, "failed", false)
                                  : -1,
                .before = request_int(request, "before", 0),
                .of_user = !authorise(&request->peer, ACTION_SEE_OTHERS),
                .uid = request->peer.uid,
        };
        lister->left = request_int(request, "limit", LIST_LIMIT_DEFAULT);
        request_stream(request, &stream, lister);
}

void request_list(struct request *request)
{
        int64_t limit = request_int(request, "limit", LIST_LIMIT_DEFAULT);

        if (limit < 1 || limit > LIST_LIMIT_MAX)
                request_invalid(request, "limit", "1 to 100000");
        else if (request_int(request, "before", 0) < 0)
                request_invalid(request, "before", "a run's id");
        else
                request_after_commit(request, list_begin);
}

static void show_begin(int result, struct request *request)
{
        int64_t id = request_int(request, "id", 0);
        struct run run = { 0 };
        int r = result < 0 ? result : id > 0 ? request_read_run(request, id, &run) : STORE_NOT_FOUND;

        if (r == STORE_OK) {
                supervisor_measure(request->daemon->supervisor, &run);
                json_t *value = run_to_json(&run);
                request_reply(request, value ? json_pack("{s:o}", "run", value) : NULL, false);
        } else if (r == STORE_NOT_FOUND) {
                request_error(request, "NoSuchRun", json_pack("{s:I}", "id", (json_int_t)id));
        } else {
                request_failed(request, r, NULL);
        }
        run_done(&run);
}

void request_show(struct request *request)
{
        request_after_commit(request, show_begin);
}
