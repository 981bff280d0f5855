/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A filter is compiled by libseccomp (400 µs), exported, and from then on a plain array of instructions that a
 * child installs (130 µs). Its default is to refuse and tell; two things are put in afterwards, because
 * libseccomp cannot say them: in filters for runs with programs, telling is asking the listener, and not SIGSYS,
 * which a program would die of; and the process ID of who installs it.
 */
#include "config.h"

#include "runner/sandbox_calls.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/denial.h"
#include "runner/sandbox_calls_internal.h"

#define CODE_SECCOMP 1 /* SYS_SECCOMP in the kernel, which libc does not repeat */

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH (1UL << 4)
#endif

/* By flags; code NULL: not compiled. */
static struct sock_fprog programs[CALLS_ALL + 1];

bool calls_supported(void)
{
        static int known = -1;
        const uint32_t trap = SECCOMP_RET_TRAP;

        if (known < 0)
                known = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &trap) == 0;
        return known == 1;
}

/* ---- compiling ---- */

static int rules_add(scmp_filter_ctx filter, unsigned flags)
{
        for (size_t i = 0; i < calls_row_count; i++) {
                int number = calls_row_number(&calls_rows[i]);
                if (number < 0 || !calls_row_allows(&calls_rows[i], flags) ||
                    ((flags & CALLS_FILES) && calls_file_is_asked(number)))
                        continue;
                int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
                if (r < 0 && r != -EEXIST)
                        return r;
        }
        int r = flags & CALLS_FILES ? calls_file_add_unasked(filter) : 0;
        return r < 0 ? r : calls_add_by_argument(filter, flags);
}

static int program_export(scmp_filter_ctx filter, struct sock_fprog *ret)
{
        _cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);

        if (fd < 0)
                return -errno;
        int r = seccomp_export_bpf(filter, fd);
        if (r < 0)
                return r;
        off_t size = lseek(fd, 0, SEEK_END);
        if (size <= 0 || size > (off_t)(BPF_MAXINSNS * sizeof(struct sock_filter)))
                return -E2BIG;
        _cleanup_free_ struct sock_filter *code = malloc((size_t)size);
        if (!code)
                return -ENOMEM;
        if (pread(fd, code, (size_t)size, 0) != size)
                return -EIO;
        *ret = (struct sock_fprog){
                .len = (unsigned short)((size_t)size / sizeof(*code)),
                .filter = steal_pointer(code),
        };
        return 0;
}

static int program_compile(unsigned flags, struct sock_fprog *ret)
{
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);

        if (!filter)
                return -ENOMEM;
        int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        if (r == 0)
                r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
        if (r == 0)
                r = rules_add(filter, flags);
        if (r == 0)
                r = program_export(filter, ret);
        seccomp_release(filter);
        return r;
}

int calls_prepare(unsigned fixed, unsigned varying, struct error *error)
{
        unsigned subset = varying;

        if (!calls_supported())
                return CALLS_ABSENT;
        calls_refusal_init();
        for (;; subset = (subset - 1) & varying) {
                unsigned flags = (fixed | subset) & CALLS_ALL;
                int r = programs[flags].filter ? 0 : program_compile(flags, &programs[flags]);
                if (r < 0)
                        return error_set_errno(error, -r, "seccomp filter");
                if (subset == 0)
                        return 0;
        }
}

/* ---- in the child ---- */

/* @denied: what the filter does about a call that is refused. */
static void program_complete(const struct sock_fprog *program, uint32_t denied, struct sock_filter *ret)
{
        const uint32_t self = (uint32_t)getpid();

        for (unsigned i = 0; i < program->len; i++) {
                ret[i] = program->filter[i];
                if (ret[i].code == (BPF_JMP | BPF_JEQ | BPF_K) && ret[i].k == CALLS_SELF)
                        ret[i].k = self;
                if (ret[i].code == (BPF_RET | BPF_K) && ret[i].k == SECCOMP_RET_TRAP)
                        ret[i].k = denied;
        }
}

/* The kernel has rolled the call back: what it would have returned goes where it would have put it. */
static void on_refused(int signal_number, siginfo_t *info, void *context)
{
        const int saved_errno = errno;
        ucontext_t *at = context;
        const char *name, *key;

#if defined(__x86_64__)
        greg_t *result = &at->uc_mcontext.gregs[REG_RAX];
        const uint64_t arg = (uint64_t)at->uc_mcontext.gregs[REG_RDI];
#elif defined(__aarch64__)
        unsigned long long *result = &at->uc_mcontext.regs[0];
        const uint64_t arg = at->uc_mcontext.regs[0];
#else
#error "the registers of system calls on this architecture are needed here"
#endif
        if (info->si_code != CODE_SECCOMP)
                return; /* somebody sent it */
        int refusal = calls_refusal(info->si_syscall, arg, &name, &key);
        if (name)
                denial_call((unsigned)info->si_syscall, name, key);
        *result = (__typeof__(*result))(-(int64_t)refusal);
        errno = saved_errno;
}

static int handler_install(struct error *error)
{
        struct sigaction action = { .sa_sigaction = on_refused, .sa_flags = SA_SIGINFO | SA_NODEFER };

        /* On the stack that is in use: a run's alternate one, if it has any, is small and for faults. */
        sigemptyset(&action.sa_mask);
        return sigaction(SIGSYS, &action, NULL) < 0 ? error_set_errno(error, errno, "SIGSYS") : 0;
}

static int program_load(const struct sock_fprog *program, unsigned flags)
{
        long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);

        return r < 0 ? -errno : (int)r;
}

/* What @flags are compiled to, with the process put in; compiled here if it was not before. 0, CALLS_ABSENT or -errno. */
static int program_make(unsigned flags, uint32_t denied, struct sock_fprog *ret, struct error *error)
{
        const struct sock_fprog *original = &programs[flags & CALLS_ALL];
        int r = original->filter ? 0 : calls_prepare(flags, 0, error);

        if (r != 0)
                return r;
        ret->len = original->len;
        program_complete(original, denied, ret->filter);
        return 0;
}

/* Programs do not have our handler: a listener, or, on kernels before 5.7, refusals that nobody is told of. */
static int install_for_programs(struct sock_fprog *program, unsigned flags, struct error *error)
{
        const unsigned threads = SECCOMP_FILTER_FLAG_TSYNC;
        const unsigned asking = threads | SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC_ESRCH;

        int r = program_make(flags | CALLS_FILES, SECCOMP_RET_USER_NOTIF, program, error);
        if (r != 0)
                return r;
        /* Since Linux 5.19 a signal does not interrupt who waits for an answer that is under way. */
        int listener = program_load(program, asking | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
        if (listener < 0)
                listener = program_load(program, asking);
        if (listener >= 0) {
                r = calls_listener_start(listener);
                return r < 0 ? error_set_errno(error, -r, "listener of seccomp") : 0;
        }
        r = program_make(flags, SECCOMP_RET_ERRNO | EPERM, program, error);
        if (r != 0)
                return r;
        r = program_load(program, threads);
        return r != 0 ? error_set_errno(error, r < 0 ? -r : EBUSY, "seccomp") : 0;
}

int calls_install(unsigned flags, struct error *error)
{
        struct sock_filter code[BPF_MAXINSNS];
        struct sock_fprog program = { .filter = code };

        if (!calls_supported())
                return CALLS_ABSENT;
        int r = handler_install(error);
        if (r < 0)
                return r;
        if (flags & CALLS_SUBPROCESS)
                return install_for_programs(&program, flags, error);
        r = program_make(flags, SECCOMP_RET_TRAP, &program, error);
        if (r != 0)
                return r;
        r = program_load(&program, SECCOMP_FILTER_FLAG_TSYNC);
        return r != 0 ? error_set_errno(error, r < 0 ? -r : EBUSY, "seccomp") : 0;
}

int calls_mdwe(void)
{
        if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) == 0)
                return 0;
        return errno == EINVAL ? CALLS_MDWE_ABSENT : -errno;
}
