/* SPDX-License-Identifier: MPL-2.0 */
/*
 * modules.cc - loading modules: the engine's hooks, and the table of what is loaded.
 *
 * A module gets into the table when it is compiled. Linking runs no JS, so that at any time all modules
 * that are not linked belong to the one import that is linking now; when that ends they are all linked, or
 * are all forgotten, and a later import reads them anew. The engine keeps the URL of a module as its
 * private value and hands it to every hook.
 */
#include "runner/engine/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Module *module_find(eng *e, const char *url)
{
        size_t size = strlen(url);
        for (Module &m : e->roots().modules)
                if (m.url_size == size && memcmp(m.url, url, size) == 0)
                        return &m;
        return nullptr;
}

bool eng_module_loaded(eng *e, const char *url)
{
        Module *m = module_find(e, url);
        return m && m->linked && !m->killed;
}

void modules_settle(eng *e, bool linked)
{
        Vec<Module> &modules = e->roots().modules;
        size_t kept = 0;
        for (size_t i = 0; i < modules.length(); i++) {
                if (linked)
                        modules[i].linked = true;
                if (modules[i].linked)
                        modules[kept++] = modules[i];
                else
                        free(modules[i].url);
        }
        modules.shrinkTo(kept);
}

/* ":LINE:COLUMN" where @referrer asks for @specifier, as far as it does so in a declaration. */
static void importer_place(eng *e, const char *specifier, const char *referrer, char (&ret)[32])
{
        Module *importer = specifier && referrer ? module_find(e, referrer) : nullptr;
        JS::RootedObject module(e->cx, importer ? importer->object : nullptr);
        JS::RootedString asked(e->cx);
        uint32_t line = 0, column = 0;
        ret[0] = '\0';
        for (uint32_t i = 0; module && compat::module_request(e->cx, module, i, &asked, &line, &column);
             i++) {
                JS::UniqueChars text = asked ? JS_EncodeStringToUTF8(e->cx, asked) : nullptr;
                if (!text || strcmp(text.get(), specifier) != 0)
                        continue;
                snprintf(ret, sizeof ret, ":%u:%u", line, column);
                break;
        }
        JS_ClearPendingException(e->cx);
}

/* " (imported by X:LINE:COLUMN)", for messages; malloc'd, NULL for none. */
static char *importer(eng *e, const char *specifier, const char *referrer)
{
        char place[32], *text = nullptr;
        if (!referrer)
                return nullptr;
        importer_place(e, specifier, referrer, place);
        return asprintf(&text, " (imported by %s%s)", referrer, place) < 0 ? nullptr : text;
}

char *module_url(eng *e, const char *specifier, const char *referrer)
{
        char *url = e->hooks.resolve ? e->hooks.resolve(e->hooks.data, specifier, referrer) : nullptr;
        if (url)
                return url;
        if (e->import)
                e->import->fail(nullptr, ENG_IMPORT_NOT_FOUND);
        char *by = importer(e, specifier, referrer);
        eng_throw(e, ENG_E_TYPE, "cannot resolve module specifier \"%s\"%s", specifier, by ? by : "");
        free(by);
        return nullptr;
}

static void throw_load(eng *e, const char *url, const char *referrer, const char *reason)
{
        char *by = importer(e, e->requested, referrer);
        eng_throw(e, ENG_E_ERROR, "cannot load module %s%s: %s", url, by ? by : "", reason);
        free(by);
}

/* Ask the embedding for the text of @url. NULL: an exception is pending. */
static char *load_text(eng *e, const char *url, const char *referrer, size_t *ret_size)
{
        char *text = nullptr, *reason = nullptr;
        enum eng_load result = ENG_LOAD_NOT_FOUND;
        *ret_size = 0;
        if (e->hooks.load)
                result = e->hooks.load(e->hooks.data, url, &text, ret_size, &reason);
        if (result == ENG_LOAD_OK && *ret_size > 0 && !utf8_valid(text, *ret_size)) {
                free(reason);
                reason = strdup("is not valid UTF-8");
                result = ENG_LOAD_UNREADABLE;
        }
        if (result != ENG_LOAD_OK) {
                bool missing = result == ENG_LOAD_NOT_FOUND;
                if (e->import)
                        e->import->fail(url, missing ? ENG_IMPORT_NOT_FOUND : ENG_IMPORT_UNREADABLE);
                if (e->import && missing && !reason && !e->import->absent)
                        e->import->absent = strdup(url);
                throw_load(e, url, referrer, reason ? reason : missing ? "not found" : "cannot be read");
                free(text);
                text = nullptr;
        } else if (!text) {
                text = strdup("");
                if (!text)
                        JS_ReportOutOfMemory(e->cx);
        }
        free(reason);
        return text;
}

static bool syntax_error_pending(eng *e)
{
        JS::RootedValue v(e->cx);
        if (!JS_IsExceptionPending(e->cx) || !JS_GetPendingException(e->cx, &v) || !v.isObject())
                return false;
        JS::RootedObject object(e->cx, &v.toObject());
        JSErrorReport *report = JS_ErrorFromException(e->cx, object);
        return report && report->exnType == JSEXN_SYNTAXERR;
}

static JSObject *compile_text(eng *e, const JS::CompileOptions &options, const char *text, size_t size)
{
        JS::SourceText<mozilla::Utf8Unit> source;
        if (!source.init(e->cx, text, size, JS::SourceOwnership::Borrowed))
                return nullptr;
        return JS::CompileModule(e->cx, options, source);
}

/* What did not compile may do so in other words. If not, the error stays what it was. */
static JSObject *compile_rewritten(eng *e, const JS::CompileOptions &options, const char *text, size_t size)
{
        JS::AutoSaveExceptionState saved(e->cx);
        size_t rewritten_size = 0;
        char *rewritten = e->hooks.rewrite(e->hooks.data, e, text, size, &rewritten_size);
        JS::RootedObject module(e->cx);
        if (rewritten)
                module = compile_text(e, options, rewritten, rewritten_size);
        free(rewritten);
        if (module)
                saved.drop();
        else
                JS_ClearPendingException(e->cx);
        return module;
}

JSObject *module_compile(eng *e, const char *url, const char *text, size_t size)
{
        JS::CompileOptions options(e->cx);
        options.setFileAndLine(url, 1);
        JSObject *cached = cache_module(e, url, text, size, options);
        if (cached)
                return cached;
        JSObject *module = compile_text(e, options, text, size);
        if (module || !e->hooks.rewrite || !syntax_error_pending(e))
                return module;
        return compile_rewritten(e, options, text, size);
}

/* ---- modules of JSON ---- */

/* Such a module is known by its URL behind a word, which no URL begins with, as its specifier does where it is asked for
 * (LanguageSyntax.js). Its text is the same for all: the value comes as a property of import.meta. */
static const char json_word[] = "with{type:json}";
static const char json_module[] = "export default import.meta.value;";

/* What is behind the word; NULL: it is not there. */
static const char *json_behind(const char *text)
{
        return strncmp(text, json_word, strlen(json_word)) == 0 ? text + strlen(json_word) : nullptr;
}

/* The word and @url, which it frees. */
static char *with_word(eng *e, char *url)
{
        char *text = nullptr;
        if (asprintf(&text, "%s%s", json_word, url) < 0) {
                JS_ReportOutOfMemory(e->cx);
                text = nullptr;
        }
        free(url);
        return text;
}

static bool json_parse(eng *e, const char *text, size_t size, JS::MutableHandleValue ret)
{
        JS::RootedString string(e->cx, string_from_utf8(e, text, size));
        return string && JS_ParseJSON(e->cx, string, ret);
}

static JSObject *json_compile(eng *e, const char *url, const char *text, size_t size)
{
        JS::RootedValue value(e->cx);
        JS::CompileOptions options(e->cx);
        options.setFileAndLine(url, 1);
        return json_parse(e, text, size, &value) ? compile_text(e, options, json_module, strlen(json_module))
                                                 : nullptr;
}

/* Reads it again, since the value is the module's alone and wanted once. */
static bool json_meta(eng *e, const char *url, JS::HandleObject meta)
{
        size_t size;
        char *text = load_text(e, url, nullptr, &size);
        JS::RootedValue value(e->cx);
        bool ok = text && json_parse(e, text, size, &value) &&
                  JS_DefineProperty(e->cx, meta, "value", value, JSPROP_ENUMERATE);
        free(text);
        return ok;
}

/* ---- loading ---- */

static bool module_add(eng *e, const char *url, JS::HandleObject module)
{
        JSString *name = string_from_utf8(e, url, strlen(url));
        if (!name)
                return false;
        JS::SetModulePrivate(module, JS::StringValue(name));
        char *copy = strdup(url);
        if (!copy || !e->roots().modules.append(Module{ copy, strlen(url), module, false, false })) {
                free(copy);
                JS_ReportOutOfMemory(e->cx);
                return false;
        }
        return true;
}

JSObject *module_load(eng *e, const char *url, const char *referrer)
{
        Module *known = module_find(e, url);
        if (known)
                return known->object;
        size_t size;
        const char *json = json_behind(url);
        char *text = load_text(e, json ? json : url, referrer, &size);
        if (!text)
                return nullptr;
        JS::RootedObject module(e->cx, json ? json_compile(e, json, text, size)
                                            : module_compile(e, url, text, size));
        free(text);
        if (!module) {
                if (e->import && syntax_error_pending(e))
                        e->import->fail(url, ENG_IMPORT_SYNTAX);
                return nullptr;
        }
        return module_add(e, url, module) ? module.get() : nullptr;
}

/* ---- hooks ---- */

JS::UniqueChars module_private_url(JSContext *cx, JS::HandleValue referrer)
{
        if (!referrer.isString())
                return nullptr; /* a script without one: resolved without referrer */
        JS::RootedString s(cx, referrer.toString());
        return JS_EncodeStringToUTF8(cx, s);
}

JSObject *module_resolve(JSContext *cx, JS::HandleValue referrer, JS::HandleObject request)
{
        eng *e = engine_of(cx);
        JS::RootedString s(cx, JS::GetModuleRequestSpecifier(cx, request));
        JS::UniqueChars specifier = s ? JS_EncodeStringToUTF8(cx, s) : nullptr;
        JS::UniqueChars from = module_private_url(cx, referrer);
        if (!specifier)
                return nullptr;
        const char *json = json_behind(specifier.get());
        char *url = module_url(e, json ? json : specifier.get(), from.get());
        if (json && url)
                url = with_word(e, url);
        e->requested = specifier.get();
        JSObject *module = url ? module_load(e, url, from.get()) : nullptr;
        e->requested = nullptr;
        free(url);
        return module;
}

static bool fill_meta(JSContext *cx, JS::HandleValue url, JS::HandleObject meta)
{
        eng *e = engine_of(cx);
        if (!JS_DefineProperty(cx, meta, "url", url, JSPROP_ENUMERATE))
                return false;
        JS::UniqueChars text = module_private_url(cx, url);
        if (!text)
                return !JS_IsExceptionPending(cx);
        if (json_behind(text.get()))
                return json_meta(e, json_behind(text.get()), meta);
        if (!e->hooks.import_meta)
                return true;
        eng_scope scope;
        eng_scope_open(e, &scope);
        eng_val v = handle_new(e, meta.get());
        bool ok = v && e->hooks.import_meta(e->hooks.data, e, text.get(), v);
        eng_scope_close(e, &scope, nullptr);
        return ok && !e->terminating;
}

void modules_init(eng *e)
{
        JSRuntime *rt = JS_GetRuntime(e->cx);
        JS::SetModuleResolveHook(rt, module_resolve);
        JS::SetModuleMetadataHook(rt, fill_meta);
        JS::SetModuleDynamicImportHook(rt, import_dynamic);
}
