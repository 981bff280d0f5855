/* SPDX-License-Identifier: MPL-2.0 */
/* schedule show: all that is known. why: what it waits for, and what became of its last times. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/outcome.h"
#include "client/print.h"
#include "client/records.h"
#include "client/schedules.h"
#include "client/sheet.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/util.h"

#define WHY_ROWS 5
#define WHY_BACK_US (INT64_C(400) * 86400 * 1000000)

/* What a hold is, behind "run 7 ". */
static const struct {
        const char *reason, *text;
} hold_texts[] = {
        { "overlap", "waits for the run before it to end" },
        { "condition", "waits for its conditions" },
        { "retry", "is a retry that waits for its time" },
        { "spread", "waits a moment, as many runs are made up for at once" },
        { "boot", "waits for the system to have been up long enough" },
};

/* Rungs of DeadlineSec=, from 0. */
static const char *const rung_texts[] = {
        "all of them count",
        "idleness and load do not count any more",
        "power and pressure do not count any more either",
        "only those count without which it would fail",
};

static char *pause_text(const json_t *schedule)
{
        const json_t *pause = json_object_get(schedule, "pause");
        _cleanup_free_ char *at = NULL, *user = NULL, *until = NULL, *why = NULL;

        if (!json_is_object(pause))
                return NULL;
        at = text_time(record_int(pause, "at", 0), "");
        user = text_user(record_int(pause, "uid", 0));
        until = text_time(record_int(pause, "until", 0), "it is resumed");
        why = text_line(record_string(pause, "why"));
        if (!at || !user || !until || !why)
                return NULL;
        return format_string("since %s by %s, until %s%s%s", at, user, until, *why ? ": " : "", why);
}

static char *hold_text(const json_t *hold)
{
        const char *reason = record_string(hold, "reason"), *text = reason;
        int64_t rung = record_int(hold, "rung", 0);
        _cleanup_free_ char *until = text_time(record_int(hold, "until", 0), "");
        _cleanup_free_ char *unmet = text_words(json_object_get(hold, "unmet"));
        bool conditions = strcmp(reason, "condition") == 0;

        for (size_t i = 0; i < ARRAY_SIZE(hold_texts); i++)
                if (strcmp(hold_texts[i].reason, reason) == 0)
                        text = hold_texts[i].text;
        if (!until || !unmet)
                return NULL;
        return format_string(
                "run %" PRId64 " %s%s%s%s%s%s%s", record_int(hold, "run", 0), text,
                conditions && rung >= 0 && rung < (int64_t)ARRAY_SIZE(rung_texts) ? ", of which " : "",
                conditions && rung >= 0 && rung < (int64_t)ARRAY_SIZE(rung_texts) ? rung_texts[rung] : "",
                *unmet ? ": " : "", unmet, *until ? "; looked at again " : "", until);
}

static char *numbers_text(const json_t *numbers)
{
        char *text = NULL;
        size_t i;
        json_t *number;

        json_array_foreach((json_t *)(uintptr_t)numbers, i, number) {
                _cleanup_free_ char *before = text;
                text = format_string("%s%s%" JSON_INTEGER_FORMAT, before ? before : "", before ? ", " : "",
                                     json_integer_value(number));
        }
        return text;
}

static char *duration_or_nothing(int64_t us)
{
        return us ? text_duration(us) : NULL;
}

static char *time_or_nothing(const json_t *record, const char *name)
{
        return record_int(record, name, 0) ? text_time(record_int(record, name, 0), "") : NULL;
}

static void show_state(const struct sheet *sheet, const json_t *shown)
{
        const json_t *schedule = json_object_get(shown, "schedule"), *holds = json_object_get(shown, "holds");
        size_t i;
        json_t *hold;

        sheet_line(sheet, "Paused", pause_text(schedule), TEXT_YELLOW);
        sheet_line(sheet, "Running", numbers_text(json_object_get(shown, "active")), TEXT_GREEN);
        json_array_foreach((json_t *)(uintptr_t)holds, i, hold)
                sheet_line(sheet, "Held", hold_text(hold), TEXT_YELLOW);
        sheet_line(sheet, "Next", time_or_nothing(schedule, "nextAt"), TEXT_PLAIN);
        if (record_int(schedule, "dueAt", 0) != record_int(schedule, "nextAt", 0))
                sheet_line(sheet, "Due", time_or_nothing(schedule, "dueAt"), TEXT_PLAIN);
}

static void show_schedule(const json_t *shown)
{
        const json_t *schedule = json_object_get(shown, "schedule"),
                     *run = json_object_get(schedule, "lastRun");
        const json_t *lines = json_object_get(schedule, "definition");
        struct sheet sheet = { .color = text_use_color(stdout) };
        int64_t failures = record_int(schedule, "failures", 0);
        char *args = text_words(json_object_get(schedule, "args"));
        size_t i;
        json_t *line;

        sheet_line(&sheet, "Schedule", text_line(record_string(schedule, "name")), TEXT_BOLD);
        sheet_line(&sheet, "Task", text_line(record_string(schedule, "task")), TEXT_PLAIN);
        if (args && *args)
                sheet_line(&sheet, "Arguments", args, TEXT_PLAIN);
        else
                free(args);
        json_array_foreach((json_t *)(uintptr_t)lines, i, line)
                sheet_line(&sheet, i ? "" : "Definition", text_line(json_string_value(line)), TEXT_PLAIN);
        if (json_is_true(json_object_get(schedule, "poolUndefined")))
                sheet_line(&sheet, "Pool", strdup("not defined: its runs are in the default pool"),
                           TEXT_YELLOW);
        if (record_has(schedule, "source"))
                sheet_line(&sheet, "File", text_line(record_string(schedule, "source")), TEXT_PLAIN);
        sheet_line(&sheet, "User", text_user(record_int(schedule, "uid", 0)), TEXT_PLAIN);
        sheet_line(&sheet, "Added", time_or_nothing(schedule, "createdAt"), TEXT_PLAIN);
        sheet_line(&sheet, "Offset", duration_or_nothing(record_int(schedule, "offsetUs", 0)), TEXT_PLAIN);
        show_state(&sheet, shown);
        sheet_line(&sheet, "Moved from", time_or_nothing(schedule, "movedFrom"), TEXT_YELLOW);
        if (failures)
                sheet_line(&sheet, "Failures", format_string("%" PRId64 " since the last success", failures),
                           TEXT_RED);
        if (json_is_object(run))
                sheet_line(&sheet, "Last run",
                           format_string("%" PRId64 ", %s", record_int(run, "id", 0), outcome_word(run)),
                           outcome_color(run));
}

int cmd_schedule_show(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *shown = NULL;
        int code = schedules_show(ctl, arguments->operands[0], &shown, error);

        if (code)
                return code;
        if (ctl->json)
                print_json(shown);
        else
                show_schedule(shown);
        return print_flush(error);
}

/* ---- why ---- */

/* "2026-11-26 02:00:00: skipped (overlap)", of several times with how many. */
static char *row_text(const json_t *row)
{
        _cleanup_free_ char *first = text_time(record_int(row, "first", 0), ""), *last = NULL, *many = NULL;
        int64_t count = record_int(row, "count", -1), run = record_int(row, "run", 0);
        const char *reason = record_string(row, "reason");
        _cleanup_free_ char *with = run ? format_string(", run %" PRId64, run) : strdup("");

        if (count != 1) {
                last = text_time(record_int(row, "last", 0), "");
                many = count > 0 ? format_string(" to %s (%" PRId64 " times)", last, count)
                                 : format_string(" to %s (many times)", last);
        }
        if (!first || !with)
                return NULL;
        return format_string("%s%s: %s%s%s%s%s", first, many ? many : "", record_string(row, "outcome"),
                             reason ? " (" : "", reason ? reason : "", reason ? ")" : "", with);
}

static int row_compare(const void *a, const void *b)
{
        int64_t one = record_int(*(json_t *const *)a, "last", 0),
                other = record_int(*(json_t *const *)b, "last", 0);

        return one < other ? 1 : one > other ? -1 : 0;
}

/* The newest rows of all passes, newest first; borrowed from @passes. */
static json_t *newest_rows(const json_t *passes, size_t most)
{
        json_t *rows = json_array(), *newest = json_array(), *pass;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)passes, i, pass)
                json_array_extend(rows, json_object_get(pass, "occurrences"));
        size_t count = json_array_size(rows);
        json_t **sorted = calloc(count + 1, sizeof(json_t *));
        for (i = 0; sorted && i < count; i++)
                sorted[i] = json_array_get(rows, i);
        if (sorted)
                qsort((void *)sorted, count, sizeof(json_t *), row_compare);
        for (i = 0; sorted && i < count && i < most; i++)
                json_array_append(newest, sorted[i]);
        free((void *)sorted);
        json_decref(rows);
        return newest;
}

static void why_print(const json_t *shown, const json_t *rows)
{
        const json_t *schedule = json_object_get(shown, "schedule");
        struct sheet sheet = { .color = text_use_color(stdout) };
        size_t i;
        json_t *row;

        sheet_line(&sheet, "Schedule", text_line(record_string(schedule, "name")), TEXT_BOLD);
        show_state(&sheet, shown);
        if (!record_has(schedule, "nextAt"))
                sheet_line(&sheet, "Next", strdup("no time: it is run by events, or its times are over"),
                           TEXT_PLAIN);
        json_array_foreach((json_t *)(uintptr_t)rows, i, row)
                sheet_line(&sheet, i ? "" : "Before", row_text(row), TEXT_PLAIN);
}

int cmd_why(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *shown = NULL, *passes = NULL, *rows = NULL;
        int64_t now_us = clock_realtime_us();
        int code = schedules_show(ctl, arguments->operands[0], &shown, error);

        if (code == 0)
                code = schedules_collect(
                        ctl, "Ledger",
                        json_pack("{s:s, s:I, s:I}", "name", arguments->operands[0], "from",
                                  (json_int_t)(now_us > WHY_BACK_US ? now_us - WHY_BACK_US : 0), "until",
                                  (json_int_t)now_us + INT64_C(86400000000)),
                        "passes", record_pass, &passes, error);
        if (code)
                return code;
        rows = newest_rows(passes, WHY_ROWS);
        if (ctl->json) {
                json_object_set(shown, "recent", rows);
                print_json(shown);
        } else {
                why_print(shown, rows);
        }
        return print_flush(error);
}
