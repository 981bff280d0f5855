/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A table of text: the columns are as wide as they need to be, and on a terminal the last one is cut to what
 * is left of the line, then the flexible one.
 */
#ifndef CLIENT_TABLE_H
#define CLIENT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "client/text.h"
#include "lib/cleanup.h"

struct table_column {
        const char *title; /* the last column of a table has a row without a title behind it */
        bool right;        /* aligned to the right */
        bool flexible;     /* may be cut, to TABLE_FLEXIBLE_MIN columns */
};

#define TABLE_COLUMNS_MAX 12
#define TABLE_FLEXIBLE_MIN 8
#define TABLE_LAST_MIN 8 /* the last column is left at least this */

struct table;

/* @columns must outlive the table. NULL: out of memory. */
struct table *table_new(const struct table_column *columns);
void table_free(struct table *table);
CLEANUP_DEFINE(struct table, table_free);
/* Add a cell, row by row from the left. @text (malloc'd) is taken over; NULL is an empty cell. */
void table_add(struct table *table, char *text, enum text_color color);
/* @width: of the terminal; 0: nothing is cut. 0, or -ENOMEM when a cell was lost or could not be shown. */
int table_print(const struct table *table, FILE *out, size_t width, bool color);

#endif
