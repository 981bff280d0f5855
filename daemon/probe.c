/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/process.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

enum probe_state {
        PROBE_IDLE,  /* ──_start──▶ ASKED */
        PROBE_ASKED, /* ──a line, the end──▶ ANSWERED or FAILED */
        PROBE_ANSWERED,
        PROBE_FAILED,
};

struct probe {
        struct event_base *base;
        enum probe_state state;
        struct sandbox sandbox;
        int fd; /* -1: at its end */
        pid_t pid;
        struct event *readable;
        char text[SANDBOX_TEXT_MAX + 2]; /* with a line feed, and one to see that it is too long */
        size_t filled;
};

struct probe *probe_new(struct event_base *base)
{
        struct probe *probe = calloc(1, sizeof(*probe));

        if (!probe)
                return NULL;
        probe->base = base;
        probe->fd = -1;
        return probe;
}

static void probe_stop(struct probe *probe)
{
        if (probe->readable)
                event_free(probe->readable);
        probe->readable = NULL;
        probe->fd = close_keep_errno(probe->fd);
}

void probe_free(struct probe *probe)
{
        if (!probe)
                return;
        probe_stop(probe);
        free(probe);
}

static void probe_conclude(struct probe *probe)
{
        struct error error = ERROR_INIT;

        probe_stop(probe);
        probe->text[MIN(probe->filled, sizeof(probe->text) - 1)] = '\0';
        probe->text[strcspn(probe->text, "\n")] = '\0';
        probe->state = PROBE_ANSWERED;
        if (sandbox_parse(probe->text, &probe->sandbox, &error) < 0) {
                log_warning("what keeps runs in is not known: the runner's report: %s", error.text);
                probe->state = PROBE_FAILED;
        }
}

static void probe_readable(evutil_socket_t fd, short what, void *data)
{
        struct probe *probe = data;
        ssize_t n = read(fd, probe->text + probe->filled, sizeof(probe->text) - probe->filled);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n > 0)
                probe->filled += (size_t)n;
        if (n <= 0 || probe->filled == sizeof(probe->text))
                probe_conclude(probe);
}

/* In the fork. */
static void probe_exec(const char *runner, int out)
{
        char *const argv[] = { (char *)runner, (char *)"--sandbox-report", (char *)"--no-network", NULL };
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0) {
                process_reset(-1);
                setsid();
                execv(runner, argv);
        }
        _exit(127);
}

void probe_start(struct probe *probe, const char *runner)
{
        int pair[2];

        if (probe->state != PROBE_IDLE || access(runner, X_OK) < 0)
                return; /* a missing runner is told of elsewhere */
        probe->state = PROBE_FAILED;
        if (pipe2(pair, O_CLOEXEC) < 0) {
                log_warning("what keeps runs in is not known: pipe: %s", strerror(errno));
                return;
        }
        _cleanup_close_ int out = pair[1];
        probe->fd = pair[0];
        pid_t pid = fd_set_nonblocking(probe->fd, true) < 0 ? -EIO : process_fork();
        if (pid == 0)
                probe_exec(runner, out);
        if (pid > 0)
                probe->readable = event_new(probe->base, probe->fd, EV_READ | EV_PERSIST, probe_readable,
                                            probe);
        if (!probe->readable || event_add(probe->readable, NULL) < 0) {
                log_warning("what keeps runs in is not known: the runner cannot be asked");
                probe_stop(probe);
                return;
        }
        probe->pid = pid;
        probe->state = PROBE_ASKED;
}

bool probe_has_process(const struct probe *probe, pid_t pid)
{
        return probe->fd >= 0 && pid == probe->pid;
}

bool probe_answer(const struct probe *probe, struct sandbox *ret)
{
        if (probe->state != PROBE_ANSWERED)
                return false;
        *ret = probe->sandbox;
        return true;
}

bool probe_failed(const struct probe *probe)
{
        return probe->state == PROBE_FAILED;
}
