/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A run from the clone to its task: a list of stages, each of which can fail with an errno that the daemon is
 * told together with the stage's name.
 *
 * The order matters: the parent-death signal as soon as possible, and then a look whether the parent is still
 * there; descriptors before anything opens new ones; the profile before what is read from it; privileges that
 * are given up stay given up. What the child inherits is exactly: /dev/null as standard input, its output, the
 * result socket, its file, the memory of the zygote.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
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
#include "lib/util.h"
#include "runner/limits.h"
#include "runner/modes.h"
#include "runner/report.h"

#define RESULT_FD (STDERR_FILENO + 1)
#define RUN_FILE_FD (RESULT_FD + 1)

struct child {
        struct host *host;
        const struct wire_start *start;
        const int *fds;
        pid_t daemon;
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

static int stage_parent(struct child *child, struct error *error)
{
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return failed(error, "PR_SET_PDEATHSIG");
        if (getppid() != child->daemon)
                _exit(TASK_EXIT_START_FAILED); /* it died before: nobody is left to tell */
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
        sigemptyset(&none);
        return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? failed(error, "sigprocmask") : 0;
}

static int stage_descriptors(struct child *child, struct error *error)
{
        if (dup2(child->fds[WIRE_FD_STDOUT], STDOUT_FILENO) < 0 ||
            dup2(child->fds[WIRE_FD_STDERR], STDERR_FILENO) < 0)
                return failed(error, "standard output");
        if (dup3(child->fds[WIRE_FD_RESULT], RESULT_FD, O_CLOEXEC) < 0)
                return failed(error, "result socket");
        if (child->fds[WIRE_FD_RUN_FILE] != RUN_FILE_FD &&
            dup3(child->fds[WIRE_FD_RUN_FILE], RUN_FILE_FD, O_CLOEXEC) < 0)
                return failed(error, "run file");
        report_to_file(RUN_FILE_FD);
        child->host->result_fd = RESULT_FD;
        if (close_range(RUN_FILE_FD + 1, ~0U, 0) < 0)
                return failed(error, "close_range");
        for (int fd = STDOUT_FILENO; fd <= RESULT_FD; fd++) {
                int r = fd_set_nonblocking(fd, false);
                if (r < 0)
                        return error_set_errno(error, -r, "descriptor %d", fd);
        }
        int r = run_silence(child->start->task, child->start->args);
        return r < 0 ? error_set_errno(error, -r, "/dev/null") : 0;
}

static int stage_privileges(struct child *child, struct error *error)
{
        umask(077);
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? failed(error, "PR_SET_NO_NEW_PRIVS") : 0;
}

static int stage_limits(struct child *child, struct error *error)
{
        return limits_data(child->host->heap_max, error);
}

/* First of all: the others go by it. */
static int stage_policy(struct child *child, struct error *error)
{
        return task_policy_parse(child->start->policy, &child->host->policy, error);
}

static int stage_environment(struct child *child, struct error *error)
{
        char id[24];

        int r = run_environment(&child->host->policy, error);
        if (r < 0)
                return r;

        snprintf(id, sizeof(id), "%lld", (long long)child->start->run_id);
        bool by_hand = child->start->schedule[0] == '\0';
        if (setenv("BGTASK_RUN_ID", id, 1) < 0 || setenv("BGTASK_NAME", child->start->task, 1) < 0 ||
            (by_hand ? unsetenv("BGTASK_SCHEDULE") : setenv("BGTASK_SCHEDULE", child->start->schedule, 1)) <
                    0)
                return failed(error, "environment");
        return 0;
}

static int stage_profile(struct child *child, struct error *error)
{
        const struct wire_start *start = child->start;

        if (profile_is_persistent(start->task, &child->host->policy))
                return profile_open_persistent(start->profiles, start->task, &child->profile, error);
        return profile_open_at(start->profile, &child->profile, error);
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
        { "descriptors", stage_descriptors },
        { "policy", stage_policy },
        { "parent", stage_parent },
        { "session", stage_session },
        { "signals", stage_signals },
        { "privileges", stage_privileges },
        { "limits", stage_limits },
        { "environment", stage_environment },
        { "profile", stage_profile },
        { "directory", stage_directory },
        { "host", stage_host },
        { "engine", stage_engine },
};

_Noreturn void child_run(struct host *host, const struct wire_start *start,
                         const int fds[static WIRE_FD_COUNT], pid_t daemon)
{
        struct error error = ERROR_INIT;
        static struct child child;

        child = (struct child){
                .host = host, .start = start, .fds = fds, .daemon = daemon, .profile = PROFILE_INIT
        };
        host->started_monotonic_us = clock_monotonic_us();
        host->result_fd = fds[WIRE_FD_RESULT]; /* until it has its place */
        for (size_t i = 0; i < ARRAY_SIZE(stages); i++)
                if (stages[i].run(&child, &error) < 0)
                        run_not_started(host, &child.profile, stages[i].name, &error);
        prctl(PR_SET_NAME, "bgtask-run");
        log_init("bgtask-runner", LOG_LEVEL_WARNING);
        run_and_leave(host, &child.profile);
}
