/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.locks: files that tell whether another process is at something (instance_lock.h).
 *
 *   open(path) -> descriptor, or a negative errno     made if it is not there, for all users to lock
 *   own(path) -> descriptor, or a negative errno      a lock for writing, which nobody shares; the file is the owner's
 *   hasOthers(descriptor) -> boolean, or a negative errno
 *   close(descriptor, path)                           and the file goes if nobody else has it
 *   release(descriptor)                               the file stays
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/instance_lock.h"

static eng_val locks_open(eng *e, eng_args *args, void *data)
{
        const char *path;

        if (!eng_args_get(e, args, "open", "s", &path))
                return NULL;
        return eng_number(e, instance_lock_open(path));
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

static eng_val locks_has_others(eng *e, eng_args *args, void *data)
{
        int32_t fd;

        if (!eng_args_get(e, args, "hasOthers", "i", &fd))
                return NULL;
        int r = instance_lock_has_others(fd);
        return r < 0 ? eng_number(e, r) : eng_bool(r == 1);
}

static eng_val locks_close(eng *e, eng_args *args, void *data)
{
        const char *path;
        int32_t fd;

        if (!eng_args_get(e, args, "close", "is", &fd, &path))
                return NULL;
        instance_lock_close(fd, path);
        return ENG_UNDEF;
}

static eng_val locks_release(eng *e, eng_args *args, void *data)
{
        int32_t fd;

        if (!eng_args_get(e, args, "release", "i", &fd))
                return NULL;
        close(fd);
        return ENG_UNDEF;
}

static const struct builtin_function locks_functions[] = {
        { "open", 1, locks_open },   { "own", 1, locks_own },         { "hasOthers", 1, locks_has_others },
        { "close", 2, locks_close }, { "release", 1, locks_release }, { NULL, 0, NULL },
};

static eng_val locks_create(struct host *host, eng *e)
{
        return builtin_object(host, e, locks_functions);
}

const struct builtin builtin_locks = { "locks", locks_create };
