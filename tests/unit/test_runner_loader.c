/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/unit/test_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/util.h"
#include "runner/loader.h"

#define APP "resource:///modules/a/b.sys.mjs"

static const struct {
        const char *specifier;
        const char *referrer;
        const char *url; /* NULL: refused */
} resolve_rows[] = {
        /* roots */
        { "resource:///modules/x.mjs", NULL, "resource:///modules/x.mjs" },
        { "resource://app/modules/x.mjs", NULL, "resource:///modules/x.mjs" },
        { "resource://gre/modules/x.mjs", NULL, "resource://gre/modules/x.mjs" },
        { "RESOURCE://GRE/modules/X.mjs", NULL, "resource://gre/modules/X.mjs" },
        { "resource://testing-common/x.mjs", NULL, "resource://testing-common/x.mjs" },
        { "moz-src:///a/x.mjs", NULL, "moz-src:///a/x.mjs" },
        { "file:///tmp/x.mjs", NULL, "file:///tmp/x.mjs" },
        { "file://localhost/tmp/x.mjs", NULL, "file:///tmp/x.mjs" },
        { "resource://gre/", APP, "resource://gre/" },
        /* not ours */
        { "", APP, NULL },
        { "lodash", APP, NULL },
        { "http://localhost/x.mjs", APP, NULL },
        { "data:text/javascript,1", APP, NULL },
        { "chrome://global/content/x.mjs", APP, "chrome://global/content/x.mjs" },
        { "resource://other/x.mjs", APP, NULL },
        { "resource://gre.evil/x.mjs", APP, NULL },
        { "resource:x.mjs", APP, NULL },
        { "moz-src://host/x.mjs", APP, NULL },
        { "file://host/x.mjs", APP, NULL },
        { "file:x.mjs", APP, NULL },
        { "//gre/x.mjs", APP, NULL },
        /* dots and slashes */
        { "resource://gre/modules//a/./b/../x.mjs", NULL, "resource://gre/modules/a/x.mjs" },
        { "resource://gre/a/%2e%2E/x.mjs", NULL, "resource://gre/x.mjs" },
        { "resource://gre/a/%2e/x.mjs", NULL, "resource://gre/a/x.mjs" },
        { "resource://gre/../x.mjs", NULL, NULL },
        { "resource://gre/a/../../x.mjs", NULL, NULL },
        { "resource://gre/%2e%2e/x.mjs", NULL, NULL },
        { "resource:///..", NULL, NULL },
        { "file:///../etc/passwd", NULL, NULL },
        { "resource://gre/...x/....mjs", NULL, "resource://gre/...x/....mjs" },
        { "resource://gre/a/..", NULL, "resource://gre/" },
        /* escapes */
        { "resource://gre/a%2fb.mjs", NULL, NULL },
        { "resource://gre/..%2f..%2fetc/passwd", NULL, NULL },
        { "resource://gre/a%00.mjs", NULL, NULL },
        { "resource://gre/a b\"\\.mjs", NULL, "resource://gre/a%20b%22%5C.mjs" },
        { "resource://gre/\xc3\xa9.mjs", NULL, "resource://gre/%C3%A9.mjs" },
        { "resource://gre/%C3%A9.mjs", NULL, "resource://gre/%C3%A9.mjs" },
        { "resource://gre/100%.mjs", NULL, "resource://gre/100%.mjs" },
        { "resource://gre/%4", NULL, "resource://gre/%4" },
        /* query and fragment */
        { "resource://gre/x.mjs?v=1#top", NULL, "resource://gre/x.mjs?v=1" },
        { "resource://gre/x.mjs#top?no", NULL, "resource://gre/x.mjs" },
        { "resource://gre/x.mjs?../..", NULL, "resource://gre/x.mjs?../.." },
        /* relative */
        { "./c.mjs", APP, "resource:///modules/a/c.mjs" },
        { "../c.mjs", APP, "resource:///modules/c.mjs" },
        { "../../c.mjs", APP, "resource:///c.mjs" },
        { "../../../c.mjs", APP, NULL },
        { "/c/d.mjs", APP, "resource:///c/d.mjs" },
        { "./c.mjs", "resource://gre/x.mjs", "resource://gre/c.mjs" },
        { "./c.mjs", "file:///dir/x.mjs?q=/other/", "file:///dir/c.mjs" },
        { "/c.mjs", "file:///dir/x.mjs", "file:///c.mjs" },
        { "./c.mjs", NULL, NULL },
        { "./c.mjs", "about:blank", NULL },
        { ".hidden.mjs", APP, NULL },
        { "?q", APP, NULL },
};

START_TEST(test_resolve)
{
        char *url = loader_resolve(resolve_rows[_i].specifier, resolve_rows[_i].referrer);

        if (resolve_rows[_i].url)
                ck_assert_pstr_eq(url, resolve_rows[_i].url);
        else
                ck_assert_ptr_null(url);
        free(url);
}
END_TEST

START_TEST(test_resolve_is_idempotent)
{
        if (!resolve_rows[_i].url)
                return;
        char *url = loader_resolve(resolve_rows[_i].url, NULL);
        ck_assert_pstr_eq(url, resolve_rows[_i].url);
        free(url);
}
END_TEST

START_TEST(test_resolve_too_long)
{
        char specifier[LOADER_URL_MAX + 2];

        memset(specifier, 'x', sizeof(specifier));
        memcpy(specifier, "resource://gre/", strlen("resource://gre/"));
        specifier[LOADER_URL_MAX + 1] = '\0';
        ck_assert_ptr_null(loader_resolve(specifier, NULL));
        specifier[LOADER_URL_MAX] = '\0';
        char *url = loader_resolve(specifier, NULL);
        ck_assert_pstr_eq(url, specifier);
        free(url);
        /* Grows beyond the limit when it is encoded. */
        memset(specifier + strlen("resource://gre/"), ' ', 4000);
        ck_assert_ptr_null(loader_resolve(specifier, NULL));
}
END_TEST

static const struct {
        const char *url;
        const char *path; /* NULL: none */
} path_rows[] = {
        { "resource://gre/modules/x.mjs", "/data/gre/modules/x.mjs" },
        { "resource:///x.mjs", "/app/x.mjs" },
        { "moz-src:///x.mjs?q", "/app/x.mjs" },
        { "resource://testing-common/x.mjs", NULL },
        { "file:///a%20b/%C3%A9.mjs", "/a b/\xc3\xa9.mjs" },
        { "about:blank", NULL },
};

START_TEST(test_path)
{
        const struct loader_roots roots = { .gre = "/data/gre", .app = "/app" };

        char *path = loader_path(&roots, path_rows[_i].url);
        if (path_rows[_i].path)
                ck_assert_pstr_eq(path, path_rows[_i].path);
        else
                ck_assert_ptr_null(path);
        free(path);
}
END_TEST

START_TEST(test_file_url_path)
{
        char *path = loader_file_url_path("file:///tmp/a%20b/");

        ck_assert_pstr_eq(path, "/tmp/a b/");
        free(path);
        ck_assert_ptr_null(loader_file_url_path("resource://gre/"));
        ck_assert_ptr_null(loader_file_url_path("/tmp"));
        ck_assert_ptr_null(loader_file_url_path("file://elsewhere/tmp"));
}
END_TEST

START_TEST(test_url_of_odd_name)
{
        char *url = loader_url("resource:///T_", "a b%2f?#/\xc3\xa9", ".mjs");

        ck_assert_pstr_eq(url, "resource:///T_a%20b%252f%3F%23%2F%C3%A9.mjs");
        free(url);
}
END_TEST

START_TEST(test_substitute)
{
        static const struct loader_roots roots = { "/gre", "/app", NULL };

        ck_assert_int_eq(loader_substitute("gre", "/tmp"), -EPERM);
        ck_assert_int_eq(loader_substitute("", "/tmp"), -EPERM);
        ck_assert_int_eq(loader_substitute("Upper", "/tmp"), -EINVAL);
        ck_assert_int_eq(loader_substitute("a/b", "/tmp"), -EINVAL);
        ck_assert_int_eq(loader_substitute("mine", "relative"), -EINVAL);
        ck_assert_ptr_null(loader_resolve("resource://mine/x", NULL));
        ck_assert_int_eq(loader_substitute("mine", "/a b"), 0);
        char *url = loader_resolve("RESOURCE://mine/./x", NULL);
        ck_assert_pstr_eq(url, "resource://mine/x");
        char *path = loader_path(&roots, url);
        ck_assert_pstr_eq(path, "/a b/x");
        ck_assert_ptr_null(loader_resolve("resource://mine/../x", NULL));
        ck_assert_int_eq(loader_substitute("mine", NULL), 0);
        ck_assert_ptr_null(loader_resolve("resource://mine/x", NULL));
        free(url);
        free(path);
        for (int i = 1; i < LOADER_SUBSTITUTIONS_MAX; i++) {
                char name[16];
                snprintf(name, sizeof(name), "n%d", i);
                ck_assert_int_eq(loader_substitute(name, "/tmp"), 0);
        }
        ck_assert_int_eq(loader_substitute("more", "/tmp"), -ENOSPC);
        ck_assert_int_eq(loader_substitute("mine", "/tmp"), 0);
}
END_TEST

TCase *test_runner_loader(void)
{
        TCase *tcase = tcase_create("loader");

        tcase_add_loop_test(tcase, test_resolve, 0, (int)ARRAY_SIZE(resolve_rows));
        tcase_add_loop_test(tcase, test_resolve_is_idempotent, 0, (int)ARRAY_SIZE(resolve_rows));
        tcase_add_test(tcase, test_resolve_too_long);
        tcase_add_loop_test(tcase, test_path, 0, (int)ARRAY_SIZE(path_rows));
        tcase_add_test(tcase, test_file_url_path);
        tcase_add_test(tcase, test_url_of_odd_name);
        tcase_add_test(tcase, test_substitute);
        return tcase;
}

/* ---- files ---- */

static char directory[] = "/tmp/bgtaskd-test-loader-XXXXXX";

static void make_directory(void)
{
        memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
        ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void)
{
        ck_assert_int_eq(tree_remove(AT_FDCWD, directory, NULL), 0);
}

static void write_file(const char *name, const char *data, size_t size)
{
        char *path = path_join(directory, name);

        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, data, size, 0600, false), 0);
        free(path);
}

static enum eng_load load(const char *url, char **text, size_t *size, char **reason)
{
        const struct loader_roots roots = { .app = directory };

        *text = *reason = NULL;
        return loader_load(&roots, url, text, size, reason);
}

static void expect_unreadable(const char *url, const char *part_of_reason)
{
        char *text, *reason;
        size_t size;

        ck_assert_int_eq(load(url, &text, &size, &reason), ENG_LOAD_UNREADABLE);
        ck_assert_ptr_nonnull(reason);
        ck_assert_msg(strstr(reason, part_of_reason), "reason: %s", reason);
        free(reason);
}

START_TEST(test_load_text)
{
        char *text, *reason;
        size_t size;

        write_file("a.mjs", "\xef\xbb\xbfone", 6);
        ck_assert_int_eq(load("resource:///a.mjs", &text, &size, &reason), ENG_LOAD_OK);
        ck_assert_uint_eq(size, 3);
        ck_assert_str_eq(text, "one");
        free(text);
}
END_TEST

START_TEST(test_load_not_found)
{
        char *text, *reason;
        size_t size;

        write_file("file", "", 0);
        ck_assert_int_eq(load("resource:///absent.mjs", &text, &size, &reason), ENG_LOAD_NOT_FOUND);
        ck_assert_int_eq(load("resource:///file/below.mjs", &text, &size, &reason), ENG_LOAD_NOT_FOUND);
        ck_assert_int_eq(load("resource://gre/no-root.mjs", &text, &size, &reason), ENG_LOAD_NOT_FOUND);
}
END_TEST

START_TEST(test_load_unreadable)
{
        char *big = calloc(1, LOADER_MODULE_MAX + 1);
        char *fifo = path_join(directory, "fifo");

        write_file("latin1.mjs", "\xe9", 1);
        expect_unreadable("resource:///latin1.mjs", "UTF-8");
        memset(big, ' ', LOADER_MODULE_MAX + 1);
        write_file("big.mjs", big, LOADER_MODULE_MAX + 1);
        expect_unreadable("resource:///big.mjs", "larger than 16 MiB");
        /* Must not wait for a writer. */
        ck_assert_int_eq(mkfifo(fifo, 0600), 0);
        expect_unreadable("resource:///fifo", "not a regular file");
        expect_unreadable("resource:///", "directory");
        free(fifo);
        free(big);
}
END_TEST

START_TEST(test_load_limit_is_inclusive)
{
        char *text, *reason;
        size_t size;
        char *big = malloc(LOADER_MODULE_MAX);

        memset(big, ' ', LOADER_MODULE_MAX);
        write_file("big.mjs", big, LOADER_MODULE_MAX);
        ck_assert_int_eq(load("resource:///big.mjs", &text, &size, &reason), ENG_LOAD_OK);
        ck_assert_uint_eq(size, LOADER_MODULE_MAX);
        free(text);
        free(big);
}
END_TEST

TCase *test_runner_loader_files(void)
{
        TCase *tcase = tcase_create("loader files");

        tcase_add_checked_fixture(tcase, make_directory, remove_directory);
        tcase_add_test(tcase, test_load_text);
        tcase_add_test(tcase, test_load_not_found);
        tcase_add_test(tcase, test_load_unreadable);
        tcase_add_test(tcase, test_load_limit_is_inclusive);
        return tcase;
}
