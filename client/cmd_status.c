/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/print.h"
#include "client/records.h"
#include "client/sheet.h"
#include "lib/clock.h"
#include "lib/util.h"

/* "2026-11-22 22:15:42 (since 6h)"; NULL for no time. */
static char *status_since(int64_t at_us, int64_t now_us)
{
        _cleanup_free_ char *at = text_time(at_us, ""),
                            *span = text_duration(MAX(now_us - at_us, INT64_C(0)));

        return at_us && at && span ? format_string("%s (for %s)", at, span) : NULL;
}

static char *status_next(int64_t at_us, int64_t now_us)
{
        _cleanup_free_ char *at = text_time(at_us, ""),
                            *span = text_duration(MAX(at_us - now_us, INT64_C(0)));

        return at_us && at && span ? format_string("%s (in %s)", at, span) : NULL;
}

static char *status_text(const json_t *status, const char *name)
{
        const char *text = record_string(status, name);

        return text && text[0] ? text_line(text) : NULL;
}

static char *status_zygote(const json_t *zygote, int64_t now_us)
{
        _cleanup_free_ char *since = status_since(record_int(zygote, "startedAt", 0), now_us);
        _cleanup_free_ char *kind = status_text(zygote, "kind");
        _cleanup_free_ char *memory = text_bytes(record_int(zygote, "memoryBytes", 0));

        return format_string("%s%sprocess %" PRId64 ", %" PRId64 " runs, %s%sstarted %s", kind ? kind : "",
                             kind ? ": " : "", record_int(zygote, "pid", 0), record_int(zygote, "runs", 0),
                             memory && record_has(zygote, "memoryBytes") ? memory : "",
                             memory && record_has(zygote, "memoryBytes") ? ", " : "", since ? since : "-");
}

static void status_zygotes(const struct sheet *sheet, const json_t *status, int64_t now_us)
{
        const json_t *all = json_object_get(status, "zygotes"), *one = json_object_get(status, "zygote");
        size_t i;
        json_t *zygote;

        json_array_foreach(all, i, zygote)
                sheet_line(sheet, "Zygote", status_zygote(zygote, now_us), TEXT_PLAIN);
        if (json_array_size(all) > 0)
                return;
        /* A daemon from before there were kinds has one. */
        sheet_line(sheet, "Zygote",
                   json_is_object(one) ? status_zygote(one, now_us)
                                       : strdup("none (started when it is needed)"),
                   TEXT_PLAIN);
}

/* "default: weight 100, 3 queued, 1 of at most 1024 running". What others have is not always told. */
static char *status_pool(const json_t *pool)
{
        _cleanup_free_ char *name = status_text(pool, "name");
        int64_t weight = record_int(pool, "weight", 0), limit = record_int(pool, "maxRunning", 0);

        if (!record_has(pool, "running"))
                return format_string("%s: weight %" PRId64 ", at most %" PRId64 " running", name ? name : "-",
                                     weight, limit);
        return format_string("%s: weight %" PRId64 ", %" PRId64 " queued, %" PRId64 " of at most %" PRId64
                             " running",
                             name ? name : "-", weight, record_int(pool, "queued", 0),
                             record_int(pool, "running", 0), limit);
}

static void status_pools(const struct sheet *sheet, const json_t *status)
{
        const json_t *pools = json_object_get(status, "pools"),
                     *undefined = json_object_get(status, "undefinedPools");
        size_t i;
        json_t *value;

        json_array_foreach((json_t *)(uintptr_t)pools, i, value)
                sheet_line(sheet, i ? "" : "Pools", status_pool(value), TEXT_PLAIN);
        json_array_foreach((json_t *)(uintptr_t)undefined, i, value) {
                _cleanup_free_ char *name = text_line(json_string_value(value));
                sheet_line(sheet, "No pool",
                           format_string("%s: not defined, its runs are in the default pool",
                                         name ? name : "-"),
                           TEXT_YELLOW);
        }
}

static void status_print(const json_t *status)
{
        const struct sheet sheet = { .color = text_use_color(stdout) };
        int64_t now_us = clock_realtime_us();
        const json_t *degraded = json_object_get(status, "degraded");
        size_t i;
        json_t *sentence;

        sheet_line(&sheet, "Daemon",
                   format_string("bgtaskd %s, process %" PRId64, record_string(status, "version"),
                                 record_int(status, "pid", 0)),
                   TEXT_BOLD);
        sheet_line(&sheet, "Instance", status_text(status, "instance"), TEXT_PLAIN);
        sheet_line(&sheet, "You are", status_text(status, "role"), TEXT_PLAIN);
        sheet_line(&sheet, "Engine", status_text(status, "engine"), TEXT_PLAIN);
        sheet_line(&sheet, "Started", status_since(record_int(status, "startedAt", 0), now_us), TEXT_PLAIN);
        sheet_line(&sheet, "Socket", status_text(status, "socket"), TEXT_PLAIN);
        sheet_line(&sheet, "State", status_text(status, "stateDirectory"), TEXT_PLAIN);
        sheet_line(&sheet, "Runtime", status_text(status, "runtimeDirectory"), TEXT_PLAIN);
        sheet_line(&sheet, "Application", status_text(status, "appDirectory"), TEXT_PLAIN);
        sheet_line(&sheet, "Runs",
                   format_string("%" PRId64 " queued, %" PRId64 " of at most %" PRId64 " running, %" PRId64
                                 " in the history",
                                 record_int(status, "queued", 0), record_int(status, "running", 0),
                                 record_int(status, "maxRunning", 0), record_int(status, "runs", 0)),
                   TEXT_PLAIN);
        status_pools(&sheet, status);
        sheet_line(&sheet, "Schedules", format_string("%" PRId64, record_int(status, "schedules", 0)),
                   TEXT_PLAIN);
        sheet_line(&sheet, "Next", status_next(record_int(status, "nextAt", 0), now_us), TEXT_PLAIN);
        sheet_line(&sheet, "Clients", format_string("%" PRId64, record_int(status, "clients", 0)),
                   TEXT_PLAIN);
        status_zygotes(&sheet, status, now_us);
        sheet_line(&sheet, "Sandbox", status_text(status, "sandbox"), TEXT_PLAIN);
        json_array_foreach(degraded, i, sentence)
                sheet_line(&sheet, "Degraded", text_line(json_string_value(sentence)), TEXT_YELLOW);
}

int cmd_status(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *status = NULL;
        int code = connection_request(ctl, "Status", json_object(), &status, error);

        if (code)
                return code;
        if (ctl->json)
                print_json(status);
        else
                status_print(status);
        return print_flush(error);
}
