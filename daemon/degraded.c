/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/degraded.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "daemon/backup.h"
#include "daemon/cgroup.h"
#include "daemon/checker.h"
#include "daemon/conditions.h"
#include "daemon/daemon.h"
#include "daemon/probe.h"
#include "daemon/reload.h"
#include "daemon/store.h"
#include "daemon/store_recover.h"
#include "lib/cleanup.h"
#include "lib/util.h"

static bool lacks_runner(const struct daemon *daemon)
{
        return access(daemon->locations.runner, X_OK) < 0;
}

/* Some containers' filters answer ENOSYS; with a bad size the kernel itself says EINVAL. */
static bool lacks_clone3(const struct daemon *daemon)
{
        return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS;
}

/* The kernel itself says EINVAL to that. */
static bool lacks_pidfd_open(const struct daemon *daemon)
{
        return syscall(SYS_pidfd_open, -1, 0) < 0 && errno != EINVAL;
}

static bool lacks_systemd(const struct daemon *daemon)
{
        return access("/run/systemd/system", F_OK) < 0;
}

static bool state_is_volatile(const struct daemon *daemon)
{
        struct statfs status;

        return statfs(daemon->locations.state, &status) == 0 &&
               (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

static bool has_closed_roles(const struct daemon *daemon)
{
        return daemon->configuration.roles.closed;
}

static const struct {
        bool (*applies)(const struct daemon *daemon);
        const char *sentence;
} degraded_table[] = {
        { lacks_runner, "The runner program is missing: no task can be run." },
        { has_closed_roles,
          "The preferences bgtaskd.access.* have errors: until they are right, only root and the daemon's own "
          "user are served." },
        { lacks_clone3,
          "The clone3 system call is not available: runs are made by clone and found by pidfd_open." },
        { lacks_pidfd_open,
          "The pidfd_open system call is not available: the end of a run that an earlier daemon began is looked for "
          "once a second." },
        { lacks_systemd, "The system was not started by systemd: nothing watches and restarts this daemon." },
        { state_is_volatile,
          "The state directory is in memory: queue, history and schedules do not survive a restart of "
          "the system." },
};

bool degraded_sandbox(const struct daemon *daemon, struct sandbox *ret)
{
        if (!daemon_setting(daemon, SETTING_SANDBOX_ENABLED) || !probe_answer(daemon->probe, ret))
                return false;
        if (!cgroups_available(daemon->cgroups))
                return true;
        sandbox_add(ret, SANDBOX_CGROUP_V2);
        sandbox_add(ret, SANDBOX_KILL_CGROUP);
        if (cgroups_has(daemon->cgroups, CGROUP_MEMORY) && cgroups_has(daemon->cgroups, CGROUP_PIDS))
                sandbox_add(ret, SANDBOX_LIMITS_CGROUP);
        return true;
}

/* A sentence for each combination of what is there (@has) and what is not (@lacks), as bits of mechanisms. */
#define BIT(mechanism) (UINT32_C(1) << SANDBOX_##mechanism)
static const struct {
        uint32_t has, lacks;
        const char *sentence;
} sandbox_table[] = {
        { 0, BIT(FS_MOUNT) | BIT(FS_LANDLOCK),
          "There are neither mount namespaces nor Landlock: a run sees and changes all files that the daemon's user "
          "may." },
        { BIT(FS_LANDLOCK), BIT(FS_MOUNT),
          "There are no mount namespaces for runs: Landlock alone keeps them from files, whose names they can see." },
        { BIT(FS_MOUNT), BIT(FS_LANDLOCK),
          "There is no Landlock: runs are kept from files by a root of their own alone." },
        { 0, BIT(NET_NETNS) | BIT(NET_SECCOMP), "Nothing keeps runs from the network." },
        { BIT(NET_SECCOMP), BIT(NET_NETNS),
          "There are no network namespaces: a filter of system calls alone keeps runs from the network." },
        { 0, BIT(CALLS_SECCOMP), "System calls cannot be filtered: runs may use all that the kernel has." },
        { BIT(KILL_CGROUP), BIT(KILL_PIDNS),
          "There are no PID namespaces for runs: what a run leaves behind is ended with its cgroup." },
        { 0, BIT(KILL_PIDNS) | BIT(KILL_CGROUP),
          "There are no PID namespaces and no cgroups for runs: what a run that may start processes leaves behind is "
          "searched for, and may be missed." },
        { 0, BIT(CAPS_DROPPED), "Runs keep the daemon's capabilities." },
        { 0, BIT(IPC_IPCNS),
          "There are no IPC namespaces: a filter of system calls alone keeps runs from System V IPC and message queues." },
};
#undef BIT

static int degraded_add_sandbox(const struct daemon *daemon, json_t *sentences)
{
        struct sandbox sandbox;
        int r = 0;

        if (!daemon_setting(daemon, SETTING_SANDBOX_ENABLED))
                return json_array_append_new(
                        sentences,
                        json_string("Runs are not sandboxed, by the preference bgtaskd.sandbox.enabled: a "
                                    "task may do all that the daemon's user may."));
        if (probe_failed(daemon->probe))
                return json_array_append_new(
                        sentences, json_string("What keeps runs in is not known: the runner did not tell."));
        if (!degraded_sandbox(daemon, &sandbox))
                return 0; /* it is about to tell */
        for (size_t i = 0; r == 0 && i < ARRAY_SIZE(sandbox_table); i++)
                if ((sandbox.mechanisms & sandbox_table[i].has) == sandbox_table[i].has &&
                    !(sandbox.mechanisms & sandbox_table[i].lacks))
                        r = json_array_append_new(sentences, json_string(sandbox_table[i].sentence));
        return r;
}

json_t *degraded_to_json(const struct daemon *daemon)
{
        const char *const told[] = {
                store_degraded(daemon->store),     store_note(daemon->store),
                backup_degraded(daemon->backup),   checker_degraded(daemon->checker),
                cgroups_degraded(daemon->cgroups), conditions_degraded(daemon->conditions)
        };
        json_t *sentences = json_array();
        int r = 0;

        for (size_t i = 0; sentences && r == 0 && i < ARRAY_SIZE(told); i++)
                if (told[i])
                        r = json_array_append_new(sentences, json_string(told[i]));

        for (size_t i = 0; sentences && r == 0 && i < ARRAY_SIZE(degraded_table); i++)
                if (degraded_table[i].applies(daemon))
                        r = json_array_append_new(sentences, json_string(degraded_table[i].sentence));
        if (sentences && r == 0 && reload_errors(daemon->reload) > 0)
                r = json_array_append_new(
                        sentences, json_string("The schedules of task files with errors stay as they were: "
                                               "bgtaskctl reload --dry-run tells them."));
        if (sentences && r == 0)
                r = degraded_add_sandbox(daemon, sentences);
        if (r == 0)
                return sentences;
        json_decref(sentences);
        return NULL;
}
