/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Assigning by a table. A field's value while nobody has set it is the row's `initial`, which an empty assignment
 * brings back; key_table_format() leaves out what is initial.
 */
#include "config.h"

#include "lib/key_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "lib/cleanup.h"
#include "lib/key_table_internal.h"
#include "lib/task_value.h"
#include "lib/util.h"

#define SECOND ((int64_t)USEC_PER_SEC)
#define TEXT_MAX 1024

int key_text_check(const struct key *key, char **text, struct error *error)
{
        size_t length = strlen(*text);

        if (length > (key->max ? (size_t)key->max : TEXT_MAX))
                return -EINVAL;
        for (size_t at = 0, step; at < length; at += step) {
                step = utf8_sequence(*text + at, length - at);
                if (step == 0 || utf8_is_control(*text + at, step))
                        return -EINVAL;
        }
        return key->check ? key->check(text, error) : 0;
}

int key_table_find(const struct key_table *table, const char *key)
{
        for (size_t i = 0; i < table->count; i++)
                if (strcmp(table->keys[i].name, key) == 0)
                        return (int)i;
        return -ENOENT;
}

/* ---- fields ---- */

static void key_reset(void *object, const struct key *key)
{
        void *field = key_field(object, key);

        switch (key->type) {
        case KEY_TEXT:
                free(*(char **)field);
                *(char **)field = NULL;
                break;
        case KEY_WORDS:
        case KEY_LINES:
                strv_free(*(char ***)field);
                *(char ***)field = NULL;
                break;
        case KEY_BOOL:
                *(bool *)field = key->initial != 0;
                break;
        case KEY_SPAN:
        case KEY_TIME:
                *(int64_t *)field = key->initial;
                break;
        case KEY_SPANS:
                memset(field, 0, key->max_count * sizeof(int64_t));
                *(uint32_t *)((char *)object + key->beside) = 0;
                break;
        case KEY_SIZE:
        case KEY_COUNT:
        case KEY_SECONDS:
                *(uint64_t *)field = (uint64_t)key->initial;
                break;
        case KEY_PERCENT:
        case KEY_NUMBER:
                *(int32_t *)field = (int32_t)key->initial;
                break;
        case KEY_ENUM:
                *(int *)field = (int)key->initial;
                break;
        }
        if (key->is_set)
                *(bool *)((char *)object + key->beside) = false;
}

void key_table_reset(const struct key_table *table, void *object)
{
        for (size_t i = 0; i < table->count; i++)
                key_reset(object, &table->keys[i]);
}

/* ---- assigning ---- */

/* "Key=: expected …, found …" of at most 100 bytes of @value. */
static int key_refuse(const struct key *key, int code, const char *value, struct error *error)
{
        size_t length = strnlen(value, 100);

        while (length > 0 && value[length] && ((unsigned char)value[length] & 0xc0) == 0x80)
                length--; /* not through a character */
        _cleanup_free_ char *found = text_escape(value, length);
        return error_set(error, code, "%s=: expected %s, found \"%s%s\"", key->name, key->expected,
                         found ? found : "?", value[length] ? "…" : "");
}

static int range_check(const struct key *key, uint64_t value)
{
        if (value == UINT64_MAX)
                return key->infinite ? 0 : -EINVAL;
        return value >= (uint64_t)key->min && value <= (uint64_t)key->max ? 0 : -ERANGE;
}

static int span_read(const struct key *key, const char *value, int64_t *ret_us)
{
        int64_t us;
        int r = task_value_span(value, &us);

        if (r == 0)
                r = range_check(key, us == INT64_MAX ? UINT64_MAX : (uint64_t)us);
        if (r == 0)
                *ret_us = us;
        return r;
}

static int span_assign(const struct key *key, const char *value, void *field)
{
        int64_t us = 0;
        int r = span_read(key, value, &us);

        if (r < 0)
                return r;
        if (key->type == KEY_SPAN)
                *(int64_t *)field = us;
        else /* up, as a part of a second would else be none */
                *(uint64_t *)field = us == INT64_MAX ? UINT64_MAX
                                                     : (uint64_t)(us / SECOND + (us % SECOND > 0));
        return 0;
}

/* Added to those that are there. */
static int spans_assign(const struct key *key, const char *value, void *object, struct error *error)
{
        int64_t *spans = key_field(object, key);
        uint32_t *count = (uint32_t *)((char *)object + key->beside), more = *count;

        for (;;) {
                _cleanup_free_ char *word = NULL;
                int r = task_value_word(&value, &word);
                if (r == 0)
                        break;
                if (r == 1 && more == key->max_count)
                        r = error_set(error, E2BIG, "%s=: expected at most %zu entries, found more",
                                      key->name, key->max_count);
                else if (r == 1)
                        r = span_read(key, word, &spans[more]);
                if (r < 0) {
                        memset(spans + *count, 0, (key->max_count - *count) * sizeof(*spans));
                        return r;
                }
                more++;
        }
        *count = more;
        return 0;
}

static int size_assign(const struct key *key, const char *value, uint64_t *field)
{
        uint64_t bytes = 0;
        uint32_t percent;
        int r;

        if (key->of_memory && task_value_percent(value, &percent) == 0) {
                struct sysinfo info;
                if (sysinfo(&info) < 0)
                        return -errno;
                if (percent < 1 || percent > 100)
                        return -ERANGE;
                /* A small machine's percent may be less than the engine can live with. */
                bytes = (uint64_t)info.totalram * info.mem_unit / 100 * percent;
                bytes = MAX(bytes, (uint64_t)key->min);
                r = 0;
        } else {
                r = task_value_size(value, &bytes);
        }
        if (r == 0)
                r = range_check(key, bytes);
        if (r == 0)
                *field = bytes;
        return r;
}

static int count_assign(const struct key *key, const char *value, uint64_t *field)
{
        uint64_t count = 0;
        int r = task_value_count(value, &count);

        if (r == 0)
                r = range_check(key, count);
        if (r == 0)
                *field = count;
        return r;
}

static int percent_assign(const struct key *key, const char *value, uint32_t *field)
{
        uint32_t percent = 0;
        int r = task_value_percent(value, &percent);

        if (r == 0)
                r = range_check(key, percent);
        if (r == 0)
                *field = percent;
        return r;
}

static int number_assign(const struct key *key, const char *value, int32_t *field)
{
        int64_t number;
        int r = parse_int64(value, key->min, key->max, &number);

        if (r == 0)
                *field = (int32_t)number;
        return r;
}

static int name_assign(const struct key *key, const char *value, int *field)
{
        const char *number = key->numbered && value[0] >= '0' && value[0] <= '9' && !value[1] ? value : NULL;

        for (int i = 0; key->names[i]; i++)
                if (strcmp(key->names[i], value) == 0 || (number && *number - '0' == i)) {
                        *field = i;
                        return 0;
                }
        return -EINVAL;
}

static int text_assign(const struct key *key, const char *value, const struct task_specifiers *specifiers,
                       char **field, struct error *error)
{
        _cleanup_free_ char *text = NULL;
        int r = task_specifiers_expand(specifiers, value, &text, error);

        if (r < 0)
                return error_prefix(error, "%s=", key->name);
        r = key_text_check(key, &text, error);
        if (r < 0)
                return error->code ? error_prefix(error, "%s=", key->name) : r;
        free(*field);
        *field = steal_pointer(text);
        return 0;
}

/* A negative errno without @error set: the row's words say what was expected. */
static int key_assign(void *object, const struct key *key, const struct key_assignment *assignment,
                      struct error *error)
{
        void *field = key_field(object, key);
        const char *value = assignment->value;
        int r = key->assign ? key->assign(object, key, value, error) : 1;

        if (r <= 0)
                return r;
        switch (key->type) {
        case KEY_TEXT:
                return text_assign(key, value, assignment->specifiers, field, error);
        case KEY_WORDS:
        case KEY_LINES:
                return key_list_assign(key, value, assignment->specifiers, field, error);
        case KEY_BOOL:
                return task_value_bool(value, field);
        case KEY_SPAN:
        case KEY_SECONDS:
                return span_assign(key, value, field);
        case KEY_SPANS:
                return spans_assign(key, value, object, error);
        case KEY_SIZE:
                return size_assign(key, value, field);
        case KEY_COUNT:
                return count_assign(key, value, field);
        case KEY_PERCENT:
                return percent_assign(key, value, field);
        case KEY_NUMBER:
                return number_assign(key, value, field);
        case KEY_ENUM:
                return name_assign(key, value, field);
        case KEY_TIME:
                break; /* the row's assign() has it */
        }
        return -EINVAL;
}

int key_table_assign(const struct key_table *table, void *object, const struct key_assignment *assignment,
                     struct error *error)
{
        struct error own = ERROR_INIT;
        const char *value = assignment->value;
        int index = key_table_find(table, assignment->key);

        if (index < 0)
                return error_set(error, ENOENT, "%s=: no such key; bgtaskd.task(5) lists them",
                                 assignment->key);
        const struct key *key = &table->keys[index];
        if (!*value) {
                key_reset(object, key);
                return 0;
        }
        int r = key_assign(object, key, assignment, &own);
        if (r < 0 && own.code) {
                if (error)
                        *error = own;
                return r;
        }
        if (r == -ENOMEM)
                return error_set(error, ENOMEM, "%s=: out of memory", key->name);
        if (r < 0)
                return key_refuse(key, -r, value, error);
        if (key->is_set)
                *(bool *)((char *)object + key->beside) = true;
        return 0;
}
