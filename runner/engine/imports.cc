/* SPDX-License-Identifier: MPL-2.0 */
/*
 * imports.cc - importing modules: synchronously for C, and what import() does.
 *
 *   load the root -- link (loads all the others) -- evaluate -- namespace
 *
 * Every import has an ImportRecord on a stack, because evaluation may import again. A module that is
 * imported while it is being evaluated gives its namespace as far as it is filled, as a cycle of static
 * imports does. The engine has no word for this: it reports a bad status, which only means that where the
 * module had been linked before.
 */
#include "runner/engine/internal.h"

#include <stdlib.h>
#include <string.h>
#include <utility>

ImportRecord::ImportRecord(eng *engine) : e(engine), outer(engine->import)
{
        e->import = this;
}

ImportRecord::~ImportRecord()
{
        e->import = outer;
        free(absent);
}

/* @url NULL: it has none, the specifier did not resolve. */
void ImportRecord::fail(const char *url, enum eng_import_outcome why)
{
        if (outcome != ENG_IMPORT_OK || evaluating)
                return;
        bool own = root ? url && strcmp(url, root) == 0 : true;
        outcome = why == ENG_IMPORT_NOT_FOUND && !own ? ENG_IMPORT_DEP_NOT_FOUND : why;
}

const char *eng_import_outcome_name(enum eng_import_outcome outcome)
{
        switch (outcome) {
        case ENG_IMPORT_OK:
                return "imported";
        case ENG_IMPORT_NOT_FOUND:
                return "not found";
        case ENG_IMPORT_DEP_NOT_FOUND:
                return "dependency not found";
        case ENG_IMPORT_UNREADABLE:
                return "cannot be read";
        case ENG_IMPORT_SYNTAX:
                return "syntax error";
        case ENG_IMPORT_LINK:
                return "missing export";
        case ENG_IMPORT_THREW:
                return "threw while it was evaluated";
        case ENG_IMPORT_TLA:
                return "uses top-level await";
        case ENG_IMPORT_TERMINATED:
                return "terminated";
        }
        return "unknown";
}

static bool bad_status_pending(eng *e)
{
        JS::RootedValue v(e->cx);
        if (!JS_IsExceptionPending(e->cx) || !JS_GetPendingException(e->cx, &v) || !v.isObject())
                return false;
        JS::RootedObject object(e->cx, &v.toObject());
        JSErrorReport *report = JS_ErrorFromException(e->cx, object);
        return report && report->errorNumber == JSMSG_BAD_MODULE_STATUS;
}

static bool evaluation_running(const eng *e)
{
        for (const ImportRecord *r = e->import; r; r = r->outer)
                if (r->evaluating)
                        return true;
        return false;
}

enum Step { STEP_DONE, STEP_IN_CYCLE, STEP_FAILED };

/* Link @module, called @url. STEP_IN_CYCLE: it is being evaluated right now. */
static enum Step link_module(eng *e, const char *url, JS::HandleObject module)
{
        Module *known = module_find(e, url);
        bool linked_before = known && known->linked;
        if (known && known->killed) {
                e->import->outcome = ENG_IMPORT_THREW;
                eng_throw(e, ENG_E_ERROR, "%s: its evaluation was terminated", url);
                return STEP_FAILED;
        }
        if (compat::module_link(e->cx, module)) {
                modules_settle(e, true);
                return STEP_DONE;
        }
        if (bad_status_pending(e)) {
                JS_ClearPendingException(e->cx);
                if (linked_before && evaluation_running(e))
                        return STEP_IN_CYCLE;
                e->import->outcome = ENG_IMPORT_THREW;
                eng_throw(e, ENG_E_ERROR, "%s depends on a module whose evaluation %s", url,
                          evaluation_running(e) ? "has not ended" : "was terminated");
        }
        modules_settle(e, false);
        return STEP_FAILED;
}

void eng_before_evaluation(eng *e, void (*call)(void *data), void *data)
{
        e->before_evaluation = call;
        e->before_evaluation_data = data;
}

/* Evaluate a linked module; *ret is its promise. */
static enum Step evaluate_module(eng *e, const char *url, JS::HandleObject module,
                                 JS::MutableHandleObject ret)
{
        JS::RootedValue result(e->cx);
        if (e->before_evaluation)
                std::exchange(e->before_evaluation, nullptr)(e->before_evaluation_data);
        e->import->evaluating = true;
        bool ok = JS::ModuleEvaluate(e->cx, module, &result);
        e->import->evaluating = false;
        if (!ok && bad_status_pending(e) && evaluation_running(e)) {
                JS_ClearPendingException(e->cx);
                return STEP_IN_CYCLE;
        }
        if (!ok)
                note_failure(e);
        if (e->terminating) {
                Module *known = module_find(e, url);
                if (known)
                        known->killed = true;
        }
        if (!ok)
                return STEP_FAILED;
        ret.set(result.isObject() ? &result.toObject() : nullptr);
        return STEP_DONE;
}

/* Wait for nothing: an evaluation that has not ended by now awaits something. */
static enum eng_import_outcome check_evaluated(eng *e, const char *url, JS::HandleObject promise)
{
        if (!promise)
                return ENG_IMPORT_OK;
        if (JS::GetPromiseState(promise) == JS::PromiseState::Pending) {
                if (JS::SetAnyPromiseIsHandled(e->cx, promise))
                        eng_throw(e, ENG_E_ERROR, "%s: a module with top-level await cannot be imported here",
                                  url);
                return ENG_IMPORT_TLA;
        }
        if (!JS::ThrowOnModuleEvaluationFailure(e->cx, promise, JS::ThrowModuleErrorsSync))
                return ENG_IMPORT_THREW;
        return ENG_IMPORT_OK;
}

static enum eng_import_outcome import_url(eng *e, const char *url, const char *referrer,
                                          JS::MutableHandleObject ret_module)
{
        ImportRecord *record = e->import;
        JS::RootedObject module(e->cx), promise(e->cx);
        module = module_load(e, url, referrer);
        if (!module)
                return record->outcome != ENG_IMPORT_OK ? record->outcome : ENG_IMPORT_THREW;
        ret_module.set(module);
        enum Step step = link_module(e, url, module);
        if (step == STEP_FAILED)
                return record->outcome != ENG_IMPORT_OK ? record->outcome : ENG_IMPORT_LINK;
        if (step == STEP_DONE)
                step = evaluate_module(e, url, module, &promise);
        if (step == STEP_FAILED)
                return ENG_IMPORT_THREW;
        return step == STEP_IN_CYCLE ? ENG_IMPORT_OK : check_evaluated(e, url, promise);
}

enum eng_import_outcome eng_import(eng *e, const char *specifier, const char *referrer,
                                   eng_val *ret_namespace)
{
        if (e->terminating)
                return ENG_IMPORT_TERMINATED;
        if (!may_run(e))
                return ENG_IMPORT_THREW;
        ImportRecord record(e);
        JS::RootedObject module(e->cx);
        char *url = module_url(e, specifier, referrer);
        record.root = url;
        enum eng_import_outcome outcome = url ? import_url(e, url, referrer, &module) : ENG_IMPORT_NOT_FOUND;
        free(url);
        record.root = nullptr;
        if (outcome == ENG_IMPORT_OK && !e->terminating) {
                JS::RootedObject ns(e->cx, JS::GetModuleNamespace(e->cx, module));
                eng_val v = ns ? handle_new(e, ns.get()) : nullptr;
                if (v)
                        *ret_namespace = v;
                else
                        outcome = ENG_IMPORT_THREW;
        }
        if (outcome != ENG_IMPORT_OK)
                note_failure(e);
        return e->terminating ? ENG_IMPORT_TERMINATED : outcome;
}

/* ---- import() ---- */

enum { DYNAMIC_REFERRER, DYNAMIC_REQUEST, DYNAMIC_PROMISE, DYNAMIC_COUNT };

/* That something is not there is said in Gecko's words; what we have to say of it is the error's cause. Always NULL. */
static JSObject *dynamic_absent(eng *e, const char *url)
{
        JS::RootedValue cause(e->cx), error(e->cx);
        if (!url || !JS_IsExceptionPending(e->cx) || !JS_GetPendingException(e->cx, &cause))
                return nullptr;
        eng_throw(e, ENG_E_TYPE, "error loading dynamically imported module: %s", url);
        if (!JS_GetPendingException(e->cx, &error) || !error.isObject())
                return nullptr;
        JS::RootedObject object(e->cx, &error.toObject());
        JS_ClearPendingException(e->cx);
        if (JS_DefineProperty(e->cx, object, "cause", cause, 0))
                JS_SetPendingException(e->cx, error);
        return nullptr;
}

/* The promise of the module's evaluation. NULL: an exception is pending, or it was terminated. */
static JSObject *dynamic_evaluate(eng *e, JS::HandleValue referrer, JS::HandleObject request)
{
        ImportRecord record(e);
        JS::RootedObject module(e->cx, module_resolve(e->cx, referrer, request)), promise(e->cx);
        if (!module)
                return dynamic_absent(e, record.absent);
        JS::RootedValue own(e->cx, JS::GetModulePrivate(module));
        JS::UniqueChars url = module_private_url(e->cx, own);
        if (!url)
                return nullptr;
        enum Step step = link_module(e, url.get(), module);
        if (step == STEP_DONE)
                step = evaluate_module(e, url.get(), module, &promise);
        if (step == STEP_FAILED)
                return dynamic_absent(e, record.absent);
        if (step == STEP_IN_CYCLE || !promise)
                return JS::CallOriginalPromiseResolve(e->cx, JS::UndefinedHandleValue);
        return promise;
}

/* The job that import() becomes: loading is never part of the script that asks for it. */
static bool dynamic_job(JSContext *cx, unsigned argc, JS::Value *vp)
{
        JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
        eng *e = engine_of(cx);
        JS::RootedObject request_array(cx, &js::GetFunctionNativeReserved(&args.callee(), 0).toObject());
        JS::RootedValue referrer(cx), request(cx), promise(cx);
        if (!JS_GetElement(cx, request_array, DYNAMIC_REFERRER, &referrer) ||
            !JS_GetElement(cx, request_array, DYNAMIC_REQUEST, &request) ||
            !JS_GetElement(cx, request_array, DYNAMIC_PROMISE, &promise))
                return false;
        JS::RootedObject request_object(cx, &request.toObject()), promise_object(cx, &promise.toObject());
        JS::RootedObject evaluation(cx, dynamic_evaluate(e, referrer, request_object));
        if (!evaluation && !JS_IsExceptionPending(cx)) {
                note_failure(e);
                compat::mark_uncatchable(cx);
                return false;
        }
        args.rval().setUndefined();
        return JS::FinishDynamicModuleImport(cx, evaluation, referrer, request_object, promise_object);
}

bool import_dynamic(JSContext *cx, JS::HandleValue referrer, JS::HandleObject request,
                    JS::HandleObject promise)
{
        eng *e = engine_of(cx);
        if (JS::CurrentGlobalOrNull(cx) != e->roots().global) {
                JS_ReportErrorASCII(cx, "import() is not possible in a sandbox");
                return false;
        }
        JS::RootedValueVector parts(cx);
        if (!parts.resize(DYNAMIC_COUNT)) {
                JS_ReportOutOfMemory(cx);
                return false;
        }
        parts[DYNAMIC_REFERRER].set(referrer);
        parts[DYNAMIC_REQUEST].setObject(*request);
        parts[DYNAMIC_PROMISE].setObject(*promise);
        JS::RootedObject array(cx, JS::NewArrayObject(cx, parts));
        JSFunction *job = array ? js::NewFunctionWithReserved(cx, dynamic_job, 0, 0, "import") : nullptr;
        if (!job)
                return false;
        js::SetFunctionNativeReserved(JS_GetFunctionObject(job), 0, JS::ObjectValue(*array));
        return job_push(e, JS_GetFunctionObject(job));
}
