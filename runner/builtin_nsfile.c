/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What nsIFile and nsIToolkitProfile need beyond builtin_files.c: sizes of files and volumes, times of links, and
 * the locks of profiles, what resource: URLs stand for. As there, each function returns what it yields or a negative errno.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/denial.h"
#include "runner/loader.h"
#include "runner/profile.h"

#define LOCKS_MAX 32
#define NUMBER_MAX 0x1p53

/*
 * The locks that the task holds. An fcntl lock is the process's: whoever has it gets it again, as in Gecko. But with the
 * first descriptor that is closed it would be gone, so they are counted; and for the run's own profile, which is locked
 * already, there is no descriptor of ours.
 */
static struct held {
        dev_t device;
        ino_t inode;
        unsigned count;            /* 0: this slot is free */
        int lock_fd, directory_fd; /* -1: the run's own */
} held[LOCKS_MAX];
static size_t held_count;

static eng_val failed(eng *e, enum denial_access access, const char *path, int error)
{
        denial_file(access, path, error);
        return eng_number(e, -error);
}

/* truncate(path, size) */
static eng_val nsfile_truncate(eng *e, eng_args *args, void *data)
{
        const char *path;
        double size;

        if (!eng_args_get(e, args, "truncate", "sd", &path, &size))
                return NULL;
        if (!(size >= 0 && size <= NUMBER_MAX))
                return eng_number(e, -EINVAL);
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return failed(e, DENIAL_WRITE, path, errno);
        return eng_number(e, ftruncate(fd, (off_t)size) < 0 ? -errno : 0);
}

/* setLinkTime(path, modification, ms): as setTime() of builtin_files.c, of a symbolic link itself. */
static eng_val nsfile_set_link_time(eng *e, eng_args *args, void *data)
{
        struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };
        const char *path;
        bool modification;
        double ms;

        if (!eng_args_get(e, args, "setLinkTime", "sbd", &path, &modification, &ms))
                return NULL;
        if (!(ms >= -NUMBER_MAX && ms <= NUMBER_MAX))
                return eng_number(e, -EINVAL);
        int64_t whole_ms = (int64_t)ms, seconds = whole_ms / 1000, rest_ms = whole_ms % 1000;
        if (rest_ms < 0) {
                seconds--;
                rest_ms += 1000;
        }
        times[modification ? 1 : 0] = (struct timespec){ seconds, rest_ms * 1000000 };
        if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
                return failed(e, DENIAL_WRITE, path, errno);
        return eng_number(e, 0);
}

/* space(path): [bytes that are free for the user, bytes in all] of the volume that it is on. */
static eng_val nsfile_space(eng *e, eng_args *args, void *data)
{
        const char *path;
        struct statfs volume;

        if (!eng_args_get(e, args, "space", "s", &path))
                return NULL;
        if (statfs(path, &volume) < 0)
                return failed(e, DENIAL_READ, path, errno);
        double block = (double)volume.f_bsize;
        const eng_val values[] = {
                eng_number(e, block * (double)volume.f_bavail),
                eng_number(e, block * (double)volume.f_blocks),
        };
        return eng_array(e, ARRAY_SIZE(values), values);
}

static bool is_own_profile(const struct host *host, const struct stat *wanted)
{
        struct stat own;

        return host->profile && stat(host->profile, &own) == 0 && own.st_dev == wanted->st_dev &&
               own.st_ino == wanted->st_ino;
}

/* The slot of that directory, else a free one; -EMFILE: there is none. */
static int slot_find(const struct stat *wanted, size_t *ret_slot)
{
        size_t free_slot = held_count;

        for (size_t i = 0; i < held_count; i++) {
                if (held[i].count == 0) {
                        free_slot = MIN(free_slot, i);
                } else if (held[i].device == wanted->st_dev && held[i].inode == wanted->st_ino) {
                        *ret_slot = i;
                        return 0;
                }
        }
        if (free_slot == LOCKS_MAX)
                return -EMFILE;
        *ret_slot = free_slot;
        held_count = MAX(held_count, free_slot + 1);
        return 0;
}

static int lock_take(const struct host *host, const char *path, size_t *ret_slot)
{
        struct stat status;
        int lock_fd = -1;

        _cleanup_close_ int directory_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory_fd < 0 || fstat(directory_fd, &status) < 0)
                return -errno;
        int r = slot_find(&status, ret_slot);
        if (r < 0)
                return r;
        struct held *slot = &held[*ret_slot];
        if (slot->count > 0) {
                slot->count++;
                return 0;
        }
        bool own = is_own_profile(host, &status);
        r = own ? 0 : profile_lock_try(directory_fd, &lock_fd);
        if (r < 0)
                return r;
        *slot = (struct held){ status.st_dev, status.st_ino, 1, lock_fd, own ? -1 : steal_fd(&directory_fd) };
        return 0;
}

/* lock(path): a number for unlock(), or a negative errno; -EAGAIN: another process has it. */
static eng_val nsfile_lock(eng *e, eng_args *args, void *data)
{
        const char *path;
        size_t slot = 0;

        if (!eng_args_get(e, args, "lock", "s", &path))
                return NULL;
        int r = lock_take(data, path, &slot);
        if (r < 0 && r != -EAGAIN)
                return failed(e, DENIAL_WRITE, path, -r);
        return eng_number(e, r < 0 ? (double)r : (double)slot);
}

/* unlock(number) */
static eng_val nsfile_unlock(eng *e, eng_args *args, void *data)
{
        int32_t slot;

        if (!eng_args_get(e, args, "unlock", "i", &slot))
                return NULL;
        if (slot < 0 || (size_t)slot >= held_count || held[slot].count == 0)
                return eng_number(e, -EBADF);
        if (--held[slot].count > 0 || held[slot].directory_fd < 0)
                return eng_number(e, 0);
        (void)unlinkat(held[slot].directory_fd, "lock", 0);
        close(held[slot].directory_fd);
        close(held[slot].lock_fd);
        return eng_number(e, 0);
}

/* substitute(name, directory): what resource://NAME/ stands for; "": for nothing. */
static eng_val nsfile_substitute(eng *e, eng_args *args, void *data)
{
        const char *name, *directory;

        if (!eng_args_get(e, args, "substitute", "ss", &name, &directory))
                return NULL;
        return eng_number(e, loader_substitute(name, *directory ? directory : NULL));
}

/* clang-format off */
static const struct builtin_function nsfile_functions[] = {
        { "truncate", 2, nsfile_truncate },
        { "setLinkTime", 3, nsfile_set_link_time },
        { "space", 1, nsfile_space },
        { "lock", 1, nsfile_lock },
        { "unlock", 1, nsfile_unlock },
        { "substitute", 2, nsfile_substitute },
        { NULL, 0, NULL },
};
/* clang-format on */

static eng_val nsfile_create(struct host *host, eng *e)
{
        return builtin_object(host, e, nsfile_functions);
}

const struct builtin builtin_nsfile = { "nsfile", nsfile_create };
