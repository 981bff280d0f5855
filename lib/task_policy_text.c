/* SPDX-License-Identifier: MPL-2.0 */
/* Policies as text. A list is a line an entry, so that no line is long. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/task_policy_internal.h"
#include "lib/task_value.h"
#include "lib/util.h"

/* The value of a field that is a number; unsigned ones wrap, as `initial` is written. */
static int64_t number_get(const struct task_policy *policy, const struct policy_key *key)
{
        const void *field = policy_field(policy, key);

        switch (key->type) {
        case KEY_BOOL:
                return *(const bool *)field;
        case KEY_ENUM:
                return *(const int *)field;
        case KEY_PERCENT:
        case KEY_WEIGHT:
                return *(const uint32_t *)field;
        case KEY_SPAN:
                return *(const int64_t *)field;
        case KEY_SECONDS:
        case KEY_SIZE:
        case KEY_COUNT:
                return (int64_t) * (const uint64_t *)field;
        case KEY_TEXT:
        case KEY_USER:
        case KEY_PATHS:
        case KEY_ENVIRONMENT:
        case KEY_VARIABLES:
        case KEY_REQUIRE:
                break;
        }
        return 0;
}

static bool is_list(const struct policy_key *key)
{
        return key->type == KEY_PATHS || key->type == KEY_ENVIRONMENT || key->type == KEY_VARIABLES ||
               key->type == KEY_REQUIRE;
}

static bool is_text(const struct policy_key *key)
{
        return key->type == KEY_TEXT || key->type == KEY_USER;
}

bool task_policy_is_default(const struct task_policy *policy, size_t index)
{
        const struct policy_key *key = &policy_keys[index];

        if (is_text(key))
                return !*(char *const *)policy_field(policy, key);
        if (is_list(key))
                return strv_length(*(char **const *)policy_field(policy, key)) == 0;
        if (key->is_set)
                return !policy->profile_set;
        return number_get(policy, key) == key->initial;
}

static char *number_format(const struct policy_key *key, int64_t number)
{
        static const char suffixes[] = "KMGTPE";
        uint64_t value = (uint64_t)number;

        switch (key->type) {
        case KEY_BOOL:
                return strdup(number ? "yes" : "no");
        case KEY_ENUM:
                return strdup(key->names[number]);
        case KEY_PERCENT:
                return format_string("%" PRIu64 "%%", value);
        case KEY_SPAN:
                if (number == INT64_MAX)
                        return strdup("infinity");
                if (number % (int64_t)USEC_PER_SEC == 0)
                        return format_string("%" PRId64 "s", number / (int64_t)USEC_PER_SEC);
                return number % (int64_t)USEC_PER_MSEC == 0
                               ? format_string("%" PRId64 "ms", number / (int64_t)USEC_PER_MSEC)
                               : format_string("%" PRId64 "us", number);
        case KEY_SECONDS:
                return value == TASK_NO_LIMIT ? strdup("infinity") : format_string("%" PRIu64 "s", value);
        case KEY_SIZE: {
                size_t power = 0;
                if (value == TASK_NO_LIMIT)
                        return strdup("infinity");
                for (; value > 0 && value % 1024 == 0 && power < strlen(suffixes); power++)
                        value /= 1024;
                return power ? format_string("%" PRIu64 "%c", value, suffixes[power - 1])
                             : format_string("%" PRIu64, value);
        }
        case KEY_COUNT:
        case KEY_WEIGHT:
                return value == TASK_NO_LIMIT ? strdup("infinity") : format_string("%" PRIu64, value);
        case KEY_TEXT:
        case KEY_USER:
        case KEY_PATHS:
        case KEY_ENVIRONMENT:
        case KEY_VARIABLES:
        case KEY_REQUIRE:
                break;
        }
        return NULL;
}

/* The entries of a list, quoted, with @before in front of each and @after behind each but the last. */
static int list_print(FILE *out, char *const *list, const char *before, const char *after)
{
        for (; list && *list; list++) {
                _cleanup_free_ char *quoted = task_value_quote(*list);
                if (!quoted)
                        return -ENOMEM;
                fprintf(out, "%s%s%s", before, quoted, list[1] ? after : "");
        }
        return 0;
}

static char *list_format(char *const *list)
{
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        if (!out)
                return NULL;
        int r = list_print(out, list, "", " ");
        bool failed = ferror(out);
        return fclose(out) != 0 || failed || r < 0 ? NULL : steal_pointer(text);
}

char *task_policy_value(const struct task_policy *policy, size_t index)
{
        const struct policy_key *key = &policy_keys[index];

        if (is_text(key)) {
                const char *text = *(char *const *)policy_field(policy, key);
                return strdup(text ? text : "");
        }
        if (is_list(key))
                return list_format(*(char **const *)policy_field(policy, key));
        /* Only of these does the initial value mean that nothing is said here. */
        if (task_policy_is_default(policy, index) && (key->is_set || key->initial < key->min) &&
            !(key->initial == -1 && key->type != KEY_SPAN))
                return strdup("");
        return number_format(key, number_get(policy, key));
}

static int policy_print(FILE *out, const struct task_policy *policy)
{
        for (size_t i = 0; i < TASK_POLICY_KEYS; i++) {
                const struct policy_key *key = &policy_keys[i];
                if (task_policy_is_default(policy, i))
                        continue;
                if (is_list(key)) {
                        _cleanup_free_ char *before = format_string("%s=", key->name);
                        int r = before ? list_print(out, *(char **const *)policy_field(policy, key), before,
                                                    "\n")
                                       : -ENOMEM;
                        if (r < 0)
                                return r;
                        fputc('\n', out);
                } else {
                        _cleanup_free_ char *value = task_policy_value(policy, i);
                        if (!value)
                                return -ENOMEM;
                        fprintf(out, "%s=%s\n", key->name, value);
                }
        }
        return 0;
}

char *task_policy_format(const struct task_policy *policy)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);

        if (!out)
                return NULL;
        int r = policy_print(out, policy);
        bool failed = ferror(out);
        if (fclose(out) != 0 || failed || r < 0 || size > TASK_POLICY_TEXT_MAX)
                return NULL;
        return steal_pointer(text);
}

static int line_parse(struct task_policy *policy, char *line, struct error *error)
{
        struct error why = ERROR_INIT;
        char *equals = strchr(line, '=');

        if (!equals || !equals[1])
                return error_set(error, EBADMSG, "policy: expected Key=value, found \"%.100s\"", line);
        *equals = 0;
        int r = task_policy_set(policy, line, equals + 1, &why);
        if (r == -ENOMEM)
                return error_set(error, ENOMEM, "out of memory");
        return r < 0 ? error_set(error, EBADMSG, "policy: %s", why.text) : 0;
}

int task_policy_parse(const char *text, struct task_policy *ret, struct error *error)
{
        struct task_policy policy;
        size_t size = strnlen(text, TASK_POLICY_TEXT_MAX + 1);
        _cleanup_free_ char *copy = NULL;
        int r = 0;

        if (size > TASK_POLICY_TEXT_MAX)
                return error_set(error, EBADMSG, "policy: expected at most %d bytes, found more",
                                 TASK_POLICY_TEXT_MAX);
        if (!utf8_is_valid(text, size))
                return error_set(error, EBADMSG, "policy: expected UTF-8");
        copy = strdup(text);
        if (!copy)
                return error_set(error, ENOMEM, "out of memory");
        task_policy_init(&policy);
        for (char *line = copy, *end; r == 0 && *line; line = end + 1) {
                end = strchr(line, '\n');
                if (!end) {
                        r = error_set(error, EBADMSG, "policy: expected a line's end after \"%.100s\"", line);
                        break;
                }
                *end = 0;
                r = line_parse(&policy, line, error);
        }
        if (r < 0) {
                task_policy_done(&policy);
                return r;
        }
        *ret = policy;
        return 0;
}
