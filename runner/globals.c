/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The globals that a task finds.
 *
 * Most are lazy: an accessor that imports a module of the runtime library at the first use and replaces
 * itself with the export. A task that assigns to one replaces it too. The few that are functions in C and
 * need no module are defined outright.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/util.h"
#include "runner/builtin.h"

#define MODULE(name) "resource://gre/modules/bgtask/" name ".sys.mjs"

struct lazy_global {
        const char *name;
        const char *module;
        const char *export;
};

static const struct lazy_global lazy_globals[] = {
        { "console", MODULE("Console"), "console" },
        { "Services", MODULE("Services"), "Services" },
        { "ChromeUtils", MODULE("ChromeUtils"), "ChromeUtils" },
        { "Components", MODULE("Components"), "Components" },
        { "Cc", MODULE("Components"), "Cc" },
        { "Ci", MODULE("Components"), "Ci" },
        { "Cr", MODULE("Components"), "Cr" },
        { "Cu", MODULE("Components"), "Cu" },
        { "IOUtils", MODULE("IOUtils"), "IOUtils" },
        { "PathUtils", MODULE("PathUtils"), "PathUtils" },
        { "setTimeout", MODULE("Timers"), "setTimeout" },
        { "clearTimeout", MODULE("Timers"), "clearTimeout" },
        { "setInterval", MODULE("Timers"), "setInterval" },
        { "clearInterval", MODULE("Timers"), "clearInterval" },
        { "requestIdleCallback", MODULE("Timers"), "requestIdleCallback" },
        { "cancelIdleCallback", MODULE("Timers"), "cancelIdleCallback" },
        { "TextEncoder", MODULE("Text"), "TextEncoder" },
        { "TextDecoder", MODULE("Text"), "TextDecoder" },
        { "atob", MODULE("Base64"), "atob" },
        { "btoa", MODULE("Base64"), "btoa" },
        { "structuredClone", MODULE("StructuredClone"), "structuredClone" },
        { "performance", MODULE("Performance"), "performance" },
        { "crypto", MODULE("Crypto"), "crypto" },
        { "Crypto", MODULE("Crypto"), "Crypto" },
        { "DOMException", MODULE("DOMException"), "DOMException" },
        { "Event", MODULE("Events"), "Event" },
        { "CustomEvent", MODULE("Events"), "CustomEvent" },
        { "EventTarget", MODULE("Events"), "EventTarget" },
        { "AbortController", MODULE("Abort"), "AbortController" },
        { "AbortSignal", MODULE("Abort"), "AbortSignal" },
        { "URL", MODULE("Url"), "URL" },
        { "URLSearchParams", MODULE("UrlSearchParams"), "URLSearchParams" },
        { "fetch", MODULE("Fetch"), "fetch" },
        { "Headers", MODULE("Headers"), "Headers" },
        { "Request", MODULE("Request"), "Request" },
        { "Response", MODULE("Response"), "Response" },
        { "DisposableStack", MODULE("LanguageDisposal"), "DisposableStack" },
        { "AsyncDisposableStack", MODULE("LanguageDisposal"), "AsyncDisposableStack" },
        { "SuppressedError", MODULE("LanguageDisposal"), "SuppressedError" },
};

/* Those that a zygote does not make beforehand: their modules are large, and few tasks use them. */
static const struct lazy_global rare_globals[] = {
        { "CryptoKey", MODULE("CryptoKeys"), "CryptoKey" },
        { "Glean", MODULE("Glean"), "Glean" },
        { "GleanMetric", MODULE("Glean"), "GleanMetric" },
        { "GleanPings", MODULE("Glean"), "GleanPings" },
        { "Blob", MODULE("Blob"), "Blob" },
        { "ByteLengthQueuingStrategy", MODULE("Streams"), "ByteLengthQueuingStrategy" },
        { "CountQueuingStrategy", MODULE("Streams"), "CountQueuingStrategy" },
        { "File", MODULE("Blob"), "File" },
        { "FileReader", MODULE("Progress"), "FileReader" },
        { "FormData", MODULE("FormData"), "FormData" },
        { "ProgressEvent", MODULE("Progress"), "ProgressEvent" },
        { "ReadableByteStreamController", MODULE("Streams"), "ReadableByteStreamController" },
        { "ReadableStream", MODULE("Streams"), "ReadableStream" },
        { "ReadableStreamBYOBReader", MODULE("Streams"), "ReadableStreamBYOBReader" },
        { "ReadableStreamDefaultController", MODULE("Streams"), "ReadableStreamDefaultController" },
        { "ReadableStreamDefaultReader", MODULE("Streams"), "ReadableStreamDefaultReader" },
        { "TextDecoderStream", MODULE("WritableStreams"), "TextDecoderStream" },
        { "TextEncoderStream", MODULE("WritableStreams"), "TextEncoderStream" },
        { "TransformStream", MODULE("WritableStreams"), "TransformStream" },
        { "TransformStreamDefaultController", MODULE("WritableStreams"), "TransformStreamDefaultController" },
        { "WritableStream", MODULE("WritableStreams"), "WritableStream" },
        { "WritableStreamDefaultController", MODULE("WritableStreams"), "WritableStreamDefaultController" },
        { "WritableStreamDefaultWriter", MODULE("WritableStreams"), "WritableStreamDefaultWriter" },
        { "XMLHttpRequest", MODULE("XMLHttpRequest"), "XMLHttpRequest" },
        { "XMLHttpRequestEventTarget", MODULE("XMLHttpRequest"), "XMLHttpRequestEventTarget" },
        { "XMLHttpRequestUpload", MODULE("XMLHttpRequest"), "XMLHttpRequestUpload" },
        { "Attr", MODULE("DomElements"), "Attr" },
        { "CDATASection", MODULE("DomCharacters"), "CDATASection" },
        { "CharacterData", MODULE("DomCharacters"), "CharacterData" },
        { "Comment", MODULE("DomCharacters"), "Comment" },
        { "DOMImplementation", MODULE("DomElements"), "DOMImplementation" },
        { "DOMParser", MODULE("DomParser"), "DOMParser" },
        { "Document", MODULE("DomElements"), "Document" },
        { "DocumentFragment", MODULE("DomElements"), "DocumentFragment" },
        { "DocumentType", MODULE("DomCharacters"), "DocumentType" },
        { "Element", MODULE("DomElements"), "Element" },
        { "HTMLCollection", MODULE("DomNodes"), "HTMLCollection" },
        { "NamedNodeMap", MODULE("DomElements"), "NamedNodeMap" },
        { "Node", MODULE("DomNodes"), "Node" },
        { "NodeList", MODULE("DomNodes"), "NodeList" },
        { "ProcessingInstruction", MODULE("DomCharacters"), "ProcessingInstruction" },
        { "Text", MODULE("DomCharacters"), "Text" },
        { "XMLDocument", MODULE("DomElements"), "XMLDocument" },
        { "XMLSerializer", MODULE("DomSerializer"), "XMLSerializer" },
        { "CloseEvent", MODULE("MoreEvents"), "CloseEvent" },
        { "ErrorEvent", MODULE("MoreEvents"), "ErrorEvent" },
        { "MessageEvent", MODULE("MoreEvents"), "MessageEvent" },
        { "PromiseRejectionEvent", MODULE("MoreEvents"), "PromiseRejectionEvent" },
        { "CompressionStream", MODULE("CompressionStreams"), "CompressionStream" },
        { "DecompressionStream", MODULE("CompressionStreams"), "DecompressionStream" },
        { "SubtleCrypto", MODULE("SubtleCrypto"), "SubtleCrypto" },
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
        eng_val v = eng_get(e, namespace, global->export);
        return global_replace(e, global, v) ? v : NULL;
}

static eng_val global_set(eng *e, eng_args *args, void *data)
{
        const struct lazy_global *global = ((struct lazy_slot *)data)->global;

        return global_replace(e, global, eng_arg(args, 0)) ? ENG_UNDEF : NULL;
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
        { "dump", 1, global_dump },
        { "queueMicrotask", 1, global_queue_microtask },
        { "reportError", 1, global_report_error },
        { NULL, 0, NULL },
};

bool builtin_define_globals(struct host *host, eng *e)
{
        eng_val global = eng_global(e);

        for (size_t i = 0; i < ARRAY_SIZE(lazy_slots); i++) {
                const struct lazy_global *lazy = i < ARRAY_SIZE(lazy_globals)
                                                         ? &lazy_globals[i]
                                                         : &rare_globals[i - ARRAY_SIZE(lazy_globals)];
                lazy_slots[i] = (struct lazy_slot){ host, lazy };
                eng_val getter = eng_function(e, lazy->name, 0, global_get, &lazy_slots[i]);
                eng_val setter = eng_function(e, lazy->name, 1, global_set, &lazy_slots[i]);
                if (!eng_define_accessor(e, global, lazy->name, getter, setter, 0))
                        return false;
        }
        for (const struct builtin_function *row = native_globals; row->name; row++)
                if (!eng_define_function(e, global, row->name, row->length, row->function, host))
                        return false;
        return language_define(e);
}

bool builtin_touch_globals(struct host *host, eng *e)
{
        for (size_t i = 0; i < ARRAY_SIZE(lazy_globals); i++)
                if (!eng_get(e, eng_global(e), lazy_globals[i].name))
                        return false;
        return language_touch(e);
}
