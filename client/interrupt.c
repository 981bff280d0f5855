/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>

#include "lib/util.h"

static volatile sig_atomic_t interrupt_signal_number;
static volatile sig_atomic_t interrupt_fd = -1;

static void interrupt_handle(int signal_number)
{
        int saved = errno;

        interrupt_signal_number = signal_number;
        if (interrupt_fd >= 0)
                shutdown(interrupt_fd, SHUT_RDWR);
        errno = saved;
}

void interrupt_watch(void)
{
        static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

        for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
                struct sigaction action = { .sa_handler = interrupt_handle, .sa_flags = (int)SA_RESETHAND };
                struct sigaction old;

                sigemptyset(&action.sa_mask);
                if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
                        sigaction(signals[i], &action, NULL);
        }
}

void interrupt_set_fd(int fd)
{
        interrupt_fd = fd;
}

int interrupt_signal(void)
{
        return interrupt_signal_number;
}
