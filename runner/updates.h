/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whether a run may process updates of the application, as Gecko decides it for background tasks (ShouldProcessUpdates).
 * Most may not: an update must not come from a task that nobody expects it of, nor while another instance runs.
 */
#ifndef RUNNER_UPDATES_H
#define RUNNER_UPDATES_H

#include <stdbool.h>

#include "runner/host.h"

enum updates {
        UPDATES_MAY,
        UPDATES_DEVTOOLS_LAUNCHING,
        UPDATES_FIRST_STARTUP,
        UPDATES_NOT_AN_UPDATING_TASK,
        UPDATES_OTHER_INSTANCE_RUNNING,
        UPDATES_MULTI_SESSION_INSTALL_LOCKOUT, /* on Windows only; never given here */
};

/* backgroundupdate and shouldprocessupdates, spelt exactly. */
bool updates_is_updating_task(const char *name);
/* @args: normalised as nsICommandLine has them. */
enum updates updates_decide(const char *task, char *const *args, bool other_instance);
/* "ShouldProcessUpdates()" or "ShouldNotProcessUpdates(): REASON". */
const char *updates_text(enum updates decision);

/* Before the task: tasks that may process updates take the lock of the installation's instances, and if the variable
 * MOZ_TEST_PROCESS_UPDATES is set it becomes the decision's text. */
void updates_start(const struct host *host);

/* nsIUpdateSyncManager. Take the lock at @path, NULL: the installation's, instead of the one that was held. 0 or -errno. */
int updates_lock(const char *path);
/* Whether another process has the lock that is held: 1, 0, or -errno; -ENOLCK: none is held. */
int updates_has_others(void);
/* Give it up; at the end of the run, too. Does nothing if none is held. */
void updates_unlock(void);

#endif
