/* SPDX-License-Identifier: MPL-2.0 */
/* From what a task's promise resolved to, to an exit code. */
#ifndef RUNNER_EXIT_STATUS_H
#define RUNNER_EXIT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/engine.h"

struct exit_status {
        int code;       /* what the kernel keeps: 0 to 255 */
        int64_t value;  /* the whole integer that the task meant; beyond 64 bits the nearest */
        bool truncated; /* they differ */
};

/* ToInt32, then the low 8 bits. */
void exit_status_from_number(double number, struct exit_status *ret);
/* The same for any value. Runs JS (valueOf). false: exception pending (a Symbol, a BigInt, a throwing
 * valueOf), or terminated. */
bool exit_status_from_value(eng *e, eng_val v, struct exit_status *ret);

#endif
