/* SPDX-License-Identifier: MPL-2.0 */
/* scripts.cc - evaluating text as a classic script. */
#include "runner/engine/internal.h"

#include <string.h>

/* @on_object: for a scope that is an object beside the global. nullptr: exception pending. */
static JSScript *script_compile(eng *e, const char *utf8, size_t size, const char *url, unsigned line,
                                bool on_object)
{
        if (!may_run(e))
                return nullptr;
        if (!utf8_valid(utf8, size)) {
                eng_throw(e, ENG_E_SYNTAX, "%s: is not valid UTF-8", url);
                return nullptr;
        }
        JS::CompileOptions options(e->cx);
        options.setFileAndLine(url, line);
        options.setNonSyntacticScope(on_object);
        JS::SourceText<mozilla::Utf8Unit> source;
        if (!source.init(e->cx, utf8, size, JS::SourceOwnership::Borrowed))
                return nullptr;
        JS::RootedScript script(e->cx, JS::Compile(e->cx, options, source));
        JS::RootedString referrer(e->cx, script ? string_from_utf8(e, url, strlen(url)) : nullptr);
        if (!referrer)
                return nullptr;
        JS::SetScriptPrivate(script, JS::StringValue(referrer)); /* what import() is relative to */
        return script;
}

static eng_val script_result(eng *e, bool ok, const JS::Value &result)
{
        if (ok)
                return handle_new(e, result);
        note_failure(e);
        return nullptr;
}

eng_val eng_eval(eng *e, const char *utf8, size_t size, const char *url, unsigned line)
{
        JS::RootedScript script(e->cx, script_compile(e, utf8, size, url, line, false));
        JS::RootedValue result(e->cx);

        if (!script)
                return nullptr;
        bool ok = JS_ExecuteScript(e->cx, script, &result);
        return script_result(e, ok, result);
}

eng_val eng_eval_on(eng *e, eng_val object, const char *utf8, size_t size, const char *url, unsigned line)
{
        JS::RootedScript script(e->cx, script_compile(e, utf8, size, url, line, true));
        JS::RootedObjectVector chain(e->cx);
        JS::RootedValue result(e->cx);

        if (!script || !object || !chain.append(&value_of(object).toObject()))
                return nullptr;
        bool ok = JS_ExecuteScript(e->cx, chain, script, &result);
        return script_result(e, ok, result);
}
