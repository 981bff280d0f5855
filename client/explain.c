/* SPDX-License-Identifier: MPL-2.0 */
/* What the daemon's errors mean to whoever typed the command. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/connection.h"
#include "lib/exit_code.h"
#include "lib/util.h"
#include "lib/varlink.h"

#define EXPLAIN_INTERFACE "io.bgtaskd.Manager."

/* {name} in a text stands for the error's parameter of that name; what is in brackets is left out when the first
 * parameter in them is absent. */
static const struct explanation {
        const char *name;
        int exit_code;
        const char *text;
} explain_table[] = {
        { EXPLAIN_INTERFACE "NoSuchRun", PROGRAM_EXIT_NOINPUT, "there is no run {id}" },
        { EXPLAIN_INTERFACE "NoSuchSchedule", PROGRAM_EXIT_NOINPUT, "there is no schedule \"{name}\"" },
        { EXPLAIN_INTERFACE "ScheduleExists", PROGRAM_EXIT_CANTCREAT,
          "there is a schedule \"{name}\" already" },
        { EXPLAIN_INTERFACE "ScheduleOfFile", PROGRAM_EXIT_NOPERM,
          "schedule \"{name}\" is of {source}: change it there, or in a drop-in, and reload" },
        { EXPLAIN_INTERFACE "ScheduleBusy", PROGRAM_EXIT_TEMPFAIL,
          "schedule \"{name}\" has a run that has not ended, and its Overlap= says no" },
        { EXPLAIN_INTERFACE "NotActive", PROGRAM_EXIT_DATAERR, "run {id} has ended already: it is {state}" },
        { EXPLAIN_INTERFACE "InvalidValue", PROGRAM_EXIT_USAGE, "invalid {field}: expected {expected}" },
        { EXPLAIN_INTERFACE "PermissionDenied", PROGRAM_EXIT_NOPERM,
          "you have no permission to {action}[: that takes the role {needs}, and yours is {role}]" },
        { EXPLAIN_INTERFACE "QueueFull", PROGRAM_EXIT_TEMPFAIL,
          "the queue is full ({limit} runs[ of user {uid}][ of pool {pool}]): try again when some have ended" },
        { EXPLAIN_INTERFACE "BackgroundTasksDisabled", PROGRAM_EXIT_UNAVAILABLE,
          "the daemon cannot run tasks: {reason}" },
        { EXPLAIN_INTERFACE "TaskFileInvalid", PROGRAM_EXIT_CONFIG, "task {task} is not run: {reason}" },
        { EXPLAIN_INTERFACE "TooManyConnections", PROGRAM_EXIT_TEMPFAIL,
          "the daemon has as many connections as it takes ({limit}): try again later" },
        { EXPLAIN_INTERFACE "TooSlow", PROGRAM_EXIT_TEMPFAIL,
          "the daemon gave up: more than {limit} bytes of output were waiting to be read" },
        { EXPLAIN_INTERFACE "StoreFailed", PROGRAM_EXIT_IOERR, "the daemon could not record it: {reason}" },
        { EXPLAIN_INTERFACE "ReexecFailed", PROGRAM_EXIT_UNAVAILABLE,
          "the daemon goes on as it is, its program was not executed anew: {reason}" },
        { EXPLAIN_INTERFACE "ShuttingDown", PROGRAM_EXIT_TEMPFAIL,
          "the daemon is shutting down: try again later" },
        { VARLINK_ERROR_INTERFACE_NOT_FOUND, PROGRAM_EXIT_PROTOCOL,
          "what answers there is no bgtaskd: it has no interface {interface}" },
        { VARLINK_ERROR_METHOD_NOT_FOUND, PROGRAM_EXIT_PROTOCOL,
          "the daemon is older than this client: it has no method {method}" },
        { VARLINK_ERROR_METHOD_NOT_IMPLEMENTED, PROGRAM_EXIT_PROTOCOL,
          "the daemon is older than this client: it has no method {method}" },
        { VARLINK_ERROR_INVALID_PARAMETER, PROGRAM_EXIT_USAGE,
          "the daemon refuses the value of {parameter}" },
        { "org.varlink.service.PermissionDenied", PROGRAM_EXIT_NOPERM, "you have no permission to do this" },
        { VARLINK_ERROR_EXPECTED_MORE, PROGRAM_EXIT_PROTOCOL,
          "the daemon is of another version than this client: it wants a streaming call" },
};

static const struct explanation *explain_find(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(explain_table); i++) {
                const char *known = explain_table[i].name;

                if (strcmp(known, name) == 0)
                        return &explain_table[i];
                if (!strchr(name, '.') && strncmp(known, EXPLAIN_INTERFACE, strlen(EXPLAIN_INTERFACE)) == 0 &&
                    strcmp(known + strlen(EXPLAIN_INTERFACE), name) == 0)
                        return &explain_table[i];
        }
        return NULL;
}

/* Append the parameter whose name is @name of @length bytes. */
static void explain_parameter(FILE *out, json_t *parameters, const char *name, size_t length)
{
        char key[64];
        const json_t *value;

        snprintf(key, sizeof(key), "%.*s", (int)length, name);
        value = json_object_get(parameters, key);
        if (json_is_string(value))
                fputs(json_string_value(value), out);
        else if (json_is_integer(value))
                fprintf(out, "%" PRId64, (int64_t)json_integer_value(value));
        else
                fputs("(not said)", out);
}

/* Behind the bracket at @at, or behind its end. */
static const char *explain_enter(const char *at, json_t *parameters)
{
        char key[64];
        const char *name = at + strcspn(at, "{") + 1;

        snprintf(key, sizeof(key), "%.*s", (int)strcspn(name, "}"), name);
        return at + (json_object_get(parameters, key) ? 1 : strcspn(at, "]"));
}

int connection_explain(const char *name, json_t *parameters, struct error *error)
{
        const struct explanation *explanation = explain_find(name);
        char text[ERROR_TEXT_MAX] = "";
        FILE *out;

        if (!explanation)
                return ctl_fail(error, PROGRAM_EXIT_PROTOCOL, "the daemon answered with the unknown error %s",
                                name);

        out = fmemopen(text, sizeof(text), "w");
        if (!out)
                return ctl_fail(error, explanation->exit_code, "%s", explanation->text);
        for (const char *at = explanation->text; *at;) {
                if (*at == '[')
                        at = explain_enter(at, parameters);
                at += *at == ']';
                size_t literal = strcspn(at, "{[]"), length;

                fwrite(at, 1, literal, out);
                at += literal;
                if (*at != '{')
                        continue;
                length = strcspn(++at, "}");
                explain_parameter(out, parameters, at, length);
                at += length + 1;
        }
        fclose(out); /* a text that is too long is cut */
        return ctl_fail(error, explanation->exit_code, "%s", text);
}

bool connection_explains(const char *name)
{
        return explain_find(name) != NULL;
}
