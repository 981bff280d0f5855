/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/outcome.h"
#include "client/print.h"
#include "client/records.h"
#include "client/sheet.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/util.h"

/* NULL (the line is left out) for a time or a text that is not known. */
static char *show_time(const json_t *run, const char *name)
{
        int64_t at_us = record_int(run, name, 0);

        return at_us ? text_time(at_us, "") : NULL;
}

static char *show_text(const json_t *record, const char *name)
{
        const char *text = record_string(record, name);

        return text && text[0] ? text_line(text) : NULL;
}

static char *show_code(const json_t *run)
{
        int64_t code = record_int(run, "exitCode", -1);
        int64_t value = record_int(run, "exitValue", code);

        if (code < 0)
                return NULL;
        if (value != code)
                return format_string("%" PRId64 " (the task returned %" PRId64 ")", code, value);
        return format_string("%" PRId64, code);
}

static char *show_output(const json_t *run)
{
        int64_t dropped = record_int(run, "outputDropped", 0);
        _cleanup_free_ char *all = text_bytes(record_int(run, "outputBytes", 0)), *less = text_bytes(dropped);

        if (!all || !less)
                return NULL;
        return dropped > 0 ? format_string("%s, %s of it not kept", all, less) : strdup(all);
}

/* "MESSAGE (FILE:LINE:COLUMN)". */
static char *show_script_error(const json_t *error)
{
        _cleanup_free_ char *message = show_text(error, "message"), *file = show_text(error, "file");

        if (!message)
                return NULL;
        if (!file)
                return strdup(message);
        return format_string("%s (%s:%" PRId64 ":%" PRId64 ")", message, file, record_int(error, "line", 0),
                             record_int(error, "column", 0));
}

/* "A, B"; one of them alone; NULL for neither. Takes both over. */
static char *show_both(char *a, char *b)
{
        char *both;

        if (!a || !b)
                return a ? a : b;
        both = format_string("%s, %s", a, b);
        free(a);
        free(b);
        return both;
}

/* "FORMAT" of an amount of bytes; NULL when it is not known. */
static char *show_bytes(const json_t *run, const char *name, const char *before, const char *after)
{
        _cleanup_free_ char *bytes = text_bytes(record_int(run, name, 0));

        return bytes && record_has(run, name) ? format_string("%s%s%s", before, bytes, after) : NULL;
}

static char *show_number(const json_t *run, const char *name, const char *after)
{
        return record_has(run, name) ? format_string("%" PRId64 "%s", record_int(run, name, 0), after) : NULL;
}

static char *show_memory(const json_t *run)
{
        return show_both(show_bytes(run, "maxRssBytes", "", ""),
                         show_bytes(run, "memoryPeakBytes", "", " of all its processes"));
}

static char *show_engine(const json_t *run)
{
        _cleanup_free_ char *time = text_duration(record_int(run, "gcTimeUs", 0));
        char *collections = NULL;

        if (record_has(run, "gcCount"))
                collections = format_string("%" PRId64 " collections in %s", record_int(run, "gcCount", 0),
                                            time ? time : "-");
        return show_both(show_bytes(run, "heapBytes", "heap ", ""), collections);
}

static char *show_faults(const json_t *run)
{
        return show_both(show_number(run, "minorFaults", " minor"),
                         show_number(run, "majorFaults", " major"));
}

static char *show_disk(const json_t *run)
{
        return show_both(show_bytes(run, "readBytes", "", " read"),
                         show_bytes(run, "writeBytes", "", " written"));
}

/* "read /etc/shadow, 3 times (ReadOnlyPaths=/etc/shadow would allow it)". */
static char *show_denial(const json_t *denial)
{
        _cleanup_free_ char *what = show_text(denial, "what"), *key = show_text(denial, "key");
        int64_t count = record_int(denial, "count", 1);
        _cleanup_free_ char *times = count > 1 ? format_string(", %" PRId64 " times", count) : strdup("");

        if (!what || !times)
                return NULL;
        return format_string("%s%s%s%s%s", what, times, key ? " (" : "", key ? key : "",
                             key ? " would allow it)" : "");
}

static void show_sandbox(const struct sheet *sheet, const json_t *run)
{
        const json_t *denied = json_object_get(run, "denied");
        size_t i;
        json_t *denial;

        sheet_line(sheet, "Sandbox", show_text(run, "sandbox"), TEXT_PLAIN);
        json_array_foreach(denied, i, denial)
                sheet_line(sheet, "Denied", show_denial(denial), TEXT_YELLOW);
}

static void show_usage(const struct sheet *sheet, const json_t *run)
{
        if (record_has(run, "cpuTimeUs"))
                sheet_line(sheet, "CPU time", text_duration(record_int(run, "cpuTimeUs", 0)), TEXT_PLAIN);
        sheet_line(sheet, "Memory peak", show_memory(run), TEXT_PLAIN);
        sheet_line(sheet, "Engine", show_engine(run), TEXT_PLAIN);
        sheet_line(sheet, "Page faults", show_faults(run), TEXT_PLAIN);
        sheet_line(sheet, "Disk", show_disk(run), TEXT_PLAIN);
        sheet_line(sheet, "Output", show_output(run), TEXT_PLAIN);
}

/* Executions before the one that the rest is about. */
static void show_attempts(const struct sheet *sheet, const json_t *run)
{
        const json_t *attempts = json_object_get(run, "attempts"), *attempt;
        size_t i;

        json_array_foreach(attempts, i, attempt) {
                _cleanup_free_ char *message = show_text(attempt, "message");
                sheet_line(sheet, "Attempt",
                           format_string("%" PRId64 " %s: %s", record_int(attempt, "epoch", 0),
                                         json_is_true(json_object_get(attempt, "began")) ? "was interrupted"
                                                                                         : "did not begin",
                                         message ? message : ""),
                           TEXT_PLAIN);
        }
}

static void show_run(const json_t *run)
{
        const struct sheet sheet = { .color = text_use_color(stdout) };
        const json_t *script_error = json_object_get(run, "error");
        int64_t duration_us = outcome_duration_us(run, clock_realtime_us());
        int64_t signal_number = record_int(run, "signal", 0);

        sheet_line(&sheet, "Run", format_string("%" PRId64, record_int(run, "id", 0)), TEXT_BOLD);
        sheet_line(&sheet, "Task", show_text(run, "task"), TEXT_PLAIN);
        sheet_line(&sheet, "Arguments", text_words(json_object_get(run, "args")), TEXT_PLAIN);
        sheet_line(&sheet, "State", show_text(run, "state"), outcome_color(run));
        if (record_has(run, "frozenSince"))
                sheet_line(&sheet, "Frozen", show_time(run, "frozenSince"), TEXT_YELLOW);
        sheet_line(&sheet, "Result", show_text(run, "result"), outcome_color(run));
        sheet_line(&sheet, "Exit code", show_code(run), TEXT_PLAIN);
        sheet_line(&sheet, "Signal", signal_number ? text_signal(signal_number) : NULL, TEXT_RED);
        sheet_line(&sheet, "Message", show_text(run, "message"), TEXT_PLAIN);
        if (json_is_object(script_error)) {
                sheet_line(&sheet, "Error", show_script_error(script_error), TEXT_RED);
                if (record_string(script_error, "stack"))
                        sheet_block(&sheet, record_string(script_error, "stack"));
        }
        if (record_has(run, "uid"))
                sheet_line(&sheet, "User", text_user(record_int(run, "uid", 0)), TEXT_PLAIN);
        sheet_line(&sheet, "Schedule", show_text(run, "schedule"), TEXT_PLAIN);
        sheet_line(&sheet, "Due", show_time(run, "nominalAt"), TEXT_PLAIN);
        sheet_line(&sheet, "Queued", show_time(run, "queuedAt"), TEXT_PLAIN);
        sheet_line(&sheet, "Started", show_time(run, "startedAt"), TEXT_PLAIN);
        sheet_line(&sheet, "Finished", show_time(run, "finishedAt"), TEXT_PLAIN);
        sheet_line(&sheet, "Duration", duration_us < 0 ? NULL : text_duration(duration_us), TEXT_PLAIN);
        if (!outcome_ended(run) && record_int(run, "pid", 0) > 0)
                sheet_line(&sheet, "Process", format_string("%" PRId64, record_int(run, "pid", 0)),
                           TEXT_PLAIN);
        show_attempts(&sheet, run);
        show_usage(&sheet, run);
        show_sandbox(&sheet, run);
}

int cmd_show(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *run = NULL;
        int64_t id;
        int code = ctl_parse_run(arguments->operands[0], &id, error);

        if (code == 0)
                code = connection_request(ctl, "Show", json_pack("{s:I}", "id", (json_int_t)id), &run, error);
        if (code)
                return code;
        if (ctl->json)
                print_json(run);
        else
                show_run(run);
        return print_flush(error);
}
