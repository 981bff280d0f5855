/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/group.h"
#include "daemon/helper.h"
#include "daemon/process.h"
#include "daemon/supervise.h"
#include "daemon/zygotes.h"
#include "lib/exit_code.h"
#include "lib/log.h"
#include "lib/util.h"

static bool signals_is_run(pid_t pid, void *data)
{
        const struct daemon *daemon = data;

        return supervisor_has_process(daemon->supervisor, pid);
}

static void signals_reaped(pid_t pid, int status, void *data)
{
        struct daemon *daemon = data;

        if (!helper_reaped(daemon->helper, pid, status) && !zygotes_reaped(daemon->zygotes, pid, status))
                log_debug("reaped process %d, which a run had left behind", (int)pid);
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
                daemon_reload(daemon);
                return;
        default:
                daemon_stop(daemon, PROGRAM_EXIT_OK);
        }
}

static const int signals_numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };

struct signals {
        struct event *events[ARRAY_SIZE(signals_numbers)];
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
        *ret = signals;
        return 0;
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
                /* The event's end restored the default: a second request to end must not spoil the first. */
                if (signals_numbers[i] != SIGCHLD)
                        sigaction(signals_numbers[i], &ignore, NULL);
        }
        free(signals);
}
