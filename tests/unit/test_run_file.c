/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/run_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/run_file_format.h"
#include "lib/run_file_write.h"
#include "lib/util.h"
#include "tests/unit/unit.h"

static char *directory;
static int dirfd_of_test;

static void setup(void)
{
        directory = unit_directory();
        dirfd_of_test = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(dirfd_of_test, 0);
}

static void teardown(void)
{
        close(dirfd_of_test);
        unit_directory_remove(directory);
}

static struct run_file read_file(int64_t run_id, int64_t epoch, bool *ret_held)
{
        struct error error = ERROR_INIT;
        struct run_file file = { 0 };

        ck_assert_msg(run_file_read(dirfd_of_test, run_id, epoch, &file, ret_held, &error) == 0, "%s",
                      error.text);
        return file;
}

START_TEST(names)
{
        static const struct {
                const char *name;
                bool good;
        } rows[] = {
                { "1.0", true },
                { "12.3", true },
                { "12.3.out", true },
                { "12.3.err", true },
                { "0.1", false },
                { "1", false },
                { "1.", false },
                { ".1", false },
                { "01.1", false },
                { "1.01", false },
                { "1.1.", false },
                { "1.1.x", false },
                { "-1.1", false },
                { "boot", false },
                { "1.1.out.", false },
                { "", false },
                { "1.-1", false },
                { "+1.1", false },
                { "9223372036854775807.9223372036854775807.out", true },
                { "9223372036854775808.1", false },
        };
        int64_t run_id, epoch;
        enum run_file_kind kind;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                ck_assert_msg(run_file_name_parse(rows[i].name, &run_id, &epoch, &kind) == rows[i].good, "%s",
                              rows[i].name);
        ck_assert(run_file_name_parse("12.3.err", &run_id, &epoch, &kind));
        ck_assert_int_eq(run_id, 12);
        ck_assert_int_eq(epoch, 3);
        ck_assert_int_eq(kind, RUN_FILE_STDERR);
}
END_TEST

START_TEST(life)
{
        struct wire_report report = {
                .event = WIRE_EVENT_FINISHED,
                .result = { .outcome = WIRE_OUTCOME_EXITED,
                            .exit_code = 7,
                            .value = 263,
                            .message = (char *)"why" },
        };
        struct run_file_writer writer;
        char boot[RUN_FILE_BOOT_MAX];
        bool held;
        int fd = -1, again = -1;

        ck_assert_int_eq(run_file_create(dirfd_of_test, 5, 2, RUN_FILE_ADOPT, &fd), 0);
        ck_assert_int_eq(run_file_create(dirfd_of_test, 5, 2, 0, &again), -EEXIST);
        struct run_file file = read_file(5, 2, &held);
        ck_assert(held);
        ck_assert_int_eq(file.run_id, 5);
        ck_assert_int_eq(file.epoch, 2);
        ck_assert_uint_eq(file.flags, RUN_FILE_ADOPT);
        ck_assert_int_eq(file.pid, 0);
        ck_assert_int_eq(file.phase, RUN_FILE_STARTING);
        run_file_boot(boot);
        ck_assert_str_eq(file.boot, boot);

        int32_t *pid = run_file_map_pid(fd);
        ck_assert_ptr_nonnull(pid);
        *pid = 4711;
        run_file_unmap_pid(pid);
        file = read_file(5, 2, &held);
        ck_assert_int_eq(file.pid, 4711);
        ck_assert_int_eq(file.end, RUN_FILE_END_NONE);
        ck_assert_int_eq(run_file_set_end(dirfd_of_test, 5, 2, RUN_FILE_END_CANCELLED), 0);
        file = read_file(5, 2, &held);
        ck_assert_int_eq(file.end, RUN_FILE_END_CANCELLED);

        run_file_writer_init(&writer, fd);
        ck_assert_int_eq(run_file_read_frozen(&writer), 0);
        ck_assert_int_eq(run_file_set_frozen(dirfd_of_test, 5, 2, 1234567, 42), 0);
        ck_assert_int_eq(run_file_read_frozen(&writer), 1234567);
        file = read_file(5, 2, &held);
        ck_assert_int_eq(file.frozen_us, 1234567);
        ck_assert_int_eq(file.frozen_since_us, 42);
        int64_t before_us = file.created_boottime_us;
        ck_assert_int_eq(run_file_write_entered(&writer), 0);
        file = read_file(5, 2, &held);
        ck_assert_int_eq(file.phase, RUN_FILE_ENTERED);
        ck_assert_int_ge(file.entered_boottime_us, before_us);
        ck_assert_int_eq(run_file_write_running(&writer, 1000, "fs=landlock7 net=none"), 0);
        file = read_file(5, 2, &held);
        ck_assert_int_eq(file.phase, RUN_FILE_RUNNING);
        ck_assert_int_eq(file.limit_us, 1000);
        ck_assert_str_eq(file.sandbox, "fs=landlock7 net=none");
        int64_t started_at_us = file.started_at_us;
        run_file_done(&file);

        ck_assert_int_eq(run_file_write_finished(&writer, &report), 0);
        ck_assert_int_eq(run_file_write_output(&writer, 1, "left\0over", 9), 0);
        close(fd);
        file = read_file(5, 2, &held);
        ck_assert(!held);
        ck_assert_int_eq(file.phase, RUN_FILE_FINISHED);
        ck_assert_int_ge(file.finished_at_us, started_at_us);
        ck_assert_int_eq(file.report.event, WIRE_EVENT_FINISHED);
        ck_assert_int_eq(file.report.result.exit_code, 7);
        ck_assert_int_eq(file.report.result.value, 263);
        ck_assert_str_eq(file.report.result.message, "why");
        ck_assert_ptr_null(file.output[0]);
        ck_assert_uint_eq(file.output_size[1], 9);
        ck_assert_mem_eq(file.output[1], "left\0over", 9);
        run_file_done(&file);
}
END_TEST

/* The lock goes with the last of those that have the description, whoever they are. */
START_TEST(lock_goes_with_the_last_holder)
{
        int fd = -1, pair[2];
        bool held;
        char byte;

        ck_assert_int_eq(run_file_create(dirfd_of_test, 1, 1, 0, &fd), 0);
        ck_assert_int_eq(pipe(pair), 0);
        pid_t pid = fork();
        if (pid == 0) {
                close(pair[1]);
                (void)!read(pair[0], &byte, 1);
                _exit(0);
        }
        close(pair[0]);
        close(fd);
        read_file(1, 1, &held);
        ck_assert(held);
        close(pair[1]);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        read_file(1, 1, &held);
        ck_assert(!held);
}
END_TEST

/* Cut or damaged anywhere, a file says what it said some time before, or is refused. */
START_TEST(torn)
{
        struct wire_report report = { .event = WIRE_EVENT_SETUP_FAILED,
                                      .stage = (char *)"profile",
                                      .error = 28 };
        struct run_file_writer writer;
        struct error error = ERROR_INIT;
        char name[RUN_FILE_NAME_MAX];
        _cleanup_free_ char *data = NULL;
        size_t size;
        int fd = -1;

        ck_assert_int_eq(run_file_create(dirfd_of_test, 1, 1, 0, &fd), 0);
        run_file_writer_init(&writer, fd);
        ck_assert_int_eq(run_file_write_entered(&writer), 0);
        size_t entered_end = (size_t)writer.position;
        ck_assert_int_eq(run_file_write_running(&writer, 5, NULL), 0);
        size_t running_end = (size_t)writer.position;
        ck_assert_int_eq(run_file_write_finished(&writer, &report), 0);
        size_t end = (size_t)writer.position;
        close(fd);
        run_file_name(1, 1, RUN_FILE_STATE, name);
        ck_assert_int_eq(file_read(dirfd_of_test, name, RUN_FILE_SIZE_MAX, &data, &size), 0);
        for (size_t cut = 0; cut < end; cut++) {
                _cleanup_free_ char *part = malloc(cut ? cut : 1);
                struct run_file file;
                memcpy(part, data, cut);
                int r = run_file_decode(part, cut, &file, &error);
                if (cut < sizeof(struct run_file_header)) {
                        ck_assert_int_eq(r, cut == 0 ? -ENODATA : -EBADMSG);
                        continue;
                }
                ck_assert_int_eq(r, 0);
                ck_assert_int_le(file.phase, RUN_FILE_FINISHED);
                if (cut < entered_end)
                        ck_assert_int_le(file.phase, RUN_FILE_ENTERED);
                else if (cut < running_end)
                        ck_assert_int_le(file.phase, RUN_FILE_RUNNING);
                run_file_done(&file);
        }
        /* A bit wrong in the last record, and it is not there. */
        for (size_t at = running_end; at < running_end + 24; at++) {
                struct run_file file;
                data[at] ^= 1;
                ck_assert_int_eq(run_file_decode(data, size, &file, &error), 0);
                /* The last four bytes of its head mean nothing. */
                if (at < running_end + 12 || at >= running_end + 16)
                        ck_assert_int_eq(file.phase, RUN_FILE_RUNNING);
                run_file_done(&file);
                data[at] ^= 1;
        }
        data[9] ^= 1;
        ck_assert_int_eq(run_file_decode(data, size, &(struct run_file){ 0 }, &error), -EBADMSG);
}
END_TEST

START_TEST(refused)
{
        struct error error = ERROR_INIT;
        struct run_file file;
        bool held;
        int fd = -1;

        ck_assert_int_eq(run_file_read(dirfd_of_test, 1, 1, &file, &held, &error), -ENOENT);
        ck_assert_int_eq(file_write_atomic(dirfd_of_test, "1.1", "nonsense", 8, 0600, false), 0);
        ck_assert_int_eq(run_file_read(dirfd_of_test, 1, 1, &file, &held, &error), -EBADMSG);
        ck_assert_ptr_nonnull(strstr(error.text, "1.1"));
        /* The file of another run under this one's name. */
        ck_assert_int_eq(run_file_create(dirfd_of_test, 2, 1, 0, &fd), 0);
        close(fd);
        ck_assert_int_eq(renameat(dirfd_of_test, "2.1", dirfd_of_test, "3.1"), 0);
        ck_assert_int_eq(run_file_read(dirfd_of_test, 3, 1, &file, &held, &error), -EBADMSG);
        /* One that is ended for no reason that we know. */
        const uint32_t end = RUN_FILE_END_COUNT;
        ck_assert_int_eq(run_file_create(dirfd_of_test, 10, 1, 0, &fd), 0);
        ck_assert_int_eq(pwrite(fd, &end, sizeof(end), RUN_FILE_END_AT), sizeof(end));
        close(fd);
        ck_assert_int_eq(run_file_read(dirfd_of_test, 10, 1, &file, &held, &error), -EBADMSG);
        ck_assert_ptr_nonnull(strstr(error.text, "why it is ended"));
        ck_assert_int_eq(run_file_set_end(dirfd_of_test, 99, 1, RUN_FILE_END_DEADLINE), -ENOENT);
        ck_assert_int_eq(run_file_set_frozen(dirfd_of_test, 99, 1, 1, 2), -ENOENT);
        /* A FIFO does not block, a link is not followed. */
        ck_assert_int_eq(mkfifoat(dirfd_of_test, "4.1", 0600), 0);
        ck_assert_int_lt(run_file_read(dirfd_of_test, 4, 1, &file, &held, &error), 0);
        ck_assert_int_eq(symlinkat("3.1", dirfd_of_test, "5.1"), 0);
        ck_assert_int_eq(run_file_read(dirfd_of_test, 5, 1, &file, &held, &error), -ELOOP);
}
END_TEST

START_TEST(without_a_file_nothing_is_done)
{
        struct run_file_writer writer = RUN_FILE_WRITER_INIT;
        const struct wire_report report = { .event = WIRE_EVENT_FINISHED };

        ck_assert_int_eq(run_file_write_entered(&writer), 0);
        ck_assert_int_eq(run_file_write_running(&writer, 1, "x"), 0);
        ck_assert_int_eq(run_file_write_finished(&writer, &report), 0);
        ck_assert_int_eq(run_file_write_output(&writer, 0, "x", 1), 0);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_test(test_case, names);
        tcase_add_test(test_case, life);
        tcase_add_test(test_case, lock_goes_with_the_last_holder);
        tcase_add_test(test_case, torn);
        tcase_add_test(test_case, refused);
        tcase_add_test(test_case, without_a_file_nothing_is_done);
}

int main(void)
{
        return unit_main("run_file", add);
}
