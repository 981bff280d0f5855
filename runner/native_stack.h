/* SPDX-License-Identifier: MPL-2.0 */
/* The JavaScript stack below native code that does not return, for the last words of a process. */
#ifndef RUNNER_NATIVE_STACK_H
#define RUNNER_NATIVE_STACK_H

#include "runner/engine.h"

/* By the engine's thread, before anything else here. */
void native_stack_init(eng *e);
/* By another thread, once, when the process is about to leave with @exit_code and will do so within a moment:
 * the engine's thread is held up, and nothing may be expected of the engine any more. The frames as in an error's
 * stack, but without functions' names and columns; NULL: none, or they cannot be had. Static. */
char *native_stack_take(int exit_code);

#endif
