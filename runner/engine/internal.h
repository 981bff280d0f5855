/* SPDX-License-Identifier: MPL-2.0 */
/* internal.h - what the files of the engine layer know of each other. */
#ifndef RUNNER_ENGINE_INTERNAL_H
#define RUNNER_ENGINE_INTERNAL_H

#include "config.h"

#include "runner/engine/state.h"

inline eng *engine_of(JSContext *cx)
{
        return static_cast<eng *>(JS_GetContextPrivate(cx));
}

/* ---- handles.cc ---- */
bool slots_grow(eng *e);
/* Give @p to the innermost scope, which frees it. NULL: out of memory is pending and @p is freed. */
char *scope_keep(eng *e, void *p);
void *scope_alloc(eng *e, size_t size);

static_assert(sizeof(JS::Value) == sizeof(uint64_t), "a handle points at a 64 bit value");

inline const JS::Value &value_of(eng_val v)
{
        return *reinterpret_cast<const JS::Value *>(v);
}
inline JS::HandleValue handle_of(eng_val v)
{
        return JS::HandleValue::fromMarkedLocation(&value_of(v));
}

inline eng_val handle_new(eng *e, const JS::Value &v)
{
        Slots &s = e->roots().slots;
        if (s.top == s.capacity && !slots_grow(e))
                return nullptr;
        JS::Value *slot = &s.chunks[s.top / Slots::CHUNK][s.top % Slots::CHUNK];
        s.top++;
        *slot = v;
        return reinterpret_cast<eng_val>(slot);
}
inline eng_val handle_new(eng *e, JSObject *o)
{
        return o ? handle_new(e, JS::ObjectValue(*o)) : nullptr;
}
inline eng_val handle_new(eng *e, JSString *s)
{
        return s ? handle_new(e, JS::StringValue(s)) : nullptr;
}

/* Whether JS may be entered: not while terminating, nor over a pending exception. */
inline bool may_run(eng *e)
{
        return !e->terminating && !JS_IsExceptionPending(e->cx);
}
/* For the end of a failed call into JS: without an exception, it was stopped. */
inline void note_failure(eng *e)
{
        e->terminating |= !JS_IsExceptionPending(e->cx);
}

/* ---- utf8.cc ---- */
bool utf8_valid(const char *utf8, size_t size);
size_t utf8_cut(const char *utf8, size_t size, size_t most); /* longest prefix that ends between characters */
JSString *string_from_utf8(eng *e, const char *utf8, size_t size);
const char *string_to_utf8(eng *e, JS::HandleString s, size_t *ret_size);

/* ---- the other files ---- */
bool property_id(eng *e, const char *name, JS::MutableHandleId id);     /* properties.cc */
void throw_utf8(eng *e, enum eng_error_type type, const char *message); /* errors.cc */
void errors_init(eng *e);
JSObject *global_new(JSContext *cx, const JS::RealmOptions &options);
void modules_init(eng *e);
char *module_url(eng *e, const char *specifier, const char *referrer); /* modules.cc */
JSObject *module_load(eng *e, const char *url, const char *referrer);
JSObject *module_compile(eng *e, const char *url, const char *text, size_t size);
Module *module_find(eng *e, const char *url);
JS::UniqueChars module_private_url(JSContext *cx, JS::HandleValue referrer);
JSObject *module_resolve(JSContext *cx, JS::HandleValue referrer, JS::HandleObject request);
void modules_settle(eng *e, bool linked);
bool import_dynamic(JSContext *cx, JS::HandleValue referrer, JS::HandleObject request,
                    JS::HandleObject promise);
bool jobs_init(eng *e);
bool job_push(eng *e, JSObject *job);
void helpers_init(void);
void helpers_finish_owed(void);
void helpers_release(void);
void interrupts_init(eng *e);
void memory_init(eng *e);
void memory_check(eng *e);
size_t memory_stack_quota(size_t wanted);
void memory_make_room(eng *e);
bool random_init(void);
bool random_define(eng *e, JS::HandleObject global);
bool random_restart(void);
JS::SelfHostedCache cache_open(eng *e);
bool cache_refused(JSContext *cx, JS::SelfHostedCache code);
JSObject *cache_module(eng *e, const char *url, const char *text, size_t size,
                       const JS::CompileOptions &options);

#endif
