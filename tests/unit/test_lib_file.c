/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "tests/unit/unit.h"

static char *base;

static void setup(void)
{
        base = unit_directory();
}

static void teardown(void)
{
        unit_directory_remove(base);
}

/* BASE/NAME in a static buffer. */
static const char *in_base(const char *name)
{
        static char path[4][512];
        static unsigned next;

        snprintf(path[next % 4], sizeof(path[0]), "%s/%s", base, name);
        return path[next++ % 4];
}

static void write_file(const char *name, const char *text)
{
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, in_base(name), text, strlen(text), 0644, false), 0);
}

static size_t entries(const char *path)
{
        DIR *stream = opendir(path);
        size_t count = 0;

        ck_assert_ptr_nonnull(stream);
        while (readdir(stream))
                count++;
        closedir(stream);
        return count - 2;
}

/* ---- files ---- */

START_TEST(read_and_write)
{
        char *data = NULL;
        size_t size = 0;
        struct stat status;

        umask(077);
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, in_base("f"), "one\0two", 7, 0644, true), 0);
        ck_assert_int_eq(file_read(AT_FDCWD, in_base("f"), 7, &data, &size), 0);
        ck_assert_uint_eq(size, 7);
        ck_assert_mem_eq(data, "one\0two", 8);
        free(data);
        ck_assert_int_eq(stat(in_base("f"), &status), 0);
        ck_assert_uint_eq(status.st_mode & 07777, 0644);

        ck_assert_int_eq(file_write_atomic(AT_FDCWD, in_base("f"), "", 0, 0600, false), 0);
        ck_assert_int_eq(file_read(AT_FDCWD, in_base("f"), 0, &data, &size), 0);
        ck_assert_uint_eq(size, 0);
        ck_assert_str_eq(data, "");
        free(data);
        ck_assert_uint_eq(entries(base), 1);
}
END_TEST

START_TEST(read_refuses)
{
        char *data = NULL;
        size_t size = 99;

        write_file("f", "12345");
        ck_assert_int_eq(mkfifo(in_base("fifo"), 0600), 0);
        ck_assert_int_eq(file_read(AT_FDCWD, in_base("none"), 10, &data, &size), -ENOENT);
        ck_assert_int_eq(file_read(AT_FDCWD, base, 10, &data, &size), -EISDIR);
        ck_assert_int_eq(file_read(AT_FDCWD, in_base("fifo"), 10, &data, &size), -EINVAL);
        ck_assert_int_eq(file_read(AT_FDCWD, in_base("f"), 4, &data, &size), -EFBIG);
        /* No size to be asked for beforehand: what is read decides. */
        ck_assert_int_eq(file_read(AT_FDCWD, "/proc/self/status", 10, &data, &size), -EFBIG);
        ck_assert_ptr_null(data);
        ck_assert_uint_eq(size, 99);
        ck_assert_int_eq(file_read(AT_FDCWD, "/proc/self/status", 1 << 20, &data, &size), 0);
        ck_assert_uint_eq(strlen(data), size);
        free(data);
}
END_TEST

START_TEST(write_atomic_details)
{
        char name[256], *data;
        size_t size;
        struct stat status;

        /* A name of full length, a directory in the way, no directory at all. */
        memset(name, 'n', 255);
        name[255] = 0;
        write_file(name, "long");
        ck_assert_int_eq(mkdir(in_base("d"), 0700), 0);
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, in_base("d"), "x", 1, 0600, false), -EISDIR);
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, in_base("none/f"), "x", 1, 0600, false), -ENOENT);
        ck_assert_uint_eq(entries(base), 2);

        /* A link is replaced, what it leads to stays. */
        write_file("target", "kept");
        ck_assert_int_eq(symlink("target", in_base("link")), 0);
        write_file("link", "new");
        ck_assert_int_eq(lstat(in_base("link"), &status), 0);
        ck_assert(S_ISREG(status.st_mode));
        ck_assert_int_eq(file_read(AT_FDCWD, in_base("target"), 100, &data, &size), 0);
        ck_assert_str_eq(data, "kept");
        free(data);

        /* Relative to a directory. */
        _cleanup_close_ int dirfd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(file_write_atomic(dirfd, "relative", "r", 1, 0600, true), 0);
        ck_assert_int_eq(file_read(dirfd, "relative", 100, &data, &size), 0);
        ck_assert_str_eq(data, "r");
        free(data);
}
END_TEST

START_TEST(directories)
{
        struct stat status;

        ck_assert_int_eq(directory_make(in_base("a/b//c/"), 0700), 0);
        ck_assert_int_eq(stat(in_base("a/b/c"), &status), 0);
        ck_assert_uint_eq(status.st_mode & 0777, 0700);
        ck_assert_int_eq(directory_make(in_base("a/b/c"), 0700), 0);
        ck_assert_int_eq(directory_make("/", 0700), 0);
        write_file("f", "");
        ck_assert_int_eq(directory_make(in_base("f"), 0700), -ENOTDIR);
        ck_assert_int_eq(directory_make(in_base("f/x"), 0700), -ENOTDIR);
}
END_TEST

START_TEST(nonblocking)
{
        int ends[2];
        char buffer[1];

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(fd_set_nonblocking(ends[0], true), 0);
        ck_assert_int_eq(read(ends[0], buffer, 1), -1);
        ck_assert_int_eq(errno, EAGAIN);
        ck_assert_int_eq(fd_set_nonblocking(ends[0], false), 0);
        ck_assert_int_eq(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
        ck_assert_int_eq(fd_set_nonblocking(-1, true), -EBADF);
        ck_assert_int_eq(fd_write_all(-1, "x", 1), -EBADF);
        close(ends[0]);
        close(ends[1]);
}
END_TEST

/* ---- trees ---- */

START_TEST(tree_simple)
{
        uint64_t count = 9;

        ck_assert_int_eq(tree_remove(AT_FDCWD, in_base("none"), &count), 0);
        ck_assert_uint_eq(count, 0);
        write_file("f", "");
        ck_assert_int_eq(tree_remove(AT_FDCWD, in_base("f"), &count), 0);
        ck_assert_uint_eq(count, 1);

        ck_assert_int_eq(directory_make(in_base("t/a/b"), 0700), 0);
        ck_assert_int_eq(directory_make(in_base("t/c"), 0700), 0);
        write_file("t/1", "");
        write_file("t/a/2", "");
        write_file("t/a/b/.3", "");
        ck_assert_int_eq(mkfifo(in_base("t/c/fifo"), 0600), 0);
        ck_assert_int_eq(tree_remove(AT_FDCWD, in_base("t"), &count), 0);
        ck_assert_uint_eq(count, 8);
        ck_assert_uint_eq(entries(base), 0);
}
END_TEST

START_TEST(tree_follows_no_link)
{
        ck_assert_int_eq(directory_make(in_base("outside/inner"), 0700), 0);
        ck_assert_int_eq(directory_make(in_base("t"), 0700), 0);
        write_file("outside/f", "");
        ck_assert_int_eq(symlink("../outside", in_base("t/link")), 0);
        ck_assert_int_eq(symlink("outside", in_base("top")), 0);
        ck_assert_int_eq(tree_remove(AT_FDCWD, in_base("t"), NULL), 0);
        ck_assert_int_eq(tree_remove(AT_FDCWD, in_base("top"), NULL), 0);
        ck_assert_uint_eq(entries(in_base("outside")), 2);
        ck_assert_uint_eq(entries(base), 1);
}
END_TEST

START_TEST(tree_deep_and_wide)
{
        uint64_t count = 0;
        struct rlimit few;

        /* Deeper than PATH_MAX and than the descriptors that are left. */
        _cleanup_close_ int at = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (int i = 0; i < 1500; i++) {
                ck_assert_int_eq(mkdirat(at, "deeper", 0700), 0);
                int next = openat(at, "deeper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                close(at);
                at = next;
                ck_assert_int_ge(at, 0);
        }
        for (int i = 0; i < 300; i++) {
                char name[32];
                snprintf(name, sizeof(name), "d%d", i);
                ck_assert_int_eq(mkdirat(at, name, 0700), 0);
                snprintf(name, sizeof(name), "f%d", i);
                ck_assert_int_eq(file_write_atomic(at, name, "", 0, 0600, false), 0);
        }
        ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &few), 0);
        few.rlim_cur = 16;
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
        ck_assert_int_eq(tree_remove(AT_FDCWD, in_base("deeper"), &count), 0);
        ck_assert_uint_eq(count, 1500 + 600);
}
END_TEST

START_TEST(tree_unreadable)
{
        uint64_t count = 0;

        ck_assert_int_eq(directory_make(in_base("t/closed/inner"), 0700), 0);
        ck_assert_int_eq(directory_make(in_base("t/fixed"), 0700), 0);
        write_file("t/closed/f", "");
        write_file("t/fixed/f", "");
        /* Root may do without; drop it for this test's process. */
        if (geteuid() == 0) {
                ck_assert_int_eq(lchown(base, 65534, 65534), 0);
                static const char *const all[] = { "t",          "t/closed", "t/closed/inner",
                                                   "t/closed/f", "t/fixed",  "t/fixed/f" };
                for (size_t i = 0; i < ARRAY_SIZE(all); i++)
                        ck_assert_int_eq(lchown(in_base(all[i]), 65534, 65534), 0);
                ck_assert_int_eq(seteuid(65534), 0);
        }
        ck_assert_int_eq(chmod(in_base("t/closed"), 0), 0);
        ck_assert_int_eq(chmod(in_base("t/fixed"), 0500), 0);
        ck_assert_int_eq(tree_remove(AT_FDCWD, in_base("t"), &count), 0);
        ck_assert_uint_eq(count, 6);
        if (getuid() == 0)
                ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(tree_goes_on_after_an_error)
{
        uint64_t count = 0;

        if (geteuid() != 0)
                return; /* needs a directory of somebody else's */
        ck_assert_int_eq(directory_make(in_base("t/theirs"), 0755), 0);
        ck_assert_int_eq(directory_make(in_base("t/ours"), 0755), 0);
        write_file("t/theirs/f", "");
        write_file("t/ours/f", "");
        ck_assert_int_eq(lchown(in_base("t"), 65534, 65534), 0);
        ck_assert_int_eq(lchown(in_base("t/ours"), 65534, 65534), 0);
        ck_assert_int_eq(chmod(base, 0755), 0);
        ck_assert_int_eq(seteuid(65534), 0);
        ck_assert_int_eq(tree_remove(AT_FDCWD, in_base("t"), &count), -EACCES);
        ck_assert_uint_eq(count, 2);
        ck_assert_int_eq(seteuid(0), 0);
        ck_assert_uint_eq(entries(in_base("t")), 1);
}
END_TEST

/* ---- paths ---- */

static void check_path(char *path, const char *expected)
{
        if (expected)
                ck_assert_str_eq(path, expected);
        else
                ck_assert_ptr_null(path);
        free(path);
}

START_TEST(instance_directories)
{
        static const char *const variables[] = { "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_STATE_HOME",
                                                 "XDG_RUNTIME_DIR", "HOME" };
        for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
                unsetenv(variables[i]);
        check_path(paths_state_directory(true), "/var/lib/bgtaskd");
        check_path(paths_runtime_directory(true), "/run/bgtaskd");
        check_path(paths_state_directory(false), NULL);
        check_path(paths_runtime_directory(false), NULL);
        check_path(paths_client_socket(false), NULL);
        setenv("HOME", "/home/u", 1);
        check_path(paths_state_directory(false), "/home/u/.local/state/bgtaskd");
        setenv("XDG_STATE_HOME", "relative", 1);
        check_path(paths_state_directory(false), "/home/u/.local/state/bgtaskd");
        setenv("XDG_STATE_HOME", "/s", 1);
        setenv("XDG_RUNTIME_DIR", "/r", 1);
        check_path(paths_state_directory(false), "/s/bgtaskd");
        check_path(paths_runtime_directory(false), "/r/bgtaskd");
        setenv("STATE_DIRECTORY", "/var/lib/one:/var/lib/two", 1);
        setenv("RUNTIME_DIRECTORY", "/run/one", 1);
        check_path(paths_state_directory(false), "/var/lib/one");
        check_path(paths_state_directory(true), "/var/lib/one");
        check_path(paths_runtime_directory(true), "/run/one");
        check_path(paths_client_socket(true), "/run/bgtaskd/control");
        check_path(paths_client_socket(false), "/r/bgtaskd/control");
        check_path(paths_socket("/run/x"), "/run/x/control");
}
END_TEST

START_TEST(program_directories)
{
        const char *directory = paths_exe_directory();
        char exe[4096];
        ssize_t length = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

        ck_assert_int_gt(length, 0);
        exe[length] = 0;
        ck_assert_ptr_nonnull(directory);
        ck_assert_int_eq(strncmp(exe, directory, strlen(directory)), 0);
        char *self = paths_program(exe + strlen(directory) + 1);
        ck_assert_str_eq(self, exe);
        free(self);
        /* Not beside us: where configure said. */
        char *other = paths_program("no-such-program");
        ck_assert_ptr_null(strstr(other, directory));
        ck_assert_str_eq(strrchr(other, '/'), "/no-such-program");
        free(other);
        ck_assert_int_eq(paths_data_directory()[0], '/');
        ck_assert_int_eq(paths_lib_directory()[0], '/');
        char *app = paths_app_directory();
        ck_assert_int_eq(app[0], '/');
        ck_assert_str_eq(strrchr(app, '/'), "/app");
        free(app);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_test(test_case, read_and_write);
        tcase_add_test(test_case, read_refuses);
        tcase_add_test(test_case, write_atomic_details);
        tcase_add_test(test_case, directories);
        tcase_add_test(test_case, nonblocking);
        tcase_add_test(test_case, tree_simple);
        tcase_add_test(test_case, tree_follows_no_link);
        tcase_add_test(test_case, tree_deep_and_wide);
        tcase_add_test(test_case, tree_unreadable);
        tcase_add_test(test_case, tree_goes_on_after_an_error);
        tcase_add_test(test_case, instance_directories);
        tcase_add_test(test_case, program_directories);
}

int main(void)
{
        return unit_main("file", add);
}
