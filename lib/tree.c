/* SPDX-License-Identifier: MPL-2.0 */
/*
 * tree_remove(): what rm -r does, for trees that somebody else may have made and may still be changing.
 *
 * Depth costs memory, not descriptors or stack: one directory is open at a time. Going down opens a
 * subdirectory without following links; going up opens "..", which must be the very directory (device and
 * inode) that we came from, so that a directory moved away meanwhile cannot lead us elsewhere. File systems
 * mounted inside are left alone.
 *
 * A directory is done in two steps: everything in it that is not a directory is unlinked while it is read,
 * and the names of its subdirectories are kept; then each of these is entered. What cannot be removed is
 * passed over, so that the first error does not keep the rest.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

/* Unlinking while reading may make some file systems skip entries: read again, but not without end. */
#define TREE_PASSES_MAX 16

struct tree_level {
        dev_t device;
        ino_t inode;
        char **children; /* names of subdirectories still to be entered: [child_next, child_count) */
        size_t child_count, child_next;
};

struct tree {
        struct tree_level *levels;
        size_t depth; /* of levels in use; the last is the open one */
        size_t capacity;
        int fd; /* the directory of the last level */
        int first_error;
        uint64_t count;
};

static void tree_failed(struct tree *tree, int r)
{
        /* Absent is what we want; ENOTEMPTY only says again what went wrong below. */
        if (r < 0 && r != -ENOENT && tree->first_error == 0)
                tree->first_error = r;
}

static void level_forget_children(struct tree_level *level)
{
        for (size_t i = level->child_next; i < level->child_count; i++)
                free(level->children[i]);
        free(level->children);
        level->children = NULL;
        level->child_count = level->child_next = 0;
}

static int level_add_child(struct tree_level *level, const char *name)
{
        size_t count = level->child_count;

        /* Grow at each power of two. */
        if ((count & (count - 1)) == 0) {
                char **larger = reallocarray(level->children, count ? 2 * count : 1, sizeof(*larger));
                if (!larger)
                        return -ENOMEM;
                level->children = larger;
        }
        level->children[count] = strdup(name);
        if (!level->children[count])
                return -ENOMEM;
        level->child_count++;
        return 0;
}

/* Open a directory for reading and removing in it; when it is ours and its mode forbids that, change the mode. */
static int directory_open(int dirfd, const char *name, struct stat *ret_status)
{
        _cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0 && errno == EACCES) {
                _cleanup_close_ int handle = openat(dirfd, name,
                                                    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                char link[64];
                if (handle < 0)
                        return -errno;
                /* Only the link in /proc changes the mode of an O_PATH descriptor; chmod refuses what is not ours. */
                snprintf(link, sizeof(link), "/proc/self/fd/%d", handle);
                if (chmod(link, 0700) < 0)
                        return -EACCES;
                fd = openat(handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
        if (fd < 0 || fstat(fd, ret_status) < 0)
                return -errno;
        if ((ret_status->st_mode & 0700) != 0700 && ret_status->st_uid == geteuid())
                (void)fchmod(fd, (ret_status->st_mode & 0777) | 0700);
        return steal_fd(&fd);
}

/* Unlink one entry, or note it as a child when it is a directory. Positive: unlinked. */
static int level_take_entry(struct tree_level *level, int fd, const struct dirent *entry)
{
        if (entry->d_type != DT_DIR) {
                if (unlinkat(fd, entry->d_name, 0) == 0)
                        return 1;
                int code = errno;
                struct stat status;
                if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(status.st_mode))
                        return -code;
        }
        return level_add_child(level, entry->d_name);
}

/* Read the open directory once: unlink what can be, collect subdirectories. Positive: something was unlinked. */
static int tree_read_pass(struct tree *tree, DIR *stream)
{
        struct tree_level *level = &tree->levels[tree->depth - 1];
        int progress = 0;

        rewinddir(stream);
        level_forget_children(level);
        for (;;) {
                errno = 0;
                const struct dirent *entry = readdir(stream);
                if (!entry) {
                        tree_failed(tree, -errno);
                        return progress;
                }
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                int r = level_take_entry(level, tree->fd, entry);
                if (r > 0) {
                        tree->count++;
                        progress = 1;
                }
                tree_failed(tree, r);
        }
}

static int tree_read(struct tree *tree)
{
        int copy = fcntl(tree->fd, F_DUPFD_CLOEXEC, 3);

        if (copy < 0)
                return -errno;
        _cleanup_closedir_ DIR *stream = fdopendir(copy);
        if (!stream) {
                close_keep_errno(copy);
                return -errno;
        }
        for (int pass = 0; pass < TREE_PASSES_MAX; pass++) {
                int first_error = tree->first_error;
                if (tree_read_pass(tree, stream) == 0)
                        return 0;
                /* What failed in this pass is tried again in the next, which says the last word. */
                tree->first_error = first_error;
        }
        return 0;
}

/* Enter the directory @name of @dirfd: it becomes the open one. */
static int tree_enter(struct tree *tree, int dirfd, const char *name)
{
        struct stat status = { 0 };

        if (tree->depth == tree->capacity) {
                size_t capacity = tree->capacity ? 2 * tree->capacity : 8;
                struct tree_level *larger = reallocarray(tree->levels, capacity, sizeof(*larger));
                if (!larger)
                        return -ENOMEM;
                tree->levels = larger;
                tree->capacity = capacity;
        }
        int fd = directory_open(dirfd, name, &status);
        if (fd < 0)
                return fd;
        if (tree->depth > 0 && status.st_dev != tree->levels[0].device) {
                close_keep_errno(fd);
                return -EXDEV;
        }
        close_keep_errno(tree->fd);
        tree->fd = fd;
        tree->levels[tree->depth++] = (struct tree_level){ .device = status.st_dev, .inode = status.st_ino };
        tree_failed(tree, tree_read(tree));
        return 0;
}

/* Back to the parent of the open directory, which must be the one we came from, and remove the child. */
static int tree_leave(struct tree *tree)
{
        struct stat status;
        struct tree_level *level = &tree->levels[--tree->depth];

        level_forget_children(level);
        if (tree->depth == 0)
                return 0;
        level--;
        int fd = openat(tree->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        close_keep_errno(tree->fd);
        tree->fd = fd;
        if (fstat(fd, &status) < 0)
                return -errno;
        if (status.st_dev != level->device || status.st_ino != level->inode)
                return -ESTALE;
        if (unlinkat(fd, level->children[level->child_next], AT_REMOVEDIR) == 0)
                tree->count++;
        else
                tree_failed(tree, -errno);
        free(level->children[level->child_next++]);
        return 0;
}

/* From the entered top to the point where the top itself is empty, or as empty as can be. */
static int tree_walk(struct tree *tree)
{
        while (tree->depth > 0) {
                struct tree_level *level = &tree->levels[tree->depth - 1];
                if (level->child_next == level->child_count) {
                        int r = tree_leave(tree);
                        if (r < 0)
                                return r;
                        continue;
                }
                int r = tree_enter(tree, tree->fd, level->children[level->child_next]);
                if (r < 0) {
                        /* tree_enter() may have moved the levels. */
                        level = &tree->levels[tree->depth - 1];
                        tree_failed(tree, r);
                        free(level->children[level->child_next++]);
                }
        }
        return 0;
}

int tree_remove(int dirfd, const char *path, uint64_t *ret_count)
{
        struct tree tree = { .fd = -1 };
        struct stat status;
        int flags = 0;

        /* Should it become a link or a file meanwhile: entering follows no link, and AT_REMOVEDIR takes no file. */
        if (fstatat(dirfd, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode)) {
                int r = tree_enter(&tree, dirfd, path);
                if (r == 0)
                        r = tree_walk(&tree);
                tree_failed(&tree, r);
                while (tree.depth > 0)
                        level_forget_children(&tree.levels[--tree.depth]);
                free(tree.levels);
                close_keep_errno(tree.fd);
                flags = AT_REMOVEDIR;
        }
        if (unlinkat(dirfd, path, flags) == 0)
                tree.count++;
        else
                tree_failed(&tree, -errno);
        if (ret_count)
                *ret_count = tree.count;
        return tree.first_error;
}
