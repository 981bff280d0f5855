/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A root directory of its own for whoever enters it: a list of what is in it, put together on an empty tmpfs. What is not
 * on the list does not exist there.
 *
 * The list names things by the path that they have outside and get inside. Parents come before what is in them, whatever
 * the order of adding; of two entries for one path the later counts.
 */
#ifndef RUNNER_ROOT_H
#define RUNNER_ROOT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

enum root_kind {
        ROOT_READ,   /* bound with all below, read-only */
        ROOT_WRITE,  /* bound with all below */
        ROOT_DEVICE, /* a device node, bound */
        ROOT_COPY, /* a small file as it is now (a large one is bound); a symbolic link into what is bound stays one */
        ROOT_LINK,    /* bound like ROOT_READ, or, when it is a symbolic link, the same link */
        ROOT_EMPTY,   /* an empty directory; hides what would be there */
        ROOT_SYMLINK, /* root_add_symlink() */
        ROOT_PROC,    /* the processes of the caller's PID namespace */
};

enum root_flag {
        ROOT_OPTIONAL = 1, /* may be absent; what is not declared also unreadable */
        ROOT_FRESH = 2,    /* ROOT_COPY: read anew each time, not kept in memory */
        ROOT_DECLARED = 4, /* somebody else's to name: no symbolic link is followed on the way to it */
};

struct root_entry {
        enum root_kind kind;
        unsigned flags;
        char *path;    /* malloc'd, absolute, without "." and ".." and double slashes */
        char *content; /* malloc'd; ROOT_COPY: of the file, when it was read once; ROOT_SYMLINK: where to */
        size_t size;
};

struct root {
        struct root_entry *entries;
        size_t count, capacity;
};

/* -EINVAL: @path cannot be one, -ENOMEM. */
int root_add(struct root *root, enum root_kind kind, unsigned flags, const char *path);
/* A link of the root's own; not if something below @path is on the list. As root_add(). */
int root_add_symlink(struct root *root, const char *path, const char *target);
/* The system: programs and libraries, devices, settings of the C library; with @network also what name look-up and TLS
 * read. */
int root_add_system(struct root *root, bool network);
/* Whether @path is @directory or in it. */
bool root_is_below(const char *path, const char *directory);

/* In a mount namespace of the caller's own: build it, make it the root and let go of the old one. The working directory is
 * then "/". *ret_writable (NULL: not wanted) is a way to the tmpfs that stays writable for whoever has it, for all
 * others it is read-only. 0 or -errno; after an error only the namespace as a whole can be given up. */
int root_enter(struct root *root, int *ret_writable, struct error *error);

/* Make directory @path (absolute) below @root_fd, parents too: 0755. Follows no link. 0 or -errno. */
int root_make_directory(int root_fd, const char *path);
/* Put the file @path as it is below @outside_fd, another root, below @root_fd, if it is not the same. 0 or -errno. */
int root_refresh(int root_fd, int outside_fd, const char *path);
/* Open @path for its place, @flags added to O_PATH | O_CLOEXEC, refusing symbolic links everywhere. fd or -errno. */
int root_open_declared(const char *path, int flags);

#endif
