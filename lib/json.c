/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/cleanup.h"

/* jansson's own limit is 2048 levels of its recursive parser; ours is checked before it starts. Text that is
 * not JSON may be counted wrongly here: the parser refuses it anyhow, and opens no level that is not counted. */
static bool depth_is_bounded(const char *text, size_t size)
{
        size_t depth = 0;
        bool in_string = false;

        for (size_t at = 0; at < size; at++) {
                char c = text[at];
                if (in_string) {
                        if (c == '\\')
                                at++;
                        else if (c == '"')
                                in_string = false;
                } else if (c == '"') {
                        in_string = true;
                } else if (c == '{' || c == '[') {
                        if (++depth > JSON_DEPTH_MAX)
                                return false;
                } else if ((c == '}' || c == ']') && depth > 0) {
                        depth--;
                }
        }
        return true;
}

int json_decode(const char *text, size_t size, json_t **ret, struct error *error)
{
        json_error_t why;

        if (!depth_is_bounded(text, size))
                return error_set(error, EBADMSG, "expected JSON of at most %d levels, found more",
                                 JSON_DEPTH_MAX);
        json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
        if (!value)
                return error_set(error, EBADMSG, "expected JSON, found at byte %d: %s", why.position,
                                 why.text);
        *ret = value;
        return 0;
}

const char *json_describe(const json_t *value)
{
        if (!value)
                return "nothing";
        switch (json_typeof(value)) {
        case JSON_OBJECT:
                return "an object";
        case JSON_ARRAY:
                return "an array";
        case JSON_STRING:
                return "a string";
        case JSON_INTEGER:
                return "an integer";
        case JSON_REAL:
                return "a number with a fraction";
        case JSON_TRUE:
        case JSON_FALSE:
                return "a boolean";
        case JSON_NULL:
                return "null";
        }
        return "something else";
}

static int member_unexpected(const char *name, const char *expected, const json_t *value, struct error *error)
{
        return error_set(error, EBADMSG, "%s: expected %s, found %s", name, expected, json_describe(value));
}

int json_member_string(const json_t *object, const char *name, const char **ret, struct error *error)
{
        const json_t *value = json_object_get(object, name);

        if (!value || json_is_null(value))
                return 0;
        if (!json_is_string(value))
                return member_unexpected(name, "a string", value, error);
        *ret = json_string_value(value);
        return 0;
}

int json_member_bool(const json_t *object, const char *name, bool *ret, struct error *error)
{
        const json_t *value = json_object_get(object, name);

        if (!value || json_is_null(value))
                return 0;
        if (!json_is_boolean(value))
                return member_unexpected(name, "a boolean", value, error);
        *ret = json_is_true(value);
        return 0;
}

int json_member_int(const json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret,
                    struct error *error)
{
        const json_t *value = json_object_get(object, name);

        if (!value || json_is_null(value))
                return 0;
        if (!json_is_integer(value))
                return member_unexpected(name, "an integer", value, error);
        int64_t integer = json_integer_value(value);
        if (integer < min || integer > max)
                return error_set(error, EBADMSG, "%s: expected %" PRId64 " to %" PRId64 ", found %" PRId64,
                                 name, min, max, integer);
        *ret = integer;
        return 0;
}
