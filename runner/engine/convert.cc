/* SPDX-License-Identifier: MPL-2.0 */
/* convert.cc - taking values apart. */
#include "runner/engine/internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static enum eng_type type_of_object(eng *e, JSObject *o)
{
        JS::RootedObject object(e->cx, o);
        if (JS::IsCallable(object))
                return ENG_FUNCTION;
        if (JS_IsArrayBufferViewObject(object) || JS::IsArrayBufferObject(object))
                return ENG_BYTES;
        if (JS::IsPromiseObject(object))
                return ENG_PROMISE;
        bool array = false;
        if (!JS::IsArray(e->cx, object, &array))
                JS_ClearPendingException(e->cx); /* a revoked proxy */
        if (array)
                return ENG_ARRAY;
        return JS_ErrorFromException(e->cx, object) ? ENG_ERROR : ENG_OBJECT;
}

enum eng_type eng_typeof(eng *e, eng_val v)
{
        if (!v)
                return ENG_UNDEFINED;
        switch (value_of(v).type()) {
        case JS::ValueType::Double:
        case JS::ValueType::Int32:
                return ENG_NUMBER;
        case JS::ValueType::Boolean:
                return ENG_BOOLEAN;
        case JS::ValueType::Null:
                return ENG_NULL;
        case JS::ValueType::String:
                return ENG_STRING;
        case JS::ValueType::Symbol:
                return ENG_SYMBOL;
        case JS::ValueType::BigInt:
                return ENG_BIGINT;
        case JS::ValueType::Object:
                return type_of_object(e, &value_of(v).toObject());
        default: /* undefined, and what never reaches C */
                return ENG_UNDEFINED;
        }
}

enum eng_type eng_box_type(eng *e, eng_val v)
{
        js::ESClass kind = js::ESClass::Other;
        if (!v || !value_of(v).isObject())
                return ENG_UNDEFINED;
        JS::RootedObject object(e->cx, &value_of(v).toObject());
        if (!JS::GetBuiltinClass(e->cx, object, &kind))
                JS_ClearPendingException(e->cx);
        switch (kind) {
        case js::ESClass::Boolean:
                return ENG_BOOLEAN;
        case js::ESClass::Number:
                return ENG_NUMBER;
        case js::ESClass::String:
                return ENG_STRING;
        case js::ESClass::BigInt:
                return ENG_BIGINT;
        default:
                return ENG_UNDEFINED;
        }
}

bool eng_is_undefined(eng_val v)
{
        return !v || value_of(v).isUndefined();
}

bool eng_is_nullish(eng_val v)
{
        return !v || value_of(v).isNullOrUndefined();
}

bool eng_same(eng *e, eng_val a, eng_val b)
{
        bool same = false;
        if (!a || !b || !may_run(e))
                return false;
        if (!JS::StrictlyEqual(e->cx, handle_of(a), handle_of(b), &same)) {
                JS_ClearPendingException(e->cx);
                return false;
        }
        return same;
}

bool eng_truthy(eng *e, eng_val v)
{
        (void)e;
        return v && JS::ToBoolean(handle_of(v));
}

bool eng_to_number(eng *e, eng_val v, double *ret)
{
        return v && may_run(e) && JS::ToNumber(e->cx, handle_of(v), ret);
}

bool eng_to_int32(eng *e, eng_val v, int32_t *ret)
{
        return v && may_run(e) && JS::ToInt32(e->cx, handle_of(v), ret);
}

const char *eng_to_string(eng *e, eng_val v, size_t *ret_size)
{
        if (!v || !may_run(e))
                return nullptr;
        JS::RootedString s(e->cx, JS::ToString(e->cx, handle_of(v)));
        return s ? string_to_utf8(e, s, ret_size) : nullptr;
}

uint16_t *eng_to_utf16(eng *e, eng_val v, size_t *ret_length)
{
        if (!v || !may_run(e))
                return nullptr;
        JS::RootedString s(e->cx, JS::ToString(e->cx, handle_of(v)));
        JSLinearString *linear = s ? JS_EnsureLinearString(e->cx, s) : nullptr;
        if (!linear)
                return nullptr;
        size_t length = JS::GetLinearStringLength(linear);
        auto *units = static_cast<char16_t *>(malloc((length + 1) * sizeof(char16_t)));
        if (!units) {
                JS_ReportOutOfMemory(e->cx);
                return nullptr;
        }
        JS::CopyLinearStringChars(units, linear, length, 0);
        *ret_length = length;
        return reinterpret_cast<uint16_t *>(units);
}

/* The bytes of an ArrayBuffer or of a view; false: it is neither. */
static bool bytes_of(const JS::Value &v, uint8_t **ret, size_t *ret_size, const JS::AutoRequireNoGC &nogc)
{
        bool shared;
        if (!v.isObject())
                return false;
        JSObject *object = &v.toObject();
        if (JS_IsArrayBufferViewObject(object)) {
                *ret_size = JS_GetArrayBufferViewByteLength(object);
                *ret = static_cast<uint8_t *>(JS_GetArrayBufferViewData(object, &shared, nogc));
                return true;
        }
        if (JS::IsArrayBufferObject(object)) {
                *ret_size = JS::GetArrayBufferByteLength(object);
                *ret = JS::GetArrayBufferData(object, &shared, nogc);
                return true;
        }
        return false;
}

const void *eng_to_bytes(eng *e, eng_val v, size_t *ret_size)
{
        uint8_t *data = nullptr;
        size_t size = 0;
        bool is_bytes;
        if (!v || !may_run(e))
                return nullptr;
        {
                JS::AutoCheckCannotGC nogc;
                is_bytes = bytes_of(value_of(v), &data, &size, nogc);
        }
        if (!is_bytes) {
                eng_throw(e, ENG_E_TYPE, "value is not an ArrayBuffer or a view of one");
                return nullptr;
        }
        void *copy = scope_alloc(e, size + 1);
        if (!copy)
                return nullptr;
        /* Asked again, because what is stored inline may have moved. */
        JS::AutoCheckCannotGC nogc;
        bytes_of(value_of(v), &data, &size, nogc);
        if (size > 0)
                memcpy(copy, data, size);
        *ret_size = size;
        return copy;
}

bool eng_bytes_store(eng *e, eng_val buffer, size_t offset, const void *bytes, size_t size)
{
        uint8_t *data = nullptr;
        size_t room = 0;
        bool is_bytes;
        if (!buffer || !may_run(e))
                return false;
        {
                JS::AutoCheckCannotGC nogc;
                is_bytes = bytes_of(value_of(buffer), &data, &room, nogc);
                if (is_bytes && offset <= room && size <= room - offset) {
                        if (size > 0)
                                memcpy(data + offset, bytes, size);
                        return true;
                }
        }
        if (!is_bytes)
                eng_throw(e, ENG_E_TYPE, "value is not an ArrayBuffer or a view of one");
        else
                eng_throw(e, ENG_E_RANGE, "%zu bytes at %zu do not fit into %zu", size, offset, room);
        return false;
}

bool eng_arraybuffer_detach(eng *e, eng_val buffer)
{
        if (!buffer || !may_run(e))
                return false;
        JS::RootedObject object(e->cx, value_of(buffer).isObject() ? &value_of(buffer).toObject() : nullptr);
        if (!object || !JS::IsArrayBufferObject(object)) {
                eng_throw(e, ENG_E_TYPE, "value is not an ArrayBuffer");
                return false;
        }
        return JS::DetachArrayBuffer(e->cx, object);
}

static bool json_append(const char16_t *text, uint32_t size, void *data)
{
        return static_cast<Vec<char16_t> *>(data)->append(text, size);
}

/* The engine writes null for a value that has no JSON form. As the only property of an object it is
 * left out instead; "" is the key that toJSON() must see. */
const char *eng_to_json(eng *e, eng_val v, size_t *ret_size)
{
        if (!v || !may_run(e))
                return nullptr;
        JS::RootedObject wrapper(e->cx, JS_NewPlainObject(e->cx));
        if (!wrapper || !JS_DefineProperty(e->cx, wrapper, "", handle_of(v), JSPROP_ENUMERATE))
                return nullptr;
        JS::RootedValue value(e->cx, JS::ObjectValue(*wrapper));
        Vec<char16_t> text;
        if (!JS_Stringify(e->cx, &value, nullptr, JS::UndefinedHandleValue, json_append, &text)) {
                if (!JS_IsExceptionPending(e->cx) && !e->terminating)
                        JS_ReportOutOfMemory(e->cx); /* json_append() */
                return nullptr;
        }
        static const size_t before = strlen("{\"\":"), after = strlen("}");
        if (text.length() < before + after)
                return nullptr;
        size_t length = text.length() - before - after;
        JS::RootedString json(e->cx, JS_NewUCStringCopyN(e->cx, text.begin() + before, length));
        return json ? string_to_utf8(e, json, ret_size) : nullptr;
}

const char *eng_to_source(eng *e, eng_val v)
{
        if (!v || !may_run(e))
                return nullptr;
        JS::RootedString s(e->cx, JS_ValueToSource(e->cx, handle_of(v)));
        return s ? string_to_utf8(e, s, nullptr) : nullptr;
}
