/* SPDX-License-Identifier: MPL-2.0 */
/*
 * How much a run may use. Of memory: the limit proper is the engine's (engine.h, heap_max), the kernel's stands
 * behind it. Of the rest: what the task file says, as resource limits.
 */
#ifndef RUNNER_LIMITS_H
#define RUNNER_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/prefs.h"
#include "lib/task_policy.h"
#include "runner/host.h"

#define LIMITS_HEAP_PREF "toolkit.backgroundtasks.maxHeapMiB"

/* The limit in bytes that the preference says. A value that cannot be is logged, and the default counts. */
size_t limits_heap(const struct prefs *prefs);
/* Have the kernel refuse memory far above @heap bytes. A limit that is lower already stays. 0 or negative errno. */
int limits_data(size_t heap, struct error *error);
/* All limits of @policy for this process: host->heap_max (and the engine's, if there is one) and host->cpu_limit_sec
 * are set, too; and its priorities. While it is single-threaded; after the signals have their defaults. @alone: a user
 * namespace has this run and its parent in it and nobody else, so that TasksMax= can be a resource limit. 0 or -errno. */
int limits_apply(struct host *host, const struct task_policy *policy, bool alone, struct error *error);

#endif
