/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.sandbox: globals beside the task's own, for Cu.Sandbox.
 *
 *   create(prototype or null) -> the global
 *   evaluate(text, global, url, line) -> the value of the last statement
 *   load(text, object, url): the same with the members of any object as variables
 *   is(value) -> boolean
 *   globalOf(object) -> the global that it is of
 */
#include "config.h"

#include "lib/util.h"
#include "runner/builtin.h"

static eng_val sandbox_create_global(eng *e, eng_args *args, void *data)
{
        eng_val prototype = eng_arg(args, 0);

        return eng_sandbox(e, eng_is_nullish(prototype) ? NULL : prototype);
}

static eng_val sandbox_evaluate(eng *e, eng_args *args, void *data)
{
        const char *text, *url;
        size_t size;
        eng_val global;
        int32_t line;

        if (!eng_args_get(e, args, "evaluate", "Sosi", &text, &size, &global, &url, &line))
                return NULL;
        return eng_sandbox_eval(e, global, text, size, url, (unsigned)MAX(line, 1));
}

static eng_val sandbox_load(eng *e, eng_args *args, void *data)
{
        const char *text, *url;
        size_t size;
        eng_val object;

        if (!eng_args_get(e, args, "load", "Sos", &text, &size, &object, &url))
                return NULL;
        if (eng_is_sandbox(object))
                return eng_sandbox_eval(e, object, text, size, url, 1);
        return eng_same(e, object, eng_global(e)) ? eng_eval(e, text, size, url, 1)
                                                  : eng_eval_on(e, object, text, size, url, 1);
}

static eng_val sandbox_is(eng *e, eng_args *args, void *data)
{
        return eng_bool(eng_is_sandbox(eng_arg(args, 0)));
}

static eng_val sandbox_global_of(eng *e, eng_args *args, void *data)
{
        return eng_global_of(e, eng_arg(args, 0));
}

static const struct builtin_function sandbox_functions[] = {
        { "create", 1, sandbox_create_global },
        { "evaluate", 4, sandbox_evaluate },
        { "load", 3, sandbox_load },
        { "is", 1, sandbox_is },
        { "globalOf", 1, sandbox_global_of },
        { NULL, 0, NULL },
};

static eng_val sandbox_create(struct host *host, eng *e)
{
        return builtin_object(host, e, sandbox_functions);
}

const struct builtin builtin_sandbox = { "sandbox", sandbox_create };
