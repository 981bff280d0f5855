/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What reaches stdout and stderr. Documents and tables go through stdio and are checked once, by
 * print_flush(); the output of tasks goes straight to the descriptors, byte by byte as it was.
 */
#ifndef CLIENT_PRINT_H
#define CLIENT_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "client/table.h"
#include "lib/error.h"

/* One JSON value and a newline on stdout. */
void print_json(const json_t *value);
/* An array, an element a line, printed as it comes: each element, then the end. Begins zeroed. */
struct print_array {
        bool filled;
};
void print_array_add(struct print_array *array, const json_t *value);
void print_array_end(const struct print_array *array);

/* Results as in bgtaskctl.h. A reader that went away is 128 + SIGPIPE, without text. */
int print_flush(struct error *error);
int print_array(const json_t *values, struct error *error); /* all at once */
int print_table(const struct table *table, struct error *error);
int print_bytes(int fd, const void *data, size_t size, struct error *error);

#endif
