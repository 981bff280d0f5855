/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cache_file.h - the file that compiled code is kept in. Knows nothing of the engine.
 *
 *   magic  8 bytes "bgtcache"
 *   sum    8 bytes, checksum of head, key and table
 *   head   struct cache_head
 *   key    of the engine that wrote it, padded to 8
 *   table  count times struct cache_row: where URL, source text and code of an entry are,
 *          and the checksum of the code
 *   data   each piece aligned to 8
 *
 * Numbers are in the byte order of the machine: the key tells machines apart. Raise CACHE_VERSION when the
 * layout or the options that code is compiled with change.
 */
#ifndef RUNNER_ENGINE_CACHE_FILE_H
#define RUNNER_ENGINE_CACHE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CACHE_VERSION = 2, CACHE_ENTRIES_MAX = 4096, CACHE_KEY_MAX = 256 };
#define CACHE_SIZE_MAX ((size_t)256 << 20)

/* The self-hosted code has the empty URL and text. */
struct cache_entry {
        const char *url;
        size_t url_size;
        const void *text;
        size_t text_size;
        const void *code; /* aligned to 8 */
        size_t code_size;
};

/* A parsed file; what it points at must stay. */
struct cache_file {
        const uint8_t *base;
        size_t size;
        const uint8_t *table;
        uint32_t count;
};

/* 0, or -EBADMSG: damaged, -ESTALE: of another engine or version. @bytes must be aligned to 8. */
int cache_file_parse(const uint8_t *bytes, size_t size, const void *key, size_t key_size,
                     struct cache_file *ret);
/* Map and parse; the mapping is never released. Also -EPERM: somebody else could have written it. */
int cache_file_open(const char *path, const void *key, size_t key_size, struct cache_file *ret);
/* false: there is none, or its code is damaged. */
bool cache_file_find(const struct cache_file *file, const char *url, size_t url_size,
                     struct cache_entry *ret);
/* Write a file at once or not at all. 0 or -errno. */
int cache_file_write(const char *path, const void *key, size_t key_size, const struct cache_entry *entries,
                     size_t count);
/* The checksum, for tests. */
uint64_t cache_file_sum(const uint8_t *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
