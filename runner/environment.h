/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The variables of a run. What the daemon was started with may hold what is nobody else's business (an agent's socket, a
 * token), so a sandboxed run has of it what programs need to know about the machine and its user, what its task file
 * passes on (PassEnvironment=) and what that sets (Environment=).
 */
#ifndef RUNNER_ENVIRONMENT_H
#define RUNNER_ENVIRONMENT_H

#include "lib/error.h"
#include "lib/task_policy.h"

/* Take out all that is not passed on; the texts are overwritten, so that they are not in the run's memory either. They
 * are the process's own: nobody may hold a pointer that getenv() gave. */
void environment_clean(const struct task_policy *policy);
/* Set what Environment= says. 0 or -errno. */
int environment_set(const struct task_policy *policy, struct error *error);
/* setenv(), or unsetenv() when @value is NULL, while threads of ours (work.h) or of libraries call getenv(): neither the array
 * that they go through nor a text that they found is ever freed, which costs what is set anew its memory. Others that call
 * setenv() have to do so before there are threads. 0, -EINVAL: no name of a variable, -ENOMEM. */
int environment_change(const char *name, const char *value);

#endif
