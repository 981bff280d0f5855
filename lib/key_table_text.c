/* SPDX-License-Identifier: MPL-2.0 */
/* What is assigned, as text. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/key_table_internal.h"
#include "lib/task_value.h"
#include "lib/util.h"

#define SECOND ((int64_t)USEC_PER_SEC)

/* The value of a field that is a number; unsigned ones wrap, as `initial` is written. */
static int64_t number_get(const void *object, const struct key *key)
{
        const void *field = key_field(object, key);

        switch (key->type) {
        case KEY_BOOL:
                return *(const bool *)field;
        case KEY_ENUM:
                return *(const int *)field;
        case KEY_PERCENT:
                return *(const uint32_t *)field;
        case KEY_NUMBER:
                return *(const int32_t *)field;
        case KEY_SPAN:
        case KEY_TIME:
                return *(const int64_t *)field;
        case KEY_SECONDS:
        case KEY_SIZE:
        case KEY_COUNT:
                return (int64_t) * (const uint64_t *)field;
        case KEY_TEXT:
        case KEY_SPANS:
        case KEY_WORDS:
        case KEY_LINES:
                break;
        }
        return 0;
}

static uint32_t spans_count(const void *object, const struct key *key)
{
        return *(const uint32_t *)((const char *)object + key->beside);
}

static bool is_list(const struct key *key)
{
        return key->type == KEY_WORDS || key->type == KEY_LINES;
}

bool key_table_is_default(const struct key_table *table, const void *object, size_t index)
{
        const struct key *key = &table->keys[index];

        if (key->type == KEY_TEXT)
                return !*(char *const *)key_field(object, key);
        if (is_list(key))
                return strv_length(*(char **const *)key_field(object, key)) == 0;
        if (key->type == KEY_SPANS)
                return spans_count(object, key) == 0;
        if (key->is_set)
                return !*(const bool *)((const char *)object + key->beside);
        return number_get(object, key) == key->initial;
}

static char *span_format(int64_t us)
{
        if (us == INT64_MAX)
                return strdup("infinity");
        if (us % SECOND == 0)
                return format_string("%" PRId64 "s", us / SECOND);
        return us % (int64_t)USEC_PER_MSEC == 0 ? format_string("%" PRId64 "ms", us / (int64_t)USEC_PER_MSEC)
                                                : format_string("%" PRId64 "us", us);
}

static char *time_format(int64_t us)
{
        return us % SECOND == 0 ? format_string("@%" PRId64, us / SECOND)
                                : format_string("@%" PRId64 ".%06" PRId64, us / SECOND, us % SECOND);
}

static char *size_format(uint64_t bytes)
{
        static const char suffixes[] = "KMGTPE";
        size_t power = 0;

        if (bytes == UINT64_MAX)
                return strdup("infinity");
        for (; bytes > 0 && bytes % 1024 == 0 && power < strlen(suffixes); power++)
                bytes /= 1024;
        return power ? format_string("%" PRIu64 "%c", bytes, suffixes[power - 1])
                     : format_string("%" PRIu64, bytes);
}

static char *number_format(const struct key *key, int64_t number)
{
        uint64_t value = (uint64_t)number;

        switch (key->type) {
        case KEY_BOOL:
                return strdup(number ? "yes" : "no");
        case KEY_ENUM:
                return strdup(key->names[number]);
        case KEY_PERCENT:
                return format_string("%" PRIu64 "%%", value);
        case KEY_NUMBER:
                return format_string("%" PRId64, number);
        case KEY_SPAN:
                return span_format(number);
        case KEY_TIME:
                return time_format(number);
        case KEY_SECONDS:
                return value == UINT64_MAX ? strdup("infinity") : format_string("%" PRIu64 "s", value);
        case KEY_SIZE:
                return size_format(value);
        case KEY_COUNT:
                return value == UINT64_MAX ? strdup("infinity") : format_string("%" PRIu64, value);
        case KEY_TEXT:
        case KEY_SPANS:
        case KEY_WORDS:
        case KEY_LINES:
                break;
        }
        return NULL;
}

static int entry_print(FILE *out, const struct key *key, const char *entry)
{
        _cleanup_free_ char *quoted = key->type == KEY_LINES ? strdup(entry) : task_value_quote(entry);

        if (!quoted)
                return -ENOMEM;
        fputs(quoted, out);
        return 0;
}

/* On one line. */
static int list_print(FILE *out, const struct key *key, char *const *list)
{
        for (; list && *list; list++) {
                int r = entry_print(out, key, *list);
                if (r < 0)
                        return r;
                if (list[1])
                        fputs(key->type == KEY_LINES ? "; " : " ", out);
        }
        return 0;
}

static int spans_print(FILE *out, const struct key *key, const void *object)
{
        const int64_t *spans = key_field(object, key);

        for (uint32_t i = 0; i < spans_count(object, key); i++) {
                _cleanup_free_ char *span = span_format(spans[i]);
                if (!span)
                        return -ENOMEM;
                fprintf(out, "%s%s", i ? " " : "", span);
        }
        return 0;
}

static int value_print(FILE *out, const struct key_table *table, const void *object, size_t index)
{
        const struct key *key = &table->keys[index];

        if (key->type == KEY_TEXT) {
                const char *text = *(char *const *)key_field(object, key);
                fputs(text ? text : "", out);
                return 0;
        }
        if (is_list(key))
                return list_print(out, key, *(char **const *)key_field(object, key));
        if (key->type == KEY_SPANS)
                return spans_print(out, key, object);
        /* Only of these does the initial value mean that nothing is said here. */
        if (key_table_is_default(table, object, index) && (key->is_set || key->initial < key->min) &&
            !(key->initial == -1 && key->infinite))
                return 0;
        _cleanup_free_ char *number = number_format(key, number_get(object, key));
        if (!number)
                return -ENOMEM;
        fputs(number, out);
        return 0;
}

/* What was printed to @out, malloc'd. NULL: it failed, or there was not enough memory. @out may be NULL. */
static char *print_end(FILE *out, char **text, int r)
{
        bool failed = !out || ferror(out) || r < 0;

        if (!out || fclose(out) != 0 || failed) {
                free(*text);
                return NULL;
        }
        return *text;
}

char *key_table_value(const struct key_table *table, const void *object, size_t index)
{
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        return print_end(out, &text, out ? value_print(out, table, object, index) : 0);
}

static int lines_print(FILE *out, const struct key *key, char *const *list)
{
        for (; *list; list++) {
                fprintf(out, "%s=", key->name);
                int r = entry_print(out, key, *list);
                if (r < 0)
                        return r;
                fputc('\n', out);
        }
        return 0;
}

static int object_print(FILE *out, const struct key_table *table, const void *object)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < table->count; i++) {
                const struct key *key = &table->keys[i];
                if (key_table_is_default(table, object, i))
                        continue;
                if (is_list(key)) {
                        r = lines_print(out, key, *(char **const *)key_field(object, key));
                } else {
                        fprintf(out, "%s=", key->name);
                        r = value_print(out, table, object, i);
                        fputc('\n', out);
                }
        }
        return r;
}

char *key_table_format(const struct key_table *table, const void *object)
{
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        text = print_end(out, &text, out ? object_print(out, table, object) : 0);
        if (text && size > table->text_max) {
                free(text);
                return NULL;
        }
        return text;
}

static int line_parse(const struct key_table *table, char *line, void *object, struct error *error)
{
        struct error why = ERROR_INIT;
        char *equals = strchr(line, '=');

        if (!equals || !equals[1])
                return error_set(error, EBADMSG, "%s: expected Key=value, found \"%.100s\"", table->noun,
                                 line);
        *equals = 0;
        const struct key_assignment assignment = { .key = line, .value = equals + 1 };
        int r = key_table_assign(table, object, &assignment, &why);
        if (r == -ENOMEM)
                return error_set(error, ENOMEM, "out of memory");
        return r < 0 ? error_set(error, EBADMSG, "%s: %s", table->noun, why.text) : 0;
}

int key_table_parse(const struct key_table *table, const char *text, void *object, struct error *error)
{
        size_t size = strnlen(text, table->text_max + 1);
        _cleanup_free_ char *copy = NULL;
        int r = 0;

        if (size > table->text_max)
                return error_set(error, EBADMSG, "%s: expected at most %zu bytes, found more", table->noun,
                                 table->text_max);
        if (!utf8_is_valid(text, size))
                return error_set(error, EBADMSG, "%s: expected UTF-8", table->noun);
        copy = strdup(text);
        if (!copy)
                return error_set(error, ENOMEM, "out of memory");
        for (char *line = copy, *end; r == 0 && *line; line = end + 1) {
                end = strchr(line, '\n');
                if (!end)
                        return error_set(error, EBADMSG, "%s: expected a line's end after \"%.100s\"",
                                         table->noun, line);
                *end = 0;
                r = line_parse(table, line, object, error);
        }
        return r;
}
