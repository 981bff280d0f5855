/* SPDX-License-Identifier: MPL-2.0 */
/*
 * jobs.cc - promises, the job queue, and what a checkpoint does.
 *
 *   what helper threads finished -- jobs until none is left -- kept objects let go -- finalization jobs
 *   -- unhandled rejections -- again, if any of these made new jobs -- memory looked at
 *
 * The engine's own queue would go on with the next job after a termination; this one stops and keeps the
 * rest for after eng_resume().
 */
#include "runner/engine/internal.h"

#include <new>
#include <pthread.h>

class JobQueue final : public compat::Queue
{
public:
        eng *e;
        bool running = false;
        explicit JobQueue(eng *engine) : e(engine)
        {
        }

        bool stopped() const override
        {
                return e->terminating;
        }
        bool enqueuePromiseJob(JSContext *, JS::HandleObject, JS::HandleObject job, JS::HandleObject,
                               JS::HandleObject) override
        {
                return job_push(e, job);
        }
        bool empty() const override
        {
                return e->roots().jobs_head >= e->roots().jobs.length();
        }
        void runJobs(JSContext *) override
        {
                eng_run_jobs(e);
        }

protected:
        /* For a debugger, whose own jobs run while those of the debuggee are held back. */
        struct Saved final : SavedJobQueue {
                JobQueue *queue;
                JS::PersistentRooted<JS::StackGCVector<JSObject *>> jobs;
                bool running;
                explicit Saved(JSContext *cx) : jobs(cx, JS::StackGCVector<JSObject *>(cx))
                {
                }
                ~Saved() override
                {
                        Roots &roots = queue->e->roots();
                        roots.jobs.clear();
                        roots.jobs_head = 0;
                        for (JSObject *job : jobs.get())
                                if (!roots.jobs.append(job))
                                        break;
                        queue->running = running;
                }
        };
        js::UniquePtr<SavedJobQueue> saveJobQueue(JSContext *cx) override
        {
                auto saved = js::MakeUnique<Saved>(cx);
                Roots &roots = e->roots();
                if (!saved)
                        return nullptr;
                for (size_t i = roots.jobs_head; i < roots.jobs.length(); i++)
                        if (!saved->jobs.get().append(roots.jobs[i]))
                                return nullptr;
                saved->queue = this;
                saved->running = running;
                roots.jobs.clear();
                roots.jobs_head = 0;
                running = false;
                return saved;
        }
};

/* ---- what helper threads finished ---- */

static pthread_mutex_t finished_lock = PTHREAD_MUTEX_INITIALIZER;
static Vec<compat::Finished> finished;

static void wake(eng *e)
{
        e->wake_pending = true;
        if (e->hooks.wake)
                e->hooks.wake(e->hooks.data);
}

static bool finished_post(void *data, compat::FinishedArg f)
{
        pthread_mutex_lock(&finished_lock);
        bool ok = finished.append(std::move(f));
        pthread_mutex_unlock(&finished_lock);
        wake(static_cast<eng *>(data));
        return ok;
}

static void finished_run(eng *e)
{
        Vec<compat::Finished> mine;
        pthread_mutex_lock(&finished_lock);
        std::swap(mine, finished);
        pthread_mutex_unlock(&finished_lock);
        for (compat::Finished &f : mine)
                compat::finished_run(e->cx, f);
}

bool eng_wake_pending(eng *e)
{
        return e->wake_pending;
}

/* ---- jobs ---- */

bool job_push(eng *e, JSObject *job)
{
        JS::JobQueueMayNotBeEmpty(e->cx);
        if (!e->roots().jobs.append(job)) {
                JS_ReportOutOfMemory(e->cx);
                return false;
        }
        return true;
}

bool eng_enqueue(eng *e, eng_val fn)
{
        if (!fn || !may_run(e))
                return false;
        if (!value_of(fn).isObject() || !JS::IsCallable(&value_of(fn).toObject())) {
                eng_throw(e, ENG_E_TYPE, "value is not a function");
                return false;
        }
        return job_push(e, &value_of(fn).toObject());
}

static void report_job_error(eng *e)
{
        eng_scope scope;
        eng_scope_open(e, &scope);
        eng_val exception = eng_catch(e);
        if (exception && e->hooks.job_error)
                e->hooks.job_error(e->hooks.data, e, exception);
        eng_scope_close(e, &scope, nullptr);
}

/* Call @job; false: terminated. */
static bool job_run(eng *e, JS::HandleValue job)
{
        JS::RootedValue ignored(e->cx);
        if (!JS::Call(e->cx, JS::UndefinedHandleValue, job, JS::HandleValueArray::empty(), &ignored)) {
                note_failure(e);
                if (!e->terminating)
                        report_job_error(e);
        }
        return !e->terminating;
}

static bool jobs_drain(eng *e)
{
        Roots &roots = e->roots();
        JS::RootedValue job(e->cx);
        while (roots.jobs_head < roots.jobs.length()) {
                job.setObject(*roots.jobs[roots.jobs_head++]);
                if (roots.jobs_head == roots.jobs.length())
                        JS::JobQueueIsEmpty(e->cx); /* lets await go on without a turn of the queue */
                if (roots.jobs_head > 4096 && roots.jobs_head > roots.jobs.length() / 2) {
                        roots.jobs.erase(roots.jobs.begin(), roots.jobs.begin() + roots.jobs_head);
                        roots.jobs_head = 0;
                }
                if (!job_run(e, job))
                        return false;
        }
        roots.jobs.clear();
        roots.jobs_head = 0;
        return true;
}

/* ---- finalization registries ---- */

static void cleanup_wanted(JSFunction *job, JSObject *, void *data)
{
        auto *e = static_cast<eng *>(data);
        /* In a collection, so out of memory cannot be reported; the callbacks of this registry are lost,
         * which the language allows. */
        if (e->roots().cleanups.append(JS_GetFunctionObject(job)))
                wake(e);
}

static bool cleanups_run(eng *e)
{
        Roots &roots = e->roots();
        JS::RootedValue job(e->cx);
        while (!roots.cleanups.empty()) {
                job.setObject(*roots.cleanups[0]);
                roots.cleanups.erase(roots.cleanups.begin());
                if (!job_run(e, job))
                        return false;
        }
        return true;
}

/* ---- unhandled rejections ---- */

/* Handled ones are not looked for, but left out when reporting; and dropped whenever the list doubled. */
static void rejection_noted(JSContext *cx, bool, JS::HandleObject promise,
                            JS::PromiseRejectionHandlingState state, void *data)
{
        auto *e = static_cast<eng *>(data);
        Vec<JSObject *> &rejected = e->roots().rejected;
        static size_t compact_at = 1024;
        if (state == JS::PromiseRejectionHandlingState::Handled)
                return;
        if (rejected.length() >= compact_at) {
                JS::RootedObject one(cx);
                size_t kept = 0;
                for (size_t i = 0; i < rejected.length(); i++) {
                        one = rejected[i];
                        if (!JS::GetPromiseIsHandled(one))
                                rejected[kept++] = one;
                }
                rejected.shrinkTo(kept);
                compact_at = kept * 2 > 1024 ? kept * 2 : 1024;
        }
        (void)rejected.append(promise); /* without memory it goes unreported */
}

static void report_rejection(eng *e, JS::HandleObject promise)
{
        eng_scope scope;
        eng_scope_open(e, &scope);
        eng_val p = handle_new(e, promise.get());
        eng_val reason = p ? handle_new(e, JS::GetPromiseResult(promise)) : nullptr;
        if (reason && e->hooks.unhandled_rejection)
                e->hooks.unhandled_rejection(e->hooks.data, e, p, reason);
        eng_scope_close(e, &scope, nullptr);
}

static bool rejections_report(eng *e)
{
        Vec<JSObject *> &rejected = e->roots().rejected;
        JS::RootedObjectVector batch(e->cx); /* the hook may add more: they get their own checkpoint first */
        JS::RootedObject promise(e->cx);
        if (!batch.append(rejected.begin(), rejected.length())) {
                JS_ReportOutOfMemory(e->cx);
                report_job_error(e);
        }
        rejected.clear();
        for (size_t i = 0; i < batch.length(); i++) {
                promise = batch[i];
                if (e->terminating)
                        (void)rejected.append(promise); /* for after eng_resume() */
                else if (!JS::GetPromiseIsHandled(promise))
                        report_rejection(e, promise);
                if (JS_IsExceptionPending(e->cx))
                        report_job_error(e);
        }
        return !e->terminating;
}

bool eng_run_jobs_nested(eng *e)
{
        bool running = e->queue->running;

        e->queue->running = false;
        bool ok = eng_run_jobs(e);
        e->queue->running = running;
        return ok;
}

bool eng_run_jobs(eng *e)
{
        if (e->terminating)
                return false;
        if (e->queue->running)
                return true; /* a job called this; the loop around it goes on */
        e->queue->running = true;
        if (JS_IsExceptionPending(e->cx))
                report_job_error(e); /* left over by the caller */
        bool ok, more;
        do {
                e->wake_pending = false;
                finished_run(e);
                ok = jobs_drain(e);
                JS::ClearKeptObjects(e->cx);
                ok = ok && cleanups_run(e) && rejections_report(e);
                more = !e->queue->empty() || !e->roots().rejected.empty();
        } while (ok && more);
        e->queue->running = false;
        memory_check(e);
        return ok;
}

bool jobs_init(eng *e)
{
        e->queue = new (std::nothrow) JobQueue(e);
        if (!e->queue)
                return false;
        JS::SetJobQueue(e->cx, e->queue);
        JS::SetPromiseRejectionTrackerCallback(e->cx, rejection_noted, e);
        JS::SetHostCleanupFinalizationRegistryCallback(e->cx, cleanup_wanted, e);
        compat::finished_init(e->cx, finished_post, e);
        return true;
}
