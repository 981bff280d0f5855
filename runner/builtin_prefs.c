/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Preferences for Services.prefs. Plain operations on the registry; the rules of nsIPrefBranch (which error,
 * which branch, who is notified) are in Prefs.sys.mjs. Operations that can fail return 0 or a negative errno,
 * or a text when there is more to say.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/prefs.h"
#include "lib/util.h"
#include "runner/builtin.h"

/* The function that hears of changes. One registry a process, so one listener. */
static eng_ref *listener;

static enum pref_branch branch_of(bool defaults)
{
        return defaults ? PREF_DEFAULT : PREF_USER;
}

static eng_val pref_to_js(eng *e, const struct pref_value *value)
{
        switch (value->type) {
        case PREF_NONE:
                break;
        case PREF_STRING:
                return eng_cstring(e, value->string);
        case PREF_INT:
                return eng_number(e, value->integer);
        case PREF_BOOL:
                return eng_bool(value->boolean);
        }
        return ENG_UNDEF;
}

/* get(name, defaults): boolean, number or string; undefined when there is none. */
static eng_val prefs_js_get(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        const char *name;
        bool defaults = false;
        struct pref_value value;

        if (!eng_args_get(e, args, "get", "s|b", &name, &defaults))
                return NULL;
        if (!prefs_get(host->prefs, name, branch_of(defaults), &value))
                return ENG_UNDEF;
        return pref_to_js(e, &value);
}

/* set(name, defaults, value): the type of the value is the type of the preference. */
static eng_val prefs_js_set(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        const char *name;
        bool defaults;
        eng_val v;
        struct pref_value value = { .type = PREF_NONE };

        if (!eng_args_get(e, args, "set", "sbv", &name, &defaults, &v))
                return NULL;
        if (eng_typeof(e, v) == ENG_BOOLEAN) {
                value.type = PREF_BOOL;
                value.boolean = eng_truthy(e, v);
        } else if (eng_typeof(e, v) == ENG_NUMBER) {
                value.type = PREF_INT;
                if (!eng_to_int32(e, v, &value.integer))
                        return NULL;
        } else {
                size_t size;
                value.type = PREF_STRING;
                value.string = eng_to_string(e, v, &size);
                if (!value.string)
                        return NULL;
                if (memchr(value.string, '\0', size))
                        return eng_number(e, -EILSEQ);
        }
        return eng_number(e, prefs_set(host->prefs, name, branch_of(defaults), &value));
}

/* hasUserValue(name) */
static eng_val prefs_js_has_user_value(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        const char *name;

        if (!eng_args_get(e, args, "hasUserValue", "s", &name))
                return NULL;
        return eng_bool(prefs_has_user_value(host->prefs, name));
}

/* clear(name): the user value. */
static eng_val prefs_js_clear(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        const char *name;

        if (!eng_args_get(e, args, "clear", "s", &name))
                return NULL;
        prefs_clear_user(host->prefs, name);
        return ENG_UNDEF;
}

/* lock(name, locked) */
static eng_val prefs_js_lock(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        const char *name;
        bool locked;

        if (!eng_args_get(e, args, "lock", "sb", &name, &locked))
                return NULL;
        return eng_number(e, prefs_lock(host->prefs, name, locked));
}

/* isLocked(name) */
static eng_val prefs_js_is_locked(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        const char *name;

        if (!eng_args_get(e, args, "isLocked", "s", &name))
                return NULL;
        return eng_bool(prefs_is_locked(host->prefs, name));
}

/* names(prefix): sorted. */
static eng_val prefs_js_names(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        const char *prefix;

        if (!eng_args_get(e, args, "names", "s", &prefix))
                return NULL;
        char **names = prefs_names(host->prefs, prefix);
        if (!names)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        eng_val array = eng_array(e, 0, NULL);
        for (uint32_t i = 0; names[i]; i++) {
                eng_scope scope;
                eng_scope_open(e, &scope);
                bool done = eng_set_at(e, array, i, eng_cstring(e, names[i]));
                eng_scope_close(e, &scope, NULL);
                if (!done) {
                        array = NULL;
                        break;
                }
        }
        strv_free(names);
        return array;
}

/* deleteBranch(prefix): both values of all names that begin with it. */
static eng_val prefs_js_delete_branch(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        const char *prefix;

        if (!eng_args_get(e, args, "deleteBranch", "s", &prefix))
                return NULL;
        prefs_delete_branch(host->prefs, prefix);
        return ENG_UNDEF;
}

/* dirty(): whether user values have changed since they were saved or read. */
static eng_val prefs_js_dirty(eng *e, eng_args *args, void *data)
{
        struct host *host = data;

        return eng_bool(prefs_dirty(host->prefs));
}

static eng_val error_to_js(eng *e, int r, const struct error *error)
{
        eng_val result = eng_object(e);

        if (!eng_set(e, result, "errno", eng_number(e, -r)) ||
            !eng_set(e, result, "message", eng_cstring(e, error->text)))
                return NULL;
        return result;
}

/* save(path): undefined, or { errno, message }. */
static eng_val prefs_js_save(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        struct error error = ERROR_INIT;
        const char *path;

        if (!eng_args_get(e, args, "save", "s", &path))
                return NULL;
        int r = prefs_save(host->prefs, path, &error);
        return r < 0 ? error_to_js(e, r, &error) : ENG_UNDEF;
}

/* load(path, defaults): undefined, or { errno, message }; the lines before an error count. */
static eng_val prefs_js_load(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        struct error error = ERROR_INIT;
        const char *path;
        bool defaults;

        if (!eng_args_get(e, args, "load", "sb", &path, &defaults))
                return NULL;
        int r = prefs_load(host->prefs, path, branch_of(defaults), &error);
        return r < 0 ? error_to_js(e, r, &error) : ENG_UNDEF;
}

/* A list under construction, of [name, value, by the user, sticky, locked] each. */
struct parsed {
        eng *e;
        eng_val list;
        uint32_t count;
};

static int parsed_add(const struct pref_declaration *declaration, void *data)
{
        struct parsed *parsed = data;
        eng *e = parsed->e;
        eng_scope scope;

        eng_scope_open(e, &scope);
        const eng_val values[] = {
                eng_cstring(e, declaration->name), pref_to_js(e, &declaration->value),
                eng_bool(declaration->user),       eng_bool(declaration->sticky),
                eng_bool(declaration->locked),
        };
        bool added = eng_set_at(e, parsed->list, parsed->count++, eng_array(e, ARRAY_SIZE(values), values));
        eng_scope_close(e, &scope, NULL);
        return added ? 0 : -ENOMEM;
}

/* parse(file, text): { list, message }, the declarations up to the first error and what it is ("FILE:LINE:COLUMN: …"),
 * "" if there is none. Sets nothing. */
static eng_val prefs_js_parse(eng *e, eng_args *args, void *data)
{
        struct error error = ERROR_INIT;
        struct parsed parsed = { .e = e };
        const char *file;
        eng_val content;
        size_t size;

        if (!eng_args_get(e, args, "parse", "sv", &file, &content))
                return NULL;
        const char *text = eng_to_string(e, content, &size);
        parsed.list = text ? eng_array(e, 0, NULL) : NULL;
        if (!parsed.list)
                return NULL;
        int r = pref_file_parse(file, text, size, parsed_add, &parsed, &error);
        if (r == -ENOMEM)
                return NULL;
        eng_val result = eng_object(e);
        if (!eng_set(e, result, "list", parsed.list) ||
            !eng_set(e, result, "message", eng_cstring(e, r < 0 ? error.text : "")))
                return NULL;
        return result;
}

static void pref_changed(const char *name, void *data)
{
        struct host *host = data;
        eng *e = host->engine;
        eng_scope scope;

        eng_scope_open(e, &scope);
        const eng_val argv[] = { eng_cstring(e, name) };
        if (!eng_call(e, eng_ref_get(listener), NULL, 1, argv)) {
                eng_val exception = eng_catch(e);
                if (exception)
                        host_report_exception(host, exception);
        }
        eng_scope_close(e, &scope, NULL);
}

/* listen(function): called with the name after each change of a value in force. */
static eng_val prefs_js_listen(eng *e, eng_args *args, void *data)
{
        struct host *host = data;

        if (!builtin_listen(e, args, &listener))
                return NULL;
        prefs_observe(host->prefs, pref_changed, host);
        return ENG_UNDEF;
}

static const struct builtin_function prefs_functions[] = {
        { "get", 2, prefs_js_get },
        { "set", 3, prefs_js_set },
        { "hasUserValue", 1, prefs_js_has_user_value },
        { "clear", 1, prefs_js_clear },
        { "lock", 2, prefs_js_lock },
        { "isLocked", 1, prefs_js_is_locked },
        { "names", 1, prefs_js_names },
        { "deleteBranch", 1, prefs_js_delete_branch },
        { "dirty", 0, prefs_js_dirty },
        { "save", 1, prefs_js_save },
        { "load", 2, prefs_js_load },
        { "parse", 2, prefs_js_parse },
        { "listen", 1, prefs_js_listen },
        { NULL, 0, NULL },
};

static eng_val prefs_create(struct host *host, eng *e)
{
        return builtin_object(host, e, prefs_functions);
}

const struct builtin builtin_prefs = { "prefs", prefs_create };
