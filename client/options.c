/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define OPTIONS_HELP_COLUMN 26

struct option_parser {
        char **argv;
        const struct option_row *const *tables;
        struct arguments *arguments;
        struct error *error;
};

static bool option_repeats(const struct option_row *row)
{
        return row->argument && row->argument[0] == '+';
}

static const char *option_argument(const struct option_row *row)
{
        return row->argument + option_repeats(row);
}

static int option_add(struct option_parser *parser, const struct option_row *row, const char *value)
{
        struct arguments *arguments = parser->arguments;

        for (size_t i = 0; i < arguments->option_count; i++) {
                if (arguments->options[i].row == row && !option_repeats(row)) {
                        arguments->options[i].value = value;
                        return 0;
                }
        }
        if (arguments->option_count == ARGUMENTS_OPTIONS_MAX)
                return error_set(parser->error, E2BIG, "too many options");
        arguments->options[arguments->option_count].row = row;
        arguments->options[arguments->option_count].value = value;
        arguments->option_count++;
        return 0;
}

static const struct option_row *option_find(const struct option_parser *parser, const char *name,
                                            size_t length, char letter)
{
        for (size_t t = 0; parser->tables[t]; t++) {
                for (const struct option_row *row = parser->tables[t]; row->name; row++) {
                        if (letter ? row->letter == letter
                                   : strlen(row->name) == length && memcmp(row->name, name, length) == 0)
                                return row;
                }
        }
        return NULL;
}

/* @text is "NAME" or "NAME=VALUE"; *used says how many words of argv it took. */
static int option_parse_long(struct option_parser *parser, const char *text, const char *next, size_t *used)
{
        size_t length = strcspn(text, "=");
        const char *value = text[length] ? text + length + 1 : NULL;
        const struct option_row *row = option_find(parser, text, length, 0);

        *used = 1;
        if (!row)
                return error_set(parser->error, EINVAL, "unknown option --%.*s", (int)length, text);
        if (!row->argument && value)
                return error_set(parser->error, EINVAL, "option --%s takes no value", row->name);
        if (row->argument && !value) {
                if (!next)
                        return error_set(parser->error, EINVAL, "option --%s needs a value: %s", row->name,
                                         option_argument(row));
                value = next;
                *used = 2;
        }
        return option_add(parser, row, value ? value : "");
}

/* @text is one or more letters, the last of which may be followed by its value. */
static int option_parse_short(struct option_parser *parser, const char *text, const char *next, size_t *used)
{
        *used = 1;
        for (; *text; text++) {
                const struct option_row *row = option_find(parser, NULL, 0, *text);

                if (!row)
                        return error_set(parser->error, EINVAL, "unknown option -%c", *text);
                if (!row->argument) {
                        int r = option_add(parser, row, "");
                        if (r < 0)
                                return r;
                        continue;
                }
                if (text[1])
                        return option_add(parser, row, text + 1);
                if (!next)
                        return error_set(parser->error, EINVAL, "option -%c needs a value: %s", *text,
                                         option_argument(row));
                *used = 2;
                return option_add(parser, row, next);
        }
        return 0;
}

int options_parse(char **argv, const struct option_row *const *tables, enum option_order order,
                  struct arguments *ret, struct error *error)
{
        struct option_parser parser = {
                .argv = argv,
                .tables = tables,
                .arguments = ret,
                .error = error,
        };
        size_t count = strv_length(argv), operand_count = 0, i = 0;
        _cleanup_free_ char **operands = calloc(count + 1, sizeof(*operands));
        bool options = true;

        if (!operands)
                return error_set(error, ENOMEM, "out of memory");

        while (i < count) {
                const char *word = argv[i];
                size_t used;
                int r;

                if (!options || word[0] != '-' || !word[1]) {
                        operands[operand_count++] = argv[i++];
                        if (order == OPTION_ORDER_FIRST)
                                options = false;
                        continue;
                }
                if (strcmp(word, "--") == 0) {
                        options = false;
                        i++;
                        continue;
                }
                if (word[1] == '-')
                        r = option_parse_long(&parser, word + 2, argv[i + 1], &used);
                else
                        r = option_parse_short(&parser, word + 1, argv[i + 1], &used);
                if (r < 0)
                        return r;
                i += used;
        }

        free(ret->operands);
        ret->operands = steal_pointer(operands);
        ret->operand_count = operand_count;
        return 0;
}

void arguments_done(struct arguments *arguments)
{
        free(arguments->operands);
        *arguments = (struct arguments){ 0 };
}

const char *arguments_option(const struct arguments *arguments, const char *name)
{
        for (size_t i = 0; i < arguments->option_count; i++) {
                if (strcmp(arguments->options[i].row->name, name) == 0)
                        return arguments->options[i].value;
        }
        return NULL;
}

bool arguments_next(const struct arguments *arguments, size_t *at, const char **ret_name,
                    const char **ret_value)
{
        if (*at >= arguments->option_count)
                return false;
        *ret_name = arguments->options[*at].row->name;
        *ret_value = arguments->options[(*at)++].value;
        return true;
}

bool arguments_flag(const struct arguments *arguments, const char *name)
{
        return arguments_option(arguments, name) != NULL;
}

void options_print(const struct option_row *table, FILE *out)
{
        for (const struct option_row *row = table; row->name; row++) {
                int width = row->letter ? fprintf(out, "  -%c, --%s", row->letter, row->name)
                                        : fprintf(out, "      --%s", row->name);

                if (row->argument)
                        width += fprintf(out, "=%s", option_argument(row));
                if (width >= OPTIONS_HELP_COLUMN) {
                        fputc('\n', out);
                        width = 0;
                }
                fprintf(out, "%*s%s\n", OPTIONS_HELP_COLUMN - width, "", row->help);
        }
}
