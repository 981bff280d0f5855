/* SPDX-License-Identifier: MPL-2.0 */
/*
 * globals.cc - the global object, whose properties are made when they are first asked for: the engine's own
 * classes, what eng_globals_set() names, and what the hook missing_global knows.
 *
 * A name is offered once. A global that was deleted stays away, as it would if it had been there from the start.
 */
#include "runner/engine/internal.h"

#include <string.h>

/* The name that @id is; empty when it is none that we could have. */
class Name
{
public:
        explicit Name(JS::PropertyKey id)
        {
                if (!id.isString())
                        return;
                JSLinearString *s = JS_ASSERT_STRING_IS_LINEAR(id.toString());
                size_t length = JS::GetLinearStringLength(s);
                if (length >= sizeof text)
                        return;
                for (size_t i = 0; i < length; i++) {
                        char16_t c = JS::GetLinearStringCharAt(s, i);
                        if (c == 0 || c > 0x7f)
                                return;
                        text[i] = static_cast<char>(c);
                }
                text[length] = '\0';
                whole = text;
        }
        bool is(const char *name) const
        {
                return name && whole[0] == name[0] && strcmp(whole, name) == 0;
        }
        const char *get() const
        {
                return whole;
        }

private:
        char text[48];
        const char *whole = "";
};

/* Which of the lazy globals @name is that has not been made; their number when it is none. */
static size_t lazy_find(eng *e, const Name &name)
{
        size_t i = 0;
        while (i < e->lazy.length() && !name.is(e->lazy[i]))
                i++;
        return i;
}

static bool call_hook(eng *e, bool (*hook)(eng *, void *), void *data)
{
        eng_scope scope;
        eng_scope_open(e, &scope);
        bool ok = hook(e, data);
        eng_scope_close(e, &scope, nullptr);
        return ok;
}

static bool lazy_make(eng *e, size_t index)
{
        const char *name = e->lazy[index];
        e->lazy[index] = nullptr; /* first, since it is looked up again when it is defined */
        auto define = [](eng *self, void *data) {
                return self->globals->define(self, *static_cast<size_t *>(data));
        };
        if (call_hook(e, define, &index))
                return true;
        e->lazy[index] = name;
        return false;
}

static bool class_made(eng *e, const Name &name)
{
        JS::RootedObject global(e->cx, e->roots().global);
        if (name.is("Math") && !random_define(e, global))
                return false;
        auto hook = [](eng *self, void *data) {
                return self->globals->class_made(self, static_cast<const Name *>(data)->get());
        };
        return !e->globals || call_hook(e, hook, const_cast<Name *>(&name));
}

/* One that the host may know of, though it is not among those that were named. */
static bool missing_make(eng *e, JS::HandleId id, bool *ret_made)
{
        eng_scope scope;
        if (!e->hooks.missing_global || !id.isString() || e->terminating)
                return true;
        eng_scope_open(e, &scope);
        JS::RootedString text(e->cx, id.toString());
        const char *name = string_to_utf8(e, text, nullptr);
        bool ok = name && e->hooks.missing_global(e->hooks.data, e, name, ret_made);
        eng_scope_close(e, &scope, nullptr);
        return ok;
}

static bool global_resolve(JSContext *cx, JS::HandleObject global, JS::HandleId id, bool *resolved)
{
        eng *e = engine_of(cx);
        Name name(id);
        *resolved = false;
        if (!JS_ResolveStandardClass(cx, global, id, resolved))
                return false;
        if (*resolved)
                return class_made(e, name);
        size_t index = lazy_find(e, name);
        if (index == e->lazy.length())
                return missing_make(e, id, resolved);
        *resolved = lazy_make(e, index);
        return *resolved;
}

/* Whether the above may have something for @id; must not run anything. */
static bool global_may_resolve(const JSAtomState &names, JS::PropertyKey id, JSObject *global)
{
        return id.isString() || JS_MayResolveStandardClass(names, id, global);
}

static bool global_enumerate(JSContext *cx, JS::HandleObject global, JS::MutableHandleIdVector ids,
                             bool enumerable_only)
{
        eng *e = engine_of(cx);
        if (!JS_NewEnumerateStandardClasses(cx, global, ids, enumerable_only))
                return false;
        JS::RootedId id(cx);
        for (size_t i = 0; !enumerable_only && i < e->lazy.length(); i++)
                if (e->lazy[i] && (!property_id(e, e->lazy[i], &id) || !ids.append(id)))
                        return false;
        return true;
}

static const JSClassOps global_ops = {
        nullptr, nullptr, nullptr, global_enumerate,         global_resolve, global_may_resolve,
        nullptr, nullptr, nullptr, JS_GlobalObjectTraceHook,
};

static const JSClass global_class = {
        "global", JSCLASS_GLOBAL_FLAGS, &global_ops, nullptr, nullptr, nullptr
};

JSObject *global_new(JSContext *cx, const JS::RealmOptions &options)
{
        return JS_NewGlobalObject(cx, &global_class, nullptr, JS::FireOnNewGlobalHook, options);
}

bool eng_globals_set(eng *e, const struct eng_globals *globals)
{
        if (!e->lazy.append(globals->names, globals->count)) {
                JS_ReportOutOfMemory(e->cx);
                return false;
        }
        e->globals = globals;
        return true;
}
