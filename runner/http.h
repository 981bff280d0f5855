/* SPDX-License-Identifier: MPL-2.0 */
/*
 * HTTP requests on an event loop. libcurl does the work, in a loadable module (http.so) that is loaded at the
 * first request, since libcurl and what it needs cost milliseconds and megabytes at every start.
 *
 * One transfer is one request and one answer: redirects, cookies and caching are not done here. Callbacks
 * come from the event loop, never from within a call of this interface, and may call all of it.
 */
#ifndef RUNNER_HTTP_H
#define RUNNER_HTTP_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define HTTP_ABI 3                          /* raise it when anything below changes */
#define HTTP_AHEAD_MAX ((size_t)256 * 1024) /* bytes of a body that are taken before anybody wants it */

struct http;
struct http_transfer;

/* Why there is no answer, or no whole one. */
enum http_failure {
        HTTP_SUCCESS,
        HTTP_UNKNOWN_HOST,
        HTTP_REFUSED,
        HTTP_UNREACHABLE,
        HTTP_TIMEOUT,
        HTTP_TLS,
        HTTP_CLOSED,   /* the connection ended too early */
        HTTP_PROTOCOL, /* what came is not HTTP */
        HTTP_ENCODING, /* the body is not in the encoding that its headers name */
        HTTP_HEADERS_TOO_LARGE,
        HTTP_BODY_TOO_LARGE,
        HTTP_PROXY,
        HTTP_MEMORY,
        HTTP_OTHER,
        _HTTP_FAILURE_COUNT,
};

struct http_header {
        char *name;
        char *value;
};

/* Everything in a request is copied by start(). */
struct http_request {
        const char *method; /* a token, in the case to send */
        const char *url;    /* http or https, ASCII, no fragment */
        const struct http_header *headers;
        size_t header_count;
        const void *body; /* NULL: none */
        size_t body_size;
        uint64_t body_max;  /* bytes of the answer's body, decoded */
        size_t headers_max; /* bytes of the answer's headers */
        long connect_timeout_ms;
        long idle_timeout_s;  /* not one byte in that time; 0: no limit */
        const char *ca_file;  /* certificates to trust; NULL: the system's */
        const char *proxy;    /* NULL: what the environment says; "": none */
        const char *no_proxy; /* NULL: what the environment says */
};

struct http_head {
        int status;
        const char *reason;
        const struct http_header *headers;
        size_t header_count;
};

struct http_events {
        /* The answer's headers are complete. */
        void (*head)(void *data, const struct http_head *head);
        /* What read() has asked for: the bytes that have come since the last time, malloc'd and the callee's. */
        void (*bytes)(void *data, void *bytes, size_t size);
        /* The end; the transfer is gone. @body, what bytes() has not told, is malloc'd and the callee's, or NULL;
         * a failure may come before head() or after it, and after a part of the body. @text is one line that
         * says what went wrong. */
        void (*done)(void *data, enum http_failure failure, const char *text, void *body, size_t size);
};

/* What http.so exports, as `http_ops`. */
struct http_ops {
        unsigned abi;
        /* 0 or a negative errno. To be called after the last fork of the process. @wake is called, also from within the
         * functions here, when there is something to deliver. */
        int (*open)(struct event_base *base, void (*wake)(void *data), void *data, struct http **ret);
        /* Call one of the callbacks, if one is due; whether one was. */
        bool (*deliver)(struct http *http);
        /* Cancels all transfers. */
        void (*close)(struct http *http);
        int (*start)(struct http *http, const struct http_request *request, const struct http_events *events,
                     void *data, struct http_transfer **ret);
        /* The body is wanted, all of it: until then no more than HTTP_AHEAD_MAX is taken from the network. */
        void (*want)(struct http_transfer *transfer);
        /* bytes() is to be called once, when there are any. If the end comes before, done() has them. */
        void (*read)(struct http_transfer *transfer);
        /* No callback comes any more. */
        void (*cancel)(struct http_transfer *transfer);
};

/* "refused", "timeout", ...: stable words for programs. */
const char *http_failure_name(enum http_failure failure);

/* Load the module; later calls return the same table. NULL: @error says why. */
const struct http_ops *http_module_load(struct error *error);

#endif
