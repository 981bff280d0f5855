/* SPDX-License-Identifier: MPL-2.0 */
/* What is recorded of a refusal (runner/denial.h), and that the daemon is told: read at its end of the socket. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/wire.h"
#include "runner/denial.h"
#include "runner/denial_text.h"
#include "runner/sandbox_calls.h"
#include "tests/unit/test_sandbox.h"
#include "tests/unit/unit.h"

static const char *const readable[] = { "/usr", "/work/", NULL };
static const char *const writable[] = { "/var/own", NULL };
static const struct denial_view hidden_view = { readable, writable, .hidden = true };
static const struct denial_view open_view = { readable, writable, .hidden = false };

static int daemon_end = -1;

/* Recording begins; what is told is read at daemon_end. */
static void start(const struct denial_view *view)
{
        int fds[2];

        child_expect(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
        daemon_end = fds[0];
        denial_start(view, fds[1]);
}

/* The next thing that is told; false: nothing. */
static bool told(struct wire_report *ret)
{
        static char packet[WIRE_PACKET_MAX];
        struct error error = ERROR_INIT;

        ssize_t size = recv(daemon_end, packet, sizeof(packet), MSG_DONTWAIT);
        if (size < 0)
                return false;
        if (wire_report_decode(packet, (size_t)size, ret, &error) < 0)
                child_fail(__FILE__, __LINE__, error.text);
        child_expect(ret->event == WIRE_EVENT_DENIED);
        return true;
}

static bool equal(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static void expect_told(const char *what, const char *key, int64_t count)
{
        struct wire_report report = { 0 };

        if (!told(&report))
                child_fail(__FILE__, __LINE__, what);
        if (!equal(report.what, what) || !equal(report.key, key) || report.count != count) {
                dprintf(STDERR_FILENO, "told: %s, %s, %lld\n", report.what, report.key ? report.key : "-",
                        (long long)report.count);
                child_fail(__FILE__, __LINE__, what);
        }
        wire_report_done(&report);
}

static void expect_silence(void)
{
        struct wire_report report = { 0 };

        if (told(&report))
                child_fail(__FILE__, __LINE__, report.what);
}

static void record_files(void *unused)
{
        start(&hidden_view);
        denial_file(DENIAL_READ, "/etc/shadow", ENOENT);
        expect_told("read /etc/shadow", "ReadOnlyPaths=/etc/shadow", 1);
        denial_file(DENIAL_READ, "/etc/../etc//./hosts/", EACCES);
        expect_told("read /etc/hosts", "ReadOnlyPaths=/etc/hosts", 1);
        denial_file(DENIAL_WRITE, "/usr/absent/file", EROFS);
        expect_told("write /usr/absent/file", "ReadWritePaths=/usr/absent", 1);
        denial_file(DENIAL_WRITE, "/usr/bin/env", EROFS); /* is there */
        expect_told("write /usr/bin/env", "ReadWritePaths=/usr/bin/env", 1);
        denial_file(DENIAL_MAKE, "/usr/bin/env", EROFS);
        denial_flush();
        expect_told("write /usr/bin/env", "ReadWritePaths=/usr/bin/env", 2); /* one text, the first key */
        denial_file(DENIAL_READ, "/a b\n", ENOENT);
        expect_told("read /a b\\n", "ReadOnlyPaths=\"/a b\\x0a\"", 1);
        child_expect(chdir("/usr") == 0);
        denial_file(DENIAL_MAKE, "new", EACCES);
        expect_told("write /usr/new", "ReadWritePaths=/usr", 1);
}

static void record_no_others(void *unused)
{
        start(&hidden_view);
        denial_file(DENIAL_READ, "/usr/absent", ENOENT);       /* visible, and not there */
        denial_file(DENIAL_READ, "/var/own/secret", EACCES);   /* the mode of the file */
        denial_file(DENIAL_WRITE, "/var/own/x/y", ENOENT);     /* no such directory */
        denial_file(DENIAL_WRITE, "/usr/absent/file", ENOENT); /* the same */
        denial_file(DENIAL_READ, "/etc/shadow", EISDIR);
        denial_file(DENIAL_READ, "", ENOENT);
        denial_connect("https://example.org/");
        expect_told("connect to example.org:443", "Network=yes", 1);
        expect_silence();
}

static void record_by_landlock(void *unused)
{
        start(&open_view);
        denial_file(DENIAL_READ, "/etc/absent", ENOENT); /* Landlock hides nothing */
        expect_silence();
        denial_file(DENIAL_READ, "/etc/shadow", EACCES);
        expect_told("read /etc/shadow", "ReadOnlyPaths=/etc/shadow", 1);
        denial_file(DENIAL_READ, "/usrlocal", EACCES); /* begins like a path of the list */
        expect_told("read /usrlocal", "ReadOnlyPaths=/usrlocal", 1);
}

static void record_before_the_start(void *unused)
{
        denial_file(DENIAL_READ, "/etc/shadow", EACCES);
        denial_connect("https://example.org/");
        denial_call(101, "ptrace", NULL);
        denial_program_call("ptrace", "gdb", NULL);
        start(&open_view);
        denial_flush();
        expect_silence();
}

START_TEST(denials_of_files)
{
        child_run_check(record_files, NULL);
        child_run_check(record_no_others, NULL);
        child_run_check(record_by_landlock, NULL);
        child_run_check(record_before_the_start, NULL);
}
END_TEST

static void count(void *unused)
{
        start(&hidden_view);
        for (int i = 0; i < 120; i++)
                denial_file(DENIAL_READ, "/etc/shadow", ENOENT);
        expect_told("read /etc/shadow", "ReadOnlyPaths=/etc/shadow", 1);
        expect_told("read /etc/shadow", "ReadOnlyPaths=/etc/shadow", 10);
        expect_told("read /etc/shadow", "ReadOnlyPaths=/etc/shadow", 100);
        expect_silence();
        denial_flush();
        expect_told("read /etc/shadow", "ReadOnlyPaths=/etc/shadow", 120);
        denial_flush();
        expect_silence();
}

START_TEST(denials_are_counted_and_told_as_they_add_up)
{
        child_run_check(count, NULL);
}
END_TEST

static void bound(void *unused)
{
        char path[4000];
        struct wire_report report;

        start(&hidden_view);
        memset(path, 'a', sizeof(path));
        path[0] = '/';
        memcpy(path + sizeof(path) - 1, "", 1);
        denial_file(DENIAL_READ, path, ENOENT);
        child_expect(told(&report) && strlen(report.what) < DENIAL_TEXT_MAX && !report.key);
        child_expect(strcmp(report.what + strlen(report.what) - strlen("…"), "…") == 0);
        for (int i = 0; i < 100; i++) {
                snprintf(path, sizeof(path), "/x/%d", i);
                denial_file(DENIAL_READ, path, ENOENT);
        }
        denial_call(101, "ptrace", NULL);
        int many = 0;
        while (told(&report))
                many++;
        child_expect(many == DENIAL_MAX - 1);
        denial_file(DENIAL_READ, "/x/1", ENOENT); /* those that have an entry are still counted */
        denial_flush();
        expect_told("read /x/1", "ReadOnlyPaths=/x/1", 2);
}

START_TEST(denials_are_bounded)
{
        child_run_check(bound, NULL);
}
END_TEST

START_TEST(denials_as_text)
{
        static const struct {
                const char *url, *expected;
        } urls[] = {
                { "https://example.org/path?x", "connect to example.org:443" },
                { "http://example.org", "connect to example.org:80" },
                { "http://127.0.0.1:8080/", "connect to 127.0.0.1:8080" },
                { "https://user:secret@host/", "connect to host:443" },
                { "http://[::1]/", "connect to [::1]:80" },
                { "http://[::1]:81/", "connect to [::1]:81" },
                { "nonsense", "connect to nonsense" },
        };
        static const struct {
                const char *path, *expected;
        } paths[] = {
                { "/", "/" },       { "//a//b/", "/a/b" },      { "/a/../../b", "/b" },
                { "/..", "/" },     { "/a/./b/..", "/a" },      { "/a\nb\xff", "/a\nb\xff" },
                { "/...", "/..." }, { "/a/..b/c", "/a/..b/c" },
        };
        char text[128];

        for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
                denial_text_connect(text, sizeof(text), urls[i].url);
                ck_assert_str_eq(text, urls[i].expected);
        }
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                char *path = denial_text_path(paths[i].path);
                ck_assert_str_eq(path, paths[i].expected);
                free(path);
        }
        char *key = denial_text_key("ReadOnlyPaths", "/100% of \"it\"");
        ck_assert_str_eq(key, "ReadOnlyPaths=\"/100%% of \\\"it\\\"\"");
        free(key);
        denial_text_copy(text, 8, "abc\u00e9\u00e9\u00e9");
        ck_assert_str_eq(text, "abc…");
        ck_assert_uint_eq(denial_text_json(text, sizeof(text), "a\"\\\x01", "", 12), strlen(text));
        ck_assert_str_eq(text, "{\"event\":\"denied\",\"what\":\"a\\\"\\\\\\u0001\",\"count\":12}");
        denial_text_line(text, sizeof(text), "read /a", "ReadOnlyPaths=/a");
        ck_assert_str_eq(text, "bgtask-runner: denied: read /a (ReadOnlyPaths=/a would allow it)\n");
}
END_TEST

/* ---- calls ---- */

static void filter(unsigned flags)
{
        struct error error = ERROR_INIT;

        start(&hidden_view);
        child_expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        int r = calls_install(flags, &error);
        if (r == CALLS_ABSENT)
                child_skip("no seccomp filters");
        if (r != 0)
                child_fail(__FILE__, __LINE__, error.text);
}

static void record_calls(void *unused)
{
        filter(CALLS_JIT);
        child_expect_errno(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), EPERM);
        expect_told("call ptrace", NULL, 1);
        child_expect_errno(syscall(SYS_execve, "/bin/true", NULL, NULL), EPERM);
        expect_told("call execve", "Subprocess=yes", 1);
        child_expect_errno(socket(AF_PACKET, SOCK_RAW, 0), EAFNOSUPPORT);
        expect_told("call socket", NULL, 1);
        child_expect_errno(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), EPERM);
        expect_told("call clone", "Subprocess=yes", 1);
        child_expect_errno(syscall(435 /* clone3 */, NULL, 0), ENOSYS);
        child_expect_errno(syscall(1000), ENOSYS);
        child_expect_errno(socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
        expect_silence();
        for (int i = 0; i < 12; i++)
                child_expect_errno(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), EPERM);
        expect_told("call ptrace", NULL, 10);
        denial_flush();
        expect_told("call ptrace", NULL, 13);
}

START_TEST(denials_of_calls)
{
        child_run_check(record_calls, NULL);
}
END_TEST

static void *thread_call(void *unused)
{
        return (void *)(intptr_t)(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0) == -1 && errno == EPERM);
}

static void record_from_thread(void *unused)
{
        pthread_t thread;
        void *refused;

        filter(CALLS_JIT);
        child_expect(pthread_create(&thread, NULL, thread_call, NULL) == 0);
        child_expect(pthread_join(thread, &refused) == 0 && refused);
        expect_told("call ptrace", NULL, 1);
}

START_TEST(denials_of_calls_of_threads)
{
        child_run_check(record_from_thread, NULL);
}
END_TEST

static void record_programs(void *unused)
{
        int status;

        filter(CALLS_JIT | CALLS_UNIX | CALLS_SUBPROCESS | CALLS_SIGNALS);
        child_expect(prctl(PR_SET_NAME, "bgtask-run", 0, 0, 0) == 0);
        child_expect_errno(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), EPERM); /* its own */
        expect_told("call ptrace", NULL, 1);
        pid_t pid = fork();
        child_expect(pid >= 0);
        if (pid == 0) {
                prctl(PR_SET_NAME, "a\nprogram", 0, 0, 0);
                _exit(unshare(CLONE_NEWUSER) == -1 && errno == EPERM ? 3 : 4);
        }
        child_expect(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 3);
        struct wire_report report;
        child_expect(told(&report));
        if (strncmp(report.what, "call unshare by a", strlen("call unshare by a")) != 0)
                child_fail(__FILE__, __LINE__, report.what);
        child_expect_errno(socket(AF_INET, SOCK_STREAM, 0), EAFNOSUPPORT);
        expect_told("call socket", "Network=yes", 1);
}

START_TEST(denials_of_calls_of_programs)
{
        child_run_check(record_programs, NULL);
}
END_TEST

/* ---- files of programs ---- */

static void record_expectations(void *unused)
{
        start(&hidden_view);
        denial_program_file(DENIAL_READ, "/absent/file", "cat");
        expect_told("read /absent/file by cat", "ReadOnlyPaths=/absent/file", 1);
        denial_program_file(DENIAL_WRITE, "/absent/../absent/file", "a\nb");
        expect_told("write /absent/file by a?b", "ReadWritePaths=/absent", 1);
        denial_program_file(DENIAL_MAKE, "/absent/file", "rm");
        expect_told("write /absent/file by rm", "ReadWritePaths=/absent", 1);
        denial_program_file(DENIAL_READ, "/usr/absent", "cat");      /* visible, and not there */
        denial_program_file(DENIAL_READ, "/proc/self/stat", "cat");  /* what is there is there to be read */
        denial_program_file(DENIAL_WRITE, "/var/own/file", "cat");   /* its own */
        denial_program_file(DENIAL_WRITE, "/dev/null", "cat");       /* a device */
        denial_program_file(DENIAL_WRITE, "/usr/absent/file", "cp"); /* no such directory, for anybody */
        expect_silence();
}

static void record_expectations_by_landlock(void *unused)
{
        start(&open_view);
        denial_program_file(DENIAL_READ, "/etc/absent", "cat");
        expect_silence();
        denial_program_file(DENIAL_READ, "/etc/passwd", "cat");
        expect_told("read /etc/passwd by cat", "ReadOnlyPaths=/etc/passwd", 1);
        denial_program_file(DENIAL_WRITE, "/tmp/bgtaskd-absent", "cat");
        expect_told("write /tmp/bgtaskd-absent by cat", "ReadWritePaths=/tmp", 1);
}

static void record_some_alone(void *unused)
{
        char path[32];

        start(&hidden_view);
        for (int i = 0; i < DENIAL_PROGRAM_FILES_MAX; i++) {
                child_expect(denial_program_file_wanted());
                snprintf(path, sizeof(path), "/absent/%d", i);
                denial_program_file(DENIAL_READ, path, "cat");
                denial_program_file(DENIAL_READ, path, "cat"); /* the same counts as one */
                struct wire_report report;
                child_expect(told(&report));
                wire_report_done(&report);
        }
        child_expect(!denial_program_file_wanted());
        denial_program_file(DENIAL_READ, "/absent/more", "cat");
        expect_silence();
        denial_file(DENIAL_READ, "/etc/shadow", ENOENT); /* there is room for what the task itself asks for */
        expect_told("read /etc/shadow", "ReadOnlyPaths=/etc/shadow", 1);
}

/* By each call, in a process that is asked about; 0, or the number of the line that did not do what it does without. */
static int use_files(void)
{
        struct {
                uint64_t flags, mode, resolve;
        } how = { O_WRONLY | O_CREAT, 0600, 0 };
        char *const argv[] = { (char *)"/absent/execve", NULL };
        int fd = open("/usr", O_PATH | O_DIRECTORY);

        if (fd < 0 || prctl(PR_SET_NAME, "program", 0, 0, 0) < 0)
                return __LINE__;
        if (open("/absent/openat", O_RDONLY) >= 0 || openat(fd, "../absent/relative", O_RDONLY) >= 0)
                return __LINE__;
        if (syscall(SYS_openat2, AT_FDCWD, "/absent/openat2", &how, sizeof(how)) >= 0 || errno != ENOENT)
                return __LINE__;
        if (execv(argv[0], argv) == 0 || errno != ENOENT)
                return __LINE__;
        if (mkdir("/absent/mkdir", 0700) == 0 || unlink("/absent/unlink") == 0 || errno != ENOENT)
                return __LINE__;
        if (rename("/absent/old", "/absent/rename") == 0 || rmdir("/absent/rmdir") == 0 || errno != ENOENT)
                return __LINE__;
        /* What cannot be read is the kernel's to refuse. */
        if (syscall(SYS_openat, AT_FDCWD, 8, O_RDONLY) >= 0 || errno != EFAULT)
                return __LINE__;
        return open("/proc/self/stat", O_RDONLY) >= 0 ? 0 : __LINE__;
}

static void record_calls_of_files(void *unused)
{
        static const char *const expected[][2] = {
                { "read /absent/openat by program", "ReadOnlyPaths=/absent/openat" },
                { "read /absent/relative by program", "ReadOnlyPaths=/absent/relative" },
                { "write /absent/openat2 by program", "ReadWritePaths=/absent" },
                { "read /absent/execve by program", "ReadOnlyPaths=/absent/execve" },
                { "write /absent/mkdir by program", "ReadWritePaths=/absent" },
                { "write /absent/unlink by program", "ReadWritePaths=/absent" },
                { "write /absent/rename by program", "ReadWritePaths=/absent" },
                { "write /absent/rmdir by program", "ReadWritePaths=/absent" },
        };
        int status;

        filter(CALLS_JIT | CALLS_UNIX | CALLS_SUBPROCESS | CALLS_SIGNALS);
        child_expect(open("/absent/own", O_RDONLY) < 0); /* the run's own are told by who makes them */
        pid_t pid = fork();
        child_expect(pid >= 0);
        if (pid == 0)
                _exit(use_files() & 0xff);
        child_expect(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
        if (WEXITSTATUS(status) != 0)
                child_fail(__FILE__, WEXITSTATUS(status), "line of use_files(), modulo 256");
        for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
                expect_told(expected[i][0], expected[i][1], 1);
        expect_silence();
}

/* Who cannot be answered must not wait: it has yet to report that it did not start. */
static void no_thread(void *unused)
{
        const unsigned flags = CALLS_JIT | CALLS_UNIX | CALLS_SUBPROCESS | CALLS_SIGNALS;
        const struct rlimit nothing = { 0 };
        struct error error = ERROR_INIT;

#ifdef HAVE_SANITIZERS
        child_skip("sanitizers need memory");
#endif
        int r = calls_prepare(flags | CALLS_FILES, 0, &error);
        if (r == CALLS_ABSENT)
                child_skip("no seccomp filters");
        child_expect(r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        child_expect(setrlimit(RLIMIT_AS, &nothing) == 0);
        child_expect(calls_install(flags, &error) < 0);
        child_expect(open("/usr", O_RDONLY) < 0 && errno == ENOSYS);
}

START_TEST(denials_without_a_listener)
{
        child_run_check(no_thread, NULL);
}
END_TEST

START_TEST(denials_of_files_of_programs)
{
        child_run_check(record_expectations, NULL);
        child_run_check(record_expectations_by_landlock, NULL);
        child_run_check(record_some_alone, NULL);
        child_run_check(record_calls_of_files, NULL);
}
END_TEST

TCase *test_sandbox_denials(void)
{
        TCase *test_case = tcase_create("denials");

        tcase_set_timeout(test_case, 120);
        tcase_add_test(test_case, denials_of_files);
        tcase_add_test(test_case, denials_are_counted_and_told_as_they_add_up);
        tcase_add_test(test_case, denials_are_bounded);
        tcase_add_test(test_case, denials_as_text);
        tcase_add_test(test_case, denials_of_calls);
        tcase_add_test(test_case, denials_of_calls_of_threads);
        tcase_add_test(test_case, denials_of_calls_of_programs);
        tcase_add_test(test_case, denials_of_files_of_programs);
        tcase_add_test(test_case, denials_without_a_listener);
        return test_case;
}
