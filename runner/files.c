/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define READ_MAX INT32_MAX

/* Read at most @max bytes from where @fd is to the end. 0 or -errno; -EFBIG beyond READ_MAX. */
static int read_up_to(int fd, size_t hint, size_t max, uint8_t **ret_data, size_t *ret_size)
{
        /* One byte more than expected: the read that fills it not tells that the end was reached. */
        size_t room = MIN(MAX(hint, 4095), max) + 1, size = 0;
        _cleanup_free_ uint8_t *data = malloc(room);

        if (!data)
                return -ENOMEM;
        while (size < max) {
                if (size == room) {
                        uint8_t *grown = realloc(data, 2 * room);
                        if (!grown)
                                return -ENOMEM;
                        data = grown;
                        room *= 2;
                }
                ssize_t r = read(fd, data + size, MIN(room, max) - size);
                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -errno;
                if (r == 0)
                        break;
                size += (size_t)r;
                if (size >= READ_MAX)
                        return -EFBIG;
        }
        *ret_data = steal_pointer(data);
        *ret_size = size;
        return 0;
}

int file_read_part(const char *path, double offset, double max, uint8_t **ret_data, size_t *ret_size)
{
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!(offset >= 0 && offset <= OFFSET_MAX))
                return -EINVAL;
        if (offset > 0 && lseek(fd, (off_t)offset, SEEK_SET) < 0)
                return -errno;
        size_t limit = max >= 0 && max < READ_MAX ? (size_t)max : READ_MAX;
        off_t left = st.st_size - (off_t)offset;
        size_t hint = left > 0 && (uint64_t)left < READ_MAX ? (size_t)left : 0;
        if (left > 0 && (uint64_t)left >= READ_MAX && limit == READ_MAX)
                return -EFBIG;
        return read_up_to(fd, hint, limit, ret_data, ret_size);
}

int file_write(const char *path, const void *bytes, size_t size, int how, mode_t mode)
{
        int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY;

        flags |= how & WRITE_TRUNCATE ? O_TRUNC : 0;
        flags |= how & WRITE_APPEND ? O_APPEND : 0;
        flags |= how & WRITE_CREATE ? O_CREAT : 0;
        flags |= how & WRITE_EXCLUSIVE ? O_EXCL : 0;
        _cleanup_close_ int fd = open(path, flags, mode);
        if (fd < 0)
                return -errno;
        int r = fd_write_all(fd, bytes, size);
        if (r < 0)
                return WRITE_FAILED + r;
        if (how & WRITE_FLUSH && fsync(fd) < 0)
                return WRITE_FAILED - errno;
        /* Only close() tells of some failures (quota, network); the clean-up would pass over them. */
        return close(steal_fd(&fd)) < 0 && errno != EINTR ? WRITE_FAILED - errno : 0;
}

/* Copy what @in has to @out, in the kernel where that works. */
static int copy_content(int in, int out)
{
        char buffer[65536];

        for (;;) {
                ssize_t r = copy_file_range(in, NULL, out, NULL, 1 << 30, 0);
                if (r == 0)
                        break;
                if (r < 0 && errno != EINTR)
                        break;
        }
        /* At the end of the file this loop ends at once; what copy_file_range() cannot do it goes on with. */
        for (;;) {
                ssize_t r = read(in, buffer, sizeof(buffer));
                if (r < 0 && errno == EINTR)
                        continue;
                if (r <= 0)
                        return r < 0 ? -errno : 0;
                int w = fd_write_all(out, buffer, (size_t)r);
                if (w < 0)
                        return w;
        }
}

int file_copy(const char *from, const char *to)
{
        struct stat st, old;

        _cleanup_close_ int in = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (in < 0 || fstat(in, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (stat(to, &old) == 0 && old.st_dev == st.st_dev && old.st_ino == st.st_ino)
                return 0; /* onto itself: truncating would lose it */
        _cleanup_close_ int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY,
                                       st.st_mode & 0777);
        if (out < 0)
                return -errno;
        int r = copy_content(in, out);
        if (r == 0 && fchmod(out, st.st_mode & 07777) < 0)
                r = -errno;
        if (r == 0 && close(steal_fd(&out)) < 0 && errno != EINTR)
                r = -errno;
        return r;
}
