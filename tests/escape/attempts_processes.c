/* SPDX-License-Identifier: MPL-2.0 */
/* Attempts on other processes, to be somebody else, and to make processes. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/escape/attempt.h"

#define PROCESS_PERMISSION "Subprocess=yes"

extern char **environ;

/* ---- to look into others ---- */

static int trace_attach(const struct target *target)
{
        if (ptrace(PTRACE_ATTACH, target->bystander, NULL, NULL) < 0)
                return -errno;
        ptrace(PTRACE_DETACH, target->bystander, NULL, NULL);
        return 0;
}

static int trace_seize(const struct target *target)
{
        return outcome(ptrace(PTRACE_SEIZE, target->daemon, NULL, NULL));
}

static int read_memory(const struct target *target)
{
        char byte;
        struct iovec here = { &byte, 1 }, there = { (void *)0x400000, 1 };

        if (process_vm_readv(target->daemon, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT)
                return 0; /* EFAULT: allowed, but nothing is at this address */
        return -errno;
}

static int write_memory(const struct target *target)
{
        char byte = 0;
        struct iovec here = { &byte, 1 }, there = { (void *)16, 1 };

        return process_vm_writev(target->bystander, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT ? 0
                                                                                                    : -errno;
}

static int open_proc(pid_t pid, const char *name, int flags)
{
        char path[64];

        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
        int fd = openat(AT_FDCWD, path, flags | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        close(fd);
        return 0;
}

static int proc_memory(const struct target *target)
{
        return open_proc(target->daemon, "mem", O_RDWR);
}

static int proc_environment(const struct target *target)
{
        return open_proc(target->daemon, "environ", O_RDONLY);
}

static int proc_command_line(const struct target *target)
{
        return open_proc(target->daemon, "cmdline", O_RDONLY);
}

static int proc_root(const struct target *target)
{
        return open_proc(target->daemon, "root/etc", O_RDONLY);
}

static int proc_init(const struct target *target)
{
        return open_proc(1, "root", O_RDONLY);
}

static int proc_score(const struct target *target)
{
        return open_proc(target->daemon, "oom_score_adj", O_RDWR);
}

static int proc_settings(const struct target *target)
{
        static const char *const paths[] = {
                "/proc/sys/kernel/core_pattern",      "/proc/sysrq-trigger",
                "/proc/sys/kernel/hostname",          "/proc/kcore",
                "/sys/kernel/uevent_helper",          "/sys/fs/cgroup/cgroup.procs",
                "/sys/fs/cgroup/unified/cgroup.procs"
        };
        int error = ENOENT;

        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
                int fd = openat(AT_FDCWD, paths[i], O_RDWR | O_CLOEXEC);
                if (fd >= 0) {
                        close(fd);
                        return 0;
                }
                error = errno;
        }
        return -error;
}

static int compare_process(const struct target *target)
{
        return outcome(syscall(SYS_kcmp, target->daemon, target->bystander, KCMP_VM, 0, 0));
}

static int steal_descriptor(const struct target *target)
{
        int process = (int)syscall(SYS_pidfd_open, target->daemon, 0);

        if (process < 0)
                return -errno;
        int r = outcome(syscall(SYS_pidfd_getfd, process, 3, 0));
        close(process);
        return r;
}

/* ---- signals ---- */

static int signal_daemon(const struct target *target)
{
        return outcome(kill(target->daemon, SIGCONT));
}

static int signal_bystander(const struct target *target)
{
        return outcome(kill(target->bystander, SIGUSR1));
}

static int signal_thread(const struct target *target)
{
        return outcome(syscall(SYS_tgkill, target->bystander, target->bystander, SIGUSR1));
}

static int signal_queue(const struct target *target)
{
        union sigval value = { 0 };

        return outcome(sigqueue(target->bystander, SIGUSR1, value));
}

static int signal_group(const struct target *target)
{
        return outcome(kill(-target->bystander, SIGUSR1));
}

static int signal_descriptor(const struct target *target)
{
        int process = (int)syscall(SYS_pidfd_open, target->bystander, 0);

        if (process < 0)
                return -errno;
        int r = outcome(syscall(SYS_pidfd_send_signal, process, SIGUSR1, NULL, 0));
        close(process);
        return r;
}

/* The kernel sends the signal, for a descriptor that has something to tell. */
static int signal_by_owner(const struct target *target)
{
        int ends[2], r;

        if (pipe(ends) < 0)
                return -errno;
        r = outcome(fcntl(ends[0], F_SETSIG, SIGUSR1));
        if (r == 0)
                r = outcome(fcntl(ends[0], F_SETOWN, target->bystander));
        if (r == 0)
                r = outcome(fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK));
        if (r == 0)
                r = outcome(write(ends[1], "x", 1));
        close(ends[0]);
        close(ends[1]);
        /* That it was asked for is no harm yet: the test looks whether the signal came. */
        return r < 0 ? r : -ESRCH;
}

static int priority_of_others(const struct target *target)
{
        return outcome(setpriority(PRIO_PROCESS, (id_t)target->daemon, 19));
}

/* All of the user's, the daemon among them; another value than what is there, if only by one. */
static int priority_of_user(const struct target *target)
{
        errno = 0;
        int own = getpriority(PRIO_PROCESS, (id_t)target->daemon);

        if (own == -1 && errno)
                return -errno;
        int r = outcome(setpriority(PRIO_USER, 0, own + 1));
        return r < 0 ? r : getpriority(PRIO_PROCESS, (id_t)target->daemon) == own ? -EPERM : 0;
}

static int limits_of_others(const struct target *target)
{
        struct rlimit limit = { 64, 64 };

        return outcome(prlimit(target->bystander, RLIMIT_NOFILE, &limit, NULL));
}

static int processors_of_others(const struct target *target)
{
        cpu_set_t set;

        CPU_ZERO(&set);
        CPU_SET(0, &set);
        return outcome(sched_setaffinity(target->bystander, sizeof(set), &set));
}

static int real_time(const struct target *target)
{
        struct sched_param parameters = { .sched_priority = 1 };

        return outcome(sched_setscheduler(0, SCHED_FIFO, &parameters));
}

/* ---- to be somebody else ---- */

static int become_root(const struct target *target)
{
        /* Who is root already must not become another user either. */
        return outcome(getuid() == 0 ? setresuid(1, 1, 1) : setresuid(0, 0, 0));
}

static int become_group(const struct target *target)
{
        return outcome(getgid() == 0 ? setresgid(1, 1, 1) : setresgid(0, 0, 0));
}

static int take_groups(const struct target *target)
{
        gid_t groups[] = { 0, 4, 6 };

        return outcome(setgroups(3, groups));
}

static int take_capabilities(const struct target *target)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2] = { { 0 } };

        data[0].effective = data[0].permitted = 1u << CAP_SYS_CHROOT | 1u << CAP_KILL;
        return outcome(syscall(SYS_capset, &header, data));
}

static int keep_capabilities(const struct target *target)
{
        return outcome(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS, 0, 0, 0));
}

static int ambient_capability(const struct target *target)
{
        return outcome(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0));
}

static int new_privileges(const struct target *target)
{
        return outcome(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static int see_environment(const struct target *target)
{
        const char *value = getenv(target->environment);

        return value && *value ? 0 : -ENOENT;
}

/* ---- to make processes ---- */

static int wait_for(pid_t pid)
{
        int status = 0;

        if (pid < 0)
                return -errno;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

static int make_fork(const struct target *target)
{
        pid_t pid = fork();

        if (pid == 0)
                _exit(0);
        return wait_for(pid);
}

static int make_clone(const struct target *target)
{
        pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0)
                _exit(0);
        return wait_for(pid);
}

static int make_clone3(const struct target *target)
{
        struct clone_args args = { .exit_signal = SIGCHLD };
        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

        if (pid == 0)
                _exit(0);
        return wait_for(pid);
}

static int make_spawn(const struct target *target)
{
        char *argv[] = { (char *)"true", NULL };
        pid_t pid = -1;
        int r = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);

        return r ? -r : wait_for(pid);
}

static int replace_program(const struct target *target)
{
        char *argv[] = { (char *)"true", NULL };

        /* If it works the run ends without a word; the test knows what that means. */
        execve("/bin/true", argv, environ);
        return -errno;
}

static int program_from_memory(const struct target *target)
{
        char *argv[] = { (char *)"x", NULL };
        int fd = (int)syscall(SYS_memfd_create, "x", 0);

        if (fd < 0)
                return -errno;
        (void)!write(fd, "#!/bin/true\n", 12);
        syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
        int r = -errno;
        close(fd);
        return r;
}

/* What programs do to print; no harm, but it takes /proc. */
static int open_output_again(const struct target *target)
{
        static const char *const names[] = { "/dev/stderr", "/dev/stdout", "/dev/fd/2", "/proc/self/fd/2" };

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
                int fd = open(names[i], O_WRONLY | O_CLOEXEC);
                int r = fd < 0 ? -errno : outcome(write(fd, "\n", 1));
                if (fd >= 0)
                        close(fd);
                if (r < 0)
                        return r;
        }
        int fd = open("/dev/stdin", O_RDONLY | O_CLOEXEC);
        if (fd >= 0)
                close(fd);
        return outcome(fd);
}

const struct attempt attempts_processes[] = {
        { "trace-attach", NULL, trace_attach },
        { "trace-seize", NULL, trace_seize },
        { "read-memory", NULL, read_memory },
        { "write-memory", NULL, write_memory },
        { "proc-memory", NULL, proc_memory },
        { "proc-environment", NULL, proc_environment },
        { "proc-command-line", NULL, proc_command_line },
        { "proc-root", NULL, proc_root },
        { "proc-init", NULL, proc_init },
        { "proc-score", NULL, proc_score },
        { "proc-settings", NULL, proc_settings },
        { "compare-process", NULL, compare_process },
        { "steal-descriptor", NULL, steal_descriptor },
        { "signal-daemon", NULL, signal_daemon },
        { "signal-bystander", NULL, signal_bystander },
        { "signal-thread", NULL, signal_thread },
        { "signal-queue", NULL, signal_queue },
        { "signal-group", NULL, signal_group },
        { "signal-descriptor", NULL, signal_descriptor },
        { "signal-by-owner", NULL, signal_by_owner },
        { "priority-of-others", NULL, priority_of_others },
        { "priority-of-user", NULL, priority_of_user },
        { "limits-of-others", NULL, limits_of_others },
        { "processors-of-others", NULL, processors_of_others },
        { "real-time", NULL, real_time },
        { "become-root", NULL, become_root },
        { "become-group", NULL, become_group },
        { "take-groups", NULL, take_groups },
        { "take-capabilities", NULL, take_capabilities },
        { "keep-capabilities", NULL, keep_capabilities },
        { "ambient-capability", NULL, ambient_capability },
        { "new-privileges", NULL, new_privileges },
        { "see-environment", "PassEnvironment=ESCAPE_TOKEN", see_environment },
        { "make-fork", PROCESS_PERMISSION, make_fork },
        { "make-clone", PROCESS_PERMISSION, make_clone },
        { "make-clone3", NULL, make_clone3 },
        { "make-spawn", PROCESS_PERMISSION, make_spawn },
        { "open-output-again", PROCESS_PERMISSION, open_output_again },
        { "replace-program", NULL, replace_program },
        { "program-from-memory", NULL, program_from_memory },
        { NULL },
};
