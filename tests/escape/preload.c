/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Native code in a run: the daemon is started with this in LD_PRELOAD, so that its zygotes, and the runs cloned from
 * them, have it loaded. It answers the opening of two kinds of paths that do not exist, and leaves all others to the C
 * library:
 *
 *   /.attempt/NAME          makes the attempt in the run
 *   /.attempt-program/NAME  has the run start the program, which makes it
 *
 * What is read there is the line about it. A run has no other way to such code: no native modules, no FFI.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/escape/attempt.h"

#define IN_RUN "/.attempt/"
#define BY_PROGRAM "/.attempt-program/"

static struct target target;
static char control[4096];

__attribute__((constructor)) static void preload_begin(void)
{
        target_load(&target);
        snprintf(control, sizeof(control), "%s", target.control);
}

/* The child must not return into the run's own code. Its environment is what the program needs. */
static void program_start(int out, const char *name)
{
        char *argv[] = { (char *)target.program, (char *)name, NULL };
        char variables[7][4200];
        char *environment[8] = { 0 };

        snprintf(variables[0], sizeof(variables[0]), "ESCAPE_DIRECTORY=%s", target.directory);
        snprintf(variables[1], sizeof(variables[1]), "ESCAPE_CONTROL=%s", target.control);
        snprintf(variables[2], sizeof(variables[2]), "ESCAPE_PROGRAM=%s", target.program);
        snprintf(variables[3], sizeof(variables[3]), "ESCAPE_DAEMON=%d", (int)target.daemon);
        snprintf(variables[4], sizeof(variables[4]), "ESCAPE_BYSTANDER=%d", (int)target.bystander);
        snprintf(variables[5], sizeof(variables[5]), "ESCAPE_TCP_PORT=%d", target.tcp_port);
        snprintf(variables[6], sizeof(variables[6]), "ESCAPE_UDP_PORT=%d", target.udp_port);
        for (size_t i = 0; i < 7; i++)
                environment[i] = variables[i];
        dup2(out, STDOUT_FILENO);
        execve(argv[0], argv, environment);
        dprintf(out, "{\"attempt\":\"%s\",\"escaped\":false,\"error\":\"exec %s: %s\"}\n", name, argv[0],
                strerror(errno));
        _exit(127);
}

static int by_program(const char *name)
{
        int ends[2], status;

        if (pipe(ends) < 0)
                return -1;
        pid_t pid = fork();
        if (pid == 0)
                program_start(ends[1], name);
        int error = errno;
        if (pid < 0) {
                dprintf(ends[1], "{\"attempt\":\"%s\",\"escaped\":false,\"error\":\"fork: %s\"}\n", name,
                        strerror(error));
        } else {
                while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                        ;
                if (WIFSIGNALED(status))
                        dprintf(ends[1], "{\"attempt\":\"%s\",\"escaped\":false,\"error\":\"signal %d\"}\n",
                                name, WTERMSIG(status));
        }
        close(ends[1]);
        return ends[0];
}

static int in_run(const char *name)
{
        static char here[4096];
        char line[512];
        int ends[2];

        target.profile = getcwd(here, sizeof(here)) ? here : "/tmp";
        if (attempt_make(&target, name, line, sizeof(line)) < 0) {
                errno = ENOENT;
                return -1;
        }
        if (pipe(ends) < 0)
                return -1;
        dprintf(ends[1], "%s", line);
        close(ends[1]);
        return ends[0];
}

static bool is_attempt(const char *path, int *ret_fd)
{
        if (strncmp(path, IN_RUN, strlen(IN_RUN)) == 0)
                *ret_fd = in_run(path + strlen(IN_RUN));
        else if (strncmp(path, BY_PROGRAM, strlen(BY_PROGRAM)) == 0)
                *ret_fd = by_program(path + strlen(BY_PROGRAM));
        else
                return false;
        return true;
}

static int open_really(int directory, const char *path, int flags, mode_t mode)
{
        static int (*next)(int directory, const char *path, int flags, ...);

        if (!next)
                next = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
        return next(directory, path, flags, mode);
}

/* Every name by which the C library opens files; the modes are those of the varargs or not there. */
#define OPEN(name)                                                                                           \
        int name(const char *path, int flags, ...)                                                           \
        {                                                                                                    \
                va_list list;                                                                                \
                va_start(list, flags);                                                                       \
                mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;                      \
                va_end(list);                                                                                \
                int fd;                                                                                      \
                return is_attempt(path, &fd) ? fd : open_really(AT_FDCWD, path, flags, mode);                \
        }
#define OPENAT(name)                                                                                         \
        int name(int directory, const char *path, int flags, ...)                                            \
        {                                                                                                    \
                va_list list;                                                                                \
                va_start(list, flags);                                                                       \
                mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;                      \
                va_end(list);                                                                                \
                int fd;                                                                                      \
                return is_attempt(path, &fd) ? fd : open_really(directory, path, flags, mode);               \
        }
#define OPEN2(name)                                                                                          \
        int name(const char *path, int flags)                                                                \
        {                                                                                                    \
                int fd;                                                                                      \
                return is_attempt(path, &fd) ? fd : open_really(AT_FDCWD, path, flags, 0);                   \
        }

int open(const char *path, int flags, ...);
int open64(const char *path, int flags, ...);
int openat64(int directory, const char *path, int flags, ...);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
#undef open
#undef open64
OPEN(open)
OPEN(open64)
OPENAT(openat64)
OPEN2(__open_2)
OPEN2(__open64_2)
