/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Specifiers, URLs and files.
 *
 *   resource:///PATH, resource://app/PATH   application directory     canonical: resource:///PATH
 *   moz-src:///PATH                         application directory
 *   resource://gre/PATH                     runtime library
 *   resource://testing-common/PATH          XPCSHELL_TESTING_MODULES_URI
 *   file:///PATH, file://localhost/PATH     file system               canonical: file:///PATH
 *   chrome://PATH                           nothing: names of modules that Gecko has in its packages
 *   resource://NAME/PATH                    what loader_substitute() was told
 *   ./X  ../X  /X                           within the root of the module that asks
 *
 * A canonical URL is a row's prefix and a path: segments between single slashes, none of them "." or "..",
 * what is not plain in a URL percent-encoded, a query kept as it is (two queries are two modules of one
 * file), no fragment. What would lead out of the root, or change its segments when it is decoded (an encoded
 * slash or NUL), has no URL at all. Symbolic links are followed: whoever can make one in a root owns it.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/loader.h"

enum root {
        ROOT_APP,
        ROOT_GRE,
        ROOT_TESTING,
        ROOT_FILE_SYSTEM,
        ROOT_SUBSTITUTED,
        ROOT_NONE,
};

/* The first row of a root that has the prefix wins; @canonical is what the URL begins with afterwards. */
struct prefix {
        const char *prefix;
        const char *canonical;
        enum root root;
        char *directory; /* ROOT_SUBSTITUTED */
};

static const struct prefix loader_prefixes[] = {
        { "resource:///", "resource:///", ROOT_APP, NULL },
        { "resource://app/", "resource:///", ROOT_APP, NULL },
        { "resource://gre/", "resource://gre/", ROOT_GRE, NULL },
        { "resource://testing-common/", "resource://testing-common/", ROOT_TESTING, NULL },
        { "moz-src:///", "moz-src:///", ROOT_APP, NULL },
        { "file:///", "file:///", ROOT_FILE_SYSTEM, NULL },
        { "file://localhost/", "file:///", ROOT_FILE_SYSTEM, NULL },
        { "chrome://", "chrome://", ROOT_NONE, NULL },
};

/* In this process alone; names stay, since modules that were loaded by them do. */
static struct prefix substituted[LOADER_SUBSTITUTIONS_MAX];
static size_t substituted_count;

/* A URL under construction. */
struct text {
        char *data; /* LOADER_URL_MAX + 1 bytes */
        size_t size;
};

static bool text_add(struct text *text, const char *data, size_t size)
{
        if (size > LOADER_URL_MAX - text->size)
                return false;
        memcpy(text->data + text->size, data, size);
        text->size += size;
        text->data[text->size] = '\0';
        return true;
}

static int hex_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c = (char)tolower((unsigned char)c);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode %XX of @size bytes into @ret (NUL-terminated, room for size + 1). A % without two digits stands for
 * itself. false: there is a NUL or, with @one_segment, a slash. */
static bool percent_decode(const char *data, size_t size, bool one_segment, char *ret)
{
        size_t n = 0;

        for (size_t i = 0; i < size; i++) {
                char c = data[i];
                if (c == '%' && i + 2 < size && hex_value(data[i + 1]) >= 0 && hex_value(data[i + 2]) >= 0) {
                        c = (char)(hex_value(data[i + 1]) * 16 + hex_value(data[i + 2]));
                        i += 2;
                        if (c == '/' && one_segment)
                                return false;
                }
                if (c == '\0')
                        return false;
                ret[n++] = c;
        }
        ret[n] = '\0';
        return true;
}

static bool is_plain(unsigned char c)
{
        return c > 0x20 && c < 0x7f && !strchr("\"#<>?`{}\\^|", c);
}

static bool add_encoded(struct text *text, const char *data, size_t size, bool name)
{
        static const char digits[] = "0123456789ABCDEF";

        for (size_t i = 0; i < size; i++) {
                unsigned char c = (unsigned char)data[i];
                bool plain = is_plain(c) && !(name && (c == '%' || c == '/'));
                const char encoded[] = { '%', digits[c >> 4], digits[c & 15] };
                if (!(plain ? text_add(text, &data[i], 1) : text_add(text, encoded, sizeof(encoded))))
                        return false;
        }
        return true;
}

/* Drop the last segment of the path that begins at @root_size. false: there is none. */
static bool remove_segment(struct text *text, size_t root_size)
{
        if (text->size == root_size)
                return false;
        text->size--; /* the slash that every segment ends with here */
        while (text->size > root_size && text->data[text->size - 1] != '/')
                text->size--;
        text->data[text->size] = '\0';
        return true;
}

/* Append the segments of @path, which is relative to what is there already. */
static bool add_path(struct text *text, size_t root_size, const char *path, size_t size)
{
        char decoded[LOADER_URL_MAX + 1];

        while (size > 0) {
                const char *slash = memchr(path, '/', size);
                size_t length = slash ? (size_t)(slash - path) : size;
                if (!percent_decode(path, length, true, decoded))
                        return false;
                if (strcmp(decoded, "..") == 0) {
                        if (!remove_segment(text, root_size))
                                return false;
                } else if (length > 0 && strcmp(decoded, ".") != 0) {
                        if (!add_encoded(text, path, length, false) || (slash && !text_add(text, "/", 1)))
                                return false;
                }
                length += slash != NULL;
                path += length;
                size -= length;
        }
        return true;
}

static bool has_prefix(const char *url, const char *prefix)
{
        return strncasecmp(url, prefix, strlen(prefix)) == 0;
}

static const struct prefix *prefix_find(const char *url)
{
        for (size_t i = 0; i < substituted_count; i++)
                if (substituted[i].directory && has_prefix(url, substituted[i].prefix))
                        return &substituted[i];
        for (size_t i = 0; i < ARRAY_SIZE(loader_prefixes); i++)
                if (has_prefix(url, loader_prefixes[i].prefix))
                        return &loader_prefixes[i];
        return NULL;
}

/* Those that the library itself is loaded by stay what they are. */
static bool name_is_fixed(const char *name)
{
        return *name == '\0' || strcmp(name, "gre") == 0 || strcmp(name, "app") == 0;
}

static int substituted_slot(const char *prefix, struct prefix **ret_slot)
{
        for (size_t i = 0; i < substituted_count; i++)
                if (strcmp(substituted[i].prefix, prefix) == 0) {
                        *ret_slot = &substituted[i];
                        return 0;
                }
        if (substituted_count == LOADER_SUBSTITUTIONS_MAX)
                return -ENOSPC;
        char *kept = strdup(prefix);
        if (!kept)
                return -ENOMEM;
        *ret_slot = &substituted[substituted_count++];
        **ret_slot = (struct prefix){ kept, kept, ROOT_SUBSTITUTED, NULL };
        return 0;
}

int loader_substitute(const char *name, const char *directory)
{
        struct prefix *slot;

        if (name_is_fixed(name))
                return -EPERM;
        if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-._")] != '\0' ||
            strlen(name) > NAME_MAX || (directory && *directory != '/'))
                return -EINVAL;
        _cleanup_free_ char *prefix = format_string("resource://%s/", name);
        _cleanup_free_ char *copy = directory ? strdup(directory) : NULL;
        if (!prefix || (directory && !copy))
                return -ENOMEM;
        int r = substituted_slot(prefix, &slot);
        if (r < 0)
                return r;
        free(slot->directory);
        slot->directory = steal_pointer(copy);
        return 0;
}

/* Put the base of a relative specifier into @text: the referrer's root, and its directory unless the
 * specifier begins with a slash. */
static bool base_set(struct text *text, size_t *ret_root_size, const char *specifier, const char *referrer)
{
        bool relative = strncmp(specifier, "./", 2) == 0 || strncmp(specifier, "../", 3) == 0;
        bool rooted = specifier[0] == '/' && specifier[1] != '/';
        const struct prefix *row = referrer && (relative || rooted) ? prefix_find(referrer) : NULL;
        if (!row)
                return false;
        *ret_root_size = strlen(row->canonical);
        size_t size = *ret_root_size;
        if (relative) {
                size_t path_size = strcspn(referrer, "?#");
                while (path_size > size && referrer[path_size - 1] != '/')
                        path_size--;
                size = MAX(size, path_size);
        }
        return text_add(text, referrer, size);
}

char *loader_resolve(const char *specifier, const char *referrer)
{
        size_t root_size;

        if (strlen(specifier) > LOADER_URL_MAX)
                return NULL;
        _cleanup_free_ char *buffer = malloc(LOADER_URL_MAX + 1);
        if (!buffer)
                return NULL;
        struct text text = { buffer, 0 };
        const char *path = specifier;
        const struct prefix *row = prefix_find(specifier);
        if (row) {
                path += strlen(row->prefix);
                root_size = strlen(row->canonical);
                if (!text_add(&text, row->canonical, root_size))
                        return NULL;
        } else if (!base_set(&text, &root_size, specifier, referrer)) {
                return NULL;
        }
        size_t path_size = strcspn(path, "?#");
        if (!add_path(&text, root_size, path, path_size))
                return NULL;
        if (path[path_size] == '?') {
                size_t query_size = strcspn(path + path_size, "#");
                if (!text_add(&text, "?", 1) ||
                    !add_encoded(&text, path + path_size + 1, query_size - 1, false))
                        return NULL;
        }
        return strdup(text.data);
}

static const char *root_directory(const struct loader_roots *roots, const struct prefix *row)
{
        switch (row->root) {
        case ROOT_APP:
                return roots->app;
        case ROOT_GRE:
                return roots->gre;
        case ROOT_TESTING:
                return roots->testing;
        case ROOT_FILE_SYSTEM:
                return "/";
        case ROOT_SUBSTITUTED:
                return row->directory;
        case ROOT_NONE:
                break;
        }
        return NULL;
}

char *loader_path(const struct loader_roots *roots, const char *url)
{
        const struct prefix *row = prefix_find(url);
        const char *directory = row ? root_directory(roots, row) : NULL;
        if (!directory)
                return NULL;
        const char *path = url + strlen(row->prefix);
        size_t size = strcspn(path, "?#");
        _cleanup_free_ char *decoded = malloc(size + 1);
        if (!decoded || !percent_decode(path, size, false, decoded))
                return NULL;
        return path_join(directory, decoded);
}

char *loader_file_url_path(const char *url)
{
        static const struct loader_roots none = { NULL, NULL, NULL };

        if (strncasecmp(url, "file:", 5) != 0)
                return NULL;
        _cleanup_free_ char *canonical = loader_resolve(url, NULL);
        return canonical ? loader_path(&none, canonical) : NULL;
}

char *loader_url(const char *prefix, const char *name, const char *suffix)
{
        _cleanup_free_ char *buffer = malloc(LOADER_URL_MAX + 1);
        struct text text = { buffer, 0 };

        if (!buffer || !text_add(&text, prefix, strlen(prefix)) ||
            !add_encoded(&text, name, strlen(name), true) || !text_add(&text, suffix, strlen(suffix)))
                return NULL;
        return strdup(text.data);
}

/* What a failed read means to a module look-up: only what is not there lets it move on. */
static enum eng_load load_failed(int error, char **ret_reason)
{
        switch (error) {
        case ENOENT:
        case ENOTDIR:
                return ENG_LOAD_NOT_FOUND;
        case EFBIG:
                *ret_reason = format_string("larger than %d MiB", LOADER_MODULE_MAX / (1024 * 1024));
                return ENG_LOAD_UNREADABLE;
        case EINVAL:
                *ret_reason = strdup("not a regular file");
                return ENG_LOAD_UNREADABLE;
        default:
                *ret_reason = strdup(strerror(error));
                return ENG_LOAD_UNREADABLE;
        }
}

enum eng_load loader_load(const struct loader_roots *roots, const char *url, char **ret_text,
                          size_t *ret_size, char **ret_reason)
{
        static const char bom[] = "\xef\xbb\xbf";
        char *text;
        size_t size;

        _cleanup_free_ char *path = loader_path(roots, url);
        if (!path)
                return ENG_LOAD_NOT_FOUND;
        int r = file_read(AT_FDCWD, path, LOADER_MODULE_MAX, &text, &size);
        if (r < 0)
                return load_failed(-r, ret_reason);
        if (!utf8_is_valid(text, size)) {
                free(text);
                *ret_reason = strdup("not valid UTF-8");
                return ENG_LOAD_UNREADABLE;
        }
        if (size >= strlen(bom) && memcmp(text, bom, strlen(bom)) == 0) {
                size -= strlen(bom);
                memmove(text, text + strlen(bom), size + 1);
        }
        *ret_text = text;
        *ret_size = size;
        return ENG_LOAD_OK;
}
