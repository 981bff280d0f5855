/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/describe.h"

#define LIBRARY "resource://gre/modules/"
#define LIBRARY_TASKS "resource://gre/modules/backgroundtasks/"

/* Tasks that ship with the library are tasks. */
bool describe_is_library(const char *url)
{
        return strncmp(url, LIBRARY, strlen(LIBRARY)) == 0 &&
               strncmp(url, LIBRARY_TASKS, strlen(LIBRARY_TASKS)) != 0;
}

/* A copy that belongs to the scope, or NULL. */
static const char *scope_copy(eng *e, const char *text, size_t size)
{
        const char *copy = eng_to_string(e, eng_string(e, text, size), NULL);

        if (!copy)
                (void)eng_catch(e);
        return copy;
}

/* Take file, line and column from frame "function@file:line:column". */
static void place_from_frame(eng *e, const char *frame, size_t size, struct eng_error *error)
{
        const char *at = memchr(frame, '@', size), *end = frame + size, *colon[2] = { NULL, NULL };

        for (const char *p = end; at && p > at && !colon[0]; p--)
                if (p[-1] == ':') {
                        if (!colon[1])
                                colon[1] = p - 1;
                        else
                                colon[0] = p - 1;
                }
        const char *file = colon[0] ? scope_copy(e, at + 1, (size_t)(colon[0] - at - 1)) : NULL;
        if (!file)
                return;
        error->file = file;
        error->line = (unsigned)strtoul(colon[0] + 1, NULL, 10);
        error->column = (unsigned)strtoul(colon[1] + 1, NULL, 10);
}

/* An error may say in `cause` what it came of: one level of that is part of the message. */
static void add_cause(eng *e, eng_val exception, struct eng_error *error)
{
        struct eng_error cause = { 0 };

        if (!exception || !error->message || eng_typeof(e, exception) != ENG_ERROR)
                return;
        eng_val value = eng_get(e, exception, "cause");
        if (!value)
                (void)eng_catch(e);
        if (!value || eng_is_nullish(value))
                return;
        eng_describe(e, value, &cause);
        if (!cause.message)
                return;
        _cleanup_free_ char *text = format_string("%s (cause: %s)", error->message, cause.message);
        const char *copy = text ? scope_copy(e, text, strlen(text)) : NULL;
        if (copy)
                error->message = copy;
}

void describe_exception(eng *e, eng_val exception, struct eng_error *ret)
{
        _cleanup_free_ char *kept = NULL;
        size_t length = 0;
        bool moved = false;

        eng_describe(e, exception, ret);
        if (eng_terminating(e))
                return;
        add_cause(e, exception, ret);
        if (!ret->stack)
                return;
        kept = malloc(strlen(ret->stack) + 1);
        if (!kept)
                return;
        moved = ret->file && describe_is_library(ret->file);
        for (const char *line = ret->stack; *line;) {
                size_t size = strcspn(line, "\n");
                const char *at = memchr(line, '@', size);
                size_t whole = size + (line[size] == '\n');
                if (size > 0 && !(at && describe_is_library(at + 1))) {
                        if (length == 0 && moved)
                                place_from_frame(e, line, size, ret);
                        memcpy(kept + length, line, whole);
                        length += whole;
                }
                line += whole;
        }
        const char *stack = length > 0 ? scope_copy(e, kept, length) : NULL;
        if (stack)
                ret->stack = stack;
}
