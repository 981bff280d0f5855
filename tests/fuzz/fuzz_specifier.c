/* SPDX-License-Identifier: MPL-2.0 */
/* Module specifiers: a specifier, then a line feed and the URL of the module that has it (none: no module). */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "lib/cleanup.h"
#include "runner/loader.h"
#include "tests/fuzz/fuzz.h"

static bool has_dot_segment(const char *path)
{
        for (const char *p = path; (p = strchr(p, '/')); p++)
                if (strncmp(p, "/../", 4) == 0 || strcmp(p, "/..") == 0 || strncmp(p, "/./", 3) == 0)
                        return true;
        return false;
}

static void check(const char *url)
{
        const struct loader_roots roots = { .gre = "/gre", .app = "/app", .testing = "/testing" };

        fuzz_require(strlen(url) <= LOADER_URL_MAX);
        /* Canonical: it stands for itself. */
        _cleanup_free_ char *again = loader_resolve(url, NULL);
        fuzz_require(again && strcmp(again, url) == 0);
        /* And for nothing outside its root. */
        _cleanup_free_ char *path = loader_path(&roots, url);
        fuzz_require(path && path[0] == '/' && !has_dot_segment(path));
        if (strncmp(url, "file:", 5) != 0)
                fuzz_require(strncmp(path, "/gre/", 5) == 0 || strncmp(path, "/app/", 5) == 0 ||
                             strncmp(path, "/testing/", 9) == 0);
        for (const char *p = url; *p; p++)
                fuzz_require(*p > 0x20 && *p < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *referrer = NULL;

        _cleanup_free_ char *specifier = strndup((const char *)data, size);
        fuzz_require(specifier);
        char *end = strchr(specifier, '\n');
        _cleanup_free_ char *canonical = NULL;
        if (end) {
                *end = '\0';
                /* A referrer is always canonical. */
                canonical = loader_resolve(end + 1, NULL);
                referrer = canonical;
        }
        _cleanup_free_ char *url = loader_resolve(specifier, referrer);
        if (url)
                check(url);
        return 0;
}
