/* SPDX-License-Identifier: MPL-2.0 */
/* promises.cc - promises made, settled and watched by C. A settler is a reference to its promise. */
#include "runner/engine/internal.h"

eng_val eng_promise(eng *e, eng_ref **ret_settler)
{
        if (!may_run(e))
                return nullptr;
        eng_val promise = handle_new(e, JS::NewPromiseObject(e->cx, nullptr));
        eng_ref *settler = promise ? eng_ref_new(e, promise) : nullptr;
        if (!settler)
                return nullptr;
        *ret_settler = settler;
        return promise;
}

bool eng_settle(eng *e, eng_ref *settler, enum eng_promise_state state, eng_val v)
{
        if (!settler)
                return false;
        JS::RootedObject promise(e->cx, &settler->value.get().toObject());
        JS::RootedValue value(e->cx);
        eng_ref_free(e, settler);
        if (e->terminating)
                return false;
        if (v) {
                value = value_of(v);
        } else {
                if (!JS_GetPendingException(e->cx, &value))
                        return false;
                JS_ClearPendingException(e->cx);
        }
        if (v && state == ENG_FULFILLED)
                return JS::ResolvePromise(e->cx, promise, value);
        return JS::RejectPromise(e->cx, promise, value);
}

eng_val eng_promise_resolved(eng *e, eng_val v)
{
        return v && may_run(e) ? handle_new(e, JS::CallOriginalPromiseResolve(e->cx, handle_of(v))) : nullptr;
}

eng_val eng_promise_rejected(eng *e, eng_val reason)
{
        if (!reason || !may_run(e))
                return nullptr;
        return handle_new(e, JS::CallOriginalPromiseReject(e->cx, handle_of(reason)));
}

/* The promise that @v is, or NULL. */
static JSObject *promise_of(eng *e, eng_val v)
{
        if (!v || !value_of(v).isObject())
                return nullptr;
        JS::RootedObject object(e->cx, &value_of(v).toObject());
        return JS::IsPromiseObject(object) ? object.get() : nullptr;
}

enum eng_promise_state eng_promise_state(eng *e, eng_val promise, eng_val *ret_result)
{
        JS::RootedObject p(e->cx, promise_of(e, promise));
        if (!p || JS::GetPromiseState(p) == JS::PromiseState::Pending)
                return ENG_PENDING;
        if (ret_result)
                *ret_result = handle_new(e, JS::GetPromiseResult(p));
        return JS::GetPromiseState(p) == JS::PromiseState::Fulfilled ? ENG_FULFILLED : ENG_REJECTED;
}

void eng_promise_watch(eng *e, eng_val promise)
{
        JS::RootedObject p(e->cx, promise_of(e, promise));
        if (p && !JS::SetAnyPromiseIsHandled(e->cx, p))
                JS_ClearPendingException(e->cx);
}
