/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/follow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/base64.h"
#include "daemon/daemon.h"
#include "daemon/output.h"
#include "daemon/request.h"
#include "lib/log.h"
#include "lib/util.h"

#define FOLLOW_BUCKETS 256

struct follower {
        LIST_ENTRY(follower) link;
        struct request *request;
        int64_t run_id;
        struct output_reader *reader; /* NULL: only the end is wanted */
        json_t *final;                /* the last answer; NULL: the run goes on */
};

LIST_HEAD(follower_list, follower);

struct follow {
        struct daemon *daemon;
        struct follower_list buckets[FOLLOW_BUCKETS]; /* by run */
};

static struct follower_list *follow_bucket(struct follow *follow, int64_t run_id)
{
        return &follow->buckets[(uint64_t)run_id % FOLLOW_BUCKETS];
}

static void follower_free(struct follower *follower)
{
        LIST_REMOVE(follower, link);
        output_reader_free(follower->reader);
        json_decref(follower->final);
        free(follower);
}

/* {"output": …}; NULL: out of memory. */
static json_t *output_to_json(const struct output_record *record)
{
        json_t *output = json_pack("{s:s, s:I, s:I}", "stream",
                                   record->stream == OUTPUT_STDOUT ? "stdout" : "stderr", "offset",
                                   (json_int_t)record->offset, "at", (json_int_t)record->at_us);
        int r;

        if (!output)
                return NULL;
        if (record->dropped > 0) {
                r = json_object_set_new(output, "dropped", json_integer(record->dropped));
        } else if (utf8_is_valid(record->data, record->size) && !memchr(record->data, 0, record->size)) {
                r = json_object_set_new(output, "text", json_stringn_nocheck(record->data, record->size));
        } else {
                char *encoded = base64_encode(record->data, record->size);
                r = json_object_set_new(output, "base64", encoded ? json_string_nocheck(encoded) : NULL);
                free(encoded);
        }
        if (r < 0) {
                json_decref(output);
                return NULL;
        }
        return json_pack("{s:o}", "output", output);
}

static void follower_detach(struct follower *follower)
{
        struct request *request = follower->request;

        request->data = NULL;
        request->drained = request->gone = NULL;
        follower_free(follower);
}

static void follower_finish(struct follower *follower)
{
        struct request *request = follower->request;
        json_t *final = json_incref(follower->final);

        follower_detach(follower);
        request_reply(request, final, false);
}

/* Send what the client takes. The follower may be gone after it. */
static void follower_pump(struct follower *follower)
{
        struct output_record record;
        int r = 0;

        while (follower->reader && !request_congested(follower->request)) {
                r = output_read(follower->reader, &record);
                if (r <= 0)
                        break;
                request_reply(follower->request, output_to_json(&record), true);
        }
        if (r < 0) {
                log_warning("output of run %lld: %s", (long long)follower->run_id, strerror(-r));
                output_reader_free(follower->reader);
                follower->reader = NULL;
        }
        if (follower->final && (!follower->reader || r == 0) && !request_congested(follower->request))
                follower_finish(follower);
}

static void follower_drained(struct request *request)
{
        follower_pump(request->data);
}

static void follower_gone(struct request *request)
{
        follower_detach(request->data);
}

void follow_add(struct follow *follow, struct request *request, const struct run *run, bool output, bool now)
{
        struct follower *follower = calloc(1, sizeof(*follower));
        struct error error = ERROR_INIT;
        int r = follower ? 0 : -ENOMEM;

        if (r == 0 && output)
                r = output_reader_new(follow->daemon->output_fd, run->id, &follower->reader, &error);
        if (r == 0 && (now || run_state_is_final(run->state))) {
                json_t *value = run_to_json(run);
                follower->final = value ? json_pack("{s:o}", "run", value) : NULL;
                r = follower->final ? 0 : -ENOMEM;
        }
        if (r < 0) {
                if (follower)
                        output_reader_free(follower->reader);
                free(follower);
                request_failed(request, r, error.text[0] ? error.text : NULL);
                return;
        }
        follower->request = request;
        follower->run_id = run->id;
        LIST_INSERT_HEAD(follow_bucket(follow, run->id), follower, link);
        request->data = follower;
        request->drained = follower_drained;
        request->gone = follower_gone;
        follower_pump(follower);
}

void follow_output(struct follow *follow, int64_t run_id)
{
        struct follower *follower, *next;

        for (follower = LIST_FIRST(follow_bucket(follow, run_id)); follower; follower = next) {
                next = LIST_NEXT(follower, link);
                if (follower->run_id == run_id && follower->reader)
                        follower_pump(follower);
        }
}

void follow_ended(struct follow *follow, const struct run *run)
{
        struct follower *follower, *next;
        json_t *final = NULL;

        for (follower = LIST_FIRST(follow_bucket(follow, run->id)); follower; follower = next) {
                next = LIST_NEXT(follower, link);
                if (follower->run_id != run->id || follower->final)
                        continue;
                if (!final) {
                        json_t *value = run_to_json(run);
                        final = value ? json_pack("{s:o}", "run", value) : NULL;
                }
                if (!final) {
                        struct request *request = follower->request;
                        follower_detach(follower);
                        request_failed(request, -ENOMEM, NULL);
                        continue;
                }
                follower->final = json_incref(final);
                follower_pump(follower);
        }
        json_decref(final);
}

void follow_shutdown(struct follow *follow)
{
        for (size_t i = 0; i < FOLLOW_BUCKETS; i++) {
                struct follower *follower, *next;

                for (follower = LIST_FIRST(&follow->buckets[i]); follower; follower = next) {
                        next = LIST_NEXT(follower, link);
                        if (follower->final)
                                continue; /* only its client is slow */
                        struct request *request = follower->request;
                        follower_detach(follower);
                        request_error(request, "ShuttingDown", json_object());
                }
        }
}

int follow_new(struct daemon *daemon, struct follow **ret)
{
        struct follow *follow = calloc(1, sizeof(*follow));

        if (!follow)
                return -ENOMEM;
        follow->daemon = daemon;
        for (size_t i = 0; i < FOLLOW_BUCKETS; i++)
                LIST_INIT(&follow->buckets[i]);
        *ret = follow;
        return 0;
}

void follow_free(struct follow *follow)
{
        if (!follow)
                return;
        for (size_t i = 0; i < FOLLOW_BUCKETS; i++)
                while (!LIST_EMPTY(&follow->buckets[i]))
                        follower_detach(LIST_FIRST(&follow->buckets[i]));
        free(follow);
}
