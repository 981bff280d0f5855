/* SPDX-License-Identifier: MPL-2.0 */
/*
 * sandboxes.cc - other globals, with built-ins of their own (Cu.Sandbox). They are realms of the one compartment, so
 * that objects go from one to the other as they are: a place for names, no place to keep code in.
 */
#include "runner/engine/internal.h"

static const JSClass sandbox_class = {
        "Sandbox", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr
};

static JSObject *sandbox_of(eng *e, eng_val v)
{
        if (v && value_of(v).isObject() && JS::GetClass(&value_of(v).toObject()) == &sandbox_class)
                return &value_of(v).toObject();
        eng_throw(e, ENG_E_TYPE, "value is not a sandbox");
        return nullptr;
}

static bool sandbox_fill(eng *e, JS::HandleObject global, eng_val prototype)
{
        JSAutoRealm realm(e->cx, global);

        if (!random_define(e, global))
                return false;
        if (prototype && value_of(prototype).isObject()) {
                JS::RootedObject object(e->cx, &value_of(prototype).toObject());
                return JS_SetPrototype(e->cx, global, object);
        }
        return true;
}

eng_val eng_sandbox(eng *e, eng_val prototype)
{
        if (!may_run(e))
                return nullptr;
        JS::RealmOptions options;
        options.creationOptions().setToSourceEnabled(true).setExistingCompartment(e->roots().global);
        compat::realm_features(options, true);
        JS::RootedObject global(e->cx, JS_NewGlobalObject(e->cx, &sandbox_class, nullptr,
                                                          JS::FireOnNewGlobalHook, options));
        if (!global || !sandbox_fill(e, global, prototype))
                return nullptr;
        return handle_new(e, global.get());
}

bool eng_sandbox_parser(eng *e, eng_val sandbox)
{
        JS::RootedObject global(e->cx, sandbox_of(e, sandbox));
        if (!global)
                return false;
        JSAutoRealm realm(e->cx, global);
        return JS_InitReflectParse(e->cx, global);
}

bool eng_is_sandbox(eng_val v)
{
        return v && value_of(v).isObject() && JS::GetClass(&value_of(v).toObject()) == &sandbox_class;
}

eng_val eng_sandbox_eval(eng *e, eng_val sandbox, const char *utf8, size_t size, const char *url,
                         unsigned line)
{
        JS::RootedObject global(e->cx, sandbox_of(e, sandbox));
        if (!global)
                return nullptr;
        JSAutoRealm realm(e->cx, global);
        return eng_eval(e, utf8, size, url, line);
}

eng_val eng_global_of(eng *e, eng_val object)
{
        if (!object || !value_of(object).isObject())
                return eng_throw(e, ENG_E_TYPE, "value is not an object");
        return handle_new(e, JS::GetNonCCWObjectGlobal(&value_of(object).toObject()));
}
