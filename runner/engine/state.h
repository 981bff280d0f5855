/* SPDX-License-Identifier: MPL-2.0 */
/*
 * state.h - what the engine layer keeps.
 *
 * All that the collector must know hangs off one Roots object, which is traced by minor and major
 * collections alike (a black root tracer would miss the minor ones). A value in C is the address of a
 * slot in Roots::slots; slots live in chunks that never move and are never freed, so that only the fill
 * level has to be restored when a scope closes.
 */
#ifndef RUNNER_ENGINE_STATE_H
#define RUNNER_ENGINE_STATE_H

#include <atomic>

#include "runner/engine.h"
#include "runner/engine/compat.h"

template <typename T>
using Vec = js::Vector<T, 0, js::SystemAllocPolicy>;

struct Slots {
        static constexpr size_t CHUNK = 512;
        Vec<JS::Value *> chunks;
        size_t top = 0;
        size_t capacity = 0;
};

/* A compiled module. @linked: it was part of a successful link, so its code may have run. */
struct Module {
        char *url;
        size_t url_size;
        JSObject *object;
        bool linked;
        bool killed; /* its evaluation was terminated */
};

struct Roots {
        Slots slots;
        Vec<Module> modules;
        Vec<JSObject *> jobs;
        size_t jobs_head = 0;
        Vec<JSObject *> rejected; /* promises, in order of rejection */
        Vec<JSObject *> cleanups; /* of FinalizationRegistry */
        JSObject *global = nullptr;
        JS::Value caught = JS::UndefinedValue(); /* what eng_catch() took last, and where it was thrown */
        JSObject *caught_stack = nullptr;
        void trace(JSTracer *trc);
};

/* One import on the way. The loader's hooks write down what went wrong, because the exceptions that the
 * engine makes of it cannot be told apart. */
struct ImportRecord {
        eng *e;
        ImportRecord *outer;
        const char *root = nullptr; /* canonical URL of the module asked for */
        enum eng_import_outcome outcome = ENG_IMPORT_OK;
        bool evaluating = false;
        char *absent = nullptr; /* URL that nothing is at, the first of them */
        explicit ImportRecord(eng *engine);
        ~ImportRecord();
        void fail(const char *url, enum eng_import_outcome why);
};

class JobQueue;
struct CacheFile;

struct eng {
        JSContext *cx = nullptr;
        struct eng_hooks hooks = {};
        JS::PersistentRooted<Roots> *rooted = nullptr;
        Vec<void *> memory; /* what scopes free */
        JobQueue *queue = nullptr;
        ImportRecord *import = nullptr;
        void (*before_evaluation)(void *data) = nullptr; /* once; see eng_before_evaluation() */
        void *before_evaluation_data = nullptr;
        const char *requested = nullptr; /* the specifier that is being resolved; NULL: none */
        const struct eng_globals *globals = nullptr;
        Vec<const char *> lazy; /* its names; NULL once made */
        CacheFile *cache = nullptr;
        bool cache_used = false; /* the self-hosted code came from it */
        bool terminating = false;
        bool bytes_ready = false;         /* see values.cc */
        std::atomic<bool> asked{ false }; /* eng_interrupt() waits to be served, for reason @why */
        std::atomic<int> why{ 0 };
        std::atomic<bool> over_limit{ false };
        std::atomic<bool> wake_pending{ false };
        size_t soft_limit = 0;
        size_t heap_peak = 0; /* collected and malloc'd memory at its largest, as far as seen */
        uint64_t gc_count = 0, gc_time_us = 0, gc_started_us = 0;

        Roots &roots()
        {
                return rooted->get();
        }
};

struct eng_ref {
        JS::PersistentRooted<JS::Value> value;
};

#endif
