/* SPDX-License-Identifier: MPL-2.0 */
/*
 * --sandbox: direct mode with what the task's file says, as the daemon would do it.
 *
 * This process makes what a zygote makes, which leaves it with a root that has only the system in it, and then only
 * waits: it hands signals on to the run, which is its child in a PID namespace of its own, and leaves with its code. The
 * engine is started in the child, when its files are there and before it may no longer do what starting takes.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/paths.h"
#include "lib/task_file.h"
#include "lib/util.h"
#include "runner/direct.h"
#include "runner/environment.h"
#include "runner/first_process.h"
#include "runner/limits.h"
#include "runner/modes.h"
#include "runner/report.h"
#include "runner/sandbox.h"

static struct sandbox_frame direct_frame = SANDBOX_FRAME_INIT;
static volatile sig_atomic_t direct_child;

struct direct {
        struct host *host;
        struct profile *profile;
        struct sandbox_run run;
        char *temporary;    /* $TMPDIR */
        int parent_fd;      /* in the child: ends with its parent */
        sigset_t unblocked; /* the signals as they were */
};

/* ---- the task's file ---- */

/* With the files of the instance that this user's daemon would be. */
static int file_load(const char *task, struct task_file *ret)
{
        const bool system_instance = geteuid() == 0;
        char **directories = task_file_directories(system_instance);
        int r = directories ? task_file_load(directories, task, system_instance, ret) : -ENOMEM;

        strv_free(directories);
        return r;
}

int direct_read_file(struct host *host, struct error *error)
{
        struct task_file file = { 0 };
        int r = file_load(host->task, &file);

        if (r < 0)
                return error_set_errno(error, -r, "task file");
        if (file.errors && file.errors[0]) {
                r = error_set(error, EINVAL, "%s", file.errors[0]);
        } else {
                host->policy = file.policy;
                task_policy_init(&file.policy);
        }
        task_file_done(&file);
        return r;
}

char *direct_find_file(const char *task)
{
        struct task_file file = { 0 };

        if (file_load(task, &file) < 0)
                return NULL;
        char *found = file.files && file.files[0] ? strdup(file.files[0]) : NULL;
        task_file_done(&file);
        return found;
}

/* ---- the child ---- */

static int stage_signals(struct direct *direct, struct error *error)
{
        if (sigprocmask(SIG_SETMASK, &direct->unblocked, NULL) < 0)
                return error_set_errno(error, errno, "sigprocmask");
        if (getpid() == 1) {
                first_process_init(-1);
                sandbox_add(&direct->host->sandbox, SANDBOX_KILL_PIDNS);
        }
        return 0;
}

static int stage_files(struct direct *direct, struct error *error)
{
        int r = sandbox_files(&direct->run, direct->profile, error);

        direct_frame.outside_namespace = close_keep_errno(direct_frame.outside_namespace);
        direct_frame.outside_root = close_keep_errno(direct_frame.outside_root);
        direct_frame.writable = close_keep_errno(direct_frame.writable);
        return r;
}

static int stage_directory(struct direct *direct, struct error *error)
{
        umask(077);
        direct->host->working_directory = direct->profile->path;
        return chdir(direct->profile->path) < 0 ? error_set_errno(error, errno, "%s", direct->profile->path)
                                                : 0;
}

static int stage_environment(struct direct *direct, struct error *error)
{
        environment_clean(&direct->host->policy);
        return environment_set(&direct->host->policy, error);
}

static int stage_engine(struct direct *direct, struct error *error)
{
        direct->host->no_jit = !direct->host->policy.jit;
        int r = host_start_engine(direct->host, true, error);
        if (r == 0)
                r = sandbox_frame_finish(&direct_frame, error);
        direct->host->sandbox.mechanisms |= direct_frame.shared.mechanisms;
        return r;
}

static int stage_limits(struct direct *direct, struct error *error)
{
        struct sandbox *in_force = &direct->host->sandbox;

        sandbox_add(in_force, SANDBOX_LIMITS_RLIMIT);
        return limits_apply(direct->host, &direct->host->policy, sandbox_has(in_force, SANDBOX_UID_USERNS),
                            error);
}

static int stage_access(struct direct *direct, struct error *error)
{
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return error_set_errno(error, errno, "PR_SET_NO_NEW_PRIVS");
        return sandbox_access(&direct->run, direct->profile, error);
}

static int stage_identity(struct direct *direct, struct error *error)
{
        int r = sandbox_identity(&direct->run, direct->profile, error);

        if (r < 0)
                return r;
        if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
                return error_set_errno(error, errno, "prctl");
        struct pollfd parent = { .fd = direct->parent_fd };
        if (poll(&parent, 1, 0) > 0)
                _exit(TASK_EXIT_START_FAILED); /* it died before: nobody would end this */
        close(direct->parent_fd);
        sandbox_add(&direct->host->sandbox, SANDBOX_KILL_PDEATHSIG);
        return 0;
}

static int stage_require(struct direct *direct, struct error *error)
{
        sandbox_calls_foresee(&direct->run);
        return sandbox_require(&direct->host->sandbox, direct->host->policy.require, error);
}

static int stage_calls(struct direct *direct, struct error *error)
{
        return sandbox_calls(&direct->run, direct->profile, -1, error);
}

static int stage_threads(struct direct *direct, struct error *error)
{
        return eng_after_fork(direct->host->engine)
                       ? 0
                       : error_set(error, EIO, "the JavaScript engine cannot get ready for the task");
}

static const struct {
        const char *name;
        int (*run)(struct direct *direct, struct error *error);
} stages[] = {
        { "signals", stage_signals },     { "environment", stage_environment }, { "profile", stage_files },
        { "directory", stage_directory }, { "engine", stage_engine },           { "limits", stage_limits },
        { "landlock", stage_access },     { "user", stage_identity },           { "require", stage_require },
        { "seccomp", stage_calls },       { "engine", stage_threads },
};

static _Noreturn void child(struct direct *direct)
{
        struct error error = ERROR_INIT;

        for (size_t i = 0; i < ARRAY_SIZE(stages); i++)
                if (stages[i].run(direct, &error) < 0)
                        run_not_started(direct->host, direct->profile, stages[i].name, &error);
        run_and_leave(direct->host, direct->profile);
}

/* ---- the parent ---- */

static const int handed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };

static void hand_on(int signal)
{
        if (direct_child > 0)
                kill((pid_t)direct_child, signal);
}

static _Noreturn void wait_and_leave(const struct direct *direct, pid_t pid)
{
        struct sigaction action = { .sa_handler = hand_on };
        int status;

        direct_child = pid;
        for (size_t i = 0; i < ARRAY_SIZE(handed_on); i++)
                sigaction(handed_on[i], &action, NULL);
        sigprocmask(SIG_SETMASK, &direct->unblocked, NULL);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        _exit(TASK_EXIT_START_FAILED);
        /* Where the run has no file system of its own, Landlock keeps it from removing its own directory. */
        if (!direct_frame.mount)
                (void)tree_remove(AT_FDCWD, direct->run.scratch, NULL);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* As the zygote does it: with a PID namespace if the system gives one. Signals wait until both are ready for them. */
static pid_t child_make(struct direct *direct)
{
        sigset_t blocked;
        int ends[2];

        sigemptyset(&blocked);
        for (size_t i = 0; i < ARRAY_SIZE(handed_on); i++)
                sigaddset(&blocked, handed_on[i]);
        if (pipe2(ends, O_CLOEXEC) < 0 || sigprocmask(SIG_BLOCK, &blocked, &direct->unblocked) < 0)
                return -1;
        pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid < 0)
                pid = fork();
        close(ends[pid == 0]); /* the other stays open as long as its process */
        direct->parent_fd = ends[0];
        return pid;
}

static int places_find(const struct options *options, struct direct *direct, struct error *error)
{
        const char *temporary = getenv("TMPDIR");
        _cleanup_free_ char *given = direct_profile_given(options);
        _cleanup_free_ char *state = paths_state_directory(false);

        direct->temporary = realpath(temporary && *temporary ? temporary : "/tmp", NULL);
        if (!direct->temporary)
                return error_set_errno(error, errno, "directory for temporary files");
        direct->run.profiles = state ? path_join(state, "profiles") : strdup("/nonexistent/profiles");
        direct->run.control = paths_client_socket(geteuid() == 0);
        if (given) {
                direct->run.profile = realpath(given, NULL);
                if (!direct->run.profile)
                        return error_set_errno(error, errno, "profile %s", given);
        }
        return direct->run.profiles ? 0 : error_set_errno(error, ENOMEM, "paths");
}

/* The run's own file system is mounted on the directory above it, where nothing else may be. */
static int scratch_choose(struct direct *direct, struct error *error)
{
        _cleanup_free_ char *name = paths_profile_name(direct->host->task);

        if (name)
                direct->run.scratch = direct_frame.mount ? path_join("/run/bgtask-direct", name)
                                                         : format_string("%s/%s-%d", direct->temporary, name,
                                                                         (int)getpid());
        int r = direct->run.scratch ? sandbox_frame_refresh(&direct_frame, direct->run.scratch) : -ENOMEM;
        return r < 0 ? error_set_errno(error, -r, "%s", direct->temporary) : 0;
}

_Noreturn void direct_run_sandboxed(const struct options *options, struct host *host, struct profile *profile)
{
        static struct direct direct;
        struct error error = ERROR_INIT;

        direct = (struct direct){
                .host = host,
                .profile = profile,
                .run = { .frame = &direct_frame,
                         .policy = &host->policy,
                         .task = host->task,
                         .cgroup_fd = -1,
                         .in_force = &host->sandbox },
        };
        direct_frame.network = host->policy.network;
        direct_frame.jit = host->policy.jit;
        host->frame = &direct_frame;
        const char *directories[] = { paths_data_directory(), paths_lib_directory(), host->app_directory,
                                      host->testing_directory, NULL };
        if (places_find(options, &direct, &error) < 0)
                run_not_started(host, profile, "profile", &error);
        if (sandbox_frame_make(&direct_frame, directories, &error) < 0)
                run_not_started(host, profile, "sandbox", &error);
        if (scratch_choose(&direct, &error) < 0)
                run_not_started(host, profile, "profile", &error);
        host->sandbox = direct_frame.shared;
        pid_t pid = child_make(&direct);
        if (pid < 0) {
                error_set_errno(&error, errno, "no process can be made");
                run_not_started(host, profile, "sandbox", &error);
        }
        if (pid == 0)
                child(&direct);
        wait_and_leave(&direct, pid);
}
