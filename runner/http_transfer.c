/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One transfer.
 *
 *   start ──▶ head_complete ──▶ body … (paused while nobody wants more than HTTP_AHEAD_MAX) ──▶ finished
 *     http_head_line()      transfer_body(), http_transfer_want(),         http_transfer_finish()
 *                           http_transfer_read()
 *
 * It is freed by http_transfer_deliver() once it has told its end, or by http_transfer_cancel().
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "lib/util.h"
#include "runner/http_impl.h"

#define FAILURE_TEXT_MAX 512

/* Put it on the list of those with something to tell. */
static void transfer_ready(struct http_transfer *transfer)
{
        if (transfer->is_ready)
                return;
        transfer->is_ready = true;
        TAILQ_INSERT_TAIL(&transfer->http->ready, transfer, ready_entry);
        transfer->http->wake(transfer->http->wake_data);
}

static int body_reserve(struct http_transfer *transfer, size_t size)
{
        size_t allocated = transfer->body_allocated;

        if (size <= allocated)
                return 0;
        while (allocated < size)
                allocated = allocated ? 2 * allocated : 4096;
        char *grown = realloc(transfer->body, allocated);
        if (!grown)
                return -ENOMEM;
        transfer->body = grown;
        transfer->body_allocated = allocated;
        return 0;
}

/* libcurl: @count bytes of the body, decoded. */
static size_t transfer_body(char *bytes, size_t unit, size_t count, void *data)
{
        struct http_transfer *transfer = data;
        size_t size = unit * count;

        if (transfer->head_complete && !transfer->head_told)
                transfer_ready(transfer);
        if (size > transfer->body_max - transfer->body_told - transfer->body_size) {
                transfer->failure = HTTP_BODY_TOO_LARGE;
                return 0;
        }
        if (!transfer->wanted && size > 0 && transfer->body_size + size > HTTP_AHEAD_MAX) {
                transfer->paused = true;
                return CURL_WRITEFUNC_PAUSE;
        }
        if (body_reserve(transfer, transfer->body_size + size) < 0) {
                transfer->failure = HTTP_MEMORY;
                return 0;
        }
        if (size > 0)
                memcpy(transfer->body + transfer->body_size, bytes, size);
        transfer->body_size += size;
        if (transfer->asked)
                transfer_ready(transfer);
        return size;
}

static size_t transfer_head_line(char *line, size_t unit, size_t count, void *data)
{
        struct http_transfer *transfer = data;
        size_t taken = http_head_line(line, unit, count, data);

        if (transfer->head_complete && !transfer->head_told)
                transfer_ready(transfer);
        return taken;
}

static curl_socket_t transfer_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void transfer_free(struct http_transfer *transfer)
{
        if (!transfer)
                return;
        if (transfer->easy) {
                curl_multi_remove_handle(transfer->http->multi, transfer->easy);
                curl_easy_cleanup(transfer->easy);
        }
        curl_slist_free_all(transfer->request_headers);
        http_head_clear(transfer);
        free(transfer->body);
        free(transfer);
}

/* Unlink it; what is left is for transfer_free(). */
static void transfer_unlink(struct http_transfer *transfer)
{
        TAILQ_REMOVE(&transfer->http->transfers, transfer, entry);
        if (transfer->is_ready)
                TAILQ_REMOVE(&transfer->http->ready, transfer, ready_entry);
        transfer->is_ready = false;
}

static bool text_is_one_line(const char *text)
{
        return !strpbrk(text, "\r\n");
}

static int transfer_add_header(struct http_transfer *transfer, const char *line)
{
        struct curl_slist *list = curl_slist_append(transfer->request_headers, line);

        if (!list)
                return -ENOMEM;
        transfer->request_headers = list;
        return 0;
}

static int transfer_set_headers(struct http_transfer *transfer, const struct http_request *request)
{
        bool has_type = false;
        int r = transfer_add_header(transfer, "Expect:"); /* libcurl would wait a second for a 100 */

        for (size_t i = 0; r == 0 && i < request->header_count; i++) {
                const struct http_header *header = &request->headers[i];
                if (!text_is_one_line(header->name) || !text_is_one_line(header->value) || !*header->name)
                        return -EINVAL;
                /* "name;" is how libcurl is told to send a header without a value. */
                char *line = NULL;
                const bool empty = !*header->value;
                if (asprintf(&line, "%s%s%s", header->name, empty ? ";" : ": ", header->value) < 0)
                        return -ENOMEM;
                has_type = has_type || strcasecmp(header->name, "content-type") == 0;
                r = transfer_add_header(transfer, line);
                free(line);
        }
        if (r == 0 && !has_type)
                r = transfer_add_header(transfer, "Content-Type:");
        if (r == 0)
                curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->request_headers);
        return r;
}

static void transfer_set_method(CURL *easy, const struct http_request *request)
{
        bool posts = strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;

        if (request->body || posts) {
                curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
                curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body ? request->body : "");
                curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
        } else if (strcmp(request->method, "HEAD") == 0) {
                curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        } else if (strcmp(request->method, "GET") != 0) {
                curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
        }
}

static void transfer_set_network(CURL *easy, const struct http_request *request)
{
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
        curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, transfer_socket);
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout_ms);
        if (request->idle_timeout_s > 0) {
                curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
                curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, request->idle_timeout_s);
        }
        if (request->ca_file)
                curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
        if (request->proxy)
                curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy);
        if (request->no_proxy)
                curl_easy_setopt(easy, CURLOPT_NOPROXY, request->no_proxy);
}

static int transfer_set_up(struct http_transfer *transfer, const struct http_request *request)
{
        CURL *easy = transfer->easy;

        curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, transfer_head_line);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, transfer_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
        curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ""); /* all that this libcurl decodes */
        transfer_set_network(easy, request);
        transfer_set_method(easy, request);
        if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK)
                return -ENOMEM;
        return transfer_set_headers(transfer, request);
}

int http_transfer_start(struct http *http, const struct http_request *request,
                        const struct http_events *events, void *data, struct http_transfer **ret)
{
        if (!text_is_one_line(request->method) || !text_is_one_line(request->url) || !*request->method)
                return -EINVAL;
        struct http_transfer *transfer = calloc(1, sizeof(*transfer));
        if (!transfer)
                return -ENOMEM;
        transfer->http = http;
        transfer->events = *events;
        transfer->data = data;
        transfer->body_max = request->body_max;
        transfer->headers_max = request->headers_max;
        transfer->easy = curl_easy_init();
        int r = transfer->easy ? transfer_set_up(transfer, request) : -ENOMEM;
        if (r == 0 && curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
                r = -ENOMEM;
        if (r < 0) {
                transfer_free(transfer);
                return r;
        }
        TAILQ_INSERT_TAIL(&http->transfers, transfer, entry);
        *ret = transfer;
        return 0;
}

static void transfer_go_on(struct http_transfer *transfer)
{
        if (!transfer->paused)
                return;
        transfer->paused = false;
        curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

void http_transfer_want(struct http_transfer *transfer)
{
        transfer->wanted = true;
        transfer_go_on(transfer);
}

void http_transfer_read(struct http_transfer *transfer)
{
        transfer->asked = true;
        if (transfer->body_size > 0)
                transfer_ready(transfer);
}

static void transfer_tell_bytes(struct http_transfer *transfer)
{
        void *bytes = transfer->body;
        size_t size = transfer->body_size;

        transfer->asked = false;
        transfer->body = NULL;
        transfer->body_size = transfer->body_allocated = 0;
        transfer->body_told += size;
        transfer_go_on(transfer);
        transfer->events.bytes(transfer->data, bytes, size);
}

void http_transfer_cancel(struct http_transfer *transfer)
{
        if (!transfer)
                return;
        transfer_unlink(transfer);
        transfer_free(transfer);
}

void http_transfer_finish(struct http_transfer *transfer, CURLcode result)
{
        transfer->finished = true;
        transfer->result = result;
        transfer_ready(transfer);
}

void http_transfer_deliver(struct http_transfer *transfer)
{
        char text[FAILURE_TEXT_MAX] = "";

        if (transfer->head_complete && !transfer->head_told) {
                const struct http_head head = {
                        .status = transfer->status,
                        .reason = transfer->reason,
                        .headers = transfer->headers,
                        .header_count = transfer->header_count,
                };
                transfer->head_told = true;
                if (transfer->finished) /* the next delivery tells the end */
                        transfer_ready(transfer);
                transfer->events.head(transfer->data, &head);
                return;
        }
        if (!transfer->finished) {
                if (transfer->asked && transfer->body_size > 0)
                        transfer_tell_bytes(transfer);
                return;
        }
        enum http_failure failure = http_failure_of(transfer, text, sizeof(text));
        if (failure == HTTP_SUCCESS && !transfer->head_told) {
                failure = HTTP_PROTOCOL;
                snprintf(text, sizeof(text), "the answer has no headers");
        }
        void *body = transfer->body;
        size_t size = transfer->body_size;
        transfer->body = NULL;
        const struct http_events events = transfer->events;
        void *data = transfer->data;
        http_transfer_cancel(transfer);
        events.done(data, failure, text, body, size);
}
