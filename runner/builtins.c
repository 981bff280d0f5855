/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The table of builtins and `import.meta.native`.
 *
 * One object, made with the first module of the runtime library that is loaded, serves all of them. Each of
 * its properties is an accessor that makes the builtin's object at its first use and then replaces itself
 * with it, so that a task pays for what it touches.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "runner/builtin.h"

#define LIBRARY_PREFIX "resource://gre/modules/"
#define LIBRARY_TASKS_PREFIX "resource://gre/modules/backgroundtasks/"
#define PRELOAD_MODULE "resource://gre/modules/bgtask/Preload.sys.mjs"
#define PRELOAD_RARE_MODULE "resource://gre/modules/bgtask/PreloadRare.sys.mjs"

static const struct builtin *const builtins[] = {
        &builtin_bytes,    &builtin_console,   &builtin_crypto,  &builtin_env,     &builtin_files,
        &builtin_filework, &builtin_http,      &builtin_intl,    &builtin_locks,   &builtin_nsfile,
        &builtin_prefs,    &builtin_processes, &builtin_runtime, &builtin_sandbox, &builtin_tasks,
        &builtin_text,     &builtin_timers,    &builtin_updates, &builtin_xml,     &builtin_zones,
};

/* What an accessor needs to know; one per row of the table above. */
static struct {
        struct host *host;
        const struct builtin *builtin;
} builtin_slots[ARRAY_SIZE(builtins)];

static eng_ref *native_object;

char **builtin_strings(eng *e, eng_val array, uint32_t max)
{
        uint32_t count;

        if (!eng_length(e, array, &count))
                return NULL;
        if (count > max) {
                eng_throw(e, ENG_E_RANGE, "expected at most %u strings, found %u", max, count);
                return NULL;
        }
        char **strings = calloc((size_t)count + 1, sizeof(*strings));
        for (uint32_t i = 0; strings && i < count; i++) {
                const char *text = eng_to_string(e, eng_at(e, array, i), NULL);
                if (!text) {
                        strv_free(strings);
                        return NULL;
                }
                if (!(strings[i] = strdup(text))) {
                        strv_free(strings);
                        strings = NULL;
                }
        }
        if (!strings)
                eng_throw(e, ENG_E_INTERNAL, "out of memory");
        return strings;
}

bool builtin_listen(eng *e, eng_args *args, eng_ref **listener)
{
        eng_val callback;

        if (!eng_args_get(e, args, "listen", "f", &callback))
                return false;
        eng_ref *ref = eng_ref_new(e, callback);
        if (!ref)
                return false;
        if (*listener)
                eng_ref_free(e, *listener);
        *listener = ref;
        return true;
}

eng_val builtin_object(struct host *host, eng *e, const struct builtin_function *table)
{
        eng_val object = eng_object(e);

        for (; table->name; table++)
                if (!eng_define_function(e, object, table->name, table->length, table->function, host))
                        return NULL;
        return object;
}

static eng_val builtin_make(eng *e, eng_args *args, void *data)
{
        __typeof__(&builtin_slots[0]) slot = data;
        eng_val object = slot->builtin->create(slot->host, e);

        if (!eng_define(e, eng_ref_get(native_object), slot->builtin->name, object, ENG_READONLY))
                return NULL;
        return object;
}

static bool native_make(struct host *host, eng *e)
{
        eng_val object = eng_object(e);

        for (size_t i = 0; i < ARRAY_SIZE(builtins); i++) {
                builtin_slots[i].host = host;
                builtin_slots[i].builtin = builtins[i];
                eng_val getter = eng_function(e, builtins[i]->name, 0, builtin_make, &builtin_slots[i]);
                if (!eng_define_accessor(e, object, builtins[i]->name, getter, ENG_UNDEF, 0))
                        return false;
        }
        if (!object)
                return false;
        native_object = eng_ref_new(e, object);
        return native_object != NULL;
}

bool builtin_import_meta(struct host *host, eng *e, const char *url, eng_val meta)
{
        if (strncmp(url, LIBRARY_PREFIX, strlen(LIBRARY_PREFIX)) != 0 ||
            strncmp(url, LIBRARY_TASKS_PREFIX, strlen(LIBRARY_TASKS_PREFIX)) == 0)
                return true;
        if (!native_object && !native_make(host, e))
                return false;
        return eng_define(e, meta, "native", eng_ref_get(native_object), ENG_READONLY | ENG_PERMANENT);
}

bool builtin_preload(struct host *host, eng *e, bool rare)
{
        eng_val namespace;

        if (eng_import(e, PRELOAD_MODULE, NULL, &namespace) != ENG_IMPORT_OK ||
            (rare && eng_import(e, PRELOAD_RARE_MODULE, NULL, &namespace) != ENG_IMPORT_OK))
                return false;
        return builtin_touch_globals(host, e, rare);
}
