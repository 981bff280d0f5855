/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of http.so share. */
#ifndef RUNNER_HTTP_IMPL_H
#define RUNNER_HTTP_IMPL_H

#include <curl/curl.h>
#include <sys/queue.h>

#include "runner/http.h"

TAILQ_HEAD(http_transfer_list, http_transfer);

struct http {
        struct event_base *base;
        CURLM *multi;
        struct event *timer;      /* libcurl's next timeout */
        void (*wake)(void *data); /* called when `ready` is no more empty */
        void *wake_data;
        struct http_transfer_list transfers;
        struct http_transfer_list ready; /* with something to tell; callbacks are called from there */
};

struct http_transfer {
        TAILQ_ENTRY(http_transfer) entry;       /* of http->transfers */
        TAILQ_ENTRY(http_transfer) ready_entry; /* of http->ready while is_ready */
        struct http *http;
        CURL *easy;
        struct curl_slist *request_headers;
        char error[CURL_ERROR_SIZE];

        struct http_events events;
        void *data;
        bool is_ready;
        bool head_complete, head_told;
        bool wanted, asked, paused, finished;
        enum http_failure failure; /* set when a limit of ours ended the transfer; else from result */
        CURLcode result;

        int status;
        char *reason;
        struct http_header *headers;
        size_t header_count, header_size;
        size_t headers_bytes, headers_max;
        char *body;
        size_t body_size, body_allocated;
        uint64_t body_told; /* bytes that went to events.bytes() */
        uint64_t body_max;
};

/* http_transfer.c */
int http_transfer_start(struct http *http, const struct http_request *request,
                        const struct http_events *events, void *data, struct http_transfer **ret);
void http_transfer_want(struct http_transfer *transfer);
void http_transfer_read(struct http_transfer *transfer);
void http_transfer_cancel(struct http_transfer *transfer);
/* libcurl is done with it. */
void http_transfer_finish(struct http_transfer *transfer, CURLcode result);
/* Call what callbacks are due; the transfer may be gone afterwards. */
void http_transfer_deliver(struct http_transfer *transfer);

/* http_head.c: libcurl's callbacks for the lines of the head, and what they fill. */
size_t http_head_line(char *line, size_t size, size_t count, void *data);
void http_head_clear(struct http_transfer *transfer);

/* http_failure.c: what @transfer failed of, and one line that says so. */
enum http_failure http_failure_of(const struct http_transfer *transfer, char *ret_text, size_t size);

#endif
