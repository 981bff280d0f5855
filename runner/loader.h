/* SPDX-License-Identifier: MPL-2.0 */
/*
 * From a module specifier to a canonical URL, and from that to the text of a file.
 *
 * A URL names its module: two specifiers for one file must give one URL, or the module is loaded twice.
 */
#ifndef RUNNER_LOADER_H
#define RUNNER_LOADER_H

#include <stddef.h>

#include "runner/engine.h"

#define LOADER_URL_MAX 8192 /* bytes of a specifier and of a canonical URL */
#define LOADER_SUBSTITUTIONS_MAX 64
#define LOADER_MODULE_MAX (16 * 1024 * 1024) /* bytes of a module's file */

/* The directories that the fixed roots stand for; NULL: nothing is there. */
struct loader_roots {
        const char *gre;     /* resource://gre/ */
        const char *app;     /* resource:/// and moz-src:/// */
        const char *testing; /* resource://testing-common/ */
};

/* From now on resource://NAME/ stands for @directory, absolute; NULL: for nothing. -EPERM: the name is one of those above
 * that stay; -EINVAL: no name of lower-case letters, digits, "-", "." and "_"; -ENOSPC: too many. */
int loader_substitute(const char *name, const char *directory);
/* malloc'd canonical URL, or NULL: unknown scheme or host, bare word, beyond the root, NUL or an encoded
 * slash in it, too long. @referrer is a canonical URL or NULL. */
char *loader_resolve(const char *specifier, const char *referrer);
/* malloc'd path of the file that canonical @url stands for; NULL: its root stands for nothing. */
char *loader_path(const struct loader_roots *roots, const char *url);
/* As eng_hooks.load. */
enum eng_load loader_load(const struct loader_roots *roots, const char *url, char **ret_text,
                          size_t *ret_size, char **ret_reason);
/* malloc'd URL "PREFIX" NAME "SUFFIX", @name percent-encoded as one segment of a path. */
char *loader_url(const char *prefix, const char *name, const char *suffix);
/* malloc'd path of a file:// URL; NULL: it is none. */
char *loader_file_url_path(const char *url);

#endif
