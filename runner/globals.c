/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The globals that a task finds.
 *
 * Most are lazy: when one is first looked up it becomes an accessor, which imports a module of the runtime library when
 * it is first read and replaces itself with the export. A task that assigns to one replaces it too. The few that are
 * functions in C and need no module are defined outright. Those that Gecko has and this has not are defined when they
 * are first looked for, too: what stands for them says so when it is used (Missing.sys.mjs).
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/gecko_names.h"

/* A row, and what it is in some ten words: bgtask-environment(7) is made of that (man/environment.awk). */
#define GLOBAL(name, module, description)                                                                    \
        {                                                                                                    \
                name, "resource://gre/modules/bgtask/" module ".sys.mjs"                                     \
        }
#define FUNCTION(name, length, function, description)                                                        \
        {                                                                                                    \
                name, length, function                                                                       \
        }

struct lazy_global {
        const char *name; /* of the module's export, too */
        const char *module;
};

static const struct lazy_global lazy_globals[] = {
        GLOBAL("console", "Console",
               "Prints on standard output, as Firefox's console does in a background task."),
        GLOBAL("Services", "Services", "Services of the platform, each made when it is first asked for."),
        GLOBAL("ChromeUtils", "ChromeUtils",
               "Synchronous imports, lazy getters, QueryInterface, small helpers."),
        GLOBAL("Components", "Components",
               "The root of XPCOM: classes, interfaces, results, utils, Exception, ID, stack."),
        GLOBAL("Cc", "Components", "Components.classes: contracts, by name."),
        GLOBAL("Ci", "Components", "Components.interfaces: interfaces, by name."),
        GLOBAL("Cr", "Components", "Components.results: result codes, by name."),
        GLOBAL("Cu", "Components", "Components.utils: helpers of XPCOM."),
        GLOBAL("IOUtils", "IOUtils", "Files and directories, asynchronously."),
        GLOBAL("PathUtils", "PathUtils", "Paths as text: join, split, normalise, places that are known."),
        GLOBAL("setTimeout", "Timers", "Calls a function later. Firefox has it in Timer.sys.mjs only."),
        GLOBAL("clearTimeout", "Timers", "Takes back setTimeout()."),
        GLOBAL("setInterval", "Timers",
               "Calls a function again and again. Firefox has it in Timer.sys.mjs only."),
        GLOBAL("clearInterval", "Timers", "Ends setInterval()."),
        GLOBAL("requestIdleCallback", "Timers",
               "Calls a function when the event loop has nothing else to do."),
        GLOBAL("cancelIdleCallback", "Timers", "Takes back requestIdleCallback()."),
        GLOBAL("TextEncoder", "Text", "Text to UTF-8."),
        GLOBAL("TextDecoder", "Text", "Bytes to text."),
        GLOBAL("atob", "Base64", "Base64 to a string of bytes."),
        GLOBAL("btoa", "Base64", "A string of bytes to base64."),
        GLOBAL("structuredClone", "StructuredClone", "A deep copy of a value."),
        GLOBAL("performance", "Performance", "Monotonic time, marks and measures."),
        GLOBAL("crypto", "Crypto", "Random numbers; crypto.subtle: digests, signatures, keys."),
        GLOBAL("Crypto", "Crypto", "The kind of crypto."),
        GLOBAL("DOMException", "DOMException", "The error of web interfaces: a name, a message, a code."),
        GLOBAL("Event", "Events", "What is dispatched at an EventTarget."),
        GLOBAL("CustomEvent", "Events", "An Event with a value of its own."),
        GLOBAL("EventTarget", "Events", "Has listeners of events."),
        GLOBAL("AbortController", "Abort", "Cancels what was begun with its signal."),
        GLOBAL("AbortSignal", "Abort", "What tells that something is to be cancelled."),
        GLOBAL("URL", "Url", "A URL and its parts, by the URL standard."),
        GLOBAL("URLSearchParams", "UrlSearchParams", "Names and values of a query."),
        GLOBAL("fetch", "Fetch", "Gets a URL: http, https, file, data, resource."),
        GLOBAL("Headers", "Headers", "The fields of a request or response."),
        GLOBAL("Request", "Request", "What fetch() is to get."),
        GLOBAL("Response", "Response", "What fetch() got, or what a program makes itself."),
        GLOBAL("Iterator", "LanguageIterators",
               "The class of iterators, for classes of one's own to extend."),
        GLOBAL("DisposableStack", "LanguageDisposal",
               "Things that are disposed of together, the last one first."),
        GLOBAL("AsyncDisposableStack", "LanguageDisposal",
               "Things whose disposal is waited for, the last one first."),
        GLOBAL("SuppressedError", "LanguageDisposal", "An error that came while another one was on its way."),
};

/* Those that a zygote does not make beforehand: their modules are large, and few tasks use them. */
static const struct lazy_global rare_globals[] = {
        GLOBAL("Float16Array", "LanguageFloat16Methods", "A typed array of 16-bit floats."),
        GLOBAL("CryptoKey", "CryptoKeys", "A key of crypto.subtle."),
        GLOBAL("Glean", "Glean",
               "Telemetry that is recorded for the run and never sent: any category, any metric."),
        GLOBAL("GleanCategory", "Glean", "The kind of a category of Glean."),
        GLOBAL("GleanImpl", "Glean", "The kind of Glean."),
        GLOBAL("GleanMetric", "Glean", "The kind of a metric of Glean."),
        GLOBAL("GleanPingsImpl", "Glean", "The kind of GleanPings."),
        GLOBAL("ConsoleInstance", "Console", "The kind of what console.createInstance() gives."),
        GLOBAL("Performance", "Performance", "The kind of performance."),
        GLOBAL("PerformanceEntry", "Performance", "A mark or a measure."),
        GLOBAL("PerformanceMark", "Performance", "A moment that performance.mark() keeps."),
        GLOBAL("PerformanceMeasure", "Performance", "A span that performance.measure() keeps."),
        GLOBAL("webkitURL", "Url", "URL by an older name."),
        GLOBAL("GleanPings", "Glean", "Pings that are never sent: any name."),
        GLOBAL("Blob", "Blob", "Bytes with a type."),
        GLOBAL("ByteLengthQueuingStrategy", "Streams", "Counts a stream's chunks by their bytes."),
        GLOBAL("CountQueuingStrategy", "Streams", "Counts a stream's chunks."),
        GLOBAL("File", "Blob", "A Blob with a name and a time."),
        GLOBAL("FileReader", "Progress", "Reads a Blob, with events."),
        GLOBAL("FormData", "FormData", "Names and values of a form, files among them."),
        GLOBAL("ProgressEvent", "Progress", "An Event that says how much is done."),
        GLOBAL("ReadableByteStreamController", "Streams", "Puts bytes into a ReadableStream."),
        GLOBAL("ReadableStream", "Streams", "Chunks that come one after the other."),
        GLOBAL("ReadableStreamBYOBReader", "Streams", "Reads a stream of bytes into views."),
        GLOBAL("ReadableStreamBYOBRequest", "ByteStreams", "Room in a reader's view, for who puts bytes in."),
        GLOBAL("ReadableStreamDefaultController", "Streams", "Puts chunks into a ReadableStream."),
        GLOBAL("ReadableStreamDefaultReader", "Streams", "Reads a stream, chunk by chunk."),
        GLOBAL("TextDecoderStream", "WritableStreams", "Bytes to text, as a TransformStream."),
        GLOBAL("TextEncoderStream", "WritableStreams", "Text to UTF-8, as a TransformStream."),
        GLOBAL("TransformStream", "WritableStreams", "What is written comes out changed."),
        GLOBAL("TransformStreamDefaultController", "WritableStreams",
               "What a TransformStream puts chunks out with."),
        GLOBAL("WritableStream", "WritableStreams", "What chunks are written to."),
        GLOBAL("WritableStreamDefaultController", "WritableStreams",
               "What tells of a WritableStream's failure."),
        GLOBAL("WritableStreamDefaultWriter", "WritableStreams", "Writes to a stream, chunk by chunk."),
        GLOBAL("XMLHttpRequest", "XMLHttpRequest", "A request with events; asynchronous ones alone."),
        GLOBAL("XMLHttpRequestEventTarget", "XMLHttpRequest",
               "What XMLHttpRequest and its upload have in common."),
        GLOBAL("XMLHttpRequestUpload", "XMLHttpRequest", "Listeners of what is sent."),
        GLOBAL("Attr", "DomAttributes", "An attribute of an element."),
        GLOBAL("CDATASection", "DomCharacters", "A CDATA section of an XML document."),
        GLOBAL("CharacterData", "DomCharacters", "What texts and comments have in common."),
        GLOBAL("Comment", "DomCharacters", "A comment of an XML document."),
        GLOBAL("DOMImplementation", "DomElements", "Makes documents."),
        GLOBAL("DOMTokenList", "DomTokens", "The words of an attribute, as in classList."),
        GLOBAL("DOMParser", "DomParser", "Parses XML; HTML is not supported."),
        GLOBAL("Document", "DomElements", "A document, and what makes its nodes."),
        GLOBAL("DocumentFragment", "DomElements", "Nodes that are inserted together."),
        GLOBAL("DocumentType", "DomCharacters", "The document type of an XML document."),
        GLOBAL("Element", "DomElements", "An element of an XML document."),
        GLOBAL("HTMLCollection", "DomLists", "A live list of elements."),
        GLOBAL("NamedNodeMap", "DomAttributes", "The attributes of an element."),
        GLOBAL("Node", "DomNodes", "A node of an XML document."),
        GLOBAL("NodeList", "DomLists", "A list of nodes."),
        GLOBAL("ProcessingInstruction", "DomCharacters", "A processing instruction of an XML document."),
        GLOBAL("Text", "DomCharacters", "A text of an XML document."),
        GLOBAL("XMLDocument", "DomElements", "An XML document."),
        GLOBAL("XMLSerializer", "DomSerializer", "Writes nodes as XML."),
        GLOBAL("CloseEvent", "MoreEvents", "An Event of a connection that has ended."),
        GLOBAL("ErrorEvent", "MoreEvents", "An Event of an error."),
        GLOBAL("MessageEvent", "MoreEvents", "An Event with data."),
        GLOBAL("PromiseRejectionEvent", "MoreEvents", "An Event of a promise that was rejected."),
        GLOBAL("CompressionStream", "CompressionStreams", "Packs bytes as deflate or gzip."),
        GLOBAL("DecompressionStream", "CompressionStreams", "Unpacks deflate or gzip."),
        GLOBAL("SubtleCrypto", "SubtleCrypto", "The kind of crypto.subtle."),
        GLOBAL("Temporal", "Temporal", "Dates, times, instants and durations, in time zones and calendars."),
};

/* What an accessor needs to know; one per row of the tables above. */
static struct lazy_slot {
        struct host *host;
        const struct lazy_global *global;
} lazy_slots[ARRAY_SIZE(lazy_globals) + ARRAY_SIZE(rare_globals)];

static bool global_replace(eng *e, const struct lazy_global *global, eng_val v)
{
        return eng_define(e, eng_global(e), global->name, v, 0);
}

static eng_val global_get(eng *e, eng_args *args, void *data)
{
        const struct lazy_global *global = ((struct lazy_slot *)data)->global;
        eng_val namespace;

        if (eng_import(e, global->module, NULL, &namespace) != ENG_IMPORT_OK)
                return NULL;
        eng_val v = eng_get(e, namespace, global->name);
        return global_replace(e, global, v) ? v : NULL;
}

static eng_val global_set(eng *e, eng_args *args, void *data)
{
        const struct lazy_global *global = ((struct lazy_slot *)data)->global;

        return global_replace(e, global, eng_arg(args, 0)) ? ENG_UNDEF : NULL;
}

/* The name of a global that only Gecko has, which is followed by "()" if it is a function, and by the end of its
 * line. */
static size_t missing_name_size(const char *name)
{
        return strcspn(name, "(\n");
}

/* What stands for the global, @data: its line in the list of Gecko's names. */
static eng_val missing_get(eng *e, eng_args *args, void *data)
{
        const char *line = data;
        size_t size = missing_name_size(line);
        eng_val namespace;

        if (eng_import(e, "resource://gre/modules/bgtask/Missing.sys.mjs", NULL, &namespace) != ENG_IMPORT_OK)
                return NULL;
        _cleanup_free_ char *name = strndup(line, size);
        if (!name)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        const eng_val values[] = { eng_cstring(e, name), eng_bool(line[size] == '(') };
        eng_val v = eng_call_method(e, namespace, "makeMissingGlobal", ARRAY_SIZE(values), values);
        return eng_define(e, eng_global(e), name, v, 0) ? v : NULL;
}

static eng_val missing_set(eng *e, eng_args *args, void *data)
{
        _cleanup_free_ char *name = strndup(data, missing_name_size(data));

        if (!name)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        return eng_define(e, eng_global(e), name, eng_arg(args, 0), 0) ? ENG_UNDEF : NULL;
}

bool builtin_missing_global(struct host *host, eng *e, const char *name, bool *ret_defined)
{
        _cleanup_free_ char *function = NULL;

        if (!host->globals_defined || strchr(name, '('))
                return true;
        for (size_t i = 0; i < ARRAY_SIZE(lazy_slots); i++)
                if (strcmp(lazy_slots[i].global->name, name) == 0)
                        return true; /* ours, and deleted */
        const char *line = gecko_names_find(host->gre_directory, "global", name);
        if (!line) {
                function = format_string("%s()", name);
                line = function ? gecko_names_find(host->gre_directory, "global", function) : NULL;
        }
        if (!line)
                return true;
        eng_val getter = eng_function(e, name, 0, missing_get, (void *)line);
        eng_val setter = eng_function(e, name, 1, missing_set, (void *)line);
        *ret_defined = eng_define_accessor(e, eng_global(e), name, getter, setter, 0);
        return *ret_defined;
}

static eng_val global_dump(eng *e, eng_args *args, void *data)
{
        size_t size;

        if (eng_argc(args) == 0)
                return ENG_UNDEF;
        const char *text = eng_to_string(e, eng_arg(args, 0), &size);
        if (!text)
                return NULL;
        builtin_print(text, size);
        return ENG_UNDEF;
}

static eng_val global_queue_microtask(eng *e, eng_args *args, void *data)
{
        eng_val callback;

        if (!eng_args_get(e, args, "queueMicrotask", "f", &callback))
                return NULL;
        return eng_enqueue(e, callback) ? ENG_UNDEF : NULL;
}

static eng_val global_report_error(eng *e, eng_args *args, void *data)
{
        if (eng_argc(args) == 0)
                return eng_throw(e, ENG_E_TYPE,
                                 "reportError: At least 1 argument required, but only 0 passed");
        host_report_exception(data, eng_arg(args, 0));
        return ENG_UNDEF;
}

static const struct builtin_function native_globals[] = {
        FUNCTION("dump", 1, global_dump, "Prints a text on standard output, as it is."),
        FUNCTION("queueMicrotask", 1, global_queue_microtask,
                 "Calls a function as soon as the running code has ended."),
        FUNCTION("reportError", 1, global_report_error,
                 "Reports an exception as an uncaught one, and goes on."),
        { NULL, 0, NULL },
};

static bool lazy_define(eng *e, size_t index)
{
        struct lazy_slot *slot = &lazy_slots[index];
        const char *name = slot->global->name;

        eng_val getter = eng_function(e, name, 0, global_get, slot);
        eng_val setter = eng_function(e, name, 1, global_set, slot);
        return eng_define_accessor(e, eng_global(e), name, getter, setter, 0);
}

bool builtin_define_globals(struct host *host, eng *e)
{
        static const char *names[ARRAY_SIZE(lazy_slots)];
        static const struct eng_globals globals = {
                .names = names,
                .count = ARRAY_SIZE(names),
                .define = lazy_define,
                .class_made = language_class_made,
        };

        for (size_t i = 0; i < ARRAY_SIZE(lazy_slots); i++) {
                const struct lazy_global *lazy = i < ARRAY_SIZE(lazy_globals)
                                                         ? &lazy_globals[i]
                                                         : &rare_globals[i - ARRAY_SIZE(lazy_globals)];
                lazy_slots[i] = (struct lazy_slot){ host, lazy };
                names[i] = lazy->name;
        }
        for (const struct builtin_function *row = native_globals; row->name; row++)
                if (!eng_define_function(e, eng_global(e), row->name, row->length, row->function, host))
                        return false;
        host->globals_defined = eng_globals_set(e, &globals) && language_define(e);
        return host->globals_defined;
}

bool builtin_touch_globals(struct host *host, eng *e, bool rare)
{
        for (size_t i = 0; i < ARRAY_SIZE(lazy_slots); i++)
                if ((rare || i < ARRAY_SIZE(lazy_globals)) &&
                    !eng_get(e, eng_global(e), lazy_slots[i].global->name))
                        return false;
        return language_touch(e, rare);
}
