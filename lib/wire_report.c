/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/util.h"
#include "lib/wire.h"

#define SIGNAL_MAX 64

static const char *const event_names[] = {
        [WIRE_EVENT_SETUP_FAILED] = "setup-failed",
        [WIRE_EVENT_STARTED] = "started",
        [WIRE_EVENT_FINISHED] = "finished",
        [WIRE_EVENT_DENIED] = "denied",
        [WIRE_EVENT_SIGNAL] = "signal",
};

static const char *const outcome_names[] = {
        [WIRE_OUTCOME_SUCCESS] = "success",     [WIRE_OUTCOME_EXITED] = "exited",
        [WIRE_OUTCOME_NOT_FOUND] = "not-found", [WIRE_OUTCOME_EXCEPTION] = "exception",
        [WIRE_OUTCOME_TIMEOUT] = "timeout",     [WIRE_OUTCOME_QUIT] = "quit",
        [WIRE_OUTCOME_MEMORY] = "memory",       [WIRE_OUTCOME_START_FAILED] = "start-failed",
};

static int name_find(const char *const *names, size_t count, const char *name)
{
        for (size_t i = 0; name && i < count; i++)
                if (strcmp(names[i], name) == 0)
                        return (int)i;
        return -1;
}

/* @text cut to @limit bytes and made valid. */
static json_t *string_new(const char *text, size_t limit)
{
        _cleanup_free_ char *valid = utf8_repair(text, strnlen(text, limit));

        return valid ? json_string(valid) : NULL;
}

/* The numbers of a result that are left out when they are 0. */
static const struct {
        const char *name;
        size_t offset;
} usage_members[] = {
        { "gcTimeUs", offsetof(struct wire_result, gc_time_us) },
        { "gcCount", offsetof(struct wire_result, gc_count) },
        { "heapBytes", offsetof(struct wire_result, heap_bytes) },
        { "cpuTimeUs", offsetof(struct wire_result, cpu_time_us) },
        { "maxRssBytes", offsetof(struct wire_result, max_rss_bytes) },
        { "majorFaults", offsetof(struct wire_result, major_faults) },
        { "readBytes", offsetof(struct wire_result, read_bytes) },
        { "writeBytes", offsetof(struct wire_result, write_bytes) },
};

/* Each returns whether there was memory for it. */
static bool set_string(json_t *object, const char *name, const char *text, size_t limit)
{
        return !text || json_object_set_new(object, name, string_new(text, limit)) == 0;
}

static bool set_int(json_t *object, const char *name, int64_t value)
{
        return json_object_set_new(object, name, json_integer(value)) == 0;
}

static bool set_script_error(json_t *object, const struct wire_result *result, size_t limit)
{
        json_t *error = json_object();
        bool complete = set_string(error, "message", result->error_message, limit) &&
                        set_int(error, "line", result->error_line) &&
                        set_int(error, "column", result->error_column) &&
                        set_string(error, "file", result->error_file, limit) &&
                        set_string(error, "stack", result->error_stack, limit) &&
                        json_object_set(object, "error", error) == 0;

        json_decref(error);
        return complete;
}

static bool set_result(json_t *object, const struct wire_result *result, size_t limit)
{
        bool complete = json_object_set_new(object, "outcome", json_string(outcome_names[result->outcome])) ==
                                0 &&
                        set_int(object, "exitCode", result->exit_code) &&
                        set_int(object, "value", result->value);

        for (size_t i = 0; complete && i < ARRAY_SIZE(usage_members); i++) {
                int64_t value;
                memcpy(&value, (const char *)result + usage_members[i].offset, sizeof(value));
                complete = value <= 0 || set_int(object, usage_members[i].name, value);
        }
        return complete && (!result->error_message || set_script_error(object, result, limit));
}

static bool set_event(json_t *object, const struct wire_report *report, size_t limit)
{
        switch (report->event) {
        case WIRE_EVENT_STARTED:
                return (report->at_us <= 0 || set_int(object, "atUs", report->at_us)) &&
                       (report->limit_us <= 0 || set_int(object, "limitUs", report->limit_us)) &&
                       set_string(object, "sandbox", report->sandbox, limit);
        case WIRE_EVENT_SIGNAL:
                return set_int(object, "signal", report->signal);
        case WIRE_EVENT_SETUP_FAILED:
                return set_int(object, "errno", report->error) &&
                       set_string(object, "stage", report->stage ? report->stage : "", limit);
        case WIRE_EVENT_FINISHED:
                return set_result(object, &report->result, limit);
        case WIRE_EVENT_DENIED:
                return set_string(object, "what", report->what ? report->what : "", limit) &&
                       set_string(object, "key", report->key, limit) &&
                       set_int(object, "count", MAX(report->count, 1));
        }
        return false;
}

/* The report with no text longer than @limit; NULL: out of memory. */
static char *report_dump(const struct wire_report *report, size_t limit)
{
        json_t *object = json_object();
        char *text = NULL;

        if (json_object_set_new(object, "event", json_string(event_names[report->event])) == 0 &&
            set_string(object, "message", report->result.message, limit) && set_event(object, report, limit))
                text = json_dumps(object, JSON_COMPACT);
        json_decref(object);
        return text;
}

int wire_report_encode(const struct wire_report *report, char **ret_text, size_t *ret_size)
{
        /* Escaping can make a text six times as long, so the limit that fits is found by trying. */
        for (size_t limit = WIRE_PACKET_MAX / 4; limit > 0; limit /= 2) {
                _cleanup_free_ char *text = report_dump(report, limit);
                if (!text)
                        return -ENOMEM;
                size_t size = strlen(text);
                if (size <= WIRE_PACKET_MAX) {
                        *ret_text = steal_pointer(text);
                        *ret_size = size;
                        return 0;
                }
        }
        return -E2BIG;
}

/* A member that is a string, as a copy; absent is NULL. */
static int member_copy(const json_t *object, const char *name, char **ret, struct error *error)
{
        const char *text = NULL;
        int r = json_member_string(object, name, &text, error);

        if (r < 0 || !text)
                return r;
        *ret = strdup(text);
        return *ret ? 0 : error_set(error, ENOMEM, "out of memory");
}

static int script_error_decode(const json_t *object, struct wire_result *result, struct error *error)
{
        int64_t line = 0, column = 0;
        int r;

        if (!json_is_object(object))
                return error_set(error, EBADMSG, "error: expected an object, found %s",
                                 json_describe(object));
        if ((r = member_copy(object, "message", &result->error_message, error)) < 0 ||
            (r = member_copy(object, "file", &result->error_file, error)) < 0 ||
            (r = member_copy(object, "stack", &result->error_stack, error)) < 0 ||
            (r = json_member_int(object, "line", 0, UINT_MAX, &line, error)) < 0 ||
            (r = json_member_int(object, "column", 0, UINT_MAX, &column, error)) < 0)
                return r;
        if (!result->error_message)
                return error_set(error, EBADMSG, "error: expected a message, found nothing");
        result->error_line = (unsigned)line;
        result->error_column = (unsigned)column;
        return 0;
}

static int result_decode(const json_t *object, struct wire_result *result, struct error *error)
{
        const char *name = NULL;
        int64_t exit_code = -1;
        int r;

        if ((r = json_member_string(object, "outcome", &name, error)) < 0 ||
            (r = json_member_int(object, "exitCode", 0, 255, &exit_code, error)) < 0 ||
            (r = json_member_int(object, "value", INT64_MIN, INT64_MAX, &result->value, error)) < 0)
                return r;
        int outcome = name_find(outcome_names, ARRAY_SIZE(outcome_names), name);
        if (outcome < 0)
                return error_set(error, EBADMSG, "outcome: expected one of the known words");
        if (exit_code < 0)
                return error_set(error, EBADMSG, "exitCode: expected an integer, found nothing");
        result->outcome = (enum wire_outcome)outcome;
        result->exit_code = (int)exit_code;
        for (size_t i = 0; i < ARRAY_SIZE(usage_members); i++) {
                int64_t value = 0;
                if ((r = json_member_int(object, usage_members[i].name, 0, INT64_MAX, &value, error)) < 0)
                        return r;
                memcpy((char *)result + usage_members[i].offset, &value, sizeof(value));
        }
        const json_t *script_error = json_object_get(object, "error");
        return script_error && !json_is_null(script_error) ? script_error_decode(script_error, result, error)
                                                           : 0;
}

static int report_fill(const json_t *object, struct wire_report *report, struct error *error)
{
        const char *name = NULL;
        int64_t code = 0;
        int r;

        if (!json_is_object(object))
                return error_set(error, EBADMSG, "expected an object, found %s", json_describe(object));
        if ((r = json_member_string(object, "event", &name, error)) < 0 ||
            (r = member_copy(object, "message", &report->result.message, error)) < 0)
                return r;
        int event = name_find(event_names, ARRAY_SIZE(event_names), name);
        if (event < 0)
                return error_set(error, EBADMSG, "event: expected one of the known words");
        report->event = (enum wire_event)event;
        switch (report->event) {
        case WIRE_EVENT_STARTED:
                if ((r = member_copy(object, "sandbox", &report->sandbox, error)) < 0 ||
                    (r = json_member_int(object, "atUs", 0, INT64_MAX, &report->at_us, error)) < 0)
                        return r;
                return json_member_int(object, "limitUs", 0, INT64_MAX, &report->limit_us, error);
        case WIRE_EVENT_DENIED:
                if ((r = member_copy(object, "what", &report->what, error)) < 0 ||
                    (r = member_copy(object, "key", &report->key, error)) < 0)
                        return r;
                report->count = 1;
                if ((r = json_member_int(object, "count", 1, INT64_MAX, &report->count, error)) < 0)
                        return r;
                return report->what ? 0 : error_set(error, EBADMSG, "what: expected a string, found nothing");
        case WIRE_EVENT_SIGNAL:
                if ((r = json_member_int(object, "signal", 1, SIGNAL_MAX, &code, error)) < 0)
                        return r;
                report->signal = (int)code;
                return code ? 0 : error_set(error, EBADMSG, "signal: expected a number, found nothing");
        case WIRE_EVENT_FINISHED:
                return result_decode(object, &report->result, error);
        case WIRE_EVENT_SETUP_FAILED:
                if ((r = member_copy(object, "stage", &report->stage, error)) < 0 ||
                    (r = json_member_int(object, "errno", 0, INT_MAX, &code, error)) < 0)
                        return r;
                if (!report->stage)
                        return error_set(error, EBADMSG, "stage: expected a string, found nothing");
                report->error = (int)code;
                return 0;
        }
        return -EBADMSG;
}

int wire_report_decode(const char *text, size_t size, struct wire_report *ret, struct error *error)
{
        struct wire_report report = { 0 };
        json_t *object = NULL;

        if (size > WIRE_PACKET_MAX)
                return error_set(error, EBADMSG, "report: expected at most %d bytes", WIRE_PACKET_MAX);
        int r = json_decode(text, size, &object, error);
        if (r == 0)
                r = report_fill(object, &report, error);
        json_decref(object);
        if (r < 0) {
                wire_report_done(&report);
                error_prefix(error, "report");
                return r;
        }
        *ret = report;
        return 0;
}

void wire_report_done(struct wire_report *report)
{
        free(report->stage);
        free(report->sandbox);
        free(report->what);
        free(report->key);
        free(report->result.message);
        free(report->result.error_message);
        free(report->result.error_file);
        free(report->result.error_stack);
        *report = (struct wire_report){ 0 };
}
