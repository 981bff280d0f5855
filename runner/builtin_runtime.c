/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the runtime library needs of the engine and of this process: modules, clocks, random numbers, the
 * structured clone, the end of the task.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/gecko_names.h"

#define RANDOM_BYTES_MAX 65536 /* what crypto.getRandomValues() allows */

/* load(url): the namespace of a module of the library, synchronously. */
static eng_val runtime_load(eng *e, eng_args *args, void *data)
{
        const char *url;
        eng_val namespace;

        if (!eng_args_get(e, args, "load", "s", &url))
                return NULL;
        return eng_import(e, url, NULL, &namespace) == ENG_IMPORT_OK ? namespace : NULL;
}

/*
 * import(url): { namespace } or, when a module does not exist, { outcome: "not found", error, nested } with
 * nested true when it is one that @url imports. Everything else that goes wrong is thrown.
 */
static eng_val runtime_import(eng *e, eng_args *args, void *data)
{
        const char *url;
        eng_val namespace;

        if (!eng_args_get(e, args, "import", "s", &url))
                return NULL;
        enum eng_import_outcome outcome = eng_import(e, url, NULL, &namespace);
        eng_val result;
        if (outcome == ENG_IMPORT_OK) {
                result = eng_object(e);
                return eng_set(e, result, "namespace", namespace) ? result : NULL;
        }
        if (outcome != ENG_IMPORT_NOT_FOUND && outcome != ENG_IMPORT_DEP_NOT_FOUND)
                return NULL;
        eng_val error = eng_catch(e);
        result = eng_object(e);
        if (!eng_set(e, result, "error", error) ||
            !eng_set(e, result, "outcome", eng_cstring(e, eng_import_outcome_name(outcome))) ||
            !eng_set(e, result, "nested", eng_bool(outcome == ENG_IMPORT_DEP_NOT_FOUND)))
                return NULL;
        return result;
}

/* isLoaded(url): whether the module was imported already. */
static eng_val runtime_is_loaded(eng *e, eng_args *args, void *data)
{
        const char *url;

        if (!eng_args_get(e, args, "isLoaded", "s", &url))
                return NULL;
        return eng_bool(eng_module_loaded(e, url));
}

/* now(): milliseconds since the task's process began its work, monotonic, microsecond steps. */
static eng_val runtime_now(eng *e, eng_args *args, void *data)
{
        struct host *host = data;

        return eng_number(e, (double)(clock_monotonic_us() - host->started_monotonic_us) / 1000);
}

/* timeOrigin(): the moment from which now() counts, in milliseconds since 1970. */
static eng_val runtime_time_origin(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        int64_t running_us = clock_monotonic_us() - host->started_monotonic_us;

        return eng_number(e, (double)(clock_realtime_us() - running_us) / 1000);
}

/* random(size): that many bytes from the kernel. Not for the top level of a module: what
 * is drawn there, all children of a zygote share. */
static eng_val runtime_random(eng *e, eng_args *args, void *data)
{
        uint8_t bytes[4096];
        int32_t size;

        if (!eng_args_get(e, args, "random", "i", &size))
                return NULL;
        if (size < 0 || size > RANDOM_BYTES_MAX)
                return eng_throw(e, ENG_E_RANGE, "random: %d bytes were asked for, 0 to %d can be had", size,
                                 RANDOM_BYTES_MAX);
        if ((size_t)size <= sizeof(bytes)) {
                random_bytes(bytes, (size_t)size);
                return eng_uint8array(e, bytes, (size_t)size);
        }
        uint8_t *large = malloc((size_t)size);
        if (!large)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        random_bytes(large, (size_t)size);
        return eng_uint8array_take(e, large, (size_t)size);
}

/* clone(value): the engine's structured clone. */
static eng_val runtime_clone(eng *e, eng_args *args, void *data)
{
        return eng_structured_clone(e, eng_arg(args, 0));
}

/* detach(buffer): an ArrayBuffer whose content was transferred becomes empty. */
static eng_val runtime_detach(eng *e, eng_args *args, void *data)
{
        return eng_arraybuffer_detach(e, eng_arg(args, 0)) ? ENG_UNDEF : NULL;
}

/* quit(exitCode): end the task now. */
static eng_val runtime_quit(eng *e, eng_args *args, void *data)
{
        int32_t exit_code;

        if (!eng_args_get(e, args, "quit", "i", &exit_code))
                return NULL;
        host_quit(data, exit_code);
        return ENG_UNDEF;
}

/* collect(): collect garbage. */
static eng_val runtime_collect(eng *e, eng_args *args, void *data)
{
        eng_collect(e, false);
        return ENG_UNDEF;
}

/* typeOf(value): "bytes", "promise", "error", "array", "function" or "object" for an object of that kind, whatever
 * its realm and prototype; "" for a primitive. */
static eng_val runtime_type_of(eng *e, eng_args *args, void *data)
{
        static const char *const names[] = {
                [ENG_OBJECT] = "object", [ENG_FUNCTION] = "function", [ENG_ARRAY] = "array",
                [ENG_BYTES] = "bytes",   [ENG_PROMISE] = "promise",   [ENG_ERROR] = "error",
        };
        enum eng_type type = eng_typeof(e, eng_arg(args, 0));
        const char *name = (size_t)type < ARRAY_SIZE(names) ? names[type] : NULL;

        return eng_cstring(e, name ? name : "");
}

/* boxOf(value): "boolean", "number", "string" or "bigint" for an object that stands for one, whatever its prototype; else
 * "". */
static eng_val runtime_box_of(eng *e, eng_args *args, void *data)
{
        static const char *const names[] = {
                [ENG_BOOLEAN] = "boolean",
                [ENG_NUMBER] = "number",
                [ENG_STRING] = "string",
                [ENG_BIGINT] = "bigint",
        };
        enum eng_type type = eng_box_type(e, eng_arg(args, 0));
        const char *name = (size_t)type < ARRAY_SIZE(names) ? names[type] : NULL;

        return eng_cstring(e, name ? name : "");
}

/* divert(holder, name): calls of that function of the language go to the library from now on. */
static eng_val runtime_divert(eng *e, eng_args *args, void *data)
{
        const char *holder;
        const char *name;

        if (!eng_args_get(e, args, "divert", "ss", &holder, &name))
                return NULL;
        language_divert(holder, name);
        return ENG_UNDEF;
}

/* isInGecko(kind, name): whether Gecko has it, for what is asked of us and does not exist. */
static eng_val runtime_is_in_gecko(eng *e, eng_args *args, void *data)
{
        const struct host *host = data;
        const char *kind;
        const char *name;

        if (!eng_args_get(e, args, "isInGecko", "ss", &kind, &name))
                return NULL;
        return eng_bool(gecko_names_have(host->gre_directory, kind, name));
}

static const struct builtin_function runtime_functions[] = {
        { "load", 1, runtime_load },
        { "import", 1, runtime_import },
        { "isLoaded", 1, runtime_is_loaded },
        { "now", 0, runtime_now },
        { "timeOrigin", 0, runtime_time_origin },
        { "random", 1, runtime_random },
        { "clone", 1, runtime_clone },
        { "detach", 1, runtime_detach },
        { "quit", 1, runtime_quit },
        { "collect", 0, runtime_collect },
        { "typeOf", 1, runtime_type_of },
        { "boxOf", 1, runtime_box_of },
        { "divert", 2, runtime_divert },
        { "isInGecko", 2, runtime_is_in_gecko },
        { NULL, 0, NULL },
};

static eng_val runtime_create(struct host *host, eng *e)
{
        return builtin_object(host, e, runtime_functions);
}

const struct builtin builtin_runtime = { "runtime", runtime_create };
