/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static struct rlimit process_descriptors; /* as the daemon was started; rlim_cur 0: never changed */

static struct process_end process_end_of(bool exited, int status, const struct rusage *usage)
{
        struct process_end end = {
                .exited = exited,
                .signaled = !exited,
                .exit_code = exited ? status : 0,
                .signal = exited ? 0 : status,
        };

        usage_from_rusage(usage, &end.usage);
        return end;
}

int process_reap(pid_t pid, int pidfd, struct process_end *ret)
{
        siginfo_t info = { 0 };
        struct rusage usage = { 0 };

        /* The C library's waitid has no rusage. */
        while (syscall(SYS_waitid, pidfd >= 0 ? P_PIDFD : P_PID, pidfd >= 0 ? pidfd : pid, &info,
                       WEXITED | WNOHANG | __WALL, &usage) < 0) {
                if (errno == EINTR)
                        continue;
                if (errno != ECHILD)
                        return -errno;
                *ret = (struct process_end){ 0 };
                return 0;
        }
        if (info.si_pid == 0)
                return -EAGAIN;
        *ret = process_end_of(info.si_code == CLD_EXITED, info.si_status, &usage);
        return 0;
}

bool process_is_ours(pid_t pid)
{
        siginfo_t info;

        return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

void process_sweep(bool (*is_run)(pid_t pid, void *data), void (*reaped)(pid_t pid, int status, void *data),
                   void *data)
{
        for (;;) {
                siginfo_t info = { 0 };
                int status;

                if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 || info.si_pid == 0 ||
                    is_run(info.si_pid, data) ||
                    waitpid(info.si_pid, &status, WNOHANG | __WALL) != info.si_pid)
                        return;
                reaped(info.si_pid, status, data);
        }
}

enum process_field { /* of /proc/PID/stat, counted from behind the name */
                     PROCESS_PARENT = 2,
                     PROCESS_SESSION = 4,
                     PROCESS_STARTED = 20, /* in ticks since the boot */
};

/* A number from /proc/PID/stat; -1: gone, or hidden from us. The name may hold spaces and parentheses. */
static int64_t process_stat(int proc_fd, const char *pid, enum process_field which)
{
        char path[32], text[512];

        snprintf(path, sizeof(path), "%.20s/stat", pid);
        _cleanup_close_ int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -1;
        ssize_t n = read(fd, text, sizeof(text) - 1);
        if (n <= 0)
                return -1;
        text[n] = '\0';
        /* Behind the name: state, parent, group, session; a blank before each. */
        const char *at = strrchr(text, ')');
        for (int field = 0; at && field < (int)which; field++)
                at = strchr(at + 1, ' ');
        return at ? strtoll(at, NULL, 10) : -1;
}

static void process_kill_session(pid_t session)
{
        _cleanup_closedir_ DIR *proc = opendir("/proc");

        if (!proc)
                return;
        for (struct dirent *entry; (entry = readdir(proc));) {
                int64_t pid;

                if (parse_int64(entry->d_name, 2, INT32_MAX, &pid) == 0 && pid != session &&
                    process_stat(dirfd(proc), entry->d_name, PROCESS_SESSION) == session)
                        kill((pid_t)pid, SIGKILL);
        }
}

void process_signal_run(pid_t pid, int pidfd, int signal)
{
        if (pid <= 1)
                return;
        if (kill(-pid, signal) < 0 && pidfd >= 0)
                syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
        if (signal == SIGKILL)
                process_kill_session(pid);
}

struct process_tree {
        pid_t *pids;
        size_t count, max;
};

static bool process_tree_has(const struct process_tree *tree, pid_t pid)
{
        for (size_t i = 0; i < tree->count; i++)
                if (tree->pids[i] == pid)
                        return true;
        return false;
}

/* Stop the children of those that are in it, and take them in. False: there were no further ones. */
static bool process_tree_grow(struct process_tree *tree)
{
        _cleanup_closedir_ DIR *proc = opendir("/proc");
        size_t before = tree->count;

        if (!proc)
                return false;
        for (struct dirent *entry; tree->count < tree->max && (entry = readdir(proc));) {
                int64_t pid;

                if (parse_int64(entry->d_name, 2, INT32_MAX, &pid) < 0 ||
                    process_tree_has(tree, (pid_t)pid) ||
                    !process_tree_has(tree, (pid_t)process_stat(dirfd(proc), entry->d_name, PROCESS_PARENT)))
                        continue;
                kill((pid_t)pid, SIGSTOP);
                tree->pids[tree->count++] = (pid_t)pid;
        }
        return tree->count > before;
}

void process_kill_tree(pid_t pid, size_t max)
{
        _cleanup_free_ pid_t *pids = calloc(max, sizeof(*pids));
        struct process_tree tree = { .pids = pids, .max = max };

        kill(pid, pids ? SIGSTOP : SIGKILL);
        if (!pids)
                return;
        tree.pids[tree.count++] = pid;
        while (process_tree_grow(&tree))
                ;
        /* From below: none becomes somebody else's child while its parent's end is still to come. */
        for (size_t i = tree.count; i > 0; i--)
                kill(tree.pids[i - 1], SIGKILL);
}

int process_open(pid_t pid)
{
        int fd = (int)syscall(SYS_pidfd_open, pid, 0);

        return fd < 0 ? -errno : fd;
}

int64_t process_started(pid_t pid)
{
        _cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char name[16];

        snprintf(name, sizeof(name), "%d", (int)pid);
        return proc < 0 ? -1 : process_stat(proc, name, PROCESS_STARTED);
}

bool process_began_between(pid_t pid, int64_t after_us, int64_t before_us)
{
        const int64_t slack_us = (int64_t)USEC_PER_SEC; /* ticks and the order of things */
        int64_t ticks = process_started(pid);

        if (ticks < 0)
                return kill(pid, 0) == 0 || errno == EPERM;
        int64_t began_us = ticks * ((int64_t)USEC_PER_SEC / sysconf(_SC_CLK_TCK));
        return began_us > after_us - slack_us && (before_us == 0 || began_us < before_us + slack_us);
}

void process_raise_descriptors(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= limit.rlim_max)
                return;
        process_descriptors = limit;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
}

void process_restore_descriptors(void)
{
        if (process_descriptors.rlim_cur)
                setrlimit(RLIMIT_NOFILE, &process_descriptors);
}

/* For kernels and tools without close_range. */
static void process_close_listed(int keep_fd)
{
        _cleanup_closedir_ DIR *directory = opendir("/proc/self/fd");

        if (!directory)
                return;
        for (struct dirent *entry; (entry = readdir(directory));) {
                int64_t fd;

                if (parse_int64(entry->d_name, 3, INT32_MAX, &fd) == 0 && fd != keep_fd &&
                    fd != dirfd(directory))
                        close((int)fd);
        }
}

static int process_close_range(unsigned first, unsigned last)
{
        return first > last ? 0 : (int)syscall(SYS_close_range, first, last, 0);
}

pid_t process_fork(void)
{
        sigset_t all, before;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, &before);
        pid_t pid = fork();
        int error = errno;
        if (pid != 0)
                sigprocmask(SIG_SETMASK, &before, NULL);
        return pid < 0 ? -error : pid;
}

void process_reset(int keep_fd)
{
        struct sigaction action = { .sa_handler = SIG_DFL };
        sigset_t none;

        for (int signal = 1; signal < NSIG; signal++)
                sigaction(signal, &action, NULL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        process_restore_descriptors();
        if (keep_fd < 3) {
                if (process_close_range(3, ~0U) < 0)
                        process_close_listed(-1);
        } else if (process_close_range(3, (unsigned)keep_fd - 1) < 0 ||
                   process_close_range((unsigned)keep_fd + 1, ~0U) < 0) {
                process_close_listed(keep_fd);
        }
}
