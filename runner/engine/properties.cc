/* SPDX-License-Identifier: MPL-2.0 */
/* properties.cc - properties of objects. Names are UTF-8. */
#include "runner/engine/internal.h"

#include <string.h>

bool property_id(eng *e, const char *name, JS::MutableHandleId id)
{
        size_t size = strlen(name);
        bool ascii = true;
        for (size_t i = 0; i < size; i++)
                ascii &= !(name[i] & 0x80);
        JS::RootedString s(e->cx,
                           ascii ? JS_AtomizeStringN(e->cx, name, size) : string_from_utf8(e, name, size));
        return s && JS_StringToId(e->cx, s, id);
}

/* The object that @v is or, for a property of a primitive, is wrapped in. */
static bool to_object(eng *e, eng_val v, JS::MutableHandleObject ret)
{
        if (!v || !may_run(e))
                return false;
        if (value_of(v).isNullOrUndefined()) {
                eng_throw(e, ENG_E_TYPE, "%s has no properties", value_of(v).isNull() ? "null" : "undefined");
                return false;
        }
        return JS_ValueToObject(e->cx, handle_of(v), ret);
}

/* @v and the property @name of it; every function below begins with it. */
struct Place {
        JS::RootedObject object;
        JS::RootedId id;
        bool ok;
        Place(eng *e, eng_val v, const char *name) : object(e->cx), id(e->cx)
        {
                ok = to_object(e, v, &object) && property_id(e, name, &id);
        }
        Place(eng *e, eng_val v, eng_val key) : object(e->cx), id(e->cx)
        {
                ok = key && to_object(e, v, &object) && JS_ValueToId(e->cx, handle_of(key), &id);
        }
};

static eng_val place_get(eng *e, Place &place)
{
        JS::RootedValue value(e->cx);
        if (!place.ok || !JS_GetPropertyById(e->cx, place.object, place.id, &value))
                return nullptr;
        return handle_new(e, value);
}

eng_val eng_get(eng *e, eng_val object, const char *name)
{
        Place place(e, object, name);
        return place_get(e, place);
}

eng_val eng_get_value(eng *e, eng_val object, eng_val key)
{
        Place place(e, object, key);
        return place_get(e, place);
}

eng_val eng_at(eng *e, eng_val object, uint32_t index)
{
        JS::RootedObject o(e->cx);
        JS::RootedValue value(e->cx);
        if (!to_object(e, object, &o) || !JS_GetElement(e->cx, o, index, &value))
                return nullptr;
        return handle_new(e, value);
}

bool eng_has(eng *e, eng_val object, const char *name, bool *ret)
{
        Place place(e, object, name);
        return place.ok && JS_HasPropertyById(e->cx, place.object, place.id, ret);
}

bool eng_set(eng *e, eng_val object, const char *name, eng_val v)
{
        Place place(e, object, name);
        return place.ok && v && JS_SetPropertyById(e->cx, place.object, place.id, handle_of(v));
}

bool eng_set_value(eng *e, eng_val object, eng_val key, eng_val v)
{
        Place place(e, object, key);
        return place.ok && v && JS_SetPropertyById(e->cx, place.object, place.id, handle_of(v));
}

bool eng_set_at(eng *e, eng_val object, uint32_t index, eng_val v)
{
        JS::RootedObject o(e->cx);
        return v && to_object(e, object, &o) && JS_SetElement(e->cx, o, index, handle_of(v));
}

bool eng_delete(eng *e, eng_val object, const char *name)
{
        Place place(e, object, name);
        JS::ObjectOpResult result;
        if (!place.ok || !JS_DeletePropertyById(e->cx, place.object, place.id, result))
                return false;
        if (!result.ok())
                eng_throw(e, ENG_E_TYPE, "property %s cannot be deleted", name);
        return result.ok();
}

static unsigned attributes(unsigned attrs)
{
        return (attrs & ENG_ENUMERABLE ? JSPROP_ENUMERATE : 0) |
               (attrs & ENG_READONLY ? JSPROP_READONLY : 0) | (attrs & ENG_PERMANENT ? JSPROP_PERMANENT : 0);
}

static bool place_define(eng *e, Place &place, eng_val v, unsigned attrs)
{
        return place.ok && v &&
               JS_DefinePropertyById(e->cx, place.object, place.id, handle_of(v), attributes(attrs));
}

bool eng_define(eng *e, eng_val object, const char *name, eng_val v, unsigned attrs)
{
        Place place(e, object, name);
        return place_define(e, place, v, attrs);
}

bool eng_define_value(eng *e, eng_val object, eng_val key, eng_val v, unsigned attrs)
{
        Place place(e, object, key);
        return place_define(e, place, v, attrs);
}

/* undefined, or a function. */
static bool accessor(eng *e, eng_val v, JS::MutableHandleObject ret)
{
        if (!v)
                return false;
        if (value_of(v).isUndefined())
                return true;
        if (!value_of(v).isObject() || !JS::IsCallable(&value_of(v).toObject())) {
                eng_throw(e, ENG_E_TYPE, "accessor is neither a function nor undefined");
                return false;
        }
        ret.set(&value_of(v).toObject());
        return true;
}

static bool place_define_accessor(eng *e, Place &place, eng_val getter, eng_val setter, unsigned attrs)
{
        JS::RootedObject get(e->cx), set(e->cx);
        if (!place.ok || !accessor(e, getter, &get) || !accessor(e, setter, &set))
                return false;
        return JS_DefinePropertyById(e->cx, place.object, place.id, get, set,
                                     attributes(attrs & ~ENG_READONLY));
}

bool eng_define_accessor(eng *e, eng_val object, const char *name, eng_val getter, eng_val setter,
                         unsigned attrs)
{
        Place place(e, object, name);
        return place_define_accessor(e, place, getter, setter, attrs);
}

bool eng_define_accessor_value(eng *e, eng_val object, eng_val key, eng_val getter, eng_val setter,
                               unsigned attrs)
{
        Place place(e, object, key);
        return place_define_accessor(e, place, getter, setter, attrs);
}

eng_val eng_keys(eng *e, eng_val object)
{
        JS::RootedObject o(e->cx);
        JS::Rooted<JS::IdVector> ids(e->cx, JS::IdVector(e->cx));
        if (!to_object(e, object, &o) || !JS_Enumerate(e->cx, o, &ids))
                return nullptr;
        JS::RootedValueVector names(e->cx);
        JS::RootedValue name(e->cx);
        if (!names.reserve(ids.length())) {
                JS_ReportOutOfMemory(e->cx);
                return nullptr;
        }
        for (size_t i = 0; i < ids.length(); i++) {
                if (!JS_IdToValue(e->cx, ids[i], &name))
                        return nullptr;
                JSString *s = JS::ToString(e->cx, name); /* an index is a number here */
                if (!s)
                        return nullptr;
                names.infallibleAppend(JS::StringValue(s));
        }
        return handle_new(e, JS::NewArrayObject(e->cx, names));
}

bool eng_length(eng *e, eng_val array, uint32_t *ret)
{
        JS::RootedObject o(e->cx);
        return to_object(e, array, &o) && JS::GetArrayLength(e->cx, o, ret);
}

bool eng_freeze(eng *e, eng_val object)
{
        JS::RootedObject o(e->cx);
        return to_object(e, object, &o) && JS_FreezeObject(e->cx, o);
}

eng_val eng_global(eng *e)
{
        return handle_new(e, e->roots().global);
}

eng_val eng_iterator_prototype(eng *e)
{
        return handle_new(e, JS::GetRealmIteratorPrototype(e->cx));
}
