/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The engine catches faults, because wasm's traps are faults. One that is not its own it leaves to the previous
 * handler by putting that back and returning: the instruction is executed again and faults again. After a signal
 * that somebody sent there is nothing to execute again, and the process would go on as if nothing had been. So its
 * handlers are called from ours, and only for real faults.
 */
#include "config.h"

#include "runner/faults.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "lib/util.h"
#include "runner/first_process.h"

static const int fault_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
static struct sigaction fault_handlers[ARRAY_SIZE(fault_signals)]; /* the engine's */

static void fault_default(int signal_number)
{
        const int saved_errno = errno;

        first_process_leave(signal_number);
        signal(signal_number, SIG_DFL);
        raise(signal_number); /* pending until the handler returns, unless the engine wants it nested */
        errno = saved_errno;
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
        size_t i = 0;

        while (i + 1 < ARRAY_SIZE(fault_signals) && fault_signals[i] != signal_number)
                i++;
        if (info->si_code <= 0)
                fault_default(signal_number);
        else if (fault_handlers[i].sa_flags & SA_SIGINFO)
                fault_handlers[i].sa_sigaction(signal_number, info, context);
        else
                fault_handlers[i].sa_handler(signal_number);
}

int faults_init(void)
{
        for (size_t i = 0; i < ARRAY_SIZE(fault_signals); i++) {
                if (sigaction(fault_signals[i], NULL, &fault_handlers[i]) < 0)
                        return -errno;
                if (!(fault_handlers[i].sa_flags & SA_SIGINFO) &&
                    (fault_handlers[i].sa_handler == SIG_DFL || fault_handlers[i].sa_handler == SIG_IGN))
                        continue;
                struct sigaction ours = fault_handlers[i];
                ours.sa_flags |= SA_SIGINFO;
                ours.sa_sigaction = on_fault;
                if (sigaction(fault_signals[i], &ours, NULL) < 0)
                        return -errno;
        }
        return 0;
}
