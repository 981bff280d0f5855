/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/denial_text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/task_specifier.h"
#include "lib/task_value.h"
#include "lib/util.h"

#define ELLIPSIS "…"

/* A text that grows in a buffer; what has no room is left out. */
struct buffer {
        char *text;
        size_t size, room;
};

void denial_text_copy(char *ret, size_t size, const char *text)
{
        size_t length = strlen(text);

        if (length < size) {
                memcpy(ret, text, length + 1);
                return;
        }
        size_t kept = size - sizeof(ELLIPSIS);
        while (kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80) /* not within a character */
                kept--;
        memcpy(ret, text, kept);
        memcpy(ret + kept, ELLIPSIS, sizeof(ELLIPSIS));
}

static void add(struct buffer *buffer, const char *text)
{
        size_t size = strlen(text);

        if (size >= buffer->room - buffer->size)
                return;
        memcpy(buffer->text + buffer->size, text, size + 1);
        buffer->size += size;
}

static void add_number(struct buffer *buffer, uint64_t number)
{
        char digits[24];
        char *at = digits + sizeof(digits) - 1;

        *at = '\0';
        do
                *--at = (char)('0' + number % 10);
        while ((number /= 10) > 0);
        add(buffer, at);
}

static void add_string(struct buffer *buffer, const char *text)
{
        static const char hex[] = "0123456789abcdef";

        add(buffer, "\"");
        for (; *text; text++) {
                char c[7] = { *text };
                if (*text == '"' || *text == '\\') {
                        c[0] = '\\';
                        c[1] = *text;
                } else if ((unsigned char)*text < ' ') {
                        c[0] = '\\';
                        c[1] = 'u';
                        c[2] = c[3] = '0';
                        c[4] = hex[(unsigned char)*text >> 4];
                        c[5] = hex[*text & 15];
                }
                add(buffer, c);
        }
        add(buffer, "\"");
}

size_t denial_text_json(char *ret, size_t size, const char *what, const char *key, uint64_t count)
{
        struct buffer buffer = { .text = ret, .room = size };

        add(&buffer, "{\"event\":\"denied\",\"what\":");
        add_string(&buffer, what);
        if (*key) {
                add(&buffer, ",\"key\":");
                add_string(&buffer, key);
        }
        add(&buffer, ",\"count\":");
        add_number(&buffer, count);
        add(&buffer, "}");
        return buffer.size;
}

size_t denial_text_line(char *ret, size_t size, const char *what, const char *key)
{
        struct buffer buffer = { .text = ret, .room = size };

        add(&buffer, "bgtask-runner: denied: ");
        add(&buffer, what);
        if (*key) {
                add(&buffer, " (");
                add(&buffer, key);
                add(&buffer, " would allow it)");
        }
        add(&buffer, "\n");
        return buffer.size;
}

void denial_text_connect(char *ret, size_t size, const char *url)
{
        const char *host = strstr(url, "://");
        char what[1024];

        if (!host) {
                snprintf(what, sizeof(what), "connect to %s", url);
                denial_text_copy(ret, size, what);
                return;
        }
        host += strlen("://");
        size_t length = strcspn(host, "/?#");
        const char *at = memrchr(host, '@', length); /* what is before it is secret */
        if (at) {
                length -= (size_t)(at + 1 - host);
                host = at + 1;
        }
        const char *bracket = *host == '[' ? memchr(host, ']', length) : NULL;
        const char *name_end = bracket ? bracket : host;
        bool has_port = memchr(name_end, ':', length - (size_t)(name_end - host)) != NULL;
        const char *port = has_port ? "" : strncmp(url, "https:", 6) == 0 ? ":443" : ":80";
        snprintf(what, sizeof(what), "connect to %.*s%s", (int)MIN(length, (size_t)512), host, port);
        denial_text_copy(ret, size, what);
}

/* Take the last component away from @path, which ends before @end; "" stands for the root. */
static char *parent_end(char *path, char *end)
{
        while (end > path && *--end != '/')
                ;
        return end;
}

/* malloc'd absolute path of @path. */
static char *path_absolute(const char *path)
{
        if (*path == '/')
                return strdup(path);
        _cleanup_free_ char *directory = getcwd(NULL, 0);
        return directory ? path_join(directory, path) : strdup(path);
}

char *denial_text_path(const char *path)
{
        _cleanup_free_ char *absolute = path_absolute(path);
        _cleanup_free_ char *plain = absolute ? malloc(strlen(absolute) + 2) : NULL;

        if (!plain)
                return NULL;
        char *end = plain;
        for (const char *at = absolute; *at;) {
                at += strspn(at, "/");
                size_t size = strcspn(at, "/");
                if (size == 2 && strncmp(at, "..", 2) == 0) {
                        end = parent_end(plain, end);
                } else if (size > 0 && !(size == 1 && *at == '.')) {
                        *end++ = '/';
                        memcpy(end, at, size);
                        end += size;
                }
                at += size;
        }
        if (end == plain)
                *end++ = '/';
        return strndup(plain, (size_t)(end - plain));
}

char *denial_text_key(const char *name, const char *path)
{
        _cleanup_free_ char *quoted = task_value_quote(path);
        _cleanup_free_ char *value = quoted ? task_specifiers_protect(quoted) : NULL;

        return value ? format_string("%s=%s", name, value) : NULL;
}
