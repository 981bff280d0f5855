/* SPDX-License-Identifier: MPL-2.0 */
/* The writer's side of output_format.h, and the files as a whole. */
#include "config.h"

#include "daemon/output.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "daemon/output_format.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define OUTPUT_SUFFIX ".out"
/* A remainder of an area that is smaller stays unused rather than hold a splinter of a line. */
#define OUTPUT_ROOM_MIN 64

struct output_writer {
        int dirfd;
        int fd; /* -1: no file yet */
        int64_t run_id;
        int64_t head_end, block_size;
        int block; /* -1: in the head */
        int64_t position;
        int64_t bytes, dropped, stored;
        int64_t block_bytes[OUTPUT_BLOCKS]; /* data that each holds */
};

/* FNV-1a: a torn or overwritten record must be noticed, nobody tries to deceive us. */
static uint32_t check_add(uint32_t check, const void *data, size_t size)
{
        const uint8_t *bytes = data;
        for (size_t i = 0; i < size; i++)
                check = (check ^ bytes[i]) * UINT32_C(16777619);
        return check;
}

#define CHECK_INIT UINT32_C(2166136261)

uint32_t output_file_check(const struct output_file_header *header)
{
        return htole32(check_add(CHECK_INIT, header, offsetof(struct output_file_header, check)));
}

uint32_t output_record_check(const struct output_record_header *header, const void *data, size_t size)
{
        uint32_t check = check_add(CHECK_INIT, &header->size, sizeof(header->size));
        check = check_add(check, &header->offset, sizeof(header->offset) + sizeof(header->at_us));
        return htole32(check_add(check, data, size));
}

void output_name(int64_t run_id, char ret[OUTPUT_NAME_MAX])
{
        snprintf(ret, OUTPUT_NAME_MAX, "%" PRId64 OUTPUT_SUFFIX, run_id);
}

int output_writer_new(int dirfd, int64_t run_id, int64_t limit, struct output_writer **ret)
{
        struct output_writer *writer = calloc(1, sizeof(*writer));
        if (!writer)
                return -ENOMEM;
        int64_t room = MIN(MAX(limit, OUTPUT_LIMIT_MIN), OUTPUT_LIMIT_MAX) -
                       (int64_t)sizeof(struct output_file_header);
        writer->dirfd = dirfd;
        writer->fd = -1;
        writer->run_id = run_id;
        writer->head_end = (int64_t)sizeof(struct output_file_header) + room / 2;
        writer->block_size = (room - room / 2) / OUTPUT_BLOCKS;
        writer->block = -1;
        writer->position = sizeof(struct output_file_header);
        *ret = writer;
        return 0;
}

void output_writer_free(struct output_writer *writer)
{
        if (!writer)
                return;
        close_keep_errno(writer->fd);
        free(writer);
}

/* Truncated: a run that is started again has only its last attempt's output. */
static int writer_open(struct output_writer *writer)
{
        char name[OUTPUT_NAME_MAX];
        output_name(writer->run_id, name);
        int fd = openat(writer->dirfd, name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        writer->fd = fd;
        return 0;
}

int output_writer_resume(struct output_writer *writer)
{
        char name[OUTPUT_NAME_MAX];
        struct output_state state;
        int r = output_scan(writer->dirfd, writer->run_id, &state);
        if (r <= 0)
                return r;
        output_name(writer->run_id, name);
        int fd = openat(writer->dirfd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        writer->fd = fd;
        writer->head_end = state.head_end;
        writer->block_size = state.block_size;
        writer->block = state.block;
        writer->position = state.position;
        writer->bytes = state.bytes;
        writer->dropped = state.dropped;
        writer->stored = state.stored;
        memcpy(writer->block_bytes, state.block_bytes, sizeof(writer->block_bytes));
        return 0;
}

/* Start of the area after the current one; what the block held is gone then. */
static void writer_advance(struct output_writer *writer)
{
        writer->block = (writer->block + 1) % OUTPUT_BLOCKS;
        writer->position = writer->head_end + writer->block * writer->block_size;
        writer->dropped += writer->block_bytes[writer->block];
        writer->block_bytes[writer->block] = 0;
}

/* Bytes of data that one more record could hold here. */
static int64_t writer_room(const struct output_writer *writer)
{
        int64_t end = writer->head_end;
        if (writer->block >= 0)
                end += (writer->block + 1) * writer->block_size;
        return end - writer->position - (int64_t)sizeof(struct output_record_header);
}

static int write_all_at(int fd, struct iovec *iov, int count, int64_t position)
{
        while (count > 0) {
                ssize_t n = pwritev(fd, iov, count, position);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                position += n;
                for (; count > 0 && (size_t)n >= iov->iov_len; iov++, count--)
                        n -= (ssize_t)iov->iov_len;
                if (count > 0) {
                        iov->iov_base = (char *)iov->iov_base + n;
                        iov->iov_len -= (size_t)n;
                }
        }
        return 0;
}

/* One record in one write, with the file's header in front of the first. */
static int record_write(struct output_writer *writer, enum output_stream stream, int64_t at_us,
                        const char *data, size_t size)
{
        struct output_record_header header = {
                .size = htole32((uint32_t)size | (stream == OUTPUT_STDERR ? OUTPUT_RECORD_STDERR : 0)),
                .offset = (int64_t)htole64((uint64_t)writer->bytes),
                .at_us = (int64_t)htole64((uint64_t)at_us),
        };
        header.check = output_record_check(&header, data, size);
        struct output_file_header file = {
                .magic = htole64(OUTPUT_MAGIC),
                .run_id = (int64_t)htole64((uint64_t)writer->run_id),
                .head_end = (int64_t)htole64((uint64_t)writer->head_end),
                .block_size = htole32((uint32_t)writer->block_size),
        };
        file.check = output_file_check(&file);

        struct iovec iov[] = {
                { &file, sizeof(file) },
                { &header, sizeof(header) },
                { (void *)(uintptr_t)data, size },
        };
        bool first = writer->stored == 0;
        int r = first ? write_all_at(writer->fd, iov, 3, 0)
                      : write_all_at(writer->fd, iov + 1, 2, writer->position);
        if (r < 0)
                return r;
        writer->position += (int64_t)(sizeof(header) + size);
        writer->stored = MAX(writer->stored, writer->position);
        writer->bytes += (int64_t)size;
        if (writer->block >= 0)
                writer->block_bytes[writer->block] += (int64_t)size;
        return 0;
}

int output_write(struct output_writer *writer, enum output_stream stream, int64_t at_us, const void *data,
                 size_t size)
{
        const char *rest = data;
        int r = 0;

        if (size > 0 && writer->fd < 0)
                r = writer_open(writer);
        while (size > 0 && r == 0) {
                if (writer_room(writer) < (int64_t)MIN(size, (size_t)OUTPUT_ROOM_MIN))
                        writer_advance(writer);
                size_t part = MIN(MIN(size, (size_t)OUTPUT_RECORD_MAX), (size_t)writer_room(writer));
                r = record_write(writer, stream, at_us, rest, part);
                if (r < 0)
                        break;
                rest += part;
                size -= part;
        }
        writer->bytes += (int64_t)size;
        writer->dropped += (int64_t)size;
        return r;
}

int64_t output_bytes(const struct output_writer *writer)
{
        return writer->bytes;
}

int64_t output_dropped(const struct output_writer *writer)
{
        return writer->dropped;
}

int64_t output_stored(const struct output_writer *writer)
{
        return writer->stored;
}

int output_remove(int dirfd, int64_t run_id)
{
        char name[OUTPUT_NAME_MAX];
        output_name(run_id, name);
        return unlinkat(dirfd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

bool output_name_parse(const char *name, int64_t *ret_run_id)
{
        size_t length = strlen(name), suffix = strlen(OUTPUT_SUFFIX);
        if (length <= suffix || length >= OUTPUT_NAME_MAX ||
            strcmp(name + length - suffix, OUTPUT_SUFFIX) != 0)
                return false;
        char number[OUTPUT_NAME_MAX];
        memcpy(number, name, length - suffix);
        number[length - suffix] = '\0';
        return parse_int64(number, 1, INT64_MAX, ret_run_id) == 0;
}

static int files_each(int dirfd, int (*each)(int dirfd, const char *name, int64_t run_id, void *data),
                      void *data)
{
        int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        DIR *directory _cleanup_closedir_ = fdopendir(fd);
        if (!directory) {
                int code = errno;
                close(fd);
                return -code;
        }
        for (;;) {
                errno = 0;
                struct dirent *entry = readdir(directory);
                if (!entry)
                        return -errno;
                int64_t run_id;
                int r = output_name_parse(entry->d_name, &run_id) ? each(dirfd, entry->d_name, run_id, data)
                                                                  : 0;
                if (r < 0)
                        return r;
        }
}

struct sweep {
        bool (*keep)(int64_t run_id, void *data);
        void *data;
        int64_t removed;
};

static int sweep_file(int dirfd, const char *name, int64_t run_id, void *data)
{
        struct sweep *sweep = data;
        if (sweep->keep(run_id, sweep->data))
                return 0;
        if (unlinkat(dirfd, name, 0) < 0)
                return errno == ENOENT ? 0 : -errno;
        sweep->removed++;
        return 0;
}

int output_sweep(int dirfd, bool (*keep)(int64_t run_id, void *data), void *data, int64_t *ret_removed)
{
        struct sweep sweep = { keep, data, 0 };
        int r = files_each(dirfd, sweep_file, &sweep);
        if (r == 0)
                *ret_removed = sweep.removed;
        return r;
}

static int total_file(int dirfd, const char *name, int64_t run_id, void *data)
{
        struct stat info;
        if (fstatat(dirfd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        *(int64_t *)data += info.st_size;
        return 0;
}

int output_total(int dirfd, int64_t *ret_bytes)
{
        int64_t total = 0;
        int r = files_each(dirfd, total_file, &total);
        if (r == 0)
                *ret_bytes = total;
        return r;
}
