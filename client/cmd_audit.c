/* SPDX-License-Identifier: MPL-2.0 */
/*
 * audit: the ledger held against the nominal times, which are computed anew here. The daemon's part is to give out its
 * rows; whether they are complete is judged without it.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/print.h"
#include "client/records.h"
#include "client/schedules.h"
#include "client/text.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/schedule_audit.h"
#include "lib/util.h"
#include "lib/zone.h"

/* The daemon's schedules are a little ahead of the clock: what they have decided by now is wanted as well. */
#define AUDIT_AHEAD_US INT64_C(1000000)

CLEANUP_DEFINE(struct zones, zones_free);

struct auditor {
        const struct ctl *ctl;
        struct zones *zones;
        int64_t from_us, until_us;
        int64_t since_us; /* what was decided up to then is not all kept; 0: all is */
        json_t *problems;
        int64_t passes, rows, nominal_times, uncounted;
        json_t *outcomes; /* how many nominal times had each */
};

static void auditor_complain(struct auditor *auditor, const json_t *pass, const char *text)
{
        json_t *problem = json_pack("{s:O, s:O, s:s}", "schedule", json_object_get(pass, "schedule"), "pass",
                                    json_object_get(pass, "pass"), "problem", text);

        if (problem)
                json_array_append_new(auditor->problems, problem);
        if (!auditor->ctl->json) {
                _cleanup_free_ char *name = text_line(record_string(pass, "schedule"));
                printf("schedule %s, pass %" PRId64 ": %s\n", name ? name : "", record_int(pass, "pass", 0),
                       text);
        }
}

static void auditor_count(struct auditor *auditor, const json_t *row)
{
        const char *outcome = record_string(row, "outcome");
        int64_t count = record_int(row, "count", -1);

        auditor->rows++;
        auditor->uncounted += count < 0;
        auditor->nominal_times += MAX(count, INT64_C(0));
        json_object_set_new(auditor->outcomes, outcome,
                            json_integer(json_integer_value(json_object_get(auditor->outcomes, outcome)) +
                                         MAX(count, INT64_C(0))));
}

/* The rows of a pass, in order. */
static void audit_rows(struct auditor *auditor, const json_t *pass, const struct schedule_times *times)
{
        const json_t *rows = json_object_get(pass, "occurrences"), *first = json_array_get(rows, 0);
        int64_t from_us = record_int(pass, "from", 0), cursor_us = record_int(pass, "cursor", 0);
        struct schedule_audit audit;
        struct error reason = ERROR_INIT;
        size_t i;
        json_t *row;

        /* A part of the pass begins where its first row says; before that nothing was asked for. */
        if (first && from_us < auditor->from_us)
                from_us = MAX(from_us, record_int(first, "after", 0));
        else
                from_us = MAX(from_us, first ? from_us : auditor->from_us);
        schedule_audit_begin(&audit, times, from_us);
        json_array_foreach((json_t *)(uintptr_t)rows, i, row) {
                auditor_count(auditor, row);
                if (schedule_audit_row(&audit, record_int(row, "after", 0), record_int(row, "first", 0),
                                       record_int(row, "last", 0), record_int(row, "count", -1), &reason) < 0)
                        auditor_complain(auditor, pass, reason.text);
        }
        if (schedule_audit_end(&audit, MIN(cursor_us, auditor->until_us), &reason) < 0)
                auditor_complain(auditor, pass, reason.text);
}

/* Whether the pass ended because a zone got new data: what its times were is not known any more, but for its rows. */
static bool is_outdated(const json_t *passes, const json_t *pass)
{
        size_t i;
        json_t *next;

        json_array_foreach((json_t *)(uintptr_t)passes, i, next)
                if (record_int(next, "pass", 0) == record_int(pass, "pass", 0) + 1 &&
                    strcmp(record_string(next, "why"), "zone-changed") == 0 &&
                    json_equal(json_object_get(next, "schedule"), json_object_get(pass, "schedule")))
                        return true;
        return false;
}

static int audit_pass(struct auditor *auditor, const json_t *passes, const json_t *pass, struct error *error)
{
        struct schedule_definition definition;
        struct schedule_times *times = NULL;
        struct error reason = ERROR_INIT;
        size_t i;
        json_t *row;

        auditor->passes++;
        /* Events do not come from anywhere that could be computed. */
        if (strcmp(record_string(pass, "kind"), "events") == 0) {
                json_array_foreach(json_object_get(pass, "occurrences"), i, row)
                        auditor_count(auditor, row);
                return 0;
        }
        int code = schedules_definition(json_object_get(pass, "definition"), &definition, error);
        if (code)
                return code;
        if (!is_outdated(passes, pass) && schedule_times_new(&definition, record_string(pass, "schedule"),
                                                             auditor->zones, &times, &reason) < 0)
                auditor_complain(auditor, pass, reason.text);
        if (definition.enabled)
                audit_rows(auditor, pass, times);
        schedule_times_free(times);
        schedule_definition_done(&definition);
        return 0;
}

/* Passes come in parts; those of one schedule and number are one. */
static json_t *passes_join(const json_t *parts)
{
        json_t *passes = json_array(), *last = NULL, *part;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)parts, i, part) {
                if (last &&
                    json_equal(json_object_get(last, "schedule"), json_object_get(part, "schedule")) &&
                    json_equal(json_object_get(last, "pass"), json_object_get(part, "pass")) &&
                    /* Another schedule may have the name of one that was removed. */
                    json_equal(json_object_get(last, "beganAt"), json_object_get(part, "beganAt"))) {
                        json_array_extend(json_object_get(last, "occurrences"),
                                          json_object_get(part, "occurrences"));
                } else {
                        json_array_append(passes, part);
                        last = part;
                }
        }
        return passes;
}

static void audit_print_since(int64_t since_us)
{
        _cleanup_free_ char *at = since_us ? text_time(since_us, "") : NULL;

        if (at)
                printf("the ledger is kept since %s: what is there is complete\n", at);
}

static int audit_print(const struct auditor *auditor, struct error *error)
{
        size_t problems = json_array_size(auditor->problems);
        const char *outcome;
        json_t *count;

        if (auditor->ctl->json) {
                _cleanup_json_ json_t *result = json_pack(
                        "{s:I, s:I, s:I, s:I, s:O, s:O, s:o}", "passes", (json_int_t)auditor->passes, "rows",
                        (json_int_t)auditor->rows, "nominalTimes", (json_int_t)auditor->nominal_times,
                        "uncountedRows", (json_int_t)auditor->uncounted, "outcomes", auditor->outcomes,
                        "problems", auditor->problems, "keptSince",
                        auditor->since_us ? json_integer(auditor->since_us) : json_null());
                print_json(result);
        } else {
                audit_print_since(auditor->since_us);
                printf("%" PRId64 " nominal times in %" PRId64 " rows of %" PRId64 " passes",
                       auditor->nominal_times, auditor->rows, auditor->passes);
                const char *before = ": ";
                json_object_foreach(auditor->outcomes, outcome, count) {
                        printf("%s%s %" JSON_INTEGER_FORMAT, before, outcome, json_integer_value(count));
                        before = ", ";
                }
                if (problems)
                        printf("; %zu problems\n", problems);
                else
                        printf("; each is accounted for\n");
        }
        int code = print_flush(error);
        return code ? code : problems ? PROGRAM_EXIT_DATAERR : 0;
}

static int audit_all(struct auditor *auditor, const json_t *parts, struct error *error)
{
        _cleanup_json_ json_t *passes = passes_join(parts);
        int code = 0;
        size_t i;
        json_t *pass;

        json_array_foreach(passes, i, pass) {
                if (code == 0)
                        code = audit_pass(auditor, passes, pass, error);
        }
        return code ? code : audit_print(auditor, error);
}

int cmd_audit(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(zones_free_cleanup) struct zones *zones = NULL;
        _cleanup_json_ json_t *parts = NULL, *status = NULL, *problems = json_array(),
                              *outcomes = json_object();
        struct auditor auditor = { .ctl = ctl,
                                   .until_us = clock_realtime_us() + AUDIT_AHEAD_US,
                                   .problems = problems,
                                   .outcomes = outcomes };
        const char *name = arguments->operand_count ? arguments->operands[0] : NULL;
        int code = name ? schedules_check_name(name, error) : 0;

        if (code == 0)
                code = schedules_time_option(arguments, "from", &auditor.from_us, error);
        if (code == 0)
                code = schedules_time_option(arguments, "to", &auditor.until_us, error);
        if (code == 0 && auditor.from_us > auditor.until_us)
                code = ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --to: expected a time after --from");
        if (code == 0 && zones_new(NULL, &zones) < 0)
                code = ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        auditor.zones = zones;
        if (code == 0)
                code = connection_request(ctl, "Status", json_object(), &status, error);
        if (code == 0)
                auditor.since_us = record_int(status, "ledgerSince", 0);
        if (code == 0)
                code = schedules_collect(ctl, "Ledger",
                                         json_pack("{s:s*, s:I, s:I}", "name", name, "from",
                                                   (json_int_t)auditor.from_us, "until",
                                                   (json_int_t)auditor.until_us),
                                         "passes", record_pass, &parts, error);
        if (code == 0 && name && json_array_size(parts) == 0) {
                /* It has nothing in that time, or there never was one. */
                _cleanup_json_ json_t *shown = NULL;
                code = schedules_show(ctl, name, &shown, error);
        }
        return code ? code : audit_all(&auditor, parts, error);
}
