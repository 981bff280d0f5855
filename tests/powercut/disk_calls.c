/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The system calls on files that this program and the libraries in it use. A definition in the program comes before that
 * of the C library, for SQLite as for our own code; each makes the call itself.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/powercut/disk_internal.h"

static struct {
        unsigned number, kinds, calls;
        int code;
        enum disk_fault fault;
        bool failed;
} fault;

void disk_fail(unsigned number, unsigned kinds, int code, enum disk_fault kind)
{
        fault.number = number;
        fault.kinds = kinds;
        fault.calls = 0;
        fault.code = code;
        fault.fault = kind;
        fault.failed = false;
}

unsigned disk_calls(void)
{
        return fault.calls;
}

bool disk_failed(void)
{
        return fault.failed;
}

/* Whether this call is to fail; errno is set then. */
static bool fails(enum disk_call call)
{
        if (!disk.root || !(fault.kinds & call))
                return false;
        fault.calls++;
        bool stays = fault.fault == DISK_FAULT_STAYS || fault.fault == DISK_FAULT_SHORT;
        if (fault.number == 0 || fault.calls < fault.number || (fault.calls > fault.number && !stays))
                return false;
        fault.failed = true;
        errno = fault.code;
        return true;
}

/* ---- names ---- */

/* Below the root, without "." in it; false: elsewhere. */
static bool name_of(int dirfd, const char *path, char ret[PATH_MAX])
{
        char whole[2 * PATH_MAX], link[64];
        ssize_t length = 0;
        if (!disk.root)
                return false;
        if (path[0] != '/') {
                snprintf(link, sizeof(link), dirfd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d",
                         dirfd);
                length = readlink(link, whole, PATH_MAX - 1);
                if (length < 0)
                        return false;
                whole[length++] = '/';
        }
        snprintf(whole + length, sizeof(whole) - (size_t)length, "%s", strcmp(path, ".") == 0 ? "" : path);
        size_t root = strlen(disk.root), end = strlen(whole);
        while (end > root && whole[end - 1] == '/')
                whole[--end] = '\0';
        if (strncmp(whole, disk.root, root) != 0 || (whole[root] != '/' && whole[root] != '\0'))
                return false;
        snprintf(ret, PATH_MAX, "%s", whole[root] ? whole + root + 1 : "");
        return true;
}

static struct disk_event *record(enum disk_event_kind kind, int node)
{
        if (disk.event_count == disk.event_room) {
                disk.event_room = disk.event_room ? 2 * disk.event_room : 1024;
                disk.events = reallocarray(disk.events, disk.event_room, sizeof(*disk.events));
                if (!disk.events)
                        abort();
        }
        disk.events[disk.event_count] = (struct disk_event){ .kind = kind, .node = node };
        return &disk.events[disk.event_count++];
}

static int node_of(int fd)
{
        struct stat info;
        return disk.root && fstat(fd, &info) == 0 ? disk_node_find(info.st_dev, info.st_ino) : -1;
}

static void record_created(const char *name, const struct stat *info)
{
        record(EVENT_CREATE, disk_node_add(info->st_dev, info->st_ino, S_ISDIR(info->st_mode)))->name =
                disk_copy(name);
}

/* ---- calls ---- */

static int do_open(int dirfd, const char *path, int flags, mode_t mode)
{
        char name[PATH_MAX];
        struct stat info;
        bool ours = name_of(dirfd, path, name);
        if (ours && fails(DISK_OPEN))
                return -1;
        bool there = !ours || fstatat(dirfd, path, &info, AT_SYMLINK_NOFOLLOW) == 0;
        int fd = (int)syscall(SYS_openat, dirfd, path, flags, mode);
        if (fd < 0 || !ours || fstat(fd, &info) < 0)
                return fd;
        if (!there)
                record_created(name, &info);
        else if ((flags & O_TRUNC) && S_ISREG(info.st_mode))
                record(EVENT_RESIZE, node_of(fd))->offset = 0;
        return fd;
}

#define MODE_OF(flags)                                                                                       \
        ({                                                                                                   \
                mode_t _mode = 0;                                                                            \
                if ((flags) & (O_CREAT | O_TMPFILE)) {                                                       \
                        va_list _values;                                                                     \
                        va_start(_values, flags);                                                            \
                        _mode = va_arg(_values, mode_t);                                                     \
                        va_end(_values);                                                                     \
                }                                                                                            \
                _mode;                                                                                       \
        })

#undef open
#undef openat
int open(const char *path, int flags, ...)
{
        return do_open(AT_FDCWD, path, flags, MODE_OF(flags));
}

int open64(const char *path, int flags, ...)
{
        return do_open(AT_FDCWD, path, flags, MODE_OF(flags));
}

int openat(int dirfd, const char *path, int flags, ...)
{
        return do_open(dirfd, path, flags, MODE_OF(flags));
}

int openat64(int dirfd, const char *path, int flags, ...)
{
        return do_open(dirfd, path, flags, MODE_OF(flags));
}

/* @offset -1: where the descriptor is. */
static ssize_t do_write(int fd, const void *data, size_t size, off_t offset)
{
        int node = node_of(fd);
        if (node < 0)
                return offset < 0 ? syscall(SYS_write, fd, data, size)
                                  : syscall(SYS_pwrite64, fd, data, size, offset);
        if (fails(DISK_WRITE)) {
                bool half = fault.fault == DISK_FAULT_SHORT && fault.calls == fault.number && size > 1;
                if (!half)
                        return -1;
                size /= 2;
        }
        off_t at = offset < 0 ? (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR) : offset;
        ssize_t written = offset < 0 ? syscall(SYS_write, fd, data, size)
                                     : syscall(SYS_pwrite64, fd, data, size, offset);
        if (written > 0) {
                struct disk_event *event = record(EVENT_WRITE, node);
                event->offset = at;
                event->size = (size_t)written;
                event->data = disk_alloc((size_t)written);
                memcpy(event->data, data, (size_t)written);
        }
        return written;
}

ssize_t write(int fd, const void *data, size_t size)
{
        return do_write(fd, data, size, -1);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
        return do_write(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset)
{
        return do_write(fd, data, size, offset);
}

static ssize_t do_pread(int fd, void *data, size_t size, off_t offset)
{
        if (node_of(fd) >= 0 && fails(DISK_READ))
                return -1;
        return syscall(SYS_pread64, fd, data, size, offset);
}

#undef pread
#undef pread64
ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
        return do_pread(fd, data, size, offset);
}

ssize_t pread64(int fd, void *data, size_t size, off_t offset)
{
        return do_pread(fd, data, size, offset);
}

static int do_ftruncate(int fd, off_t size)
{
        int node = node_of(fd);
        if (node >= 0 && fails(DISK_SIZE))
                return -1;
        int r = (int)syscall(SYS_ftruncate, fd, size);
        if (r == 0 && node >= 0)
                record(EVENT_RESIZE, node)->offset = size;
        return r;
}

int ftruncate(int fd, off_t size)
{
        return do_ftruncate(fd, size);
}

int ftruncate64(int fd, off_t size)
{
        return do_ftruncate(fd, size);
}

/* Returns the error, as posix_fallocate() does. */
static int do_fallocate(int fd, int mode, off_t offset, off_t size)
{
        struct stat info;
        int node = node_of(fd);
        if (node >= 0 && fails(DISK_SIZE))
                return errno;
        /* The reserves are large and hold nothing: they get their size without blocks. */
        if (mode == 0 && fstat(fd, &info) == 0 && info.st_size < offset + size) {
                if (syscall(SYS_ftruncate, fd, offset + size) < 0)
                        return errno;
                if (node >= 0)
                        record(EVENT_RESIZE, node)->offset = offset + size;
        }
        return 0;
}

static int fallocate_result(int code)
{
        errno = code;
        return code ? -1 : 0;
}

int fallocate(int fd, int mode, off_t offset, off_t size)
{
        return fallocate_result(do_fallocate(fd, mode, offset, size));
}

int fallocate64(int fd, int mode, off_t offset, off_t size)
{
        return fallocate_result(do_fallocate(fd, mode, offset, size));
}

int posix_fallocate(int fd, off_t offset, off_t size)
{
        return do_fallocate(fd, 0, offset, size);
}

int posix_fallocate64(int fd, off_t offset, off_t size)
{
        return do_fallocate(fd, 0, offset, size);
}

static int do_sync(int fd)
{
        char link[64], path[PATH_MAX], name[PATH_MAX];
        int node = node_of(fd);
        if (node < 0)
                return 0; /* what a test looks at afterwards needs no disk */
        if (fails(DISK_SYNC)) {
                if (fault.fault == DISK_FAULT_LOSES && !disk.nodes[node].directory)
                        record(EVENT_LOSE, node);
                return -1;
        }
        if (!disk.nodes[node].directory) {
                record(EVENT_SYNC, node);
                return 0;
        }
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, sizeof(path) - 1);
        if (length > 0) {
                path[length] = '\0';
                if (name_of(AT_FDCWD, path, name))
                        record(EVENT_SYNC_DIR, node)->name = disk_copy(name);
        }
        return 0;
}

int fsync(int fd)
{
        return do_sync(fd);
}

int fdatasync(int fd)
{
        return do_sync(fd);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
        char from_name[PATH_MAX], to_name[PATH_MAX];
        bool ours = name_of(from_fd, from, from_name) && name_of(to_fd, to, to_name);
        if (ours && fails(DISK_NAME))
                return -1;
        int r = (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
        if (r == 0 && ours) {
                struct disk_event *event = record(EVENT_RENAME, 0);
                event->name = disk_copy(from_name);
                event->to = disk_copy(to_name);
        }
        return r;
}

int rename(const char *from, const char *to)
{
        return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlinkat(int dirfd, const char *path, int flags)
{
        char name[PATH_MAX];
        bool ours = name_of(dirfd, path, name);
        if (ours && fails(DISK_NAME))
                return -1;
        int r = (int)syscall(SYS_unlinkat, dirfd, path, flags);
        if (r == 0 && ours)
                record(EVENT_UNLINK, 0)->name = disk_copy(name);
        return r;
}

int unlink(const char *path)
{
        return unlinkat(AT_FDCWD, path, 0);
}

int mkdirat(int dirfd, const char *path, mode_t mode)
{
        char name[PATH_MAX];
        struct stat info;
        bool ours = name_of(dirfd, path, name);
        if (ours && fails(DISK_NAME))
                return -1;
        int r = (int)syscall(SYS_mkdirat, dirfd, path, mode);
        if (r == 0 && ours && fstatat(dirfd, path, &info, AT_SYMLINK_NOFOLLOW) == 0)
                record_created(name, &info);
        return r;
}

int mkdir(const char *path, mode_t mode)
{
        return mkdirat(AT_FDCWD, path, mode);
}

static int do_fcntl(int fd, int command, void *argument)
{
        bool locks = command == F_SETLK || command == F_SETLKW;
        if (locks && ((struct flock *)argument)->l_type != F_UNLCK && node_of(fd) >= 0 && fails(DISK_LOCK))
                return -1;
        return (int)syscall(SYS_fcntl, fd, command, argument);
}

#undef fcntl
int fcntl(int fd, int command, ...)
{
        va_list values;
        va_start(values, command);
        void *argument = va_arg(values, void *);
        va_end(values);
        return do_fcntl(fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
        va_list values;
        va_start(values, command);
        void *argument = va_arg(values, void *);
        va_end(values);
        return do_fcntl(fd, command, argument);
}

int flock(int fd, int operation)
{
        if (node_of(fd) >= 0 && fails(DISK_LOCK))
                return -1;
        return (int)syscall(SYS_flock, fd, operation);
}
