/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Functions of the language that the engine has, but that have to know of something which it has not.
 *
 * What scripts find is a function in C, from the moment on that they can find any, so that it does not matter who kept
 * it when. It calls the engine's; or that of a module, if it is asked for what only that can do:
 *
 *   JSON.parse      with a reviver, which gets the source of values
 *   JSON.stringify  with a function, which may give what JSON.rawJSON made; and once there is such an object
 *   Atomics.notify  once somebody waits by Atomics.waitAsync
 *
 * If the first such object is made during a call of the engine's, that is by a toJSON(): the call is made anew.
 *
 * The constructors of buffers are behind a guard, since the engine would pass over maxByteLength and make a buffer that
 * cannot be resized.
 */
#include "config.h"

#include <string.h>

#include "lib/util.h"
#include "runner/builtin.h"

#define JSON_MODULE "resource://gre/modules/bgtask/LanguageJSON.sys.mjs"
#define ATOMICS_MODULE "resource://gre/modules/bgtask/LanguageAtomics.sys.mjs"
#define MISSING_MODULE "resource://gre/modules/bgtask/Missing.sys.mjs"
#define ARGUMENTS_MAX 3

static struct detour {
        const char *holder;
        const char *name;
        unsigned length;
        const char *unless; /* the engine has this member of the holder: it knows all by itself */
        const char *module;
        bool by_callback; /* taken when the second argument is a function */
        bool always;      /* taken from now on */
        eng_ref *engines;
} detours[] = {
        { "JSON", "parse", 2, "rawJSON", JSON_MODULE, true, false, NULL },
        { "JSON", "stringify", 3, "rawJSON", JSON_MODULE, true, false, NULL },
        { "Atomics", "notify", 3, "waitAsync", ATOMICS_MODULE, false, false, NULL },
};

static eng_val call_ours(eng *e, const struct detour *detour, size_t argc, const eng_val *argv)
{
        eng_val namespace;

        if (eng_import(e, detour->module, NULL, &namespace) != ENG_IMPORT_OK)
                return NULL;
        return eng_call_method(e, namespace, detour->name, argc, argv);
}

static eng_val detour_call(eng *e, eng_args *args, void *data)
{
        const struct detour *detour = data;
        eng_val argv[ARGUMENTS_MAX];
        size_t argc = MIN(eng_argc(args), ARGUMENTS_MAX);

        for (size_t i = 0; i < argc; i++)
                argv[i] = eng_arg(args, i);
        if (detour->always || (detour->by_callback && argc > 1 && eng_typeof(e, argv[1]) == ENG_FUNCTION))
                return call_ours(e, detour, argc, argv);
        eng_val result = eng_call(e, eng_ref_get(detour->engines), eng_this(args), argc, argv);
        return result && detour->always ? call_ours(e, detour, argc, argv) : result;
}

static bool detour_define(eng *e, eng_val holder, struct detour *detour)
{
        bool has;

        if (!eng_has(e, holder, detour->unless, &has))
                return false;
        if (has)
                return true;
        detour->engines = eng_ref_new(e, eng_get(e, holder, detour->name));
        return detour->engines &&
               eng_define_function(e, holder, detour->name, detour->length, detour_call, detour);
}

static const struct guard {
        const char *path;
        const char *constructor;
        const char *unless;
} guards[] = {
        { "ArrayBuffer.prototype", "ArrayBuffer", "resizable" },
        { "SharedArrayBuffer.prototype", "SharedArrayBuffer", "growable" },
};

/* Whether the @options of a buffer are none that it would not have. */
static bool guard_check(eng *e, eng_val options)
{
        eng_val namespace;

        eng_val limit = eng_get(e, options, "maxByteLength");
        if (!limit || eng_is_undefined(limit))
                return limit != NULL;
        if (eng_import(e, MISSING_MODULE, NULL, &namespace) != ENG_IMPORT_OK)
                return false;
        const eng_val argv[] = { eng_cstring(e, "a buffer with maxByteLength") };
        return eng_call_method(e, namespace, "failMissing", ARRAY_SIZE(argv), argv) != NULL;
}

static bool guard_define(eng *e, eng_val prototype, const struct guard *guard)
{
        bool has;

        return eng_has(e, prototype, guard->unless, &has) &&
               (has || eng_guard_constructor(e, guard->constructor, guard_check));
}

bool language_detours_define(eng *e, const char *path, eng_val holder)
{
        for (size_t i = 0; i < ARRAY_SIZE(detours); i++)
                if (strcmp(detours[i].holder, path) == 0 && !detour_define(e, holder, &detours[i]))
                        return false;
        for (size_t i = 0; i < ARRAY_SIZE(guards); i++)
                if (strcmp(guards[i].path, path) == 0 && !guard_define(e, holder, &guards[i]))
                        return false;
        return true;
}

void language_divert(const char *holder, const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(detours); i++)
                if (strcmp(detours[i].holder, holder) == 0 && strcmp(detours[i].name, name) == 0)
                        detours[i].always = true;
}
