/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/loop.h"

#include <errno.h>

/* How often a nested loop asks for its condition without an event: that is what terminates it when the task's time is over,
 * and the condition may be about the time. */
#define TICK_US 10000
#define DEPTH_MAX 64

static struct loop_call *first, **last = &first;
static unsigned depth;
static bool broken;

void loop_later(struct loop_call *call)
{
        if (call->waits)
                return;
        call->waits = true;
        call->next = NULL;
        *last = call;
        last = &call->next;
}

void loop_event(evutil_socket_t fd, short what, void *call)
{
        loop_later(call);
}

/* Take what *@link is off the list. */
static struct loop_call *call_take(struct loop_call **link)
{
        struct loop_call *call = *link;

        *link = call->next;
        if (last == &call->next)
                last = link;
        call->waits = false;
        return call;
}

void loop_forget(struct loop_call *call)
{
        for (struct loop_call **link = &first; *link; link = &(*link)->next)
                if (*link == call) {
                        (void)call_take(link);
                        return;
                }
}

/* Where the first stands that may be called now; NULL: there is none. */
static struct loop_call **call_first(void)
{
        for (struct loop_call **link = &first; *link; link = &(*link)->next)
                if (depth == 0 || !(*link)->top)
                        return link;
        return NULL;
}

/* The number of calls, or a negative errno. */
static int turn(struct host *host, int flags)
{
        const struct timeval tick = { 0, TICK_US };
        struct loop_call **link;
        int count = 0;

        if (call_first())
                flags |= EVLOOP_NONBLOCK;
        else if (depth > 0 && !(flags & EVLOOP_NONBLOCK) && event_base_loopexit(host->base, &tick) < 0)
                return -ENOMEM;
        if (event_base_loop(host->base, EVLOOP_ONCE | flags) < 0)
                return -EIO;
        for (; !broken && (link = call_first()); count++) {
                struct loop_call *call = call_take(link);
                call->run(call->data);
        }
        return count;
}

int loop_turn(struct host *host)
{
        int r = turn(host, 0);

        return r < 0 ? r : 0;
}

void loop_break(struct host *host)
{
        broken = true;
        event_base_loopbreak(host->base);
}

bool loop_is_nested(void)
{
        return depth > 0;
}

/* 1: the condition holds, 0: not yet, -1: it threw, or JavaScript is terminated. */
static int condition_holds(eng *e, eng_val condition)
{
        eng_scope scope;

        eng_scope_open(e, &scope);
        eng_val v = eng_call(e, condition, NULL, 0, NULL);
        int holds = v ? eng_truthy(e, v) : -1;
        eng_scope_close(e, &scope, NULL);
        return holds;
}

bool loop_spin(struct host *host, eng_val condition)
{
        eng *e = host->engine;
        int r, holds = 0;

        if (!host->base || depth >= DEPTH_MAX) {
                eng_throw(e, ENG_E_INTERNAL, "the event loop cannot be run here");
                return false;
        }
        depth++;
        do {
                (void)eng_run_jobs_nested(e);
                if (condition && (holds = condition_holds(e, condition)) != 0)
                        break;
                r = turn(host, condition ? 0 : EVLOOP_NONBLOCK);
                if (eng_terminating(e))
                        holds = -1;
                else if (r < 0)
                        eng_throw(e, ENG_E_INTERNAL, "the event loop failed");
        } while (holds == 0 && r >= 0 && (condition || r > 0));
        depth--;
        return holds >= 0 && !eng_pending(e);
}
