/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A run from the clone to its task: a list of stages, each of which can fail with an errno that the daemon is
 * told together with the stage's name.
 *
 * The order matters: descriptors before anything opens new ones; the parent-death signal as soon as possible and, as
 * a change of user takes it away, once more after that, each time with a look whether the parent is still there; files
 * before what is read from them; what keeps the run in from its files to its calls, each before what would no longer let
 * it be set up; and whether all that the task requires is in force before the last. What the child inherits is exactly:
 * /dev/null as standard input, its output, the result socket, its file, the memory of the zygote.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/paths.h"
#include "lib/util.h"
#include "runner/environment.h"
#include "runner/first_process.h"
#include "runner/limits.h"
#include "runner/modes.h"
#include "runner/report.h"
#include "runner/sandbox.h"

#define RESULT_FD (STDERR_FILENO + 1)
#define RUN_FILE_FD (RESULT_FD + 1)
#define OUTSIDE_FD (RUN_FILE_FD + 1) /* until the run has its files */

struct child {
        struct host *host;
        const struct wire_start *start;
        const struct child_descriptors *given;
        struct sandbox_run sandbox;
        struct profile profile;
};

static int failed(struct error *error, const char *what)
{
        return error_set_errno(error, errno, "%s", what);
}

static int stage_session(struct child *child, struct error *error)
{
        return setsid() < 0 ? failed(error, "setsid") : 0;
}

/* In a PID namespace nobody has a parent that could be compared. But the daemon has the other end of the result
 * socket, and nobody else. */
static int stage_parent(struct child *child, struct error *error)
{
        struct pollfd daemon = { .fd = child->host->result_fd, .events = POLLIN };

        if (child->host->policy.on_daemon_exit == TASK_DAEMON_EXIT_ADOPT)
                return 0;
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return failed(error, "PR_SET_PDEATHSIG");
        if (poll(&daemon, 1, 0) > 0 && daemon.revents & POLLHUP)
                _exit(TASK_EXIT_START_FAILED); /* it died before: nobody is left to tell */
        sandbox_add(&child->host->sandbox, SANDBOX_KILL_PDEATHSIG);
        return 0;
}

/* The zygote's own handlers are the engine's, for faults; those stay. */
static int stage_signals(struct child *child, struct error *error)
{
        static const int reset[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGCHLD,
                                     SIGALRM, SIGUSR1, SIGUSR2, SIGTSTP };
        sigset_t none;

        for (size_t i = 0; i < ARRAY_SIZE(reset); i++)
                if (signal(reset[i], SIG_DFL) == SIG_ERR)
                        return failed(error, "signal");
        if (getpid() == 1) {
                first_process_init(child->host->result_fd);
                sandbox_add(&child->host->sandbox, SANDBOX_KILL_PIDNS);
        }
        sigemptyset(&none);
        return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? failed(error, "sigprocmask") : 0;
}

/* The mount namespace outside goes to its place for the time that it is needed; what a zygote has for itself is closed. */
static int outside_keep(struct sandbox_frame *frame, struct error *error)
{
        int last = RUN_FILE_FD;

        if (frame->outside_namespace >= 0) {
                if (frame->outside_namespace != OUTSIDE_FD &&
                    dup3(frame->outside_namespace, OUTSIDE_FD, O_CLOEXEC) < 0)
                        return failed(error, "mount namespace");
                frame->outside_namespace = last = OUTSIDE_FD;
        }
        frame->outside_root = frame->writable = -1;
        return close_range((unsigned)last + 1, ~0U, 0) < 0 ? failed(error, "close_range") : 0;
}

/* The numbers up to OUTSIDE_FD may be anything's: everything that is still needed goes above them first. */
static int descriptor_lift(int *fd, struct error *error)
{
        if (*fd < 0 || *fd > OUTSIDE_FD)
                return 0;
        int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, OUTSIDE_FD + 1);
        if (lifted < 0)
                return failed(error, "descriptors");
        *fd = lifted;
        return 0;
}

static int stage_descriptors(struct child *child, struct error *error)
{
        struct sandbox_frame *frame = child->sandbox.frame;
        int fds[WIRE_FD_COUNT];
        int r = descriptor_lift(&frame->outside_namespace, error);

        if (r < 0)
                return r;
        for (size_t i = 0; i < WIRE_FD_COUNT; i++) {
                fds[i] = child->given->fds[i];
                r = descriptor_lift(&fds[i], error);
                if (r < 0)
                        return r;
        }
        child->host->result_fd = fds[WIRE_FD_RESULT];
        if (dup2(fds[WIRE_FD_STDOUT], STDOUT_FILENO) < 0 || dup2(fds[WIRE_FD_STDERR], STDERR_FILENO) < 0)
                return failed(error, "standard output");
        if (dup3(fds[WIRE_FD_RESULT], RESULT_FD, O_CLOEXEC) < 0)
                return failed(error, "result socket");
        child->host->result_fd = RESULT_FD;
        if (dup3(fds[WIRE_FD_RUN_FILE], RUN_FILE_FD, O_CLOEXEC) < 0)
                return failed(error, "run file");
        report_to_file(RUN_FILE_FD);
        r = outside_keep(frame, error);
        for (int fd = STDOUT_FILENO; r == 0 && fd <= RESULT_FD; fd++) {
                r = fd_set_nonblocking(fd, false);
                if (r < 0)
                        return error_set_errno(error, -r, "descriptor %d", fd);
        }
        if (r < 0)
                return r;
        r = run_silence(child->start->task, child->start->args);
        return r < 0 ? error_set_errno(error, -r, "/dev/null") : 0;
}

/* First of all: the others go by it. */
static int stage_policy(struct child *child, struct error *error)
{
        int r = task_policy_parse(child->start->policy, &child->host->policy, error);

        if (r < 0)
                return r;
        if (child->host->policy.network && !child->sandbox.frame->network && !child->sandbox.frame->off)
                return error_set(error, EPERM, "the task has a network, its zygote has none");
        return 0;
}

static int stage_privileges(struct child *child, struct error *error)
{
        umask(077);
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? failed(error, "PR_SET_NO_NEW_PRIVS") : 0;
}

static int stage_limits(struct child *child, struct error *error)
{
        struct sandbox *in_force = &child->host->sandbox;

        if (child->sandbox.frame->off)
                return limits_data(child->host->heap_max, error);
        sandbox_add(in_force, SANDBOX_LIMITS_RLIMIT);
        return limits_apply(child->host, &child->host->policy, false, error);
}

static int stage_environment(struct child *child, struct error *error)
{
        char id[24], nominal[24];

        if (!child->sandbox.frame->off)
                environment_clean(&child->host->policy);
        int r = environment_set(&child->host->policy, error);
        if (r < 0)
                return r;

        snprintf(id, sizeof(id), "%lld", (long long)child->start->run_id);
        snprintf(nominal, sizeof(nominal), "%lld", (long long)child->start->nominal_at_us);
        bool by_hand = child->start->schedule[0] == '\0', at_a_time = child->start->nominal_at_us > 0;
        if (setenv("BGTASK_RUN_ID", id, 1) < 0 || setenv("BGTASK_NAME", child->start->task, 1) < 0 ||
            (by_hand ? unsetenv("BGTASK_SCHEDULE") : setenv("BGTASK_SCHEDULE", child->start->schedule, 1)) <
                    0 ||
            (at_a_time ? setenv("BGTASK_NOMINAL_AT", nominal, 1) : unsetenv("BGTASK_NOMINAL_AT")) < 0 ||
            (child->host->policy.control_socket ? setenv("BGTASKD_SOCKET", child->start->control, 1)
                                                : unsetenv("BGTASKD_SOCKET")) < 0)
                return failed(error, "environment");
        return 0;
}

static int stage_files(struct child *child, struct error *error)
{
        int r = sandbox_files(&child->sandbox, &child->profile, error);

        close_keep_errno(child->sandbox.frame->outside_namespace);
        return r;
}

/* What its cgroup can do, while it is at hand. */
static int stage_cgroup(struct child *child, struct error *error)
{
        struct sandbox *in_force = &child->host->sandbox;
        int fd = child->given->cgroup_fd;

        if (fd < 0)
                return 0;
        sandbox_add(in_force, SANDBOX_CGROUP_V2);
        if (faccessat(fd, "cgroup.kill", F_OK, 0) == 0)
                sandbox_add(in_force, SANDBOX_KILL_CGROUP);
        if (faccessat(fd, "memory.max", F_OK, 0) == 0 && faccessat(fd, "pids.max", F_OK, 0) == 0)
                sandbox_add(in_force, SANDBOX_LIMITS_CGROUP);
        return 0;
}

static int stage_access(struct child *child, struct error *error)
{
        return sandbox_access(&child->sandbox, &child->profile, error);
}

static int stage_identity(struct child *child, struct error *error)
{
        return sandbox_identity(&child->sandbox, &child->profile, error);
}

/* Nobody of the same user may trace it, or read what it has in memory. */
static int stage_dumpable(struct child *child, struct error *error)
{
        return !child->sandbox.frame->off && prctl(PR_SET_DUMPABLE, 0) < 0 ? failed(error, "PR_SET_DUMPABLE")
                                                                           : 0;
}

static int stage_require(struct child *child, struct error *error)
{
        sandbox_calls_foresee(&child->sandbox);
        return sandbox_require(&child->host->sandbox, child->host->policy.require, error);
}

static int stage_calls(struct child *child, struct error *error)
{
        return sandbox_calls(&child->sandbox, &child->profile, child->host->result_fd, error);
}

static int stage_directory(struct child *child, struct error *error)
{
        if (chdir(child->profile.path) < 0)
                return error_set_errno(error, errno, "profile %s", child->profile.path);
        return 0;
}

static int stage_host(struct child *child, struct error *error)
{
        struct host *host = child->host;

        host->task = child->start->task;
        host->args = options_normalise(child->start->args);
        if (!host->args)
                return error_set_errno(error, ENOMEM, "arguments");
        host->working_directory = child->profile.path;
        host->begin_monotonic_us = child->start->begin_monotonic_us;
        host->run_id = child->start->run_id;
        host->schedule = child->start->schedule[0] ? child->start->schedule : NULL;
        return 0;
}

static int stage_engine(struct child *child, struct error *error)
{
        if (!eng_after_fork(child->host->engine))
                return error_set(error, EIO, "the JavaScript engine did not survive the fork");
        return 0;
}

static const struct {
        const char *name;
        int (*run)(struct child *child, struct error *error);
} stages[] = {
        { "cgroup", stage_cgroup },           { "descriptors", stage_descriptors },
        { "policy", stage_policy },           { "parent", stage_parent },
        { "session", stage_session },         { "signals", stage_signals },
        { "environment", stage_environment }, { "profile", stage_files },
        { "directory", stage_directory },     { "limits", stage_limits },
        { "privileges", stage_privileges },   { "landlock", stage_access },
        { "user", stage_identity },           { "dumpable", stage_dumpable },
        { "parent", stage_parent },           { "host", stage_host },
        { "require", stage_require },         { "seccomp", stage_calls },
        { "engine", stage_engine },
};

_Noreturn void child_run(struct host *host, const struct wire_start *start,
                         const struct child_descriptors *given)
{
        struct error error = ERROR_INIT;
        static struct child child;

        child = (struct child){ .host = host, .start = start, .given = given, .profile = PROFILE_INIT };
        child.sandbox = (struct sandbox_run){
                .control = start->control,
                .frame = host->frame,
                .policy = &host->policy,
                .task = start->task,
                .scratch = start->profile,
                .profiles = start->profiles,
                .cgroup_fd = given->cgroup_fd,
                .in_force = &host->sandbox,
        };
        host->started_monotonic_us = clock_monotonic_us();
        host->result_fd = given->fds[WIRE_FD_RESULT]; /* until it has its place */
        for (size_t i = 0; i < ARRAY_SIZE(stages); i++)
                if (stages[i].run(&child, &error) < 0)
                        run_not_started(host, &child.profile, stages[i].name, &error);
        prctl(PR_SET_NAME, "bgtask-run");
        log_init("bgtask-runner", LOG_LEVEL_WARNING);
        run_and_leave(host, &child.profile);
}
