/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/run_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/run_file_format.h"
#include "lib/util.h"

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

static const char *const kind_suffixes[RUN_FILE_KIND_COUNT] = {
        [RUN_FILE_STATE] = "",
        [RUN_FILE_STDOUT] = ".out",
        [RUN_FILE_STDERR] = ".err",
};

uint32_t run_file_check(uint32_t check, const void *data, size_t size)
{
        const uint8_t *bytes = data;

        for (size_t i = 0; i < size; i++)
                check = (check ^ bytes[i]) * UINT32_C(16777619);
        return check;
}

int64_t run_file_boottime_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_BOOTTIME, &now);
        return now.tv_sec * (int64_t)USEC_PER_SEC + now.tv_nsec / 1000;
}

/* ---- names ---- */

void run_file_name(int64_t run_id, int64_t epoch, enum run_file_kind kind, char ret[RUN_FILE_NAME_MAX])
{
        snprintf(ret, RUN_FILE_NAME_MAX, "%" PRId64 ".%" PRId64 "%s", run_id, epoch, kind_suffixes[kind]);
}

bool run_file_name_parse(const char *name, int64_t *ret_run_id, int64_t *ret_epoch,
                         enum run_file_kind *ret_kind)
{
        char numbers[RUN_FILE_NAME_MAX], again[RUN_FILE_NAME_MAX];
        int64_t run_id, epoch;

        size_t length = strlen(name);
        if (length >= sizeof(numbers))
                return false;
        memcpy(numbers, name, length + 1);
        char *dot = strchr(numbers, '.');
        if (!dot)
                return false;
        *dot++ = '\0';
        dot[strspn(dot, "0123456789")] = '\0';
        if (parse_int64(numbers, 1, INT64_MAX, &run_id) < 0 || parse_int64(dot, 0, INT64_MAX, &epoch) < 0)
                return false;
        for (size_t kind = 0; kind < RUN_FILE_KIND_COUNT; kind++) {
                run_file_name(run_id, epoch, (enum run_file_kind)kind, again);
                if (strcmp(name, again) == 0) {
                        *ret_run_id = run_id;
                        *ret_epoch = epoch;
                        *ret_kind = (enum run_file_kind)kind;
                        return true;
                }
        }
        return false;
}

void run_file_boot(char ret[RUN_FILE_BOOT_MAX])
{
        _cleanup_close_ int fd = open(BOOT_ID_PATH, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, ret, RUN_FILE_BOOT_MAX - 1);

        ret[n < 0 ? 0 : n] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
}

/* ---- making ---- */

int run_file_create(int dirfd, int64_t run_id, int64_t epoch, uint32_t flags, int *ret_fd)
{
        struct run_file_header header = {
                .magic = RUN_FILE_MAGIC,
                .version = RUN_FILE_VERSION,
                .flags = flags,
                .run_id = run_id,
                .epoch = epoch,
                .created_at_us = clock_realtime_us(),
                .created_boottime_us = run_file_boottime_us(),
        };
        char name[RUN_FILE_NAME_MAX];

        run_file_boot(header.boot);
        header.check = run_file_check(RUN_FILE_CHECK_INIT, &header, offsetof(struct run_file_header, check));
        run_file_name(run_id, epoch, RUN_FILE_STATE, name);
        _cleanup_close_ int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                        0600);
        if (fd < 0)
                return -errno;
        int r = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
        /* Not all file systems can; a short end may then be lost on a full disk. */
        if (r == 0 && fallocate(fd, 0, 0, RUN_FILE_RESERVE) < 0 && errno == ENOSPC)
                r = -ENOSPC;
        if (r == 0 && ftruncate(fd, RUN_FILE_RESERVE) < 0)
                r = -errno;
        if (r == 0 && pwrite(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
                r = errno ? -errno : -EIO;
        if (r < 0) {
                unlinkat(dirfd, name, 0);
                return r;
        }
        *ret_fd = steal_fd(&fd);
        return 0;
}

/* Data that has its place, of whatever run file there is. */
static int put(int dirfd, int64_t run_id, int64_t epoch, const void *data, size_t size, off_t at)
{
        char name[RUN_FILE_NAME_MAX];

        run_file_name(run_id, epoch, RUN_FILE_STATE, name);
        _cleanup_close_ int fd = openat(dirfd, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return pwrite(fd, data, size, at) == (ssize_t)size ? 0 : -EIO;
}

int run_file_set_end(int dirfd, int64_t run_id, int64_t epoch, enum run_file_end end)
{
        uint32_t number = end;

        return put(dirfd, run_id, epoch, &number, sizeof(number), RUN_FILE_END_AT);
}

int run_file_set_frozen(int dirfd, int64_t run_id, int64_t epoch, int64_t frozen_us, int64_t since_us)
{
        const struct run_file_frozen frozen = { frozen_us, since_us };

        return put(dirfd, run_id, epoch, &frozen, sizeof(frozen), RUN_FILE_FROZEN_AT);
}

/* ---- reading ---- */

static bool is_zero(const char *data, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (data[i])
                        return false;
        return true;
}

static int decode_header(const char *data, size_t size, struct run_file *file, struct error *error)
{
        struct run_file_header header;
        int32_t pid = 0;
        uint32_t end = RUN_FILE_END_NONE;
        struct run_file_frozen frozen = { 0 };

        if (is_zero(data, MIN(size, sizeof(header))))
                return error_set(error, ENODATA, "expected a header, found nothing");
        if (size < sizeof(header))
                return error_set(error, EBADMSG, "expected a header of %zu bytes, found %zu", sizeof(header),
                                 size);
        memcpy(&header, data, sizeof(header));
        if (header.magic != RUN_FILE_MAGIC)
                return error_set(error, EBADMSG, "expected the file of a run");
        if (header.check !=
                    run_file_check(RUN_FILE_CHECK_INIT, &header, offsetof(struct run_file_header, check)) ||
            header.run_id <= 0 || header.epoch < 0 || header.boot[RUN_FILE_BOOT_MAX - 1])
                return error_set(error, EBADMSG, "the header is damaged");
        if (size >= RUN_FILE_PID_AT + sizeof(pid))
                memcpy(&pid, data + RUN_FILE_PID_AT, sizeof(pid));
        if (header.version == RUN_FILE_VERSION && size >= RUN_FILE_END_AT + sizeof(end))
                memcpy(&end, data + RUN_FILE_END_AT, sizeof(end));
        if (header.version == RUN_FILE_VERSION && size >= RUN_FILE_FROZEN_AT + sizeof(frozen))
                memcpy(&frozen, data + RUN_FILE_FROZEN_AT, sizeof(frozen));
        if (frozen.frozen_us < 0 || frozen.since_us < 0)
                return error_set(error, EBADMSG, "expected how long it was frozen, found less than nothing");
        if (end >= RUN_FILE_END_COUNT)
                return error_set(error, EBADMSG, "expected why it is ended, found %" PRIu32, end);
        file->version = header.version;
        /* Nobody can tell how far it has come: the task may have begun. */
        file->phase = header.version == RUN_FILE_VERSION ? RUN_FILE_STARTING : RUN_FILE_RUNNING;
        file->run_id = header.run_id;
        file->epoch = header.epoch;
        file->flags = header.flags;
        file->created_at_us = header.created_at_us;
        file->created_boottime_us = header.created_boottime_us;
        file->pid = pid > 1 ? pid : 0;
        file->end = (enum run_file_end)end;
        file->frozen_us = frozen.frozen_us;
        file->frozen_since_us = frozen.since_us;
        memcpy(file->boot, header.boot, sizeof(file->boot));
        return 0;
}

static int decode_running(const char *data, size_t size, struct run_file *file)
{
        struct run_file_running running;

        if (size < sizeof(running))
                return -EBADMSG;
        memcpy(&running, data, sizeof(running));
        const char *sandbox = data + sizeof(running);
        size -= sizeof(running);
        if (running.limit_us < 0 || size >= SANDBOX_TEXT_MAX || !utf8_is_valid(sandbox, size))
                return -EBADMSG;
        file->sandbox = size ? utf8_repair(sandbox, size) : NULL;
        if (size && !file->sandbox)
                return -ENOMEM;
        file->started_at_us = running.started_at_us;
        file->started_monotonic_us = running.started_monotonic_us;
        file->limit_us = running.limit_us;
        file->phase = RUN_FILE_RUNNING;
        return 0;
}

static int decode_finished(const char *data, size_t size, struct run_file *file)
{
        struct run_file_finished finished;
        struct wire_report report;
        struct error ignored = ERROR_INIT;

        if (size < sizeof(finished))
                return -EBADMSG;
        memcpy(&finished, data, sizeof(finished));
        int r = wire_report_decode(data + sizeof(finished), size - sizeof(finished), &report, &ignored);

        if (r < 0)
                return r == -ENOMEM ? r : -EBADMSG;
        if (report.event != WIRE_EVENT_FINISHED && report.event != WIRE_EVENT_SETUP_FAILED) {
                wire_report_done(&report);
                return -EBADMSG;
        }
        file->report = report;
        file->finished_at_us = finished.finished_at_us;
        file->phase = RUN_FILE_FINISHED;
        return 0;
}

static int decode_output(const char *data, size_t size, struct run_file *file)
{
        struct run_file_output output;

        if (size <= sizeof(output))
                return -EBADMSG;
        memcpy(&output, data, sizeof(output));
        size -= sizeof(output);
        if (output.stream >= ARRAY_SIZE(file->output) || file->output[output.stream] ||
            size > RUN_FILE_OUTPUT_MAX)
                return -EBADMSG;
        file->output[output.stream] = malloc(size);
        if (!file->output[output.stream])
                return -ENOMEM;
        memcpy(file->output[output.stream], data + sizeof(output), size);
        file->output_size[output.stream] = size;
        return 0;
}

/* -EBADMSG: not a record that can follow on what there is. */
static int decode_record(uint32_t kind, const char *data, size_t size, struct run_file *file)
{
        switch (kind) {
        case RUN_FILE_RECORD_ENTERED:
                if (file->phase != RUN_FILE_STARTING || size != sizeof(struct run_file_entered))
                        return -EBADMSG;
                memcpy(&file->entered_boottime_us, data, sizeof(file->entered_boottime_us));
                file->phase = RUN_FILE_ENTERED;
                return 0;
        case RUN_FILE_RECORD_RUNNING:
                return file->phase >= RUN_FILE_RUNNING ? -EBADMSG : decode_running(data, size, file);
        case RUN_FILE_RECORD_FINISHED:
                return file->phase == RUN_FILE_FINISHED ? -EBADMSG : decode_finished(data, size, file);
        case RUN_FILE_RECORD_OUTPUT:
                return decode_output(data, size, file);
        default:
                return -EBADMSG;
        }
}

/* Up to the first that is none: what is torn has not been written. */
static int decode_records(const char *data, size_t size, struct run_file *file)
{
        size_t at = RUN_FILE_RECORDS_AT;
        struct run_file_record record;

        while (at < size && size - at >= sizeof(record)) {
                memcpy(&record, data + at, sizeof(record));
                at += sizeof(record);
                if (record.kind == 0 || record.size > size - at ||
                    record.check != run_file_check(run_file_check(RUN_FILE_CHECK_INIT, &record,
                                                                  offsetof(struct run_file_record, check)),
                                                   data + at, record.size))
                        return 0;
                int r = decode_record(record.kind, data + at, record.size, file);
                if (r < 0)
                        return r == -ENOMEM ? r : 0;
                at += (record.size + 7) & ~(size_t)7;
        }
        return 0;
}

int run_file_decode(const void *data, size_t size, struct run_file *ret, struct error *error)
{
        struct run_file file = { 0 };

        if (size > RUN_FILE_SIZE_MAX)
                return error_set(error, EBADMSG, "expected at most %d bytes, found %zu", RUN_FILE_SIZE_MAX,
                                 size);
        int r = decode_header(data, size, &file, error);
        if (r == 0 && file.version == RUN_FILE_VERSION && decode_records(data, size, &file) < 0)
                r = error_set(error, ENOMEM, "out of memory");
        if (r < 0) {
                run_file_done(&file);
                return r;
        }
        *ret = file;
        return 0;
}

static int read_all(int fd, char **ret_data, size_t *ret_size)
{
        size_t size = 0;
        _cleanup_free_ char *data = malloc(RUN_FILE_SIZE_MAX + 1);

        if (!data)
                return -ENOMEM;
        for (;;) {
                ssize_t n = pread(fd, data + size, RUN_FILE_SIZE_MAX + 1 - size, (off_t)size);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t)n;
        }
        *ret_data = steal_pointer(data);
        *ret_size = size;
        return 0;
}

int run_file_read(int dirfd, int64_t run_id, int64_t epoch, struct run_file *ret, bool *ret_held,
                  struct error *error)
{
        char name[RUN_FILE_NAME_MAX];
        _cleanup_free_ char *data = NULL;
        struct run_file file;
        size_t size = 0;

        run_file_name(run_id, epoch, RUN_FILE_STATE, name);
        _cleanup_close_ int fd = openat(dirfd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
                return error_set_errno(error, errno, "%s", name);
        bool held = flock(fd, LOCK_EX | LOCK_NB) < 0;
        if (held && errno != EWOULDBLOCK)
                return error_set_errno(error, errno, "%s: its lock", name);
        int r = read_all(fd, &data, &size);
        if (r < 0)
                return error_set_errno(error, -r, "%s", name);
        r = run_file_decode(data, size, &file, error);
        if (r == 0 && (file.run_id != run_id || file.epoch != epoch)) {
                r = error_set(error, EBADMSG, "it is of run %" PRId64 ".%" PRId64, file.run_id, file.epoch);
                run_file_done(&file);
        }
        if (r < 0) {
                error_prefix(error, "%s", name);
                return r;
        }
        *ret = file;
        *ret_held = held;
        return 0;
}

pid_t run_file_pid(int dirfd, int64_t run_id, int64_t epoch)
{
        char name[RUN_FILE_NAME_MAX];
        int32_t pid = 0;

        run_file_name(run_id, epoch, RUN_FILE_STATE, name);
        _cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0 || pread(fd, &pid, sizeof(pid), RUN_FILE_PID_AT) != (ssize_t)sizeof(pid))
                return 0;
        return pid > 1 ? pid : 0;
}

void run_file_done(struct run_file *file)
{
        free(file->sandbox);
        wire_report_done(&file->report);
        for (size_t i = 0; i < ARRAY_SIZE(file->output); i++)
                free(file->output[i]);
        *file = (struct run_file){ 0 };
}
