/* SPDX-License-Identifier: MPL-2.0 */
/* Threads of ours beside the engine's. */
#ifndef RUNNER_THREAD_H
#define RUNNER_THREAD_H

#include <stddef.h>

/* Start @function, with NULL, in a thread that nobody waits for, and which takes no signals but SIGSYS. @stack_size: bytes.
 * 0 or -errno. */
int thread_start(void *(*function)(void *), size_t stack_size);

#endif
