/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/records.h"

#include <errno.h>
#include <string.h>

#include "lib/util.h"

static const struct record_field record_script_error[] = {
        { "message", RECORD_STRING, true, NULL }, { "file", RECORD_STRING, false, NULL },
        { "line", RECORD_INT, false, NULL },      { "column", RECORD_INT, false, NULL },
        { "stack", RECORD_STRING, false, NULL },  { 0 },
};

static const struct record_field record_denial[] = {
        { "what", RECORD_STRING, true, NULL },
        { "key", RECORD_STRING, false, NULL },
        { "count", RECORD_INT, true, NULL },
        { 0 },
};

static const struct record_field record_attempt[] = {
        { "epoch", RECORD_INT, true, NULL },
        { "startedAt", RECORD_INT, false, NULL },
        { "began", RECORD_BOOL, true, NULL },
        { "message", RECORD_STRING, true, NULL },
        { 0 },
};

const struct record_field record_run[] = {
        { "id", RECORD_INT, true, NULL },
        { "task", RECORD_STRING, true, NULL },
        { "args", RECORD_STRINGS, true, NULL },
        { "state", RECORD_STRING, true, NULL },
        { "result", RECORD_STRING, false, NULL },
        { "exitCode", RECORD_INT, false, NULL },
        { "exitValue", RECORD_INT, false, NULL },
        { "signal", RECORD_INT, false, NULL },
        { "uid", RECORD_INT, false, NULL },
        { "schedule", RECORD_STRING, false, NULL },
        { "nominalAt", RECORD_INT, false, NULL },
        { "queuedAt", RECORD_INT, true, NULL },
        { "startedAt", RECORD_INT, false, NULL },
        { "finishedAt", RECORD_INT, false, NULL },
        { "pid", RECORD_INT, false, NULL },
        { "frozenSince", RECORD_INT, false, NULL },
        { "epoch", RECORD_INT, false, NULL },
        { "message", RECORD_STRING, false, NULL },
        { "error", RECORD_OBJECT, false, record_script_error },
        { "outputBytes", RECORD_INT, false, NULL },
        { "outputDropped", RECORD_INT, false, NULL },
        { "cpuTimeUs", RECORD_INT, false, NULL },
        { "maxRssBytes", RECORD_INT, false, NULL },
        { "memoryPeakBytes", RECORD_INT, false, NULL },
        { "minorFaults", RECORD_INT, false, NULL },
        { "majorFaults", RECORD_INT, false, NULL },
        { "readBytes", RECORD_INT, false, NULL },
        { "writeBytes", RECORD_INT, false, NULL },
        { "gcTimeUs", RECORD_INT, false, NULL },
        { "gcCount", RECORD_INT, false, NULL },
        { "heapBytes", RECORD_INT, false, NULL },
        { "sandbox", RECORD_STRING, false, NULL },
        { "denied", RECORD_OBJECTS, false, record_denial },
        { "attempts", RECORD_OBJECTS, false, record_attempt },
        { "pool", RECORD_STRING, false, NULL },
        { "priority", RECORD_INT, false, NULL },
        { 0 },
};

const struct record_field record_output[] = {
        { "stream", RECORD_STRING, true, NULL },
        { "offset", RECORD_INT, true, NULL },
        { "at", RECORD_INT, true, NULL },
        { "text", RECORD_STRING, false, NULL },
        { "base64", RECORD_STRING, false, NULL },
        { "dropped", RECORD_INT, false, NULL },
        { 0 },
};

static const struct record_field record_pause[] = {
        { "at", RECORD_INT, true, NULL },
        { "uid", RECORD_INT, true, NULL },
        { "why", RECORD_STRING, false, NULL },
        { "until", RECORD_INT, false, NULL },
        { 0 },
};

const struct record_field record_schedule[] = {
        { "name", RECORD_STRING, true, NULL },
        { "task", RECORD_STRING, true, NULL },
        { "args", RECORD_STRINGS, true, NULL },
        { "everyUs", RECORD_INT, false, NULL },
        { "uid", RECORD_INT, false, NULL },
        { "createdAt", RECORD_INT, false, NULL },
        { "nextAt", RECORD_INT, false, NULL },
        { "lastRun", RECORD_OBJECT, false, record_run },
        { "dueAt", RECORD_INT, false, NULL },
        { "definition", RECORD_STRINGS, false, NULL },
        { "source", RECORD_STRING, false, NULL },
        { "offsetUs", RECORD_INT, false, NULL },
        { "pause", RECORD_OBJECT, false, record_pause },
        { "failures", RECORD_INT, false, NULL },
        { "movedFrom", RECORD_INT, false, NULL },
        { "movedAt", RECORD_INT, false, NULL },
        { "poolUndefined", RECORD_BOOL, false, NULL },
        { 0 },
};

const struct record_field record_hold[] = {
        { "run", RECORD_INT, true, NULL },       { "reason", RECORD_STRING, true, NULL },
        { "since", RECORD_INT, true, NULL },     { "until", RECORD_INT, false, NULL },
        { "attempt", RECORD_INT, true, NULL },   { "rung", RECORD_INT, true, NULL },
        { "unmet", RECORD_STRINGS, true, NULL }, { 0 },
};

static const struct record_field record_occurrence[] = {
        { "id", RECORD_INT, true, NULL },         { "pass", RECORD_INT, true, NULL },
        { "after", RECORD_INT, true, NULL },      { "first", RECORD_INT, true, NULL },
        { "last", RECORD_INT, true, NULL },       { "count", RECORD_INT, false, NULL },
        { "outcome", RECORD_STRING, true, NULL }, { "reason", RECORD_STRING, false, NULL },
        { "run", RECORD_INT, false, NULL },       { "into", RECORD_INT, false, NULL },
        { "decidedAt", RECORD_INT, true, NULL },  { 0 },
};

const struct record_field record_pass[] = {
        { "schedule", RECORD_STRING, true, NULL },
        { "pass", RECORD_INT, true, NULL },
        { "kind", RECORD_STRING, true, NULL },
        { "why", RECORD_STRING, true, NULL },
        { "definition", RECORD_STRINGS, true, NULL },
        { "from", RECORD_INT, true, NULL },
        { "until", RECORD_INT, false, NULL },
        { "cursor", RECORD_INT, true, NULL },
        { "beganAt", RECORD_INT, true, NULL },
        { "occurrences", RECORD_OBJECTS, true, record_occurrence },
        { 0 },
};

const struct record_field record_task[] = {
        { "name", RECORD_STRING, true, NULL },     { "description", RECORD_STRING, false, NULL },
        { "problem", RECORD_STRING, false, NULL }, { "origin", RECORD_STRING, true, NULL },
        { "path", RECORD_STRING, true, NULL },     { 0 },
};

static const struct record_field record_zygote[] = {
        { "pid", RECORD_INT, true, NULL },
        { "startedAt", RECORD_INT, false, NULL },
        { "runs", RECORD_INT, false, NULL },
        { "kind", RECORD_STRING, false, NULL },
        { "memoryBytes", RECORD_INT, false, NULL },
        { "sandbox", RECORD_STRING, false, NULL },
        { 0 },
};

static const struct record_field record_pool[] = {
        { "name", RECORD_STRING, true, NULL },
        { "weight", RECORD_INT, true, NULL },
        { "maxRunning", RECORD_INT, true, NULL },
        { "maxQueued", RECORD_INT, true, NULL },
        { "queued", RECORD_INT, false, NULL },
        { "running", RECORD_INT, false, NULL },
        { 0 },
};

const struct record_field record_status[] = {
        { "version", RECORD_STRING, true, NULL },
        { "engine", RECORD_STRING, false, NULL },
        { "instance", RECORD_STRING, false, NULL },
        { "pid", RECORD_INT, true, NULL },
        { "startedAt", RECORD_INT, false, NULL },
        { "stateDirectory", RECORD_STRING, false, NULL },
        { "runtimeDirectory", RECORD_STRING, false, NULL },
        { "appDirectory", RECORD_STRING, false, NULL },
        { "socket", RECORD_STRING, false, NULL },
        { "queued", RECORD_INT, false, NULL },
        { "running", RECORD_INT, false, NULL },
        { "maxRunning", RECORD_INT, false, NULL },
        { "runs", RECORD_INT, false, NULL },
        { "schedules", RECORD_INT, false, NULL },
        { "nextAt", RECORD_INT, false, NULL },
        { "clients", RECORD_INT, false, NULL },
        { "zygote", RECORD_OBJECT, false, record_zygote },
        { "zygotes", RECORD_OBJECTS, false, record_zygote },
        { "sandbox", RECORD_STRING, false, NULL },
        { "schemaVersion", RECORD_INT, false, NULL },
        { "role", RECORD_STRING, false, NULL },
        { "pools", RECORD_OBJECTS, false, record_pool },
        { "undefinedPools", RECORD_STRINGS, false, NULL },
        { "ledgerSince", RECORD_INT, false, NULL },
        { "degraded", RECORD_STRINGS, false, NULL },
        { 0 },
};

static const struct record_field record_backup[] = {
        { "path", RECORD_STRING, true, NULL },
        { "bytes", RECORD_INT, true, NULL },
        { "schemaVersion", RECORD_INT, true, NULL },
        { "runs", RECORD_INT, true, NULL },
        { 0 },
};

static const struct record_field record_schedule_change[] = {
        { "name", RECORD_STRING, true, NULL },
        { "change", RECORD_STRING, true, NULL },
        { "source", RECORD_STRING, true, NULL },
        { "keys", RECORD_STRINGS, false, NULL },
        { "nextFrom", RECORD_INT, false, NULL },
        { "nextTo", RECORD_INT, false, NULL },
        { 0 },
};

static const struct record_field record_preference_change[] = {
        { "name", RECORD_STRING, true, NULL },
        { "from", RECORD_INT, true, NULL },
        { "to", RECORD_INT, true, NULL },
        { 0 },
};

/* A part of the answer of Reload, which is no record of something but the answer itself. */
const struct record_field record_reload[] = {
        { "changes", RECORD_OBJECTS, true, record_schedule_change },
        { "unchanged", RECORD_INT, false, NULL },
        { "preferences", RECORD_OBJECTS, false, record_preference_change },
        { "errors", RECORD_STRINGS, false, NULL },
        { "preferenceErrors", RECORD_STRINGS, false, NULL },
        { 0 },
};

static const struct record_reply record_replies[] = {
        { "Run", "run", "run", record_run, false },
        { "List", "runs", "run", record_run, true },
        { "Show", "run", "run", record_run, false },
        { "Wait", "run", "run", record_run, false },
        { "Cancel", "run", "run", record_run, false },
        { "Tasks", "tasks", "task", record_task, true },
        { "Status", "status", "status", record_status, false },
        { "Backup", "backup", "backup", record_backup, false },
        { "AddSchedule", "schedule", "schedule", record_schedule, false },
        { "ListSchedules", "schedules", "schedule", record_schedule, true },
        { "RemoveSchedule", "schedule", "schedule", record_schedule, false },
        { "EditSchedule", "schedule", "schedule", record_schedule, false },
        { "PauseSchedule", "schedule", "schedule", record_schedule, false },
        { "ResumeSchedule", "schedule", "schedule", record_schedule, false },
        { "BackfillSchedule", "schedule", "schedule", record_schedule, false },
        { "RunSchedule", "run", "run", record_run, false },
        { "ShowSchedule", "schedule", "schedule", record_schedule, false },
        { "Ledger", "passes", "pass", record_pass, true },
};

const struct record_reply *record_reply_find(const char *method)
{
        for (size_t i = 0; i < ARRAY_SIZE(record_replies); i++) {
                if (strcmp(record_replies[i].method, method) == 0)
                        return &record_replies[i];
        }
        return NULL;
}

static bool record_type_is(enum record_type type, const json_t *value)
{
        switch (type) {
        case RECORD_INT:
                return json_is_integer(value);
        case RECORD_BOOL:
                return json_is_boolean(value);
        case RECORD_STRING:
                return json_is_string(value);
        case RECORD_STRINGS:
                for (size_t i = 0; i < json_array_size(value); i++) {
                        if (!json_is_string(json_array_get(value, i)))
                                return false;
                }
                return json_is_array(value);
        case RECORD_OBJECT:
                return json_is_object(value);
        case RECORD_OBJECTS:
                return json_is_array(value);
        }
        return false;
}

/* The field's value for the complete record, as a new reference; NULL with @error set. */
static json_t *record_read_field(const struct record_field *field, const char *what, json_t *object,
                                 struct error *error)
{
        json_t *value = json_object_get(object, field->name), *nested = NULL;

        if (!value || json_is_null(value)) {
                if (!field->required)
                        return json_null();
                error_set(error, EBADMSG, "%s without \"%s\"", what, field->name);
                return NULL;
        }
        if (!record_type_is(field->type, value)) {
                error_set(error, EBADMSG, "%s whose \"%s\" is of the wrong type", what, field->name);
                return NULL;
        }
        if (field->type == RECORD_OBJECTS)
                return record_read_all(field->fields, field->name, value, &nested, error) < 0 ? NULL : nested;
        if (field->type != RECORD_OBJECT)
                return json_incref(value);
        if (record_read(field->fields, field->name, value, &nested, error) < 0)
                return NULL;
        return nested;
}

int record_read(const struct record_field *fields, const char *what, json_t *value, json_t **ret,
                struct error *error)
{
        _cleanup_json_ json_t *record = json_object();
        const char *name;
        json_t *extra;

        if (!record)
                return error_set(error, ENOMEM, "out of memory");
        if (!json_is_object(value))
                return error_set(error, EBADMSG, "no %s where one was expected", what);
        for (const struct record_field *field = fields; field->name; field++) {
                json_t *copy = record_read_field(field, what, value, error);

                if (!copy)
                        return -error->code;
                if (json_object_set_new(record, field->name, copy) < 0)
                        return error_set(error, ENOMEM, "out of memory");
        }
        json_object_foreach(value, name, extra) {
                if (!json_object_get(record, name) && json_object_set(record, name, extra) < 0)
                        return error_set(error, ENOMEM, "out of memory");
        }
        *ret = steal_pointer(record);
        return 0;
}

int record_read_all(const struct record_field *fields, const char *what, json_t *values, json_t **ret,
                    struct error *error)
{
        _cleanup_json_ json_t *records = json_array();
        size_t i;
        json_t *value;

        if (!records)
                return error_set(error, ENOMEM, "out of memory");
        if (!json_is_array(values))
                return error_set(error, EBADMSG, "no list of %ss where one was expected", what);
        json_array_foreach(values, i, value) {
                json_t *record = NULL;
                int r = record_read(fields, what, value, &record, error);

                if (r < 0)
                        return r;
                if (json_array_append_new(records, record) < 0)
                        return error_set(error, ENOMEM, "out of memory");
        }
        *ret = steal_pointer(records);
        return 0;
}

bool record_has(const json_t *record, const char *name)
{
        const json_t *value = json_object_get(record, name);

        return value && !json_is_null(value);
}

int64_t record_int(const json_t *record, const char *name, int64_t fallback)
{
        const json_t *value = json_object_get(record, name);

        return json_is_integer(value) ? (int64_t)json_integer_value(value) : fallback;
}

const char *record_string(const json_t *record, const char *name)
{
        return json_string_value(json_object_get(record, name));
}
