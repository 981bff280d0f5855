/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The parser of interface descriptions. The grammar, in which # to the end of the line is a comment and may be
 * wherever a blank may be:
 *
 *   interface = "interface" INTERFACE_NAME member*
 *   member    = "type" Name (struct | enum) | "error" Name struct | "method" Name struct "->" struct
 *   struct    = "(" [field ("," field)*] ")"         field = field_name ":" type
 *   enum      = "(" field_name ("," field_name)* ")"
 *   type      = ["?"] ("[]" type | "[string]" type | basic | Name | struct | enum)
 *   basic     = "bool" | "int" | "float" | "string" | "object"
 *
 * Members may refer to types that come later, so references are resolved at the end. What is half parsed hangs
 * on the interface, and goes with it when something is wrong.
 */
#include "config.h"

#include "lib/varlink_idl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "lib/varlink_type.h"

#define IDL_TEXT_MAX (1024 * 1024)
#define IDL_NESTING_MAX 16

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

struct parser {
        const char *file;
        const char *at; /* in the NUL-terminated copy of the text */
        unsigned line;
        struct varlink_interface *interface;
        struct error *error;
};

/* ---- reading ---- */

static void blanks_skip(struct parser *parser)
{
        for (;;) {
                if (*parser->at == '#')
                        parser->at += strcspn(parser->at, "\n");
                else if (*parser->at == '\n')
                        parser->line++, parser->at++;
                else if (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\r')
                        parser->at++;
                else
                        return;
        }
}

static int out_of_memory(struct parser *parser)
{
        return error_set(parser->error, ENOMEM, "%s: out of memory", parser->file);
}

static int fail(struct parser *parser, const char *expected)
{
        size_t length = strcspn(parser->at, " \t\r\n,:()#");

        if (*parser->at == 0)
                return error_set(parser->error, EINVAL, "%s:%u: expected %s, found the end of the file",
                                 parser->file, parser->line, expected);
        _cleanup_free_ char *found = text_escape(parser->at, MIN(MAX(length, (size_t)1), (size_t)60));
        return error_set(parser->error, EINVAL, "%s:%u: expected %s, found \"%s\"", parser->file,
                         parser->line, expected, found ? found : "");
}

/* Take @text when it is next. A word must end there. */
static bool take(struct parser *parser, const char *text)
{
        size_t length = strlen(text);

        blanks_skip(parser);
        if (strncmp(parser->at, text, length) != 0)
                return false;
        if (strchr(LOWER, text[0]) && strspn(parser->at + length, LOWER UPPER DIGITS "_") > 0)
                return false;
        parser->at += length;
        return true;
}

static int expect(struct parser *parser, const char *text, const char *expected)
{
        return take(parser, text) ? 0 : fail(parser, expected);
}

/* Take a word of @length bytes. */
static int name_store(struct parser *parser, size_t length, char **ret)
{
        *ret = strndup(parser->at, length);
        if (!*ret)
                return out_of_memory(parser);
        parser->at += length;
        return 0;
}

/* Name: an upper-case letter, then letters and digits. */
static int take_member_name(struct parser *parser, char **ret)
{
        blanks_skip(parser);
        size_t length = strspn(parser->at, UPPER LOWER DIGITS);
        if (length == 0 || !strchr(UPPER, *parser->at) || parser->at[length] == '_')
                return fail(parser, "a name that begins with a capital letter");
        return name_store(parser, length, ret);
}

/* field_name: letters, digits and single underscores, which neither begin nor end it. */
static int take_field_name(struct parser *parser, char **ret)
{
        blanks_skip(parser);
        size_t length = strspn(parser->at, UPPER LOWER DIGITS "_");
        bool good = length > 0 && strchr(UPPER LOWER, *parser->at) && parser->at[length - 1] != '_';
        for (size_t i = 1; good && i < length; i++)
                good = parser->at[i] != '_' || parser->at[i - 1] != '_';
        return good ? name_store(parser, length, ret) : fail(parser, "a field's name");
}

/* At least two parts with dots between, of letters, digits and inner hyphens; the first begins with a letter. */
static int take_interface_name(struct parser *parser, char **ret)
{
        blanks_skip(parser);
        size_t length = strspn(parser->at, UPPER LOWER DIGITS "-.");
        bool good = length > 0 && length <= 255 && strchr(UPPER LOWER, *parser->at) &&
                    memchr(parser->at, '.', length);
        for (size_t i = 0; good && i < length; i++) {
                char before = i > 0 ? parser->at[i - 1] : '.',
                     after = i + 1 < length ? parser->at[i + 1] : '.';
                if (parser->at[i] == '.')
                        good = before != '.' && before != '-' && i + 1 < length && after != '-';
                else if (parser->at[i] == '-')
                        good = before != '.' && after != '.';
        }
        return good ? name_store(parser, length, ret)
                    : fail(parser, "an interface's name such as org.example.thing");
}

/* ---- types ---- */

static void type_free(struct varlink_type *type)
{
        /* The nesting is bounded, so is this recursion. */
        if (!type)
                return;
        for (size_t i = 0; i < type->field_count; i++) {
                free(type->fields[i].name);
                type_free(type->fields[i].type);
        }
        free(type->fields);
        type_free(type->element);
        free(type->reference);
        free(type);
}

static int take_type(struct parser *parser, unsigned nesting, struct varlink_type **ret);

/* Add an empty field, which its type owns from now on. */
static struct varlink_field *field_add(struct varlink_type *type)
{
        size_t count = type->field_count;

        if ((count & (count - 1)) == 0) {
                struct varlink_field *larger = reallocarray(type->fields, count ? 2 * count : 1,
                                                            sizeof(struct varlink_field));
                if (!larger)
                        return NULL;
                type->fields = larger;
        }
        type->fields[type->field_count] = (struct varlink_field){ 0 };
        return &type->fields[type->field_count++];
}

static int take_field(struct parser *parser, unsigned nesting, struct varlink_type *type)
{
        struct varlink_field *field = field_add(type);
        if (!field)
                return out_of_memory(parser);
        int r = take_field_name(parser, &field->name);
        if (r < 0)
                return r;
        for (size_t i = 0; i + 1 < type->field_count; i++)
                /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): success has stored it */
                if (strcmp(type->fields[i].name, field->name) == 0)
                        return error_set(parser->error, EINVAL,
                                         "%s:%u: expected names that differ, found \"%s\" twice",
                                         parser->file, parser->line, field->name);

        /* The first field decides which of the two it is. */
        blanks_skip(parser);
        if (type->field_count == 1)
                type->kind = *parser->at == ':' ? VARLINK_TYPE_STRUCT : VARLINK_TYPE_ENUM;
        if (type->kind == VARLINK_TYPE_ENUM)
                return 0;
        r = expect(parser, ":", "\":\" and a type");
        if (r < 0)
                return r;
        return take_type(parser, nesting, &field->type);
}

/* A struct or an enum. */
static int take_fields(struct parser *parser, unsigned nesting, struct varlink_type *type)
{
        type->kind = VARLINK_TYPE_STRUCT;
        if (!take(parser, "("))
                return fail(parser, "\"(\"");
        if (take(parser, ")"))
                return 0;
        do {
                int r = take_field(parser, nesting, type);
                if (r < 0)
                        return r;
        } while (take(parser, ","));
        return expect(parser, ")", "\",\" or \")\"");
}

/* What may stand behind the question mark. */
static int take_plain_type(struct parser *parser, unsigned nesting, struct varlink_type *type)
{
        static const struct {
                const char *name;
                enum varlink_type_kind kind;
        } basic_types[] = {
                { "bool", VARLINK_TYPE_BOOL },     { "int", VARLINK_TYPE_INT },
                { "float", VARLINK_TYPE_FLOAT },   { "string", VARLINK_TYPE_STRING },
                { "object", VARLINK_TYPE_OBJECT },
        };

        if (*parser->at == '(')
                return take_fields(parser, nesting, type);
        if (take(parser, "[]")) {
                type->kind = VARLINK_TYPE_ARRAY;
                return take_type(parser, nesting, &type->element);
        }
        if (take(parser, "[string]")) {
                type->kind = VARLINK_TYPE_MAP;
                return take_type(parser, nesting, &type->element);
        }
        for (size_t i = 0; i < ARRAY_SIZE(basic_types); i++)
                if (take(parser, basic_types[i].name)) {
                        type->kind = basic_types[i].kind;
                        return 0;
                }
        if (*parser->at == 0 || !strchr(UPPER, *parser->at))
                return fail(parser, "a type");
        type->kind = VARLINK_TYPE_REFERENCE;
        return take_member_name(parser, &type->reference);
}

static int take_type(struct parser *parser, unsigned nesting, struct varlink_type **ret)
{
        if (nesting == 0)
                return error_set(parser->error, EINVAL, "%s:%u: expected types at most %d deep", parser->file,
                                 parser->line, IDL_NESTING_MAX);
        struct varlink_type *type = calloc(1, sizeof(*type));
        if (!type)
                return out_of_memory(parser);
        *ret = type;
        type->optional = take(parser, "?");
        blanks_skip(parser);
        type->line = parser->line;
        return take_plain_type(parser, nesting - 1, type);
}

/* What a method takes and gives, and what an error tells. */
static int take_struct(struct parser *parser, struct varlink_type **ret)
{
        blanks_skip(parser);
        if (*parser->at != '(')
                return fail(parser, "\"(\"");
        int r = take_type(parser, IDL_NESTING_MAX, ret);
        if (r == 0 && (*ret)->kind != VARLINK_TYPE_STRUCT)
                return error_set(parser->error, EINVAL, "%s:%u: expected fields with types", parser->file,
                                 (*ret)->line);
        return r;
}

/* ---- members ---- */

static struct varlink_member *member_add(struct varlink_interface *interface, enum varlink_member_kind kind)
{
        struct varlink_member *larger = reallocarray(interface->members, interface->member_count + 1,
                                                     sizeof(struct varlink_member));
        if (!larger)
                return NULL;
        interface->members = larger;
        larger[interface->member_count] = (struct varlink_member){ .kind = kind };
        return &larger[interface->member_count++];
}

static int take_member(struct parser *parser)
{
        enum varlink_member_kind kind;

        if (take(parser, "type"))
                kind = VARLINK_MEMBER_TYPE;
        else if (take(parser, "method"))
                kind = VARLINK_MEMBER_METHOD;
        else if (take(parser, "error"))
                kind = VARLINK_MEMBER_ERROR;
        else
                return fail(parser, "type, method or error");

        struct varlink_interface *interface = parser->interface;
        struct varlink_member *member = member_add(interface, kind);
        if (!member)
                return out_of_memory(parser);
        int r = take_member_name(parser, &member->name);
        if (r < 0)
                return r;
        for (size_t i = 0; i + 1 < interface->member_count; i++)
                /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): success has stored it */
                if (strcmp(interface->members[i].name, member->name) == 0)
                        return error_set(parser->error, EINVAL,
                                         "%s:%u: expected names that differ, found \"%s\" twice",
                                         parser->file, parser->line, member->name);
        if (kind == VARLINK_MEMBER_TYPE) {
                blanks_skip(parser);
                return *parser->at == '(' ? take_type(parser, IDL_NESTING_MAX, &member->type)
                                          : fail(parser, "\"(\"");
        }
        r = take_struct(parser, &member->type);
        if (r < 0 || kind == VARLINK_MEMBER_ERROR)
                return r;
        r = expect(parser, "->", "\"->\" and what the method returns");
        return r < 0 ? r : take_struct(parser, &member->out);
}

const struct varlink_member *varlink_interface_find(const struct varlink_interface *interface,
                                                    enum varlink_member_kind kind, const char *name)
{
        for (size_t i = 0; i < interface->member_count; i++)
                if (interface->members[i].kind == kind && strcmp(interface->members[i].name, name) == 0)
                        return &interface->members[i];
        return NULL;
}

/* Find what references refer to, in @type and below. */
static int type_resolve(struct parser *parser, struct varlink_type *type)
{
        int r = 0;

        if (!type)
                return 0;
        if (type->kind == VARLINK_TYPE_REFERENCE) {
                const struct varlink_member *member =
                        varlink_interface_find(parser->interface, VARLINK_MEMBER_TYPE, type->reference);
                if (!member)
                        return error_set(parser->error, EINVAL,
                                         "%s:%u: expected a type, found \"%s\", which is not defined",
                                         parser->file, type->line, type->reference);
                type->target = member->type;
                return 0;
        }
        for (size_t i = 0; i < type->field_count && r == 0; i++)
                r = type_resolve(parser, type->fields[i].type);
        return r < 0 ? r : type_resolve(parser, type->element);
}

static int interface_fill(struct parser *parser)
{
        struct varlink_interface *interface = parser->interface;
        int r;

        if (!take(parser, "interface"))
                return fail(parser, "\"interface\"");
        if ((r = take_interface_name(parser, &interface->name)) < 0)
                return r;
        for (blanks_skip(parser); *parser->at; blanks_skip(parser))
                if ((r = take_member(parser)) < 0)
                        return r;
        for (size_t i = 0; i < interface->member_count; i++)
                if ((r = type_resolve(parser, interface->members[i].type)) < 0 ||
                    (r = type_resolve(parser, interface->members[i].out)) < 0)
                        return r;
        return 0;
}

int varlink_interface_parse(const char *file, const char *text, size_t size, struct varlink_interface **ret,
                            struct error *error)
{
        if (size > IDL_TEXT_MAX)
                return error_set(error, EINVAL, "%s: expected at most %d bytes", file, IDL_TEXT_MAX);
        if (memchr(text, 0, size) || !utf8_is_valid(text, size))
                return error_set(error, EINVAL, "%s: expected UTF-8 without NUL", file);

        struct varlink_interface *interface = calloc(1, sizeof(*interface));
        if (!interface || !(interface->text = strndup(text, size))) {
                varlink_interface_free(interface);
                return error_set(error, ENOMEM, "%s: out of memory", file);
        }
        struct parser parser = {
                .file = file,
                .at = interface->text,
                .line = 1,
                .interface = interface,
                .error = error,
        };
        int r = interface_fill(&parser);
        if (r < 0) {
                varlink_interface_free(interface);
                return r;
        }
        *ret = interface;
        return 0;
}

void varlink_interface_free(struct varlink_interface *interface)
{
        if (!interface)
                return;
        for (size_t i = 0; i < interface->member_count; i++) {
                free(interface->members[i].name);
                type_free(interface->members[i].type);
                type_free(interface->members[i].out);
        }
        free(interface->members);
        free(interface->name);
        free(interface->text);
        free(interface);
}

/* ---- looking ---- */

const char *varlink_interface_name(const struct varlink_interface *interface)
{
        return interface->name;
}

static const char *member_at(const struct varlink_interface *interface, enum varlink_member_kind kind,
                             size_t index)
{
        for (size_t i = 0; i < interface->member_count; i++)
                if (interface->members[i].kind == kind && index-- == 0)
                        return interface->members[i].name;
        return NULL;
}

const char *varlink_interface_method(const struct varlink_interface *interface, size_t index)
{
        return member_at(interface, VARLINK_MEMBER_METHOD, index);
}

const char *varlink_interface_error(const struct varlink_interface *interface, size_t index)
{
        return member_at(interface, VARLINK_MEMBER_ERROR, index);
}
