/* SPDX-License-Identifier: MPL-2.0 */
/* Output files: what is kept, what is said about the rest, and what a damaged file gives. */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/output.h"
#include "daemon/output_format.h"
#include "lib/util.h"

static char directory[64];
static int dirfd = -1;

static void setup(void)
{
        strcpy(directory, "/tmp/bgtaskd-output-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(directory));
        dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(dirfd, 0);
}

static void teardown(void)
{
        close(dirfd);
        ck_assert_int_eq(tree_remove(AT_FDCWD, directory, NULL), 0);
}

/* Every byte tells its offset, so that a record can be checked by itself. */
static char byte_at(int64_t offset)
{
        return (char)((offset * 31 + (offset >> 8) * 7 + (offset >> 16)) & 0xff);
}

static int write_bytes(struct output_writer *writer, enum output_stream stream, size_t size)
{
        char *data = malloc(size + 1);
        for (size_t i = 0; i < size; i++)
                data[i] = byte_at(output_bytes(writer) + (int64_t)i);
        int r = output_write(writer, stream, output_bytes(writer) * 10, data, size);
        free(data);
        return r;
}

static void record_check(const struct output_record *record, int64_t expected)
{
        ck_assert_int_eq(record->offset, expected);
        if (record->dropped) {
                ck_assert_int_gt(record->dropped, 0);
                ck_assert_uint_eq(record->size, 0);
                return;
        }
        ck_assert_uint_gt(record->size, 0);
        /* An assertion is a message to the parent: not one a byte. */
        for (size_t i = 0; i < record->size; i++)
                if (record->data[i] != byte_at(record->offset + (int64_t)i))
                        ck_abort_msg("byte %d", (int)(record->offset + (int64_t)i));
}

struct summary {
        int64_t end, dropped;
        int gaps, records, result;
};

static struct summary read_all(struct output_reader *reader, int64_t from)
{
        struct summary summary = { .end = from };
        struct output_record record;
        int r;
        while ((r = output_read(reader, &record)) > 0) {
                record_check(&record, summary.end);
                summary.end += record.dropped ? record.dropped : (int64_t)record.size;
                summary.dropped += record.dropped;
                summary.gaps += record.dropped > 0;
                summary.records += record.dropped == 0;
        }
        summary.result = r;
        return summary;
}

static struct summary read_file(int64_t run_id)
{
        struct output_reader *reader;
        struct error error = ERROR_INIT;
        int r = output_reader_new(dirfd, run_id, &reader, &error);
        ck_assert_msg(r == 0, "%s", error.text);
        struct summary summary = read_all(reader, 0);
        output_reader_free(reader);
        return summary;
}

static int64_t file_size(int64_t run_id)
{
        char name[OUTPUT_NAME_MAX];
        struct stat info;
        output_name(run_id, name);
        return fstatat(dirfd, name, &info, 0) == 0 ? info.st_size : -1;
}

START_TEST(test_small)
{
        struct output_writer *writer;
        ck_assert_int_eq(output_writer_new(dirfd, 7, 65536, &writer), 0);
        ck_assert_int_eq(output_write(writer, OUTPUT_STDOUT, 1, "", 0), 0);
        ck_assert_int_eq(file_size(7), -1);
        ck_assert_int_eq(output_stored(writer), 0);
        struct summary nothing = read_file(7);
        ck_assert_int_eq(nothing.result, 0);
        ck_assert_int_eq(nothing.end, 0);

        ck_assert_int_eq(output_write(writer, OUTPUT_STDOUT, 100, "hello ", 6), 0);
        ck_assert_int_eq(output_write(writer, OUTPUT_STDERR, 200, "w\0rld\n", 6), 0);
        ck_assert_int_eq(output_bytes(writer), 12);
        ck_assert_int_eq(output_dropped(writer), 0);
        ck_assert_int_eq(output_stored(writer), file_size(7));
        output_writer_free(writer);

        struct output_reader *reader;
        struct output_record record;
        ck_assert_int_eq(output_reader_new(dirfd, 7, &reader, NULL), 0);
        ck_assert_int_eq(output_read(reader, &record), 1);
        ck_assert_int_eq(record.stream, OUTPUT_STDOUT);
        ck_assert_int_eq(record.at_us, 100);
        ck_assert_uint_eq(record.size, 6);
        ck_assert_mem_eq(record.data, "hello ", 6);
        ck_assert_int_eq(output_read(reader, &record), 1);
        ck_assert_int_eq(record.stream, OUTPUT_STDERR);
        ck_assert_int_eq(record.offset, 6);
        ck_assert_int_eq(record.at_us, 200);
        ck_assert_mem_eq(record.data, "w\0rld\n", 6);
        ck_assert_int_eq(output_read(reader, &record), 0);
        output_reader_free(reader);
}
END_TEST

/* Limit, size of each write, number of writes. */
static const struct {
        int64_t limit;
        size_t size;
        int writes;
} bounds[] = {
        { 4096, 1, 20 },        { 4096, 1, 5000 },      { 4096, 63, 100 },    { 4096, 64, 100 },
        { 4096, 4000, 1 },      { 4096, 100000, 3 },    { 1, 50, 500 },       { 65536, 1000, 31 },
        { 65536, 1000, 64 },    { 65536, 1000, 500 },   { 65536, 200000, 2 }, { 1 << 20, 70000, 14 },
        { 1 << 20, 65536, 40 }, { 1 << 20, 99, 30000 }, { 10000, 1021, 200 },
};

START_TEST(test_bounds)
{
        struct output_writer *writer;
        int64_t limit = MAX(bounds[_i].limit, OUTPUT_LIMIT_MIN);
        ck_assert_int_eq(output_writer_new(dirfd, 1, bounds[_i].limit, &writer), 0);
        for (int i = 0; i < bounds[_i].writes; i++)
                ck_assert_int_eq(write_bytes(writer, i % 3 ? OUTPUT_STDOUT : OUTPUT_STDERR, bounds[_i].size),
                                 0);
        int64_t total = (int64_t)bounds[_i].size * bounds[_i].writes;
        ck_assert_int_eq(output_bytes(writer), total);
        ck_assert_int_eq(output_stored(writer), file_size(1));
        ck_assert_int_le(file_size(1), limit);

        struct summary summary = read_file(1);
        ck_assert_int_eq(summary.result, 0);
        ck_assert_int_eq(summary.end, total);
        ck_assert_int_eq(summary.dropped, output_dropped(writer));
        ck_assert_int_eq(summary.gaps, output_dropped(writer) > 0);
        /* Nothing is dropped without need: the headers and one block of the ring are the price. */
        int64_t kept = total - summary.dropped,
                headers = (int64_t)sizeof(struct output_record_header) * summary.records;
        if (summary.dropped > 0)
                ck_assert_int_ge(kept + headers, limit - limit / 2 / OUTPUT_BLOCKS - 100 * OUTPUT_BLOCKS);

        struct output_size size;
        ck_assert_int_eq(output_measure(dirfd, 1, &size), 0);
        ck_assert_int_eq(size.bytes, total);
        ck_assert_int_eq(size.dropped, output_dropped(writer));
        ck_assert_int_eq(size.stored, file_size(1));
        output_writer_free(writer);
}
END_TEST

/* Readers that lag behind by different amounts see every byte or a gap, in order, whatever is overwritten. */
START_TEST(test_read_while_written)
{
        enum { READERS = 5 };
        static const int lag[READERS] = { 1, 3, 17, 90, 400 };
        struct output_writer *writer;
        struct output_reader *readers[READERS];
        struct summary seen[READERS] = { 0 };
        unsigned seed = (unsigned)_i + 1;
        ck_assert_int_eq(output_writer_new(dirfd, 1, 16384, &writer), 0);
        for (int i = 0; i < READERS; i++)
                ck_assert_int_eq(output_reader_new(dirfd, 1, &readers[i], NULL), 0);

        for (int step = 1; step <= 1200; step++) {
                /* With equal sizes records come to lie where older ones began. */
                size_t size = _i == 0 ? 100 : 1 + (size_t)rand_r(&seed) % (_i % 2 ? 3000 : 60);
                ck_assert_int_eq(write_bytes(writer, rand_r(&seed) % 2 ? OUTPUT_STDERR : OUTPUT_STDOUT, size),
                                 0);
                for (int i = 0; i < READERS; i++) {
                        if (step % lag[i] != 0 && step != 1200)
                                continue;
                        struct summary part = read_all(readers[i], seen[i].end);
                        ck_assert_int_eq(part.result, 0);
                        ck_assert_int_eq(part.end, output_bytes(writer));
                        ck_assert_int_le(part.gaps, 1);
                        seen[i].end = part.end;
                        seen[i].gaps += part.gaps;
                }
        }
        ck_assert_int_eq(seen[0].gaps, 0);
        for (int i = 0; i < READERS; i++)
                output_reader_free(readers[i]);
        output_writer_free(writer);
}
END_TEST

/* What a crash leaves: the file cut anywhere gives its whole records and no error. */
START_TEST(test_cut_anywhere)
{
        struct output_writer *writer;
        ck_assert_int_eq(output_writer_new(dirfd, 1, 4096, &writer), 0);
        for (int i = 0; i < 35; i++)
                ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 60), 0);
        output_writer_free(writer);
        char name[OUTPUT_NAME_MAX];
        output_name(1, name);
        int fd = openat(dirfd, name, O_RDWR | O_CLOEXEC);
        int64_t last = INT64_MAX;
        for (int64_t size = file_size(1); size >= 0; size -= 7) {
                ck_assert_int_eq(ftruncate(fd, size), 0);
                struct summary summary = read_file(1);
                ck_assert_msg(summary.result == 0, "at %d: %d", (int)size, summary.result);
                ck_assert_int_le(summary.end, last);
                last = summary.end;
        }
        ck_assert_int_eq(last, 0);
        close(fd);
}
END_TEST

/* One byte changed anywhere: no wrong data, no crash, and the damage shows as a gap, an error or an earlier end. */
START_TEST(test_damage_anywhere)
{
        struct output_writer *writer;
        ck_assert_int_eq(output_writer_new(dirfd, 1, 4096, &writer), 0);
        for (int i = 0; i < 120; i++)
                ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 60), 0);
        struct summary good = read_file(1);
        output_writer_free(writer);
        char name[OUTPUT_NAME_MAX];
        output_name(1, name);
        int fd = openat(dirfd, name, O_RDWR | O_CLOEXEC);
        int noticed = 0;
        for (int64_t at = 0; at < file_size(1); at++) {
                uint8_t byte, changed;
                ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
                changed = byte ^ (uint8_t)(1 + at % 255);
                ck_assert_int_eq(pwrite(fd, &changed, 1, at), 1);
                struct output_reader *reader;
                int r = output_reader_new(dirfd, 1, &reader, NULL);
                if (r == 0) {
                        struct summary summary = read_all(reader, 0);
                        ck_assert(summary.result == 0 || summary.result == -EBADMSG);
                        noticed += summary.result != 0 || summary.dropped != good.dropped ||
                                   summary.end != good.end;
                        output_reader_free(reader);
                } else {
                        ck_assert_int_eq(r, -EBADMSG);
                        noticed++;
                }
                ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
        }
        /* All but what nothing needs: left over records, unused room and the header's padding. */
        ck_assert_int_gt(noticed, 3000);
        close(fd);
}
END_TEST

/* Damage at the end of the head, with nothing after it. */
START_TEST(test_damage_is_reported)
{
        struct output_writer *writer;
        ck_assert_int_eq(output_writer_new(dirfd, 1, 65536, &writer), 0);
        ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 100), 0);
        ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 100), 0);
        output_writer_free(writer);
        char name[OUTPUT_NAME_MAX];
        output_name(1, name);
        int fd = openat(dirfd, name, O_RDWR | O_CLOEXEC);
        ck_assert_int_eq(pwrite(fd, "!", 1, 64 + 124 + 24 + 50), 1);
        close(fd);
        struct summary summary = read_file(1);
        ck_assert_int_eq(summary.end, 100);
        ck_assert_int_eq(summary.result, -EBADMSG);
}
END_TEST

START_TEST(test_foreign_file)
{
        static const char *const texts[] = {
                "This is a text file that is longer than any header of ours, by far.....\n",
                "bgtout1\n and then sixty-four bytes of something else, made up for this\n"
        };
        struct error error = ERROR_INIT;
        struct output_reader *reader = NULL;
        ck_assert_int_eq(file_write_atomic(dirfd, "5.out", texts[_i], strlen(texts[_i]), 0600, false), 0);
        ck_assert_int_eq(output_reader_new(dirfd, 5, &reader, &error), -EBADMSG);
        ck_assert_str_eq(error.text, "the output of run 5 is damaged");
        ck_assert_ptr_null(reader);

        /* Another run's file under this name is no better. */
        struct output_writer *writer;
        ck_assert_int_eq(output_writer_new(dirfd, 6, 4096, &writer), 0);
        ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 10), 0);
        output_writer_free(writer);
        ck_assert_int_eq(renameat(dirfd, "6.out", dirfd, "5.out"), 0);
        ck_assert_int_eq(output_reader_new(dirfd, 5, &reader, NULL), -EBADMSG);
}
END_TEST

/* No room for the file to grow: the bytes count as dropped, and what fits again later is kept. */
START_TEST(test_no_space)
{
        struct rlimit before, small = { 1000, 1000 };
        ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
        small.rlim_max = before.rlim_max;
        signal(SIGXFSZ, SIG_IGN);

        struct output_writer *writer;
        ck_assert_int_eq(output_writer_new(dirfd, 1, 65536, &writer), 0);
        ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 500), 0);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
        ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 500), -EFBIG);
        ck_assert_int_eq(write_bytes(writer, OUTPUT_STDERR, 500), -EFBIG);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
        ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 500), 0);
        ck_assert_int_eq(output_bytes(writer), 2000);
        ck_assert_int_eq(output_dropped(writer), 1000);

        struct summary summary = read_file(1);
        ck_assert_int_eq(summary.end, 2000);
        ck_assert_int_eq(summary.dropped, 1000);
        ck_assert_int_eq(summary.gaps, 1);
        ck_assert_int_eq(summary.result, 0);
        output_writer_free(writer);
}
END_TEST

static bool keep_even(int64_t run_id, void *data)
{
        return run_id % 2 == 0;
}

START_TEST(test_files)
{
        int64_t total, removed, expected = 0;
        for (int64_t id = 1; id <= 6; id++) {
                struct output_writer *writer;
                ck_assert_int_eq(output_writer_new(dirfd, id, 4096, &writer), 0);
                ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, 10 * (size_t)id), 0);
                expected += output_stored(writer);
                output_writer_free(writer);
        }
        static const char *const others[] = { "README", ".out", "x.out", "-1.out", "1.outer", "07x.out" };
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                ck_assert_int_eq(file_write_atomic(dirfd, others[i], "abc", 3, 0600, false), 0);

        ck_assert_int_eq(output_total(dirfd, &total), 0);
        ck_assert_int_eq(total, expected);
        ck_assert_int_eq(output_remove(dirfd, 6), 0);
        ck_assert_int_eq(output_remove(dirfd, 6), 0);
        ck_assert_int_eq(output_sweep(dirfd, keep_even, NULL, &removed), 0);
        ck_assert_int_eq(removed, 3);
        static const bool left[] = { false, true, false, true, false, false };
        for (int64_t id = 1; id <= 6; id++)
                ck_assert_int_eq(file_size(id) >= 0, left[id - 1]);
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                ck_assert_int_eq(faccessat(dirfd, others[i], F_OK, 0), 0);
}
END_TEST

/* A run that was started again shows what its last attempt printed. */
START_TEST(test_second_attempt)
{
        static const size_t sizes[] = { 500, 100 };
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
                struct output_writer *writer;
                ck_assert_int_eq(output_writer_new(dirfd, 1, 4096, &writer), 0);
                ck_assert_int_eq(write_bytes(writer, OUTPUT_STDOUT, sizes[i]), 0);
                output_writer_free(writer);
        }
        ck_assert_int_eq(read_file(1).end, 100);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("output");
        TCase *tcase = tcase_create("files");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 120);
        tcase_add_test(tcase, test_small);
        tcase_add_loop_test(tcase, test_bounds, 0, ARRAY_SIZE(bounds));
        tcase_add_loop_test(tcase, test_read_while_written, 0, 6);
        tcase_add_test(tcase, test_cut_anywhere);
        tcase_add_test(tcase, test_damage_anywhere);
        tcase_add_test(tcase, test_damage_is_reported);
        tcase_add_loop_test(tcase, test_foreign_file, 0, 2);
        tcase_add_test(tcase, test_no_space);
        tcase_add_test(tcase, test_files);
        tcase_add_test(tcase, test_second_attempt);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
