/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/client.h"
#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/store.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"
#include "lib/varlink_idl.h"
#include "schema/embed.h"

const struct request_method request_methods[] = {
        { "Run", ACTION_RUN, true, request_run },
        { "List", ACTION_SEE, false, request_list },
        { "Show", ACTION_SEE, false, request_show },
        { "Logs", ACTION_SEE, false, request_logs },
        { "Wait", ACTION_SEE, false, request_wait },
        { "Cancel", ACTION_CANCEL_OWN, true, request_cancel },
        { "Tasks", ACTION_SEE, false, request_tasks },
        { "Status", ACTION_SEE, false, request_status },
        { "AddSchedule", ACTION_EDIT_SCHEDULES, true, request_add_schedule },
        { "ListSchedules", ACTION_SEE, false, request_list_schedules },
        { "RemoveSchedule", ACTION_EDIT_SCHEDULES, true, request_remove_schedule },
        { "EditSchedule", ACTION_EDIT_SCHEDULES, true, request_edit_schedule },
        { "ShowSchedule", ACTION_SEE, false, request_show_schedule },
        { "PauseSchedule", ACTION_EDIT_SCHEDULES, true, request_pause_schedule },
        { "ResumeSchedule", ACTION_EDIT_SCHEDULES, true, request_resume_schedule },
        { "RunSchedule", ACTION_RUN, true, request_run_schedule },
        { "BackfillSchedule", ACTION_EDIT_SCHEDULES, true, request_backfill_schedule },
        { "Ledger", ACTION_SEE, false, request_ledger },
        { "Reexec", ACTION_ADMINISTER, true, request_reexec },
        { "Reload", ACTION_ADMINISTER, true, request_reload },
        { "Backup", ACTION_ADMINISTER, true, request_backup },
        { NULL, ACTION_COUNT, false, NULL },
};

static const struct request_method service_methods[] = {
        { "GetInfo", ACTION_SEE, false, request_get_info },
        { "GetInterfaceDescription", ACTION_SEE, false, request_get_interface_description },
        { NULL, ACTION_COUNT, false, NULL },
};

/* What is served; the descriptions are parsed by request_check_tables(). */
static struct served {
        const char *name;
        const struct request_method *methods;
        bool open; /* to everyone who can connect */
        struct varlink_interface *description;
} served[] = {
        { .name = REQUEST_INTERFACE, .methods = request_methods },
        { .name = "org.varlink.service", .methods = service_methods, .open = true },
};

static const struct request_method *method_find(const struct request_method *methods, const char *name)
{
        for (; methods->name; methods++)
                if (strcmp(methods->name, name) == 0)
                        return methods;
        return NULL;
}

static int served_check(const struct served *interface, struct error *error)
{
        const char *name;
        size_t described = 0, handled = 0;

        while ((name = varlink_interface_method(interface->description, described))) {
                if (!method_find(interface->methods, name))
                        return error_set(error, ENOSYS, "%s.%s has no handler", interface->name, name);
                described++;
        }
        while (interface->methods[handled].name)
                handled++;
        if (handled != described)
                return error_set(error, ENOSYS, "%s has handlers that are not described", interface->name);
        return 0;
}

int request_check_tables(struct error *error)
{
        for (size_t i = 0; i < ARRAY_SIZE(served); i++) {
                const struct schema_interface *schema = schema_interfaces;

                while (schema->name && strcmp(schema->name, served[i].name) != 0)
                        schema++;
                if (!schema->name)
                        return error_set(error, ENOENT, "%s has no description", served[i].name);
                if (!served[i].description) {
                        int r = varlink_interface_parse(schema->name, schema->text, schema->size,
                                                        &served[i].description, error);
                        if (r < 0)
                                return r;
                }
                int r = served_check(&served[i], error);
                if (r < 0)
                        return r;
        }
        return 0;
}

void request_tables_done(void)
{
        for (size_t i = 0; i < ARRAY_SIZE(served); i++) {
                varlink_interface_free(served[i].description);
                served[i].description = NULL;
        }
}

/* ---- life ---- */

static void request_free(struct request *request)
{
        varlink_call_done(&request->call);
        json_decref(request->committing);
        free(request);
}

static void request_finish(struct request *request)
{
        if (request->client)
                client_call_done(request->client);
        request_free(request);
}

void request_drained(struct request *request)
{
        if (request->drained)
                request->drained(request);
}

void request_abandon(struct request *request)
{
        request->client = NULL;
        if (request->gone)
                request->gone(request);
        if (!request->committed)
                request_free(request);
}

/* ---- parameters ---- */

const char *request_string(const struct request *request, const char *name)
{
        return json_string_value(json_object_get(request->call.parameters, name));
}

int64_t request_int(const struct request *request, const char *name, int64_t fallback)
{
        const json_t *value = json_object_get(request->call.parameters, name);

        return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool request_bool(const struct request *request, const char *name, bool fallback)
{
        const json_t *value = json_object_get(request->call.parameters, name);

        return json_is_boolean(value) ? json_is_true(value) : fallback;
}

bool request_congested(const struct request *request)
{
        return request->client && client_congested(request->client);
}

/* ---- answers ---- */

#ifdef HAVE_SANITIZERS
/* In the builds that tests use for this, an answer that is not as described is a crash. */
static void request_verify(const struct request *request, const char *error_name, json_t *parameters)
{
        _cleanup_free_ char *field = NULL;
        struct error error = ERROR_INIT;
        const char *dot = error_name ? strrchr(error_name, '.') : NULL;
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(served); i++) {
                if (dot && strncmp(error_name, served[i].name, (size_t)(dot - error_name)) == 0)
                        r = varlink_interface_check_error(served[i].description, dot + 1, parameters, &field,
                                                          &error);
                if (!dot && request->method && method_find(served[i].methods, request->method->name))
                        r = varlink_interface_check_method(served[i].description, request->method->name,
                                                           VARLINK_OUT, parameters, &field, &error);
        }
        if (r < 0) {
                log_error("answer %s: %s: %s", error_name ? error_name : "", field ? field : "", error.text);
                abort();
        }
}
#else
static void request_verify(const struct request *request, const char *error_name, json_t *parameters)
{
}
#endif

static void request_send(struct request *request, const char *error_name, json_t *parameters, bool continues)
{
        size_t size;

        if (!request->client || request->call.oneway)
                return;
        request_verify(request, error_name, parameters);
        char *message = varlink_reply_encode(error_name, parameters, continues, &size);
        if (message)
                client_send(request->client, message, size);
        else
                client_drop(request->client, "dropped: an answer does not fit into a message");
}

void request_reply(struct request *request, json_t *parameters, bool continues)
{
        if (!parameters && request->client)
                client_drop(request->client, "dropped: out of memory for an answer");
        if (parameters)
                request_send(request, NULL, parameters, continues);
        json_decref(parameters);
        if (!continues)
                request_finish(request);
}

void request_error(struct request *request, const char *name, json_t *parameters)
{
        char full[128];

        if (strchr(name, '.'))
                snprintf(full, sizeof(full), "%s", name);
        else
                snprintf(full, sizeof(full), REQUEST_INTERFACE ".%s", name);
        if (parameters)
                request_send(request, full, parameters, false);
        else if (request->client)
                client_drop(request->client, "dropped: out of memory for an answer");
        json_decref(parameters);
        request_finish(request);
}

void request_deny(struct request *request, enum action action)
{
        request_error(request, "PermissionDenied",
                      json_pack("{s:s, s:s, s:s}", "action", action_name(action), "needs",
                                role_name(action_role(action)), "role", role_name(request->peer.role)));
}

void request_invalid(struct request *request, const char *field, const char *expected)
{
        request_error(request, "InvalidValue", json_pack("{s:s, s:s}", "field", field, "expected", expected));
}

void request_failed(struct request *request, int r, const char *text)
{
        request_error(request, "StoreFailed", json_pack("{s:s}", "reason", text ? text : strerror(-r)));
}

static void request_on_commit(int result, void *data)
{
        struct request *request = data;
        void (*committed)(int, struct request *) = request->committed;

        request->committed = NULL;
        if (request->client)
                committed(result, request);
        else
                request_free(request);
}

void request_after_commit(struct request *request, void (*done)(int result, struct request *request))
{
        request->committed = done;
        group_after_commit(request->daemon->group, request_on_commit, request);
}

static void request_reply_on_commit(int result, struct request *request)
{
        if (result < 0)
                request_failed(request, result, NULL);
        else
                request_reply(request, steal_pointer(request->committing), false);
}

void request_reply_committed(struct request *request, json_t *parameters)
{
        request->committing = parameters;
        request_after_commit(request, request_reply_on_commit);
}

/* ---- dispatch ---- */

static struct served *served_find(const char *method, const char **ret_name)
{
        const char *dot = strrchr(method, '.');

        *ret_name = dot + 1;
        for (size_t i = 0; i < ARRAY_SIZE(served); i++)
                if (strlen(served[i].name) == (size_t)(dot - method) &&
                    strncmp(served[i].name, method, (size_t)(dot - method)) == 0)
                        return &served[i];
        return NULL;
}

static void request_refuse_name(struct request *request, const char *error_name, const char *field,
                                const char *name, size_t length)
{
        request_error(request, error_name, json_pack("{s:s%}", field, name, length));
}

static void request_dispatch(struct request *request)
{
        _cleanup_free_ char *field = NULL;
        struct error error = ERROR_INIT;
        const char *full = request->call.method, *name;
        const struct served *interface = served_find(full, &name);

        if (!interface) {
                request_refuse_name(request, VARLINK_ERROR_INTERFACE_NOT_FOUND, "interface", full,
                                    (size_t)(name - 1 - full));
                return;
        }
        request->method = method_find(interface->methods, name);
        if (!request->method) {
                request_refuse_name(request, VARLINK_ERROR_METHOD_NOT_FOUND, "method", full, strlen(full));
                return;
        }
        int r = varlink_interface_check_method(interface->description, name, VARLINK_IN,
                                               request->call.parameters, &field, &error);
        if (r < 0) {
                if (!field)
                        request_failed(request, r, error.text);
                else
                        request_refuse_name(request, VARLINK_ERROR_INVALID_PARAMETER, "parameter", field,
                                            strlen(field));
                return;
        }
        if (!interface->open && !authorise(&request->peer, request->method->action))
                request_deny(request, request->method->action);
        else if (request->method->changes && request->daemon->state != DAEMON_SERVING)
                request_error(request, "ShuttingDown", json_object());
        else
                request->method->handle(request);
}

int request_begin(struct client *client, const char *text, size_t size, struct request **ret_call,
                  struct error *error)
{
        struct request *request = calloc(1, sizeof(*request));

        if (!request)
                return error_set(error, ENOMEM, "out of memory");
        int r = varlink_call_decode(text, size, &request->call, error);
        if (r == 0 && request->call.upgrade)
                r = error_set(error, EBADMSG, "a call without \"upgrade\"");
        if (r < 0) {
                request_free(request);
                return r;
        }
        request->daemon = client_daemon(client);
        request->client = client;
        request->peer = *client_peer(client);
        *ret_call = request;
        request_dispatch(request);
        return 0;
}
