/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/orphans.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/backup.h"
#include "daemon/checker.h"
#include "daemon/daemon.h"
#include "daemon/helper.h"
#include "daemon/probe.h"
#include "daemon/process.h"
#include "daemon/reexec.h"
#include "daemon/supervise.h"
#include "daemon/zygotes.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

#define ORPHANS_MAX 256       /* at a time; the next time has the others */
#define ORPHANS_TREE_MAX 1024 /* processes below one */
#define ORPHANS_ENVIRONMENT_MAX (128 * 1024)
#define ORPHANS_VARIABLE "BGTASK_RUN_ID="

/* Our children, as far as they fit. */
static size_t orphans_children(pid_t *ret_pids, size_t max)
{
        char text[16 * 1024], path[64];
        size_t size = 0, count = 0;

        snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        for (ssize_t n;
             fd >= 0 && size < sizeof(text) - 1 && (n = read(fd, text + size, sizeof(text) - 1 - size)) > 0;)
                size += (size_t)n;
        text[size] = '\0';
        for (char *at = text, *end; count < max; at = end) {
                long pid = strtol(at, &end, 10);
                if (end == at || (*end != ' ' && *end != '\0'))
                        break;
                ret_pids[count++] = (pid_t)pid;
        }
        return count;
}

/* The run in whose environment it was made; 0: it does not say, or may not be looked at. */
static int64_t orphans_run_of(pid_t pid)
{
        _cleanup_free_ char *text = malloc(ORPHANS_ENVIRONMENT_MAX);
        size_t size = 0, length = strlen(ORPHANS_VARIABLE);
        int64_t run_id = 0;
        char path[32];

        snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || !text)
                return 0;
        for (ssize_t n; size < ORPHANS_ENVIRONMENT_MAX - 1 &&
                        (n = read(fd, text + size, ORPHANS_ENVIRONMENT_MAX - 1 - size)) > 0;)
                size += (size_t)n;
        text[size] = '\0';
        for (const char *at = text; at < text + size; at += strlen(at) + 1)
                if (strncmp(at, ORPHANS_VARIABLE, length) == 0 &&
                    parse_int64(at + length, 1, INT64_MAX, &run_id) < 0)
                        run_id = 0;
        return run_id;
}

static void orphans_kill(pid_t pid)
{
        log_notice("ending process %d, which a run left behind", (int)pid);
        process_kill_tree(pid, ORPHANS_TREE_MAX);
}

void orphans_end(struct daemon *daemon)
{
        pid_t pids[ORPHANS_MAX];

        /* A run that its zygote has not told of looks the same. The next end, or the next quiet moment, sees to it. */
        if (supervisor_is_starting(daemon->supervisor))
                return;
        size_t count = orphans_children(pids, ARRAY_SIZE(pids));
        for (size_t i = 0; i < count; i++) {
                if (supervisor_has_process(daemon->supervisor, pids[i]) ||
                    supervisor_has_left(daemon->supervisor, pids[i]) ||
                    zygotes_has_process(daemon->zygotes, pids[i]) ||
                    helper_has_process(daemon->helper, pids[i]) ||
                    backup_has_process(daemon->backup, pids[i]) ||
                    checker_has_process(daemon->checker, pids[i]) ||
                    probe_has_process(daemon->probe, pids[i]) || reexec_has_process(daemon->reexec, pids[i]))
                        continue;
                int64_t run_id = orphans_run_of(pids[i]);
                if (run_id ? !supervisor_has_run_alive(daemon->supervisor, run_id)
                           : !supervisor_has_run_alive(daemon->supervisor, 0))
                        orphans_kill(pids[i]);
        }
}
