/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Ephemeral profiles of direct mode: $TMPDIR/MozillaBackgroundTask-HASH-TASK, then -1, -2 and so on.
 *
 * A process that dies together with its janitor leaves its profile behind. So before one is made, at most
 * PURGE_MAX of the same task are removed that are old enough and that nobody has locked. (The profiles of a
 * task "x" and those of one called "x-1" can have the same name; age and lock tell live from stale for both.)
 * The age is looked at again with the lock held: the name may have come to stand for a new directory.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/paths.h"
#include "lib/util.h"
#include "runner/profile.h"

#define PURGE_MAX 5
#define STALE_AGE_MS 60000
#define SUFFIX_MAX 9999

bool profile_name_matches(const char *name, const char *base)
{
        size_t size = strlen(base);

        if (strncmp(name, base, size) != 0)
                return false;
        name += size;
        if (*name == '\0')
                return true;
        return *name == '-' && name[1] != '\0' && strspn(name + 1, "0123456789") == strlen(name + 1);
}

int64_t profile_stale_age_ms(const char *text)
{
        int64_t age;

        if (!text || !*text)
                return STALE_AGE_MS;
        if (strcmp(text, "always") == 0)
                return 0;
        if (strcmp(text, "never") == 0)
                return -1;
        return parse_int64(text, 0, INT64_MAX / 1000000, &age) == 0 ? age : STALE_AGE_MS;
}

static bool is_stale(const struct stat *status, int64_t age_ms)
{
        int64_t modified_us = status->st_mtim.tv_sec * (int64_t)USEC_PER_SEC + status->st_mtim.tv_nsec / 1000;

        return S_ISDIR(status->st_mode) && status->st_uid == geteuid() &&
               clock_realtime_us() - modified_us >= age_ms * (int64_t)USEC_PER_MSEC;
}

/* Whether nobody has the profile's lock; taken for the life of *ret_lock_fd if there is a file to lock. */
static bool lock_for_purge(int fd, int *ret_lock_fd)
{
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        *ret_lock_fd = openat(fd, ".parentlock", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (*ret_lock_fd < 0)
                return errno == ENOENT;
        return fcntl(*ret_lock_fd, F_SETLK, &lock) == 0;
}

static bool purge(int directory_fd, const char *name, int64_t age_ms)
{
        struct stat opened, named;
        _cleanup_close_ int lock_fd = -1;

        _cleanup_close_ int fd = openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &opened) < 0 || !is_stale(&opened, age_ms) || !lock_for_purge(fd, &lock_fd))
                return false;
        if (fstatat(directory_fd, name, &named, AT_SYMLINK_NOFOLLOW) < 0 || named.st_ino != opened.st_ino ||
            named.st_dev != opened.st_dev)
                return false;
        return tree_remove(directory_fd, name, NULL) == 0;
}

static void purge_stale(const char *directory, const char *base)
{
        int64_t age_ms = profile_stale_age_ms(getenv("MOZ_BACKGROUNDTASKS_PURGE_STALE_PROFILES"));

        if (age_ms < 0)
                return;
        _cleanup_closedir_ DIR *d = opendir(directory);
        if (!d)
                return;
        struct dirent *entry;
        for (int purged = 0; purged < PURGE_MAX && (entry = readdir(d));)
                if (profile_name_matches(entry->d_name, base) && purge(dirfd(d), entry->d_name, age_ms))
                        purged++;
}

/* Make the first free one of BASE, BASE-1, ... */
static int make_unique(const char *directory, const char *base, char **ret_path, struct error *error)
{
        for (int i = 0; i <= SUFFIX_MAX; i++) {
                _cleanup_free_ char *path = i == 0 ? path_join(directory, base)
                                                   : format_string("%s/%s-%d", directory, base, i);
                if (!path)
                        return error_set_errno(error, ENOMEM, "profile");
                if (mkdir(path, 0700) == 0) {
                        *ret_path = steal_pointer(path);
                        return 0;
                }
                if (errno != EEXIST)
                        return error_set_errno(error, errno, "cannot make profile %s", path);
        }
        return error_set(error, EEXIST, "cannot make a profile: %s/%s and all its numbers up to %d are taken",
                         directory, base, SUFFIX_MAX);
}

int profile_open_ephemeral(const char *task, struct profile *ret, struct error *error)
{
        struct profile profile = { .ephemeral = true, .lock_fd = -1 };

        const char *directory = getenv("TMPDIR");
        _cleanup_free_ char *absolute = realpath(directory && *directory ? directory : "/tmp", NULL);
        if (!absolute)
                return error_set_errno(error, errno, "directory for temporary files %s",
                                       directory ? directory : "/tmp");
        _cleanup_free_ char *base = paths_profile_name(task);
        if (!base)
                return error_set_errno(error, ENOMEM, "profile");
        purge_stale(absolute, base);
        int r = make_unique(absolute, base, &profile.path, error);
        if (r < 0)
                return r;
        const char *keep = getenv("MOZ_BACKGROUNDTASKS_NO_REMOVE_PROFILE");
        profile.keep = keep && *keep;
        r = profile_lock(profile.path, &profile.lock_fd, error);
        if (r < 0) {
                profile_close(&profile);
                return r;
        }
        *ret = profile;
        return 0;
}
