/* SPDX-License-Identifier: MPL-2.0 */
/*
 * calls.cc - calling JS from C and C from JS.
 *
 * Every native goes through native_call(), which gives it a scope and turns its result into what the
 * engine expects, so that a native cannot unbalance the handles or hide an exception.
 */
#include "runner/engine/internal.h"

#include <stdlib.h>
#include <string.h>

struct eng_args {
        JS::CallArgs *args;
};

static bool native_call(JSContext *cx, unsigned argc, JS::Value *vp)
{
        JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
        eng *e = engine_of(cx);
        JSObject *callee = &args.callee();
        auto fn = reinterpret_cast<eng_native>(js::GetFunctionNativeReserved(callee, 0).toPrivate());
        void *data = js::GetFunctionNativeReserved(callee, 1).toPrivate();
        eng_args wrapped = { &args };
        eng_scope scope;

        eng_scope_open(e, &scope);
        eng_val result = fn(e, &wrapped, data);
        if (result)
                args.rval().set(value_of(result));
        eng_scope_close(e, &scope, nullptr);
        if (e->terminating) {
                compat::mark_uncatchable(cx);
                return false;
        }
        if (!result && !JS_IsExceptionPending(cx))
                JS_ReportErrorASCII(cx, "native function failed without an exception");
        return !JS_IsExceptionPending(cx);
}

eng_val eng_function(eng *e, const char *name, unsigned length, eng_native fn, void *data)
{
        if (!may_run(e))
                return nullptr;
        JSFunction *function = js::NewFunctionWithReserved(e->cx, native_call, length, 0, name);
        if (!function)
                return nullptr;
        JSObject *object = JS_GetFunctionObject(function);
        js::SetFunctionNativeReserved(object, 0, JS::PrivateValue(reinterpret_cast<void *>(fn)));
        js::SetFunctionNativeReserved(object, 1, JS::PrivateValue(data));
        return handle_new(e, object);
}

bool eng_define_function(eng *e, eng_val object, const char *name, unsigned length, eng_native fn, void *data)
{
        eng_scope scope;
        eng_scope_open(e, &scope);
        bool ok = eng_define(e, object, name, eng_function(e, name, length, fn, data), 0);
        eng_scope_close(e, &scope, nullptr);
        return ok;
}

static bool collect_arguments(eng *e, size_t argc, const eng_val *argv, JS::RootedValueVector &ret)
{
        if (!ret.reserve(argc)) {
                JS_ReportOutOfMemory(e->cx);
                return false;
        }
        for (size_t i = 0; i < argc; i++) {
                if (!argv[i])
                        return false;
                ret.infallibleAppend(value_of(argv[i]));
        }
        return true;
}

eng_val eng_call(eng *e, eng_val fn, eng_val self, size_t argc, const eng_val *argv)
{
        JS::RootedValueVector arguments(e->cx);
        JS::RootedValue result(e->cx);
        if (!fn || !may_run(e) || !collect_arguments(e, argc, argv, arguments))
                return nullptr;
        JS::HandleValue this_value = self ? handle_of(self) : JS::UndefinedHandleValue;
        if (!JS::Call(e->cx, this_value, handle_of(fn), arguments, &result)) {
                note_failure(e);
                return nullptr;
        }
        return handle_new(e, result);
}

eng_val eng_call_from(eng *e, const struct eng_origin *origin, eng_val fn, size_t argc, const eng_val *argv)
{
        if (!origin->stack || !value_of(origin->stack).isObject())
                return eng_call(e, fn, nullptr, argc, argv);
        JS::RootedObject stack(e->cx, &value_of(origin->stack).toObject());
        JS::AutoSetAsyncStackForNewCalls calls(e->cx, stack, origin->cause);
        return eng_call(e, fn, nullptr, argc, argv);
}

eng_val eng_call_method(eng *e, eng_val object, const char *name, size_t argc, const eng_val *argv)
{
        eng_scope scope;
        eng_scope_open(e, &scope);
        eng_val method = eng_get(e, object, name);
        if (method && (!value_of(method).isObject() || !JS::IsCallable(&value_of(method).toObject())))
                method = eng_throw(e, ENG_E_TYPE, "%s is not a function", name);
        return eng_scope_close(e, &scope, eng_call(e, method, object, argc, argv));
}

eng_val eng_construct(eng *e, eng_val ctor, size_t argc, const eng_val *argv)
{
        JS::RootedValueVector arguments(e->cx);
        JS::RootedObject result(e->cx);
        if (!ctor || !may_run(e) || !collect_arguments(e, argc, argv, arguments))
                return nullptr;
        if (!value_of(ctor).isObject() || !JS::IsConstructor(&value_of(ctor).toObject()))
                return eng_throw(e, ENG_E_TYPE, "value is not a constructor");
        if (!JS::Construct(e->cx, handle_of(ctor), arguments, &result)) {
                note_failure(e);
                return nullptr;
        }
        return handle_new(e, result);
}

bool eng_instance_of(eng *e, eng_val v, eng_val ctor, bool *ret)
{
        if (!v || !ctor || !may_run(e))
                return false;
        if (!value_of(ctor).isObject()) {
                eng_throw(e, ENG_E_TYPE, "value is not a constructor");
                return false;
        }
        JS::RootedObject constructor(e->cx, &value_of(ctor).toObject());
        return JS_HasInstance(e->cx, constructor, handle_of(v), ret);
}

size_t eng_argc(eng_args *args)
{
        return args->args->length();
}

eng_val eng_arg(eng_args *args, size_t index)
{
        if (index >= args->args->length())
                return ENG_UNDEF;
        return reinterpret_cast<eng_val>((*args->args)[index].address());
}

eng_val eng_this(eng_args *args)
{
        return reinterpret_cast<eng_val>(args->args->thisv().address());
}

/* ---- host objects ---- */

struct HostClass {
        JSClassOps ops;
        JSClass cls;
        const struct eng_class *key;
        HostClass *next;
};

static HostClass *host_classes; /* few, and kept for good: objects point at them */

enum { HOST_POINTER, HOST_CLASS, HOST_WEIGHT, HOST_SLOTS };
static const auto HOST_MEMORY = JS::MemoryUse::Embedding1;

static void host_finalize(JS::GCContext *, JSObject *object)
{
        const JS::Value &pointer = JS::GetReservedSlot(object, HOST_POINTER);
        const JS::Value &key = JS::GetReservedSlot(object, HOST_CLASS);
        if (pointer.isUndefined() || key.isUndefined())
                return; /* never finished */
        const JS::Value &weight = JS::GetReservedSlot(object, HOST_WEIGHT);
        if (!weight.isUndefined())
                JS::RemoveAssociatedMemory(object, static_cast<size_t>(weight.toNumber()), HOST_MEMORY);
        auto *cls = static_cast<const struct eng_class *>(key.toPrivate());
        if (cls->finalize)
                cls->finalize(pointer.toPrivate());
}

static HostClass *host_class(eng *e, const struct eng_class *key)
{
        for (HostClass *h = host_classes; h; h = h->next)
                if (h->key == key)
                        return h;
        void *space = calloc(1, sizeof(HostClass));
        if (!space) {
                JS_ReportOutOfMemory(e->cx);
                return nullptr;
        }
        JSClassOps ops = {};
        ops.finalize = host_finalize;
        auto *h = static_cast<HostClass *>(space);
        memcpy(&h->ops, &ops, sizeof ops);
        uint32_t flags = JSCLASS_HAS_RESERVED_SLOTS(HOST_SLOTS) | JSCLASS_FOREGROUND_FINALIZE;
        JSClass cls = { key->name, flags, &h->ops, nullptr, nullptr, nullptr };
        memcpy(static_cast<void *>(&h->cls), &cls, sizeof cls);
        h->key = key;
        h->next = host_classes;
        host_classes = h;
        return h;
}

eng_val eng_host_object(eng *e, const struct eng_class *class_, void *pointer, eng_val proto_or_null)
{
        HostClass *h = may_run(e) ? host_class(e, class_) : nullptr;
        if (!h)
                return nullptr;
        JS::RootedObject proto(e->cx);
        if (proto_or_null && !value_of(proto_or_null).isObjectOrNull())
                return eng_throw(e, ENG_E_TYPE, "prototype of a %s is neither an object nor null",
                                 class_->name);
        if (proto_or_null)
                proto = value_of(proto_or_null).toObjectOrNull();
        JSObject *object = proto_or_null ? JS_NewObjectWithGivenProto(e->cx, &h->cls, proto)
                                         : JS_NewObject(e->cx, &h->cls);
        /* The handle comes first: once the slots are set, the object owns the pointer. */
        eng_val v = handle_new(e, object);
        if (v) {
                JS::SetReservedSlot(object, HOST_POINTER, JS::PrivateValue(pointer));
                JS::SetReservedSlot(object, HOST_CLASS,
                                    JS::PrivateValue(const_cast<struct eng_class *>(class_)));
        }
        return v;
}

void eng_host_weigh(eng *e, eng_val v, size_t bytes)
{
        (void)e;
        if (bytes == 0)
                return;
        JSObject *object = &value_of(v).toObject();
        JS::SetReservedSlot(object, HOST_WEIGHT, JS::NumberValue(bytes));
        JS::AddAssociatedMemory(object, bytes, HOST_MEMORY);
}

void *eng_host_pointer(eng *e, eng_val v, const struct eng_class *class_)
{
        if (!v || !may_run(e))
                return nullptr;
        if (value_of(v).isObject()) {
                JSObject *object = &value_of(v).toObject();
                for (HostClass *h = host_classes; h; h = h->next)
                        if (h->key == class_ && JS::GetClass(object) == &h->cls)
                                return JS::GetReservedSlot(object, HOST_POINTER).toPrivate();
        }
        eng_throw(e, ENG_E_TYPE, "value is not a %s", class_->name);
        return nullptr;
}
