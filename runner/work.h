/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Long work beside the engine: one thread of the run does it, one piece after another in the order in which it was given,
 * and the event loop goes on meanwhile. A piece of work is plain C: it must not touch the engine, nor anything that the
 * engine's thread has.
 */
#ifndef RUNNER_WORK_H
#define RUNNER_WORK_H

#include "runner/engine.h"
#include "runner/host.h"

struct work {
        /* In the thread. */
        void (*run)(struct work *work);
        /* On the engine's thread, in a scope: what the promise becomes; NULL: the pending exception. */
        eng_val (*result)(struct work *work, eng *e);
        /* On the engine's thread, at last. */
        void (*free)(struct work *work);

        /* work.c's */
        struct work *next;
        eng_ref *settler;
};

/* Have @work done, which is taken in any case; the promise of its result. Where no thread can be had it is done at once. */
eng_val work_submit(struct host *host, eng *e, struct work *work);
/* The process is about to leave: let what was submitted be done, and what JS then submits, @us at most. */
void work_drain(struct host *host, int64_t us);

#endif
