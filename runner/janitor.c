/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A process that waits for the end of another: it holds the read end of a pipe whose only write end is in the
 * run. A byte means that all is done; end of file without one means that the run died, by whatever means,
 * SIGKILL included. It is in a session of its own and holds nothing of the run's (no standard files, no
 * directory), so that whoever waits for the run's output or its process group does not wait for it.
 *
 * The write end is close-on-exec: programs that a task starts do not keep it open.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/janitor.h"

static int janitor_pipe = -1;

static void standard_files_close(void)
{
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

        for (int i = 0; i <= STDERR_FILENO; i++)
                if (fd < 0 || dup2(fd, i) < 0)
                        close(i);
}

static _Noreturn void janitor_run(int pipe_fd, const char *path)
{
        char byte;
        ssize_t n;

        prctl(PR_SET_NAME, "bgtask-janitor");
        setsid();
        standard_files_close();
        pipe_fd = dup3(pipe_fd, STDERR_FILENO + 1, O_CLOEXEC) >= 0 ? STDERR_FILENO + 1 : pipe_fd;
        if (pipe_fd == STDERR_FILENO + 1)
                close_range(STDERR_FILENO + 2, ~0U, 0);
        if (chdir("/") < 0)
                _exit(1);
        do
                n = read(pipe_fd, &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n == 0)
                (void)tree_remove(AT_FDCWD, path, NULL);
        _exit(0);
}

int janitor_start(const char *path, struct error *error)
{
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return error_set_errno(error, errno, "cannot make the janitor's pipe");
        _cleanup_close_ int read_end = fds[0];
        _cleanup_close_ int write_end = fds[1];
        pid_t pid = fork();
        if (pid < 0)
                return error_set_errno(error, errno, "cannot start the janitor");
        if (pid == 0) {
                close(steal_fd(&write_end));
                janitor_run(read_end, path);
        }
        janitor_pipe = steal_fd(&write_end);
        return 0;
}

void janitor_dismiss(void)
{
        if (janitor_pipe < 0)
                return;
        (void)fd_write_all(janitor_pipe, "", 1);
        janitor_pipe = close_keep_errno(janitor_pipe);
}
