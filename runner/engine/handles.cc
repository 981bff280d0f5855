/* SPDX-License-Identifier: MPL-2.0 */
/*
 * handles.cc - slots that C values point at, scopes, references.
 *
 * A scope is two fill levels: of the slots and of the list of memory to free. Closing it restores both.
 * Slots above the fill level are not traced, so nothing needs to be cleared.
 */
#include "runner/engine/internal.h"

#include <new>
#include <stdlib.h>

static const JS::Value constants[] = { JS::UndefinedValue(), JS::NullValue(), JS::TrueValue(),
                                       JS::FalseValue() };

extern "C" {
const eng_val ENG_UNDEF = reinterpret_cast<eng_val>(&constants[0]);
const eng_val ENG_NUL = reinterpret_cast<eng_val>(&constants[1]);
const eng_val ENG_TRUE = reinterpret_cast<eng_val>(&constants[2]);
const eng_val ENG_FALSE = reinterpret_cast<eng_val>(&constants[3]);
}

static void trace_objects(JSTracer *trc, Vec<JSObject *> &objects, size_t from, const char *name)
{
        for (size_t i = from; i < objects.length(); i++)
                if (objects[i])
                        JS::TraceRoot(trc, &objects[i], name);
}

void Roots::trace(JSTracer *trc)
{
        for (size_t i = 0; i < slots.top; i++)
                JS::TraceRoot(trc, &slots.chunks[i / Slots::CHUNK][i % Slots::CHUNK], "handle");
        for (Module &m : modules)
                JS::TraceRoot(trc, &m.object, "module");
        trace_objects(trc, jobs, jobs_head, "job");
        trace_objects(trc, rejected, 0, "rejected promise");
        trace_objects(trc, cleanups, 0, "finalization job");
        if (global)
                JS::TraceRoot(trc, &global, "global");
        JS::TraceRoot(trc, &caught, "caught exception");
        if (caught_stack)
                JS::TraceRoot(trc, &caught_stack, "stack of the caught exception");
}

bool slots_grow(eng *e)
{
        Slots &s = e->roots().slots;
        auto *chunk = static_cast<JS::Value *>(malloc(Slots::CHUNK * sizeof(JS::Value)));
        if (!chunk || !s.chunks.append(chunk)) {
                free(chunk);
                JS_ReportOutOfMemory(e->cx);
                return false;
        }
        s.capacity += Slots::CHUNK;
        return true;
}

void eng_scope_open(eng *e, eng_scope *scope)
{
        scope->mark[0] = e->roots().slots.top;
        scope->mark[1] = e->memory.length();
}

eng_val eng_scope_close(eng *e, eng_scope *scope, eng_val keep)
{
        JS::Value kept = keep ? value_of(keep) : JS::UndefinedValue();
        e->roots().slots.top = scope->mark[0];
        while (e->memory.length() > scope->mark[1])
                free(e->memory.popCopy());
        /* No collection can happen between here and there, and the slot exists already: it was freed above,
         * or is new only if @keep came from an outer scope. */
        return keep ? handle_new(e, kept) : nullptr;
}

char *scope_keep(eng *e, void *p)
{
        if (p && e->memory.append(p))
                return static_cast<char *>(p);
        free(p);
        JS_ReportOutOfMemory(e->cx);
        return nullptr;
}

void *scope_alloc(eng *e, size_t size)
{
        return scope_keep(e, malloc(size));
}

eng_ref *eng_ref_new(eng *e, eng_val v)
{
        if (!v)
                return nullptr;
        auto *ref = new (std::nothrow) eng_ref;
        if (!ref) {
                JS_ReportOutOfMemory(e->cx);
                return nullptr;
        }
        ref->value.init(e->cx, value_of(v));
        return ref;
}

eng_val eng_ref_get(eng_ref *ref)
{
        return ref ? reinterpret_cast<eng_val>(ref->value.address()) : nullptr;
}

void eng_ref_free(eng *e, eng_ref *ref)
{
        (void)e;
        delete ref;
}
