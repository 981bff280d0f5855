/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/instance_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

/* Another user's file can be read at most, which is enough for a lock. */
static int lock_file(const char *path)
{
        const int flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
        int fd = open(path, O_RDWR | O_CREAT | flags, 0666);

        return fd < 0 && errno == EACCES ? open(path, O_RDONLY | flags) : fd;
}

int instance_lock_open(const char *path)
{
        struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
        struct stat opened, named;

        /* Whoever was last may remove the file between our open() and our lock: then it is another's name. */
        for (int attempt = 0; attempt < 10; attempt++) {
                _cleanup_close_ int fd = lock_file(path);
                if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0 || fstat(fd, &opened) < 0)
                        return -errno;
                if (stat(path, &named) == 0 && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev)
                        return steal_fd(&fd);
        }
        return -EAGAIN;
}

int instance_lock_has_others(int fd)
{
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        if (fcntl(fd, F_GETLK, &lock) < 0)
                return -errno;
        return lock.l_type != F_UNLCK;
}

void instance_lock_close(int fd, const char *path)
{
        if (instance_lock_has_others(fd) == 0)
                (void)unlink(path);
        close(fd);
}
