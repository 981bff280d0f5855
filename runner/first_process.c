/* SPDX-License-Identifier: MPL-2.0 */
/*
 * For the first process of a PID namespace a signal whose handler is the default does nothing, SIGKILL from outside and
 * faults excepted. So there is a handler that tells the daemon, which takes the run for ended by that signal, and leaves
 * with 128 and the signal's number, as a shell would say it.
 */
#include "config.h"

#include "runner/first_process.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/util.h"

static bool first_process;
static int first_process_fd = -1;

void first_process_leave(int signal)
{
        char text[] = "{\"event\":\"signal\",\"signal\":00}";
        char *digits = strchr(text, '0');

        if (!first_process)
                return;
        if (signal >= 10) {
                digits[0] = (char)('0' + signal / 10 % 10);
                digits[1] = (char)('0' + signal % 10);
        } else {
                digits[0] = (char)('0' + signal);
                digits[1] = ' ';
        }
        if (first_process_fd >= 0)
                (void)send(first_process_fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        /* Not _exit(), before which AddressSanitizer reads /proc about the stack that a fault's handler is on. */
        syscall(SYS_exit_group, 128 + signal);
}

static void on_signal(int signal)
{
        first_process_leave(signal);
}

void first_process_init(int result_fd)
{
        static const int deadly[] = { SIGHUP,  SIGINT,  SIGQUIT,   SIGABRT, SIGALRM, SIGTERM,
                                      SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ };
        struct sigaction action = { .sa_handler = on_signal }, old;

        first_process = true;
        first_process_fd = result_fd;
        for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
                if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
                        sigaction(deadly[i], &action, NULL);
}
