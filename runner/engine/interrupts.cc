/* SPDX-License-Identifier: MPL-2.0 */
/*
 * interrupts.cc - stopping a script.
 *
 * eng_interrupt() -- engine calls interrupted() on its own thread -- hook says go on, or
 *   terminating = true: every frame of JS is left without running catch or finally, and nothing can be
 *   called until eng_resume()
 *
 * A request that comes while nothing runs, while the hook runs, or while terminating is not lost: it is
 * served as soon as JS runs again.
 */
#include "runner/engine/internal.h"

void eng_interrupt(eng *e, int why)
{
        e->why = why;
        e->asked = true;
        JS_RequestInterruptCallback(e->cx);
}

/* Whether the embedding wants to go on. */
static bool ask(eng *e, int why)
{
        bool go_on = false;
        if (!e->hooks.interrupted)
                return false;
        eng_scope scope;
        JS::AutoSaveExceptionState saved(e->cx);
        bool disabled = JS_DisableInterruptCallback(e->cx);
        eng_scope_open(e, &scope);
        go_on = e->hooks.interrupted(e->hooks.data, e, why);
        eng_scope_close(e, &scope, nullptr);
        JS_ResetInterruptCallback(e->cx, disabled);
        JS_ClearPendingException(e->cx);
        saved.restore();
        if (e->asked || e->over_limit)
                JS_RequestInterruptCallback(e->cx);
        return go_on;
}

static bool interrupted(JSContext *cx)
{
        eng *e = engine_of(cx);
        if (!e->terminating && e->over_limit.exchange(false))
                e->terminating = !ask(e, ENG_WHY_MEMORY);
        if (!e->terminating && e->asked.exchange(false))
                e->terminating = !ask(e, e->why);
        return !e->terminating;
}

bool eng_terminating(eng *e)
{
        return e->terminating;
}

void eng_dump_frames(eng *e, FILE *to)
{
        js::DumpBacktrace(e->cx, to);
}

void eng_resume(eng *e)
{
        if (!e->terminating)
                return;
        e->terminating = false;
        memory_make_room(e);
        if (e->asked)
                JS_RequestInterruptCallback(e->cx);
}

void interrupts_init(eng *e)
{
        JS_AddInterruptCallback(e->cx, interrupted);
}
