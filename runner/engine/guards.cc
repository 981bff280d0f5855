/* SPDX-License-Identifier: MPL-2.0 */
/*
 * guards.cc - a constructor of the language behind a look at its options, which it does not know itself.
 *
 * What takes its place has all of its properties, and makes the very same objects. Without options it costs a call.
 */
#include "runner/engine/internal.h"

enum { GUARD_CONSTRUCTOR, GUARD_CHECK };

using Check = bool (*)(eng *, eng_val);

/* Whether the second argument, an object, may be given. */
static bool guard_allows(JSContext *cx, const JS::CallArgs &args)
{
        eng *e = engine_of(cx);
        auto check = reinterpret_cast<Check>(
                js::GetFunctionNativeReserved(&args.callee(), GUARD_CHECK).toPrivate());
        eng_scope scope;
        eng_scope_open(e, &scope);
        bool ok = check(e, reinterpret_cast<eng_val>(args[1].address()));
        eng_scope_close(e, &scope, nullptr);
        if (e->terminating)
                compat::mark_uncatchable(cx);
        return ok && !e->terminating;
}

static bool guard_call(JSContext *cx, unsigned argc, JS::Value *vp)
{
        JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
        JS::RootedValue constructor(cx, js::GetFunctionNativeReserved(&args.callee(), GUARD_CONSTRUCTOR));
        if (!args.isConstructing())
                return JS::Call(cx, args.thisv(), constructor, JS::HandleValueArray(args), args.rval());
        if (args.length() > 1 && args[1].isObject() && !guard_allows(cx, args))
                return false;
        JS::RootedObject target(cx, &args.newTarget().toObject()), result(cx);
        if (target == &args.callee())
                target = &constructor.toObject();
        if (!JS::Construct(cx, constructor, target, JS::HandleValueArray(args), &result))
                return false;
        args.rval().setObject(*result);
        return true;
}

bool eng_guard_constructor(eng *e, const char *name, bool (*check)(eng *e, eng_val options))
{
        JSContext *cx = e->cx;
        JS::RootedObject global(cx, e->roots().global), original(cx), guard(cx), prototype(cx);
        JS::RootedValue value(cx);
        if (!JS_GetProperty(cx, global, name, &value))
                return false;
        original = &value.toObject();
        if (!JS_GetProperty(cx, original, "prototype", &value))
                return false;
        prototype = &value.toObject();
        JSFunction *function = js::NewFunctionWithReserved(cx, guard_call, 1, JSFUN_CONSTRUCTOR, name);
        if (!function)
                return false;
        guard = JS_GetFunctionObject(function);
        js::SetFunctionNativeReserved(guard, GUARD_CONSTRUCTOR, JS::ObjectValue(*original));
        js::SetFunctionNativeReserved(guard, GUARD_CHECK, JS::PrivateValue(reinterpret_cast<void *>(check)));
        return JS_CopyOwnPropertiesAndPrivateFields(cx, guard, original) &&
               JS_DefineProperty(cx, prototype, "constructor", guard, 0) &&
               JS_DefineProperty(cx, global, name, guard, 0);
}
