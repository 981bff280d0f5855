/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The reader's side of output_format.h.
 *
 * The next record is the one with the lowest offset that has not been given yet: in the head the one at the
 * position, in the ring the one at the position if it follows on, else the best of that one and the first
 * ones of the blocks. Where its offset is higher than expected there is a gap, which is given first.
 */
#include "config.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/output.h"
#include "daemon/output_format.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define WINDOW_SIZE (sizeof(struct output_record_header) + OUTPUT_RECORD_MAX)

struct output_reader {
        int dirfd;
        int fd; /* -1: no file when last looked */
        int64_t run_id;
        bool ready; /* the header has been read */
        int64_t head_end, block_size;
        int block; /* -1: in the head */
        int64_t position;
        int64_t expected; /* offset of the byte after the last one given */
        /* A part of the file as it was when it was read. */
        int64_t window_start;
        size_t window_length;
        char window[WINDOW_SIZE];
};

enum found {
        FOUND_RECORD,
        FOUND_NOTHING, /* the end, or one that is not there in full */
        FOUND_DAMAGE,
};

struct record {
        int64_t position;
        int block;
        struct output_record value;
};

CLEANUP_DEFINE(struct output_reader, output_reader_free);

static struct output_reader *reader_new(void)
{
        struct output_reader *reader = malloc(sizeof(*reader));
        if (!reader)
                return NULL;
        /* Not the window: it is large. */
        memset(reader, 0, offsetof(struct output_reader, window));
        reader->dirfd = reader->fd = -1;
        reader->block = -1;
        return reader;
}

/* @size bytes at @position. NULL: @ret_found says why, FOUND_NOTHING at the end of the file or a negative errno. */
static const char *window_get(struct output_reader *reader, int64_t position, size_t size, int *ret_found)
{
        if (position < reader->window_start ||
            position + (int64_t)size > reader->window_start + (int64_t)reader->window_length) {
                size_t length = 0;
                reader->window_length = 0;
                while (length < size) {
                        ssize_t n = pread(reader->fd, reader->window + length, WINDOW_SIZE - length,
                                          position + (int64_t)length);
                        if (n < 0 && errno == EINTR)
                                continue;
                        if (n < 0) {
                                *ret_found = -errno;
                                return NULL;
                        }
                        if (n == 0)
                                break;
                        length += (size_t)n;
                }
                reader->window_start = position;
                reader->window_length = length;
        }
        if (reader->window_start + (int64_t)reader->window_length - position < (int64_t)size) {
                *ret_found = FOUND_NOTHING;
                return NULL;
        }
        return reader->window + (position - reader->window_start);
}

static int reader_open(struct output_reader *reader)
{
        char name[OUTPUT_NAME_MAX];
        output_name(reader->run_id, name);
        reader->fd = openat(reader->dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        return reader->fd < 0 && errno != ENOENT ? -errno : 0;
}

/* 1: ready, 0: no header yet, -EBADMSG. */
static int reader_prepare(struct output_reader *reader)
{
        if (reader->ready)
                return 1;
        int r = reader->fd < 0 ? reader_open(reader) : 0;
        if (r < 0 || reader->fd < 0)
                return r;

        struct output_file_header header;
        ssize_t n = pread(reader->fd, &header, sizeof(header), 0);
        if (n < 0)
                return -errno;
        if (n < (ssize_t)sizeof(header))
                return 0;
        int64_t head_end = (int64_t)le64toh((uint64_t)header.head_end);
        int64_t block_size = le32toh(header.block_size);
        if (le64toh(header.magic) != OUTPUT_MAGIC || header.check != output_file_check(&header) ||
            head_end < (int64_t)sizeof(header) || head_end > OUTPUT_LIMIT_MAX ||
            block_size > OUTPUT_LIMIT_MAX)
                return -EBADMSG;
        if (reader->dirfd >= 0 && (int64_t)le64toh((uint64_t)header.run_id) != reader->run_id)
                return -EBADMSG;
        reader->head_end = head_end;
        reader->block_size = block_size;
        reader->position = sizeof(header);
        reader->ready = true;
        return 1;
}

static int64_t block_start(const struct output_reader *reader, int block)
{
        return reader->head_end + block * reader->block_size;
}

static bool is_zero(const void *data, size_t size)
{
        const char *bytes = data;
        for (size_t i = 0; i < size; i++)
                if (bytes[i])
                        return false;
        return true;
}

/* The record at a position of a block (-1: the head), whatever its offset. */
static int record_get(struct output_reader *reader, int block, int64_t position, struct record *ret)
{
        int64_t end = block < 0 ? reader->head_end : block_start(reader, block + 1);
        struct output_record_header header;
        if (end - position < (int64_t)sizeof(header))
                return FOUND_NOTHING;

        int found = FOUND_NOTHING;
        const char *bytes = window_get(reader, position, sizeof(header), &found);
        if (!bytes)
                return found;
        memcpy(&header, bytes, sizeof(header));
        size_t size = le32toh(header.size) & ~OUTPUT_RECORD_STDERR;
        if (size == 0)
                return is_zero(&header, sizeof(header)) ? FOUND_NOTHING : FOUND_DAMAGE;
        if (size > OUTPUT_RECORD_MAX || (int64_t)size > end - position - (int64_t)sizeof(header))
                return FOUND_DAMAGE;

        bytes = window_get(reader, position, sizeof(header) + size, &found);
        if (!bytes)
                return found;
        memcpy(&header, bytes, sizeof(header));
        const char *data = bytes + sizeof(header);
        int64_t offset = (int64_t)le64toh((uint64_t)header.offset);
        if (header.check != output_record_check(&header, data, size) || offset < 0 ||
            offset > INT64_MAX - OUTPUT_RECORD_MAX)
                return FOUND_DAMAGE;
        *ret = (struct record){
                .position = position,
                .block = block,
                .value = {
                        .stream = le32toh(header.size) & OUTPUT_RECORD_STDERR ? OUTPUT_STDERR : OUTPUT_STDOUT,
                        .offset = offset,
                        .at_us = (int64_t)le64toh((uint64_t)header.at_us),
                        .data = data,
                        .size = size,
                },
        };
        return FOUND_RECORD;
}

/* The file may have changed since the window was read. */
static int record_get_fresh(struct output_reader *reader, int block, int64_t position, struct record *ret)
{
        int found = record_get(reader, block, position, ret);
        if (found == FOUND_RECORD && ret->value.offset >= reader->expected)
                return found;
        reader->window_length = 0;
        return record_get(reader, block, position, ret);
}

/* Of the blocks' first records the one with the lowest offset that is due. */
static int ring_first(struct output_reader *reader, struct record *ret)
{
        struct stat info;
        if (fstat(reader->fd, &info) < 0)
                return -errno;
        int64_t offsets[OUTPUT_BLOCKS];
        for (int i = 0; i < OUTPUT_BLOCKS; i++) {
                struct output_record_header header;
                offsets[i] = -1;
                if (info.st_size > block_start(reader, i) &&
                    pread(reader->fd, &header, sizeof(header), block_start(reader, i)) ==
                            (ssize_t)sizeof(header) &&
                    header.size != 0)
                        offsets[i] = (int64_t)le64toh((uint64_t)header.offset);
        }
        /* A header may say anything: whoever is lowest is looked at in full, and is out if it is no record. */
        for (;;) {
                int best = -1;
                for (int i = 0; i < OUTPUT_BLOCKS; i++)
                        if (offsets[i] >= reader->expected && (best < 0 || offsets[i] < offsets[best]))
                                best = i;
                if (best < 0)
                        return FOUND_NOTHING;
                reader->window_length = 0;
                int found = record_get(reader, best, block_start(reader, best), ret);
                if (found < 0 || (found == FOUND_RECORD && ret->value.offset == offsets[best]))
                        return found;
                offsets[best] = -1;
        }
}

/* The record that is due next. FOUND_DAMAGE: only when nothing good comes after it. */
static int record_find(struct output_reader *reader, struct record *ret)
{
        int here = record_get_fresh(reader, reader->block, reader->position, ret);
        if (here < 0)
                return here;
        /* What follows the newest record of a block is no damage, it is left over. */
        if (reader->block >= 0 &&
            (here == FOUND_DAMAGE || (here == FOUND_RECORD && ret->value.offset < reader->expected)))
                here = FOUND_NOTHING;
        if (here == FOUND_RECORD && ret->value.offset < reader->expected)
                here = FOUND_DAMAGE;
        if (here == FOUND_RECORD && (reader->block < 0 || ret->value.offset == reader->expected))
                return here;

        int64_t offset_here = here == FOUND_RECORD ? ret->value.offset : INT64_MAX;
        struct record first = { 0 };
        int found = ring_first(reader, &first);
        if (found < 0)
                return found;
        if (found == FOUND_RECORD && first.value.offset <= offset_here) {
                *ret = first;
                return found;
        }
        if (here != FOUND_RECORD)
                return here;
        /* The window has moved on. */
        return record_get_fresh(reader, reader->block, reader->position, ret);
}

int output_read(struct output_reader *reader, struct output_record *ret)
{
        int r = reader_prepare(reader);
        if (r <= 0)
                return r;

        struct record record = { 0 };
        int found = record_find(reader, &record);
        if (found < 0)
                return found;
        if (found == FOUND_DAMAGE)
                return -EBADMSG;
        if (found == FOUND_NOTHING)
                return 0;

        reader->block = record.block;
        reader->position = record.position;
        if (record.value.offset > reader->expected) {
                *ret = (struct output_record){
                        .stream = record.value.stream,
                        .offset = reader->expected,
                        .at_us = record.value.at_us,
                        .dropped = record.value.offset - reader->expected,
                };
                reader->expected = record.value.offset;
                return 1;
        }
        *ret = record.value;
        reader->position += (int64_t)(sizeof(struct output_record_header) + record.value.size);
        reader->expected += (int64_t)record.value.size;
        return 1;
}

int output_reader_new(int dirfd, int64_t run_id, struct output_reader **ret, struct error *error)
{
        struct output_reader *reader _cleanup_(output_reader_free_cleanup) = reader_new();
        if (!reader)
                return error_set_errno(error, ENOMEM, "cannot read the output of run %" PRId64, run_id);
        reader->dirfd = dirfd;
        reader->run_id = run_id;
        int r = reader_prepare(reader);
        if (r == -EBADMSG)
                return error_set(error, EBADMSG, "the output of run %" PRId64 " is damaged", run_id);
        if (r < 0) {
                error_set_errno(error, -r, "cannot read the output of run %" PRId64, run_id);
                return r;
        }
        *ret = steal_pointer(reader);
        return 0;
}

int output_reader_new_fd(int fd, struct output_reader **ret, struct error *error)
{
        struct output_reader *reader _cleanup_(output_reader_free_cleanup) = reader_new();
        if (!reader) {
                close_keep_errno(fd);
                return error_set_errno(error, ENOMEM, "cannot read this file as output");
        }
        reader->fd = fd;
        int r = reader_prepare(reader);
        if (r < 0)
                return error_set_errno(error, -r, "cannot read this file as output");
        *ret = steal_pointer(reader);
        return 0;
}

void output_reader_free(struct output_reader *reader)
{
        if (!reader)
                return;
        close_keep_errno(reader->fd);
        free(reader);
}

int output_scan(int dirfd, int64_t run_id, struct output_state *ret)
{
        struct output_reader *reader _cleanup_(output_reader_free_cleanup) = NULL;
        struct output_state state = { .block = -1 };
        struct output_record record;
        struct stat info;
        int r = output_reader_new(dirfd, run_id, &reader, NULL);
        if (r < 0 || !reader->ready)
                return r;
        while ((r = output_read(reader, &record)) > 0) {
                state.dropped += record.dropped;
                if (record.size > 0 && reader->block >= 0)
                        state.block_bytes[reader->block] += (int64_t)record.size;
        }
        if (r < 0 && r != -EBADMSG)
                return r;
        if (fstat(reader->fd, &info) < 0)
                return -errno;
        state.head_end = reader->head_end;
        state.block_size = reader->block_size;
        state.block = reader->block;
        state.position = reader->position;
        state.bytes = reader->expected;
        state.stored = info.st_size;
        *ret = state;
        return 1;
}

int output_measure(int dirfd, int64_t run_id, struct output_size *ret)
{
        struct output_state state = { .bytes = 0 };
        int r = output_scan(dirfd, run_id, &state);
        if (r >= 0)
                *ret = (struct output_size){ state.bytes, state.dropped, state.stored };
        return r < 0 ? r : 0;
}
