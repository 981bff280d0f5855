/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/updates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/util.h"
#include "runner/instance_lock.h"

#define TEST_VARIABLE "MOZ_TEST_PROCESS_UPDATES"
/* Not TMPDIR: two instances may have different ones. */
#define LOCK_DIRECTORY "/tmp"
/* The page that Firefox's own tools are started with. */
#define TOOLBOX_URL "chrome://devtools/content/framework/browser-toolbox/window.html"

static const char *const updating_tasks[] = { "backgroundupdate", "shouldprocessupdates" };

static char *held_path; /* NULL: none is held */
static int held_fd = -1;

bool updates_is_updating_task(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(updating_tasks); i++)
                if (strcmp(name, updating_tasks[i]) == 0)
                        return true;
        return false;
}

/* The argument after -@flag, "" if there is none; NULL: there is no such flag. */
static const char *flag_find(char *const *args, const char *flag)
{
        for (; args && *args; args++)
                if ((*args)[0] == '-' && strcasecmp(*args + 1, flag) == 0)
                        return args[1] ? args[1] : "";
        return NULL;
}

enum updates updates_decide(const char *task, char *const *args, bool other_instance)
{
        const char *page = flag_find(args, "chrome");

        if (page && strcmp(page, TOOLBOX_URL) == 0)
                return UPDATES_DEVTOOLS_LAUNCHING;
        if (flag_find(args, "first-startup"))
                return UPDATES_FIRST_STARTUP;
        if (!updates_is_updating_task(task))
                return UPDATES_NOT_AN_UPDATING_TASK;
        return other_instance ? UPDATES_OTHER_INSTANCE_RUNNING : UPDATES_MAY;
}

const char *updates_text(enum updates decision)
{
        switch (decision) {
        case UPDATES_MAY:
                return "ShouldProcessUpdates()";
        case UPDATES_DEVTOOLS_LAUNCHING:
                return "ShouldNotProcessUpdates(): DevToolsLaunching";
        case UPDATES_FIRST_STARTUP:
                return "ShouldNotProcessUpdates(): FirstStartup";
        case UPDATES_NOT_AN_UPDATING_TASK:
                return "ShouldNotProcessUpdates(): NotAnUpdatingTask";
        case UPDATES_OTHER_INSTANCE_RUNNING:
                return "ShouldNotProcessUpdates(): OtherInstanceRunning";
        case UPDATES_MULTI_SESSION_INSTALL_LOCKOUT:
                return "ShouldNotProcessUpdates(): MultiSessionInstallLockout";
        }
        return "";
}

void updates_start(const struct host *host)
{
        bool others = false;

        if (updates_is_updating_task(host->task))
                others = updates_lock(NULL) == 0 && updates_has_others() == 1;
        const char *wanted = getenv(TEST_VARIABLE);
        if (wanted && *wanted)
                setenv(TEST_VARIABLE, updates_text(updates_decide(host->task, host->args, others)), 1);
}

int updates_lock(const char *path)
{
        _cleanup_free_ char *hash = paths_install_hash();
        _cleanup_free_ char *own = path ? strdup(path)
                                        : format_string(LOCK_DIRECTORY "/MozillaUpdateLock-%s", hash);

        if (!hash || !own)
                return -ENOMEM;
        updates_unlock();
        int fd = instance_lock_open(own);
        if (fd < 0)
                return fd;
        held_path = steal_pointer(own);
        held_fd = fd;
        return 0;
}

int updates_has_others(void)
{
        return held_path ? instance_lock_has_others(held_fd) : -ENOLCK;
}

void updates_unlock(void)
{
        if (!held_path)
                return;
        instance_lock_close(held_fd, held_path);
        free(held_path);
        held_path = NULL;
        held_fd = -1;
}
