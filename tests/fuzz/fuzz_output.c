/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The reader of output files gives records in order, without holes that it does not report, and ends.
 *
 * The first byte says what follows. Even: a file as it is. Odd: eight bytes for each of a number of records, which
 * are put where they say with a check that fits, so that what comes after the checks is reached as well.
 */
#include "config.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/output_format.h"
#include "tests/fuzz/fuzz.h"

#define HEAD_END 320
#define BLOCK_SIZE 160
#define FILE_SIZE (HEAD_END + OUTPUT_BLOCKS * BLOCK_SIZE)
#define RECORDS_MAX 100000 /* more than any input has room for */

static void header_put(int fd)
{
        struct output_file_header header = {
                .magic = htole64(OUTPUT_MAGIC),
                .head_end = (int64_t)htole64(HEAD_END),
                .block_size = htole32(BLOCK_SIZE),
        };
        header.check = output_file_check(&header);
        fuzz_require(pwrite(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header));
}

static void record_put(int fd, const uint8_t command[8])
{
        char data[256];
        size_t size = command[2];
        memset(data, command[3], sizeof(data));
        struct output_record_header header = {
                .size = htole32((uint32_t)size | (command[3] & 1 ? OUTPUT_RECORD_STDERR : 0)),
                .offset = (int64_t)htole64((uint64_t)command[4] | (uint64_t)command[5] << 8 |
                                           (uint64_t)command[6] << 16 | (uint64_t)command[7] << 56),
        };
        header.check = output_record_check(&header, data, size);
        off_t at = (off_t)sizeof(struct output_file_header) + (command[0] | command[1] << 8) % FILE_SIZE;
        fuzz_require(pwrite(fd, &header, sizeof(header), at) == (ssize_t)sizeof(header));
        fuzz_require(pwrite(fd, data, size, at + (off_t)sizeof(header)) == (ssize_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size == 0)
                return 0;
        int fd = memfd_create("output", MFD_CLOEXEC);
        fuzz_require(fd >= 0);
        if (data[0] % 2 == 0) {
                fuzz_require(write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
        } else {
                header_put(fd);
                for (size_t i = 1; i + 8 <= size; i += 8)
                        record_put(fd, data + i);
        }

        struct output_reader *reader = NULL;
        struct error error = ERROR_INIT;
        int r = output_reader_new_fd(fd, &reader, &error);
        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (reader != NULL));
        if (r < 0)
                return 0;
        struct output_record record;
        int64_t expected = 0;
        int count = 0;
        while ((r = output_read(reader, &record)) == 1) {
                fuzz_require(record.offset == expected);
                fuzz_require((record.dropped > 0) != (record.size > 0));
                expected += record.dropped + (int64_t)record.size;
                for (size_t i = 1; i < record.size && data[0] % 2; i++)
                        fuzz_require(record.data[i] == record.data[0]);
                fuzz_require(++count < RECORDS_MAX);
        }
        fuzz_require(r == 0 || r == -EBADMSG);
        output_reader_free(reader);
        return 0;
}
