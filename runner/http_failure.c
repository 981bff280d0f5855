/* SPDX-License-Identifier: MPL-2.0 */
/* libcurl's result codes as the few kinds of failure that a caller can act on, and in words. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"
#include "runner/http_impl.h"

static const struct {
        CURLcode result;
        enum http_failure failure;
        const char *text;
        bool whole; /* what libcurl adds says the same again */
} failures[] = {
        { CURLE_COULDNT_RESOLVE_HOST, HTTP_UNKNOWN_HOST, "unknown host", true },
        { CURLE_COULDNT_RESOLVE_PROXY, HTTP_PROXY, "unknown proxy", false },
        { CURLE_PROXY, HTTP_PROXY, "the proxy refused", false },
        { CURLE_COULDNT_CONNECT, HTTP_REFUSED, "could not connect", false },
        { CURLE_OPERATION_TIMEDOUT, HTTP_TIMEOUT, "timed out", false },
        { CURLE_SSL_CONNECT_ERROR, HTTP_TLS, "TLS handshake failed", false },
        { CURLE_PEER_FAILED_VERIFICATION, HTTP_TLS, "the certificate is not trusted", false },
        { CURLE_SSL_CERTPROBLEM, HTTP_TLS, "TLS certificate problem", false },
        { CURLE_SSL_CIPHER, HTTP_TLS, "no common TLS cipher", false },
        { CURLE_SSL_CACERT_BADFILE, HTTP_TLS, "the file of trusted certificates cannot be used", false },
        { CURLE_SSL_ISSUER_ERROR, HTTP_TLS, "the certificate is not trusted", false },
        { CURLE_SSL_ENGINE_INITFAILED, HTTP_TLS, "TLS cannot be used", false },
        { CURLE_USE_SSL_FAILED, HTTP_TLS, "TLS cannot be used", false },
        { CURLE_GOT_NOTHING, HTTP_CLOSED, "the connection was closed without an answer", true },
        { CURLE_RECV_ERROR, HTTP_CLOSED, "the connection was lost", false },
        { CURLE_SEND_ERROR, HTTP_CLOSED, "the connection was lost", false },
        { CURLE_PARTIAL_FILE, HTTP_CLOSED, "the connection was closed before the end of the body", false },
        { CURLE_WEIRD_SERVER_REPLY, HTTP_PROTOCOL, "the answer is not HTTP", false },
        { CURLE_UNSUPPORTED_PROTOCOL, HTTP_PROTOCOL, "the answer is not HTTP", false },
        { CURLE_HTTP2, HTTP_PROTOCOL, "HTTP/2 error", false },
        { CURLE_HTTP2_STREAM, HTTP_PROTOCOL, "HTTP/2 stream error", false },
        { CURLE_BAD_CONTENT_ENCODING, HTTP_ENCODING, "the body is not in the encoding that the headers name",
          false },
        { CURLE_OUT_OF_MEMORY, HTTP_MEMORY, "out of memory", false },
};

/* A failed connect has a cause that the kernel knows better. */
static enum http_failure connect_failure(int os_error)
{
        switch (os_error) {
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
        case EHOSTDOWN:
                return HTTP_UNREACHABLE;
        case ETIMEDOUT:
                return HTTP_TIMEOUT;
        case ENOMEM:
        case ENOBUFS:
                return HTTP_MEMORY;
        default: /* an errno, not an enum of ours */
                return HTTP_REFUSED;
        }
}

static enum http_failure failure_by_limit(const struct http_transfer *transfer, char *ret_text, size_t size)
{
        switch (transfer->failure) {
        case HTTP_HEADERS_TOO_LARGE:
                snprintf(ret_text, size, "the headers of the answer are larger than %zu bytes",
                         transfer->headers_max);
                break;
        case HTTP_BODY_TOO_LARGE:
                snprintf(ret_text, size, "the body of the answer is larger than %ju bytes",
                         (uintmax_t)transfer->body_max);
                break;
        case HTTP_SUCCESS:
        case HTTP_UNKNOWN_HOST:
        case HTTP_REFUSED:
        case HTTP_UNREACHABLE:
        case HTTP_TIMEOUT:
        case HTTP_TLS:
        case HTTP_CLOSED:
        case HTTP_PROTOCOL:
        case HTTP_ENCODING:
        case HTTP_PROXY:
        case HTTP_MEMORY:
        case HTTP_OTHER:
        case _HTTP_FAILURE_COUNT:
                snprintf(ret_text, size, "out of memory");
                break;
        }
        return transfer->failure;
}

enum http_failure http_failure_of(const struct http_transfer *transfer, char *ret_text, size_t size)
{
        long os_error = 0;

        if (transfer->failure != HTTP_SUCCESS)
                return failure_by_limit(transfer, ret_text, size);
        if (transfer->result == CURLE_OK)
                return HTTP_SUCCESS;
        curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
        for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
                if (failures[i].result != transfer->result)
                        continue;
                if (transfer->result == CURLE_COULDNT_CONNECT && os_error != 0) {
                        snprintf(ret_text, size, "%s: %s", failures[i].text, strerror((int)os_error));
                        return connect_failure((int)os_error);
                }
                const char *detail = failures[i].whole ? "" : transfer->error;
                snprintf(ret_text, size, "%s%s%s", failures[i].text, *detail ? ": " : "", detail);
                return failures[i].failure;
        }
        const char *text = transfer->error;
        snprintf(ret_text, size, "%s", *text ? text : curl_easy_strerror(transfer->result));
        return HTTP_OTHER;
}
