/* SPDX-License-Identifier: MPL-2.0 */
/* What zygote and run put into the file of a run. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/run_file.h"
#include "lib/run_file_format.h"
#include "lib/run_file_write.h"
#include "lib/util.h"

/* ---- the zygote ---- */

int32_t *run_file_map_pid(int fd)
{
        struct stat status;

        /* Beyond the end of the file there is nothing to write to. */
        if (fstat(fd, &status) < 0 || status.st_size < RUN_FILE_RECORDS_AT)
                return NULL;
        char *page = mmap(NULL, RUN_FILE_RECORDS_AT, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        return page == MAP_FAILED ? NULL : (int32_t *)(void *)(page + RUN_FILE_PID_AT);
}

void run_file_unmap_pid(int32_t *pid)
{
        if (pid)
                munmap((char *)pid - RUN_FILE_PID_AT, RUN_FILE_RECORDS_AT);
}

int run_file_set_pid(int fd, pid_t pid)
{
        int32_t number = pid;

        return pwrite(fd, &number, sizeof(number), RUN_FILE_PID_AT) == (ssize_t)sizeof(number) ? 0 : -EIO;
}

/* ---- the run ---- */

void run_file_writer_init(struct run_file_writer *writer, int fd)
{
        *writer = (struct run_file_writer){ .fd = fd, .position = RUN_FILE_RECORDS_AT };
}

/* One record in one write. What a write that failed left there is torn, and the next is written over it. */
static int write_record(struct run_file_writer *writer, enum run_file_record_kind kind,
                        struct iovec data[static 2])
{
        struct run_file_record record = {
                .kind = (uint32_t)kind,
                .size = (uint32_t)(data[0].iov_len + data[1].iov_len),
        };
        struct iovec parts[] = { { &record, sizeof(record) }, data[0], data[1] };
        ssize_t size = (ssize_t)(sizeof(record) + record.size), n;

        if (writer->fd < 0)
                return 0;
        record.check = run_file_check(RUN_FILE_CHECK_INIT, &record, offsetof(struct run_file_record, check));
        for (size_t i = 0; i < 2; i++)
                record.check = run_file_check(record.check, data[i].iov_base, data[i].iov_len);
        do
                n = pwritev(writer->fd, parts, (int)ARRAY_SIZE(parts), writer->position);
        while (n < 0 && errno == EINTR);
        if (n != size)
                return n < 0 ? -errno : -ENOSPC;
        writer->position += (size + 7) & ~(int64_t)7;
        return 0;
}

int64_t run_file_read_frozen(const struct run_file_writer *writer)
{
        struct run_file_frozen frozen = { 0 };

        if (writer->fd < 0 ||
            pread(writer->fd, &frozen, sizeof(frozen), RUN_FILE_FROZEN_AT) != (ssize_t)sizeof(frozen))
                return 0;
        return frozen.frozen_us;
}

int run_file_write_entered(struct run_file_writer *writer)
{
        struct run_file_entered entered = { .boottime_us = run_file_boottime_us() };
        struct iovec data[2] = { { &entered, sizeof(entered) }, { NULL, 0 } };

        return write_record(writer, RUN_FILE_RECORD_ENTERED, data);
}

int run_file_write_running(struct run_file_writer *writer, int64_t limit_us, const char *sandbox)
{
        struct run_file_running running = {
                .started_at_us = clock_realtime_us(),
                .started_monotonic_us = clock_monotonic_us(),
                .limit_us = MAX(limit_us, INT64_C(0)),
        };
        struct iovec data[2] = {
                { &running, sizeof(running) },
                { (void *)(uintptr_t)sandbox, sandbox ? strnlen(sandbox, SANDBOX_TEXT_MAX - 1) : 0 },
        };

        return write_record(writer, RUN_FILE_RECORD_RUNNING, data);
}

int run_file_write_finished(struct run_file_writer *writer, const struct wire_report *report)
{
        struct run_file_finished finished = { .finished_at_us = clock_realtime_us() };
        _cleanup_free_ char *text = NULL;
        size_t size;

        if (writer->fd < 0)
                return 0;
        int r = wire_report_encode(report, &text, &size);
        if (r == 0) {
                struct iovec data[2] = { { &finished, sizeof(finished) }, { text, size } };
                r = write_record(writer, RUN_FILE_RECORD_FINISHED, data);
        }
        if (r != -ENOSPC && r != -EDQUOT && r != -EFBIG)
                return r;
        /* There is room for the bare result. */
        struct wire_report bare = *report;
        bare.result.error_message = bare.result.error_file = bare.result.error_stack = NULL;
        bare.result.message = NULL;
        _cleanup_free_ char *short_text = NULL;
        r = wire_report_encode(&bare, &short_text, &size);
        if (r < 0)
                return r;
        struct iovec data[2] = { { &finished, sizeof(finished) }, { short_text, size } };
        return write_record(writer, RUN_FILE_RECORD_FINISHED, data);
}

int run_file_write_output(struct run_file_writer *writer, int stream, const void *data, size_t size)
{
        struct run_file_output output = { .stream = (uint32_t)stream };
        struct iovec parts[2] = { { &output, sizeof(output) }, { (void *)(uintptr_t)data, size } };

        if (size == 0)
                return 0;
        if (size > RUN_FILE_OUTPUT_MAX)
                return -E2BIG;
        return write_record(writer, RUN_FILE_RECORD_OUTPUT, parts);
}
