/* SPDX-License-Identifier: MPL-2.0 */
/*
 * compat.h - SpiderMonkey's headers, and every difference between its versions 102, 115, 128 and 140.
 * No other file compares version numbers. Longer than 120 lines, to be the one place for it.
 */
#ifndef RUNNER_ENGINE_COMPAT_H
#define RUNNER_ENGINE_COMPAT_H

#include <js-config.h>

#include <js/Array.h>
#include <js/ArrayBuffer.h>
#include <js/BuildId.h>
#include <js/CallAndConstruct.h>
#include <js/CharacterEncoding.h>
#include <js/CompilationAndEvaluation.h>
#include <js/CompileOptions.h>
#include <js/ContextOptions.h>
#include <js/Conversions.h>
#include <js/Date.h>
#include <js/Equality.h>
#include <js/ErrorReport.h>
#include <js/Exception.h>
#include <js/experimental/JSStencil.h>
#include <js/experimental/TypedData.h>
#include <js/friend/DumpFunctions.h>
#include <js/friend/ErrorMessages.h>
#include <js/GCAPI.h>
#include <js/GlobalObject.h>
#include <js/HelperThreadAPI.h>
#include <js/Initialization.h>
#include <js/Interrupt.h>
#include <js/JSON.h>
#include <js/Modules.h>
#include <js/Object.h>
#include <js/Promise.h>
#include <js/PropertyAndElement.h>
#include <js/Realm.h>
#include <js/SavedFrameAPI.h>
#include <js/ScriptPrivate.h>
#include <js/SourceText.h>
#include <js/Stack.h>
#include <js/StructuredClone.h>
#include <js/Symbol.h>
#include <js/Transcoding.h>
#include <js/Vector.h>
#include <js/Warnings.h>
#include <jsapi.h>
#include <jsfriendapi.h>

#define SM MOZJS_MAJOR_VERSION

/* Roots are chained through the context by the addresses of local variables: that is how they work. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#pragma GCC diagnostic ignored "-Wdangling-pointer"
#endif

/* Whether the engine's structured clone knows Error objects by itself. */
#define COMPAT_CLONES_ERRORS (SM >= 115)

namespace compat
{

inline bool module_link(JSContext *cx, JS::HandleObject module)
{
#if SM < 115
        return JS::ModuleInstantiate(cx, module);
#else
        return JS::ModuleLink(cx, module);
#endif
}

/* The @index'th module that @module asks for, and where, from 1. false: there are not so many. */
inline bool module_request(JSContext *cx, JS::HandleObject module, uint32_t index,
                           JS::MutableHandleString specifier, uint32_t *line, uint32_t *column)
{
#if SM < 115
        JS::RootedObject requests(cx, JS::GetRequestedModules(cx, module));
        JS::RootedValue request(cx);
        uint32_t count = 0;
        if (!requests || !JS::GetArrayLength(cx, requests, &count) || index >= count ||
            !JS_GetElement(cx, requests, index, &request))
                return false;
        specifier.set(JS::GetRequestedModuleSpecifier(cx, request));
        JS::GetRequestedModuleSourcePos(cx, request, line, column);
        ++*column;
#else
        if (index >= JS::GetRequestedModulesCount(cx, module))
                return false;
        specifier.set(JS::GetRequestedModuleSpecifier(cx, module, index));
#if SM < 128
        JS::GetRequestedModuleSourcePos(cx, module, index, line, column);
        ++*column;
#else
        JS::ColumnNumberOneOrigin from_one;
        JS::GetRequestedModuleSourcePos(cx, module, index, line, &from_one);
        *column = from_one.oneOriginValue();
#endif
#endif
        return true;
}

inline const char *report_filename(const JSErrorBase *report)
{
#if SM < 128
        return report->filename;
#else
        return report->filename.c_str();
#endif
}

/* From 1; 0 is unknown. The old versions count the columns of compile errors, which are those that
 * carry a line of source, from 0. */
inline unsigned report_column(const JSErrorReport *report)
{
#if SM < 128
        return report->column + (report->linebuf() ? 1 : 0);
#else
        return report->column.oneOriginValue();
#endif
}

inline unsigned frame_column(JSContext *cx, JS::HandleObject frame)
{
#if SM < 128
        uint32_t column = 0;
        auto result = JS::GetSavedFrameColumn(cx, nullptr, frame, &column, JS::SavedFrameSelfHosted::Exclude);
        return result == JS::SavedFrameResult::Ok ? column : 0;
#else
        JS::TaggedColumnNumberOneOrigin column;
        auto result = JS::GetSavedFrameColumn(cx, nullptr, frame, &column, JS::SavedFrameSelfHosted::Exclude);
        return result == JS::SavedFrameResult::Ok ? column.oneOriginValue() : 0;
#endif
}

/* What this version has but leaves off unless asked. Helpers of iterators are of a draft in the old versions; where the
 * library supplies them itself (runner/language.c), they stay off. */
inline void realm_features(JS::RealmOptions &options, bool drafts)
{
#if SM < 128
        options.creationOptions()
                .setWeakRefsEnabled(JS::WeakRefSpecifier::EnabledWithoutCleanupSome)
                .setIteratorHelpersEnabled(drafts);
#else
        (void)drafts;
#endif
        options.creationOptions().setSharedMemoryAndAtomicsEnabled(true);
}

/* An ArrayBuffer over @contents, which it owns once it exists. */
inline JSObject *new_array_buffer(JSContext *cx, size_t size, void *contents)
{
#if SM < 128
        return JS::NewArrayBufferWithContents(cx, size, contents);
#else
        return JS::NewArrayBufferWithContents(cx, size, contents,
                                              JS::NewArrayBufferOutOfMemory::CallerMustFreeMemory);
#endif
}

/* To be called where a native returns false without an exception. */
inline void mark_uncatchable(JSContext *cx)
{
#if SM >= 140
        JS::ReportUncatchableException(cx);
#else
        (void)cx;
#endif
}

/* ---- work for helper threads: a count in the old versions, tasks in the new ones ---- */

#if SM < 128
struct Task {
};
inline void task_run(Task)
{
        JS::RunHelperThreadTask();
}
template <void (*add)(Task)>
JS::HelperThreadTaskCallback task_callback()
{
        return [](JS::DispatchReason) { add(Task()); };
}
#else
struct Task {
        JS::HelperThreadTask *task;
};
inline void task_run(Task t)
{
        JS::RunHelperThreadTask(t.task);
}
template <void (*add)(Task)>
JS::HelperThreadTaskCallback task_callback()
{
        return [](JS::HelperThreadTask *task) { add(Task{ task }); };
}
#endif

/* ---- what the job queue must answer ---- */

class Queue : public JS::JobQueue
{
public:
        virtual bool stopped() const = 0;
#if SM < 140
        JSObject *getIncumbentGlobal(JSContext *cx) final
        {
                return JS::CurrentGlobalOrNull(cx);
        }
#else
        bool getHostDefinedData(JSContext *cx, JS::MutableHandle<JSObject *> data) const final
        {
                data.set(JS::CurrentGlobalOrNull(cx));
                return true;
        }
#endif
#if SM >= 128
        bool isDrainingStopped() const final
        {
                return stopped();
        }
#endif
};

/* ---- work that helper threads finished, for the engine's own thread ---- */

#if SM < 140
using Finished = JS::Dispatchable *;
using FinishedArg = Finished;
inline void finished_run(JSContext *cx, Finished &f)
{
        f->run(cx, JS::Dispatchable::NotShuttingDown);
}
inline void finished_init(JSContext *cx, bool (*post)(void *, Finished), void *data)
{
        JS::InitDispatchToEventLoop(cx, post, data);
}
#else
using Finished = js::UniquePtr<JS::Dispatchable>;
using FinishedArg = Finished &&;
inline void finished_run(JSContext *cx, Finished &f)
{
        JS::Dispatchable::Run(cx, std::move(f), JS::Dispatchable::NotShuttingDown);
}
inline bool finished_delay(void *, Finished &&, uint32_t)
{
        return false;
} /* Atomics.waitAsync: no */
inline void finished_init(JSContext *cx, bool (*post)(void *, Finished &&), void *data)
{
        JS::InitDispatchsToEventLoop(cx, post, finished_delay, data);
}
#endif

} /* namespace compat */

#endif
