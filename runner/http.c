/* SPDX-License-Identifier: MPL-2.0 */
/*
 * http.so: libcurl's multi interface on libevent.
 *
 * libcurl tells which descriptors to watch and when to wake it; each of its descriptors has an event of
 * ours. Its own callbacks only note what happened: what there is to tell is told afterwards, from the event
 * loop, because libcurl must not be called from within them and our callers call us from theirs.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/util.h"
#include "runner/http_impl.h"

/* An answer whose body nobody reads keeps its connection, so that these are higher than a browser's. */
#define CONNECTIONS_MAX 256L
#define CONNECTIONS_PER_HOST_MAX 64L

static void http_perform(struct http *http, curl_socket_t fd, int what)
{
        int running, left;
        CURLMsg *message;

        curl_multi_socket_action(http->multi, fd, what, &running);
        while ((message = curl_multi_info_read(http->multi, &left))) {
                struct http_transfer *transfer;
                if (message->msg != CURLMSG_DONE)
                        continue;
                CURLcode result = message->data.result;
                curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
                http_transfer_finish(transfer, result);
        }
}

static void http_timer_rang(evutil_socket_t fd, short what, void *data)
{
        http_perform(data, CURL_SOCKET_TIMEOUT, 0);
}

static void http_socket_ready(evutil_socket_t fd, short what, void *data)
{
        int flags = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

        http_perform(data, fd, flags);
}

static bool http_deliver(struct http *http)
{
        struct http_transfer *transfer = TAILQ_FIRST(&http->ready);

        if (!transfer)
                return false;
        TAILQ_REMOVE(&http->ready, transfer, ready_entry);
        transfer->is_ready = false;
        http_transfer_deliver(transfer);
        return true;
}

/* libcurl: wake me in @timeout_ms; -1: no more. */
static int http_set_timer(CURLM *multi, long timeout_ms, void *data)
{
        struct http *http = data;
        struct timeval wait = { timeout_ms / 1000, (timeout_ms % 1000) * 1000 };

        if (timeout_ms < 0)
                return event_del(http->timer) < 0 ? -1 : 0;
        return event_add(http->timer, &wait) < 0 ? -1 : 0;
}

/* libcurl: watch @fd for @what from now on. @socket_data is the event that it has, NULL at first. */
static int http_set_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
        struct http *http = data;
        struct event *event = socket_data;
        short flags = EV_PERSIST;

        if (event)
                event_free(event);
        if (what == CURL_POLL_REMOVE) {
                curl_multi_assign(http->multi, fd, NULL);
                return 0;
        }
        if (what & CURL_POLL_IN)
                flags |= EV_READ;
        if (what & CURL_POLL_OUT)
                flags |= EV_WRITE;
        event = event_new(http->base, fd, flags, http_socket_ready, http);
        curl_multi_assign(http->multi, fd, event);
        return event && event_add(event, NULL) == 0 ? 0 : -1;
}

static void http_close(struct http *http)
{
        struct http_transfer *transfer;

        if (!http)
                return;
        while ((transfer = TAILQ_FIRST(&http->transfers)))
                http_transfer_cancel(transfer);
        if (http->multi)
                curl_multi_cleanup(http->multi); /* calls http_set_socket and http_set_timer */
        if (http->timer)
                event_free(http->timer);
        free(http);
        curl_global_cleanup();
}

static int http_open(struct event_base *base, void (*wake)(void *data), void *data, struct http **ret)
{
        if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
                return -ENOMEM;
        struct http *http = calloc(1, sizeof(*http));
        if (!http) {
                curl_global_cleanup();
                return -ENOMEM;
        }
        TAILQ_INIT(&http->transfers);
        TAILQ_INIT(&http->ready);
        http->base = base;
        http->timer = evtimer_new(base, http_timer_rang, http);
        http->wake = wake;
        http->wake_data = data;
        http->multi = curl_multi_init();
        if (!http->timer || !http->multi) {
                http_close(http);
                return -ENOMEM;
        }
        curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, http_set_socket);
        curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
        curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, http_set_timer);
        curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
        curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, CONNECTIONS_MAX);
        curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, CONNECTIONS_PER_HOST_MAX);
        *ret = http;
        return 0;
}

extern const struct http_ops http_ops;

const struct http_ops http_ops = {
        .abi = HTTP_ABI,
        .open = http_open,
        .deliver = http_deliver,
        .close = http_close,
        .start = http_transfer_start,
        .want = http_transfer_want,
        .read = http_transfer_read,
        .cancel = http_transfer_cancel,
};
