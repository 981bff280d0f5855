/* SPDX-License-Identifier: MPL-2.0 */
/* Mount calls of Linux 5.2 to 5.12, which not every C library that we build with knows. Constants are the kernel's. */
#ifndef RUNNER_MOUNT_CALLS_H
#define RUNNER_MOUNT_CALLS_H

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
        MOUNT_SYS_OPEN_TREE = 428,
        MOUNT_SYS_MOVE_MOUNT = 429,
        MOUNT_SYS_FSOPEN = 430,
        MOUNT_SYS_FSCONFIG = 431,
        MOUNT_SYS_FSMOUNT = 432,
        MOUNT_SYS_OPENAT2 = 437,
        MOUNT_SYS_SETATTR = 442,
};

enum {
        MOUNT_TREE_CLONE = 1,
        MOUNT_TREE_CLOEXEC = 02000000,
        MOUNT_TREE_RECURSIVE = 0x8000, /* AT_RECURSIVE */
        MOUNT_EMPTY_PATH = 0x1000,     /* AT_EMPTY_PATH */
        MOUNT_FROM_FD = 0x04,          /* MOVE_MOUNT_F_EMPTY_PATH */
        MOUNT_TO_FD = 0x40,            /* MOVE_MOUNT_T_EMPTY_PATH */
        MOUNT_RDONLY = 1,
        MOUNT_NOSUID = 2,
        MOUNT_NODEV = 4,
        MOUNT_NOEXEC = 8,
        MOUNT_CLOEXEC = 1,
        MOUNT_SET_STRING = 1, /* FSCONFIG_SET_STRING */
        MOUNT_CREATE = 6,     /* FSCONFIG_CMD_CREATE */
        MOUNT_NO_MAGIC_LINKS = 0x02,
        MOUNT_NO_SYMLINKS = 0x04,
        MOUNT_BENEATH = 0x08,
        MOUNT_IN_ROOT = 0x10,
};

struct mount_attributes {
        uint64_t set, clear, propagation, userns_fd;
};

struct mount_how {
        uint64_t flags, mode, resolve;
};

static inline int mount_open_tree(int dirfd, const char *path, unsigned flags)
{
        return (int)syscall(MOUNT_SYS_OPEN_TREE, dirfd, path, flags | MOUNT_TREE_CLOEXEC);
}

/* Attach the tree @fd at the place @to_fd. */
static inline int mount_attach(int fd, int to_fd)
{
        return (int)syscall(MOUNT_SYS_MOVE_MOUNT, fd, "", to_fd, "", MOUNT_FROM_FD | MOUNT_TO_FD);
}

static inline int mount_set(int fd, unsigned flags, uint64_t set, uint64_t propagation)
{
        const struct mount_attributes attributes = { .set = set, .propagation = propagation };

        return (int)syscall(MOUNT_SYS_SETATTR, fd, "", flags | MOUNT_EMPTY_PATH, &attributes,
                            sizeof(attributes));
}

static inline int mount_openat2(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
        const struct mount_how how = { .flags = flags, .resolve = resolve };

        return (int)syscall(MOUNT_SYS_OPENAT2, dirfd, path, &how, sizeof(how));
}

/* A file system that is not mounted anywhere yet; @options: name, value, …, NULL. */
static inline int mount_new(const char *type, const char *const *options, unsigned attributes)
{
        int fs = (int)syscall(MOUNT_SYS_FSOPEN, type, MOUNT_CLOEXEC), fd = -1;

        if (fs < 0)
                return -1;
        long r = 0;
        for (; r == 0 && *options; options += 2)
                r = syscall(MOUNT_SYS_FSCONFIG, fs, MOUNT_SET_STRING, options[0], options[1], 0);
        if (r == 0)
                r = syscall(MOUNT_SYS_FSCONFIG, fs, MOUNT_CREATE, NULL, NULL, 0);
        if (r == 0)
                fd = (int)syscall(MOUNT_SYS_FSMOUNT, fs, MOUNT_CLOEXEC, attributes);
        close(fs);
        return fd;
}

#endif
