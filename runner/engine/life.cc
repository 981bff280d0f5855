/* SPDX-License-Identifier: MPL-2.0 */
/*
 * life.cc - starting the engine, and what a fork asks of it.
 *
 * Order matters: helper threads are configured between JS_Init() and JS_NewContext(); the job queue must be
 * there before any JS runs; the cache's key function before the self-hosted code is read.
 */
#include "runner/engine/internal.h"

#include <errno.h>
#include <new>
#include <time.h>

#ifdef HAVE_SANITIZERS
/* What the collector's heap points at looks lost to the leak checker. A failed allocation must fail, as it
 * does elsewhere, and frames must lie on the stack for its limit to be found. */
extern "C" const char *__asan_default_options(void);
extern "C" const char *__asan_default_options(void)
{
        return "detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_return=0";
}
#endif

const char *eng_version(void)
{
        return JS_GetImplementationVersion();
}

static bool enter_realm(eng *e)
{
        JS::RealmOptions options;
        options.creationOptions().setToSourceEnabled(true); /* as for all of Gecko's own code */
        compat::realm_features(options, false);
        JSObject *global = global_new(e->cx, options);
        if (!global)
                return false;
        e->roots().global = global;
        JS::EnterRealm(e->cx, global);
        return random_init();
}

static bool start(eng *e)
{
        helpers_init();
        e->cx = JS_NewContext(JS::DefaultHeapMaxBytes);
        if (!e->cx)
                return false;
        JS_SetContextPrivate(e->cx, e);
        JS_SetOffthreadIonCompilationEnabled(e->cx, false); /* single-threaded at full speed */
        e->rooted = new (std::nothrow) JS::PersistentRooted<Roots>(e->cx);
        if (!e->rooted || !jobs_init(e))
                return false;
        memory_init(e);
        errors_init(e);
        interrupts_init(e);
        modules_init(e);
        JS::SelfHostedCache cache = cache_open(e);
        return JS::InitSelfHostedCode(e->cx, cache, e->cache_used ? cache_refused : nullptr) &&
               enter_realm(e);
}

eng *eng_new(const struct eng_hooks *hooks)
{
        errno = 0;
        if (JS_IsInitialized()) {
                errno = EBUSY; /* one engine a process */
                return nullptr;
        }
        eng *e = new (std::nothrow) eng;
        if (e) {
                e->hooks = *hooks;
                if (hooks->no_jit)
                        JS::DisableJitBackend();
                if (JS_Init() && start(e))
                        return e;
        }
        if (errno == 0)
                errno = ENOMEM;
        return nullptr; /* what was started cannot be taken back: the process is to end */
}

void eng_before_fork(eng *e)
{
        e->roots().caught = JS::UndefinedValue();
        e->roots().caught_stack = nullptr;
        if (JS::IsIncrementalGCInProgress(e->cx))
                JS::FinishIncrementalGC(e->cx, JS::GCReason::API);
        eng_collect(e, true);
        helpers_finish_owed();
}

bool eng_after_fork(eng *e)
{
        tzset();
        JS::ResetTimeZone();
        JS_SetNativeStackQuota(e->cx, memory_stack_quota(e->hooks.stack_quota));
        e->gc_count = e->gc_time_us = e->heap_peak = 0;
        bool ok = random_restart();
        helpers_release();
        return ok;
}
