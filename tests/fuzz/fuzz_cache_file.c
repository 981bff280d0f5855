/* SPDX-License-Identifier: MPL-2.0 */
/* Whatever a cache file holds, what is found in it lies in it. Checksums, size and key are made to fit, or
 * nothing would get past them. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "runner/engine/cache_file.h"
#include "tests/fuzz/fuzz.h"

enum { SUM_AT = 8, HEAD_AT = 16, COUNT_AT = 20, TOTAL_AT = 24, KEY_SIZE_AT = 32, KEY_AT = 40 };
/* In a row of the table. */
enum { ROW_CODE = 32, ROW_CODE_SIZE = 40, ROW_CODE_SUM = 48, ROW_SIZE = 56 };

static void check_inside(const struct cache_file *file, const void *piece, size_t size)
{
        const uint8_t *p = piece;
        fuzz_require(p >= file->base && size <= file->size);
        fuzz_require((size_t)(p - file->base) <= file->size - size);
}

static void look_up(const struct cache_file *file, const char *url)
{
        struct cache_entry entry;
        if (!cache_file_find(file, url, strlen(url), &entry))
                return;
        fuzz_require(entry.url_size == strlen(url));
        check_inside(file, entry.url, entry.url_size);
        check_inside(file, entry.text, entry.text_size);
        check_inside(file, entry.code, entry.code_size);
        fuzz_require((uintptr_t)entry.code % 8 == 0);
}

static void parse(uint8_t *bytes, size_t size, const void *key, size_t key_size)
{
        struct cache_file file = { 0 };
        int r = cache_file_parse(bytes, size, key, key_size, &file);
        fuzz_require(r == 0 || r == -EBADMSG || r == -ESTALE);
        fuzz_require((r == 0) == (file.base != NULL));
        if (r < 0)
                return;
        look_up(&file, "");
        look_up(&file, "a");
        look_up(&file, "mem:/module");
}

static uint64_t get64(const uint8_t *p)
{
        uint64_t n;
        memcpy(&n, p, sizeof n);
        return n;
}

static uint32_t get32(const uint8_t *p)
{
        uint32_t n;
        memcpy(&n, p, sizeof n);
        return n;
}

/* Of each code that lies in the file, and of the part with head and table; false: there is no such part. */
static bool sums_mend(uint8_t *bytes, size_t size)
{
        uint64_t table = KEY_AT + (((uint64_t)get32(bytes + KEY_SIZE_AT) + 7) & ~(uint64_t)7);
        uint64_t count = get32(bytes + COUNT_AT);
        if (table > size || count > (size - table) / ROW_SIZE)
                return false;
        for (uint8_t *row = bytes + table; count > 0; count--, row += ROW_SIZE) {
                uint64_t code = get64(row + ROW_CODE), code_size = get64(row + ROW_CODE_SIZE);
                if (code > size || code_size > size - code)
                        continue;
                uint64_t sum = cache_file_sum(bytes + code, code_size);
                memcpy(row + ROW_CODE_SUM, &sum, sizeof sum);
        }
        size_t end = table + (size_t)get32(bytes + COUNT_AT) * ROW_SIZE;
        uint64_t sum = cache_file_sum(bytes + HEAD_AT, end - HEAD_AT);
        memcpy(bytes + SUM_AT, &sum, sizeof sum);
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t *bytes = malloc(size > 0 ? size : 1);
        fuzz_require(bytes);
        if (size > 0)
                memcpy(bytes, data, size);
        parse(bytes, size, "key of this engine", strlen("key of this engine"));
        if (size >= KEY_AT) {
                uint64_t total = size;
                memcpy(bytes + TOTAL_AT, &total, sizeof total);
                if (sums_mend(bytes, size))
                        parse(bytes, size, bytes + KEY_AT, get32(bytes + KEY_SIZE_AT));
        }
        free(bytes);
        return 0;
}
