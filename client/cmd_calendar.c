/* SPDX-License-Identifier: MPL-2.0 */
/* calendar: when expressions elapse. No daemon is asked. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/calendar_query.h"
#include "client/print.h"
#include "client/records.h"
#include "client/sheet.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/json.h"
#include "lib/schedule_value.h"
#include "lib/util.h"

#define ITERATIONS_DEFAULT 5
#define LINE_MAX_BYTES (64 * 1024)

CLEANUP_DEFINE(struct zones, zones_free);

static const struct table_column calendar_columns[] = {
        { "UTC", false, false },
        { "LOCAL", false, false },
        { "IN", true, false },
        { "NOTE", false, false },
        { 0 },
};

/* ---- one question ---- */

static int time_option(const struct arguments *arguments, const char *name, int64_t *ret_us,
                       struct error *error)
{
        const char *text = arguments_option(arguments, name);
        struct error reason = ERROR_INIT;
        bool local;
        int r = text ? schedule_value_time(text, arguments_option(arguments, "zone"), ret_us, &local, &reason)
                     : 0;

        if (r == 0)
                return 0;
        if (reason.code)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --%s: %s", name, reason.text);
        return ctl_fail(
                error, PROGRAM_EXIT_USAGE,
                "invalid --%s: expected @SECONDS or \"YYYY-MM-DD HH:MM:SS\", from 1970 to 2199, found \"%s\"",
                name, text);
}

static int query_parse(const struct arguments *arguments, struct calendar_query *ret, struct error *error)
{
        const char *iterations = arguments_option(arguments, "iterations");
        struct calendar_query query = {
                .expressions = arguments->operands,
                .except = arguments_option(arguments, "except"),
                .zone = arguments_option(arguments, "zone"),
                .gap = arguments_option(arguments, "gap"),
                .overlap = arguments_option(arguments, "overlap"),
                .seed = arguments_option(arguments, "seed"),
                .cron = arguments_flag(arguments, "cron"),
                .from_us = clock_realtime_us(),
                .until_us = INT64_MAX,
                .iterations = ITERATIONS_DEFAULT,
        };
        int code = time_option(arguments, "from", &query.from_us, error);

        if (code == 0)
                code = time_option(arguments, "until", &query.until_us, error);
        if (code)
                return code;
        if (iterations && parse_int64(iterations, 1, CALENDAR_QUERY_ITERATIONS_MAX, &query.iterations) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "invalid --iterations: expected 1 to %d, found \"%s\"",
                                CALENDAR_QUERY_ITERATIONS_MAX, iterations);
        *ret = query;
        return 0;
}

static int elapses_print(const struct calendar_query *query, const struct calendar_answer *answer,
                         struct error *error)
{
        _cleanup_(table_free_cleanup) struct table *table = table_new(calendar_columns);
        struct calendar_elapse elapse = { .at_us = query->from_us };
        char local[CALENDAR_LOCAL_MAX], utc[32];
        int64_t now_us = clock_realtime_us(), count = 0;

        if (!table)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        for (; count < query->iterations; count++) {
                if (!calendar_set_next(&answer->set, elapse.at_us, &elapse) || elapse.at_us > query->until_us)
                        break;
                calendar_answer_local(answer, elapse.at_us, local);
                table_add(table, strdup(timestamp_format(elapse.at_us, 1, utc, sizeof(utc))), TEXT_PLAIN);
                table_add(table, strdup(local), TEXT_PLAIN);
                table_add(table, elapse.at_us > now_us ? text_duration(elapse.at_us - now_us) : strdup("-"),
                          TEXT_PLAIN);
                table_add(table, strdup(calendar_note_text(elapse.note)), TEXT_YELLOW);
        }
        return count ? print_table(table, error) : print_flush(error);
}

static int answer_print_json(const struct calendar_query *query, const struct calendar_answer *answer,
                             const struct zones *zones, struct error *error)
{
        _cleanup_free_ char *database = zones_version(zones);

        if (!database)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        calendar_answer_print(query, answer, database);
        putchar('\n');
        return print_flush(error);
}

static int answer_print(const struct calendar_query *query, const struct calendar_answer *answer,
                        struct error *error)
{
        struct sheet sheet = { .color = text_use_color(stdout) };
        bool several = json_is_array(answer->normalized);
        size_t count = several ? json_array_size(answer->normalized) : 1;
        struct calendar_elapse elapse;

        for (size_t i = 0; i < count; i++)
                sheet_line(&sheet, "Normalised",
                           strdup(json_string_value(several ? json_array_get(answer->normalized, i)
                                                            : answer->normalized)),
                           TEXT_BOLD);
        sheet_line(&sheet, "Zone", strdup(zone_name(answer->zone)), TEXT_PLAIN);
        if (answer->never)
                sheet_line(&sheet, "Next", strdup("never elapses: no date is like that"), TEXT_YELLOW);
        else if (answer->set.count == 0)
                sheet_line(&sheet, "Next", strdup("at boot"), TEXT_PLAIN);
        else if (!calendar_set_next(&answer->set, query->from_us, &elapse) || elapse.at_us > query->until_us)
                sheet_line(&sheet, "Next", strdup("none in this time"), TEXT_YELLOW);
        return elapses_print(query, answer, error);
}

/* ---- many, one a line ---- */

/* "from" is a number of seconds, maybe with a fraction. */
static int from_member(const json_t *object, int64_t *ret_us, struct error *error)
{
        const json_t *from = json_object_get(object, "from");
        double seconds = json_number_value(from);

        if (!from)
                return 0;
        if (!json_is_number(from) || !(seconds >= -1e9 && seconds <= 1e10))
                return error_set(error, EINVAL, "from: expected seconds since 1970, up to the year 2199");
        *ret_us = json_is_integer(from) ? json_integer_value(from) * (int64_t)USEC_PER_SEC
                                        : (int64_t)(seconds * (double)USEC_PER_SEC);
        return 0;
}

/* Print the answer to one line, or why there is none. */
static int line_answer(const char *line, size_t size, struct zones *zones, struct error *error)
{
        struct calendar_query query = { .until_us = INT64_MAX,
                                        .iterations = 1,
                                        .from_us = clock_realtime_us() };
        struct calendar_answer answer;
        _cleanup_json_ json_t *object = NULL;
        const char *expression = NULL;

        if (json_decode(line, size, &object, error) < 0 ||
            json_member_string(object, "expr", &expression, error) < 0 ||
            json_member_bool(object, "cron", &query.cron, error) < 0 ||
            json_member_string(object, "except", &query.except, error) < 0 ||
            json_member_string(object, "zone", &query.zone, error) < 0 ||
            json_member_string(object, "gap", &query.gap, error) < 0 ||
            json_member_string(object, "overlap", &query.overlap, error) < 0 ||
            json_member_string(object, "seed", &query.seed, error) < 0 ||
            json_member_int(object, "iterations", 0, CALENDAR_QUERY_ITERATIONS_MAX, &query.iterations,
                            error) < 0 ||
            from_member(object, &query.from_us, error) < 0)
                return -EINVAL;
        if (!expression)
                return error_set(error, EINVAL, "expr: expected a text, found nothing");
        char *expressions[] = { (char *)expression, NULL };
        query.expressions = expressions;
        int r = calendar_query_answer(&query, zones, &answer, error);
        if (r < 0)
                return r;
        calendar_answer_print(&query, &answer, NULL);
        calendar_answer_done(&answer);
        return 0;
}

static int batch_run(struct zones *zones, struct error *error)
{
        _cleanup_free_ char *line = NULL;
        size_t room = 0;
        ssize_t size;

        while ((size = getline(&line, &room, stdin)) >= 0) {
                struct error reason = ERROR_INIT;
                int r = size > LINE_MAX_BYTES
                                ? error_set(&reason, EINVAL, "expected lines of at most %d bytes",
                                            LINE_MAX_BYTES)
                                : line_answer(line, (size_t)size, zones, &reason);
                if (r == -ENOMEM)
                        return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
                if (r < 0) {
                        _cleanup_free_ char *text = text_line(reason.text);
                        _cleanup_json_ json_t *answer = json_pack("{s:s}", "error", text ? text : "?");
                        json_dumpf(answer, stdout, JSON_COMPACT);
                }
                putchar('\n');
        }
        if (ferror(stdin))
                return ctl_fail(error, PROGRAM_EXIT_IOERR, "cannot read stdin: %s", strerror(errno));
        return print_flush(error);
}

int cmd_calendar(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(zones_free_cleanup) struct zones *zones = NULL;
        struct error reason = ERROR_INIT;
        struct calendar_answer answer;
        struct calendar_query query;
        int code;

        if (zones_new(NULL, &zones) < 0)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        if (arguments_flag(arguments, "batch"))
                return arguments->operand_count == 0 ? batch_run(zones, error)
                                                     : ctl_fail(error, PROGRAM_EXIT_USAGE,
                                                                "--batch takes expressions from stdin alone");
        if (arguments->operand_count == 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "calendar needs an expression, such as \"Mon..Fri 08:30\"");
        code = query_parse(arguments, &query, error);
        if (code)
                return code;
        int r = calendar_query_answer(&query, zones, &answer, &reason);
        if (r < 0)
                return ctl_fail(error, r == -ENOMEM ? PROGRAM_EXIT_OSERR : PROGRAM_EXIT_USAGE, "%s",
                                reason.text);
        code = ctl->json ? answer_print_json(&query, &answer, zones, error)
                         : answer_print(&query, &answer, error);
        calendar_answer_done(&answer);
        return code;
}
