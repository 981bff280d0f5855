/* SPDX-License-Identifier: MPL-2.0 */
/* The part of util.h that is about files and descriptors. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

int fd_set_nonblocking(int fd, bool nonblocking)
{
        int flags = fcntl(fd, F_GETFL);

        if (flags < 0)
                return -errno;
        int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
        if (wanted != flags && fcntl(fd, F_SETFL, wanted) < 0)
                return -errno;
        return 0;
}

int fd_write_all(int fd, const void *data, size_t size)
{
        const char *from = data;

        while (size > 0) {
                ssize_t written = write(fd, from, size);
                if (written >= 0) {
                        from += written;
                        size -= (size_t)written;
                } else if (errno == EAGAIN) {
                        /* Somebody who shares the open file made it non-blocking. */
                        struct pollfd poller = { .fd = fd, .events = POLLOUT };
                        if (poll(&poller, 1, -1) < 0 && errno != EINTR)
                                return -errno;
                } else if (errno != EINTR) {
                        return -errno;
                }
        }
        return 0;
}

int fd_read_all(int fd, size_t hint, size_t max, char **ret_data, size_t *ret_size)
{
        size_t capacity = MIN(hint, max) + 1, size = 0;
        _cleanup_free_ char *data = malloc(capacity + 1);

        if (!data)
                return -ENOMEM;
        for (;;) {
                if (size == capacity) {
                        capacity = MIN(2 * capacity, max + 1);
                        char *larger = realloc(data, capacity + 1);
                        if (!larger)
                                return -ENOMEM;
                        data = larger;
                }
                ssize_t got = read(fd, data + size, capacity - size);
                if (got < 0 && errno != EINTR)
                        return -errno;
                if (got == 0)
                        break;
                if (got > 0)
                        size += (size_t)got;
                if (size > max)
                        return -EFBIG;
        }
        data[size] = 0;
        *ret_data = steal_pointer(data);
        *ret_size = size;
        return 0;
}

int file_read(int dirfd, const char *path, size_t max, char **ret_data, size_t *ret_size)
{
        struct stat status;
        /* O_NONBLOCK: a fifo must not hold us. */
        _cleanup_close_ int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0 || fstat(fd, &status) < 0)
                return -errno;
        if (S_ISDIR(status.st_mode))
                return -EISDIR;
        if (!S_ISREG(status.st_mode))
                return -EINVAL;
        if (status.st_size > 0 && (uint64_t)status.st_size > max)
                return -EFBIG;
        return fd_read_all(fd, (size_t)status.st_size, max, ret_data, ret_size);
}

/* The directory of @path as a descriptor, for fsync: a rename is durable when its directory is. */
static int directory_sync(int dirfd, const char *path)
{
        const char *slash = strrchr(path, '/');
        _cleanup_free_ char *directory = NULL;

        if (!slash)
                directory = strdup(".");
        else if (slash == path)
                directory = strdup("/");
        else
                directory = strndup(path, (size_t)(slash - path));
        if (!directory)
                return -ENOMEM;
        _cleanup_close_ int fd = openat(dirfd, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
                return -errno;
        return 0;
}

static int file_write_new(int fd, const void *data, size_t size, mode_t mode, bool sync)
{
        int r = fd_write_all(fd, data, size);

        if (r < 0)
                return r;
        /* The mode is as asked for, whatever the umask. */
        if (fchmod(fd, mode) < 0 || (sync && fsync(fd) < 0))
                return -errno;
        return 0;
}

int file_write_atomic(int dirfd, const char *path, const void *data, size_t size, mode_t mode, bool sync)
{
        const char *slash = strrchr(path, '/');
        const char *name = slash ? slash + 1 : path;
        unsigned char random[8];
        char suffix[2 * sizeof(random) + 1];
        int r;

        random_bytes(random, sizeof(random));
        hex_encode(random, sizeof(random), suffix);
        /* Cut: the temporary name must fit where the name itself just fits. */
        _cleanup_free_ char *temporary = format_string("%.*s.%.200s.%s", (int)(name - path), path, name,
                                                       suffix);
        if (!temporary)
                return -ENOMEM;

        int fd = openat(dirfd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = file_write_new(fd, data, size, mode, sync);
        if (close(fd) < 0 && r == 0)
                r = -errno;
        if (r == 0 && renameat(dirfd, temporary, dirfd, path) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(dirfd, temporary, 0);
                return r;
        }
        return sync ? directory_sync(dirfd, path) : 0;
}

static int directory_make_one(const char *path, mode_t mode)
{
        struct stat status;

        if (mkdir(path, mode) == 0)
                return 0;
        int code = errno;
        /* Whatever the reason (EEXIST, EROFS, EACCES), one that is there is good. */
        if (stat(path, &status) == 0)
                return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
        return -code;
}

int directory_make(const char *path, mode_t mode)
{
        _cleanup_free_ char *part = strdup(path);
        struct stat status;
        int r;

        if (!part)
                return -ENOMEM;
        if (stat(path, &status) == 0)
                return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
        for (char *slash = part + strspn(part, "/"); (slash = strchr(slash, '/'));
             slash += strspn(slash, "/")) {
                *slash = 0;
                r = directory_make_one(part, mode);
                if (r < 0)
                        return r;
                *slash = '/';
        }
        return directory_make_one(part, mode);
}

void random_bytes(void *buffer, size_t size)
{
        char *to = buffer;

        while (size > 0) {
                ssize_t got = getrandom(to, size, 0);
                if (got < 0 && errno == EINTR)
                        continue;
                if (got <= 0)
                        abort(); /* no kernel that we run on lacks it, and nothing may go on without */
                to += got;
                size -= (size_t)got;
        }
}
