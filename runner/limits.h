/* SPDX-License-Identifier: MPL-2.0 */
/*
 * How much memory a task may use: the limit proper is the engine's (engine.h, heap_max), the kernel's stands
 * behind it.
 */
#ifndef RUNNER_LIMITS_H
#define RUNNER_LIMITS_H

#include <stddef.h>

#include "lib/error.h"
#include "lib/prefs.h"

#define LIMITS_HEAP_PREF "toolkit.backgroundtasks.maxHeapMiB"

/* The limit in bytes that the preference says. A value that cannot be is logged, and the default counts. */
size_t limits_heap(const struct prefs *prefs);
/* Have the kernel refuse memory far above @heap bytes. A limit that is lower already stays. 0 or negative errno. */
int limits_data(size_t heap, struct error *error);

#endif
