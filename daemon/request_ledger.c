/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Ledger: passes with their occurrences, oldest pass first. An answer has at most LEDGER_ROWS of them; a pass that has
 * more goes on in the next, so that a client puts together those of one schedule and number.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/request.h"
#include "daemon/request_values.h"
#include "daemon/scheduler.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"

#define LEDGER_ROWS 500

enum ledger_part {
        LEDGER_PASSES, /* that have ended, and backfills */
        LEDGER_SCHEDULES,
        LEDGER_EVENTS,
        LEDGER_END,
};

struct ledger {
        char *name; /* NULL: all */
        int64_t from_us, until_us;
        enum ledger_part part;
        int64_t id;       /* of the pass or schedule that comes next, less one */
        int64_t after_us; /* in a pass that was begun: the end of the last row; INT64_MIN: it was not */
};

struct ledger_fill {
        const struct ledger *ledger;
        json_t *rows;
        int64_t last_us;
        bool full;
};

static int ledger_each(const struct occurrence *occurrence, void *data)
{
        struct ledger_fill *fill = data;
        json_t *row;

        if (occurrence->first_us > fill->ledger->until_us)
                return 1;
        if (json_array_size(fill->rows) == LEDGER_ROWS) {
                fill->full = true;
                return 1;
        }
        row = json_pack("{s:I, s:I, s:I, s:I, s:I, s:s, s:I}", "id", (json_int_t)occurrence->id, "pass",
                        (json_int_t)occurrence->pass, "after", (json_int_t)occurrence->after_us, "first",
                        (json_int_t)occurrence->first_us, "last", (json_int_t)occurrence->last_us, "outcome",
                        occurrence_outcome_name(occurrence->outcome), "decidedAt",
                        (json_int_t)occurrence->decided_at_us);
        int r = row ? 0 : -ENOMEM;
        if (r == 0 && occurrence->count >= 0)
                r = json_object_set_new(row, "count", json_integer(occurrence->count));
        if (r == 0 && occurrence->reason[0])
                r = json_object_set_new(row, "reason", json_string(occurrence->reason));
        if (r == 0 && occurrence->run_id)
                r = json_object_set_new(row, "run", json_integer(occurrence->run_id));
        if (r == 0 && occurrence->into_id)
                r = json_object_set_new(row, "into", json_integer(occurrence->into_id));
        if (r == 0)
                r = json_array_append(fill->rows, row);
        json_decref(row);
        fill->last_us = occurrence->last_us;
        return r < 0 ? -ENOMEM : 0;
}

/* The pass with what it has to show; *ret_full: not all of it. */
static int ledger_pass(struct request *request, struct ledger *ledger, const struct pass *pass, bool open,
                       const char *kind, json_t **ret, bool *ret_full)
{
        struct ledger_fill fill = { .ledger = ledger, .rows = json_array() };
        int64_t after_us = ledger->after_us == INT64_MIN ? ledger->from_us - 1 : ledger->after_us;

        if (!fill.rows)
                return -ENOMEM;
        int r = store_occurrence_list(request->daemon->store, pass->schedule_id, pass->pass, after_us,
                                      ledger_each, &fill);
        json_t *value = r < 0 ? NULL
                              : json_pack("{s:s, s:I, s:s, s:s, s:o, s:I, s:I, s:I, s:O}", "schedule",
                                          pass->name, "pass", (json_int_t)pass->pass, "kind", kind, "why",
                                          pass->why, "definition", request_definition_json(pass->definition),
                                          "from", (json_int_t)pass->from_us, "cursor",
                                          (json_int_t)pass->cursor_us, "beganAt",
                                          (json_int_t)pass->began_at_us, "occurrences", fill.rows);
        json_decref(fill.rows);
        if (value && !open && json_object_set_new(value, "until", json_integer(pass->until_us)) < 0) {
                json_decref(value);
                value = NULL;
        }
        if (!value)
                return r < 0 ? r : -ENOMEM;
        ledger->after_us = fill.full ? fill.last_us : INT64_MIN;
        *ret_full = fill.full;
        *ret = value;
        return 0;
}

static bool ledger_wants(const struct request *request, const struct ledger *ledger, const char *name,
                         uid_t uid)
{
        /* Whose it is: as with runs, what others have is not there. */
        return (!ledger->name || strcmp(ledger->name, name) == 0) &&
               (authorise(&request->peer, ACTION_SEE_OTHERS) || uid == request->peer.uid);
}

/* The next that has ended, or is a backfill. STORE_NOT_FOUND: none. *ret NULL: it is not wanted. */
static int ledger_next_pass(struct request *request, struct ledger *ledger, json_t **ret)
{
        struct pass pass = { 0 };
        bool full = false;
        int r = store_pass_after(request->daemon->store, ledger->id, &pass);

        *ret = NULL;
        if (r == 0 && ledger_wants(request, ledger, pass.name, pass.uid) &&
            (pass.kind == PASS_BACKFILL ||
             (pass.until_us >= ledger->from_us && pass.from_us <= ledger->until_us)))
                r = ledger_pass(request, ledger, &pass, false,
                                pass.kind == PASS_BACKFILL ? "backfill" : "clock", ret, &full);
        if (r == 0 && !full)
                ledger->id = pass.id;
        pass_done(&pass);
        return r;
}

/* The open pass of the next schedule, or its events. */
static int ledger_next_schedule(struct request *request, struct ledger *ledger, json_t **ret)
{
        bool events = ledger->part == LEDGER_EVENTS, full = false;
        struct schedule schedule = { 0 };
        int r = store_schedule_after(request->daemon->store, ledger->id, &schedule);

        *ret = NULL;
        bool wanted = r == 0 && ledger_wants(request, ledger, schedule.name, schedule.uid);
        if (wanted && !events)
                r = timetable_settle(scheduler_timetable(request->daemon->scheduler), &schedule,
                                     clock_realtime_us());
        if (r == 0 && wanted) {
                const struct pass pass = {
                        .schedule_id = schedule.id,
                        .pass = events ? 0 : schedule.pass,
                        .name = schedule.name,
                        .why = events ? (char *)"events" : schedule.pass_why,
                        .definition = schedule.definition,
                        .from_us = events ? 0 : schedule.pass_from_us,
                        .cursor_us = schedule.cursor_us,
                        .began_at_us = schedule.pass_began_us,
                };
                r = ledger_pass(request, ledger, &pass, true, events ? "events" : "clock", ret, &full);
        }
        if (r == 0 && !full)
                ledger->id = schedule.id;
        schedule_done(&schedule);
        return r;
}

/* One answer's worth. *ret_more: there are others. */
static int ledger_read(struct request *request, json_t **ret, bool *ret_more)
{
        struct ledger *ledger = request->data;
        struct request_batch batch;
        int r = request_batch_begin(&batch, request->call.more);

        while (r == 0 && ledger->part != LEDGER_END) {
                const struct ledger before = *ledger;
                json_t *pass = NULL;
                r = ledger->part == LEDGER_PASSES ? ledger_next_pass(request, ledger, &pass)
                                                  : ledger_next_schedule(request, ledger, &pass);
                if (r == STORE_NOT_FOUND) {
                        ledger->part++;
                        ledger->id = 0;
                        r = 0;
                } else if (r == 0 && pass) {
                        r = request_batch_add(&batch, pass);
                        if (r == 1)
                                *ledger = before;
                }
        }
        if (r < 0 || r == STORE_FULL) {
                request_batch_done(&batch);
                return r;
        }
        *ret_more = ledger->part != LEDGER_END;
        *ret = json_pack("{s:o}", "passes", batch.items);
        return 0;
}

static void ledger_free(void *data)
{
        struct ledger *ledger = data;

        if (ledger)
                free(ledger->name);
        free(ledger);
}

static void ledger_begin(int result, struct request *request)
{
        static const struct request_stream stream = { ledger_read, ledger_free };
        const char *name = request_string(request, "name");
        struct ledger *ledger = calloc(1, sizeof(*ledger));

        if (ledger)
                *ledger = (struct ledger){
                        .name = name ? strdup(name) : NULL,
                        .from_us = request_int(request, "from", 0),
                        .until_us = request_int(request, "until", INT64_MAX),
                        .after_us = INT64_MIN,
                };
        if (result < 0 || !ledger || (name && !ledger->name)) {
                ledger_free(ledger);
                request_failed(request, result < 0 ? result : -ENOMEM, NULL);
                return;
        }
        request_stream(request, &stream, ledger);
}

void request_ledger(struct request *request)
{
        if (request_int(request, "from", 0) < 0 ||
            request_int(request, "from", 0) > request_int(request, "until", 0))
                request_invalid(request, "from", "a time up to \"until\", in microseconds since the epoch");
        else
                request_after_commit(request, ledger_begin);
}
