/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Files for IOUtils and nsIFile. Each function is about one system call and returns what it yields, or a negative
 * errno as a number; messages and error types are made in JavaScript. Paths are absolute or relative to the
 * working directory, and free of NUL (a NUL ends them, as in Gecko).
 *
 * Everything happens at once, on the thread of the engine: a run has a process of its own, so nobody else waits.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/denial.h"
#include "runner/files.h"

#define CHILDREN_MAX 1000000

static eng_val result_number(eng *e, int r)
{
        return eng_number(e, r < 0 ? -errno : r);
}

/* read(path, offset, max): Uint8Array. A negative max: to the end. */
static eng_val files_read(eng *e, eng_args *args, void *data)
{
        const char *path;
        double offset = 0, max = -1;
        uint8_t *bytes = NULL;
        size_t size = 0;

        if (!eng_args_get(e, args, "read", "s|dd", &path, &offset, &max))
                return NULL;
        int r = file_read_part(path, offset, max, &bytes, &size);
        return r < 0 ? eng_number(e, r) : eng_uint8array_take(e, bytes, size);
}

/* readText(path): string; a byte order mark is left out; -EILSEQ when it is not UTF-8. */
static eng_val files_read_text(eng *e, eng_args *args, void *data)
{
        const char *path;
        uint8_t *bytes = NULL;
        size_t size = 0;

        if (!eng_args_get(e, args, "readText", "s", &path))
                return NULL;
        int r = file_read_part(path, 0, -1, &bytes, &size);
        if (r < 0)
                return eng_number(e, r);
        size_t skip = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        const char *text = (const char *)bytes + skip;
        eng_val v = utf8_is_valid(text, size - skip) ? eng_string(e, text, size - skip)
                                                     : eng_number(e, -EILSEQ);
        free(bytes);
        return v;
}

/* write(path, bytes or string, how, mode): how many bytes were written, or what file_write()
 * says. how: WRITE_*; a string is written as UTF-8. */
static eng_val files_write(eng *e, eng_args *args, void *data)
{
        const char *path;
        eng_val content;
        int32_t how, mode;
        const void *bytes;
        size_t size;

        if (!eng_args_get(e, args, "write", "svii", &path, &content, &how, &mode))
                return NULL;
        if (eng_typeof(e, content) == ENG_STRING)
                bytes = eng_to_string(e, content, &size);
        else
                bytes = eng_to_bytes(e, content, &size);
        if (!bytes)
                return NULL;
        int r = file_write(path, bytes, size, how, (mode_t)mode);
        return eng_number(e, r < 0 ? (double)r : (double)size);
}

static double timespec_ms(const struct timespec *time)
{
        int64_t ms = (int64_t)time->tv_sec * 1000 + time->tv_nsec / 1000000;

        return (double)ms;
}

/* stat(path, follow): [mode, size, access time, modification time, device, inode]; times in ms since 1970. */
static eng_val files_stat(eng *e, eng_args *args, void *data)
{
        const char *path;
        bool follow = true;
        struct stat st;

        if (!eng_args_get(e, args, "stat", "s|b", &path, &follow))
                return NULL;
        if (fstatat(AT_FDCWD, path, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0)
                return eng_number(e, -errno);
        const eng_val values[] = {
                eng_number(e, st.st_mode),
                eng_number(e, (double)st.st_size),
                eng_number(e, timespec_ms(&st.st_atim)),
                eng_number(e, timespec_ms(&st.st_mtim)),
                eng_number(e, (double)st.st_dev),
                eng_number(e, (double)st.st_ino),
        };
        return eng_array(e, ARRAY_SIZE(values), values);
}

/* list(path): names, without "." and "..", in the order of the directory. */
static eng_val files_list(eng *e, eng_args *args, void *data)
{
        const char *path;

        if (!eng_args_get(e, args, "list", "s", &path))
                return NULL;
        _cleanup_closedir_ DIR *directory = opendir(path);
        if (!directory)
                return eng_number(e, -errno);
        eng_val array = eng_array(e, 0, NULL);
        for (uint32_t count = 0; count < CHILDREN_MAX;) {
                errno = 0;
                const struct dirent *entry = readdir(directory);
                if (!entry)
                        return errno ? eng_number(e, -errno) : array;
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                eng_scope scope;
                eng_scope_open(e, &scope);
                bool done = eng_set_at(e, array, count++, eng_cstring(e, entry->d_name));
                eng_scope_close(e, &scope, NULL);
                if (!done)
                        return NULL;
        }
        return eng_number(e, -EOVERFLOW);
}

/* mkdir(path, mode) */
static eng_val files_mkdir(eng *e, eng_args *args, void *data)
{
        const char *path;
        int32_t mode;

        if (!eng_args_get(e, args, "mkdir", "si", &path, &mode))
                return NULL;
        return result_number(e, mkdir(path, (mode_t)mode));
}

/* unlink(path) */
static eng_val files_unlink(eng *e, eng_args *args, void *data)
{
        const char *path;

        if (!eng_args_get(e, args, "unlink", "s", &path))
                return NULL;
        return result_number(e, unlink(path));
}

/* rmdir(path) */
static eng_val files_rmdir(eng *e, eng_args *args, void *data)
{
        const char *path;

        if (!eng_args_get(e, args, "rmdir", "s", &path))
                return NULL;
        return result_number(e, rmdir(path));
}

/* removeTree(path): never follows a symbolic link; absent is no error. */
static eng_val files_remove_tree(eng *e, eng_args *args, void *data)
{
        const char *path;

        if (!eng_args_get(e, args, "removeTree", "s", &path))
                return NULL;
        return eng_number(e, tree_remove(AT_FDCWD, path, NULL));
}

/* rename(from, to) */
static eng_val files_rename(eng *e, eng_args *args, void *data)
{
        const char *from, *to;

        if (!eng_args_get(e, args, "rename", "ss", &from, &to))
                return NULL;
        return result_number(e, rename(from, to));
}

/* copy(from, to): a regular file with its permissions; an existing one is replaced. */
static eng_val files_copy(eng *e, eng_args *args, void *data)
{
        const char *from, *to;

        if (!eng_args_get(e, args, "copy", "ss", &from, &to))
                return NULL;
        return eng_number(e, file_copy(from, to));
}

/* What @path leads to, to be changed: in some sandboxes only open files can be. -1: it cannot be opened. */
static int open_to_change(const char *path)
{
        return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* chmod(path, mode) */
static eng_val files_chmod(eng *e, eng_args *args, void *data)
{
        const char *path;
        int32_t mode;

        if (!eng_args_get(e, args, "chmod", "si", &path, &mode))
                return NULL;
        _cleanup_close_ int fd = open_to_change(path);
        return result_number(e, fd < 0 ? chmod(path, (mode_t)mode) : fchmod(fd, (mode_t)mode));
}

/* setTime(path, modification, ms): the time of modification, else of access, in ms since 1970. */
static eng_val files_set_time(eng *e, eng_args *args, void *data)
{
        const char *path;
        bool modification;
        double ms;
        struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } };

        if (!eng_args_get(e, args, "setTime", "sbd", &path, &modification, &ms))
                return NULL;
        if (!(ms >= -OFFSET_MAX && ms <= OFFSET_MAX))
                return eng_number(e, -EINVAL);
        struct timespec *time = &times[modification ? 1 : 0];
        time->tv_sec = (time_t)(ms / 1000);
        time->tv_nsec = (long)(ms - (double)time->tv_sec * 1000) * 1000000;
        if (time->tv_nsec < 0) {
                time->tv_sec--;
                time->tv_nsec += 1000000000;
        }
        _cleanup_close_ int fd = open_to_change(path);
        return result_number(e, fd < 0 ? utimensat(AT_FDCWD, path, times, 0) : futimens(fd, times));
}

/* realpath(path): string. */
static eng_val files_realpath(eng *e, eng_args *args, void *data)
{
        const char *path;

        if (!eng_args_get(e, args, "realpath", "s", &path))
                return NULL;
        _cleanup_free_ char *resolved = realpath(path, NULL);
        return resolved ? eng_cstring(e, resolved) : eng_number(e, -errno);
}

/* readlink(path): string. */
static eng_val files_readlink(eng *e, eng_args *args, void *data)
{
        const char *path;
        char target[PATH_MAX];

        if (!eng_args_get(e, args, "readlink", "s", &path))
                return NULL;
        ssize_t size = readlink(path, target, sizeof(target));
        return size < 0 ? eng_number(e, -errno) : eng_string(e, target, (size_t)size);
}

/* access(path, mode): mode as for access(2): 0 exists, 1 execute, 2 write, 4 read. */
static eng_val files_access(eng *e, eng_args *args, void *data)
{
        const char *path;
        int32_t mode;

        if (!eng_args_get(e, args, "access", "si", &path, &mode))
                return NULL;
        return result_number(e, access(path, mode));
}

mode_t builtin_umask(void)
{
        static mode_t mask = (mode_t)-1;

        if (mask == (mode_t)-1)
                umask(mask = umask(022));
        return mask;
}

/* umask(): the mask of this process. */
static eng_val files_umask(eng *e, eng_args *args, void *data)
{
        return eng_number(e, builtin_umask());
}

/* refused(path, result): writing to @path was to be, and something that comes before it failed with @result. */
static eng_val files_refused(eng *e, eng_args *args, void *data)
{
        const char *path;
        int32_t result;

        if (!eng_args_get(e, args, "refused", "si", &path, &result))
                return NULL;
        denial_file(DENIAL_WRITE, path, -result);
        return ENG_UNDEF;
}

/* A function, and what it does to the path that is its first argument and to the one that is its second. */
struct files_function {
        const char *name;
        eng_native function;
        unsigned length;
        enum denial_access access, second_access; /* only if there is such a path */
        bool has_path, has_second;
};

static const struct files_function files_functions[] = {
        { "read", files_read, 3, DENIAL_READ, 0, true, false },
        { "readText", files_read_text, 1, DENIAL_READ, 0, true, false },
        { "write", files_write, 4, DENIAL_WRITE, 0, true, false },
        { "stat", files_stat, 2, DENIAL_READ, 0, true, false },
        { "probe", files_stat, 2, 0, 0, false, false },         /* no wish of the task's: nothing is told */
        { "makeAncestor", files_mkdir, 2, 0, 0, false, false }, /* the same */
        { "refused", files_refused, 2, 0, 0, false, false },
        { "list", files_list, 1, DENIAL_READ, 0, true, false },
        { "mkdir", files_mkdir, 2, DENIAL_MAKE, 0, true, false },
        { "unlink", files_unlink, 1, DENIAL_MAKE, 0, true, false },
        { "rmdir", files_rmdir, 1, DENIAL_MAKE, 0, true, false },
        { "removeTree", files_remove_tree, 1, DENIAL_MAKE, 0, true, false },
        { "rename", files_rename, 2, DENIAL_MAKE, DENIAL_MAKE, true, true },
        { "copy", files_copy, 2, DENIAL_READ, DENIAL_WRITE, true, true },
        { "chmod", files_chmod, 2, DENIAL_WRITE, 0, true, false },
        { "setTime", files_set_time, 3, DENIAL_WRITE, 0, true, false },
        { "realpath", files_realpath, 1, DENIAL_READ, 0, true, false },
        { "readlink", files_readlink, 1, DENIAL_READ, 0, true, false },
        { "access", files_access, 2, DENIAL_READ, 0, true, false },
        { "umask", files_umask, 0, 0, 0, false, false },
};

static void files_failed(eng *e, eng_val path, enum denial_access access, int error)
{
        if (eng_typeof(e, path) == ENG_STRING)
                denial_file(access, eng_to_string(e, path, NULL), error);
}

/* All functions pass here, so that a refusal of the sandbox is seen whichever it was. */
static eng_val files_call(eng *e, eng_args *args, void *data)
{
        const struct files_function *row = data;
        double number = 0;
        eng_val result = row->function(e, args, NULL);

        if (!result || !row->has_path || eng_typeof(e, result) != ENG_NUMBER ||
            !eng_to_number(e, result, &number) || number >= 0 || number < INT_MIN)
                return result;
        int error = number <= WRITE_FAILED ? WRITE_FAILED - (int)number : -(int)number;
        files_failed(e, eng_arg(args, 0), row->access, error);
        if (row->has_second)
                files_failed(e, eng_arg(args, 1), row->second_access, error);
        return result;
}

static eng_val files_create(struct host *host, eng *e)
{
        eng_val object = eng_object(e);

        for (size_t i = 0; i < ARRAY_SIZE(files_functions); i++) {
                const struct files_function *row = &files_functions[i];
                if (!eng_define_function(e, object, row->name, row->length, files_call, (void *)row))
                        return NULL;
        }
        return object;
}

const struct builtin builtin_files = { "files", files_create };
