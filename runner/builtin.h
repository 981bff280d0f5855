/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Builtins: what the runtime library in scripts/gre/modules/ gets from C.
 *
 * Each file builtin_NAME.c has one const struct builtin, a row of the table in builtins.c. Its object is made
 * when a module of resource://gre/modules/ first asks for `import.meta.native.NAME`; no other module has
 * import.meta.native. Natives are plain functions over plain values; classes, defaults and error types that
 * tasks see are written in JS over them.
 */
#ifndef RUNNER_BUILTIN_H
#define RUNNER_BUILTIN_H

#include <sys/types.h>

#include "runner/engine.h"
#include "runner/host.h"

struct builtin {
        const char *name;
        /* The object. NULL: exception pending. May run before the fork of a zygote (host->base is NULL then):
         * descriptors, threads and random numbers wait for the first call. */
        eng_val (*create)(struct host *host, eng *e);
};

/* A function of a builtin's object: a row of a table that ends with a NULL name. */
struct builtin_function {
        const char *name;
        unsigned length;
        eng_native function; /* data: the host */
};

/* The builtins, one a file. The table that lists them is in builtins.c. */
extern const struct builtin builtin_bytes;
extern const struct builtin builtin_console;
extern const struct builtin builtin_crypto;
extern const struct builtin builtin_env;
extern const struct builtin builtin_files;
extern const struct builtin builtin_filework;
extern const struct builtin builtin_http;
extern const struct builtin builtin_intl;
extern const struct builtin builtin_nsfile;
extern const struct builtin builtin_locks;
extern const struct builtin builtin_prefs;
extern const struct builtin builtin_processes;
extern const struct builtin builtin_runtime;
extern const struct builtin builtin_tasks;
extern const struct builtin builtin_text;
extern const struct builtin builtin_timers;
extern const struct builtin builtin_updates;
extern const struct builtin builtin_sandbox;
extern const struct builtin builtin_xml;
extern const struct builtin builtin_zones;

/* An object with the functions of @table. */
eng_val builtin_object(struct host *host, eng *e, const struct builtin_function *table);
/* malloc'd strings of an array of at most @max; NULL: exception pending. */
char **builtin_strings(eng *e, eng_val array, uint32_t max);
/* listen(function): have @listener hold it instead of what it held (NULL: nothing). False: exception pending. */
bool builtin_listen(eng *e, eng_args *args, eng_ref **listener);
/* import.meta.native: lazily made objects, one a builtin. For modules of resource://gre/modules/, tasks that
 * ship there excepted. */
bool builtin_import_meta(struct host *host, eng *e, const char *url, eng_val meta);
/* Define the globals (globals.c). */
bool builtin_define_globals(struct host *host, eng *e);
/* Load what is much used of the runtime library and touch the lazy globals, so that a zygote's children find them made;
 * with @rare, for the cache, also what is not. Draws no random number and asks no clock. */
bool builtin_preload(struct host *host, eng *e, bool rare);
/* Define global @name if Gecko has one that is not here. false: exception pending. */
bool builtin_missing_global(struct host *host, eng *e, const char *name, bool *ret_defined);
/* The second half of builtin_preload(). */
bool builtin_touch_globals(struct host *host, eng *e, bool rare);
/* Define the lazy members of those of the language's own objects that are there from the start (language.c). */
bool language_define(eng *e);
/* Define all lazy members; @install: make them real, which loads the modules that they are in. */
bool language_touch(eng *e, bool install);
/* The engine has made its global @name: define what it lacks. */
bool language_class_made(eng *e, const char *name);
/* The same for functions that it has, of @holder, which @path leads to (language_detours.c). */
bool language_detours_define(eng *e, const char *path, eng_val holder);
/* From now on that function is the library's. */
void language_divert(const char *holder, const char *name);
/* Tell Services.console of an uncaught exception, if it was ever used. */
void builtin_tell_error(struct host *host, const struct eng_error *error);
/* Write to standard output at once, unbuffered, as dump() does. Errors are not reported: a task whose output
 * nobody reads goes on. */
void builtin_print(const char *text, size_t size);
/* The mask of this process, as it was at the first call: it can only be read by setting it, which no other thread must
 * see. */
mode_t builtin_umask(void);

#endif
