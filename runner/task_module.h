/* SPDX-License-Identifier: MPL-2.0 */
/* What the life of a task needs of its module: look-up, messages about failures, the command line object. */
#ifndef RUNNER_TASK_MODULE_H
#define RUNNER_TASK_MODULE_H

#include "lib/wire.h"
#include "runner/engine.h"
#include "runner/host.h"

/* Look for the module of host->task and import it. On any failure but ENG_IMPORT_TERMINATED it is said which
 * it was, and @result is filled; no exception stays pending. It is loaded before the run's time, and nothing of it is
 * executed until then (host->begin_monotonic_us). */
enum eng_import_outcome task_module_import(struct host *host, eng_val *ret_namespace,
                                           struct wire_result *result);
/* The argument of runBackgroundTask. NULL: exception pending. */
eng_val task_module_command_line(struct host *host);
/* Keep @exception (NULL: one that has no value) as the error of @result, say so as Gecko's manager does. */
void task_module_threw(struct host *host, eng_val exception, struct wire_result *result);
/* An allocation that fails, at RLIMIT_DATA, is an exception that the engine has ready: this string. */
bool task_module_is_out_of_memory(eng *e, eng_val exception);

#endif
