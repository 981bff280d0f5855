/* SPDX-License-Identifier: MPL-2.0 */
/* The one way JSON from outside is decoded: strictly, and with bounds that hold before anything is built. */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define JSON_DEPTH_MAX 32

/* Decode one object or array. Refused: more than JSON_DEPTH_MAX levels, duplicate keys, invalid UTF-8, NUL in
 * strings, integers beyond 64 bits, anything after the value. -EBADMSG with a text. New reference. */
int json_decode(const char *text, size_t size, json_t **ret, struct error *error);
/* "a string", "an integer", …: what a value is, for messages. NULL: "nothing". Static. */
const char *json_describe(const json_t *value);

/* Members of an object that may be absent or null, which is success and leaves *ret as it was. -EBADMSG: of
 * another type, with a text that names it. Strings are borrowed. */
int json_member_string(const json_t *object, const char *name, const char **ret, struct error *error);
int json_member_bool(const json_t *object, const char *name, bool *ret, struct error *error);
int json_member_int(const json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret,
                    struct error *error);

#endif
