/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The calls, and who may make them. What is not here is new to this list: it fails with ENOSYS, as on a kernel
 * that does not have it, and libraries fall back. What is here and refused fails with EPERM (but for a few, below)
 * and is told.
 *
 * Names that this architecture does not have are passed over.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/util.h"
#include "runner/sandbox_calls_internal.h"

#define NUMBERS_MAX 1024 /* beyond every architecture's last */

/* clang-format off */
const struct calls_row calls_rows[] = {
        /* Files by name or descriptor: the file system's layers say which. */
        { "read", CALLS_EVERY, 0 }, { "write", CALLS_EVERY, 0 }, { "readv", CALLS_EVERY, 0 },
        { "writev", CALLS_EVERY, 0 }, { "pread64", CALLS_EVERY, 0 }, { "pwrite64", CALLS_EVERY, 0 },
        { "preadv", CALLS_EVERY, 0 }, { "pwritev", CALLS_EVERY, 0 }, { "preadv2", CALLS_EVERY, 0 },
        { "pwritev2", CALLS_EVERY, 0 }, { "open", CALLS_EVERY, 0 }, { "openat", CALLS_EVERY, 0 },
        { "openat2", CALLS_EVERY, 437 }, { "creat", CALLS_EVERY, 0 }, { "close", CALLS_EVERY, 0 },
        { "close_range", CALLS_EVERY, 436 }, { "stat", CALLS_EVERY, 0 }, { "lstat", CALLS_EVERY, 0 },
        { "fstat", CALLS_EVERY, 0 }, { "newfstatat", CALLS_EVERY, 0 }, { "statx", CALLS_EVERY, 0 },
        { "statfs", CALLS_EVERY, 0 }, { "fstatfs", CALLS_EVERY, 0 }, { "access", CALLS_EVERY, 0 },
        { "faccessat", CALLS_EVERY, 0 }, { "faccessat2", CALLS_EVERY, 439 }, { "lseek", CALLS_EVERY, 0 },
        { "dup", CALLS_EVERY, 0 }, { "dup2", CALLS_EVERY, 0 }, { "dup3", CALLS_EVERY, 0 },
        { "flock", CALLS_EVERY, 0 }, { "fsync", CALLS_EVERY, 0 }, { "fdatasync", CALLS_EVERY, 0 },
        { "sync_file_range", CALLS_EVERY, 0 }, { "truncate", CALLS_SOME, 0 }, { "ftruncate", CALLS_EVERY, 0 },
        { "fallocate", CALLS_EVERY, 0 }, { "fadvise64", CALLS_EVERY, 0 }, { "readahead", CALLS_EVERY, 0 },
        { "copy_file_range", CALLS_EVERY, 0 }, { "sendfile", CALLS_EVERY, 0 }, { "splice", CALLS_EVERY, 0 },
        { "tee", CALLS_EVERY, 0 }, { "vmsplice", CALLS_EVERY, 0 }, { "getdents", CALLS_EVERY, 0 },
        { "getdents64", CALLS_EVERY, 0 }, { "getcwd", CALLS_EVERY, 0 }, { "chdir", CALLS_EVERY, 0 },
        { "fchdir", CALLS_EVERY, 0 }, { "rename", CALLS_EVERY, 0 }, { "renameat", CALLS_EVERY, 0 },
        { "renameat2", CALLS_EVERY, 0 }, { "mkdir", CALLS_EVERY, 0 }, { "mkdirat", CALLS_EVERY, 0 },
        { "rmdir", CALLS_EVERY, 0 }, { "unlink", CALLS_EVERY, 0 }, { "unlinkat", CALLS_EVERY, 0 },
        { "link", CALLS_EVERY, 0 }, { "linkat", CALLS_EVERY, 0 }, { "symlink", CALLS_EVERY, 0 },
        { "symlinkat", CALLS_EVERY, 0 }, { "readlink", CALLS_EVERY, 0 }, { "readlinkat", CALLS_EVERY, 0 },
        { "chmod", CALLS_PATH, 0 }, { "fchmod", CALLS_OWNER, 0 }, { "fchmodat", CALLS_PATH, 0 },
        { "fchmodat2", CALLS_PATH, 452 }, { "chown", CALLS_PATH, 0 }, { "fchown", CALLS_OWNER, 0 },
        { "lchown", CALLS_PATH, 0 }, { "fchownat", CALLS_PATH, 0 }, { "umask", CALLS_EVERY, 0 },
        { "utime", CALLS_PATH, 0 }, { "utimes", CALLS_PATH, 0 }, { "futimesat", CALLS_PATH, 0 },
        { "utimensat", CALLS_SOME, 0 }, { "getxattr", CALLS_EVERY, 0 }, { "lgetxattr", CALLS_EVERY, 0 },
        { "fgetxattr", CALLS_EVERY, 0 }, { "listxattr", CALLS_EVERY, 0 }, { "llistxattr", CALLS_EVERY, 0 },
        { "flistxattr", CALLS_EVERY, 0 }, { "setxattr", CALLS_PATH, 0 }, { "lsetxattr", CALLS_PATH, 0 },
        { "fsetxattr", CALLS_OWNER, 0 }, { "removexattr", CALLS_PATH, 0 }, { "lremovexattr", CALLS_PATH, 0 },
        { "fremovexattr", CALLS_OWNER, 0 }, { "inotify_init", CALLS_EVERY, 0 },
        { "inotify_init1", CALLS_EVERY, 0 }, { "inotify_add_watch", CALLS_PATH, 0 },
        { "inotify_rm_watch", CALLS_EVERY, 0 }, { "cachestat", CALLS_EVERY, 451 },
        { "mknod", CALLS_SOME, 0 }, { "mknodat", CALLS_SOME, 0 }, { "fcntl", CALLS_SOME, 0 },
        { "ioctl", CALLS_SOME, 0 }, { "sync", CALLS_PROGRAM, 0 }, { "syncfs", CALLS_PROGRAM, 0 },
        { "name_to_handle_at", CALLS_NONE, 0 }, { "open_by_handle_at", CALLS_NONE, 0 },
        { "fanotify_init", CALLS_NONE, 0 }, { "fanotify_mark", CALLS_NONE, 0 },

        /* Memory. */
        { "mmap", CALLS_SOME, 0 }, { "mprotect", CALLS_SOME, 0 }, { "pkey_mprotect", CALLS_SOME, 0 },
        { "munmap", CALLS_EVERY, 0 }, { "mremap", CALLS_EVERY, 0 }, { "msync", CALLS_EVERY, 0 },
        { "madvise", CALLS_EVERY, 0 }, { "mincore", CALLS_EVERY, 0 }, { "mlock", CALLS_EVERY, 0 },
        { "mlock2", CALLS_EVERY, 0 }, { "munlock", CALLS_EVERY, 0 }, { "mlockall", CALLS_EVERY, 0 },
        { "munlockall", CALLS_EVERY, 0 }, { "brk", CALLS_EVERY, 0 }, { "membarrier", CALLS_EVERY, 0 },
        { "memfd_create", CALLS_SOME, 0 }, { "mseal", CALLS_EVERY, 462 },
        { "get_mempolicy", CALLS_PROGRAM, 0 }, { "memfd_secret", CALLS_NONE, 447 },
        { "set_mempolicy", CALLS_NONE, 0 }, { "set_mempolicy_home_node", CALLS_NONE, 450 },
        { "mbind", CALLS_NONE, 0 }, { "migrate_pages", CALLS_NONE, 0 }, { "move_pages", CALLS_NONE, 0 },
        { "remap_file_pages", CALLS_NONE, 0 }, { "userfaultfd", CALLS_NONE, 0 },
        { "process_madvise", CALLS_NONE, 440 }, { "process_mrelease", CALLS_NONE, 448 },

        /* Waiting, time, signals, threads. */
        { "poll", CALLS_EVERY, 0 }, { "ppoll", CALLS_EVERY, 0 }, { "select", CALLS_EVERY, 0 },
        { "pselect6", CALLS_EVERY, 0 }, { "epoll_create", CALLS_EVERY, 0 }, { "epoll_create1", CALLS_EVERY, 0 },
        { "epoll_ctl", CALLS_EVERY, 0 }, { "epoll_wait", CALLS_EVERY, 0 }, { "epoll_pwait", CALLS_EVERY, 0 },
        { "epoll_pwait2", CALLS_EVERY, 441 }, { "eventfd", CALLS_EVERY, 0 }, { "eventfd2", CALLS_EVERY, 0 },
        { "timerfd_create", CALLS_EVERY, 0 }, { "timerfd_settime", CALLS_EVERY, 0 },
        { "timerfd_gettime", CALLS_EVERY, 0 }, { "signalfd", CALLS_EVERY, 0 }, { "signalfd4", CALLS_EVERY, 0 },
        { "pipe", CALLS_EVERY, 0 }, { "pipe2", CALLS_EVERY, 0 }, { "clock_gettime", CALLS_EVERY, 0 },
        { "clock_getres", CALLS_EVERY, 0 }, { "clock_nanosleep", CALLS_EVERY, 0 }, { "nanosleep", CALLS_EVERY, 0 },
        { "gettimeofday", CALLS_EVERY, 0 }, { "time", CALLS_EVERY, 0 }, { "times", CALLS_EVERY, 0 },
        { "alarm", CALLS_EVERY, 0 }, { "getitimer", CALLS_EVERY, 0 }, { "setitimer", CALLS_EVERY, 0 },
        { "timer_create", CALLS_EVERY, 0 }, { "timer_settime", CALLS_EVERY, 0 },
        { "timer_gettime", CALLS_EVERY, 0 }, { "timer_getoverrun", CALLS_EVERY, 0 },
        { "timer_delete", CALLS_EVERY, 0 }, { "pause", CALLS_EVERY, 0 }, { "rt_sigaction", CALLS_EVERY, 0 },
        { "rt_sigprocmask", CALLS_EVERY, 0 }, { "rt_sigreturn", CALLS_EVERY, 0 },
        { "rt_sigpending", CALLS_EVERY, 0 }, { "rt_sigsuspend", CALLS_EVERY, 0 },
        { "rt_sigtimedwait", CALLS_EVERY, 0 }, { "sigaltstack", CALLS_EVERY, 0 },
        { "restart_syscall", CALLS_EVERY, 0 }, { "futex", CALLS_EVERY, 0 }, { "futex_waitv", CALLS_EVERY, 449 },
        { "futex_wake", CALLS_EVERY, 454 }, { "futex_wait", CALLS_EVERY, 455 },
        { "futex_requeue", CALLS_EVERY, 456 }, { "set_robust_list", CALLS_EVERY, 0 },
        { "get_robust_list", CALLS_EVERY, 0 }, { "set_tid_address", CALLS_EVERY, 0 }, { "rseq", CALLS_EVERY, 0 },
        { "arch_prctl", CALLS_EVERY, 0 }, { "sched_yield", CALLS_EVERY, 0 },
        { "sched_getaffinity", CALLS_EVERY, 0 }, { "sched_setaffinity", CALLS_SOME, 0 },
        { "sched_getparam", CALLS_EVERY, 0 }, { "sched_getscheduler", CALLS_EVERY, 0 },
        { "sched_getattr", CALLS_EVERY, 0 }, { "sched_rr_get_interval", CALLS_EVERY, 0 },
        { "sched_get_priority_max", CALLS_EVERY, 0 }, { "sched_get_priority_min", CALLS_EVERY, 0 },
        { "getpriority", CALLS_EVERY, 0 }, { "setpriority", CALLS_SOME, 0 }, { "getcpu", CALLS_EVERY, 0 },
        { "exit", CALLS_EVERY, 0 }, { "exit_group", CALLS_EVERY, 0 }, { "kill", CALLS_SOME, 0 },
        { "tgkill", CALLS_SOME, 0 }, { "tkill", CALLS_OTHERS, 0 }, { "rt_sigqueueinfo", CALLS_SOME, 0 },
        { "rt_tgsigqueueinfo", CALLS_SOME, 0 }, { "pidfd_send_signal", CALLS_OTHERS, 424 },
        { "pidfd_open", CALLS_OTHERS, 434 }, { "sched_setparam", CALLS_SOME, 0 },
        { "sched_setscheduler", CALLS_SOME, 0 }, { "sched_setattr", CALLS_SOME, 0 },
        { "ioprio_get", CALLS_PROGRAM, 0 }, { "ioprio_set", CALLS_SOME, 0 },

        /* About itself and the system. */
        { "getpid", CALLS_EVERY, 0 }, { "getppid", CALLS_EVERY, 0 }, { "gettid", CALLS_EVERY, 0 },
        { "getuid", CALLS_EVERY, 0 }, { "geteuid", CALLS_EVERY, 0 }, { "getgid", CALLS_EVERY, 0 },
        { "getegid", CALLS_EVERY, 0 }, { "getresuid", CALLS_EVERY, 0 }, { "getresgid", CALLS_EVERY, 0 },
        { "getgroups", CALLS_EVERY, 0 }, { "getpgrp", CALLS_EVERY, 0 }, { "getpgid", CALLS_EVERY, 0 },
        { "getsid", CALLS_EVERY, 0 }, { "getrusage", CALLS_EVERY, 0 }, { "getrlimit", CALLS_EVERY, 0 },
        { "prlimit64", CALLS_SOME, 0 }, { "prctl", CALLS_SOME, 0 }, { "uname", CALLS_EVERY, 0 },
        { "sysinfo", CALLS_EVERY, 0 }, { "getrandom", CALLS_EVERY, 0 }, { "capget", CALLS_EVERY, 0 },
        { "personality", CALLS_SOME, 0 },

        /* Processes. */
        { "clone", CALLS_SOME, 0 }, { "fork", CALLS_PROGRAM, 0 }, { "vfork", CALLS_PROGRAM, 0 },
        { "execve", CALLS_PROGRAM, 0 }, { "execveat", CALLS_PROGRAM, 0 }, { "wait4", CALLS_PROGRAM, 0 },
        { "waitid", CALLS_PROGRAM, 0 }, { "setpgid", CALLS_PROGRAM, 0 }, { "setsid", CALLS_PROGRAM, 0 },
        { "setrlimit", CALLS_PROGRAM, 0 }, { "capset", CALLS_PROGRAM, 0 }, { "setuid", CALLS_PROGRAM, 0 },
        { "setgid", CALLS_PROGRAM, 0 }, { "setreuid", CALLS_PROGRAM, 0 }, { "setregid", CALLS_PROGRAM, 0 },
        { "setresuid", CALLS_PROGRAM, 0 }, { "setresgid", CALLS_PROGRAM, 0 }, { "setgroups", CALLS_PROGRAM, 0 },
        { "setfsuid", CALLS_PROGRAM, 0 }, { "setfsgid", CALLS_PROGRAM, 0 }, { "seccomp", CALLS_SOME, 0 },
        { "landlock_create_ruleset", CALLS_PROGRAM, 444 }, { "landlock_add_rule", CALLS_PROGRAM, 445 },
        { "landlock_restrict_self", CALLS_PROGRAM, 446 },

        /* Sockets: which families there are is decided where they are made. */
        { "socket", CALLS_SOME, 0 }, { "socketpair", CALLS_SOME, 0 }, { "connect", CALLS_SOCKET, 0 },
        { "bind", CALLS_SOCKET, 0 }, { "listen", CALLS_SOCKET, 0 }, { "accept", CALLS_SOCKET, 0 },
        { "accept4", CALLS_SOCKET, 0 }, { "getsockname", CALLS_EVERY, 0 }, { "getpeername", CALLS_EVERY, 0 },
        { "getsockopt", CALLS_EVERY, 0 }, { "setsockopt", CALLS_EVERY, 0 }, { "shutdown", CALLS_EVERY, 0 },
        { "sendto", CALLS_EVERY, 0 }, { "sendmsg", CALLS_EVERY, 0 }, { "sendmmsg", CALLS_EVERY, 0 },
        { "recvfrom", CALLS_EVERY, 0 }, { "recvmsg", CALLS_EVERY, 0 }, { "recvmmsg", CALLS_EVERY, 0 },

        /* Other processes, other namespaces, mounts. */
        { "ptrace", CALLS_NONE, 0 }, { "process_vm_readv", CALLS_NONE, 0 },
        { "process_vm_writev", CALLS_NONE, 0 }, { "pidfd_getfd", CALLS_NONE, 438 }, { "kcmp", CALLS_NONE, 0 },
        { "unshare", CALLS_NONE, 0 }, { "setns", CALLS_NONE, 0 }, { "chroot", CALLS_NONE, 0 },
        { "pivot_root", CALLS_NONE, 0 }, { "mount", CALLS_NONE, 0 }, { "umount", CALLS_NONE, 0 },
        { "umount2", CALLS_NONE, 0 }, { "open_tree", CALLS_NONE, 428 }, { "open_tree_attr", CALLS_NONE, 467 },
        { "move_mount", CALLS_NONE, 429 }, { "fsopen", CALLS_NONE, 430 }, { "fsconfig", CALLS_NONE, 431 },
        { "fsmount", CALLS_NONE, 432 }, { "fspick", CALLS_NONE, 433 }, { "mount_setattr", CALLS_NONE, 442 },
        { "statmount", CALLS_NONE, 457 }, { "listmount", CALLS_NONE, 458 },
        { "sethostname", CALLS_NONE, 0 }, { "setdomainname", CALLS_NONE, 0 },

        /* Parts of the kernel that have been ways out of sandboxes. */
        { "io_uring_setup", CALLS_NONE, 425 }, { "io_uring_enter", CALLS_NONE, 426 },
        { "io_uring_register", CALLS_NONE, 427 }, { "io_setup", CALLS_NONE, 0 }, { "io_submit", CALLS_NONE, 0 },
        { "io_cancel", CALLS_NONE, 0 }, { "io_getevents", CALLS_NONE, 0 }, { "io_pgetevents", CALLS_NONE, 0 },
        { "io_destroy", CALLS_NONE, 0 }, { "bpf", CALLS_NONE, 0 }, { "perf_event_open", CALLS_NONE, 0 },
        { "add_key", CALLS_NONE, 0 }, { "request_key", CALLS_NONE, 0 }, { "keyctl", CALLS_NONE, 0 },
        { "shmget", CALLS_NONE, 0 }, { "shmat", CALLS_NONE, 0 }, { "shmdt", CALLS_NONE, 0 },
        { "shmctl", CALLS_NONE, 0 }, { "semget", CALLS_NONE, 0 }, { "semop", CALLS_NONE, 0 },
        { "semtimedop", CALLS_NONE, 0 }, { "semctl", CALLS_NONE, 0 }, { "msgget", CALLS_NONE, 0 },
        { "msgsnd", CALLS_NONE, 0 }, { "msgrcv", CALLS_NONE, 0 }, { "msgctl", CALLS_NONE, 0 },
        { "mq_open", CALLS_NONE, 0 }, { "mq_unlink", CALLS_NONE, 0 }, { "mq_timedsend", CALLS_NONE, 0 },
        { "mq_timedreceive", CALLS_NONE, 0 }, { "mq_notify", CALLS_NONE, 0 }, { "mq_getsetattr", CALLS_NONE, 0 },
        { "lsm_get_self_attr", CALLS_NONE, 459 }, { "lsm_set_self_attr", CALLS_NONE, 460 },
        { "lsm_list_modules", CALLS_NONE, 461 },

        /* The machine. */
        { "init_module", CALLS_NONE, 0 }, { "finit_module", CALLS_NONE, 0 }, { "delete_module", CALLS_NONE, 0 },
        { "reboot", CALLS_NONE, 0 }, { "kexec_load", CALLS_NONE, 0 }, { "kexec_file_load", CALLS_NONE, 0 },
        { "settimeofday", CALLS_NONE, 0 }, { "clock_settime", CALLS_NONE, 0 }, { "clock_adjtime", CALLS_NONE, 0 },
        { "adjtimex", CALLS_NONE, 0 }, { "swapon", CALLS_NONE, 0 }, { "swapoff", CALLS_NONE, 0 },
        { "quotactl", CALLS_NONE, 0 }, { "quotactl_fd", CALLS_NONE, 443 }, { "acct", CALLS_NONE, 0 },
        { "iopl", CALLS_NONE, 0 }, { "ioperm", CALLS_NONE, 0 }, { "modify_ldt", CALLS_NONE, 0 },
        { "vhangup", CALLS_NONE, 0 }, { "syslog", CALLS_NONE, 0 }, { "lookup_dcookie", CALLS_NONE, 0 },
        { "uselib", CALLS_NONE, 0 }, { "ustat", CALLS_NONE, 0 }, { "sysfs", CALLS_NONE, 0 },
        { "_sysctl", CALLS_NONE, 0 }, { "nfsservctl", CALLS_NONE, 0 },
};
/* clang-format on */
const size_t calls_row_count = ARRAY_SIZE(calls_rows);

/* Rows by number, plus one; 0: none. */
static uint16_t row_of[NUMBERS_MAX];
static int number_socket;

int calls_row_number(const struct calls_row *row)
{
        int number = seccomp_syscall_resolve_name(row->name);

        if (number < 0) /* unknown, or one that another architecture has */
                number = row->number ? row->number : -1;
        return number < NUMBERS_MAX ? number : -1;
}

bool calls_row_allows(const struct calls_row *row, unsigned flags)
{
        switch (row->class) {
        case CALLS_EVERY:
                return true;
        case CALLS_PROGRAM:
                return flags & CALLS_SUBPROCESS;
        case CALLS_SOCKET:
                return flags & (CALLS_NETWORK | CALLS_UNIX);
        case CALLS_OTHERS:
                return (flags & CALLS_SUBPROCESS) && (flags & CALLS_SIGNALS);
        case CALLS_PATH:
                return flags & CALLS_PATHS;
        case CALLS_OWNER:
                return flags & CALLS_OWNERS;
        case CALLS_SOME:
        case CALLS_NONE:
                return false;
        }
        return false;
}

void calls_refusal_init(void)
{
        for (size_t i = 0; i < calls_row_count; i++) {
                int number = calls_row_number(&calls_rows[i]);
                if (number >= 0)
                        row_of[number] = (uint16_t)(i + 1);
        }
        number_socket = seccomp_syscall_resolve_name("socket");
}

static const char *key_of(const struct calls_row *row)
{
        switch (row->class) {
        case CALLS_PROGRAM:
        case CALLS_OTHERS:
                return "Subprocess=yes";
        case CALLS_SOCKET:
                return "Network=yes";
        case CALLS_PATH:
        case CALLS_OWNER:
        case CALLS_SOME:
        case CALLS_EVERY:
        case CALLS_NONE:
                return NULL;
        }
        return NULL;
}

/* Of those whose arguments decide. */
static const char *key_by_name(const char *name)
{
        static const struct {
                const char *name, *key;
        } keys[] = {
                { "clone", "Subprocess=yes" }, { "mmap", "JIT=yes" },
                { "mprotect", "JIT=yes" },     { "pkey_mprotect", "JIT=yes" },
                { "memfd_create", "JIT=yes" }, { "seccomp", "Subprocess=yes" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                if (strcmp(keys[i].name, name) == 0)
                        return keys[i].key;
        return NULL;
}

int calls_refusal(int number, uint64_t arg, const char **ret_name, const char **ret_key)
{
        *ret_name = NULL;
        *ret_key = NULL;
        if (number < 0 || number >= NUMBERS_MAX || row_of[number] == 0)
                return ENOSYS;
        const struct calls_row *row = &calls_rows[row_of[number] - 1];
        *ret_name = row->name;
        *ret_key = row->class == CALLS_SOME ? key_by_name(row->name) : key_of(row);
        if (number != number_socket)
                return EPERM;
        if ((int)arg == AF_INET || (int)arg == AF_INET6)
                *ret_key = "Network=yes";
        return EAFNOSUPPORT;
}
