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

#include "daemon/cgroup.h"
#include "daemon/daemon.h"
#include "daemon/store.h"
#include "daemon/store_recover.h"
#include "lib/cleanup.h"
#include "lib/util.h"

static bool is_true(const struct daemon *daemon)
{
        return true;
}

static bool lacks_runner(const struct daemon *daemon)
{
        return access(daemon->locations.runner, X_OK) < 0;
}

/* Some containers' filters answer ENOSYS; with a bad size the kernel itself says EINVAL. */
static bool lacks_clone3(const struct daemon *daemon)
{
        return syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS;
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
        { is_true, "Runs are not sandboxed: a task may do all that the daemon's user may." },
        { is_true, "A process that leaves its run's session is not ended with the run." },
        { has_closed_roles,
          "The preferences bgtaskd.access.* have errors: until they are right, only root and the daemon's own "
          "user are served." },
        { lacks_clone3,
          "The clone3 system call is not available: runs are made by clone and found by pidfd_open." },
        { lacks_systemd, "The system was not started by systemd: nothing watches and restarts this daemon." },
        { state_is_volatile,
          "The state directory is in memory: queue, history and schedules do not survive a restart of "
          "the system." },
};

json_t *degraded_to_json(const struct daemon *daemon)
{
        const char *const told[] = { store_degraded(daemon->store), store_note(daemon->store),
                                     cgroups_degraded(daemon->cgroups) };
        json_t *sentences = json_array();
        int r = 0;

        for (size_t i = 0; sentences && r == 0 && i < ARRAY_SIZE(told); i++)
                if (told[i])
                        r = json_array_append_new(sentences, json_string(told[i]));

        for (size_t i = 0; sentences && r == 0 && i < ARRAY_SIZE(degraded_table); i++)
                if (degraded_table[i].applies(daemon))
                        r = json_array_append_new(sentences, json_string(degraded_table[i].sentence));
        if (r == 0)
                return sentences;
        json_decref(sentences);
        return NULL;
}
