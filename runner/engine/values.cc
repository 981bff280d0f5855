/* SPDX-License-Identifier: MPL-2.0 */
/* values.cc - making values. */
#include "runner/engine/internal.h"

#include <stdlib.h>
#include <string.h>

eng_val eng_bool(bool b)
{
        return b ? ENG_TRUE : ENG_FALSE;
}

eng_val eng_number(eng *e, double n)
{
        return e->terminating ? nullptr : handle_new(e, JS_NumberValue(n));
}

eng_val eng_string(eng *e, const char *utf8, size_t size)
{
        return may_run(e) ? handle_new(e, string_from_utf8(e, utf8, size)) : nullptr;
}

eng_val eng_cstring(eng *e, const char *utf8)
{
        return eng_string(e, utf8, strlen(utf8));
}

/* As if a script had named them: what that sets off (eng_globals) comes before there is any. */
static bool bytes_ready(eng *e)
{
        JS::RootedObject global(e->cx, e->roots().global);
        bool found = false;
        if (!may_run(e) || (!e->bytes_ready && !JS_HasProperty(e->cx, global, "Uint8Array", &found)))
                return false;
        e->bytes_ready = true;
        return true;
}

eng_val eng_uint8array(eng *e, const void *bytes, size_t size)
{
        if (!bytes_ready(e))
                return nullptr;
        JSObject *array = JS_NewUint8Array(e->cx, size);
        if (array && bytes && size > 0) {
                JS::AutoCheckCannotGC nogc;
                bool shared;
                memcpy(JS_GetUint8ArrayData(array, &shared, nogc), bytes, size);
        }
        return handle_new(e, array);
}

/* An ArrayBuffer over @malloced, which is freed on failure. */
static JSObject *buffer_take(eng *e, void *malloced, size_t size)
{
        JSObject *buffer = nullptr;
        if (bytes_ready(e) && size > 0)
                buffer = compat::new_array_buffer(e->cx, size, malloced);
        else if (may_run(e))
                buffer = JS::NewArrayBuffer(e->cx, 0);
        if (!buffer || size == 0)
                free(malloced);
        return buffer;
}

eng_val eng_uint8array_take(eng *e, void *malloced, size_t size)
{
        JS::RootedObject buffer(e->cx, buffer_take(e, malloced, size));
        return buffer ? handle_new(e, JS_NewUint8ArrayWithBuffer(e->cx, buffer, 0, -1)) : nullptr;
}

eng_val eng_arraybuffer(eng *e, const void *bytes, size_t size)
{
        if (!may_run(e))
                return nullptr;
        void *copy = size > 0 ? calloc(size, 1) : nullptr;
        if (size > 0 && !copy) {
                JS_ReportOutOfMemory(e->cx);
                return nullptr;
        }
        if (bytes && copy)
                memcpy(copy, bytes, size);
        return handle_new(e, buffer_take(e, copy, size));
}

eng_val eng_object(eng *e)
{
        return may_run(e) ? handle_new(e, JS_NewPlainObject(e->cx)) : nullptr;
}

eng_val eng_array(eng *e, size_t count, const eng_val *values)
{
        if (!may_run(e))
                return nullptr;
        if (!values)
                return handle_new(e, JS::NewArrayObject(e->cx, count));
        JS::RootedValueVector elements(e->cx);
        if (!elements.reserve(count)) {
                JS_ReportOutOfMemory(e->cx);
                return nullptr;
        }
        for (size_t i = 0; i < count; i++) {
                if (!values[i])
                        return nullptr;
                elements.infallibleAppend(value_of(values[i]));
        }
        return handle_new(e, JS::NewArrayObject(e->cx, elements));
}

eng_val eng_from_json(eng *e, const char *utf8, size_t size)
{
        if (!may_run(e))
                return nullptr;
        JS::RootedString text(e->cx, string_from_utf8(e, utf8, size));
        JS::RootedValue value(e->cx);
        if (!text || !JS_ParseJSON(e->cx, text, &value))
                return nullptr;
        return handle_new(e, value);
}

eng_val eng_symbol_for(eng *e, const char *well_known)
{
        static const struct {
                const char *name;
                JS::SymbolCode code;
        } symbols[] = {
                { "iterator", JS::SymbolCode::iterator },
                { "asyncIterator", JS::SymbolCode::asyncIterator },
                { "toStringTag", JS::SymbolCode::toStringTag },
                { "hasInstance", JS::SymbolCode::hasInstance },
                { "toPrimitive", JS::SymbolCode::toPrimitive },
                { "unscopables", JS::SymbolCode::unscopables },
        };
        for (const auto &s : symbols)
                if (strcmp(s.name, well_known) == 0)
                        return handle_new(e, JS::SymbolValue(JS::GetWellKnownSymbol(e->cx, s.code)));
        return eng_throw(e, ENG_E_TYPE, "there is no well-known symbol %s", well_known);
}

#if COMPAT_CLONES_ERRORS

eng_val eng_structured_clone(eng *e, eng_val v)
{
        JS::RootedValue clone(e->cx);
        if (!v || !may_run(e) || !JS_StructuredClone(e->cx, handle_of(v), &clone, nullptr, nullptr))
                return nullptr;
        return handle_new(e, clone);
}

#else

/* Version 102 does not clone Error objects. They travel as: tag and type, message, file, line and column,
 * stack. The stack of the copy is its own property, as the text it was. */
enum { CLONE_ERROR = JS_SCTAG_USER_MIN + 1 };

static bool clone_write_text(JSContext *cx, JSStructuredCloneWriter *w, JS::HandleObject o, const char *name)
{
        JS::RootedValue v(cx);
        if (!JS_GetProperty(cx, o, name, &v))
                return false;
        JS::RootedString s(cx, v.isString() ? v.toString() : JS_GetEmptyString(cx));
        return JS_WriteString(w, s);
}

static bool clone_write(JSContext *cx, JSStructuredCloneWriter *w, JS::HandleObject object, bool *, void *)
{
        JSErrorReport *report = JS_ErrorFromException(cx, object);
        if (!report) {
                JS_ReportErrorASCII(cx, "The object could not be cloned.");
                return false;
        }
        uint32_t type = report->exnType, line = report->lineno, column = report->column;
        return JS_WriteUint32Pair(w, CLONE_ERROR, type) && JS_WriteUint32Pair(w, line, column) &&
               clone_write_text(cx, w, object, "message") && clone_write_text(cx, w, object, "fileName") &&
               clone_write_text(cx, w, object, "stack");
}

static JSObject *clone_read(JSContext *cx, JSStructuredCloneReader *r, const JS::CloneDataPolicy &,
                            uint32_t tag, uint32_t type, void *)
{
        uint32_t line, column;
        JS::RootedString message(cx), file(cx), stack(cx);
        if (tag != CLONE_ERROR || !JS_ReadUint32Pair(r, &line, &column) || !JS_ReadString(r, &message) ||
            !JS_ReadString(r, &file) || !JS_ReadString(r, &stack))
                return nullptr;
        JS::Rooted<mozilla::Maybe<JS::Value>> cause(cx, mozilla::Nothing());
        JS::RootedValue error(cx);
        if (type >= JSEXN_ERROR_LIMIT || !JS::CreateError(cx, static_cast<JSExnType>(type), nullptr, file,
                                                          line, column, nullptr, message, cause, &error))
                return nullptr;
        JS::RootedObject object(cx, &error.toObject());
        if (!JS_DefineProperty(cx, object, "stack", stack, 0))
                return nullptr;
        return object;
}

eng_val eng_structured_clone(eng *e, eng_val v)
{
        static const JSStructuredCloneCallbacks callbacks = { clone_read, clone_write, nullptr, nullptr,
                                                              nullptr,    nullptr,     nullptr, nullptr };
        JS::RootedValue clone(e->cx);
        if (!v || !may_run(e) || !JS_StructuredClone(e->cx, handle_of(v), &clone, &callbacks, nullptr))
                return nullptr;
        return handle_new(e, clone);
}

#endif
