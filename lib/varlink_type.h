/* SPDX-License-Identifier: MPL-2.0 */
/* A parsed interface, as the parser (varlink_idl.c) makes it and the checker (varlink_check.c) reads it. */
#ifndef LIB_VARLINK_TYPE_H
#define LIB_VARLINK_TYPE_H

#include <stdbool.h>
#include <stddef.h>

enum varlink_type_kind {
        VARLINK_TYPE_BOOL,
        VARLINK_TYPE_INT,
        VARLINK_TYPE_FLOAT,
        VARLINK_TYPE_STRING,
        VARLINK_TYPE_OBJECT,
        VARLINK_TYPE_ENUM,
        VARLINK_TYPE_STRUCT,
        VARLINK_TYPE_ARRAY,
        VARLINK_TYPE_MAP,
        VARLINK_TYPE_REFERENCE,
};

struct varlink_field {
        char *name;
        struct varlink_type *type; /* NULL: a word of an enum */
};

struct varlink_type {
        enum varlink_type_kind kind;
        bool optional;
        struct varlink_field *fields; /* STRUCT, ENUM */
        size_t field_count;
        struct varlink_type *element;      /* ARRAY, MAP; owned */
        char *reference;                   /* REFERENCE: the name */
        const struct varlink_type *target; /* REFERENCE: its type, a member's, never a reference itself */
        unsigned line;
};

enum varlink_member_kind {
        VARLINK_MEMBER_TYPE,
        VARLINK_MEMBER_METHOD,
        VARLINK_MEMBER_ERROR,
};

struct varlink_member {
        enum varlink_member_kind kind;
        char *name;
        struct varlink_type *type; /* TYPE, ERROR; METHOD: what goes in */
        struct varlink_type *out;  /* METHOD */
};

struct varlink_interface {
        char *name;
        char *text;
        struct varlink_member *members;
        size_t member_count;
};

/* NULL: none of that kind and name. */
const struct varlink_member *varlink_interface_find(const struct varlink_interface *interface,
                                                    enum varlink_member_kind kind, const char *name);

#endif
