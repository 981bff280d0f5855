/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.processes: programs that a task starts, for Subprocess.sys.mjs.
 *
 *   allowed() -> boolean           whether the task's policy has them
 *   spawn(command, args, environment or null, directory or "", stderr) -> [pid, stdin, stdout, stderr or -1], or a negative
 *                                  errno. stderr: 0 the run's own, 1 a pipe, 2 with stdout. args begins with argv[0].
 *   environment() -> array          the run's own, "NAME=VALUE" each
 *   wait(pid) -> promise           of the exit code; of a signal, negative. Once a process.
 *   kill(pid, signal) -> 0 or a negative errno; of one that has been waited for, -ESRCH
 *
 * What there is to read and write is in pipes.c. A child that ends is known by SIGCHLD; it is waited for by its
 * number, so that nobody else's child is taken.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/task.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/loop.h"
#include "runner/pipes.h"

#define PROCESSES_MAX 256
#define VARIABLES_MAX 4096

enum stderr_mode { STDERR_OWN, STDERR_PIPE, STDERR_STDOUT };

extern char **environ;

struct process {
        LIST_ENTRY(process) link;
        pid_t pid;
        eng_ref *settler; /* of wait(); NULL: nobody has asked */
        bool ended;
        int code;
};

static LIST_HEAD(, process) processes = LIST_HEAD_INITIALIZER(processes);
static size_t process_count;
static struct event *child_event;

static struct process *process_find(pid_t pid)
{
        struct process *process;

        LIST_FOREACH(process, &processes, link)
        if (process->pid == pid)
                return process;
        return NULL;
}

/* ---- its end ---- */

static void process_tell(eng *e, struct process *process)
{
        if (!process->ended || !process->settler)
                return;
        (void)eng_settle(e, process->settler, ENG_FULFILLED, eng_number(e, process->code));
        LIST_REMOVE(process, link);
        process_count--;
        free(process);
}

static void process_look(struct process *process)
{
        int status;

        if (process->ended || waitpid(process->pid, &status, WNOHANG) != process->pid)
                return;
        process->ended = true;
        process->code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void children_call(void *data)
{
        struct host *host = data;
        struct process *process, *next;
        eng_scope scope;

        eng_scope_open(host->engine, &scope);
        for (process = LIST_FIRST(&processes); process; process = next) {
                next = LIST_NEXT(process, link);
                process_look(process);
                process_tell(host->engine, process);
        }
        eng_scope_close(host->engine, &scope, NULL);
        host_turn(host);
}

static struct loop_call ended_call = { .run = children_call };

static eng_val processes_wait(eng *e, eng_args *args, void *data)
{
        int32_t pid;

        if (!eng_args_get(e, args, "wait", "i", &pid))
                return NULL;
        struct process *process = process_find(pid);
        if (!process || process->settler)
                return eng_throw(e, ENG_E_ERROR, "there is no such process to wait for");
        eng_val promise = eng_promise(e, &process->settler);
        if (promise) {
                process_look(process);
                process_tell(e, process);
        }
        return promise;
}

static eng_val processes_kill(eng *e, eng_args *args, void *data)
{
        int32_t pid, number;

        if (!eng_args_get(e, args, "kill", "ii", &pid, &number))
                return NULL;
        const struct process *process = process_find(pid);
        if (!process || process->ended)
                return eng_number(e, -ESRCH);
        return eng_number(e, kill(pid, number) < 0 ? -errno : 0);
}

/* ---- its beginning ---- */

/* The ends of three pipes; -1: there is none. */
struct ends {
        int ours[3], theirs[3];
};

static void ends_close(struct ends *ends)
{
        for (size_t i = 0; i < 3; i++) {
                close_keep_errno(ends->ours[i]);
                close_keep_errno(ends->theirs[i]);
        }
}

static int ends_open(struct ends *ends, enum stderr_mode mode)
{
        *ends = (struct ends){ { -1, -1, -1 }, { -1, -1, -1 } };
        for (int i = 0; i < (mode == STDERR_PIPE ? 3 : 2); i++) {
                int pair[2];
                if (pipe2(pair, O_CLOEXEC) < 0)
                        return -errno;
                ends->ours[i] = pair[i == 0];
                ends->theirs[i] = pair[i != 0];
        }
        return 0;
}

static int actions_set(posix_spawn_file_actions_t *actions, const struct ends *ends, enum stderr_mode mode,
                       const char *directory)
{
        int code = 0;

        for (int i = 0; i < 3 && code == 0; i++)
                if (ends->theirs[i] >= 0)
                        code = posix_spawn_file_actions_adddup2(actions, ends->theirs[i], i);
        if (code == 0 && mode == STDERR_STDOUT)
                code = posix_spawn_file_actions_adddup2(actions, STDOUT_FILENO, STDERR_FILENO);
        if (code == 0 && *directory)
                code = posix_spawn_file_actions_addchdir_np(actions, directory);
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
        if (code == 0) /* ours are close-on-exec; what whoever started us has left open is not */
                code = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
#endif
        return -code;
}

static int program_spawn(const char *command, char **argv, char **environment,
                         const posix_spawn_file_actions_t *actions)
{
        posix_spawnattr_t attributes;
        sigset_t all, none;
        pid_t pid;

        int code = posix_spawnattr_init(&attributes);
        if (code)
                return -code;
        sigfillset(&all);
        sigemptyset(&none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        code = posix_spawn(&pid, command, actions, &attributes, argv, environment ? environment : environ);
        posix_spawnattr_destroy(&attributes);
        return code ? -code : pid;
}

/* Children are looked at from now on, and a pipe that nobody reads is an error of write(). */
static int children_watch(struct host *host)
{
        if (child_event)
                return 0;
        if (!host->base)
                return -EAGAIN;
        if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
                return -errno;
        ended_call.data = host;
        child_event = evsignal_new(host->base, SIGCHLD, loop_event, &ended_call);
        return child_event && event_add(child_event, NULL) == 0 ? 0 : -ENOMEM;
}

static eng_val process_values(eng *e, pid_t pid, struct host *host, const struct ends *ends)
{
        eng_val values[4] = { eng_number(e, pid) };

        for (size_t i = 0; i < 3; i++) {
                if (ends->ours[i] >= 0 && pipe_add(host, ends->ours[i]) < 0)
                        return eng_throw(e, ENG_E_INTERNAL, "out of memory");
                values[i + 1] = eng_number(e, ends->ours[i]);
        }
        return eng_array(e, ARRAY_SIZE(values), values);
}

struct wish {
        const char *command, *directory;
        char **argv, **environment; /* malloc'd */
        enum stderr_mode mode;
};

static eng_val wish_spawn(struct host *host, eng *e, const struct wish *wish)
{
        posix_spawn_file_actions_t actions;
        struct process *process = calloc(1, sizeof(*process));
        struct ends ends;

        int r = process && process_count < PROCESSES_MAX ? children_watch(host) : -EAGAIN;
        if (r < 0 || posix_spawn_file_actions_init(&actions) != 0) {
                free(process);
                return eng_number(e, r < 0 ? r : -ENOMEM);
        }
        r = ends_open(&ends, wish->mode);
        if (r == 0)
                r = actions_set(&actions, &ends, wish->mode, wish->directory);
        if (r == 0)
                r = program_spawn(wish->command, wish->argv, wish->environment, &actions);
        posix_spawn_file_actions_destroy(&actions);
        if (r < 0) {
                ends_close(&ends);
                free(process);
                return eng_number(e, r);
        }
        for (size_t i = 0; i < 3; i++)
                close_keep_errno(ends.theirs[i]);
        process->pid = r;
        LIST_INSERT_HEAD(&processes, process, link);
        process_count++;
        return process_values(e, r, host, &ends);
}

static eng_val processes_spawn(eng *e, eng_args *args, void *data)
{
        struct wish wish = { 0 };
        eng_val argv, environment, result = NULL;
        int32_t mode;

        if (!eng_args_get(e, args, "spawn", "sovsi", &wish.command, &argv, &environment, &wish.directory,
                          &mode))
                return NULL;
        wish.mode = (enum stderr_mode)mode;
        wish.argv = builtin_strings(e, argv, TASK_ARGS_BYTES_MAX);
        if (wish.argv && !eng_is_nullish(environment))
                wish.environment = builtin_strings(e, environment, VARIABLES_MAX);
        if (wish.argv && (wish.environment || eng_is_nullish(environment)))
                result = wish_spawn(data, e, &wish);
        strv_free(wish.argv);
        strv_free(wish.environment);
        return result;
}

static eng_val processes_allowed(eng *e, eng_args *args, void *data)
{
        const struct host *host = data;

        return eng_bool(host->policy.subprocess || (host->run_id == 0 && !host->frame));
}

/* environment(): what a program gets if nothing else is said, "NAME=VALUE" each. */
static eng_val processes_environment(eng *e, eng_args *args, void *data)
{
        eng_val array = eng_array(e, 0, NULL);

        for (uint32_t i = 0; environ && environ[i]; i++)
                if (!eng_set_at(e, array, i, eng_cstring(e, environ[i])))
                        return NULL;
        return array;
}

static const struct builtin_function processes_functions[] = {
        { "allowed", 0, processes_allowed },
        { "environment", 0, processes_environment },
        { "spawn", 5, processes_spawn },
        { "wait", 1, processes_wait },
        { "kill", 2, processes_kill },
        { "read", 2, pipes_read },
        { "write", 2, pipes_write },
        { "close", 1, pipes_close },
        { NULL, 0, NULL },
};

static eng_val processes_create(struct host *host, eng *e)
{
        return builtin_object(host, e, processes_functions);
}

const struct builtin builtin_processes = { "processes", processes_create };
