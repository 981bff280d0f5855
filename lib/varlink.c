/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/varlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "lib/util.h"

static const char *const call_members[] = { "method", "parameters", "more", "oneway", "upgrade", NULL };
static const char *const reply_members[] = { "error", "parameters", "continues", NULL };

static bool is_member(const char *const *members, const char *name)
{
        for (; *members; members++)
                if (strcmp(*members, name) == 0)
                        return true;
        return false;
}

/* The envelope as an object that has no other than @members, and "parameters" in any case. */
static int message_decode(const char *text, size_t size, const char *const *members, json_t **ret,
                          json_t **ret_parameters, struct error *error)
{
        json_t *message = NULL, *parameters;
        const char *name;
        json_t *value;

        if (size > VARLINK_MESSAGE_MAX)
                return error_set(error, EBADMSG, "expected a message of at most %d bytes",
                                 VARLINK_MESSAGE_MAX);
        int r = json_decode(text, size, &message, error);
        if (r < 0)
                return r;
        if (!json_is_object(message)) {
                r = error_set(error, EBADMSG, "expected an object as the message, found %s",
                              json_describe(message));
                goto fail;
        }
        json_object_foreach(message, name, value)
                if (!is_member(members, name)) {
                        _cleanup_free_ char *shown = text_escape(name, strnlen(name, 100));
                        r = error_set(error, EBADMSG, "%s: no such member of a message", shown ? shown : "?");
                        goto fail;
                }
        parameters = json_object_get(message, "parameters");
        if (!parameters || json_is_null(parameters)) {
                parameters = json_object();
                if (json_object_set_new(message, "parameters", parameters) < 0) {
                        r = error_set(error, ENOMEM, "out of memory");
                        goto fail;
                }
        }
        if (!json_is_object(parameters)) {
                r = error_set(error, EBADMSG, "parameters: expected an object, found %s",
                              json_describe(parameters));
                goto fail;
        }
        *ret = message;
        *ret_parameters = parameters;
        return 0;
fail:
        json_decref(message);
        return r;
}

/* "io.bgtaskd.Manager.Run": something on both sides of a dot, and nothing that could not be in a name. */
static bool name_is_qualified(const char *name)
{
        const char *dot = strrchr(name, '.');

        return dot && dot != name && dot[1] &&
               name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")] == 0;
}

static int call_fill(struct varlink_call *call, struct error *error)
{
        int r;

        if ((r = json_member_string(call->message, "method", &call->method, error)) < 0 ||
            (r = json_member_bool(call->message, "more", &call->more, error)) < 0 ||
            (r = json_member_bool(call->message, "oneway", &call->oneway, error)) < 0 ||
            (r = json_member_bool(call->message, "upgrade", &call->upgrade, error)) < 0)
                return r;
        if (!call->method)
                return error_set(error, EBADMSG, "method: expected a string, found nothing");
        if (!name_is_qualified(call->method))
                return error_set(error, EBADMSG, "method: expected INTERFACE.METHOD");
        if (call->more && call->oneway)
                return error_set(error, EBADMSG, "expected \"more\" or \"oneway\", found both");
        return 0;
}

int varlink_call_decode(const char *text, size_t size, struct varlink_call *ret, struct error *error)
{
        struct varlink_call call = { 0 };
        int r = message_decode(text, size, call_members, &call.message, &call.parameters, error);

        if (r == 0)
                r = call_fill(&call, error);
        if (r < 0) {
                varlink_call_done(&call);
                return r;
        }
        *ret = call;
        return 0;
}

static int reply_fill(struct varlink_reply *reply, struct error *error)
{
        int r;

        if ((r = json_member_string(reply->message, "error", &reply->error, error)) < 0 ||
            (r = json_member_bool(reply->message, "continues", &reply->continues, error)) < 0)
                return r;
        if (reply->error && !name_is_qualified(reply->error))
                return error_set(error, EBADMSG, "error: expected INTERFACE.ERROR");
        if (reply->error && reply->continues)
                return error_set(error, EBADMSG, "expected \"error\" or \"continues\", found both");
        return 0;
}

int varlink_reply_decode(const char *text, size_t size, struct varlink_reply *ret, struct error *error)
{
        struct varlink_reply reply = { 0 };
        int r = message_decode(text, size, reply_members, &reply.message, &reply.parameters, error);

        if (r == 0)
                r = reply_fill(&reply, error);
        if (r < 0) {
                varlink_reply_done(&reply);
                return r;
        }
        *ret = reply;
        return 0;
}

void varlink_call_done(struct varlink_call *call)
{
        json_decref(call->message);
        *call = (struct varlink_call){ 0 };
}

void varlink_reply_done(struct varlink_reply *reply)
{
        json_decref(reply->message);
        *reply = (struct varlink_reply){ 0 };
}

/* {"NAME": value, "parameters": {…}, "FLAG": true}; @name and @flag may be NULL. */
static char *message_encode(const char *name, const char *value, json_t *parameters, const char *flag,
                            size_t *ret_size)
{
        json_t *message = json_object();
        char *text = NULL;

        if ((name && json_object_set_new(message, name, json_string(value)) < 0) ||
            (parameters ? json_object_set(message, "parameters", parameters)
                        : json_object_set_new(message, "parameters", json_object())) < 0 ||
            (flag && json_object_set_new(message, flag, json_true()) < 0))
                goto finish;
        text = json_dumps(message, JSON_COMPACT);
        if (!text)
                goto finish;
        size_t length = strlen(text);
        if (length > VARLINK_MESSAGE_MAX) {
                free(text);
                text = NULL;
                goto finish;
        }
        *ret_size = length + 1;
finish:
        json_decref(message);
        return text;
}

char *varlink_call_encode(const char *method, json_t *parameters, bool more, size_t *ret_size)
{
        return message_encode("method", method, parameters, more ? "more" : NULL, ret_size);
}

char *varlink_reply_encode(const char *error, json_t *parameters, bool continues, size_t *ret_size)
{
        return message_encode(error ? "error" : NULL, error, parameters, continues ? "continues" : NULL,
                              ret_size);
}
