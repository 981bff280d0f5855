/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/schedules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/connection.h"
#include "client/text.h"
#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/schedule_value.h"
#include "lib/util.h"

int schedules_check_name(const char *name, struct error *error)
{
        if (!utf8_is_valid(name, strlen(name)))
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid name of a schedule: expected UTF-8 text");
        return 0;
}

/* ---- calls ---- */

static int collect_reply(const json_t *reply, const char *member, const struct record_field *fields,
                         json_t *all, struct error *error)
{
        _cleanup_json_ json_t *records = NULL;
        struct error reason = ERROR_INIT;

        if (record_read_all(fields, member, json_object_get(reply, member), &records, &reason) < 0)
                return connection_garbled(&reason, error);
        return json_array_extend(all, records) < 0 ? ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory") : 0;
}

int schedules_collect(const struct ctl *ctl, const char *method, json_t *parameters, const char *member,
                      const struct record_field *fields, json_t **ret, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_json_ json_t *all = json_array();
        bool continues = true;
        int code = connection_open(ctl, &connection, error);

        if (code) {
                json_decref(parameters);
                return code;
        }
        code = connection_send(connection, method, parameters, true, error);
        while (code == 0 && continues) {
                _cleanup_json_ json_t *reply = NULL;
                code = connection_next(connection, &reply, &continues, error);
                if (code == 0)
                        code = collect_reply(reply, member, fields, all, error);
        }
        if (code == 0)
                *ret = steal_pointer(all);
        return code;
}

int schedules_all(const struct ctl *ctl, json_t **ret, struct error *error)
{
        return schedules_collect(ctl, "ListSchedules", json_object(), "schedules", record_schedule, ret,
                                 error);
}

int schedules_show(const struct ctl *ctl, const char *name, json_t **ret, struct error *error)
{
        static const struct record_field fields[] = {
                { "schedule", RECORD_OBJECT, true, record_schedule },
                { "holds", RECORD_OBJECTS, true, record_hold },
                { 0 },
        };
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_json_ json_t *reply = NULL;
        struct error reason = ERROR_INIT;
        bool continues = false;
        int code = schedules_check_name(name, error);

        if (code == 0)
                code = connection_open(ctl, &connection, error);
        if (code == 0)
                code = connection_send(connection, "ShowSchedule", json_pack("{s:s}", "name", name), false,
                                       error);
        if (code == 0)
                code = connection_next(connection, &reply, &continues, error);
        if (code)
                return code;
        return record_read(fields, "ShowSchedule", reply, ret, &reason) < 0
                       ? connection_garbled(&reason, error)
                       : 0;
}

/* ---- values ---- */

int schedules_definition(const json_t *lines, struct schedule_definition *ret, struct error *error)
{
        _cleanup_free_ char *text = strdup("");
        struct error reason = ERROR_INIT;
        size_t i;
        json_t *line;

        json_array_foreach((json_t *)(uintptr_t)lines, i, line) {
                char *longer = text ? format_string("%s%s\n", text, json_string_value(line)) : NULL;
                free(text);
                text = longer;
        }
        if (!text)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        if (schedule_definition_parse(text, ret, &reason) < 0)
                return connection_garbled(&reason, error);
        return 0;
}

char *schedules_when(const json_t *schedule)
{
        static const char *const keys[] = { "OnCalendar",  "Cron",        "EverySec",
                                            "OnBootSec",   "PathChanged", "OnNetworkUp",
                                            "OnSuccessOf", "OnFailureOf", "OnEndOf" };
        const json_t *lines = json_object_get(schedule, "definition");
        char *text = strdup("");
        size_t i;
        json_t *line;

        json_array_foreach((json_t *)(uintptr_t)lines, i, line) {
                const char *value = json_string_value(line);
                size_t length = strcspn(value, "=");
                for (size_t k = 0; text && k < ARRAY_SIZE(keys); k++) {
                        if (strlen(keys[k]) != length || strncmp(keys[k], value, length) != 0)
                                continue;
                        _cleanup_free_ char *before = text;
                        /* Of times the value alone says it; "60s" after a boot, or "yes" of the network, does not. */
                        _cleanup_free_ char *shown = k == 2 ? text_duration(
                                                                      record_int(schedule, "everyUs", 0))
                                                            : text_line(k < 2 ? value + length + 1 : value);
                        text = format_string("%s%s%s", before, *before ? ", " : "", shown ? shown : "");
                }
        }
        /* Of a daemon that says no more than that. */
        if (text && !*text && record_int(schedule, "everyUs", 0)) {
                free(text);
                text = text_duration(record_int(schedule, "everyUs", 0));
        }
        return text;
}

int schedules_time_option(const struct arguments *arguments, const char *name, int64_t *ret_us,
                          struct error *error)
{
        const char *text = arguments_option(arguments, name);
        struct error reason = ERROR_INIT;
        bool local;

        if (!text || schedule_value_time(text, NULL, ret_us, &local, &reason) == 0)
                return 0;
        if (reason.code)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --%s: %s", name, reason.text);
        return ctl_fail(error, PROGRAM_EXIT_USAGE,
                        "invalid --%s: expected @SECONDS or \"YYYY-MM-DD HH:MM:SS [ZONE]\", found \"%s\"",
                        name, text);
}
