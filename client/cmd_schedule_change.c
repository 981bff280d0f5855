/* SPDX-License-Identifier: MPL-2.0 */
/* schedule add, edit, pause, resume, run, backfill. */
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
#include "client/text.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/task.h"
#include "lib/util.h"

/* ---- the definition that options make ---- */

/* Options with a name of their own. */
static const struct {
        const char *option, *key;
} short_cuts[] = {
        { "every", "EverySec" },        { "on-calendar", "OnCalendar" }, { "cron", "Cron" },
        { "except", "ExceptCalendar" }, { "zone", "TimeZone" },          { "overlap", "Overlap" },
        { "catch-up", "CatchUp" },
};

static bool is_of_definition(const char *option)
{
        for (size_t i = 0; i < ARRAY_SIZE(short_cuts); i++)
                if (strcmp(short_cuts[i].option, option) == 0)
                        return true;
        return strcmp(option, "property") == 0;
}

/* What an option assigns; *ret_key is malloc'd. 1: it is none of these. */
static int option_assignment(const char *name, const char *value, char **ret_key, const char **ret_value,
                             struct error *error)
{
        for (size_t i = 0; i < ARRAY_SIZE(short_cuts); i++)
                if (strcmp(short_cuts[i].option, name) == 0) {
                        *ret_key = strdup(short_cuts[i].key);
                        *ret_value = value;
                        return *ret_key ? 0 : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
                }
        if (strcmp(name, "property") != 0)
                return 1;
        size_t length = strcspn(value, "=");
        if (!value[length])
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "invalid --property: expected KEY=VALUE, found \"%s\"", value);
        *ret_key = strndup(value, length);
        *ret_value = value + length + 1;
        return *ret_key ? 0 : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
}

/* The text begins with "Key=: "; who typed an option knows that one. */
static int assignment_refused(const char *option, const char *text, struct error *error)
{
        const char *colon = strcmp(option, "property") == 0 ? NULL : strstr(text, "=: ");

        if (colon)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --%s: %s", option, colon + 3);
        return ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid %s", text);
}

/* Zones first: what is read in them comes after. A list that is given anew begins empty. */
static int definition_assign(struct schedule_definition *definition, const struct arguments *arguments,
                             bool zones, struct error *error)
{
        _cleanup_free_ bool *begun = calloc(schedule_definition_keys(), sizeof(*begun));
        const char *name, *value;
        int code = begun ? 0 : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");

        for (size_t at = 0; code == 0 && arguments_next(arguments, &at, &name, &value);) {
                _cleanup_free_ char *key = NULL;
                const char *text = NULL;
                struct error reason = ERROR_INIT;
                code = option_assignment(name, value, &key, &text, error);
                if (code == 1 || (code == 0 && zones != (strcmp(key, "TimeZone") == 0))) {
                        code = 0;
                        continue;
                }
                int index = code == 0 ? schedule_definition_find(key) : 0, r = 0;
                if (code == 0 && index < 0)
                        return ctl_fail(
                                error, PROGRAM_EXIT_USAGE,
                                "invalid --property: expected a key of a [Schedule] section, found \"%s\"",
                                key);
                if (code == 0 && !begun[index])
                        r = schedule_definition_set(definition, key, "", &reason);
                if (code == 0 && r == 0)
                        r = schedule_definition_set(definition, key, text, &reason);
                if (code == 0 && r < 0)
                        return assignment_refused(name, reason.text, error);
                begun[index] = true;
        }
        return code;
}

/* An interval that nobody has anchored is counted from now. */
static int definition_anchor(struct schedule_definition *definition, const struct arguments *arguments,
                             struct error *error)
{
        const char *name, *value;
        struct error reason = ERROR_INIT;
        char now[40];

        for (size_t at = 0; arguments_next(arguments, &at, &name, &value);)
                if (strcmp(name, "property") == 0 && strncmp(value, "AnchorAt=", 9) == 0)
                        return 0;
        if (!definition->every_us)
                return 0;
        int64_t now_us = clock_realtime_us();
        snprintf(now, sizeof(now), "@%" PRId64 ".%06" PRId64, now_us / 1000000, now_us % 1000000);
        if (schedule_definition_set(definition, "AnchorAt", now, &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_SOFTWARE, "%s", reason.text);
        return 0;
}

/* On top of @lines (NULL: none). */
static int definition_lines(const json_t *lines, const struct arguments *arguments, json_t **ret,
                            struct error *error)
{
        struct schedule_definition definition;
        struct error reason = ERROR_INIT;
        int code = 0;

        schedule_definition_init(&definition);
        if (lines)
                code = schedules_definition(lines, &definition, error);
        if (code == 0)
                code = definition_assign(&definition, arguments, true, error);
        if (code == 0)
                code = definition_assign(&definition, arguments, false, error);
        if (code == 0 && !lines)
                code = definition_anchor(&definition, arguments, error);
        if (code == 0 && !lines && arguments->option_count == 0)
                code = ctl_fail(
                        error, PROGRAM_EXIT_USAGE,
                        "schedule add needs --every=SPAN, --on-calendar=EXPRESSION or something else that triggers it");
        if (code == 0 && schedule_definition_check(&definition, &reason) < 0)
                code = ctl_fail(error, PROGRAM_EXIT_USAGE, "%s", reason.text);
        _cleanup_free_ char *text = code == 0 ? schedule_definition_format(&definition) : NULL;
        schedule_definition_done(&definition);
        if (code)
                return code;
        json_t *result = text ? json_array() : NULL;
        for (char *at = text, *line; result && (line = strsep(&at, "\n"));)
                if (*line && json_array_append_new(result, json_string(line)) < 0) {
                        json_decref(result);
                        result = NULL;
                }
        *ret = result;
        return result ? 0 : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
}

/* ---- add, edit ---- */

static int schedule_print(const struct ctl *ctl, const json_t *schedule, const char *done,
                          struct error *error)
{
        if (ctl->json) {
                print_json(schedule);
        } else {
                _cleanup_free_ char *name = text_line(record_string(schedule, "name"));
                _cleanup_free_ char *next = text_time(record_int(schedule, "nextAt", 0), "");
                if (next && *next)
                        printf("Schedule %s: %s %s.\n", name ? name : "", done, next);
                else
                        printf("Schedule %s: no time is to come: it is run by events, or its times are over.\n",
                               name ? name : "");
        }
        return print_flush(error);
}

static int add_parameters(const struct arguments *arguments, json_t **ret, struct error *error)
{
        const char *name = arguments->operands[0], *task = arguments->operands[1];
        char **args = arguments->operands + 2;
        _cleanup_json_ json_t *list = json_array(), *definition = NULL;
        struct error reason = ERROR_INIT;
        int code = schedules_check_name(name, error);

        if (code)
                return code;
        if (task_name_check(task, &reason) < 0 || task_args_check(args, &reason) < 0)
                return ctl_fail(error, PROGRAM_EXIT_USAGE, "%s", reason.text);
        code = definition_lines(NULL, arguments, &definition, error);
        if (code)
                return code;
        for (size_t i = 0; args[i]; i++)
                json_array_append_new(list, json_string(args[i]));
        *ret = json_pack("{s:s, s:s, s:O, s:O}", "name", name, "task", task, "args", list, "definition",
                         definition);
        return *ret ? 0 : ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
}

/* The daemon knows where it looks for them. That it cannot be asked is no failure: the schedule is there. */
static void warn_of_module(const struct ctl *ctl, const char *name)
{
        _cleanup_json_ json_t *tasks = NULL;
        struct error error = ERROR_INIT;
        size_t i;
        json_t *task;

        if (connection_request(ctl, "Tasks", json_object(), &tasks, &error))
                return;
        json_array_foreach(tasks, i, task) {
                const char *has = record_string(task, "name");
                if (has && strcmp(has, name) == 0)
                        return;
        }
        ctl_message("warning: bgtaskd finds no module of a task \"%s\"", name);
}

int cmd_schedule_add(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *schedule = NULL;
        json_t *parameters;
        int code = add_parameters(arguments, &parameters, error);

        if (code == 0)
                code = connection_request(ctl, "AddSchedule", parameters, &schedule, error);
        if (code == 0 && !ctl->json)
                warn_of_module(ctl, arguments->operands[1]);
        return code ? code : schedule_print(ctl, schedule, "first run", error);
}

int cmd_schedule_edit(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        const char *name = arguments->operands[0];
        _cleanup_json_ json_t *shown = NULL, *definition = NULL, *schedule = NULL;
        const char *option, *value;
        bool changes = false;

        for (size_t at = 0; arguments_next(arguments, &at, &option, &value);)
                changes = changes || is_of_definition(option);
        if (!changes)
                return ctl_fail(error, PROGRAM_EXIT_USAGE,
                                "schedule edit needs --property=KEY=VALUE or another "
                                "option that says what changes");
        int code = schedules_show(ctl, name, &shown, error);

        if (code == 0)
                code = definition_lines(json_object_get(json_object_get(shown, "schedule"), "definition"),
                                        arguments, &definition, error);
        if (code == 0)
                code = connection_request(ctl, "EditSchedule",
                                          json_pack("{s:s, s:O}", "name", name, "definition", definition),
                                          &schedule, error);
        return code ? code : schedule_print(ctl, schedule, "next run", error);
}

/* ---- pause, resume ---- */

int cmd_schedule_pause(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        const char *why = arguments_option(arguments, "why");
        _cleanup_json_ json_t *schedule = NULL;
        int64_t until_us = 0;
        int code = schedules_check_name(arguments->operands[0], error);

        if (code == 0)
                code = schedules_time_option(arguments, "until", &until_us, error);
        if (code == 0 && arguments_option(arguments, "until") && until_us <= clock_realtime_us())
                code = ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --until: expected a time to come");
        if (code)
                return code;
        json_t *parameters = json_pack("{s:s, s:s*}", "name", arguments->operands[0], "why", why);
        if (until_us && json_object_set_new(parameters, "until", json_integer(until_us)) < 0)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        code = connection_request(ctl, "PauseSchedule", parameters, &schedule, error);
        if (code)
                return code;
        if (ctl->json) {
                print_json(schedule);
        } else {
                _cleanup_free_ char *until = text_time(until_us, "it is resumed");
                _cleanup_free_ char *name = text_line(arguments->operands[0]);
                printf("Schedule %s is paused until %s.\n", name ? name : "", until ? until : "");
        }
        return print_flush(error);
}

int cmd_schedule_resume(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *schedule = NULL;
        int code = schedules_check_name(arguments->operands[0], error);

        if (code == 0)
                code = connection_request(ctl, "ResumeSchedule",
                                          json_pack("{s:s}", "name", arguments->operands[0]), &schedule,
                                          error);
        return code ? code : schedule_print(ctl, schedule, "next run", error);
}

/* ---- run, backfill ---- */

int cmd_schedule_run(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *run = NULL;
        int code = schedules_check_name(arguments->operands[0], error);

        if (code == 0)
                code = connection_request(ctl, "RunSchedule",
                                          json_pack("{s:s}", "name", arguments->operands[0]), &run, error);
        if (code)
                return code;
        if (ctl->json)
                print_json(run);
        else
                printf("%" PRId64 "\n", record_int(run, "id", 0));
        return print_flush(error);
}

int cmd_schedule_backfill(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_json_ json_t *schedule = NULL;
        int64_t from_us = -1, until_us = clock_realtime_us();
        int code = schedules_check_name(arguments->operands[0], error);

        if (code == 0)
                code = schedules_time_option(arguments, "from", &from_us, error);
        if (code == 0)
                code = schedules_time_option(arguments, "to", &until_us, error);
        if (code == 0 && from_us < 0)
                code = ctl_fail(error, PROGRAM_EXIT_USAGE, "schedule backfill needs --from=TIME");
        if (code == 0 && until_us <= from_us)
                code = ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid %s",
                                arguments_option(arguments, "to")
                                        ? "--to: expected a time after --from"
                                        : "--from: expected a time that has passed");
        if (code == 0 && until_us > clock_realtime_us())
                code = ctl_fail(error, PROGRAM_EXIT_USAGE, "invalid --to: expected a time that has passed");
        if (code == 0)
                code = connection_request(ctl, "BackfillSchedule",
                                          json_pack("{s:s, s:I, s:I}", "name", arguments->operands[0], "from",
                                                    (json_int_t)from_us, "until", (json_int_t)until_us),
                                          &schedule, error);
        if (code)
                return code;
        if (ctl->json) {
                print_json(schedule);
        } else {
                _cleanup_free_ char *name = text_line(arguments->operands[0]);
                printf("Schedule %s is run for its times in that range, as `bgtaskctl list --schedule=%s` shows.\n",
                       name ? name : "", name ? name : "");
        }
        return print_flush(error);
}
