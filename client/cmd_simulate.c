/* SPDX-License-Identifier: MPL-2.0 */
/* simulate: what schedules would do in a span of time, with the durations of recorded runs. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/print.h"
#include "client/records.h"
#include "client/schedules.h"
#include "client/sheet.h"
#include "client/simulate.h"
#include "client/simulate_subject.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/util.h"

#define DAY_US (INT64_C(86400) * 1000000)
#define RUNNING_DEFAULT 4 /* that of bgtaskd.runs.maxRunning */
#define RUNNING_MAX 1024
#define LISTED_MAX 100000 /* rows of the table; JSON has all */

static const struct table_column row_columns[] = {
        { "NOMINAL", false, false },
        { "START", false, false },
        { "END", false, false },
        { "WAITED", true, false },
        { "OUTCOME", false, false },
        { "SCHEDULE", false, true },
        { 0 },
};

static const struct table_column schedule_columns[] = {
        { "SCHEDULE", false, true }, { "RUNS", true, false },
        { "SKIPPED", true, false },  { "COALESCED", true, false },
        { "MISSED", true, false },   { "OVERLAPS", true, false },
        { "WAITED", true, false },   { "DURATION", true, false },
        { "OF", false, false },      { 0 },
};

/* The same draws each time, so that the same question has the same answer. */
static uint64_t simulation_random(void *data)
{
        uint64_t *state = data, hash = *state += UINT64_C(0x9e3779b97f4a7c15);

        hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
        return hash ^ (hash >> 31);
}

/* ---- as JSON ---- */

static void print_json_schedules(const struct simulate_world *world, const struct subjects *subjects)
{
        struct print_array array = { 0 };

        for (size_t i = 0; i < world->schedule_count; i++) {
                const struct simulate_schedule *schedule = &world->schedules[i];
                const struct subject *subject = &subjects->list[i];
                _cleanup_json_ json_t *entry =
                        json_pack("{s:s, s:s, s:s?, s:I, s:I, s:s, s:I, s:I, s:I, s:I}", "schedule",
                                  schedule->name, "task", schedule->task, "file", subject->file, "offsetUs",
                                  (json_int_t)schedule->offset_us, "durationUs",
                                  (json_int_t)schedule->duration_us, "durationFrom", subject->duration_from,
                                  "samples", (json_int_t)subject->samples, "overlaps",
                                  (json_int_t)schedule->overlaps, "waitedUs", (json_int_t)schedule->waited_us,
                                  "waitedMostUs", (json_int_t)schedule->waited_most_us);
                for (int o = 0; o < SIMULATE_OUTCOMES; o++)
                        json_object_set_new(entry, simulate_outcome_name((enum simulate_outcome)o),
                                            json_integer(schedule->outcomes[o]));
                print_array_add(&array, entry);
        }
        print_array_end(&array);
}

static json_t *time_or_null(int64_t at_us)
{
        return at_us ? json_integer(at_us) : json_null();
}

static void print_json_rows(const struct simulate_world *world, const struct simulate_result *result)
{
        struct print_array array = { 0 };

        for (size_t i = 0; i < result->row_count; i++) {
                const struct simulate_row *row = &result->rows[i];
                _cleanup_json_ json_t *entry = json_pack(
                        "{s:s, s:I, s:I, s:o, s:o, s:o, s:s, s:s?}", "schedule",
                        world->schedules[row->schedule].name, "nominalAt", (json_int_t)row->nominal_us,
                        "count", (json_int_t)row->count, "queuedAt", time_or_null(row->queued_us), "startAt",
                        time_or_null(row->start_us), "endAt", time_or_null(row->end_us), "outcome",
                        simulate_outcome_name(row->outcome), "reason", row->reason[0] ? row->reason : NULL);
                print_array_add(&array, entry);
        }
        print_array_end(&array);
}

static int print_as_json(const struct simulate_world *world, const struct subjects *subjects,
                         const struct simulate_result *result, bool summary, struct error *error)
{
        printf("{\"from\":%" PRId64 ",\"to\":%" PRId64 ",\"maxRunning\":%" PRId64
               ",\"occurrences\":%zu,\"runningPeak\":%" PRId64 ",\"runningPeakAt\":%" PRId64
               ",\"hourPeak\":%" PRId64 ",\"hourPeakAt\":%" PRId64 ",\"waitedUs\":%" PRId64
               ",\"waitedMostUs\":%" PRId64 ",\"waitedCount\":%" PRId64 ",\n\"schedules\":",
               world->from_us, world->until_us, world->running_max, result->row_count, result->running_peak,
               result->running_peak_us, result->hour_peak, result->hour_peak_us, result->waited_us,
               result->waited_most_us, result->waited_count);
        print_json_schedules(world, subjects);
        if (!summary) {
                fputs(",\"rows\":", stdout);
                print_json_rows(world, result);
        }
        puts("}");
        return print_flush(error);
}

/* ---- for people ---- */

static enum text_color outcome_color(enum simulate_outcome outcome)
{
        static const enum text_color colors[SIMULATE_OUTCOMES] = {
                [SIMULATE_WAITS] = TEXT_YELLOW, [SIMULATE_ENDED] = TEXT_RED,
                [SIMULATE_SKIPPED] = TEXT_RED,  [SIMULATE_COALESCED] = TEXT_YELLOW,
                [SIMULATE_MISSED] = TEXT_RED,
        };

        return colors[outcome];
}

static char *outcome_text(const struct simulate_row *row)
{
        const char *name = simulate_outcome_name(row->outcome);

        if (row->count > 1)
                return format_string("%s: %s, %" PRId64 " times", name, row->reason, row->count);
        return row->reason[0] ? format_string("%s: %s", name, row->reason) : strdup(name);
}

static int print_rows(const struct simulate_world *world, const struct simulate_result *result,
                      struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(row_columns);

        if (result->row_count > LISTED_MAX) {
                ctl_message("%zu occurrences are more than are listed (%d): --json has them all",
                            result->row_count, LISTED_MAX);
                return 0;
        }
        for (size_t i = 0; table && i < result->row_count; i++) {
                const struct simulate_row *row = &result->rows[i];
                table_add(table, text_time(row->nominal_us, "-"), TEXT_PLAIN);
                table_add(table, text_time(row->start_us, "-"), TEXT_PLAIN);
                table_add(table, text_time(row->start_us ? row->end_us : 0, "-"), TEXT_PLAIN);
                table_add(table,
                          row->start_us > row->queued_us ? text_duration(row->start_us - row->queued_us)
                                                         : strdup("-"),
                          TEXT_PLAIN);
                table_add(table, outcome_text(row), outcome_color(row->outcome));
                table_add(table, text_line(world->schedules[row->schedule].name), TEXT_PLAIN);
        }
        int code = table ? print_table(table, error) : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        putchar('\n');
        return code;
}

static char *number(int64_t value)
{
        return format_string("%" PRId64, value);
}

/* What the durations are those of, in words. */
static char *duration_text(const struct subject *subject)
{
        if (strcmp(subject->duration_from, "option") == 0)
                return strdup("--duration");
        if (strcmp(subject->duration_from, "assumed") == 0)
                return strdup("assumed: no run of it is known");
        return format_string("%" PRId64 " runs of the %s", subject->samples, subject->duration_from);
}

static int print_schedules(const struct simulate_world *world, const struct subjects *subjects,
                           struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(schedule_columns);

        for (size_t i = 0; table && i < world->schedule_count; i++) {
                const struct simulate_schedule *schedule = &world->schedules[i];
                const int64_t *outcomes = schedule->outcomes;
                table_add(table, text_line(schedule->name), TEXT_PLAIN);
                table_add(table, number(outcomes[SIMULATE_RAN] + outcomes[SIMULATE_ENDED]), TEXT_PLAIN);
                table_add(table, number(outcomes[SIMULATE_SKIPPED]),
                          outcomes[SIMULATE_SKIPPED] ? TEXT_RED : TEXT_PLAIN);
                table_add(table, number(outcomes[SIMULATE_COALESCED]), TEXT_PLAIN);
                table_add(table, number(outcomes[SIMULATE_MISSED]), TEXT_PLAIN);
                table_add(table, number(schedule->overlaps), schedule->overlaps ? TEXT_YELLOW : TEXT_PLAIN);
                table_add(table, text_duration(schedule->waited_us), TEXT_PLAIN);
                table_add(table, text_duration(schedule->duration_us), TEXT_PLAIN);
                table_add(table, duration_text(&subjects->list[i]), TEXT_PLAIN);
        }
        return table ? print_table(table, error) : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
}

static void print_summary(const struct simulate_world *world, const struct simulate_result *result)
{
        const struct sheet sheet = { .color = text_use_color(stdout) };
        _cleanup_free_ char *from = text_time(world->from_us, "-"), *to = text_time(world->until_us, "-"),
                            *peak = text_time(result->running_peak_us, "-"),
                            *hour = text_time(result->hour_peak_us, "-"),
                            *waited = text_duration(result->waited_us),
                            *most = text_duration(result->waited_most_us);
        int64_t runs = 0;

        for (size_t i = 0; i < world->schedule_count; i++)
                runs += world->schedules[i].outcomes[SIMULATE_RAN] +
                        world->schedules[i].outcomes[SIMULATE_ENDED];
        if (!from || !to || !peak || !hour || !waited || !most)
                return; /* no memory: sheet_line() leaves out what there is none for */
        putchar('\n');
        sheet_line(&sheet, "Time", format_string("%s to %s", from, to), TEXT_PLAIN);
        sheet_line(&sheet, "Runs", number(runs), TEXT_PLAIN);
        sheet_line(&sheet, "At once",
                   format_string("%" PRId64 " of at most %" PRId64 ", first at %s", result->running_peak,
                                 world->running_max, peak),
                   result->running_peak == world->running_max ? TEXT_YELLOW : TEXT_PLAIN);
        sheet_line(&sheet, "Busiest hour",
                   format_string("%" PRId64 " begin from %s on", result->hour_peak, hour), TEXT_PLAIN);
        sheet_line(&sheet, "Waited",
                   format_string("%" PRId64 " for a slot: %s, at most %s", result->waited_count, waited,
                                 most),
                   TEXT_PLAIN);
        for (size_t i = 0; i < world->schedule_count; i++)
                if (world->schedules[i].overlaps)
                        sheet_line(&sheet, "Overlap",
                                   format_string("schedule %s: its run had not ended at %" PRId64
                                                 " of its times",
                                                 world->schedules[i].name, world->schedules[i].overlaps),
                                   TEXT_YELLOW);
}

static int print_as_text(const struct simulate_world *world, const struct subjects *subjects,
                         const struct simulate_result *result, bool summary, struct error *error)
{
        int code = summary ? 0 : print_rows(world, result, error);

        if (code == 0)
                code = print_schedules(world, subjects, error);
        if (code)
                return code;
        print_summary(world, result);
        return print_flush(error);
}

/* ---- the question ---- */

static int simulate_subjects(const struct ctl *ctl, struct simulate_world *world,
                             const struct subjects *subjects, bool summary, struct error *error)
{
        struct simulate_result result;
        uint64_t random = 1;

        world->schedules = calloc(subjects->count + 1, sizeof(*world->schedules));
        if (!world->schedules)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        for (size_t i = 0; i < subjects->count; i++) {
                const struct subject *subject = &subjects->list[i];
                world->schedules[world->schedule_count++] = (struct simulate_schedule){
                        .name = subject->name,
                        .task = subject->task,
                        .definition = &subject->definition,
                        .times = subject->times,
                        .offset_us = subject->offset_us,
                        .duration_us = subject->duration_us,
                        .from_us = subject->from_us,
                };
        }
        world->random = simulation_random;
        world->data = &random;
        world->rows_max = SIMULATE_ROWS_MAX;
        int r = simulate(world, &result), code;
        if (r == -E2BIG)
                code = ctl_fail(error, PROGRAM_EXIT_DATAERR,
                                "more than %d occurrences from --from to --to: expected a shorter time, or "
                                "fewer schedules",
                                SIMULATE_ROWS_MAX);
        else if (r < 0)
                code = ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        else
                code = (ctl->json ? print_as_json : print_as_text)(world, subjects, &result, summary, error);
        if (r == 0)
                simulate_done(&result);
        free(world->schedules);
        return code;
}

static int running_max(const struct ctl *ctl, const struct arguments *arguments, bool asks, int64_t *ret,
                       struct error *error)
{
        const char *text = arguments_option(arguments, "max-running");
        _cleanup_json_ json_t *status = NULL;

        *ret = RUNNING_DEFAULT;
        if (text && parse_int64(text, 1, RUNNING_MAX, ret) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --max-running \"%s\": expected 1 to %d",
                                text, RUNNING_MAX);
        if (text || !asks)
                return 0;
        int code = connection_request(ctl, "Status", json_object(), &status, error);
        if (code == 0)
                *ret = MAX(record_int(status, "maxRunning", RUNNING_DEFAULT), INT64_C(1));
        return code;
}

static int options_read(const struct arguments *arguments, struct simulate_world *ret,
                        struct subject_duration *ret_duration, struct error *error)
{
        const char *duration = arguments_option(arguments, "duration");
        int code;

        ret->from_us = clock_realtime_us();
        code = schedules_time_option(arguments, "from", &ret->from_us, error);
        ret->until_us = ret->from_us + DAY_US;
        if (code == 0)
                code = schedules_time_option(arguments, "to", &ret->until_us, error);
        if (code == 0 && ret->until_us <= ret->from_us)
                code = ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --to: expected a time later than --from");
        if (code == 0 && duration)
                code = subject_duration_parse(duration, ret_duration, error);
        return code;
}

/* With files the daemon is not asked, unless it is wanted beside them. */
static int subjects_of(const struct ctl *ctl, const struct arguments *arguments, bool asks,
                       struct subjects *subjects, struct error *error)
{
        const char *name, *value;
        size_t at = 0;
        int code = 0;

        while (code == 0 && arguments_next(arguments, &at, &name, &value))
                if (strcmp(name, "file") == 0)
                        code = subjects_add_file(subjects, ctl, value, error);
        if (code == 0 && asks)
                code = subjects_add_daemon(subjects, ctl, arguments->operands, error);
        for (size_t i = 0; code == 0 && i < arguments->operand_count; i++)
                if (!subjects_find(subjects, arguments->operands[i]))
                        code = ctl_fail(error, PROGRAM_EXIT_NOINPUT, "there is no schedule \"%s\"",
                                        arguments->operands[i]);
        return code;
}

int cmd_simulate(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        bool asks = !arguments_option(arguments, "file") || arguments_flag(arguments, "all") ||
                    arguments->operand_count > 0;
        struct simulate_world world = { 0 };
        struct subject_duration duration = { .quantile = SUBJECT_P50 };
        struct subjects subjects = { 0 };
        int code = options_read(arguments, &world, &duration, error);

        if (code == 0)
                code = running_max(ctl, arguments, asks, &world.running_max, error);
        if (code == 0)
                code = subjects_of(ctl, arguments, asks, &subjects, error);
        if (code == 0)
                code = subjects_measure(&subjects, ctl, &duration, asks, error);
        if (code == 0)
                code = simulate_subjects(ctl, &world, &subjects, arguments_flag(arguments, "summary"), error);
        subjects_done(&subjects);
        return code;
}
