/* SPDX-License-Identifier: MPL-2.0 */
/* The life of one task, from its module to its exit code. */
#ifndef RUNNER_TASK_H
#define RUNNER_TASK_H

#include <stdbool.h>

#include "lib/error.h"
#include "lib/wire.h"
#include "runner/engine.h"
#include "runner/host.h"

struct task_life;

/* Run host->task to its end, the minimum runtime and the shutdown phase included. Needs engine, loop and
 * preferences. Once a process. 0 with *ret filled (strings malloc'd), or -errno: it could not begin. */
int task_run(struct host *host, struct wire_result *ret, struct error *error);

/* For the host: run jobs and act on what they brought. Not while JS is on the stack. */
void task_turn(struct task_life *life);
/* Leave with @exit_code at the next turn. The first call counts. */
void task_quit(struct task_life *life, int exit_code);
/* As eng_hooks.interrupted. */
bool task_interrupted(struct task_life *life, int why);

#endif
