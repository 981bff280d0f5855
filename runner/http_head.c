/* SPDX-License-Identifier: MPL-2.0 */
/* The head of an answer, line by line as libcurl hands it over. An interim answer (1xx) is dropped. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "runner/http_impl.h"

static void header_free(struct http_header *header)
{
        free(header->name);
        free(header->value);
}

void http_head_clear(struct http_transfer *transfer)
{
        for (size_t i = 0; i < transfer->header_count; i++)
                header_free(&transfer->headers[i]);
        free(transfer->headers);
        free(transfer->reason);
        transfer->headers = NULL;
        transfer->header_count = transfer->header_size = 0;
        transfer->reason = NULL;
        transfer->status = 0;
}

static char *text_trimmed(const char *text, size_t size)
{
        while (size > 0 && strchr(" \t\r\n", text[0])) {
                text++;
                size--;
        }
        while (size > 0 && strchr(" \t\r\n", text[size - 1]))
                size--;
        /* A NUL in the head ends the text there. */
        return strndup(text, size);
}

static bool head_start(struct http_transfer *transfer, const char *line, size_t size)
{
        long status = 0;

        http_head_clear(transfer);
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        transfer->status = (int)status;
        const char *version_end = memchr(line, ' ', size);
        size_t at = version_end ? (size_t)(version_end - line) + 1 : size;
        while (at < size && line[at] >= '0' && line[at] <= '9')
                at++;
        transfer->reason = text_trimmed(line + at, size - at);
        return transfer->reason != NULL;
}

/* A line that begins with white space goes on with the value before it. */
static bool header_continue(struct http_transfer *transfer, const char *line, size_t size)
{
        char *joined;

        if (transfer->header_count == 0)
                return true;
        struct http_header *last = &transfer->headers[transfer->header_count - 1];
        while (size > 0 && strchr(" \t\r\n", line[size - 1]))
                size--;
        if (asprintf(&joined, "%s%.*s", last->value, (int)size, line) < 0)
                return false;
        free(last->value);
        last->value = joined;
        return true;
}

static bool header_add(struct http_transfer *transfer, const char *line, size_t size)
{
        const char *colon = memchr(line, ':', size);

        if (!colon)
                return true;
        if (transfer->header_count == transfer->header_size) {
                size_t grown_size = transfer->header_size ? 2 * transfer->header_size : 16;
                struct http_header *grown = reallocarray(transfer->headers, grown_size, sizeof(*grown));
                if (!grown)
                        return false;
                transfer->headers = grown;
                transfer->header_size = grown_size;
        }
        struct http_header header = {
                .name = text_trimmed(line, (size_t)(colon - line)),
                .value = text_trimmed(colon + 1, size - (size_t)(colon - line) - 1),
        };
        if (!header.name || !header.value) {
                header_free(&header);
                return false;
        }
        transfer->headers[transfer->header_count++] = header;
        return true;
}

size_t http_head_line(char *line, size_t unit, size_t count, void *data)
{
        struct http_transfer *transfer = data;
        size_t size = unit * count;
        bool good = true;

        if (transfer->head_complete) /* a trailer: nothing of ours looks at them */
                return size;
        transfer->headers_bytes += size;
        if (transfer->headers_bytes > transfer->headers_max) {
                transfer->failure = HTTP_HEADERS_TOO_LARGE;
                return 0;
        }
        if (size >= 5 && memcmp(line, "HTTP/", 5) == 0)
                good = head_start(transfer, line, size);
        else if (size > 0 && (line[0] == '\r' || line[0] == '\n'))
                transfer->head_complete = transfer->status >= 200;
        else if (size > 0 && (line[0] == ' ' || line[0] == '\t'))
                good = header_continue(transfer, line, size);
        else
                good = header_add(transfer, line, size);
        if (!good) {
                transfer->failure = HTTP_MEMORY;
                return 0;
        }
        return size;
}
