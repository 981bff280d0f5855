/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/backup.h"
#include "daemon/checker.h"
#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/helper.h"
#include "daemon/orphans.h"
#include "daemon/process.h"
#include "daemon/reexec.h"
#include "daemon/reload.h"
#include "daemon/supervise.h"
#include "daemon/zygotes.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/util.h"

static bool signals_is_run(pid_t pid, void *data)
{
        const struct daemon *daemon = data;

        return supervisor_has_process(daemon->supervisor, pid) ||
               supervisor_awaits_process(daemon->supervisor, pid);
}

static void signals_reaped(pid_t pid, int status, void *data)
{
        struct daemon *daemon = data;

        if (!backup_reaped(daemon->backup, pid, status) && !helper_reaped(daemon->helper, pid, status) &&
            !checker_reaped(daemon->checker, pid, status) && !reexec_reaped(daemon->reexec, pid, status) &&
            !zygotes_reaped(daemon->zygotes, pid, status)) {
                log_debug("reaped process %d, which a run had left behind", (int)pid);
                orphans_end(daemon); /* those below it are our children now */
        }
}

void signals_sweep(struct daemon *daemon)
{
        process_sweep(signals_is_run, signals_reaped, daemon);
}

static void signals_on_signal(evutil_socket_t number, short what, void *data)
{
        struct daemon *daemon = data;

        switch (number) {
        case SIGCHLD:
                signals_sweep(daemon);
                return;
        case SIGHUP:
                if (reload_begin(daemon->reload, false, NULL, NULL) < 0)
                        log_error("nothing is reloaded: out of memory");
                return;
        case SIGUSR2: {
                int r = reexec_begin(daemon->reexec, NULL, NULL);
                if (r < 0)
                        log_error("the program cannot be executed anew: %s", strerror(-r));
                return;
        }
        default:
                daemon_stop(daemon, PROGRAM_EXIT_OK);
        }
}

static const int signals_numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD };

struct signals {
        struct event *events[ARRAY_SIZE(signals_numbers)];
        bool wait;
};

int signals_new(struct daemon *daemon, struct signals **ret)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN };
        struct signals *signals = calloc(1, sizeof(*signals));

        if (!signals)
                return -ENOMEM;
        sigaction(SIGPIPE, &ignore, NULL);
        sigaction(SIGXFSZ, &ignore, NULL); /* a limit on files is a full disk to the store, not the end */
        for (size_t i = 0; i < ARRAY_SIZE(signals_numbers); i++) {
                struct event *event = evsignal_new(daemon->base, signals_numbers[i], signals_on_signal,
                                                   daemon);
                signals->events[i] = event;
                if (!event || event_priority_set(event, GROUP_PRIORITY_SIGNAL) < 0 ||
                    event_add(event, NULL) < 0) {
                        signals_free(signals);
                        return -ENOMEM;
                }
        }
        /* A program that executed itself anew has them blocked. */
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        *ret = signals;
        return 0;
}

void signals_block(struct signals *signals)
{
        sigset_t all;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        signals->wait = true;
}

void signals_free(struct signals *signals)
{
        const struct sigaction ignore = { .sa_handler = SIG_IGN };

        if (!signals)
                return;
        for (size_t i = 0; i < ARRAY_SIZE(signals_numbers); i++) {
                if (!signals->events[i])
                        continue;
                event_free(signals->events[i]);
                /* The event's end restored the default: a second request to end must not spoil the first. For the next
                 * program signals wait, blocked; to ignore them would drop them. */
                if (signals_numbers[i] != SIGCHLD && !signals->wait)
                        sigaction(signals_numbers[i], &ignore, NULL);
        }
        free(signals);
}
