/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What all profiles have in common: their lock and their end.
 *
 * The lock is Gecko's: an fcntl write lock on .parentlock, held as long as the descriptor, and a symbolic
 * link "lock" to "ADDRESS:+PID" for those who only look. The fcntl lock is the one that counts.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"
#include "runner/profile.h"

#define LOCK_RETRY_INTERVAL_MS 50

static const char *const persistent_tasks[] = {
        "backgroundupdate",
        "defaultagent",
        "message",
        "not_ephemeral_profile",
};

bool profile_is_persistent(const char *task, const struct task_policy *policy)
{
        if (policy->profile_set)
                return policy->profile == TASK_PROFILE_PERSISTENT;
        for (size_t i = 0; i < ARRAY_SIZE(persistent_tasks); i++)
                if (strcmp(task, persistent_tasks[i]) == 0)
                        return true;
        return false;
}

static int lock_try(int directory_fd, int *ret_fd)
{
        _cleanup_close_ int fd = openat(directory_fd, ".parentlock",
                                        O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        if (fcntl(fd, F_SETLK, &lock) < 0)
                return errno == EACCES ? -EAGAIN : -errno;
        *ret_fd = steal_fd(&fd);
        return 0;
}

static void link_make(int directory_fd)
{
        char target[64];

        snprintf(target, sizeof(target), "127.0.0.1:+%ld", (long)getpid());
        if (unlinkat(directory_fd, "lock", 0) < 0 && errno != ENOENT)
                return;
        if (symlinkat(target, directory_fd, "lock") < 0)
                return; /* the fcntl lock counts without it */
}

int profile_lock_try(int directory_fd, int *ret_fd)
{
        int r = lock_try(directory_fd, ret_fd);

        if (r == 0)
                link_make(directory_fd);
        return r;
}

int profile_lock(const char *path, int *ret_fd, struct error *error)
{
        const struct timespec interval = { .tv_nsec = LOCK_RETRY_INTERVAL_MS * 1000000L };
        int r;

        _cleanup_close_ int directory_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory_fd < 0)
                return error_set_errno(error, errno, "profile %s", path);
        int64_t until = clock_monotonic_us() + PROFILE_LOCK_RETRY_MS * (int64_t)USEC_PER_MSEC;
        while ((r = profile_lock_try(directory_fd, ret_fd)) == -EAGAIN && clock_monotonic_us() < until)
                nanosleep(&interval, NULL);
        if (r == -EAGAIN)
                return error_set(error, EAGAIN, "profile %s is locked by another process", path);
        if (r < 0)
                return error_set_errno(error, -r, "cannot lock profile %s", path);
        return 0;
}

int profile_open_explicit(const char *path, struct profile *ret, struct error *error)
{
        struct profile profile = PROFILE_INIT;
        struct stat status;

        _cleanup_free_ char *absolute = realpath(path, NULL);
        if (!absolute)
                return error_set_errno(error, errno, "profile %s", path);
        if (stat(absolute, &status) < 0)
                return error_set_errno(error, errno, "profile %s", path);
        if (!S_ISDIR(status.st_mode))
                return error_set(error, ENOTDIR, "profile %s is not a directory", path);
        int r = profile_lock(absolute, &profile.lock_fd, error);
        if (r < 0)
                return r;
        profile.path = steal_pointer(absolute);
        *ret = profile;
        return 0;
}

int profile_open_at(const char *path, struct profile *ret, struct error *error)
{
        struct profile profile = PROFILE_INIT;

        if (mkdir(path, 0700) < 0)
                return error_set_errno(error, errno, "cannot make profile %s", path);
        profile.path = strdup(path);
        if (!profile.path) {
                rmdir(path);
                return error_set_errno(error, ENOMEM, "profile %s", path);
        }
        profile.ephemeral = true;
        *ret = profile;
        return 0;
}

void profile_close(struct profile *profile)
{
        if (!profile->path)
                return;
        if (profile->vanishes) {
                ; /* with what it is on */
        } else if (profile->ephemeral && !profile->keep) {
                (void)tree_remove(AT_FDCWD, profile->path, NULL);
        } else if (profile->lock_fd >= 0) {
                _cleanup_free_ char *link = path_join(profile->path, "lock");
                if (link)
                        unlink(link);
        }
        close_keep_errno(profile->lock_fd);
        free(profile->path);
        *profile = (struct profile)PROFILE_INIT;
}
