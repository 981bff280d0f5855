/* SPDX-License-Identifier: MPL-2.0 */
/*
 * How long a task may run and how long it must: task file over module exports over preferences over constants. One
 * unit: microseconds.
 */
#ifndef RUNNER_TIMING_H
#define RUNNER_TIMING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/prefs.h"
#include "lib/task_policy.h"
#include "runner/engine.h"

#define TIMING_TIMEOUT_PREF "toolkit.backgroundtasks.defaultTimeoutSec"
#define TIMING_MINIMUM_PREF "toolkit.backgroundtasks.defaultMinTaskRuntimeMS"
#define TIMING_DELAY_PREF "toolkit.backgroundtasks.startDelayMS"
#define TIMING_SHUTDOWN_PREF "toolkit.backgroundtasks.shutdownTimeoutMS"

struct timing {
        int64_t timeout_us;  /* from the call of runBackgroundTask */
        int64_t minimum_us;  /* likewise */
        int64_t delay_us;    /* before the module is looked for */
        int64_t load_us;     /* evaluation of the module, which the task's own clock does not cover */
        int64_t shutdown_us; /* the shutdown phase */
};

/* Something that is wrong, in words; the default is used instead. */
typedef void (*timing_complaint)(void *data, const char *message);

/* From preferences alone. */
void timing_from_prefs(const struct prefs *prefs, timing_complaint complain, void *data, struct timing *ret);
/* What the module @namespace exports wins: backgroundTaskTimeoutSec, backgroundTaskMinRuntimeMS. Runs JS. */
void timing_from_module(eng *e, eng_val namespace, timing_complaint complain, void *data,
                        struct timing *timing);
/* What the task file says wins over both. */
void timing_from_policy(const struct task_policy *policy, struct timing *timing);
/* A number of @unit_us microseconds each, above 0 and at most TIMING_MAX_US in all. false: it is not. */
bool timing_parse(double number, int64_t unit_us, int64_t *ret_us);

#define TIMING_MAX_US (INT64_C(366) * 24 * 3600 * 1000000) /* longer than any task may take */

#endif
