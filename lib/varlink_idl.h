/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Varlink interface descriptions: parsed once, then every message is checked against them, so that the
 * .varlink file is the one place that says what a parameter may be.
 */
#ifndef LIB_VARLINK_IDL_H
#define LIB_VARLINK_IDL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

struct varlink_interface;

/* -EINVAL with "FILE:LINE: …"; also when a type is used and not defined. */
int varlink_interface_parse(const char *file, const char *text, size_t size, struct varlink_interface **ret,
                            struct error *error);
void varlink_interface_free(struct varlink_interface *interface);
const char *varlink_interface_name(const struct varlink_interface *interface);
/* Names in order of the file; NULL after the last. */
const char *varlink_interface_method(const struct varlink_interface *interface, size_t index);
const char *varlink_interface_error(const struct varlink_interface *interface, size_t index);

enum varlink_direction {
        VARLINK_IN,
        VARLINK_OUT,
};

/* Check @parameters of @method (its bare name). -ENOENT: no such method. -EINVAL: *ret_field (malloc'd) is
 * the path of the first bad one ("args[3]") and @error says what was expected. Unknown fields are bad;
 * null stands for absent. */
int varlink_interface_check_method(const struct varlink_interface *interface, const char *method,
                                   enum varlink_direction direction, json_t *parameters, char **ret_field,
                                   struct error *error);
int varlink_interface_check_error(const struct varlink_interface *interface, const char *error_name,
                                  json_t *parameters, char **ret_field, struct error *error);

#endif
