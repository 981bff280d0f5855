/* SPDX-License-Identifier: MPL-2.0 */
/* Attempts on namespaces and mounts, on the kernel, and on what the whole machine shares. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/escape/attempt.h"

static int unshare_user(const struct target *target)
{
        return outcome(unshare(CLONE_NEWUSER));
}

static int unshare_mounts(const struct target *target)
{
        return outcome(unshare(CLONE_NEWNS));
}

static int unshare_network(const struct target *target)
{
        return outcome(unshare(CLONE_NEWNET));
}

static int clone_user(const struct target *target)
{
        pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

        if (pid == 0)
                _exit(0);
        if (pid < 0)
                return -errno;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return 0;
}

static int enter_namespace(const struct target *target)
{
        char path[64];

        snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)target->daemon);
        int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                fd = (int)syscall(SYS_pidfd_open, target->daemon, 0);
        if (fd < 0)
                return -errno;
        int r = outcome(setns(fd, CLONE_NEWNS));
        close(fd);
        return r;
}

static int mount_memory(const struct target *target)
{
        return outcome(mount("x", target->profile, "tmpfs", 0, NULL));
}

static int mount_bind(const struct target *target)
{
        return outcome(mount("/", target->profile, NULL, MS_BIND, NULL));
}

static int mount_writable(const struct target *target)
{
        return outcome(mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
}

static int unmount(const struct target *target)
{
        return outcome(umount2("/usr", MNT_DETACH));
}

static int change_root(const struct target *target)
{
        return outcome(chroot(target->profile));
}

static int pivot(const struct target *target)
{
        return outcome(syscall(SYS_pivot_root, target->profile, target->profile));
}

static int open_file_system(const struct target *target)
{
        int fd = (int)syscall(430 /* fsopen */, "tmpfs", 0);
        int r = outcome(fd);

        if (fd >= 0)
                close(fd);
        return r;
}

static int copy_mounts(const struct target *target)
{
        int fd = (int)syscall(428 /* open_tree */, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);
        int r = outcome(fd);

        if (fd >= 0)
                close(fd);
        return r;
}

static int change_mount(const struct target *target)
{
        struct {
                unsigned long long set, clear, propagation, user;
        } attributes = { .clear = 1 /* MOUNT_ATTR_RDONLY */ };

        return outcome(
                syscall(442 /* mount_setattr */, AT_FDCWD, "/usr", 0, &attributes, sizeof(attributes)));
}

static int add_key(const struct target *target)
{
        return outcome(syscall(SYS_add_key, "user", "escape", "x", 1, KEY_SPEC_PROCESS_KEYRING));
}

static int request_key(const struct target *target)
{
        long r = syscall(SYS_request_key, "user", "escape", NULL, KEY_SPEC_PROCESS_KEYRING);

        return r >= 0 || errno == ENOKEY ? 0 : -errno;
}

static int session_keyring(const struct target *target)
{
        return outcome(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1));
}

static int ring(const struct target *target)
{
        struct io_uring_params parameters = { 0 };
        int fd = (int)syscall(SYS_io_uring_setup, 4, &parameters);
        int r = outcome(fd);

        if (fd >= 0)
                close(fd);
        return r;
}

static int load_bpf(const struct target *target)
{
        union bpf_attr attributes = {
                .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
        };

        return outcome(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

static int measure(const struct target *target)
{
        struct perf_event_attr attributes = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attributes) };

        attributes.config = PERF_COUNT_SW_CPU_CLOCK;
        attributes.exclude_kernel = 1;
        return outcome(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

static int handle_faults(const struct target *target)
{
        int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */);
        int r = outcome(fd);

        if (fd >= 0)
                close(fd);
        return r;
}

static int load_module(const struct target *target)
{
        long r = syscall(SYS_init_module, "x", 1, "");

        return r >= 0 || errno == ENOEXEC || errno == EFAULT ? 0 : -errno;
}

static int load_kernel(const struct target *target)
{
        long r = syscall(SYS_kexec_load, 0, 0, NULL, 0);

        return outcome(r);
}

static int restart_machine(const struct target *target)
{
        /* Only to set what Ctrl-Alt-Del does. */
        return outcome(syscall(SYS_reboot, 0xfee1dead, 672274793, 0x89ABCDEF, NULL));
}

static int set_clock(const struct target *target)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return outcome(clock_settime(CLOCK_REALTIME, &now));
}

static int adjust_clock(const struct target *target)
{
        struct timex parameters = { .modes = ADJ_TAI, .constant = 37 };

        return outcome(adjtimex(&parameters));
}

static int set_name(const struct target *target)
{
        return outcome(sethostname("escape", 6));
}

static int take_swap(const struct target *target)
{
        long r = swapon(path_in(target->profile, "swap"), 0);

        return r >= 0 || errno == ENOENT || errno == EINVAL ? 0 : -errno;
}

static int set_quota(const struct target *target)
{
        long r = quotactl(QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL);

        return outcome(r);
}

static int accounting(const struct target *target)
{
        return outcome(acct(NULL));
}

static int kernel_log(const struct target *target)
{
        char text[64];

        return outcome(klogctl(3, text, sizeof(text)));
}

static int machine_ports(const struct target *target)
{
#ifdef SYS_ioperm
        return outcome(syscall(SYS_ioperm, 0x80, 1, 1));
#else
        return -ENOSYS;
#endif
}

static int other_personality(const struct target *target)
{
        int before = personality(0xffffffff);

        if (before < 0)
                return -errno;
        int r = outcome(personality((unsigned long)before | ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC));
        personality((unsigned long)before);
        return r;
}

/* The terminal of whoever started the daemon, if there is one. */
static int push_input(const struct target *target)
{
        char byte = '\n';
        int r = -ENOTTY;

        for (int fd = 0; fd < 3 && r != 0; fd++)
                r = outcome(ioctl(fd, 0x5412 /* TIOCSTI */, &byte));
        /* ENOTTY is what a pipe says: the call went through. A filter says EPERM. */
        return r == -ENOTTY ? 0 : r;
}

static int shared_memory(const struct target *target)
{
        /* Made by the bystander with its number as the key. */
        int id = shmget((key_t)target->bystander, 0, 0);

        return outcome(id);
}

static int message_queue(const struct target *target)
{
        return outcome(msgget((key_t)target->bystander, 0));
}

/* Code of the other word size has other numbers for the same calls. */
static int old_calls(const struct target *target)
{
#ifdef __x86_64__
        long r;

        /* getpid by the 32-bit entry: in a kernel without it the process gets SIGSEGV, which is a refusal. */
        __asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
        return r > 0 ? 0 : (int)r;
#else
        return -ENOSYS;
#endif
}

static int x32_calls(const struct target *target)
{
#ifdef __x86_64__
        return outcome(syscall(0x40000000 + 39 /* getpid */));
#else
        return -ENOSYS;
#endif
}

static int add_filter(const struct target *target)
{
        /* A listener of a run's own could answer for the sandbox's filter. */
        struct {
                unsigned short code;
                unsigned char jt, jf;
                unsigned k;
        } allow = { 6, 0, 0, 0x7fff0000 };
        struct {
                unsigned short length;
                void *filter;
        } program = { 1, &allow };
        int fd = (int)syscall(SYS_seccomp, 1, 8 /* NEW_LISTENER */, &program);
        int r = outcome(fd);

        if (fd >= 0)
                close(fd);
        return r;
}

const struct attempt attempts_kernel[] = {
        { "unshare-user", NULL, unshare_user },
        { "unshare-mounts", NULL, unshare_mounts },
        { "unshare-network", NULL, unshare_network },
        { "clone-user", NULL, clone_user },
        { "enter-namespace", NULL, enter_namespace },
        { "mount-memory", NULL, mount_memory },
        { "mount-bind", NULL, mount_bind },
        { "mount-writable", NULL, mount_writable },
        { "unmount", NULL, unmount },
        { "change-root", NULL, change_root },
        { "pivot-root", NULL, pivot },
        { "open-file-system", NULL, open_file_system },
        { "copy-mounts", NULL, copy_mounts },
        { "change-mount", NULL, change_mount },
        { "add-key", NULL, add_key },
        { "request-key", NULL, request_key },
        { "session-keyring", NULL, session_keyring },
        { "io-uring", NULL, ring },
        { "bpf", NULL, load_bpf },
        { "perf-event", NULL, measure },
        { "userfault", NULL, handle_faults },
        { "load-module", NULL, load_module },
        { "load-kernel", NULL, load_kernel },
        { "restart-machine", NULL, restart_machine },
        { "set-clock", NULL, set_clock },
        { "adjust-clock", NULL, adjust_clock },
        { "set-name", NULL, set_name },
        { "swap", NULL, take_swap },
        { "quota", NULL, set_quota },
        { "accounting", NULL, accounting },
        { "kernel-log", NULL, kernel_log },
        { "machine-ports", NULL, machine_ports },
        { "personality", NULL, other_personality },
        { "push-input", NULL, push_input },
        { "shared-memory", NULL, shared_memory },
        { "message-queue", NULL, message_queue },
        { "old-calls", NULL, old_calls },
        { "x32-calls", NULL, x32_calls },
        { "add-filter", NULL, add_filter },
        { NULL },
};
