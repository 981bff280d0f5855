/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Calls that are allowed for some of their arguments. Each rule allows; what none allows is refused.
 *
 * The kernel takes an int from the lower half of a register. Every comparison is of that half alone: a rule that
 * looked at the upper one, too, could be passed by with a bit in it.
 */
#include "config.h"

#include <errno.h>
#include <linux/ioctl.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <linux/types.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lib/util.h"
#include "runner/sandbox_calls_internal.h"

#define LOWER UINT64_C(0xffffffff)
#define SOCKET_TYPE UINT64_C(15) /* what is beyond it are flags */
#define NETLINK_ROUTE 0
#define ADDR_QUERY LOWER /* personality() that changes nothing */

#define NAMESPACES                                                                                           \
        (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |        \
         CLONE_NEWNET)

/* Argument @arg, of which only the bits of @mask count, is @value. */
struct rule {
        const char *name;
        unsigned needs; /* flags that must all be there */
        unsigned arg;
        uint64_t mask, value;
};

/* And so is another. */
struct rule_of_two {
        struct rule rule;
        unsigned arg;
        uint64_t mask, value;
};

/* clang-format off */
static const struct rule rules[] = {
        /* A thread; with programs, also a process: never in a new namespace, never as a child of our parent. */
        { "clone", 0, 0, CLONE_THREAD | NAMESPACES, CLONE_THREAD },
        { "clone", CALLS_SUBPROCESS, 0, NAMESPACES | CLONE_PARENT | CLONE_PTRACE, 0 },
        { "seccomp", CALLS_SUBPROCESS, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0 },

        { "socket", CALLS_UNIX, 0, LOWER, AF_UNIX },
        { "socket", CALLS_NETWORK, 0, LOWER, AF_INET },
        { "socket", CALLS_NETWORK, 0, LOWER, AF_INET6 },
        { "socketpair", CALLS_UNIX, 0, LOWER, AF_UNIX },

        /* Without a path it is about an open file. */
        { "utimensat", CALLS_PATHS, 0, 0, 0 },
        { "utimensat", CALLS_OWNERS, 1, UINT64_MAX, 0 },

        { "truncate", CALLS_PATHS, 0, 0, 0 },
        { "truncate", CALLS_TRUNCATE, 0, 0, 0 },

        /* Nothing that is executable is or was writable, or is so elsewhere, as a file in memory can be. Programs may
         * execute files that they have written in any case. */
        { "memfd_create", CALLS_JIT, 0, 0, 0 },
        { "memfd_create", CALLS_SUBPROCESS, 0, 0, 0 },
        { "mmap", CALLS_JIT, 2, 0, 0 },
        { "mmap", 0, 2, PROT_WRITE | PROT_EXEC, 0 },
        { "mmap", 0, 2, PROT_WRITE | PROT_EXEC, PROT_WRITE },
        { "mmap", 0, 2, PROT_WRITE | PROT_EXEC, PROT_EXEC },
        { "mprotect", CALLS_JIT, 2, 0, 0 },
        { "mprotect", 0, 2, PROT_EXEC, 0 },
        { "pkey_mprotect", CALLS_JIT, 2, 0, 0 },
        { "pkey_mprotect", 0, 2, PROT_EXEC, 0 },

        /* Oneself, or whoever can be seen when that is safe. */
        { "kill", 0, 0, LOWER, CALLS_SELF },
        { "kill", CALLS_SIGNALS, 0, 0, 0 },
        { "tgkill", 0, 0, LOWER, CALLS_SELF },
        { "tgkill", CALLS_SIGNALS, 0, 0, 0 },
        { "rt_sigqueueinfo", 0, 0, LOWER, CALLS_SELF },
        { "rt_sigqueueinfo", CALLS_SIGNALS, 0, 0, 0 },
        { "rt_tgsigqueueinfo", 0, 0, LOWER, CALLS_SELF },
        { "rt_tgsigqueueinfo", CALLS_SIGNALS, 0, 0, 0 },
        { "prlimit64", 0, 0, LOWER, 0 },
        { "prlimit64", 0, 0, LOWER, CALLS_SELF },
        { "sched_setaffinity", 0, 0, LOWER, 0 },
        { "sched_setaffinity", 0, 0, LOWER, CALLS_SELF },
        { "sched_setparam", CALLS_SUBPROCESS, 0, LOWER, 0 },
        { "sched_setscheduler", CALLS_SUBPROCESS, 0, LOWER, 0 },
        { "sched_setattr", CALLS_SUBPROCESS, 0, LOWER, 0 },
        { "personality", 0, 0, LOWER, ADDR_QUERY },

        /* Named pipes and regular files, no devices. */
        { "mknod", 0, 1, S_IFMT, S_IFIFO }, { "mknod", 0, 1, S_IFMT, S_IFREG }, { "mknod", 0, 1, S_IFMT, 0 },
        { "mknodat", 0, 2, S_IFMT, S_IFIFO }, { "mknodat", 0, 2, S_IFMT, S_IFREG }, { "mknodat", 0, 2, S_IFMT, 0 },

        /* All but F_SETOWN and F_SETOWN_EX, by which a signal could be had sent to anybody. */
        { "fcntl", 0, 1, LOWER & ~UINT64_C(7), 0 },
        { "fcntl", 0, 1, LOWER, 9 }, { "fcntl", 0, 1, LOWER, 11 }, { "fcntl", 0, 1, LOWER, 16 },
        { "fcntl", 0, 1, LOWER & ~UINT64_C(3), 36 },    /* locks of an open file */
        { "fcntl", 0, 1, LOWER & ~UINT64_C(15), 1024 }, /* Linux's own */
        { "fcntl", CALLS_SIGNALS, 1, 0, 0 },

        { "prctl", 0, 0, LOWER, 1 },  /* PDEATHSIG */
        { "prctl", 0, 0, LOWER, 2 },
        { "prctl", 0, 0, LOWER, 3 },  /* GET_DUMPABLE */
        { "prctl", 0, 0, LOWER, 7 },  /* GET_KEEPCAPS */
        { "prctl", 0, 0, LOWER, 15 }, /* NAME */
        { "prctl", 0, 0, LOWER, 16 },
        { "prctl", 0, 0, LOWER, 21 }, /* GET_SECCOMP */
        { "prctl", 0, 0, LOWER, 23 }, /* CAPBSET_READ */
        { "prctl", 0, 0, LOWER, 29 }, /* TIMERSLACK */
        { "prctl", 0, 0, LOWER, 30 },
        { "prctl", 0, 0, LOWER, 37 }, /* GET_CHILD_SUBREAPER */
        { "prctl", 0, 0, LOWER, 38 }, /* NO_NEW_PRIVS */
        { "prctl", 0, 0, LOWER, 39 },
        { "prctl", 0, 0, LOWER, 41 }, /* THP_DISABLE */
        { "prctl", 0, 0, LOWER, 42 },
        { "prctl", 0, 0, LOWER, 52 }, /* GET_SPECULATION_CTRL */
        { "prctl", 0, 0, LOWER, 65 }, /* MDWE */
        { "prctl", 0, 0, LOWER, 66 },
        { "prctl", 0, 0, LOWER, 0x53564d41 }, /* VMA: names of mappings */
        { "prctl", 0, 0, LOWER, 0x41555856 }, /* GET_AUXV */
        { "prctl", CALLS_SUBPROCESS, 0, LOWER, 8 },  /* KEEPCAPS: there are none to keep */
        { "prctl", CALLS_SUBPROCESS, 0, LOWER, 22 }, /* SECCOMP */
        { "prctl", CALLS_SUBPROCESS, 0, LOWER, 36 }, /* CHILD_SUBREAPER */
        { "prctl", CALLS_SUBPROCESS, 0, LOWER, 47 }, /* CAP_AMBIENT */

        { "ioctl", 0, 1, LOWER, 0x5401 },     /* TCGETS: isatty() */
        { "ioctl", 0, 1, LOWER, 0x5413 },     /* TIOCGWINSZ */
        { "ioctl", 0, 1, LOWER, 0x541b },     /* FIONREAD */
        { "ioctl", 0, 1, LOWER, 0x5421 },     /* FIONBIO */
        { "ioctl", 0, 1, LOWER, 0x5450 },     /* FIONCLEX, FIOCLEX */
        { "ioctl", 0, 1, LOWER, 0x5451 },
        { "ioctl", 0, 1, LOWER, 0x802c542a }, /* TCGETS2 */
        { "ioctl", 0, 1, LOWER, 0x40049409 }, /* FICLONE, FICLONERANGE */
        { "ioctl", 0, 1, LOWER, 0x4020940d },
        { "ioctl", CALLS_NETWORK, 1, LOWER & ~UINT64_C(15), 0x8910 }, /* questions about interfaces */
        { "ioctl", CALLS_NETWORK, 1, LOWER & ~UINT64_C(15), 0x8920 },
        { "ioctl", CALLS_NETWORK, 1, LOWER & ~UINT64_C(15), 0x8930 },
        /* The listener's own questions; nobody else has its descriptor. */
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, SECCOMP_IOCTL_NOTIF_RECV },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, SECCOMP_IOCTL_NOTIF_SEND },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, SECCOMP_IOCTL_NOTIF_ID_VALID },
        /* Terminals, for programs: all but TIOCSTI (0x5412), TIOCLINUX (0x541c), TIOCCONS (0x541d), TIOCSETD
         * (0x5423), which reach beyond them. */
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(15), 0x5400 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(1), 0x5410 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(3), 0x5414 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(3), 0x5418 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(1), 0x541e },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(1), 0x5420 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x5422 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(3), 0x5424 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(7), 0x5428 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER & ~UINT64_C(3), 0x402c5428 }, /* TCSETS2 and its kind */
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x402c542c },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x402c542d },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x80045430 }, /* pseudo-terminals */
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x40045431 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x5441 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x5460 },     /* FIOQSIZE */
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 2 },          /* FIGETBSZ */
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x80086601 }, /* attributes of files */
        { "ioctl", CALLS_SUBPROCESS | CALLS_OWNERS, 1, LOWER, 0x40086602 },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0x801c581f },
        { "ioctl", CALLS_SUBPROCESS, 1, LOWER, 0xc020660b }, /* FIEMAP */
};

static const struct rule_of_two rules_of_two[] = {
        /* One of a pair for datagrams could send to every socket that has a name. */
        { { "socketpair", 0, 0, LOWER, AF_UNIX }, 1, SOCKET_TYPE, SOCK_STREAM },
        { { "socketpair", 0, 0, LOWER, AF_UNIX }, 1, SOCKET_TYPE, SOCK_SEQPACKET },

        /* Not of all that the user has. */
        { { "setpriority", 0, 0, LOWER, PRIO_PROCESS }, 1, LOWER, 0 },
        { { "setpriority", 0, 0, LOWER, PRIO_PROCESS }, 1, LOWER, CALLS_SELF },
        { { "ioprio_set", CALLS_SUBPROCESS, 0, LOWER, IOPRIO_WHO_PROCESS }, 1, LOWER, 0 },
};
/* clang-format on */

/* @two NULL: there is one argument. */
static int rule_add(scmp_filter_ctx filter, const struct rule *rule, const struct rule_of_two *two)
{
        int number = seccomp_syscall_resolve_name(rule->name);

        if (number < 0) /* not on this architecture */
                return 0;
        if (rule->mask == 0)
                return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
        const struct scmp_arg_cmp one = SCMP_CMP(rule->arg, SCMP_CMP_MASKED_EQ, rule->mask, rule->value);
        if (!two)
                return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, one);
        return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 2, one,
                                SCMP_CMP(two->arg, SCMP_CMP_MASKED_EQ, two->mask, two->value));
}

/* Whether a rule for all arguments follows among the rules, which makes those for some of them needless. */
static bool rule_is_covered(const struct rule *rule, unsigned flags)
{
        for (size_t i = 0; i < ARRAY_SIZE(rules) && rule->mask != 0; i++)
                if (rules[i].mask == 0 && (rules[i].needs & flags) == rules[i].needs &&
                    strcmp(rules[i].name, rule->name) == 0)
                        return true;
        return false;
}

/* Families that libraries try in passing are refused without a word: the request that they were for is told. In
 * a run with programs everything that is refused is told, but for netlink. */
static int families_add_quiet(scmp_filter_ctx filter, unsigned flags)
{
        static const struct {
                int family;
                unsigned flag;
        } families[] = { { AF_INET, CALLS_NETWORK }, { AF_INET6, CALLS_NETWORK }, { AF_UNIX, CALLS_UNIX } };
        const int number = seccomp_syscall_resolve_name("socket");
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(families) && !(flags & CALLS_SUBPROCESS) && r == 0; i++)
                if (!(flags & families[i].flag))
                        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), number, 1,
                                             SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOWER,
                                                      (uint64_t)families[i].family));
        if (r < 0)
                return r;
        if (!(flags & CALLS_NETWORK))
                return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), number, 1,
                                        SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOWER, AF_NETLINK));
        return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 2,
                                SCMP_CMP(0, SCMP_CMP_MASKED_EQ, LOWER, AF_NETLINK),
                                SCMP_CMP(2, SCMP_CMP_MASKED_EQ, LOWER, NETLINK_ROUTE));
}

int calls_add_by_argument(scmp_filter_ctx filter, unsigned flags)
{
        for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
                if ((rules[i].needs & flags) != rules[i].needs || rule_is_covered(&rules[i], flags))
                        continue;
                int r = rule_add(filter, &rules[i], NULL);
                if (r < 0 && r != -EEXIST) /* another allows it */
                        return r;
        }
        for (size_t i = 0; i < ARRAY_SIZE(rules_of_two); i++) {
                const struct rule *rule = &rules_of_two[i].rule;
                int r = (rule->needs & flags) == rule->needs ? rule_add(filter, rule, &rules_of_two[i]) : 0;
                if (r < 0 && r != -EEXIST)
                        return r;
        }
        /* glibc makes threads with clone() when there is no clone3(), whose arguments no filter can see. */
        int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        return r < 0 ? r : families_add_quiet(filter, flags);
}
