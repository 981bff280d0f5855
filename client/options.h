/* SPDX-License-Identifier: MPL-2.0 */
/* Command lines, by tables: the rows that parse an option also describe it in the help text. */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/error.h"

/* One option; a table ends with a row without a name. */
struct option_row {
        const char *name; /* without the dashes */
        char letter;      /* 0: none */
        const char *
                argument; /* what its value is called in the help text, with "+" in front when each time counts and
                               * not only the last; NULL: takes none */
        const char *help;
};

enum option_order {
        OPTION_ORDER_FIRST, /* options end at the first operand, which keeps what follows as it is */
        OPTION_ORDER_ANY,   /* options and operands in any order, until "--" */
};

#define ARGUMENTS_OPTIONS_MAX 32

/* A command line taken apart. Everything in it points into argv. */
struct arguments {
        struct {
                const struct option_row *row;
                const char *value; /* "" for an option that takes none */
        } options[ARGUMENTS_OPTIONS_MAX];
        size_t option_count;
        char **operands; /* malloc'd array, NULL-terminated */
        size_t operand_count;
};

/* Parse @argv (NULL-terminated, without the program's or command's name) by the rows of @tables, a
 * NULL-terminated list of tables. Options are added to those @ret holds already, operands replace them. An
 * option given twice has its last value, unless each time counts. -EINVAL with a text, -E2BIG for too many options, -ENOMEM. */
int options_parse(char **argv, const struct option_row *const *tables, enum option_order order,
                  struct arguments *ret, struct error *error);
void arguments_done(struct arguments *arguments);

/* The next option that was given, from *at on, which moves behind it. False: there are no more. */
bool arguments_next(const struct arguments *arguments, size_t *at, const char **ret_name,
                    const char **ret_value);
/* The value of option @name, NULL when it was not given. */
const char *arguments_option(const struct arguments *arguments, const char *name);
bool arguments_flag(const struct arguments *arguments, const char *name);

/* One line a row, as --help shows it. */
void options_print(const struct option_row *table, FILE *out);

#endif
