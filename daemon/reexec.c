/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/reexec.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/process.h"
#include "lib/cleanup.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/util.h"

#define REEXEC_CHECK "--check"
#define REEXEC_EXIT_NO_EXEC 127

static const struct timeval reexec_try_timeout = { .tv_sec = 60 };

/* The program as it was started; replaced on disk meanwhile, its path names the new one. */
static struct {
        char path[PATH_MAX]; /* "": not known */
        char **argv;         /* with room for one more */
        int argc;
} reexec_program;

struct reexec {
        struct daemon *daemon;
        pid_t pid; /* of the child that tries the program; 0: none does */
        struct event *late;
        void (*done)(int result, const char *why, void *data);
        void *data;
};

void reexec_remember(int argc, char **argv)
{
        ssize_t n = readlink("/proc/self/exe", reexec_program.path, sizeof(reexec_program.path) - 1);

        reexec_program.path[n > 0 ? n : 0] = '\0';
        if (n <= 0 && argc > 0 && argv[0][0] == '/')
                snprintf(reexec_program.path, sizeof(reexec_program.path), "%s", argv[0]);
        reexec_program.argv = calloc((size_t)argc + 2, sizeof(char *));
        reexec_program.argc = reexec_program.argv ? argc : 0;
        for (int i = 0; i < reexec_program.argc; i++)
                reexec_program.argv[i] = argv[i];
}

/* ---- trying ---- */

static void reexec_finish(struct reexec *reexec, int result, const char *why)
{
        void (*done)(int result, const char *why, void *data) = reexec->done;

        event_del(reexec->late);
        reexec->done = NULL;
        if (result < 0)
                log_error("the program is not executed anew: %s", why);
        if (done)
                done(result, why, reexec->data);
        if (result == 0)
                daemon_hand_over(reexec->daemon);
}

static void reexec_try(void)
{
        int null = open("/dev/null", O_RDWR);

        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
                _exit(REEXEC_EXIT_NO_EXEC);
        process_reset(-1);
        reexec_program.argv[reexec_program.argc] = (char *)REEXEC_CHECK;
        execv(reexec_program.path, reexec_program.argv);
        _exit(REEXEC_EXIT_NO_EXEC);
}

int reexec_begin(struct reexec *reexec, void (*done)(int result, const char *why, void *data), void *data)
{
        if (reexec->pid)
                return -EBUSY;
        if (reexec->daemon->state != DAEMON_SERVING)
                return -EPERM;
        if (!reexec_program.argc || access(reexec_program.path, X_OK) < 0)
                return reexec_program.path[0] ? -errno : -ENOENT;
        pid_t pid = process_fork();
        if (pid == 0)
                reexec_try();
        if (pid < 0)
                return pid;
        log_notice("trying whether %s would start", reexec_program.path);
        reexec->pid = pid;
        reexec->done = done;
        reexec->data = data;
        event_add(reexec->late, &reexec_try_timeout);
        return 0;
}

void reexec_forget(struct reexec *reexec, const void *data)
{
        if (reexec->data == data)
                reexec->done = NULL;
}

static void reexec_on_late(evutil_socket_t fd, short what, void *data)
{
        struct reexec *reexec = data;

        kill(reexec->pid, SIGKILL); /* reexec_reaped() follows */
}

bool reexec_has_process(const struct reexec *reexec, pid_t pid)
{
        return pid == reexec->pid;
}

/* Errors in task files keep tasks from being run, but no program from starting. */
static bool reexec_would_start(int status)
{
        return WIFEXITED(status) &&
               (WEXITSTATUS(status) == PROGRAM_EXIT_OK || WEXITSTATUS(status) == PROGRAM_EXIT_DATAERR);
}

bool reexec_reaped(struct reexec *reexec, pid_t pid, int status)
{
        char why[PATH_MAX + 64];

        if (pid == 0 || pid != reexec->pid)
                return false;
        reexec->pid = 0;
        if (reexec_would_start(status)) {
                if (reexec->daemon->state == DAEMON_SERVING)
                        reexec_finish(reexec, 0, NULL);
                else
                        reexec_finish(reexec, -EPERM, "the daemon is ending");
                return true;
        }
        if (WIFSIGNALED(status))
                snprintf(why, sizeof(why), "%s " REEXEC_CHECK " was ended by signal %d", reexec_program.path,
                         WTERMSIG(status));
        else if (WEXITSTATUS(status) == REEXEC_EXIT_NO_EXEC)
                snprintf(why, sizeof(why), "%s cannot be executed", reexec_program.path);
        else
                snprintf(why, sizeof(why), "%s " REEXEC_CHECK " exited with %d, see the log",
                         reexec_program.path, WEXITSTATUS(status));
        reexec_finish(reexec, -ENOEXEC, why);
        return true;
}

struct reexec *reexec_new(struct daemon *daemon)
{
        struct reexec *reexec = calloc(1, sizeof(*reexec));

        if (!reexec)
                return NULL;
        reexec->daemon = daemon;
        reexec->late = event_new(daemon->base, -1, 0, reexec_on_late, reexec);
        if (!reexec->late) {
                free(reexec);
                return NULL;
        }
        return reexec;
}

void reexec_free(struct reexec *reexec)
{
        if (!reexec)
                return;
        if (reexec->pid)
                kill(reexec->pid, SIGKILL);
        event_free(reexec->late);
        free(reexec);
}

/* ---- executing ---- */

void reexec_execute(void)
{
        process_restore_descriptors();
        reexec_program.argv[reexec_program.argc] = NULL;
        log_notice("executing %s anew", reexec_program.path);
        execv(reexec_program.path, reexec_program.argv);
        log_error("%s cannot be executed: %s: going on with this program", reexec_program.path,
                  strerror(errno));
}
