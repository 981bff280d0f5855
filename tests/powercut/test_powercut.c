/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The power goes, at CUTS moments of each story (BGTASKD_POWERCUT=N: at N of each, with other seeds). After each cut
 * the store is opened as usual: what was acknowledged is there, and nothing is half there.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/output.h"
#include "daemon/store_backup.h"
#include "daemon/store_internal.h"
#include "daemon/store_private.h"
#include "lib/cleanup.h"
#include "lib/util.h"
#include "tests/powercut/disk.h"
#include "tests/powercut/workload.h"

#ifdef HAVE_SANITIZERS
#define CUTS 40 /* the same cuts are made without them, which is several times faster */
#else
#define CUTS 200
#endif
#define BEGINNING 49 /* calls in which a database is made; odd, so that each mode meets each of them */

static char base[64];
static char state[96], image[96];

static void setup(void)
{
        workload_directory(base);
        snprintf(state, sizeof(state), "%s/state", base);
        snprintf(image, sizeof(image), "%s/image", base);
        ck_assert_int_eq(mkdir(state, 0700), 0);
        workload_init();
}

static void teardown(void)
{
        disk_end();
        ck_assert_int_eq(tree_remove(AT_FDCWD, base, NULL), 0);
}

static unsigned cuts(void)
{
        const char *text = getenv("BGTASKD_POWERCUT");
        int64_t value = CUTS;
        ck_assert(!text || parse_int64(text, 1, 10000000, &value) == 0);
        return (unsigned)value;
}

/* Every copy that has a backup's name is a good one. */
static void verify_backups(const char *context)
{
        struct store_backup_info info;
        for (unsigned i = 0; store_backup_find(image, i, &info) == 0; i++) {
                struct error error = ERROR_INIT;
                char path[256];
                snprintf(path, sizeof(path), "%s/" STORE_BACKUP_DIRECTORY "/%s", image, info.name);
                ck_assert_msg(store_backup_check_to(path, store_migrations_newest(workload_migrations), &info,
                                                    &error) == 0,
                              "%s: %s", context, error.text);
        }
}

/* Call @verify after cuts, a quarter of them in the first calls, the others spread over all that was recorded. */
static void cut_everywhere(void (*verify)(size_t moment, const char *context))
{
        size_t end = disk_now();
        unsigned count = cuts();
        for (unsigned i = 0; i < count; i++) {
                size_t moment = i < count / 4 ? i % BEGINNING : end * i / count + 1;
                enum disk_mode mode = (enum disk_mode)((i + i / BEGINNING) % DISK_MODES);
                moment = MIN(moment, end);
                char context[96];
                snprintf(context, sizeof(context), "cut %u after %zu of %zu calls, mode %d", i, moment, end,
                         (int)mode);
                disk_cut(moment, mode, i, image);
                verify(moment, context);
                ck_assert_int_eq(tree_remove(AT_FDCWD, image, NULL), 0);
        }
}

/* ---- a store at work ---- */

static struct workload workload;

static void verify_workload(size_t moment, const char *context)
{
        verify_backups(context);
        workload_verify(&workload, image, moment, context);
}

START_TEST(test_workload)
{
        disk_begin(state);
        workload_run(&workload, state, 12);
        ck_assert_msg(workload.failed.code == 0, "%s", workload.failed.text);
        ck_assert_int_gt(workload.ack_count, 200);
        cut_everywhere(verify_workload);
}
END_TEST

/* The simulation itself: without syncs it finds losses. */
START_TEST(test_simulation_has_teeth)
{
        char path[128], *data = NULL;
        size_t size;
        snprintf(path, sizeof(path), "%s/a", image);
        disk_begin(state);
        int directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int fd = openat(directory, "a", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_eq(write(fd, "hello", 5), 5);
        size_t unsynced = disk_now();
        ck_assert_int_eq(fsync(fd), 0);
        size_t nameless = disk_now();
        ck_assert_int_eq(fsync(directory), 0);
        ck_assert_int_eq(write(fd, "again", 5), 5);
        close(fd);
        close(directory);
        const struct {
                size_t moment;
                enum disk_mode mode;
                const char *content; /* NULL: no file */
        } cases[] = { { unsynced, DISK_DROP, NULL },
                      { unsynced, DISK_KEEP, "hello" },
                      { nameless, DISK_DROP, NULL },
                      { disk_now(), DISK_DROP, "hello" },
                      { disk_now(), DISK_KEEP, "helloagain" } };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                disk_cut(cases[i].moment, cases[i].mode, 1, image);
                int r = file_read(AT_FDCWD, path, 100, &data, &size);
                ck_assert_msg(cases[i].content ? r == 0 && strcmp(data, cases[i].content) == 0 : r == -ENOENT,
                              "case %zu: %d", i, r);
                if (r == 0)
                        free(data);
                ck_assert_int_eq(tree_remove(AT_FDCWD, image, NULL), 0);
        }
}
END_TEST

/* ---- a sync that fails and loses what it was to write ---- */

/*
 * The daemon ends, is started again and sees in memory what is not on disk. What it commits on top of that and
 * acknowledges must not depend on it.
 */
START_TEST(test_sync_that_loses)
{
        for (unsigned number = 1;; number++) {
                struct store *store = NULL;
                struct error error = ERROR_INIT;
                char context[64];
                snprintf(context, sizeof(context), "sync %u loses", number);
                disk_begin(state);
                disk_fail(number, DISK_SYNC, EIO, DISK_FAULT_LOSES);
                workload_run(&workload, state, 3);
                bool failed = disk_failed();
                disk_fail(0, 0, 0, DISK_FAULT_ONCE);

                int r = store_open_with(state, workload_migrations, &store, &error);
                ck_assert_msg(r == 0, "%s: %s", context, error.text);
                struct run run = { .task = strdup("after-the-restart"), .queued_at_us = 1 };
                ck_assert_int_eq(store_run_add(store, &run), 0);
                ck_assert_int_eq(store_commit(store, &error), 0);
                uint64_t content = workload_content(store);

                disk_cut(disk_now(), DISK_DROP, number, image);
                store_close(store);
                r = store_open_with(image, workload_migrations, &store, &error);
                ck_assert_msg(r == 0, "%s: %s", context, error.text);
                ck_assert_msg(workload_content(store) == content, "%s: an acknowledged run is lost", context);
                store_close(store);
                run_done(&run);
                disk_end();
                ck_assert_int_eq(tree_remove(AT_FDCWD, image, NULL), 0);
                ck_assert_int_eq(tree_remove(AT_FDCWD, state, NULL), 0);
                ck_assert_int_eq(mkdir(state, 0700), 0);
                if (!failed)
                        return;
        }
}
END_TEST

/* ---- a damaged database is being replaced ---- */

static uint64_t recovered_content;

static void damaged_store(void)
{
        struct store *store;
        char path[128], noise[4096];
        disk_begin(state);
        workload_run(&workload, state, 4);
        ck_assert_int_eq(workload.failed.code, 0);
        disk_end();
        ck_assert_int_eq(store_open_with(state, workload_migrations, &store, NULL), 0);
        struct run run = { .task = strdup("newer-than-the-backup"), .queued_at_us = 1 };
        ck_assert_int_eq(store_run_add(store, &run), 0);
        ck_assert_int_eq(store_commit(store, NULL), 0);
        ck_assert_int_eq(store_checkpoint(store), 0);
        run_done(&run);
        store_close(store);
        snprintf(path, sizeof(path), "%s/" STORE_FILE, state);
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        memset(noise, 0x5a, sizeof(noise));
        ck_assert_int_eq(pwrite(fd, noise, sizeof(noise), 4 * 4096), sizeof(noise));
        close(fd);
}

static int open_recovering(const char *directory, struct store **ret, struct error *error)
{
        const struct store_open_options options = { .restore = true };
        return store_open_all(directory, workload_migrations, &options, ret, error);
}

static void verify_recovered(size_t moment, const char *context)
{
        struct store *store = NULL;
        struct error error = ERROR_INIT;
        verify_backups(context);
        int r = open_recovering(image, &store, &error);
        ck_assert_msg(r == 0, "%s: %d %s", context, r, error.text);
        ck_assert_msg(workload_content(store) == recovered_content, "%s: not what was recovered", context);
        ck_assert_msg(store_note(store), "%s: not a word about it", context);
        store_close(store);
}

START_TEST(test_recovery)
{
        struct store *store = NULL;
        struct error error = ERROR_INIT;
        damaged_store();
        disk_begin(state);
        int r = open_recovering(state, &store, &error);
        ck_assert_msg(r == 0, "%s", error.text);
        recovered_content = workload_content(store);
        cut_everywhere(verify_recovered);
        disk_end();
        store_close(store);
}
END_TEST

/* The old database is moved away under its name before its log is: neither ever meets the other's successor. */
START_TEST(test_recovery_fails)
{
        for (unsigned number = 1;; number++) {
                struct store *store = NULL;
                struct error error = ERROR_INIT;
                damaged_store();
                disk_begin(state);
                disk_fail(number, DISK_NAME | DISK_SYNC | DISK_OPEN | DISK_WRITE, EIO, DISK_FAULT_STAYS);
                int r = open_recovering(state, &store, &error);
                bool failed = disk_failed();
                disk_end();
                store_close(store);
                ck_assert_msg(r == 0 || (error.text[0] && !strchr(error.text, '\n')), "%u: %d", number, r);

                store = NULL;
                r = open_recovering(state, &store, &error);
                ck_assert_msg(r == 0, "fault %u: %s", number, error.text);
                if (recovered_content == 0)
                        recovered_content = workload_content(store);
                ck_assert_msg(workload_content(store) == recovered_content, "fault %u", number);
                store_close(store);
                ck_assert_int_eq(tree_remove(AT_FDCWD, state, NULL), 0);
                ck_assert_int_eq(mkdir(state, 0700), 0);
                if (!failed)
                        return;
        }
}
END_TEST

/* ---- output ---- */

#define PIECES 60

static void piece(int number, char ret[32])
{
        snprintf(ret, 32, "%04d: what is printed here\n", number);
}

/* Output is not synced: any of it may be gone, but what is shown was printed, there and so. */
static void verify_output(size_t moment, const char *context)
{
        struct output_reader *reader = NULL;
        struct output_record record;
        char expected[32];
        piece(0, expected);
        size_t length = strlen(expected);
        int directory = open(image, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = output_reader_new(directory, 7, &reader, NULL);
        while (r == 0 && (r = output_read(reader, &record)) == 1) {
                r = 0;
                if (record.dropped > 0)
                        continue;
                piece((int)(record.offset / (int64_t)length), expected);
                ck_assert_msg(record.size == length && memcmp(record.data, expected, length) == 0,
                              "%s: offset %d shows something else", context, (int)record.offset);
        }
        ck_assert_msg(r == 0 || r == -EBADMSG, "%s: %d", context, r);
        output_reader_free(reader);
        close(directory);
}

START_TEST(test_output)
{
        struct output_writer *writer = NULL;
        char text[32];
        int directory = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        disk_begin(state);
        ck_assert_int_eq(output_writer_new(directory, 7, 8192, &writer), 0);
        for (int i = 0; i < PIECES; i++) {
                piece(i, text);
                ck_assert_int_eq(output_write(writer, OUTPUT_STDOUT, i, text, strlen(text)), 0);
        }
        output_writer_free(writer);
        close(directory);
        cut_everywhere(verify_output);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("powercut");
        TCase *tcase = tcase_create("powercut");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, getenv("BGTASKD_POWERCUT") ? 0 : 600);
        tcase_add_test(tcase, test_simulation_has_teeth);
        tcase_add_test(tcase, test_workload);
        tcase_add_test(tcase, test_sync_that_loses);
        tcase_add_test(tcase, test_recovery);
        tcase_add_test(tcase, test_recovery_fails);
        tcase_add_test(tcase, test_output);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
