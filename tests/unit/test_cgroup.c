/* SPDX-License-Identifier: MPL-2.0 */
/* Groups of runs: the files of one against a directory that stands in for it, the rest in the real tree, if we may. */
#include "config.h"

#include "daemon/cgroup.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/cgroup_internal.h"
#include "daemon/job_cgroup.h"
#include "lib/cleanup.h"
#include "lib/util.h"
#include "tests/unit/unit.h"

#define ALL_CONTROLLERS ((1U << CGROUP_CONTROLLER_COUNT) - 1)

static char *directory;
static int directory_fd = -1;

static void setup_directory(void)
{
        directory = unit_directory();
        directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(directory_fd, 0);
}

static void teardown_directory(void)
{
        close(directory_fd);
        unit_directory_remove(directory);
}

static void file_make(const char *name, const char *text)
{
        ck_assert_int_eq(file_write_atomic(directory_fd, name, text, strlen(text), 0600, false), 0);
}

static const char *file_text(const char *name)
{
        static char text[4096];

        ck_assert_int_eq(cgroup_file_read(directory_fd, name, text, sizeof(text)), 0);
        return text;
}

static const struct {
        const char *file;
        const char *expected;
} limit_rows[] = {
        { "memory.max", "67108864" }, { "memory.swap.max", "0" },     { "memory.oom.group", "1" },
        { "pids.max", "12" },         { "cpu.max", "150000 100000" }, { "io.weight", "default 50" },
};

static const struct cgroup_limits all_limits = {
        .memory_max = 64 << 20,
        .memory_swap_max = 0,
        .tasks_max = 12,
        .cpu_quota = 150,
        .io_weight = 50,
};

static const struct cgroup_limits no_limits = {
        .memory_max = CGROUP_NO_LIMIT,
        .memory_swap_max = CGROUP_NO_LIMIT,
        .tasks_max = CGROUP_NO_LIMIT,
};

START_TEST(test_limits_are_written)
{
        struct error error = ERROR_INIT;

        for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++)
                file_make(limit_rows[i].file, "");
        ck_assert_int_eq(cgroup_limits_write(directory_fd, 0, &all_limits, &error), 0);
        ck_assert_int_eq(cgroup_limits_write(directory_fd, ALL_CONTROLLERS, &no_limits, &error), 0);
        for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++)
                ck_assert_str_eq(file_text(limit_rows[i].file), "");
        ck_assert_int_eq(cgroup_limits_write(directory_fd, ALL_CONTROLLERS, &all_limits, &error), 0);
        for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++)
                ck_assert_str_eq(file_text(limit_rows[i].file), limit_rows[i].expected);
}
END_TEST

/* Each key of a task file is in the file that it is about. */
START_TEST(test_limits_of_a_task_file)
{
        static const struct {
                const char *key, *value;
        } rows[] = {
                { "MemoryMax", "64M" }, { "MemorySwapMax", "0" }, { "TasksMax", "17" },
                { "CPUQuota", "150%" }, { "IOWeight", "50" },
        };
        struct task_policy policy;
        struct cgroup_limits limits;
        struct error error = ERROR_INIT;

        for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++)
                file_make(limit_rows[i].file, "");
        task_policy_init(&policy);
        job_limits(&policy, &limits);
        ck_assert_int_eq(cgroup_limits_write(directory_fd, ALL_CONTROLLERS, &limits, &error), 0);
        for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++)
                ck_assert_str_eq(file_text(limit_rows[i].file),
                                 strcmp(limit_rows[i].file, "pids.max") == 0 ? "256" : "");
        for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++)
                file_make(limit_rows[i].file, ""); /* the kernel's forget what was written before */
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                ck_assert_int_eq(task_policy_set(&policy, rows[i].key, rows[i].value, &error), 0);
        job_limits(&policy, &limits);
        task_policy_done(&policy);
        ck_assert_int_eq(cgroup_limits_write(directory_fd, ALL_CONTROLLERS, &limits, &error), 0);
        for (size_t i = 0; i < ARRAY_SIZE(limit_rows); i++)
                ck_assert_str_eq(file_text(limit_rows[i].file),
                                 strcmp(limit_rows[i].file, "pids.max") == 0 ? "17" : limit_rows[i].expected);
}
END_TEST

START_TEST(test_limit_that_cannot_be_set)
{
        struct error error = ERROR_INIT;

        ck_assert_int_eq(cgroup_limits_write(directory_fd, 1U << CGROUP_MEMORY, &all_limits, &error),
                         -ENOENT);
        ck_assert_ptr_nonnull(strstr(error.text, "memory.max"));
        ck_assert_int_eq(cgroup_limits_write(directory_fd, 1U << CGROUP_PIDS, &all_limits, &error), -ENOENT);
        ck_assert_ptr_nonnull(strstr(error.text, "pids.max"));
        /* Weights are the disk scheduler's. */
        ck_assert_int_eq(cgroup_limits_write(directory_fd, 1U << CGROUP_IO, &all_limits, &error), 0);
}
END_TEST

START_TEST(test_numbers)
{
        file_make("cpu.stat", "usage_usec 123\nuser_usec 100\nsystem_usec 23\n");
        file_make("memory.peak", "4096\n");
        file_make("memory.events", "low 0\noom 2\noom_kill 1\noom_group_kill 1\n");
        file_make("io.stat",
                  "8:0 rbytes=10 wbytes=1 rios=1 wios=1\n8:16 rbytes=5 wbytes=2 dbytes=7\n254:0 \n");
        file_make("bad", "x\n-5\nkey\nkey x\nkey -7\n");
        ck_assert_int_eq(cgroup_file_number(directory_fd, "cpu.stat", "usage_usec"), 123);
        ck_assert_int_eq(cgroup_file_number(directory_fd, "cpu.stat", "usage"), -1);
        ck_assert_int_eq(cgroup_file_number(directory_fd, "memory.peak", NULL), 4096);
        ck_assert_int_eq(cgroup_file_number(directory_fd, "memory.events", "oom_kill"), 1);
        ck_assert_int_eq(cgroup_file_number(directory_fd, "bad", NULL), -1);
        ck_assert_int_eq(cgroup_file_number(directory_fd, "bad", "key"), -1);
        ck_assert_int_eq(cgroup_file_number(directory_fd, "absent", NULL), -1);
        ck_assert_int_eq(cgroup_file_io(directory_fd, "rbytes"), 15);
        ck_assert_int_eq(cgroup_file_io(directory_fd, "wbytes"), 3);
}
END_TEST

/* Without cgroup.kill processes are killed by their numbers, of which the last one may be cut off in the text. */
START_TEST(test_half_a_number_is_nobody)
{
        char text[CGROUP_TEXT_MAX + 2], number[16], byte = 0;
        int go[2], status;

        ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
        pid_t pid = fork();
        if (pid == 0)
                _exit(read(go[0], &byte, 1) == 1 ? 7 : 1);
        ck_assert_int_gt(pid, 0);
        snprintf(number, sizeof(number), "\n%d0\n", (int)pid);
        memset(text, '0', sizeof(text));
        /* All of it but the last "0" is what is read. */
        strcpy(text + CGROUP_TEXT_MAX - 1 - (strlen(number) - 2), number);
        ck_assert_int_eq(mkdirat(directory_fd, "group", 0700), 0);
        file_make("group/cgroup.procs", text);
        ck_assert_int_eq(cgroup_kill_at(directory_fd, "group"), 0);
        ck_assert_int_eq(write(go[1], &byte, 1), 1);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
        close(go[0]);
        close(go[1]);
}
END_TEST

/* ---- in the real tree ---- */

static struct event_base *base;
static struct cgroups *cgroups;

static bool real_start(void)
{
        base = event_base_new();
        ck_assert_ptr_nonnull(base);
        ck_assert_int_eq(cgroups_new(base, directory, &cgroups), 0);
        if (cgroups_available(cgroups))
                return true;
        ck_assert_ptr_nonnull(cgroups_degraded(cgroups));
        printf("not tried: %s\n", cgroups_degraded(cgroups));
        return false;
}

static bool real_has(const char *name)
{
        return faccessat(cgroups->fd, name, F_OK, 0) == 0;
}

static void real_stop(void)
{
        _cleanup_free_ char *path = cgroups->outer ? strdup(cgroups->path) : NULL;

        cgroups_free(cgroups);
        event_base_free(base);
        /* Ours, and gone with us. */
        ck_assert(!path || access(path, F_OK) < 0);
}

/* A process in the group that has forked one more, which neither ends by itself nor heeds SIGTERM. */
static pid_t real_process(const struct cgroup *cgroup)
{
        int ready[2];
        char byte;
        int fd = cgroup_directory(cgroup);
        struct clone_args args = { .flags = CLONE_INTO_CGROUP,
                                   .exit_signal = SIGCHLD,
                                   .cgroup = (uint64_t)fd };

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
        if (pid == 0) {
                signal(SIGTERM, SIG_IGN);
                if (fork() == 0) {
                        setsid();
                        if (write(ready[1], "x", 1) != 1)
                                _exit(1);
                }
                for (;;)
                        pause();
        }
        ck_assert_int_gt(pid, 0);
        close(fd);
        close(ready[1]);
        ck_assert_int_eq(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        return pid;
}

START_TEST(test_an_unused_group_goes_at_once)
{
        struct error error = ERROR_INIT;
        struct cgroup *cgroup, *again;

        if (!real_start())
                return;
        ck_assert_msg(cgroup_new(cgroups, 7, 1, &cgroup, &error) == 0, "%s", error.text);
        ck_assert(real_has("run-7.1"));
        ck_assert_int_eq(cgroup_find(cgroups, 7, 2, &again), -ENOENT);
        ck_assert_int_eq(cgroup_find(cgroups, 7, 1, &again), 0);
        cgroup_free(again);
        ck_assert(real_has("run-7.1"));
        cgroup_end(cgroup);
        ck_assert(!real_has("run-7.1"));
        real_stop();
}
END_TEST

START_TEST(test_all_in_a_group_is_killed)
{
        struct error error = ERROR_INIT;
        struct cgroup *cgroup;
        struct cgroup_usage usage;
        int status;

        if (!real_start())
                return;
        ck_assert_msg(cgroup_new(cgroups, 8, 3, &cgroup, &error) == 0, "%s", error.text);
        ck_assert_msg(cgroup_limit(cgroup, &all_limits, &error) == 0, "%s", error.text);
        pid_t pid = real_process(cgroup);
        cgroup_usage(cgroup, &usage);
        ck_assert_int_ge(usage.cpu_time_us, 0);
        ck_assert_int_eq(usage.oom_kills, cgroups_has(cgroups, CGROUP_MEMORY) ? 0 : -1);
        cgroup_end(cgroup);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        /* Ends when there is nothing more to wait for: by the kernel's word, not by the deadline. */
        while (!LIST_EMPTY(&cgroups->ending))
                ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
        ck_assert(!real_has("run-8.3"));
        real_stop();
}
END_TEST

static bool keep_nine(int64_t run_id, int64_t epoch, void *data)
{
        return run_id == 9 && epoch == 1;
}

START_TEST(test_leftovers)
{
        struct error error = ERROR_INIT;
        struct cgroup *kept, *left;

        if (!real_start())
                return;
        ck_assert_int_eq(cgroup_new(cgroups, 9, 1, &kept, &error), 0);
        ck_assert_int_eq(cgroup_new(cgroups, 10, 1, &left, &error), 0);
        cgroup_free(left);
        cgroups_sweep(cgroups, keep_nine, NULL);
        ck_assert(real_has("run-9.1"));
        ck_assert(!real_has("run-10.1"));
        /* The store says that it is not under way: what has its name is a leftover. */
        ck_assert_int_eq(mkdirat(cgroups->fd, "run-10.1", 0755), 0);
        ck_assert_int_eq(cgroup_new(cgroups, 10, 1, &left, &error), 0);
        cgroup_end(left);
        cgroup_end(kept);
        real_stop();
}
END_TEST

/* What a process that is cloned into a group from where the daemon is now becomes: its exit status. */
static int real_exit(void)
{
        struct error error = ERROR_INIT;
        struct cgroup *cgroup;
        int status;

        ck_assert_msg(cgroup_new(cgroups, 11, 1, &cgroup, &error) == 0, "%s", error.text);
        int fd = cgroup_directory(cgroup);
        struct clone_args args = { .flags = CLONE_INTO_CGROUP,
                                   .exit_signal = SIGCHLD,
                                   .cgroup = (uint64_t)fd };
        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
        if (pid == 0)
                _exit(7);
        ck_assert_int_gt(pid, 0);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        close(fd);
        cgroup_end(cgroup);
        return status;
}

/* As after a crash: we are where we were started, and the leaf was killed as a whole. Its place, to be closed. */
static int real_crash(void)
{
        char pid[24];
        _cleanup_free_ char *outside = format_string("%s/cgroup.procs", cgroups->outer);
        int fd = openat(cgroups->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        ck_assert_int_eq(cgroup_file_write(AT_FDCWD, outside, pid), 0);
        ck_assert_int_eq(cgroup_file_write(fd, "daemon/cgroup.kill", "1"), 0);
        return fd;
}

/* The next daemon, without an orderly end of this one: runs live in their groups. */
static void real_again(void)
{
        cgroups_stay(cgroups);
        cgroups_free(cgroups);
        ck_assert_int_eq(cgroups_new(base, directory, &cgroups), 0);
        ck_assert(cgroups_available(cgroups));
        int status = real_exit();
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/*
 * Found by tests/chaos: a daemon that was killed between the end of its zygotes and that of its group left a group that
 * had been killed, and from there Linux 6.18 kills whatever is started into another.
 */
START_TEST(test_a_leaf_that_was_killed)
{
        if (!real_start())
                return;
        int status = real_exit();
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
        if (cgroups->outer) {
                close(real_crash());
                real_again();
        }
        real_stop();
}
END_TEST

/* Somebody is still there, as where systemd has put us in it: then there is another. */
START_TEST(test_a_leaf_that_was_killed_and_is_in_use)
{
        int status, go[2];
        char pid[24], byte;

        if (!real_start())
                return;
        if (cgroups->outer) {
                int fd = real_crash();
                ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
                pid_t other = fork();
                if (other == 0) {
                        close(go[1]);
                        _exit(read(go[0], &byte, 1) == 0 ? 0 : 1);
                }
                snprintf(pid, sizeof(pid), "%d", (int)other);
                ck_assert_int_eq(cgroup_file_write(fd, "daemon/cgroup.procs", pid), 0);
                close(fd);
                real_again();
                real_again(); /* after a re-exec */
                close(go[1]);
                close(go[0]);
                ck_assert_int_eq(waitpid(other, &status, 0), other);
                real_again(); /* and once nobody else is there */
                ck_assert(real_has("daemon"));
        }
        real_stop();
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup_directory, teardown_directory);
        tcase_add_test(test_case, test_limits_are_written);
        tcase_add_test(test_case, test_limits_of_a_task_file);
        tcase_add_test(test_case, test_limit_that_cannot_be_set);
        tcase_add_test(test_case, test_numbers);
        tcase_add_test(test_case, test_half_a_number_is_nobody);
        tcase_add_test(test_case, test_an_unused_group_goes_at_once);
        tcase_add_test(test_case, test_all_in_a_group_is_killed);
        tcase_add_test(test_case, test_leftovers);
        tcase_add_test(test_case, test_a_leaf_that_was_killed);
        tcase_add_test(test_case, test_a_leaf_that_was_killed_and_is_in_use);
}

int main(void)
{
        return unit_main("cgroup", add);
}
