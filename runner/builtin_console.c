/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What console.* and dump() are made of: unbuffered output and values in source form.
 */
#include "config.h"

#include <unistd.h>

#include "lib/util.h"
#include "runner/builtin.h"

/* The function that hears of uncaught exceptions. */
static eng_ref *listener;

void builtin_print(const char *text, size_t size)
{
        (void)fd_write_all(STDOUT_FILENO, text, size);
}

/* print(text): to standard output. */
static eng_val console_print(eng *e, eng_args *args, void *data)
{
        const char *text;
        size_t size;

        if (!eng_args_get(e, args, "print", "S", &text, &size))
                return NULL;
        builtin_print(text, size);
        return ENG_UNDEF;
}

/* printError(text): to standard error. */
static eng_val console_print_error(eng *e, eng_args *args, void *data)
{
        const char *text;
        size_t size;

        if (!eng_args_get(e, args, "printError", "S", &text, &size))
                return NULL;
        (void)fd_write_all(STDERR_FILENO, text, size);
        return ENG_UNDEF;
}

/* toSource(value): what uneval() would give; throws what a toSource method throws. */
static eng_val console_to_source(eng *e, eng_args *args, void *data)
{
        const char *source = eng_to_source(e, eng_arg(args, 0));

        return source ? eng_cstring(e, source) : NULL;
}

/* stack(): the JS stack, one frame a line, "function@file:line:column"; "" when none is known. */
static eng_val console_stack(eng *e, eng_args *args, void *data)
{
        const char *stack = eng_current_stack(e);

        return eng_cstring(e, stack ? stack : "");
}

/* reportError(exception): as an uncaught exception is reported. */
static eng_val console_report_error(eng *e, eng_args *args, void *data)
{
        host_report_exception(data, eng_arg(args, 0));
        return ENG_UNDEF;
}

/* listen(function): called with (message, file, line, column) of each uncaught exception, after it was printed. */
static eng_val console_listen(eng *e, eng_args *args, void *data)
{
        return builtin_listen(e, args, &listener) ? ENG_UNDEF : NULL;
}

void builtin_tell_error(struct host *host, const struct eng_error *error)
{
        static bool telling; /* what the listener throws is not told to it */
        eng *e = host->engine;

        if (!listener || telling || eng_terminating(e))
                return;
        telling = true;
        const eng_val argv[] = {
                eng_cstring(e, error->message ? error->message : ""),
                eng_cstring(e, error->file ? error->file : ""),
                eng_number(e, error->line),
                eng_number(e, error->column),
        };
        if (!eng_call(e, eng_ref_get(listener), NULL, ARRAY_SIZE(argv), argv) && !eng_terminating(e))
                (void)eng_catch(e);
        telling = false;
}

static const struct builtin_function console_functions[] = {
        { "print", 1, console_print },
        { "printError", 1, console_print_error },
        { "toSource", 1, console_to_source },
        { "stack", 0, console_stack },
        { "reportError", 1, console_report_error },
        { "listen", 1, console_listen },
        { NULL, 0, NULL },
};

static eng_val console_create(struct host *host, eng *e)
{
        return builtin_object(host, e, console_functions);
}

const struct builtin builtin_console = { "console", console_create };
