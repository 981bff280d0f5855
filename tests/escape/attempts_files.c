/* SPDX-License-Identifier: MPL-2.0 */
/* Attempts on files that are not the run's. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/escape/attempt.h"

#define READ_PERMISSION "ReadOnlyPaths={directory}"
#define WRITE_PERMISSION "ReadWritePaths={directory}"

static int read_secret(const struct target *target)
{
        return outcome_secret(openat(AT_FDCWD, path_in(target->directory, "secret"), O_RDONLY | O_CLOEXEC));
}

static int write_secret(const struct target *target)
{
        int fd = openat(AT_FDCWD, path_in(target->directory, "victim"), O_WRONLY | O_TRUNC | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        int r = outcome(write(fd, "taken", 5));
        close(fd);
        return r;
}

static int truncate_victim(const struct target *target)
{
        return outcome(truncate(path_in(target->directory, "victim"), 1));
}

static int create_file(const struct target *target)
{
        int fd = openat(AT_FDCWD, path_in(target->directory, "created"), O_WRONLY | O_CREAT | O_CLOEXEC,
                        0600);

        if (fd < 0)
                return -errno;
        close(fd);
        return 0;
}

static int unlink_victim(const struct target *target)
{
        return outcome(unlink(path_in(target->directory, "unlinked")));
}

static int rename_victim(const struct target *target)
{
        const char *from = path_in(target->directory, "renamed");

        return outcome(rename(from, path_in(target->directory, "renamed-away")));
}

/* Out of sight into the profile, which the run may read. */
static int rename_into_profile(const struct target *target)
{
        const char *to = path_in(target->profile, "stolen");

        if (rename(path_in(target->directory, "secret"), to) < 0)
                return -errno;
        return outcome_secret(openat(AT_FDCWD, to, O_RDONLY | O_CLOEXEC));
}

static int make_directory(const struct target *target)
{
        return outcome(mkdir(path_in(target->directory, "made"), 0700));
}

static int remove_directory(const struct target *target)
{
        return outcome(rmdir(path_in(target->directory, "empty")));
}

static int make_symlink(const struct target *target)
{
        return outcome(symlink("/etc/passwd", path_in(target->directory, "link")));
}

static int make_fifo(const struct target *target)
{
        return outcome(mkfifo(path_in(target->directory, "fifo"), 0600));
}

static int make_device(const struct target *target)
{
        const char *path = path_in(target->profile, "device");

        if (mknod(path, S_IFBLK | 0600, (dev_t)((8 << 8) | 0)) < 0)
                return -errno;
        int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        int r = outcome(fd);
        if (fd >= 0)
                close(fd);
        unlink(path);
        return r;
}

static int by_symlink(const struct target *target)
{
        const char *link = path_in(target->profile, "way");

        if (symlink(path_in(target->directory, "secret"), link) < 0)
                return -errno;
        return outcome_secret(openat(AT_FDCWD, link, O_RDONLY | O_CLOEXEC));
}

static int by_hard_link(const struct target *target)
{
        const char *to = path_in(target->profile, "second");

        if (link(path_in(target->directory, "secret"), to) < 0)
                return -errno;
        return outcome_secret(openat(AT_FDCWD, to, O_RDONLY | O_CLOEXEC));
}

static int by_dot_dot(const struct target *target)
{
        char path[8192] = "";

        for (int i = 0; i < 40; i++)
                strcat(path, "../");
        strncat(path, path_in(target->directory, "secret") + 1, sizeof(path) - 200);
        return outcome_secret(openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

static int by_proc_root(const struct target *target)
{
        char path[4200];

        snprintf(path, sizeof(path), "/proc/self/root%s", path_in(target->directory, "secret"));
        return outcome_secret(openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

static int by_path_descriptor(const struct target *target)
{
        char link[64];
        int fd = openat(AT_FDCWD, path_in(target->directory, "secret"), O_PATH | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        int r = outcome_secret(openat(AT_FDCWD, link, O_RDONLY | O_CLOEXEC));
        close(fd);
        return r;
}

static int by_handle(const struct target *target)
{
        struct {
                struct file_handle handle;
                unsigned char bytes[128];
        } at = { .handle = { .handle_bytes = 128 } };
        int mount;
        int root = openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (name_to_handle_at(AT_FDCWD, path_in(target->directory, "secret"), &at.handle, &mount, 0) < 0) {
                /* The root of most file systems has inode 2. */
                memset(at.bytes, 0, sizeof(at.bytes));
                at.bytes[0] = 2;
                at.handle.handle_bytes = 8;
                at.handle.handle_type = 1;
        }
        int fd = open_by_handle_at(root, &at.handle, O_RDONLY | O_CLOEXEC);
        int r = outcome(fd);
        if (fd >= 0)
                close(fd);
        if (root >= 0)
                close(root);
        return r;
}

static int list_directory(const struct target *target)
{
        DIR *directory = opendir(target->directory);

        if (!directory)
                return -errno;
        bool found = false;
        for (struct dirent *entry; (entry = readdir(directory));)
                found |= strcmp(entry->d_name, "secret") == 0;
        closedir(directory);
        return found ? 0 : -ENOENT;
}

static int list_root(const struct target *target)
{
        DIR *directory = opendir("/root");

        if (!directory)
                return -errno;
        int entries = 0;
        while (readdir(directory))
                entries++;
        closedir(directory);
        return entries > 2 ? 0 : -ENOENT;
}

/* By name, or else of the open file, as whoever knows the sandbox would. */
static int change_mode(const struct target *target)
{
        const char *path = path_in(target->directory, "victim");

        if (chmod(path, 0666) == 0)
                return 0;
        int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        int r = outcome(fchmod(fd, 0666));
        close(fd);
        return r;
}

/* The system's libraries can be opened; to root they are its own. The mode stays as it is. */
static int change_mode_of_system(const struct target *target)
{
        struct stat status;
        int fd = openat(AT_FDCWD, "/usr/bin/env", O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        int r = outcome(fstat(fd, &status));
        if (r == 0)
                r = outcome(fchmod(fd, status.st_mode & 07777));
        close(fd);
        return r;
}

static int change_owner(const struct target *target)
{
        const char *path = path_in(target->directory, "victim");

        if (lchown(path, getuid(), getgid()) == 0)
                return 0;
        int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        int r = outcome(fchown(fd, getuid(), getgid()));
        close(fd);
        return r;
}

static int change_times(const struct target *target)
{
        static const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
        const char *path = path_in(target->directory, "victim");

        if (utimensat(AT_FDCWD, path, times, 0) == 0)
                return 0;
        int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        int r = outcome(futimens(fd, times));
        close(fd);
        return r;
}

static int set_attribute(const struct target *target)
{
        return outcome(setxattr(path_in(target->directory, "victim"), "user.escape", "x", 1, 0));
}

static int set_flags(const struct target *target)
{
        int flags = FS_IMMUTABLE_FL;
        int fd = openat(AT_FDCWD, path_in(target->directory, "victim"), O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        int r = outcome(ioctl(fd, FS_IOC_SETFLAGS, &flags));
        close(fd);
        return r;
}

static int watch_secret(const struct target *target)
{
        int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

        if (fd < 0)
                return -errno;
        int r = outcome(inotify_add_watch(fd, path_in(target->directory, "secret"), IN_ALL_EVENTS));
        close(fd);
        return r;
}

static int temporary_of_all(const struct target *target)
{
        /* What others have in /tmp must not be seen: the test puts this file there. */
        return outcome_secret(openat(AT_FDCWD, "/tmp/bgtaskd-escape-secret", O_RDONLY | O_CLOEXEC));
}

static int write_system(const struct target *target)
{
        int fd = openat(AT_FDCWD, "/usr/bgtaskd-escape", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

        if (fd < 0)
                return -errno;
        close(fd);
        unlink("/usr/bgtaskd-escape");
        return 0;
}

static int write_root(const struct target *target)
{
        return outcome(mkdir("/bgtaskd-escape", 0700));
}

static int read_shadow(const struct target *target)
{
        int fd = openat(AT_FDCWD, "/etc/shadow", O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        close(fd);
        return 0;
}

static int read_device(const struct target *target)
{
        static const char *const devices[] = { "/dev/mem",  "/dev/kmsg", "/dev/vda", "/dev/sda",
                                               "/dev/fuse", "/dev/kvm",  "/dev/tty", "/dev/ptmx" };
        int error = ENOENT;

        for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
                int fd = openat(AT_FDCWD, devices[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
                if (fd >= 0) {
                        close(fd);
                        return 0;
                }
                error = errno;
        }
        return -error;
}

/* ---- a race: what is checked is not what is opened ---- */

static atomic_bool racing;
static const char *race_link, *race_own, *race_secret;

static void *race_swap(void *data)
{
        char other[4200];

        snprintf(other, sizeof(other), "%s.other", race_link);
        while (racing) {
                (void)!symlink(race_own, other);
                rename(other, race_link);
                (void)!symlink(race_secret, other);
                rename(other, race_link);
        }
        return NULL;
}

static int by_race(const struct target *target)
{
        pthread_t thread;
        int r = -EACCES;
        char own[4200], secret[4200], link[4200];

        snprintf(own, sizeof(own), "%s/own", target->profile);
        snprintf(secret, sizeof(secret), "%s/secret", target->directory);
        snprintf(link, sizeof(link), "%s/race", target->profile);
        int fd = openat(AT_FDCWD, own, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        close(fd);
        race_link = link;
        race_own = own;
        race_secret = secret;
        racing = true;
        if (pthread_create(&thread, NULL, race_swap, NULL) != 0)
                return -EAGAIN;
        for (int i = 0; i < 20000 && r != 0; i++)
                r = outcome_secret(openat(AT_FDCWD, link, O_RDONLY | O_CLOEXEC));
        racing = false;
        pthread_join(thread, NULL);
        return r;
}

/* ---- what the run has inherited ---- */

static int by_descriptors(const struct target *target)
{
        for (int fd = 0; fd < 1024; fd++) {
                struct stat status;
                if (fstat(fd, &status) < 0)
                        continue;
                /* A directory leads anywhere. */
                if (S_ISDIR(status.st_mode) &&
                    outcome_secret(
                            openat(fd, path_in(target->directory, "secret") + 1, O_RDONLY | O_CLOEXEC)) == 0)
                        return 0;
                if (S_ISDIR(status.st_mode) && openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0)
                        return 0;
                if (S_ISBLK(status.st_mode))
                        return 0;
        }
        return -EBADF;
}

static int by_daemon_descriptors(const struct target *target)
{
        char path[64];

        for (int fd = 0; fd < 64; fd++) {
                snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)target->daemon, fd);
                int found = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
                if (found >= 0) {
                        close(found);
                        return 0;
                }
        }
        return -errno;
}

static int by_mapping(const struct target *target)
{
        int fd = openat(AT_FDCWD, path_in(target->directory, "secret"), O_RDWR | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        int r = at == MAP_FAILED ? -errno : 0;
        if (at != MAP_FAILED)
                munmap(at, 4096);
        close(fd);
        return r;
}

const struct attempt attempts_files[] = {
        { "read-file", READ_PERMISSION, read_secret },
        { "write-file", WRITE_PERMISSION, write_secret },
        { "truncate-file", WRITE_PERMISSION, truncate_victim },
        { "create-file", WRITE_PERMISSION, create_file },
        { "unlink-file", WRITE_PERMISSION, unlink_victim },
        { "rename-file", WRITE_PERMISSION, rename_victim },
        { "rename-into-profile", NULL, rename_into_profile },
        { "make-directory", WRITE_PERMISSION, make_directory },
        { "remove-directory", WRITE_PERMISSION, remove_directory },
        { "make-symlink", WRITE_PERMISSION, make_symlink },
        { "make-fifo", WRITE_PERMISSION, make_fifo },
        { "make-device", NULL, make_device },
        { "read-by-symlink", READ_PERMISSION, by_symlink },
        { "read-by-hard-link", NULL, by_hard_link },
        { "read-by-dot-dot", READ_PERMISSION, by_dot_dot },
        { "read-by-proc-root", NULL, by_proc_root },
        { "read-by-path-descriptor", NULL, by_path_descriptor },
        { "read-by-handle", NULL, by_handle },
        { "read-by-race", READ_PERMISSION, by_race },
        { "read-by-mapping", WRITE_PERMISSION, by_mapping },
        { "read-by-descriptors", NULL, by_descriptors },
        { "read-by-daemon-descriptors", NULL, by_daemon_descriptors },
        { "list-directory", READ_PERMISSION, list_directory },
        { "list-root", NULL, list_root },
        { "change-mode", WRITE_PERMISSION, change_mode },
        { "change-mode-of-system", NULL, change_mode_of_system },
        { "change-owner", WRITE_PERMISSION, change_owner },
        { "change-times", WRITE_PERMISSION, change_times },
        { "set-attribute", NULL, set_attribute },
        { "set-flags", NULL, set_flags },
        { "watch-file", READ_PERMISSION, watch_secret },
        { "read-temporary", NULL, temporary_of_all },
        { "write-system", NULL, write_system },
        { "write-root", NULL, write_root },
        { "read-shadow", NULL, read_shadow },
        { "read-device", NULL, read_device },
        { NULL },
};
