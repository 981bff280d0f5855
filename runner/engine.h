/* SPDX-License-Identifier: MPL-2.0 */
/*
 * engine.h - the only way C code talks to the JavaScript engine. Longer than 120 lines, because the whole
 * engine is behind it.
 *
 * Values.   An eng_val is a handle: the address of a slot that the collector knows and updates. It is
 *           good until the scope it was made in closes; a native function runs in a scope of its own.
 *           To keep a value longer, make an eng_ref.
 * Failure.  A function that yields a value returns NULL, the others false, when an exception is
 *           pending. Pass it on by returning NULL, or take it with eng_catch(). A NULL value given as
 *           an argument makes the call fail the same way, so that calls can be nested and checked once.
 *           While eng_terminating(), nothing is pending and every call fails until eng_resume().
 * Memory.   Strings and bytes handed out belong to the innermost open scope.
 * Threads.  Everything is for the engine's own thread, except eng_interrupt() and eng_wake_pending().
 * Process.  One engine a process, made once, never destroyed: a process leaves with _exit().
 */
#ifndef RUNNER_ENGINE_H
#define RUNNER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct eng eng;
typedef const uint64_t *eng_val;
typedef struct eng_ref eng_ref;
typedef struct eng_args eng_args;
typedef struct {
        uintptr_t mark[2];
} eng_scope;

/* A function implemented in C. @data is what eng_function() was given. */
typedef eng_val (*eng_native)(eng *e, eng_args *args, void *data);

/* A kind of object that carries a C pointer. @finalize (may be NULL) runs during collection, on the
 * engine's thread, and must not call back into the engine. */
struct eng_class {
        const char *name;
        void (*finalize)(void *pointer);
};

enum eng_type {
        ENG_UNDEFINED,
        ENG_NULL,
        ENG_BOOLEAN,
        ENG_NUMBER,
        ENG_STRING,
        ENG_SYMBOL,
        ENG_BIGINT,
        ENG_OBJECT,
        ENG_FUNCTION,
        ENG_ARRAY,
        ENG_BYTES, /* ArrayBuffer, or a view of one */
        ENG_PROMISE,
        ENG_ERROR, /* an Error of any realm */
};

enum eng_error_type {
        ENG_E_ERROR,
        ENG_E_TYPE,
        ENG_E_RANGE,
        ENG_E_SYNTAX,
        ENG_E_INTERNAL,
};

/* What became of an import. All but ENG_IMPORT_OK and ENG_IMPORT_TERMINATED leave an exception pending. */
enum eng_import_outcome {
        ENG_IMPORT_OK,
        ENG_IMPORT_NOT_FOUND,     /* the module itself does not exist */
        ENG_IMPORT_DEP_NOT_FOUND, /* a module that it imports, directly or not, does not exist */
        ENG_IMPORT_UNREADABLE, /* exists (it or a dependency), cannot be read: permission, size, I/O, UTF-8 */
        ENG_IMPORT_SYNTAX,     /* it or a dependency does not compile */
        ENG_IMPORT_LINK,       /* an imported name does not exist in the module it is imported from */
        ENG_IMPORT_THREW,      /* evaluation threw */
        ENG_IMPORT_TLA,        /* top-level await: cannot be imported synchronously */
        ENG_IMPORT_TERMINATED, /* interrupted */
};

enum eng_promise_state {
        ENG_PENDING,
        ENG_FULFILLED,
        ENG_REJECTED,
};

/* Attributes for eng_define(). 0 is what a JS class gives its methods: writable, configurable, hidden. */
enum eng_attr {
        ENG_ENUMERABLE = 1 << 0,
        ENG_READONLY = 1 << 1,
        ENG_PERMANENT = 1 << 2,
};

/* An exception in words. Strings belong to the innermost scope; those that are unknown are NULL. Lines
 * and columns count from 1; 0 is unknown. Differences between engine versions are evened out here. */
struct eng_error {
        const char *message; /* "TypeError: x is not a function", or the thrown value's own text */
        const char *file;
        const char *stack; /* one frame a line, "function@file:line:column" */
        unsigned line;
        unsigned column;
};

/* Where a callback was handed over, for stacks that tell it. */
struct eng_origin {
        eng_val stack;     /* of eng_stack_capture(), by way of an eng_ref */
        const char *cause; /* a word that stays, e.g. "setTimeout handler" */
};

/* What eng_stats_get() measures, in bytes, counts and microseconds since the engine was made or
 * eng_after_fork(). */
struct eng_stats {
        uint64_t heap_peak_bytes; /* collected and malloc'd memory at its largest, as far as seen: when a
                                   * collection began, and now */
        uint64_t gc_heap_bytes;
        uint64_t gc_count;
        uint64_t gc_time_us;
};

/* How a load hook ended. */
enum eng_load {
        ENG_LOAD_OK,
        ENG_LOAD_NOT_FOUND,
        ENG_LOAD_UNREADABLE,
};

/* What the embedding supplies. Hooks get @data first. A hook that is NULL is not called. */
struct eng_hooks {
        void *data;
        /* Soft limit of memory in bytes, 0: 256 MiB. Beyond it the running script is terminated with
         * interrupt reason ENG_WHY_MEMORY; the collector's own limit is set as a backstop above it. */
        size_t heap_max;
        /* Native stack that JS may use, in bytes; 0: derived from RLIMIT_STACK, at most 7 MiB. */
        size_t stack_quota;
        /* A file that holds the engine's self-hosted code and the runtime library in compiled form, or
         * NULL. One that does not fit this engine binary, is damaged, or is missing is passed over. */
        const char *cache_path;
        bool no_jit; /* interpreters alone: nothing is compiled, no memory is ever writable and executable */
        /* malloc'd canonical URL for @specifier seen in module @referrer (NULL: none), or NULL when no
         * such URL can be. */
        char *(*resolve)(void *data, const char *specifier, const char *referrer);
        /* malloc'd UTF-8 text of @url. On failure *ret_reason may be set to a malloc'd sentence part
         * ("Permission denied", "larger than 16 MiB"). */
        enum eng_load (*load)(void *data, const char *url, char **ret_text, size_t *ret_size,
                              char **ret_reason);
        /* @text does not compile: a malloc'd one that means the same and may, or NULL. Leaves no exception. */
        char *(*rewrite)(void *data, eng *e, const char *text, size_t size, size_t *ret_size);
        /* Fill in import.meta of module @url; .url is there already. false: exception pending. */
        bool (*import_meta)(void *data, eng *e, const char *url, eng_val meta);
        /* A promise was rejected and nobody handled it by the end of its checkpoint. */
        void (*unhandled_rejection)(void *data, eng *e, eng_val promise, eng_val reason);
        /* A microtask (queueMicrotask) threw. */
        void (*job_error)(void *data, eng *e, eng_val exception);
        /* A warning of the engine, not an exception. */
        void (*warning)(void *data, eng *e, const struct eng_error *warning);
        /* Something looks for global @name, which does not exist. Whoever knows it defines it and sets
         * *ret_defined. false: exception pending. */
        bool (*missing_global)(void *data, eng *e, const char *name, bool *ret_defined);
        /* eng_interrupt() was called, or memory is short: true goes on, false terminates all JS uncatchably
         * until eng_resume(). May call eng_current_stack() and run JS. Without a hook: false. */
        bool (*interrupted)(void *data, eng *e, int why);
        /* Any thread: eng_run_jobs() should be called soon. */
        void (*wake)(void *data);
};

/* Globals that are made when they are first asked for. The functions run within that look-up: they may define
 * properties and must run no script. On failure an exception is pending. */
struct eng_globals {
        const char *const *names;
        size_t count;
        bool (*define)(eng *e, size_t index); /* once for each name, unless it fails */
        /* The language's own global @name has come into being, because it was asked for. */
        bool (*class_made)(eng *e, const char *name);
};

/* Interrupt reasons below 0 are the engine's own. */
enum { ENG_WHY_MEMORY = -1 };

/* undefined, null, true, false: good for ever, no scope needed. */
extern const eng_val ENG_UNDEF, ENG_NUL, ENG_TRUE, ENG_FALSE;

/* ---- life ---- */

/* Start the engine, single-threaded, with one realm that is entered. NULL: it could not start, errno
 * says why (ENOMEM when nothing better is known). @hooks is copied; what it points to must stay. */
eng *eng_new(const struct eng_hooks *hooks);
/* The engine's name and version, e.g. "JavaScript-C102.15.1". Static. */
const char *eng_version(void);
/* Zygote, once all modules are preloaded: collect, finish what helper threads owe, release what a child
 * would otherwise copy. Call again before a fork if JS ran in between. */
void eng_before_fork(eng *e);
/* Child, first thing: time zone, fresh random state, stack limits. false: the child must not run JS. From
 * here on the engine may make threads (two at most, when it first needs them), so that asynchronous wasm
 * works; a process that does not fork calls it right after eng_new(). The engine's handlers of SIGSEGV and
 * its like must stay in place: wasm needs them. */
bool eng_after_fork(eng *e);
/* true while nothing in this process has drawn from Math.random(); a child starts so, whatever its parent drew. */
bool eng_random_untouched(eng *e);
/* Write the cache that eng_hooks.cache_path reads: the self-hosted code and all modules loaded up to
 * now. Atomic (temporary file, rename). Returns 0 or -errno. A file is used only if it belongs to root or
 * to us and nobody else can write it; a module in it only while the loader gives the very same text. */
int eng_cache_write(eng *e, const char *path);
/* Whether the cache at cache_path was used. */
bool eng_cache_used(eng *e);
void eng_collect(eng *e, bool shrink);
void eng_stats_get(eng *e, struct eng_stats *ret);
/* What the collector knows to hang on objects, in bytes. Not among the above, which each run asks for: the engine tells
 * it only by a large object for scripts. 0 as well: it does not tell. */
uint64_t eng_malloc_bytes(eng *e);

/* ---- scopes and references ---- */

void eng_scope_open(eng *e, eng_scope *scope);
/* Close; @keep (may be NULL) is moved to the outer scope and returned. */
eng_val eng_scope_close(eng *e, eng_scope *scope, eng_val keep);
eng_ref *eng_ref_new(eng *e, eng_val v);
eng_val eng_ref_get(eng_ref *ref); /* good until eng_ref_free() */
void eng_ref_free(eng *e, eng_ref *ref);

/* ---- making values ---- */

eng_val eng_bool(bool b);
eng_val eng_number(eng *e, double n);
eng_val eng_string(eng *e, const char *utf8, size_t size); /* invalid sequences become U+FFFD */
eng_val eng_cstring(eng *e, const char *utf8);
eng_val eng_uint8array(eng *e, const void *bytes, size_t size); /* copies; bytes may be NULL: zeroed */
eng_val eng_uint8array_take(eng *e, void *malloced,
                            size_t size); /* owns @malloced from now on, also on failure */
eng_val eng_arraybuffer(eng *e, const void *bytes, size_t size);
eng_val eng_object(eng *e);
eng_val eng_array(eng *e, size_t count, const eng_val *values); /* values NULL: empty slots */
/* A function @name of @length parameters. @data is not owned and must outlive it. */
eng_val eng_function(eng *e, const char *name, unsigned length, eng_native fn, void *data);
/* An object that carries @pointer. On failure the pointer stays the caller's. */
eng_val eng_host_object(eng *e, const struct eng_class *class_, void *pointer, eng_val proto_or_null);
eng_val eng_from_json(eng *e, const char *utf8, size_t size);
eng_val eng_symbol_for(
        eng *e,
        const char *
                well_known); /* "iterator", "asyncIterator", "toStringTag", "hasInstance", "toPrimitive", "unscopables" */

/* ---- taking values apart ---- */

enum eng_type eng_typeof(eng *e, eng_val v); /* NULL: ENG_UNDEFINED */
/* What an object stands for: a boolean, number, string or bigint, whatever its prototype; ENG_UNDEFINED: none. */
enum eng_type eng_box_type(eng *e, eng_val v);
bool eng_is_undefined(eng_val v);
bool eng_is_nullish(eng_val v);
bool eng_same(eng *e, eng_val a, eng_val b); /* strict identity; false on failure, never throws */
bool eng_truthy(eng *e, eng_val v);
bool eng_to_number(eng *e, eng_val v, double *ret);
bool eng_to_int32(eng *e, eng_val v, int32_t *ret); /* ToInt32: may run valueOf, may throw */
/* ToString, as UTF-8 with lone surrogates replaced; NUL-terminated. @ret_size may be NULL. */
const char *eng_to_string(eng *e, eng_val v, size_t *ret_size);
/* ToString, as UTF-16 in which surrogates may be alone: malloc'd, for the caller to free. NULL: exception pending. */
uint16_t *eng_to_utf16(eng *e, eng_val v, size_t *ret_length);
/* Bytes of an ArrayBuffer or view, copied to the scope: safe over later calls. TypeError for all else. */
const void *eng_to_bytes(eng *e, eng_val v, size_t *ret_size);
/* Copy @size bytes into a Uint8Array or ArrayBuffer at byte @offset. RangeError when they do not fit. */
bool eng_bytes_store(eng *e, eng_val buffer, size_t offset, const void *bytes, size_t size);
/* Take an ArrayBuffer's bytes away: it and its views are empty from now on. TypeError for all else. */
bool eng_arraybuffer_detach(eng *e, eng_val buffer);
const char *eng_to_json(eng *e, eng_val v,
                        size_t *ret_size);    /* NULL without an exception: not representable */
const char *eng_to_source(eng *e, eng_val v); /* uneval: "({a:1})", "[1, 2]", "\"text\"", "(void 0)" */
/* What the pointer of a host object holds on to besides, in bytes, once: the collector then knows. */
void eng_host_weigh(eng *e, eng_val object, size_t bytes);
void *eng_host_pointer(eng *e, eng_val v, const struct eng_class *class_); /* TypeError if it is not one */
eng_val eng_structured_clone(eng *e, eng_val v); /* what the structured clone algorithm of the engine does */

/* ---- properties and calls ---- */

eng_val eng_global(eng *e);
/* %IteratorPrototype%: what all iterators of the language inherit. */
eng_val eng_iterator_prototype(eng *e);
/* To be called once, before scripts run; @globals must stay. */
bool eng_globals_set(eng *e, const struct eng_globals *globals);
eng_val eng_get(eng *e, eng_val object, const char *name);
eng_val eng_get_value(eng *e, eng_val object, eng_val key);
eng_val eng_at(eng *e, eng_val object, uint32_t index);
bool eng_has(eng *e, eng_val object, const char *name, bool *ret);
bool eng_set(eng *e, eng_val object, const char *name, eng_val v);
bool eng_set_value(eng *e, eng_val object, eng_val key, eng_val v);
bool eng_set_at(eng *e, eng_val object, uint32_t index, eng_val v);
bool eng_delete(eng *e, eng_val object, const char *name);
bool eng_define(eng *e, eng_val object, const char *name, eng_val v, unsigned attrs);
/* An accessor; either function may be ENG_UNDEF. */
bool eng_define_accessor(eng *e, eng_val object, const char *name, eng_val getter, eng_val setter,
                         unsigned attrs);
/* The same for a key that is a value. */
bool eng_define_value(eng *e, eng_val object, eng_val key, eng_val v, unsigned attrs);
bool eng_define_accessor_value(eng *e, eng_val object, eng_val key, eng_val getter, eng_val setter,
                               unsigned attrs);
bool eng_define_function(eng *e, eng_val object, const char *name, unsigned length, eng_native fn,
                         void *data);
eng_val eng_keys(eng *e, eng_val object); /* Object.keys as an array */
bool eng_length(eng *e, eng_val array, uint32_t *ret);
bool eng_freeze(eng *e, eng_val object);
/* @self may be NULL: undefined. */
eng_val eng_call(eng *e, eng_val fn, eng_val self, size_t argc, const eng_val *argv);
/* Call with @self undefined; stacks made in it go on with @origin, as those of async functions do. */
eng_val eng_call_from(eng *e, const struct eng_origin *origin, eng_val fn, size_t argc, const eng_val *argv);
eng_val eng_call_method(eng *e, eng_val object, const char *name, size_t argc, const eng_val *argv);
eng_val eng_construct(eng *e, eng_val ctor, size_t argc, const eng_val *argv);
/* Put a constructor in the place of the language's @name that asks @check first when its second argument is an object;
 * false: an exception is pending. */
bool eng_guard_constructor(eng *e, const char *name, bool (*check)(eng *e, eng_val options));
bool eng_instance_of(eng *e, eng_val v, eng_val ctor, bool *ret);

size_t eng_argc(eng_args *args);
eng_val eng_arg(eng_args *args, size_t index); /* ENG_UNDEF beyond the last */
eng_val eng_this(eng_args *args);
/* Take apart arguments in one call. @format, one letter an argument: s string (const char **), S string
 * and size (const char **, size_t *), i int32, d double, b boolean (truthy), y bytes and size (const void **,
 * size_t *), f function (eng_val *), o object (eng_val *), v any (eng_val *); what follows | may be absent
 * or undefined and then is left as it was. On failure a TypeError names @what and the argument. */
bool eng_args_get(eng *e, eng_args *args, const char *what, const char *format, ...);

/* ---- errors ---- */

/* Always NULL, for `return eng_throw(…)`. */
eng_val eng_throw(eng *e, enum eng_error_type type, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
eng_val eng_throw_value(eng *e, eng_val v);
/* Make, do not throw. */
eng_val eng_error_new(eng *e, enum eng_error_type type, const char *message);
bool eng_pending(eng *e);
/* Take the pending exception; NULL when none is (or JS was terminated). */
eng_val eng_catch(eng *e);
/* Never fails, never leaves an exception pending: at worst the message says that it has none. */
void eng_describe(eng *e, eng_val exception, struct eng_error *ret);
/* The JS stack right now, for eng_call_from(); undefined when no JS runs. */
eng_val eng_stack_capture(eng *e);
/* The JS stack right now, same form as eng_error.stack, or NULL when no JS runs. */
const char *eng_current_stack(eng *e);

/* ---- scripts and modules ---- */

eng_val eng_eval(eng *e, const char *utf8, size_t size, const char *url, unsigned line);
/* The same with the members of @object, which must be one, as variables; what it declares with var becomes members. */
eng_val eng_eval_on(eng *e, eng_val object, const char *utf8, size_t size, const char *url, unsigned line);
/* Another global with built-ins of its own; @prototype: an object, NULL: none. */
eng_val eng_sandbox(eng *e, eng_val prototype);
bool eng_is_sandbox(eng_val v);
/* Give it Reflect.parse: the engine's own parser, and the tree that it makes. */
bool eng_sandbox_parser(eng *e, eng_val sandbox);
/* As eng_eval(), in that global; import() is not possible there. */
eng_val eng_sandbox_eval(eng *e, eng_val sandbox, const char *utf8, size_t size, const char *url,
                         unsigned line);
eng_val eng_global_of(eng *e, eng_val object); /* the global that it was made in */
/* Import synchronously; *ret_namespace is set only on ENG_IMPORT_OK. */
enum eng_import_outcome eng_import(eng *e, const char *specifier, const char *referrer,
                                   eng_val *ret_namespace);
/* Call @call once, when the next module that is imported, and all that it imports, has been loaded and linked, and nothing of
 * it been executed. @call may not use the engine. NULL: nothing is called any more. */
void eng_before_evaluation(eng *e, void (*call)(void *data), void *data);
/* The word for an outcome, for messages: "not found", "syntax error", … Static. */
const char *eng_import_outcome_name(enum eng_import_outcome outcome);
/* Whether the module at canonical @url is loaded already. */
bool eng_module_loaded(eng *e, const char *url);

/* ---- promises and jobs ---- */

/* A promise and its settler. */
eng_val eng_promise(eng *e, eng_ref **ret_settler);
/* Settle and free the settler. With v NULL the pending exception is taken as the reason. */
bool eng_settle(eng *e, eng_ref *settler, enum eng_promise_state state, eng_val v);
eng_val eng_promise_resolved(eng *e, eng_val v); /* Promise.resolve(v) */
eng_val eng_promise_rejected(eng *e, eng_val reason);
/* State of a promise; *ret_result is set when it is settled. */
enum eng_promise_state eng_promise_state(eng *e, eng_val promise, eng_val *ret_result);
/* The host watches this promise: its rejection is not reported as unhandled. */
void eng_promise_watch(eng *e, eng_val promise);
bool eng_enqueue(eng *e, eng_val fn); /* queueMicrotask */
/* Run all jobs and what other threads finished, then report unhandled rejections. false: terminated.
 * To be called after every call into JS from the event loop. */
bool eng_run_jobs(eng *e);
/* The same for an event loop that JS runs: also from within a job, the others are run. */
bool eng_run_jobs_nested(eng *e);
bool eng_wake_pending(eng *e); /* any thread: something waits for eng_run_jobs() */

/* ---- interruption ---- */

void eng_interrupt(eng *e, int why); /* any thread, not a signal handler */
bool eng_terminating(eng *e);
/* In a signal handler, on the engine's thread: write the frames of JS, a line each, in the engine's own form:
 * "#N ADDRESS KIND   URL:LINE (…)". It may hang or fault, so that the process must be about to leave. */
void eng_dump_frames(eng *e, FILE *to);
/* Another limit than eng_hooks.heap_max, for what runs from now on; the collector's own one is set at @hard. Both
 * in bytes. */
void eng_heap_max_set(eng *e, size_t heap_max, size_t hard);
/* After a termination: JS may run again. If it was memory, what ran is collected, and what is left plus a
 * quarter of the limit is granted. */
void eng_resume(eng *e);

#ifdef __cplusplus
}
#endif

#endif
