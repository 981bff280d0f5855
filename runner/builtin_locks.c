/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.locks: files that tell whether another process is at something, as Gecko's multi-instance locks do. Whoever is at
 * it has a lock for reading; there is another if a lock for writing could not be had. Such locks are of the process: two
 * in one process are one, and closing any descriptor of the file gives them up.
 *
 *   open(path) -> descriptor, or a negative errno     made if it is not there, for all users to lock
 *   own(path) -> descriptor, or a negative errno      a lock for writing, which nobody shares; the file is the owner's
 *   hasOthers(descriptor) -> boolean, or a negative errno
 *   close(descriptor, path)                           and the file goes if nobody else has it
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"

static int lock_open(const char *path)
{
        struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
        struct stat opened, named;

        /* Whoever was last may remove the file between our open() and our lock: then it is another's name. */
        for (int attempt = 0; attempt < 10; attempt++) {
                _cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
                                              0666);
                if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0 || fstat(fd, &opened) < 0)
                        return -errno;
                if (stat(path, &named) == 0 && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev)
                        return steal_fd(&fd);
        }
        return -EAGAIN;
}

static eng_val locks_open(eng *e, eng_args *args, void *data)
{
        const char *path;

        if (!eng_args_get(e, args, "open", "s", &path))
                return NULL;
        return eng_number(e, lock_open(path));
}

/* own(path): -EAGAIN or -EACCES, somebody has it. */
static eng_val locks_own(eng *e, eng_args *args, void *data)
{
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        const char *path;

        if (!eng_args_get(e, args, "own", "s", &path))
                return NULL;
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
        if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0)
                return eng_number(e, -errno);
        return eng_number(e, steal_fd(&fd));
}

static int lock_has_others(int fd)
{
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        if (fcntl(fd, F_GETLK, &lock) < 0)
                return -errno;
        return lock.l_type != F_UNLCK;
}

static eng_val locks_has_others(eng *e, eng_args *args, void *data)
{
        int32_t fd;

        if (!eng_args_get(e, args, "hasOthers", "i", &fd))
                return NULL;
        int r = lock_has_others(fd);
        return r < 0 ? eng_number(e, r) : eng_bool(r == 1);
}

static eng_val locks_close(eng *e, eng_args *args, void *data)
{
        const char *path;
        int32_t fd;

        if (!eng_args_get(e, args, "close", "is", &fd, &path))
                return NULL;
        if (lock_has_others(fd) == 0)
                (void)unlink(path);
        close(fd);
        return ENG_UNDEF;
}

static const struct builtin_function locks_functions[] = {
        { "open", 1, locks_open },   { "own", 1, locks_own }, { "hasOthers", 1, locks_has_others },
        { "close", 2, locks_close }, { NULL, 0, NULL },
};

static eng_val locks_create(struct host *host, eng *e)
{
        return builtin_object(host, e, locks_functions);
}

const struct builtin builtin_locks = { "locks", locks_create };
