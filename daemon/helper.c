/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/process.h"
#include "lib/log.h"
#include "lib/util.h"

struct helper_path {
        struct helper_path *next;
        char path[];
};

struct helper {
        pid_t pid; /* 0: none runs */
        struct helper_path *pending;
};

struct helper *helper_new(void)
{
        return calloc(1, sizeof(struct helper));
}

static void helper_drop(struct helper *helper)
{
        while (helper->pending) {
                struct helper_path *path = helper->pending;
                helper->pending = path->next;
                free(path);
        }
}

void helper_free(struct helper *helper)
{
        if (!helper)
                return;
        helper_drop(helper);
        free(helper);
}

/* The fork has its own copy of the list. */
static void helper_work(const struct helper_path *path)
{
        int failures = 0;

        process_reset(-1);
        for (; path; path = path->next)
                if (tree_remove(AT_FDCWD, path->path, NULL) < 0)
                        failures++;
        _exit(failures ? 1 : 0);
}

static void helper_start(struct helper *helper)
{
        pid_t pid = process_fork();

        if (pid == 0)
                helper_work(helper->pending);
        if (pid < 0) {
                log_warning("cannot fork to remove profiles: %s", strerror(-pid));
                return; /* they stay pending for the next time */
        }
        helper->pid = pid;
        helper_drop(helper);
}

int helper_remove(struct helper *helper, const char *path)
{
        size_t size = strlen(path) + 1;
        struct helper_path *entry = malloc(sizeof(*entry) + size);

        if (!entry)
                return -ENOMEM;
        memcpy(entry->path, path, size);
        entry->next = helper->pending;
        helper->pending = entry;
        if (helper->pid == 0)
                helper_start(helper);
        return 0;
}

bool helper_has_process(const struct helper *helper, pid_t pid)
{
        return pid == helper->pid;
}

bool helper_reaped(struct helper *helper, pid_t pid, int status)
{
        if (pid != helper->pid)
                return false;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                log_warning("a profile could not be removed completely");
        helper->pid = 0;
        if (helper->pending)
                helper_start(helper);
        return true;
}
