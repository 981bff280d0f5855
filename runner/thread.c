/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/thread.h"

#include <pthread.h>
#include <signal.h>

int thread_start(void *(*function)(void *), size_t stack_size)
{
        pthread_attr_t attributes;
        pthread_t thread;
        sigset_t all, before;

        int r = pthread_attr_init(&attributes);
        if (r != 0)
                return -r;
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, stack_size);
        sigfillset(&all);
        sigdelset(&all, SIGSYS); /* of the sandbox; it cannot be held back */
        r = pthread_sigmask(SIG_SETMASK, &all, &before);
        if (r == 0) {
                r = pthread_create(&thread, &attributes, function, NULL);
                pthread_sigmask(SIG_SETMASK, &before, NULL);
        }
        pthread_attr_destroy(&attributes);
        return -r;
}
