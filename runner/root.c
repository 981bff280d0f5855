/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The new root is mounted over the old one, which stays what "/" means to this process until the end: sources are found
 * by their paths, targets below the descriptor of the new root. At the end the two change places and the old one is
 * detached.
 *
 * A tree is cloned and made private and read-only before it is attached: there is no moment in which it could be
 * written to. The target of a declared path is found without following links, as another run may be changing it.
 */
#include "config.h"

#include "runner/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/mount_calls.h"

#define ROOT_PATH_MAX 4096
#define COPY_MAX ((size_t)1024 * 1024)
#define COPY_HINT 4096

/* ---- the list ---- */

bool root_is_below(const char *path, const char *directory)
{
        size_t size = strlen(directory);

        if (strcmp(directory, "/") == 0)
                return true;
        return strncmp(path, directory, size) == 0 && (path[size] == '\0' || path[size] == '/');
}

static bool path_is_plain(const char *path)
{
        if (path[0] != '/' || strlen(path) >= ROOT_PATH_MAX)
                return false;
        for (const char *at = path; *at;) {
                at++;
                size_t size = strcspn(at, "/");
                if ((size == 0 && path[1]) || (size == 1 && at[0] == '.') ||
                    (size == 2 && at[0] == '.' && at[1] == '.'))
                        return false;
                at += size;
        }
        return true;
}

/* Where @path belongs: behind its parents and equals. */
static size_t entry_place(const struct root *root, const char *path, bool *ret_equal)
{
        size_t at = root->count;

        *ret_equal = false;
        while (at > 0) {
                int order = strcmp(root->entries[at - 1].path, path);
                if (order == 0) {
                        *ret_equal = true;
                        return at - 1;
                }
                if (order < 0)
                        break;
                at--;
        }
        return at;
}

int root_add(struct root *root, enum root_kind kind, unsigned flags, const char *path)
{
        bool equal;

        if (!path_is_plain(path))
                return -EINVAL;
        size_t at = entry_place(root, path, &equal);
        if (equal) {
                free(steal_pointer(root->entries[at].content));
                root->entries[at].kind = kind;
                root->entries[at].flags = flags;
                return 0;
        }
        if (root->count == root->capacity) {
                size_t capacity = root->capacity ? 2 * root->capacity : 32;
                struct root_entry *larger = reallocarray(root->entries, capacity, sizeof(*larger));
                if (!larger)
                        return -ENOMEM;
                root->entries = larger;
                root->capacity = capacity;
        }
        char *copy = strdup(path);
        if (!copy)
                return -ENOMEM;
        memmove(&root->entries[at + 1], &root->entries[at], (root->count - at) * sizeof(*root->entries));
        root->entries[at] = (struct root_entry){ .kind = kind, .flags = flags, .path = copy };
        root->count++;
        return 0;
}

int root_add_symlink(struct root *root, const char *path, const char *target)
{
        bool equal;

        for (size_t i = 0; i < root->count; i++)
                if (root_is_below(root->entries[i].path, path))
                        return 0;
        char *copy = strdup(target);
        int r = copy ? root_add(root, ROOT_SYMLINK, 0, path) : -ENOMEM;
        if (r < 0) {
                free(copy);
                return r;
        }
        root->entries[entry_place(root, path, &equal)].content = copy;
        return 0;
}

/* ---- places ---- */

/* The place of @path (absolute) below @root_fd, no link followed. */
static int place_open(int root_fd, const char *path, int flags)
{
        int fd = mount_openat2(root_fd, path[1] ? path + 1 : ".", (uint64_t)(O_PATH | O_CLOEXEC | flags),
                               MOUNT_BENEATH | MOUNT_NO_SYMLINKS);

        return fd < 0 ? -errno : fd;
}

int root_open_declared(const char *path, int flags)
{
        int fd = mount_openat2(AT_FDCWD, path, (uint64_t)(O_PATH | O_CLOEXEC | flags), MOUNT_NO_SYMLINKS);

        if (fd >= 0 || errno != ENOSYS)
                return fd < 0 ? -errno : fd;
        /* Before Linux 5.6, or under a filter that does not know it: one step after the other. */
        _cleanup_close_ int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        while (at >= 0 && *(path += strspn(path, "/"))) {
                char name[256];
                struct stat status;
                size_t size = strcspn(path, "/");
                if (size >= sizeof(name))
                        return -ENAMETOOLONG;
                memcpy(name, path, size);
                name[size] = '\0';
                path += size;
                int next = openat(at, name, O_PATH | O_CLOEXEC | O_NOFOLLOW | (*path ? 0 : flags));
                close_keep_errno(at);
                at = next;
                if (at >= 0 && (fstat(at, &status) < 0 || S_ISLNK(status.st_mode)))
                        return -ELOOP;
        }
        return at < 0 ? -errno : steal_fd(&at);
}

int root_make_directory(int root_fd, const char *path)
{
        char name[ROOT_PATH_MAX];
        size_t size = strlen(path);

        if (size >= sizeof(name))
                return -ENAMETOOLONG;
        int fd = place_open(root_fd, path, O_DIRECTORY);
        if (fd >= 0) {
                close(fd);
                return 0;
        }
        memcpy(name, path, size + 1);
        for (char *slash = strchr(name + 1, '/');; slash = strchr(slash + 1, '/')) {
                if (slash)
                        *slash = '\0';
                if (mkdirat(root_fd, name + 1, 0755) < 0 && errno != EEXIST && errno != EROFS)
                        return -errno;
                if (!slash)
                        break;
                *slash = '/';
        }
        fd = place_open(root_fd, path, O_DIRECTORY);
        close_keep_errno(fd);
        return MIN(fd, 0);
}

/* A place for a file or a directory: what is there, or an empty one of the kind. */
static int place_make(int root_fd, const char *path, bool directory)
{
        char parent[ROOT_PATH_MAX];
        int fd = place_open(root_fd, path, 0);

        if (fd != -ENOENT)
                return fd;
        if (!directory) {
                const char *slash = strrchr(path, '/');
                memcpy(parent, path, (size_t)(slash - path));
                parent[slash - path] = '\0';
                int r = slash == path ? 0 : root_make_directory(root_fd, parent);
                if (r < 0)
                        return r;
                fd = openat(root_fd, path + 1, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
                if (fd < 0)
                        return -errno;
                close(fd);
        } else {
                int r = root_make_directory(root_fd, path);
                if (r < 0)
                        return r;
        }
        return place_open(root_fd, path, 0);
}

/* ---- entries ---- */

static int entry_bind(int root_fd, const struct root_entry *entry)
{
        bool writable = entry->kind == ROOT_WRITE, device = entry->kind == ROOT_DEVICE;
        uint64_t attributes = MOUNT_NOSUID | (writable || device ? 0 : MOUNT_RDONLY) |
                              (device ? MOUNT_NOEXEC : MOUNT_NODEV);
        struct stat status;

        _cleanup_close_ int source = entry->flags & ROOT_DECLARED ? root_open_declared(entry->path, 0)
                                                                  : open(entry->path, O_PATH | O_CLOEXEC);
        if (source < 0)
                return entry->flags & ROOT_DECLARED ? source : -errno;
        if (fstat(source, &status) < 0)
                return -errno;
        _cleanup_close_ int tree =
                mount_open_tree(source, "", MOUNT_TREE_CLONE | MOUNT_EMPTY_PATH | MOUNT_TREE_RECURSIVE);
        if (tree < 0 || mount_set(tree, MOUNT_TREE_RECURSIVE, attributes, MS_PRIVATE) < 0)
                return -errno;
        _cleanup_close_ int place = place_make(root_fd, entry->path, S_ISDIR(status.st_mode));
        if (place < 0)
                return place;
        return mount_attach(tree, place) < 0 ? -errno : 0;
}

static int make_parent(int root_fd, const char *path)
{
        _cleanup_free_ char *parent = strdup(path);

        if (!parent)
                return -ENOMEM;
        char *slash = strrchr(parent, '/');
        *slash = '\0';
        return slash == parent ? 0 : root_make_directory(root_fd, parent);
}

static int link_put(int root_fd, const char *path, const char *target)
{
        int r = make_parent(root_fd, path);

        if (r < 0)
                return r;
        return symlinkat(target, root_fd, path + 1) < 0 && errno != EEXIST ? -errno : 0;
}

static int link_copy(int root_fd, const char *path)
{
        char target[ROOT_PATH_MAX];

        ssize_t size = readlink(path, target, sizeof(target) - 1);
        if (size < 0)
                return -errno;
        target[size] = '\0';
        return link_put(root_fd, path, target);
}

static int file_put(int root_fd, const char *path, int from_fd)
{
        _cleanup_free_ char *data = NULL;
        size_t size = 0;

        int r = fd_read_all(from_fd, COPY_HINT, COPY_MAX, &data, &size);
        if (r == 0)
                r = make_parent(root_fd, path);
        return r < 0 ? r : file_write_atomic(root_fd, path + 1, data, size, 0444, false);
}

/* Nobody else is there yet: no name need be replaced at once. */
static int content_put(int root_fd, const struct root_entry *entry)
{
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        int r = 0;

        _cleanup_close_ int fd = openat(root_fd, entry->path + 1, flags, 0444);
        if (fd < 0 && errno == ENOENT) {
                r = make_parent(root_fd, entry->path);
                fd = r < 0 ? -1 : openat(root_fd, entry->path + 1, flags, 0444);
        }
        if (r < 0 || fd < 0)
                return r < 0 ? r : -errno;
        return fd_write_all(fd, entry->content, entry->size);
}

static int entry_copy(int root_fd, struct root_entry *entry)
{
        char target[64];

        if (entry->content && !(entry->flags & ROOT_FRESH))
                return content_put(root_fd, entry);
        ssize_t size = readlink(entry->path, target, sizeof(target));
        if (size > 0 && (strncmp(target, "/usr/", 5) == 0 || strncmp(target, "../usr/", 7) == 0))
                return link_copy(root_fd, entry->path);
        _cleanup_close_ int fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        char *content = NULL;
        int r = fd_read_all(fd, COPY_HINT, COPY_MAX, &content, &entry->size);
        if (r == -EFBIG) /* a list of hosts to block, say */
                return entry_bind(root_fd, entry);
        if (r < 0)
                return r;
        free(entry->content);
        entry->content = content;
        return content_put(root_fd, entry);
}

int root_refresh(int root_fd, int outside_fd, const char *path)
{
        struct stat outside, inside;

        _cleanup_close_ int fd = mount_openat2(outside_fd, path + 1,
                                               O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                                               MOUNT_IN_ROOT | MOUNT_NO_MAGIC_LINKS);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (fstat(fd, &outside) < 0)
                return -errno;
        if (fstatat(root_fd, path + 1, &inside, AT_SYMLINK_NOFOLLOW) == 0 &&
            inside.st_size == outside.st_size && inside.st_mtim.tv_sec == outside.st_mtim.tv_sec &&
            inside.st_mtim.tv_nsec == outside.st_mtim.tv_nsec)
                return 0;
        int r = file_put(root_fd, path, fd);
        const struct timespec times[2] = { outside.st_atim, outside.st_mtim };
        if (r == 0)
                (void)utimensat(root_fd, path + 1, times, AT_SYMLINK_NOFOLLOW);
        return r;
}

/* An empty directory, which is sealed when the rest is there. */
static int entry_hide(int root_fd, const char *path)
{
        static const char *const options[] = { "mode", "0755", "size", "4k", "nr_inodes", "64", NULL };

        int place = place_open(root_fd, path, O_DIRECTORY);
        if (place == -ENOENT)
                return root_make_directory(root_fd, path);
        if (place < 0)
                return place;
        _cleanup_close_ int to = place;
        _cleanup_close_ int fd = mount_new("tmpfs", options, MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC);
        return fd < 0 || mount_attach(fd, to) < 0 ? -errno : 0;
}

/* Read-only and without /proc/sys: for user ID 0 that is all that protects it. */
static int entry_proc(int root_fd, const char *path)
{
        static const char *const options[] = { "subset", "pid", "hidepid", "invisible", NULL };

        _cleanup_close_ int fd = mount_new("proc", options,
                                           MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC);
        /* In a container that hides parts of its own, none may be made that would show them. */
        if (fd < 0 && errno != EPERM)
                return -errno;
        if (fd < 0)
                return root_make_directory(root_fd, path);
        _cleanup_close_ int place = place_make(root_fd, path, true);
        if (place < 0)
                return place;
        return mount_attach(fd, place) < 0 ? -errno : 0;
}

static int entry_make(int root_fd, struct root_entry *entry)
{
        struct stat status;

        switch (entry->kind) {
        case ROOT_READ:
        case ROOT_WRITE:
        case ROOT_DEVICE:
                return entry_bind(root_fd, entry);
        case ROOT_COPY:
                return entry_copy(root_fd, entry);
        case ROOT_LINK:
                if (lstat(entry->path, &status) == 0 && S_ISLNK(status.st_mode))
                        return link_copy(root_fd, entry->path);
                return entry_bind(root_fd, entry);
        case ROOT_SYMLINK:
                return link_put(root_fd, entry->path, entry->content);
        case ROOT_EMPTY:
                return entry_hide(root_fd, entry->path);
        case ROOT_PROC:
                return entry_proc(root_fd, entry->path);
        }
        return -EINVAL;
}

/* ---- entering ---- */

/* Nothing can be added to the new root and to what hides something any more. */
static int root_seal(int root_fd, const struct root *root)
{
        for (size_t i = 0; i < root->count; i++) {
                if (root->entries[i].kind != ROOT_EMPTY)
                        continue;
                _cleanup_close_ int place = place_open(root_fd, root->entries[i].path, O_DIRECTORY);
                /* EINVAL: a directory of the root itself */
                if (place < 0 || (mount_set(place, 0, MOUNT_RDONLY, MS_PRIVATE) < 0 && errno != EINVAL))
                        return -errno;
        }
        return mount_set(root_fd, 0, MOUNT_RDONLY, MS_PRIVATE) < 0 ? -errno : 0;
}

/* The new root takes the place of the old one, which is detached. */
static int root_change(int root_fd)
{
        if (fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
            chdir("/") < 0)
                return -errno;
        return 0;
}

/* What of the system cannot be read a run could not read either. */
static bool is_left_out(const struct root_entry *entry, int r)
{
        return entry->flags & ROOT_OPTIONAL &&
               (r == -ENOENT || (r == -EACCES && !(entry->flags & ROOT_DECLARED)));
}

int root_enter(struct root *root, int *ret_writable, struct error *error)
{
        static const char *const options[] = { "mode", "0755", "size", "16m", "nr_inodes", "4096", NULL };
        _cleanup_close_ int writable = -1;

        _cleanup_close_ int root_fd = mount_new("tmpfs", options, MOUNT_NOSUID | MOUNT_NODEV);
        _cleanup_close_ int old_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root_fd < 0 || old_fd < 0 || mount_attach(root_fd, old_fd) < 0)
                return error_set_errno(error, errno, "a new root directory");
        for (size_t i = 0; i < root->count; i++) {
                struct root_entry *entry = &root->entries[i];
                int r = entry_make(root_fd, entry);
                if (r == -ELOOP && entry->flags & ROOT_DECLARED)
                        return error_set(error, ELOOP,
                                         "%s: a symbolic link is on the way: name the path that it leads to",
                                         entry->path);
                if (r < 0 && !is_left_out(entry, r))
                        return error_set_errno(error, -r, "%s", entry->path);
        }
        if (ret_writable &&
            (writable = mount_open_tree(root_fd, "", MOUNT_TREE_CLONE | MOUNT_EMPTY_PATH)) < 0)
                return error_set_errno(error, errno, "the new root directory");
        int r = root_seal(root_fd, root);
        if (r < 0)
                return error_set_errno(error, -r, "read-only root directory");
        r = root_change(root_fd);
        if (r < 0)
                return error_set_errno(error, -r, "changing to the new root directory");
        if (ret_writable)
                *ret_writable = steal_fd(&writable);
        return 0;
}
