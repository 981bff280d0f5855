/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/engine/cache_file.h"
#include "tests/unit/test_engine.h"

static char folder[64], path[128];

static const struct test_module modules[] = {
        { "one",
          "import {two} from 'two'; export const one = two + 1; export function late() { return () => 'late' }" },
        { "two", "export const two = 1; // gr\xc3\xbc\xc3\x9f" },
        { "empty", "" },
};

static void set_up(void)
{
        strcpy(folder, "/tmp/test-engine-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(folder));
        snprintf(path, sizeof path, "%s/cache", folder);
        test_modules(modules, sizeof modules / sizeof modules[0]);
}

static void tear_down(void)
{
        unlink(path);
        ck_assert_int_eq(rmdir(folder), 0); /* no temporary file is left */
}

/* Run @body in a child, since a process has one engine; 0 if it did not fail. */
static void in_child(void (*body)(void))
{
        int status;
        fflush(NULL);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                body();
                _exit(0);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_msg(status == 0, "status %x", (unsigned)status);
}

static void demand(bool condition, int status)
{
        if (!condition)
                _exit(status);
}

static eng_val import_one(eng *e)
{
        eng_val ns = NULL;
        demand(eng_import(e, "one", NULL, &ns) == ENG_IMPORT_OK, 2);
        return ns;
}

static void write_cache(void)
{
        eng *e = test_start();
        eng_val ns;
        import_one(e);
        demand(eng_import(e, "empty", NULL, &ns) == ENG_IMPORT_OK, 3);
        demand(eng_cache_write(e, path) == 0, 4);
        demand(!eng_cache_used(e), 5);
        demand(run_number(e, "1 + 1") == 2, 6);
}

static double number(eng *e, eng_val v)
{
        double n = -1;
        demand(eng_to_number(e, v, &n), 7);
        return n;
}

static bool expect_used;
static double expect_one;

static void read_cache(void)
{
        test_hooks.cache_path = path;
        eng *e = test_start();
        demand(eng_cache_used(e) == expect_used, 8);
        eng_val ns = import_one(e);
        demand(number(e, eng_get(e, ns, "one")) == expect_one, 9);
        const char *late =
                eng_to_string(e, eng_call(e, eng_call_method(e, ns, "late", 0, NULL), NULL, 0, NULL), NULL);
        demand(late && strcmp(late, "late") == 0, 10);
        demand(strcmp(run_string(e, "[3, 1, 2].sort().map(x => x * 2).join() + new Map([[1, 2]]).size"),
                      "2,4,61") == 0,
               11);
        eng_collect(e, true);
        demand(number(e, eng_get(e, import_one(e), "one")) == expect_one, 12);
        const char *source = eng_to_string(e, eng_get(e, ns, "late"), NULL);
        demand(source && strstr(source, "return () => 'late'"), 13);
}

static void read_expecting(bool used, double one)
{
        expect_used = used;
        expect_one = one;
        in_child(read_cache);
}

START_TEST(written_and_read)
{
        in_child(write_cache);
        read_expecting(true, 2);
        in_child(write_cache); /* over the old one */
        read_expecting(true, 2);
        test_module_set("two", "export const two = 41;");
        read_expecting(true, 42); /* an edited module is compiled anew */
        test_module_set("two", "export const two = 2; // gr\xc3\xbc\xc3\x9f"); /* same size */
        read_expecting(true, 3);
}
END_TEST

START_TEST(no_cache)
{
        read_expecting(false, 2);
        test_hooks.cache_path = NULL;
}
END_TEST

static uint8_t *read_file(size_t *ret_size)
{
        struct stat st;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(fstat(fd, &st), 0);
        uint8_t *bytes = malloc((size_t)st.st_size);
        ck_assert_ptr_nonnull(bytes);
        ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
        close(fd);
        *ret_size = (size_t)st.st_size;
        return bytes;
}

static void write_file(const uint8_t *bytes, size_t size)
{
        int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
        close(fd);
}

static uint32_t get32(const uint8_t *p)
{
        uint32_t n;
        memcpy(&n, p, 4);
        return n;
}

/* Whether the code of the entry @url lies at @at. */
static bool code_is_at(const struct cache_file *file, const char *url, size_t at)
{
        struct cache_entry entry;
        ck_assert(cache_file_find(file, url, strlen(url), &entry));
        size_t from = (size_t)((const uint8_t *)entry.code - file->base);
        return at >= from && at < from + entry.code_size;
}

/* A byte that is not as it was written makes the file unusable, or the code that it is of. */
static size_t damage_one(const struct cache_file *sound, uint8_t *bytes, size_t at, const void *key,
                         size_t key_size)
{
        static const char *const urls[] = { "", "one", "two", "empty" };
        bool hit[4];
        size_t found = 0;
        struct cache_file file;
        for (size_t i = 0; i < 4; i++)
                hit[i] = code_is_at(sound, urls[i], at);
        bytes[at] ^= 0x10;
        if (cache_file_parse(bytes, sound->size, key, key_size, &file) < 0) {
                found = 1;
        } else {
                struct cache_entry entry;
                for (size_t i = 0; i < 4; i++)
                        if (hit[i]) {
                                ck_assert(!cache_file_find(&file, urls[i], strlen(urls[i]), &entry));
                                found = 1;
                        }
        }
        bytes[at] ^= 0x10;
        return found;
}

START_TEST(damage_is_found)
{
        size_t size, looked = 0, found = 0;
        struct cache_file file;
        in_child(write_cache);
        uint8_t *bytes = read_file(&size);
        uint32_t key_size = get32(bytes + 32);
        uint8_t key[CACHE_KEY_MAX];
        ck_assert_uint_le(key_size, sizeof key);
        memcpy(key, bytes + 40, key_size);
        ck_assert_int_eq(cache_file_parse(bytes, size, key, key_size, &file), 0);
        ck_assert_uint_eq(file.count, 4);
        size_t table_end = 40 + ((key_size + 7) & ~7u) + 4 * 56;
        for (size_t i = 0; i < table_end; i++)
                ck_assert_uint_eq(damage_one(&file, bytes, i, key, key_size), 1);
        for (size_t i = table_end; i < size; i += 997, looked++)
                found += damage_one(&file, bytes, i, key, key_size);
        ck_assert_uint_gt(found, looked * 9 / 10); /* the rest is text, URLs and padding */
        for (size_t cut = 0; cut < size; cut += 997)
                ck_assert_int_lt(cache_file_parse(bytes, cut, key, key_size, &file), 0);
        bytes[size / 2] ^= 1;
        write_file(bytes, size);
        read_expecting(false, 2);
        bytes[size / 2] ^= 1;
        write_file(bytes, size - 1);
        read_expecting(false, 2);
        write_file(bytes, size);
        read_expecting(true, 2);
        free(bytes);
}
END_TEST

static void sum_mend(uint8_t *bytes)
{
        size_t table_end = 40 + ((get32(bytes + 32) + 7) & ~7u) + get32(bytes + 20) * 56;
        uint64_t sum = cache_file_sum(bytes + 16, table_end - 16);
        memcpy(bytes + 8, &sum, sizeof sum);
}

/* Set the key or the version, and make the checksum fit. */
static void forge(uint8_t *bytes, size_t size, size_t at)
{
        bytes[at]++;
        sum_mend(bytes);
        write_file(bytes, size);
}

START_TEST(foreign_is_passed_over)
{
        size_t size;
        in_child(write_cache);
        uint8_t *bytes = read_file(&size);
        forge(bytes, size, 41); /* in the key */
        read_expecting(false, 2);
        free(bytes);
        in_child(write_cache);
        bytes = read_file(&size);
        forge(bytes, size, 16); /* the version */
        read_expecting(false, 2);
        free(bytes);
}
END_TEST

START_TEST(rows_are_bounded)
{
        size_t size;
        struct cache_file file;
        in_child(write_cache);
        uint8_t *bytes = read_file(&size), key[CACHE_KEY_MAX];
        uint32_t key_size = get32(bytes + 32);
        memcpy(key, bytes + 40, key_size);
        size_t table = 40 + ((key_size + 7) & ~7u);
        for (size_t field = 0; field < 6; field++) {
                static const uint64_t wild[] = { 1, UINT64_MAX, UINT64_MAX - 7, (uint64_t)1 << 63 };
                for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
                        uint64_t saved, n;
                        memcpy(&saved, bytes + table + field * 8, 8);
                        n = saved + wild[i];
                        if (wild[i] == 1)
                                n = size + 8;
                        memcpy(bytes + table + field * 8, &n, 8);
                        sum_mend(bytes);
                        int r = cache_file_parse(bytes, size, key, key_size, &file);
                        ck_assert_msg(r == -EBADMSG || (saved + wild[i] < size && wild[i] != 1), "field %zu",
                                      field);
                        memcpy(bytes + table + field * 8, &saved, 8);
                }
        }
        free(bytes);
}
END_TEST

START_TEST(writable_by_others_is_refused)
{
        struct cache_file file;
        in_child(write_cache);
        ck_assert_int_eq(chmod(path, 0666), 0);
        ck_assert_int_eq(cache_file_open(path, "", 0, &file), -EPERM);
        read_expecting(false, 2);
        ck_assert_int_eq(chmod(path, 0644), 0);
        read_expecting(true, 2);
}
END_TEST

START_TEST(write_fails)
{
        eng *e = test_start();
        ck_assert_int_eq(eng_cache_write(e, "/nonexistent/folder/cache"), -ENOENT);
        ck_assert(!eng_pending(e));
}
END_TEST

Suite *engine_cache_suite(void)
{
        Suite *suite = suite_create("engine cache");
        TCase *tcase = tcase_create("cache");
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_test(tcase, written_and_read);
        tcase_add_test(tcase, no_cache);
        tcase_add_test(tcase, damage_is_found);
        tcase_add_test(tcase, foreign_is_passed_over);
        tcase_add_test(tcase, rows_are_bounded);
        tcase_add_test(tcase, writable_by_others_is_refused);
        tcase_add_test(tcase, write_fails);
        tcase_set_timeout(tcase, 120);
        suite_add_tcase(suite, tcase);
        return suite;
}
