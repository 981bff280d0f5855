/* SPDX-License-Identifier: MPL-2.0 */
/*
 * `docker_filter PROGRAM ARGUMENTS…` runs a program as a container by Docker's default settings would, as far as that
 * makes a difference to who wants to make a sandbox in it: the system calls that its default filter refuses to a
 * process without further capabilities, and the capabilities that it leaves to root.
 */
#include "config.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMESPACE_FLAGS                                                                                      \
        (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |        \
         CLONE_NEWNET)

/* Refused without CAP_SYS_ADMIN and its like. Names, because not every libc knows every number. */
static const char *const refused[] = {
        "acct",
        "add_key",
        "adjtimex",
        "bpf",
        "clock_adjtime",
        "clock_settime",
        "delete_module",
        "finit_module",
        "fsconfig",
        "fsmount",
        "fsopen",
        "fspick",
        "get_mempolicy",
        "init_module",
        "io_uring_enter",
        "io_uring_register",
        "io_uring_setup",
        "ioperm",
        "iopl",
        "kcmp",
        "kexec_file_load",
        "kexec_load",
        "keyctl",
        "lookup_dcookie",
        "mbind",
        "mount",
        "mount_setattr",
        "move_mount",
        "move_pages",
        "nfsservctl",
        "open_by_handle_at",
        "open_tree",
        "perf_event_open",
        "pivot_root",
        "quotactl",
        "quotactl_fd",
        "reboot",
        "request_key",
        "set_mempolicy",
        "setdomainname",
        "sethostname",
        "setns",
        "settimeofday",
        "stime",
        "swapoff",
        "swapon",
        "syslog",
        "umount",
        "umount2",
        "unshare",
        "uselib",
        "userfaultfd",
        "ustat",
        "vhangup",
        "vm86",
        "vm86old",
};

/* What Docker gives root: no more of the bounding set is left. */
static const int kept[] = {
        CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FOWNER,  CAP_FSETID,      CAP_KILL,
        CAP_SETGID,  CAP_SETUID,       CAP_SETPCAP, CAP_NET_RAW,     CAP_NET_BIND_SERVICE,
        CAP_SETFCAP, CAP_SYS_CHROOT,   CAP_MKNOD,   CAP_AUDIT_WRITE,
};

static int capabilities_drop(void)
{
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2] = { { 0 } };
        unsigned long long left = 0;

        for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
                left |= 1ULL << kept[i];
        if (geteuid() != 0)
                return 0;
        for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
                if (!(left >> capability & 1) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
                        return -errno;
        for (int i = 0; i < 2; i++)
                data[i].effective = data[i].permitted = (unsigned)(left >> 32 * i);
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int filter_install(void)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        int r = filter ? 0 : -ENOMEM;

        for (size_t i = 0; r == 0 && i < sizeof(refused) / sizeof(*refused); i++) {
                int number = seccomp_syscall_resolve_name(refused[i]);
                if (number != __NR_SCMP_ERROR && number >= 0)
                        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
        }
        /* With any namespace flag: the masks of one rule are and-ed, so it takes one for each. */
        for (unsigned bit = 0; r == 0 && bit < 32; bit++)
                if (NAMESPACE_FLAGS >> bit & 1)
                        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                             SCMP_A0(SCMP_CMP_MASKED_EQ, 1ULL << bit, 1ULL << bit));
        if (r == 0)
                r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        if (r == 0)
                r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                                     SCMP_A0(SCMP_CMP_EQ, AF_VSOCK));
        if (r == 0)
                r = seccomp_load(filter);
        seccomp_release(filter);
        return r;
}

int main(int argc, char **argv)
{
        if (argc < 2) {
                fprintf(stderr, "usage: docker_filter PROGRAM ARGUMENTS...\n");
                return 64;
        }
        int r = filter_install();
        if (r == 0)
                r = capabilities_drop();
        if (r < 0) {
                fprintf(stderr, "docker_filter: %s\n", strerror(-r));
                return 71;
        }
        execv(argv[1], argv + 1);
        fprintf(stderr, "docker_filter: %s: %s\n", argv[1], strerror(errno));
        return 127;
}
