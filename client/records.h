/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the daemon sends, as values that the rest of the client can rely on.
 *
 * A record that was read has every field of its table: with the type the table says, or null. Fields that a
 * newer daemon adds are kept behind them. The order of a table is the order of the JSON output.
 */
#ifndef CLIENT_RECORDS_H
#define CLIENT_RECORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/error.h"

CLEANUP_DEFINE(json_t, json_decref);
#define _cleanup_json_ _cleanup_(json_decref_cleanup)

enum record_type {
        RECORD_INT,
        RECORD_BOOL,
        RECORD_STRING,
        RECORD_STRINGS, /* array of strings */
        RECORD_OBJECT,
        RECORD_OBJECTS, /* array of them */
};

/* One field; a table ends with a row without a name. */
struct record_field {
        const char *name;
        enum record_type type;
        bool required;
        const struct record_field *fields; /* of RECORD_OBJECT and RECORD_OBJECTS */
};

extern const struct record_field record_run[];
extern const struct record_field record_output[];
extern const struct record_field record_schedule[];
extern const struct record_field record_hold[];
extern const struct record_field record_pass[];
extern const struct record_field record_task[];
extern const struct record_field record_status[];
extern const struct record_field record_reload[];

/* What a method's one reply holds. */
struct record_reply {
        const char *method, *member, *what;
        const struct record_field *fields;
        bool list;
};

const struct record_reply *record_reply_find(const char *method);

/* Check @value by @fields and make the complete record. 0; -EBADMSG with a text that names @what. */
int record_read(const struct record_field *fields, const char *what, json_t *value, json_t **ret,
                struct error *error);
/* The same for an array of them; *ret is a new array. */
int record_read_all(const struct record_field *fields, const char *what, json_t *values, json_t **ret,
                    struct error *error);

/* Fields of a record that was read. */
bool record_has(const json_t *record, const char *name); /* not null */
int64_t record_int(const json_t *record, const char *name, int64_t fallback);
const char *record_string(const json_t *record, const char *name); /* NULL: none; borrowed */

#endif
