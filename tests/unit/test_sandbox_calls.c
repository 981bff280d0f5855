/* SPDX-License-Identifier: MPL-2.0 */
/* The filter of calls (runner/sandbox_calls.h): what it lets through, what it refuses and how. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/util.h"
#include "runner/sandbox_calls.h"
#include "tests/unit/test_sandbox.h"

#ifndef AF_VSOCK
#define AF_VSOCK 40
#endif
#define CALL_CLONE3 435
#define CALL_IO_URING_SETUP 425
#define CALL_PIDFD_OPEN 434
#define CALL_UNKNOWN 1000 /* no kernel has it */

/* Put the filter for @flags on this child. */
static void install(unsigned flags)
{
        struct error error = ERROR_INIT;

        child_expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        int r = calls_install(flags, &error);
        if (r == CALLS_ABSENT)
                child_skip("no seccomp filters");
        if (r != 0)
                child_fail(__FILE__, __LINE__, error.text);
}

static void refuse_what_leads_out(void *unused)
{
        char buffer[8];

        install(CALLS_NETWORK | CALLS_UNIX | CALLS_JIT);
        child_expect_errno(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), EPERM);
        child_expect_errno(syscall(SYS_execve, "/bin/true", NULL, NULL), EPERM);
        child_expect_errno(syscall(SYS_execveat, -1, "/bin/true", NULL, NULL, 0), EPERM);
        child_expect_errno(syscall(CALL_CLONE3, NULL, 0), ENOSYS);
        child_expect_errno(syscall(CALL_IO_URING_SETUP, 1, buffer), EPERM);
        child_expect_errno(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), EPERM);
        child_expect_errno(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0), EPERM);
        child_expect_errno(syscall(SYS_kcmp, 1, 1, 0, 0, 0), EPERM);
        child_expect_errno(unshare(CLONE_NEWUSER), EPERM);
        child_expect_errno(setns(0, 0), EPERM);
        child_expect_errno(mount("none", "/", NULL, 0, NULL), EPERM);
        child_expect_errno(umount2("/", MNT_DETACH), EPERM);
        child_expect_errno(chroot("/"), EPERM);
        child_expect_errno(syscall(SYS_bpf, 0, NULL, 0), EPERM);
        child_expect_errno(syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0), EPERM);
        child_expect_errno(syscall(SYS_userfaultfd, 0), EPERM);
        child_expect_errno(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM);
        child_expect_errno(syscall(SYS_add_key, NULL, NULL, NULL, 0, 0), EPERM);
        child_expect_errno(syscall(SYS_open_by_handle_at, 0, NULL, 0), EPERM);
        child_expect_errno(syscall(CALL_PIDFD_OPEN, getppid(), 0), EPERM);
        child_expect_errno(syscall(SYS_reboot, 0, 0, 0, NULL), EPERM);
        child_expect_errno(syscall(SYS_personality, 0x0400000), EPERM);
        child_expect_errno(setsid(), EPERM);
        child_expect_errno(ioctl(0, TIOCSTI, "x"), EPERM);
        child_expect_errno(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), EPERM);
        child_expect_errno(mknod("/tmp/x", S_IFCHR | 0600, 0), EPERM);
        child_expect_errno(truncate("/dev/null", 0), EPERM);
        child_expect_errno(setpriority(PRIO_USER, 0, 0), EPERM);
        child_expect_errno(setpriority(PRIO_PGRP, 0, 0), EPERM);
        child_expect_errno(syscall(CALL_UNKNOWN), ENOSYS);
}

START_TEST(calls_that_lead_out_are_refused)
{
        child_run_check(refuse_what_leads_out, NULL);
}
END_TEST

static void *thread_main(void *data)
{
        *(int *)data = 1;
        return NULL;
}

static void allow_what_a_task_needs(void *unused)
{
        pthread_t thread;
        int ran = 0, fds[2];
        struct rlimit limit;

        install(CALLS_JIT);
        child_expect(pthread_create(&thread, NULL, thread_main, &ran) == 0);
        child_expect(pthread_join(thread, NULL) == 0 && ran == 1);
        child_expect(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
        child_expect(send(fds[0], "x", 1, 0) == 1);
        child_expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
        child_expect(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)) == 0);
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        child_expect(fd >= 0 && write(fd, "x", 1) == 1 && fcntl(fd, F_GETFL) >= 0);
        child_expect(isatty(fd) == 0 && errno == ENOTTY);
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        child_expect(page != MAP_FAILED && mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
        child_expect(prctl(PR_SET_NAME, "name", 0, 0, 0) == 0);
        child_expect(getrlimit(RLIMIT_NOFILE, &limit) == 0);
        child_expect(syscall(SYS_personality, 0xffffffff) >= 0);
}

START_TEST(calls_that_a_task_needs_are_allowed)
{
        child_run_check(allow_what_a_task_needs, NULL);
}
END_TEST

/* The kernel takes an int from half a register: the other half must not help. */
static void refuse_the_upper_half(void *unused)
{
        const uint64_t upper = UINT64_C(1) << 32;

        install(CALLS_JIT);
        child_expect_errno(syscall(SYS_ioctl, 0, TIOCSTI | upper, "x"), EPERM);
        child_expect_errno(syscall(SYS_fcntl, 0, F_SETOWN | upper, getppid()), EPERM);
        child_expect_errno(syscall(SYS_kill, (uint64_t)(unsigned)getppid() | upper, 0), EPERM);
        child_expect_errno(syscall(SYS_socket, AF_INET | upper, SOCK_STREAM, 0), EAFNOSUPPORT);
        child_expect_errno(syscall(SYS_socket, AF_PACKET | upper, SOCK_RAW, 0), EAFNOSUPPORT);
}

START_TEST(calls_are_judged_by_what_the_kernel_takes)
{
        child_run_check(refuse_the_upper_half, NULL);
}
END_TEST

static int socket_errno(int family, int type)
{
        int fd = socket(family, type | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return errno;
        close(fd);
        return 0;
}

static void refuse_families(void *data)
{
        static const int never[] = { AF_PACKET, AF_VSOCK, AF_ALG, AF_BLUETOOTH, AF_CAN, AF_KEY, AF_TIPC };
        const unsigned flags = *(const unsigned *)data;

        install(flags);
        for (size_t i = 0; i < ARRAY_SIZE(never); i++)
                child_expect(socket_errno(never[i], SOCK_RAW) == EAFNOSUPPORT);
        const bool network = flags & CALLS_NETWORK;
        child_expect((socket_errno(AF_INET, SOCK_STREAM) == EAFNOSUPPORT) == !network);
        child_expect((socket_errno(AF_INET6, SOCK_DGRAM) == EAFNOSUPPORT) == !network ||
                     errno == EAFNOSUPPORT);
        child_expect((socket_errno(AF_NETLINK, SOCK_RAW) == EAFNOSUPPORT) == !network);
        child_expect((socket_errno(AF_UNIX, SOCK_STREAM) == EAFNOSUPPORT) == !(flags & CALLS_UNIX));
        if (!network && !(flags & CALLS_UNIX))
                child_expect_errno(connect(0, NULL, 0), EPERM);
        int fds[2];
        child_expect((socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) == 0) == !!(flags & CALLS_UNIX));
        child_expect((socketpair(AF_UNIX, SOCK_RAW, 0, fds) == 0) == !!(flags & CALLS_UNIX));
        if (network) /* of netlink, routes alone */
                child_expect(socket(AF_NETLINK, SOCK_RAW, 9 /* audit */) < 0 && errno == EAFNOSUPPORT);
}

START_TEST(calls_make_sockets_of_allowed_families_alone)
{
        static const unsigned flags[] = {
                CALLS_JIT,
                CALLS_JIT | CALLS_NETWORK,
                CALLS_JIT | CALLS_UNIX,
                CALLS_JIT | CALLS_NETWORK | CALLS_UNIX,
                CALLS_JIT | CALLS_SUBPROCESS,
                CALLS_JIT | CALLS_SUBPROCESS | CALLS_NETWORK | CALLS_SIGNALS,
        };

        for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
                child_run_check(refuse_families, (void *)&flags[i]);
}
END_TEST

static void refuse_executable_memory(void *unused)
{
        const int map = MAP_PRIVATE | MAP_ANONYMOUS;

        install(CALLS_NETWORK);
        child_expect(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, map, -1, 0) == MAP_FAILED);
        child_expect(errno == EPERM);
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, map, -1, 0);
        child_expect(page != MAP_FAILED);
        child_expect_errno(mprotect(page, 4096, PROT_READ | PROT_EXEC), EPERM);
        child_expect(mprotect(page, 4096, PROT_READ) == 0);
        child_expect(mmap(NULL, 4096, PROT_READ | PROT_EXEC, map, -1, 0) != MAP_FAILED); /* as dlopen() */
        child_expect_errno(memfd_create("code", MFD_CLOEXEC), EPERM);
}

START_TEST(calls_without_jit_make_no_writable_memory_executable)
{
        child_run_check(refuse_executable_memory, NULL);
}
END_TEST

static void refuse_by_mdwe(void *unused)
{
        int r = calls_mdwe();

        if (r == CALLS_MDWE_ABSENT)
                child_skip("PR_SET_MDWE needs Linux 6.3");
        child_expect(r == 0);
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        child_expect(page != MAP_FAILED);
        child_expect_errno(mprotect(page, 4096, PROT_READ | PROT_EXEC), EACCES);
}

START_TEST(calls_mdwe_is_in_force)
{
        child_run_check(refuse_by_mdwe, NULL);
}
END_TEST

static void signal_oneself_alone(void *unused)
{
        install(CALLS_JIT);
        child_expect(kill(getpid(), 0) == 0);
        child_expect(syscall(SYS_tgkill, getpid(), gettid(), 0) == 0);
        child_expect_errno(kill(getppid(), 0), EPERM);
        child_expect_errno(kill(0, 0), EPERM);
        child_expect_errno(kill(-1, 0), EPERM);
        child_expect_errno(syscall(SYS_tgkill, getppid(), getppid(), 0), EPERM);
        child_expect_errno(syscall(SYS_tkill, getppid(), 0), EPERM);
        child_expect_errno(fcntl(0, F_SETOWN, getppid()), EPERM);
        child_expect_errno(prlimit(getppid(), RLIMIT_CORE, NULL, NULL), EPERM);
        raise(SIGABRT); /* reaches itself */
}

START_TEST(calls_signal_nobody_else)
{
        int status = child_status(signal_oneself_alone, NULL);

        ck_assert(WIFEXITED(status) ? WEXITSTATUS(status) == CHILD_SKIP : WTERMSIG(status) == SIGABRT);
}
END_TEST

static void signal_with_namespace(void *unused)
{
        install(CALLS_JIT | CALLS_SIGNALS);
        child_expect(kill(getppid(), 0) == 0);
        child_expect(fcntl(0, F_SETOWN, getpid()) == 0 || errno != EPERM);
        child_expect_errno(syscall(CALL_PIDFD_OPEN, getppid(), 0), EPERM);
}

START_TEST(calls_signal_whom_a_namespace_shows)
{
        child_run_check(signal_with_namespace, NULL);
}
END_TEST

#ifdef __x86_64__
static void call_x32(void *unused)
{
        install(CALLS_ALL);
        syscall(0x40000000 | SYS_getpid);
}

static void call_i386(void *unused)
{
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would make an exit of it */
        install(CALLS_ALL);
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory"); /* getpid */
}

START_TEST(calls_of_other_architectures_end_the_process)
{
        void (*const bodies[])(void *) = { call_x32, call_i386 };

        for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
                int status = child_status(bodies[i], NULL);
                if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIP)
                        continue;
                /* A kernel without i386 calls faults instead. */
                ck_assert_msg(WIFSIGNALED(status) &&
                                      (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV),
                              "call %zu: status %d", i, status);
        }
}
END_TEST
#endif

/* Flags are remembered: what was prepared is what is installed, and the process ID is the child's. */
static void install_prepared(void *unused)
{
        struct error error = ERROR_INIT;

        int r = calls_prepare(CALLS_JIT, CALLS_NETWORK | CALLS_SUBPROCESS, &error);
        if (r == CALLS_ABSENT)
                child_skip("no seccomp filters");
        child_expect(r == 0);
        child_run_check(signal_with_namespace, NULL);
        for (int i = 0; i < 2; i++) {
                int status = child_status(signal_oneself_alone, NULL);
                child_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        }
}

START_TEST(calls_are_prepared_once_for_many)
{
        child_run_check(install_prepared, NULL);
}
END_TEST

static void run_programs(void *unused)
{
        int status;

        install(CALLS_JIT | CALLS_UNIX | CALLS_SUBPROCESS | CALLS_SIGNALS);
        pid_t pid = fork();
        child_expect(pid >= 0);
        if (pid == 0) {
                execl("/bin/sh", "sh", "-c", "ls / | cat >/dev/null && (exit 7) & wait $!", NULL);
                _exit(3);
        }
        child_expect(waitpid(pid, &status, 0) == pid);
        child_expect(WIFEXITED(status) && WEXITSTATUS(status) == 7);
        child_expect_errno(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM);
        child_expect_errno(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0), EPERM);
        child_expect_errno(unshare(CLONE_NEWUSER), EPERM);
        child_expect_errno(mount("none", "/", NULL, 0, NULL), EPERM);
        child_expect_errno(ioctl(0, TIOCSTI, "x"), EPERM);
        child_expect_errno(ioctl(0, FS_IOC_SETFLAGS, NULL), EPERM);
        child_expect_errno(syscall(SYS_ioprio_set, 3 /* of a user */, 0, 0), EPERM);
        child_expect(memfd_create("file", MFD_CLOEXEC) >= 0); /* two rules allow it */
        child_expect_errno(syscall(SYS_seccomp, 1, 8 /* NEW_LISTENER */, NULL), EPERM);
        child_expect_errno(syscall(CALL_UNKNOWN), ENOSYS);
}

START_TEST(calls_of_runs_with_programs)
{
        child_run_check(run_programs, NULL);
}
END_TEST

TCase *test_sandbox_calls(void)
{
        TCase *test_case = tcase_create("calls");

        tcase_set_timeout(test_case, 120);
        tcase_add_test(test_case, calls_that_lead_out_are_refused);
        tcase_add_test(test_case, calls_that_a_task_needs_are_allowed);
        tcase_add_test(test_case, calls_are_judged_by_what_the_kernel_takes);
        tcase_add_test(test_case, calls_make_sockets_of_allowed_families_alone);
        tcase_add_test(test_case, calls_without_jit_make_no_writable_memory_executable);
        tcase_add_test(test_case, calls_mdwe_is_in_force);
        tcase_add_test(test_case, calls_signal_nobody_else);
        tcase_add_test(test_case, calls_signal_whom_a_namespace_shows);
#ifdef __x86_64__
        tcase_add_test(test_case, calls_of_other_architectures_end_the_process);
#endif
        tcase_add_test(test_case, calls_are_prepared_once_for_many);
        tcase_add_test(test_case, calls_of_runs_with_programs);
        return test_case;
}
