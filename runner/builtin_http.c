/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.http: requests over http.so, for fetch.
 *
 *   start(request, onHead, onDone, onBytes) -> id     request: { method, url, headers, body, bodyMax }
 *   want(id)     the body is wanted: it is taken from the network without a bound on what is ahead
 *   read(id)     onBytes(bytes) comes once, when there are some; what did not come so is in onDone()
 *   cancel(id)   nothing is called any more
 *   resourcePath(url) -> the path of the file that a resource: or file: URL stands for, or null
 *
 * headers is a flat list of names and values. onHead(status, reason, headers) comes at most once, then
 * onDone(kind, text, bytes): kind "success", or one of http_failure_name() with what of the body has come before.
 *
 * All limits are preferences, read at each request.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/denial.h"
#include "runner/http.h"
#include "runner/loader.h"
#include "runner/loop.h"

#define REQUEST_HEADERS_MAX 1000
#define REQUESTS_MAX 10000

enum proxy_type { /* network.proxy.type, as Gecko numbers them */
                  PROXY_DIRECT = 0,
                  PROXY_MANUAL = 1,
                  PROXY_SYSTEM = 5,
};

struct request {
        LIST_ENTRY(request) entry;
        struct host *host;
        struct http_transfer *transfer;
        eng_ref *on_head;
        eng_ref *on_done;
        eng_ref *on_bytes;
        int32_t id;
};

static const struct http_ops *ops;
static struct http *http;
static LIST_HEAD(, request) requests = LIST_HEAD_INITIALIZER(requests);
static size_t request_count;
static int32_t last_id;

static struct request *request_find(int32_t id)
{
        struct request *request;

        LIST_FOREACH(request, &requests, entry)
        if (request->id == id)
                return request;
        return NULL;
}

static void request_free(struct request *request)
{
        if (!request)
                return;
        if (request->id) {
                LIST_REMOVE(request, entry);
                request_count--;
        }
        eng_ref_free(request->host->engine, request->on_head);
        eng_ref_free(request->host->engine, request->on_done);
        eng_ref_free(request->host->engine, request->on_bytes);
        free(request);
}

/* Call back into JS from the event loop. */
static void request_call(struct host *host, eng_val callback, size_t argc, const eng_val *argv)
{
        if (!eng_call(host->engine, callback, NULL, argc, argv)) {
                eng_val exception = eng_catch(host->engine);
                if (exception)
                        host_report_exception(host, exception);
        }
}

/* Bytes of a header as a ByteString: one character a byte. */
static eng_val byte_string(eng *e, const char *bytes)
{
        size_t size = strlen(bytes), used = 0;
        char *text = malloc(2 * size + 1);

        if (!text)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        for (size_t i = 0; i < size; i++) {
                unsigned char byte = (unsigned char)bytes[i];
                if (byte >= 0x80)
                        text[used++] = (char)(0xc0 | byte >> 6);
                text[used++] = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
        }
        eng_val v = eng_string(e, text, used);
        free(text);
        return v;
}

static void request_head(void *data, const struct http_head *head)
{
        struct request *request = data;
        struct host *host = request->host;
        eng *e = host->engine;
        eng_scope scope;

        eng_scope_open(e, &scope);
        eng_val headers = eng_array(e, 0, NULL);
        for (size_t i = 0; i < head->header_count; i++) {
                eng_set_at(e, headers, (uint32_t)(2 * i), byte_string(e, head->headers[i].name));
                eng_set_at(e, headers, (uint32_t)(2 * i + 1), byte_string(e, head->headers[i].value));
        }
        const eng_val argv[] = { eng_number(e, head->status), byte_string(e, head->reason), headers };
        request_call(host, eng_ref_get(request->on_head), ARRAY_SIZE(argv), argv);
        eng_scope_close(e, &scope, NULL);
        host_turn(host);
}

static void request_bytes(void *data, void *bytes, size_t size)
{
        struct request *request = data;
        struct host *host = request->host;
        eng_scope scope;

        eng_scope_open(host->engine, &scope);
        const eng_val argv[] = { eng_uint8array_take(host->engine, bytes, size) };
        request_call(host, eng_ref_get(request->on_bytes), ARRAY_SIZE(argv), argv);
        eng_scope_close(host->engine, &scope, NULL);
        host_turn(host);
}

static void request_done(void *data, enum http_failure failure, const char *text, void *body, size_t size)
{
        struct request *request = data;
        struct host *host = request->host;
        eng *e = host->engine;
        eng_scope scope;

        eng_scope_open(e, &scope);
        eng_val bytes = body ? eng_uint8array_take(e, body, size) : eng_uint8array(e, NULL, 0);
        const eng_val argv[] = { eng_cstring(e, http_failure_name(failure)), eng_cstring(e, text), bytes };
        request->transfer = NULL;
        request_call(host, eng_ref_get(request->on_done), ARRAY_SIZE(argv), argv);
        eng_scope_close(e, &scope, NULL);
        request_free(request);
        host_turn(host);
}

static const struct http_events request_events = { request_head, request_bytes, request_done };

/* malloc'd "HOST:PORT" of two preferences; "" when the host's is empty. */
static char *proxy_from_prefs(const struct prefs *prefs, bool https)
{
        const char *name = prefs_get_string(prefs, https ? "network.proxy.ssl" : "network.proxy.http", "");
        int32_t port = prefs_get_int(prefs, https ? "network.proxy.ssl_port" : "network.proxy.http_port", 0);

        if (!*name)
                return strdup("");
        return port > 0 ? format_string("%s:%d", name, port) : strdup(name);
}

/* Limits, proxy and certificates as the preferences say. @ret_proxy owns what request->proxy points to. */
static int request_configure(const struct prefs *prefs, struct http_request *request, char **ret_proxy)
{
        const char *ca_file = prefs_get_string(prefs, "network.fetch.ca_file", "");
        const char *environment_ca_file = getenv("SSL_CERT_FILE");

        request->connect_timeout_ms = 1000L *
                                      MAX(1, prefs_get_int(prefs, "network.http.connection-timeout", 90));
        request->idle_timeout_s = MAX(0, prefs_get_int(prefs, "network.http.response.timeout", 300));
        request->headers_max =
                (size_t)MAX(1024, prefs_get_int(prefs, "network.http.max_response_header_size", 256 * 1024));
        if (*ca_file)
                request->ca_file = ca_file;
        else if (environment_ca_file && *environment_ca_file)
                request->ca_file = environment_ca_file;

        switch (prefs_get_int(prefs, "network.proxy.type", PROXY_SYSTEM)) {
        case PROXY_DIRECT:
                request->proxy = "";
                return 0;
        case PROXY_MANUAL:
                *ret_proxy = proxy_from_prefs(prefs, strncmp(request->url, "https:", 6) == 0);
                request->proxy = *ret_proxy;
                request->no_proxy = prefs_get_string(prefs, "network.proxy.no_proxies_on", "");
                return *ret_proxy ? 0 : -ENOMEM;
        default: /* a preference, not an enum: other numbers mean the system's settings too */
                return 0;
        }
}

/* The inverse: malloc'd, one byte a character. NULL: an exception is pending, it is no ByteString at the latest. */
static char *byte_string_read(eng *e, eng_val v)
{
        size_t size, used = 0;
        const unsigned char *text = (const unsigned char *)eng_to_string(e, v, &size);
        char *bytes = text ? malloc(size + 1) : NULL;

        if (!text)
                return NULL;
        for (size_t i = 0; bytes && i < size; i++) {
                if (text[i] > 0xc3) {
                        free(bytes);
                        eng_throw(e, ENG_E_TYPE, "a header holds a character above U+00FF");
                        return NULL;
                }
                if (text[i] >= 0xc0 && i + 1 < size) {
                        bytes[used++] = (char)((text[i] & 0x03) << 6 | (text[i + 1] & 0x3f));
                        i++;
                } else {
                        bytes[used++] = (char)text[i];
                }
        }
        if (bytes)
                bytes[used] = '\0';
        else
                eng_throw(e, ENG_E_INTERNAL, "out of memory");
        return bytes;
}

static bool headers_read(eng *e, eng_val list, struct http_request *ret, struct http_header *headers)
{
        uint32_t count;

        ret->headers = headers;
        if (!eng_length(e, list, &count))
                return false;
        if (count / 2 > REQUEST_HEADERS_MAX) {
                eng_throw(e, ENG_E_RANGE, "more than %d headers in a request", REQUEST_HEADERS_MAX);
                return false;
        }
        for (uint32_t i = 0; i < count / 2; i++) {
                struct http_header *header = &headers[ret->header_count++];
                header->name = byte_string_read(e, eng_at(e, list, 2 * i));
                header->value = header->name ? byte_string_read(e, eng_at(e, list, 2 * i + 1)) : NULL;
                if (!header->value)
                        return false;
        }
        return true;
}

static void headers_free(struct http_header *headers, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                free(headers[i].name);
                free(headers[i].value);
        }
}

/* The engine's side of a request. Strings other than those of the headers belong to the open scope. */
static bool request_read(eng *e, eng_val object, struct http_request *ret, struct http_header *headers)
{
        double body_max;
        eng_val body = eng_get(e, object, "body");

        ret->method = eng_to_string(e, eng_get(e, object, "method"), NULL);
        ret->url = eng_to_string(e, eng_get(e, object, "url"), NULL);
        if (!ret->method || !ret->url || !body)
                return false;
        if (!eng_to_number(e, eng_get(e, object, "bodyMax"), &body_max))
                return false;
        ret->body_max = body_max > 0 ? (uint64_t)body_max : 0;
        if (!eng_is_nullish(body)) {
                ret->body = eng_to_bytes(e, body, &ret->body_size);
                if (!ret->body)
                        return false;
        }
        return headers_read(e, eng_get(e, object, "headers"), ret, headers);
}

static void deliver_call(void *data);

static struct loop_call delivery = { .run = deliver_call };

/* One callback a call. The next waits already, for should JavaScript run the loop in this one. */
static void deliver_call(void *data)
{
        loop_later(&delivery);
        if (!ops->deliver(http))
                loop_forget(&delivery);
}

static void deliver_soon(void *data)
{
        loop_later(&delivery);
}

static bool http_ready(struct host *host, eng *e)
{
        struct error error = ERROR_INIT;

        if (http)
                return true;
        if (!host->base) {
                eng_throw(e, ENG_E_ERROR, "the network cannot be used before a task runs");
                return false;
        }
        ops = http_module_load(&error);
        if (!ops) {
                eng_throw(e, ENG_E_ERROR, "%s", error.text);
                return false;
        }
        int r = ops->open(host->base, deliver_soon, NULL, &http);
        if (r < 0)
                eng_throw(e, ENG_E_ERROR, "cannot start the network module: %s", strerror(-r));
        return r == 0;
}

/* What a request calls. */
struct callbacks {
        eng_val head, done, bytes;
};

static struct request *request_new(struct host *host, eng *e, const struct callbacks *callbacks)
{
        struct request *request = calloc(1, sizeof(*request));

        if (!request) {
                eng_throw(e, ENG_E_INTERNAL, "out of memory");
                return NULL;
        }
        request->host = host;
        request->on_head = eng_ref_new(e, callbacks->head);
        request->on_done = eng_ref_new(e, callbacks->done);
        request->on_bytes = eng_ref_new(e, callbacks->bytes);
        if (request->on_head && request->on_done && request->on_bytes)
                return request;
        request_free(request);
        return NULL;
}

/* Start what @wanted says. The id, or NULL with an exception pending. */
static eng_val request_start(struct host *host, eng *e, struct http_request *wanted,
                             const struct callbacks *callbacks)
{
        _cleanup_free_ char *proxy = NULL;
        struct request *request = request_new(host, e, callbacks);

        if (!request)
                return NULL;
        int r = request_configure(host->prefs, wanted, &proxy);
        if (r == 0)
                r = ops->start(http, wanted, &request_events, request, &request->transfer);
        if (r < 0) {
                request_free(request);
                return eng_throw(e, ENG_E_ERROR, "cannot start the request: %s", strerror(-r));
        }
        request->id = ++last_id;
        LIST_INSERT_HEAD(&requests, request, entry);
        request_count++;
        denial_connect(wanted->url);
        return eng_number(e, request->id);
}

static eng_val http_start(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        struct callbacks callbacks;
        eng_val object, id = NULL;
        struct http_request wanted = { 0 };
        struct http_header headers[REQUEST_HEADERS_MAX];

        if (!eng_args_get(e, args, "start", "offf", &object, &callbacks.head, &callbacks.done,
                          &callbacks.bytes))
                return NULL;
        if (request_count >= REQUESTS_MAX || last_id == INT32_MAX)
                return eng_throw(e, ENG_E_RANGE, "too many requests");
        if (!http_ready(host, e))
                return NULL;
        if (request_read(e, object, &wanted, headers))
                id = request_start(host, e, &wanted, &callbacks);
        headers_free(headers, wanted.header_count);
        return id;
}

static eng_val http_want(eng *e, eng_args *args, void *data)
{
        int32_t id;

        if (!eng_args_get(e, args, "want", "i", &id))
                return NULL;
        struct request *request = request_find(id);
        if (request && request->transfer)
                ops->want(request->transfer);
        return ENG_UNDEF;
}

static eng_val http_read(eng *e, eng_args *args, void *data)
{
        int32_t id;

        if (!eng_args_get(e, args, "read", "i", &id))
                return NULL;
        struct request *request = request_find(id);
        if (request && request->transfer)
                ops->read(request->transfer);
        return ENG_UNDEF;
}

static eng_val http_cancel(eng *e, eng_args *args, void *data)
{
        int32_t id;

        if (!eng_args_get(e, args, "cancel", "i", &id))
                return NULL;
        struct request *request = request_find(id);
        if (request && request->transfer) {
                ops->cancel(request->transfer);
                request_free(request);
        }
        return ENG_UNDEF;
}

static eng_val http_resource_path(eng *e, eng_args *args, void *data)
{
        const struct host *host = data;
        const struct loader_roots roots = {
                .gre = host->gre_directory,
                .app = host->app_directory,
                .testing = host->testing_directory,
        };
        const char *url;

        if (!eng_args_get(e, args, "resourcePath", "s", &url))
                return NULL;
        _cleanup_free_ char *canonical = loader_resolve(url, NULL);
        _cleanup_free_ char *path = canonical ? loader_path(&roots, canonical) : NULL;
        return path ? eng_cstring(e, path) : ENG_NUL;
}

static const struct builtin_function http_functions[] = {
        { "start", 4, http_start },
        { "want", 1, http_want },
        { "read", 1, http_read },
        { "cancel", 1, http_cancel },
        { "resourcePath", 1, http_resource_path },
        { NULL, 0, NULL },
};

static eng_val http_create(struct host *host, eng *e)
{
        return builtin_object(host, e, http_functions);
}

const struct builtin builtin_http = { "http", http_create };
