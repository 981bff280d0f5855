/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cache_file.cc - see the header for the layout.
 *
 * The code in the file is run without further checks by the engine, so it is used only when nobody but us or root
 * could have written the file, and when every byte of it is as it was written. That is looked at when a piece of code is
 * asked for: a start uses a few of them. Source text needs no sum, because it is compared.
 */
#include "config.h"

#include "runner/engine/cache_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char MAGIC[8] = { 'b', 'g', 't', 'c', 'a', 'c', 'h', 'e' };
static const size_t SUMMED_FROM = 16;

struct cache_head {
        uint32_t version;
        uint32_t count;
        uint64_t total_size;
        uint32_t key_size;
        uint32_t reserved;
};

struct cache_row {
        uint64_t url, url_size;
        uint64_t text, text_size;
        uint64_t code, code_size;
        uint64_t code_sum;
};

static size_t aligned(size_t n)
{
        return (n + 7) & ~static_cast<size_t>(7);
}

/* Four lanes of multiply and fold: damage is found, intent is not its matter. */
uint64_t cache_file_sum(const uint8_t *bytes, size_t size)
{
        static const uint64_t factor = 0x9e3779b97f4a7c15u;
        uint64_t lane[4] = { size, 1, 2, 3 }, word[4];
        while (size > 0) {
                /* The size of most copies is known, so that they are two instructions. */
                if (size >= sizeof word) {
                        memcpy(word, bytes, sizeof word);
                } else {
                        memset(word, 0, sizeof word);
                        memcpy(word, bytes, size);
                }
                for (int i = 0; i < 4; i++) {
                        lane[i] = (lane[i] ^ word[i]) * factor;
                        lane[i] ^= lane[i] >> 32;
                }
                size_t n = size < sizeof word ? size : sizeof word;
                bytes += n;
                size -= n;
        }
        uint64_t sum = 0;
        for (int i = 0; i < 4; i++)
                sum = (sum ^ lane[i]) * factor + static_cast<uint64_t>(i);
        return sum ^ (sum >> 29);
}

static bool inside(const struct cache_file *file, uint64_t offset, uint64_t size)
{
        return offset <= file->size && size <= file->size - offset;
}

static struct cache_row row_at(const struct cache_file *file, uint32_t i)
{
        struct cache_row row;
        memcpy(&row, file->table + i * sizeof row, sizeof row);
        return row;
}

static bool rows_sound(const struct cache_file *file)
{
        for (uint32_t i = 0; i < file->count; i++) {
                struct cache_row row = row_at(file, i);
                if (!inside(file, row.url, row.url_size) || !inside(file, row.text, row.text_size) ||
                    !inside(file, row.code, row.code_size) || row.code % 8 != 0)
                        return false;
        }
        return true;
}

/* From the head to the table's end. */
static size_t summed_size(size_t table_at, size_t count)
{
        return table_at + count * sizeof(struct cache_row) - SUMMED_FROM;
}

int cache_file_parse(const uint8_t *bytes, size_t size, const void *key, size_t key_size,
                     struct cache_file *ret)
{
        struct cache_head head;
        uint64_t sum;
        if (size < SUMMED_FROM + sizeof head || memcmp(bytes, MAGIC, sizeof MAGIC) != 0)
                return -EBADMSG;
        memcpy(&sum, bytes + sizeof MAGIC, sizeof sum);
        memcpy(&head, bytes + SUMMED_FROM, sizeof head);
        if (head.version != CACHE_VERSION)
                return -ESTALE;
        size_t key_at = SUMMED_FROM + sizeof head;
        if (head.total_size != size || head.key_size > CACHE_KEY_MAX || head.count > CACHE_ENTRIES_MAX ||
            size - key_at < aligned(head.key_size))
                return -EBADMSG;
        if (head.key_size != key_size || memcmp(bytes + key_at, key, key_size) != 0)
                return -ESTALE;
        size_t table_at = key_at + aligned(head.key_size);
        if ((size - table_at) / sizeof(struct cache_row) < head.count)
                return -EBADMSG;
        struct cache_file file = { bytes, size, bytes + table_at, head.count };
        if (cache_file_sum(bytes + SUMMED_FROM, summed_size(table_at, head.count)) != sum ||
            !rows_sound(&file))
                return -EBADMSG;
        *ret = file;
        return 0;
}

static int map_file(int fd, const uint8_t **ret, size_t *ret_size)
{
        struct stat st;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_size <= 0 || static_cast<uint64_t>(st.st_size) > CACHE_SIZE_MAX)
                return -EBADMSG;
        if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH)))
                return -EPERM;
        size_t size = static_cast<size_t>(st.st_size);
        void *p = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED)
                return -errno;
        *ret = static_cast<const uint8_t *>(p);
        *ret_size = size;
        return 0;
}

int cache_file_open(const char *path, const void *key, size_t key_size, struct cache_file *ret)
{
        const uint8_t *bytes = nullptr;
        size_t size = 0;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        int r = map_file(fd, &bytes, &size);
        close(fd);
        if (r < 0)
                return r;
        r = cache_file_parse(bytes, size, key, key_size, ret);
        if (r < 0)
                munmap(const_cast<uint8_t *>(bytes), size);
        return r;
}

/* Many pages that are mapped at once are much cheaper than one after the other. */
static void pages_read(const uint8_t *bytes, size_t size)
{
#ifdef MADV_POPULATE_READ
        static const size_t MANY = 64 * 1024;
        auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
        uintptr_t from = reinterpret_cast<uintptr_t>(bytes) & ~(page - 1);
        if (size > MANY)
                (void)madvise(reinterpret_cast<void *>(from),
                              reinterpret_cast<uintptr_t>(bytes) + size - from, MADV_POPULATE_READ);
#endif
}

bool cache_file_find(const struct cache_file *file, const char *url, size_t url_size, struct cache_entry *ret)
{
        for (uint32_t i = 0; i < file->count; i++) {
                struct cache_row row = row_at(file, i);
                auto *name = reinterpret_cast<const char *>(file->base + row.url);
                if (row.url_size != url_size || memcmp(name, url, url_size) != 0)
                        continue;
                const uint8_t *code = file->base + row.code;
                pages_read(code, row.code_size);
                if (cache_file_sum(code, row.code_size) != row.code_sum)
                        return false;
                *ret = { name, row.url_size, file->base + row.text, row.text_size, code, row.code_size };
                return true;
        }
        return false;
}

/* ---- writing ---- */

static size_t place(uint8_t *base, size_t *at, const void *data, size_t size)
{
        size_t here = *at;
        if (base && size > 0)
                memcpy(base + here, data, size);
        *at = aligned(here + size);
        return here;
}

/* Lay the file out; with @base NULL only its size is told. */
static size_t lay_out(uint8_t *base, const void *key, size_t key_size, const struct cache_entry *entries,
                      size_t count)
{
        size_t at = SUMMED_FROM + sizeof(struct cache_head);
        place(base, &at, key, key_size);
        size_t table = at;
        at += count * sizeof(struct cache_row);
        for (size_t i = 0; i < count; i++) {
                struct cache_row row = { 0, entries[i].url_size,  0, entries[i].text_size,
                                         0, entries[i].code_size, 0 };
                row.url = place(base, &at, entries[i].url, entries[i].url_size);
                row.text = place(base, &at, entries[i].text, entries[i].text_size);
                row.code = place(base, &at, entries[i].code, entries[i].code_size);
                row.code_sum = base ? cache_file_sum(base + row.code, row.code_size) : 0;
                if (base)
                        memcpy(base + table + i * sizeof row, &row, sizeof row);
        }
        if (base) {
                struct cache_head head = { CACHE_VERSION, static_cast<uint32_t>(count), at,
                                           static_cast<uint32_t>(key_size), 0 };
                memcpy(base, MAGIC, sizeof MAGIC);
                memcpy(base + SUMMED_FROM, &head, sizeof head);
                uint64_t sum = cache_file_sum(base + SUMMED_FROM, summed_size(table, count));
                memcpy(base + sizeof MAGIC, &sum, sizeof sum);
        }
        return at;
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
        while (size > 0) {
                ssize_t n = write(fd, bytes, size);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                bytes += n;
                size -= static_cast<size_t>(n);
        }
        return 0;
}

static int write_replacing(const char *path, const uint8_t *bytes, size_t size)
{
        char *temporary = nullptr;
        if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
                return -ENOMEM;
        int fd = mkostemp(temporary, O_CLOEXEC);
        int r = fd < 0 ? -errno : write_all(fd, bytes, size);
        if (fd >= 0 && r == 0 && fchmod(fd, 0644) < 0)
                r = -errno;
        if (fd >= 0)
                close(fd);
        if (r == 0 && rename(temporary, path) < 0)
                r = -errno;
        if (fd >= 0 && r < 0)
                unlink(temporary);
        free(temporary);
        return r;
}

int cache_file_write(const char *path, const void *key, size_t key_size, const struct cache_entry *entries,
                     size_t count)
{
        if (count > CACHE_ENTRIES_MAX || key_size > CACHE_KEY_MAX)
                return -E2BIG;
        size_t size = lay_out(nullptr, key, key_size, entries, count);
        if (size > CACHE_SIZE_MAX)
                return -EFBIG;
        auto *bytes = static_cast<uint8_t *>(calloc(size, 1));
        if (!bytes)
                return -ENOMEM;
        lay_out(bytes, key, key_size, entries, count);
        int r = write_replacing(path, bytes, size);
        free(bytes);
        return r;
}
