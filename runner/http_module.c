/* SPDX-License-Identifier: MPL-2.0 */
/* The main program's side of http.so: its loading, and the words for failures. */
#include "config.h"

#include "lib/util.h"
#include "runner/http.h"
#include "runner/modules.h"

static const char *const failure_names[] = {
        [HTTP_SUCCESS] = "success",
        [HTTP_UNKNOWN_HOST] = "unknown-host",
        [HTTP_REFUSED] = "refused",
        [HTTP_UNREACHABLE] = "unreachable",
        [HTTP_TIMEOUT] = "timeout",
        [HTTP_TLS] = "tls",
        [HTTP_CLOSED] = "closed",
        [HTTP_PROTOCOL] = "protocol",
        [HTTP_ENCODING] = "encoding",
        [HTTP_HEADERS_TOO_LARGE] = "headers-too-large",
        [HTTP_BODY_TOO_LARGE] = "body-too-large",
        [HTTP_PROXY] = "proxy",
        [HTTP_MEMORY] = "memory",
        [HTTP_OTHER] = "other",
};

_Static_assert(ARRAY_SIZE(failure_names) == _HTTP_FAILURE_COUNT, "each failure has a name");

const char *http_failure_name(enum http_failure failure)
{
        return failure_names[failure];
}

const struct http_ops *http_module_load(struct error *error)
{
        static const struct http_ops *ops;

        if (!ops)
                ops = modules_load("http.so", "http_ops", HTTP_ABI, "network", error);
        return ops;
}
