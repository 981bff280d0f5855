/* SPDX-License-Identifier: MPL-2.0 */
/* scripts.cc - evaluating text as a classic script. */
#include "runner/engine/internal.h"

#include <string.h>

eng_val eng_eval(eng *e, const char *utf8, size_t size, const char *url, unsigned line)
{
        if (!may_run(e))
                return nullptr;
        if (!utf8_valid(utf8, size))
                return eng_throw(e, ENG_E_SYNTAX, "%s: is not valid UTF-8", url);
        JS::CompileOptions options(e->cx);
        options.setFileAndLine(url, line);
        JS::SourceText<mozilla::Utf8Unit> source;
        if (!source.init(e->cx, utf8, size, JS::SourceOwnership::Borrowed))
                return nullptr;
        JS::RootedScript script(e->cx, JS::Compile(e->cx, options, source));
        JS::RootedString referrer(e->cx, script ? string_from_utf8(e, url, strlen(url)) : nullptr);
        if (!referrer)
                return nullptr;
        JS::SetScriptPrivate(script, JS::StringValue(referrer)); /* what import() is relative to */
        JS::RootedValue result(e->cx);
        if (!JS_ExecuteScript(e->cx, script, &result)) {
                note_failure(e);
                return nullptr;
        }
        return handle_new(e, result);
}
