/* SPDX-License-Identifier: MPL-2.0 */
/* Landlock, capabilities and resource limits: each applied in a child, which then tries what it may not. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "runner/limits.h"
#include "runner/sandbox_caps.h"
#include "runner/sandbox_landlock.h"
#include "tests/unit/test_sandbox.h"
#include "tests/unit/unit.h"

/* ---- Landlock ---- */

static void landlock(const struct landlock_policy *policy)
{
        struct error error = ERROR_INIT;

        child_expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        int r = landlock_apply(policy, &error);
        if (r == LANDLOCK_ABSENT)
                child_skip("no Landlock in this kernel");
        if (r != 0)
                child_fail(__FILE__, __LINE__, error.text);
}

static void file_make(const char *path)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

        child_expect(fd >= 0 && write(fd, "text", 4) == 4 && close(fd) == 0);
}

static int file_open(const char *path, int flags)
{
        int fd = open(path, flags | O_CLOEXEC, 0600);

        if (fd >= 0)
                close(fd);
        return fd >= 0 ? 0 : -1;
}

/* In the current directory: hidden/, seen/, own/, each with a file; file. */
static void landlock_files(void *unused)
{
        static const char *const directories[] = { "hidden", "seen", "own", "own/other" };
        static const char *const files[] = { "hidden/file", "seen/file", "own/file", "own/other/file",
                                             "file" };

        for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
                child_expect(mkdir(directories[i], 0700) == 0);
        for (size_t i = 0; i < ARRAY_SIZE(files); i++)
                file_make(files[i]);
        int own = open("own", O_PATH | O_CLOEXEC);
        const struct landlock_rule rules[] = {
                { .path = "seen", .access = LANDLOCK_READ },
                { .fd = own, .access = LANDLOCK_READ_WRITE },
                { .path = "file", .access = LANDLOCK_READ_WRITE },
                { .path = "absent", .access = LANDLOCK_READ, .optional = true },
                { .path = "/usr", .access = LANDLOCK_READ_EXECUTE },
        };
        landlock(&(struct landlock_policy){ .rules = rules, .count = ARRAY_SIZE(rules) });

        child_expect_errno(file_open("hidden/file", O_RDONLY), EACCES);
        child_expect_errno(file_open("hidden", O_RDONLY), EACCES);
        child_expect_errno(unlink("hidden/file"), EACCES);
        child_expect_errno(mkdir("directory", 0700), EACCES);
        child_expect(file_open("seen/file", O_RDONLY) == 0);
        child_expect_errno(file_open("seen/file", O_WRONLY), EACCES);
        child_expect_errno(file_open("seen/new", O_WRONLY | O_CREAT), EACCES);
        if (landlock_abi() >= 3)
                child_expect_errno(truncate("seen/file", 0), EACCES);
        child_expect(file_open("own/file", O_RDWR | O_TRUNC) == 0);
        child_expect(file_open("own/new", O_WRONLY | O_CREAT) == 0);
        child_expect(symlink("../hidden/file", "own/link") == 0);
        child_expect_errno(file_open("own/link", O_RDONLY), EACCES);
        child_expect(file_open("file", O_RDWR) == 0);
        if (landlock_abi() >= 2)
                child_expect(rename("own/file", "own/other/moved") == 0);
        child_expect(rename("seen/file", "own/file") == -1 && (errno == EACCES || errno == EXDEV));
        child_expect(mknod("own/device", S_IFCHR | 0600, 0) == -1 && (errno == EACCES || errno == EPERM));
        execl("own/other/file", "file", NULL);
        child_expect(errno == EACCES);
}

static void in_directory(void (*body)(void *))
{
        char *directory = unit_directory();

        ck_assert_int_eq(chdir(directory), 0);
        child_run_check(body, NULL);
        ck_assert_int_eq(chdir("/"), 0);
        unit_directory_remove(directory);
}

START_TEST(landlock_shows_what_the_rules_say)
{
        in_directory(landlock_files);
}
END_TEST

static int tcp_connect(void)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = {
                .sin_family = AF_INET,
                .sin_port = htons(1),
                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };

        child_expect(fd >= 0);
        return connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static void landlock_network(void *unused)
{
        if (landlock_abi() < 4)
                child_skip("Landlock knows TCP from ABI 4 on");
        landlock(&(struct landlock_policy){ .network = true });
        child_expect_errno(tcp_connect(), ECONNREFUSED);
        landlock(&(struct landlock_policy){ .network = false });
        child_expect_errno(tcp_connect(), EACCES);
}

START_TEST(landlock_without_network_refuses_tcp)
{
        child_run_check(landlock_network, NULL);
}
END_TEST

static void landlock_scopes(void *unused)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        if (landlock_abi() < 6)
                child_skip("Landlock knows signals and abstract sockets from ABI 6 on");
        snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "bgtaskd-unit-%d", (int)getpid());
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        child_expect(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
        child_expect(listen(listener, 1) == 0);
        landlock(&(struct landlock_policy){ .network = true });
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        child_expect_errno(connect(fd, (struct sockaddr *)&address, sizeof(address)), EPERM);
        child_expect_errno(kill(getppid(), 0), EPERM);
        child_expect(kill(getpid(), 0) == 0);
}

START_TEST(landlock_keeps_signals_and_abstract_sockets_in)
{
        child_run_check(landlock_scopes, NULL);
}
END_TEST

static void landlock_missing(void *unused)
{
        const struct landlock_rule rule = { .path = "/absent/path", .access = LANDLOCK_READ };
        struct error error = ERROR_INIT;

        child_expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        int r = landlock_apply(&(struct landlock_policy){ .rules = &rule, .count = 1 }, &error);
        if (r == LANDLOCK_ABSENT)
                child_skip("no Landlock in this kernel");
        child_expect(r == -ENOENT && strstr(error.text, "/absent/path") != NULL);
        child_expect(file_open("/", O_RDONLY) == 0);
}

START_TEST(landlock_names_the_path_that_is_missing)
{
        child_run_check(landlock_missing, NULL);
}
END_TEST

/* ---- capabilities ---- */

static void drop_capabilities(void *unused)
{
        struct error error = ERROR_INIT;
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
        bool is_root = geteuid() == 0;

        int r = caps_bound(&error);
        child_expect(r == 0 || r == CAPS_UNBOUNDED);
        child_expect(r == 0 || !is_root || prctl(PR_CAPBSET_READ, CAP_SETPCAP, 0, 0, 0) == 0);
        child_expect(caps_drop(&error) == 0);
        child_expect(syscall(SYS_capget, &header, sets) == 0);
        for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
                child_expect((sets[i].effective | sets[i].permitted | sets[i].inheritable) == 0);
        if (r == 0) {
                child_expect(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 0);
                child_expect_errno(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0), EPERM);
        }
        child_expect_errno(chroot("/"), EPERM);
        if (is_root) { /* who is still 0 but has nothing */
                child_expect_errno(setuid(1), EPERM);
                child_expect_errno(setgroups(0, NULL), EPERM);
        }
}

START_TEST(capabilities_are_gone)
{
        child_run_check(drop_capabilities, NULL);
}
END_TEST

/* ---- limits ---- */

static bool limits_alone = true; /* as in direct mode */

static void limits(struct host *host, void (*change)(struct task_policy *policy))
{
        struct task_policy policy;
        struct error error = ERROR_INIT;

        task_policy_init(&policy);
        if (change)
                change(&policy);
        if (limits_apply(host, &policy, limits_alone, &error) < 0)
                child_fail(__FILE__, __LINE__, error.text);
        task_policy_done(&policy);
}

static rlim_t limit_of(int resource)
{
        struct rlimit limit;

        child_expect(getrlimit((__rlimit_resource_t)resource, &limit) == 0);
        return limit.rlim_max;
}

static void change_all(struct task_policy *policy)
{
        policy->limit_nofile = 64;
        policy->limit_fsize = 4096;
        policy->limit_cpu_sec = 30;
        policy->subprocess = true; /* else nothing can be too many */
        policy->tasks_max = 20;
        policy->memory_max = UINT64_C(256) << 20;
}

/* Of one zygote's runs nobody is refused a process because of what another has started. */
static void limit_beside_others(void *unused)
{
        struct host host = { .heap_max = 1 };
        const rlim_t before = limit_of(RLIMIT_NPROC);

        limits_alone = false;
        limits(&host, change_all);
        child_expect(limit_of(RLIMIT_NPROC) == before && limit_of(RLIMIT_NOFILE) == 64);
}

START_TEST(limits_do_not_count_others)
{
        child_run_check(limit_beside_others, NULL);
}
END_TEST

static void limit_all(void *unused)
{
        struct host host = { .heap_max = 1 };
        char buffer[8192] = { 0 };
        sigset_t blocked;

        limits(&host, change_all);
        child_expect(limit_of(RLIMIT_CORE) == 0 && limit_of(RLIMIT_RTPRIO) == 0);
        child_expect(limit_of(RLIMIT_MSGQUEUE) == 0 && limit_of(RLIMIT_MEMLOCK) <= 65536);
        child_expect(limit_of(RLIMIT_NOFILE) == 64 && limit_of(RLIMIT_NPROC) == 21);
        child_expect(limit_of(RLIMIT_CPU) == 40 && host.cpu_limit_sec == 30);
        child_expect(host.heap_max == (size_t)224 << 20);
        child_expect(sigprocmask(SIG_SETMASK, NULL, &blocked) == 0 && sigismember(&blocked, SIGXCPU));
        int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        child_expect(fd >= 0);
        child_expect(write(fd, buffer, sizeof(buffer)) == 4096); /* what still fits */
        child_expect_errno(write(fd, buffer, 1), EFBIG);
        for (int i = 0; i < 64; i++)
                if (dup(fd) < 0)
                        return;
        child_fail(__FILE__, __LINE__, "no more than 64 descriptors");
}

START_TEST(limits_are_what_the_task_file_says)
{
        in_directory(limit_all);
}
END_TEST

static void limit_nothing(void *unused)
{
        struct host host = { .heap_max = (size_t)64 << 20 };
        struct rlimit before, after;

        child_expect(getrlimit(RLIMIT_CPU, &before) == 0);
        const rlim_t processes = limit_of(RLIMIT_NPROC);
        limits(&host, NULL);
        child_expect(getrlimit(RLIMIT_CPU, &after) == 0);
        child_expect(before.rlim_cur == after.rlim_cur && host.cpu_limit_sec == 0);
        child_expect(limit_of(RLIMIT_NPROC) == processes);
        child_expect(host.heap_max == (size_t)64 << 20);
}

START_TEST(limits_of_a_task_without_a_file)
{
        child_run_check(limit_nothing, NULL);
}
END_TEST

#ifndef HAVE_SANITIZERS
static void limit_memory(void *unused)
{
        struct host host = { .heap_max = 1 };

        limits(&host, change_all);
        child_expect(malloc((size_t)512 << 20) == NULL);
        void *fits = malloc((size_t)16 << 20);
        child_expect(fits != NULL);
        free(fits);
}

START_TEST(limits_of_memory_fail_the_allocation)
{
        child_run_check(limit_memory, NULL);
}
END_TEST
#endif

TCase *test_sandbox_layers(void)
{
        TCase *test_case = tcase_create("layers");

        tcase_set_timeout(test_case, 120);
        tcase_add_test(test_case, landlock_shows_what_the_rules_say);
        tcase_add_test(test_case, landlock_without_network_refuses_tcp);
        tcase_add_test(test_case, landlock_keeps_signals_and_abstract_sockets_in);
        tcase_add_test(test_case, landlock_names_the_path_that_is_missing);
        tcase_add_test(test_case, capabilities_are_gone);
        tcase_add_test(test_case, limits_do_not_count_others);
        tcase_add_test(test_case, limits_are_what_the_task_file_says);
        tcase_add_test(test_case, limits_of_a_task_without_a_file);
#ifndef HAVE_SANITIZERS
        tcase_add_test(test_case, limits_of_memory_fail_the_allocation);
#endif
        return test_case;
}
