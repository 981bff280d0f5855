/* SPDX-License-Identifier: MPL-2.0 */
/*
 *   caller --clone--> middle: session leader --clone--> the program, orphaned at once
 *     |                  '--leaves: the caller waits for it
 *     '--reads the pipe: its end is the exec, an errno a failure
 *
 * The caller may have any number of threads, handlers of SIGCHLD, and waits of its own. Therefore: both children are made
 * by the bare system call, so that no handler of fork() runs and no lock of the C library is looked at; they do nothing
 * but system calls until the exec; and they end without a signal, so that a wait for any child never sees the middle one
 * (only __WCLONE does). All signals are blocked meanwhile, since a handler of the caller's must not run in a child.
 * Once it is orphaned, and with exec, the kernel gives the program the usual signal, so that init reaps it.
 */
#include "config.h"

#include "lib/detached.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define REPORT_FD 3                /* the pipe, in the program until its exec */
#define DESCRIPTORS_MAX (1U << 20) /* as many are closed one by one where there is no close_range() */

extern char **environ;

/* Neither a thread nor a signal at its end. With no flags the order of the arguments is the same everywhere. */
static pid_t clone_plain(void)
{
        return (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);
}

static _Noreturn void child_fail(int report, int code)
{
        ssize_t r = write(report, &code, sizeof(code));

        _exit(r < 0 ? 2 : 1);
}

static void descriptors_close(void)
{
        struct rlimit limit = { 0 };

#ifdef SYS_close_range
        if (syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0) == 0)
                return;
#endif
        getrlimit(RLIMIT_NOFILE, &limit);
        for (rlim_t fd = REPORT_FD + 1; fd < MIN(limit.rlim_cur, (rlim_t)DESCRIPTORS_MAX); fd++)
                close((int)fd);
}

static void signals_reset(void)
{
        struct sigaction by_default = { .sa_handler = SIG_DFL };
        sigset_t none;

        for (int number = 1; number < _NSIG; number++)
                (void)sigaction(number, &by_default, NULL); /* two cannot be changed */
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void program_execute(const char *program, char *const argv[], int report)
{
        int null = open("/dev/null", O_RDWR);

        if (null < 0)
                child_fail(report, errno);
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
                if (fd == report && (report = fcntl(report, F_DUPFD_CLOEXEC, REPORT_FD)) < 0)
                        _exit(2);
                if (fd != null && dup2(null, fd) < 0)
                        child_fail(report, errno);
        }
        if (report != REPORT_FD && dup3(report, REPORT_FD, O_CLOEXEC) < 0)
                child_fail(report, errno);
        descriptors_close();
        signals_reset();
        execve(program, argv, environ);
        child_fail(REPORT_FD, errno);
}

static _Noreturn void middle(const char *program, char *const argv[], int report)
{
        if (setsid() < 0)
                child_fail(report, errno);
        pid_t pid = clone_plain();
        if (pid < 0)
                child_fail(report, errno);
        if (pid == 0)
                program_execute(program, argv, report);
        _exit(0);
}

/* The errno of the child that failed; 0: the program was executed. */
static int report_read(int fd)
{
        int code = 0;
        ssize_t r;

        do
                r = read(fd, &code, sizeof(code));
        while (r < 0 && errno == EINTR);
        return r == sizeof(code) ? code : 0;
}

int detached_run(const char *program, char *const argv[], struct error *error)
{
        _cleanup_close_ int reader = -1, writer = -1;
        sigset_t all, before;
        int pair[2];

        if (pipe2(pair, O_CLOEXEC) < 0)
                return error_set_errno(error, errno, "cannot make a pipe");
        reader = pair[0];
        writer = pair[1];
        sigfillset(&all);
        sigdelset(&all, SIGSYS); /* a sandbox's; it cannot be held back */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        pid_t pid = clone_plain();
        int code = errno;
        if (pid == 0)
                middle(program, argv, writer);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (pid < 0)
                return error_set_errno(error, code, "cannot make a process");
        close(steal_fd(&writer));
        code = report_read(reader);
        while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
                ;
        return code ? error_set_errno(error, code, "cannot execute %s", program) : 0;
}
