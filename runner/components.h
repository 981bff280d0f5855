/* SPDX-License-Identifier: MPL-2.0 */
/* Components that an application declares: components.json and chrome.manifest in its directory. */
#ifndef RUNNER_COMPONENTS_H
#define RUNNER_COMPONENTS_H

#include "runner/host.h"

/* Read them and tell those of them that this task selects that it starts; before the task's module is looked up.
 * Does nothing, and loads nothing, where there are none. What goes wrong is reported and is no error of the
 * task. */
void components_start(struct host *host);

#endif
