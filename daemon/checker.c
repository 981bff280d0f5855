/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/checker.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/process.h"
#include "daemon/store.h"
#include "daemon/store_check.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

#define CHECKER_NICE 10
#define CHECKER_IO_IDLE (3 << 13) /* IOPRIO_CLASS_IDLE */
#define CHECKER_IO_PROCESS 1      /* IOPRIO_WHO_PROCESS */

enum checker_exit {
        CHECKER_SOUND,
        CHECKER_DAMAGED,
        CHECKER_FAILED,
};

static const struct timeval checker_at_once = { 0 };
static const struct timeval checker_soon = { .tv_sec = 1 }; /* a group is open */
static const struct timeval checker_again = { .tv_sec = 60 };

struct checker {
        struct daemon *daemon;
        char *path;
        struct event *due;
        pid_t pid;      /* 0: none runs */
        int verdict_fd; /* what it says when it has found something */
};

static void checker_work(const struct checker *checker, int verdict_fd)
{
        struct error error = ERROR_INIT;

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        process_reset(verdict_fd);
        setpriority(PRIO_PROCESS, 0, CHECKER_NICE);
        syscall(SYS_ioprio_set, CHECKER_IO_PROCESS, 0, CHECKER_IO_IDLE);
        int r = store_check_file(checker->path, &error);
        if (r == 0)
                _exit(CHECKER_SOUND);
        if (fd_write_all(verdict_fd, error.text, strlen(error.text)) < 0)
                _exit(CHECKER_FAILED);
        _exit(r == -EUCLEAN ? CHECKER_DAMAGED : CHECKER_FAILED);
}

static int checker_fork(struct checker *checker)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
                return -errno;
        pid_t pid = process_fork();
        if (pid == 0)
                checker_work(checker, ends[1]);
        close_keep_errno(ends[1]);
        if (pid < 0) {
                close_keep_errno(ends[0]);
                return pid;
        }
        checker->verdict_fd = ends[0];
        checker->pid = pid;
        return 0;
}

static void checker_on_due(evutil_socket_t fd, short what, void *data)
{
        struct checker *checker = data;
        struct daemon *daemon = checker->daemon;

        if (store_pending(daemon->store) && group_commit(daemon->group) < 0)
                return;
        int r = store_check_begin(daemon->store);
        if (r == 0)
                r = checker_fork(checker);
        if (r == 0)
                return;
        store_check_end(daemon->store, false);
        if (r < 0)
                log_warning("the database cannot be checked now: %s", strerror(-r));
        event_add(checker->due, r == 1 ? &checker_soon : &checker_again);
}

bool checker_has_process(const struct checker *checker, pid_t pid)
{
        return pid == checker->pid;
}

bool checker_reaped(struct checker *checker, pid_t pid, int status)
{
        struct daemon *daemon = checker ? checker->daemon : NULL;
        char text[ERROR_TEXT_MAX] = "";
        struct error error = ERROR_INIT;

        if (!checker || pid != checker->pid)
                return false;
        checker->pid = 0;
        ssize_t size = read(checker->verdict_fd, text, sizeof(text) - 1);
        text[MAX(size, 0)] = '\0';
        close_keep_errno(steal_fd(&checker->verdict_fd));
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : CHECKER_FAILED;
        bool counts = store_check_end(daemon->store, code == CHECKER_SOUND);
        if (counts && code == CHECKER_SOUND) {
                log_info("the database has been checked: it is sound");
                store_checkpoint(daemon->store);
        } else if (counts && code == CHECKER_DAMAGED) {
                store_condemn(daemon->store, text, &error);
                daemon_store_failed(&error, daemon);
        } else {
                if (code == CHECKER_FAILED)
                        log_warning("the database could not be checked: %s",
                                    text[0] ? text : "the process that did so was ended");
                event_add(checker->due, &checker_again);
        }
        return true;
}

void checker_start(struct checker *checker)
{
        if (store_is_unchecked(checker->daemon->store))
                event_add(checker->due, &checker_at_once);
}

const char *checker_degraded(const struct checker *checker)
{
        if (!store_is_unchecked(checker->daemon->store))
                return NULL;
        return "The tables of schedules are still being checked for damage, in the background since the start.";
}

int checker_new(struct daemon *daemon, struct checker **ret)
{
        struct checker *checker = calloc(1, sizeof(*checker));

        if (!checker)
                return -ENOMEM;
        *checker = (struct checker){ .daemon = daemon, .verdict_fd = -1 };
        checker->path = path_join(daemon->locations.state, "bgtaskd.db");
        checker->due = event_new(daemon->base, -1, 0, checker_on_due, checker);
        if (!checker->path || !checker->due) {
                checker_free(checker);
                return -ENOMEM;
        }
        *ret = checker;
        return 0;
}

void checker_free(struct checker *checker)
{
        if (!checker)
                return;
        if (checker->pid > 0)
                kill(checker->pid, SIGKILL);
        close_keep_errno(checker->verdict_fd);
        if (checker->due)
                event_free(checker->due);
        free(checker->path);
        free(checker);
}
