/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Messages against an interface. The walk keeps the path to the value it looks at and stops at the first that
 * is wrong, so that the path then names it. How deep it goes is bounded by what the JSON decoder lets through,
 * and once more here, because values that are about to be sent were never decoded.
 */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "lib/util.h"
#include "lib/varlink_idl.h"
#include "lib/varlink_type.h"

#define PATH_TEXT_MAX 512
#define WORD_SHOWN_MAX 64 /* bytes of a name or word of the peer's in a message */

struct checker {
        char path[PATH_TEXT_MAX];
        size_t length;
        unsigned depth;
        struct error *error;
};

/* Text of the peer for a path or message: escaped and cut. */
static void text_show(const char *text, char ret[static 4 * WORD_SHOWN_MAX + 4])
{
        char *escaped = text_escape(text, strnlen(text, WORD_SHOWN_MAX));

        snprintf(ret, 4 * WORD_SHOWN_MAX + 4, "%s%s", escaped ? escaped : "",
                 strlen(text) > WORD_SHOWN_MAX ? "..." : "");
        free(escaped);
}

/* Extend the path; returns its length before, for path_cut(). What does not fit is left out. */
static size_t path_add(struct checker *checker, const char *before, const char *name, const char *after)
{
        size_t length = checker->length;
        int added = snprintf(checker->path + length, sizeof(checker->path) - length, "%s%s%s", before, name,
                             after);

        if (added > 0)
                checker->length = MIN(length + (size_t)added, sizeof(checker->path) - 1);
        return length;
}

static void path_cut(struct checker *checker, size_t length)
{
        checker->length = length;
        checker->path[length] = 0;
}

static int unexpected(struct checker *checker, const char *expected, const json_t *value)
{
        return error_set(checker->error, EINVAL, "expected %s, found %s", expected, json_describe(value));
}

/* What a type wants, for a message about a missing or wrong value. */
static const char *type_describe(const struct varlink_type *type)
{
        switch (type->kind) {
        case VARLINK_TYPE_BOOL:
                return "a boolean";
        case VARLINK_TYPE_INT:
                return "an integer";
        case VARLINK_TYPE_FLOAT:
                return "a number";
        case VARLINK_TYPE_STRING:
        case VARLINK_TYPE_ENUM:
                return "a string";
        case VARLINK_TYPE_OBJECT:
        case VARLINK_TYPE_STRUCT:
        case VARLINK_TYPE_MAP:
                return "an object";
        case VARLINK_TYPE_ARRAY:
                return "an array";
        case VARLINK_TYPE_REFERENCE:
                return type_describe(type->target);
        }
        return "a value";
}

static int check_value(struct checker *checker, const struct varlink_type *type, json_t *value);

static int check_enum(struct checker *checker, const struct varlink_type *type, const json_t *value)
{
        const char *word = json_string_value(value);
        char words[ERROR_TEXT_MAX / 2], shown[4 * WORD_SHOWN_MAX + 4];
        size_t used = 0;

        for (size_t i = 0; i < type->field_count; i++)
                if (strcmp(type->fields[i].name, word) == 0)
                        return 0;
        words[0] = 0;
        for (size_t i = 0; i < type->field_count && used < sizeof(words); i++)
                used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s", i ? ", " : "",
                                         type->fields[i].name);
        text_show(word, shown);
        return error_set(checker->error, EINVAL, "expected one of %s, found \"%s\"", words, shown);
}

static bool has_field(const struct varlink_type *type, const char *name)
{
        for (size_t i = 0; i < type->field_count; i++)
                if (strcmp(type->fields[i].name, name) == 0)
                        return true;
        return false;
}

static int check_struct(struct checker *checker, const struct varlink_type *type, json_t *value)
{
        const char *name, *dot = checker->length > 0 ? "." : "";
        char shown[4 * WORD_SHOWN_MAX + 4];
        json_t *member;

        for (size_t i = 0; i < type->field_count; i++) {
                const struct varlink_field *field = &type->fields[i];
                size_t length = path_add(checker, dot, field->name, "");
                int r = check_value(checker, field->type, json_object_get(value, field->name));
                if (r < 0)
                        return r;
                path_cut(checker, length);
        }
        json_object_foreach(value, name, member) {
                if (has_field(type, name))
                        continue;
                text_show(name, shown);
                path_add(checker, dot, shown, "");
                return error_set(checker->error, EINVAL, "no such field");
        }
        return 0;
}

static int check_array(struct checker *checker, const struct varlink_type *type, json_t *value)
{
        json_t *element;
        size_t index;

        json_array_foreach(value, index, element) {
                char number[24];
                snprintf(number, sizeof(number), "%zu", index);
                size_t length = path_add(checker, "[", number, "]");
                int r = check_value(checker, type->element, element);
                if (r < 0)
                        return r;
                path_cut(checker, length);
        }
        return 0;
}

static int check_map(struct checker *checker, const struct varlink_type *type, json_t *value)
{
        char shown[4 * WORD_SHOWN_MAX + 4];
        const char *name;
        json_t *element;

        json_object_foreach(value, name, element) {
                text_show(name, shown);
                size_t length = path_add(checker, "[\"", shown, "\"]");
                int r = check_value(checker, type->element, element);
                if (r < 0)
                        return r;
                path_cut(checker, length);
        }
        return 0;
}

static bool kind_fits(enum varlink_type_kind kind, const json_t *value)
{
        switch (kind) {
        case VARLINK_TYPE_BOOL:
                return json_is_boolean(value);
        case VARLINK_TYPE_INT:
                return json_is_integer(value);
        case VARLINK_TYPE_FLOAT:
                return json_is_number(value);
        case VARLINK_TYPE_STRING:
        case VARLINK_TYPE_ENUM:
                return json_is_string(value);
        case VARLINK_TYPE_OBJECT:
        case VARLINK_TYPE_STRUCT:
        case VARLINK_TYPE_MAP:
                return json_is_object(value);
        case VARLINK_TYPE_ARRAY:
                return json_is_array(value);
        case VARLINK_TYPE_REFERENCE:
                break;
        }
        return false;
}

static int check_present(struct checker *checker, const struct varlink_type *type, json_t *value)
{
        switch (type->kind) {
        case VARLINK_TYPE_STRUCT:
                return check_struct(checker, type, value);
        case VARLINK_TYPE_ARRAY:
                return check_array(checker, type, value);
        case VARLINK_TYPE_MAP:
                return check_map(checker, type, value);
        case VARLINK_TYPE_ENUM:
                return check_enum(checker, type, value);
        case VARLINK_TYPE_BOOL:
        case VARLINK_TYPE_INT:
        case VARLINK_TYPE_FLOAT:
        case VARLINK_TYPE_STRING:
        case VARLINK_TYPE_OBJECT:
        case VARLINK_TYPE_REFERENCE:
                break;
        }
        return 0;
}

static int check_value(struct checker *checker, const struct varlink_type *type, json_t *value)
{
        const struct varlink_type *plain = type->kind == VARLINK_TYPE_REFERENCE ? type->target : type;

        if (!value || json_is_null(value)) {
                if (type->optional || plain->optional)
                        return 0;
                return unexpected(checker, type_describe(plain), value);
        }
        if (!kind_fits(plain->kind, value))
                return unexpected(checker, type_describe(plain), value);
        if (checker->depth == JSON_DEPTH_MAX)
                return error_set(checker->error, EINVAL, "expected at most %d levels", JSON_DEPTH_MAX);
        checker->depth++;
        int r = check_present(checker, plain, value);
        checker->depth--;
        return r;
}

static int check_parameters(const struct varlink_type *type, json_t *parameters, char **ret_field,
                            struct error *error)
{
        struct checker checker = { .error = error };
        json_t *empty = parameters ? NULL : json_object();
        int r = check_value(&checker, type, parameters ? parameters : empty);

        json_decref(empty);
        if (r < 0 && ret_field) {
                *ret_field = strdup(checker.path);
                if (!*ret_field)
                        return error_set(error, ENOMEM, "out of memory");
        }
        return r;
}

int varlink_interface_check_method(const struct varlink_interface *interface, const char *method,
                                   enum varlink_direction direction, json_t *parameters, char **ret_field,
                                   struct error *error)
{
        const struct varlink_member *member = varlink_interface_find(interface, VARLINK_MEMBER_METHOD,
                                                                     method);

        if (!member)
                return error_set(error, ENOENT, "%s has no such method", interface->name);
        return check_parameters(direction == VARLINK_IN ? member->type : member->out, parameters, ret_field,
                                error);
}

int varlink_interface_check_error(const struct varlink_interface *interface, const char *error_name,
                                  json_t *parameters, char **ret_field, struct error *error)
{
        const struct varlink_member *member = varlink_interface_find(interface, VARLINK_MEMBER_ERROR,
                                                                     error_name);

        if (!member)
                return error_set(error, ENOENT, "%s has no such error", interface->name);
        return check_parameters(member->type, parameters, ret_field, error);
}
