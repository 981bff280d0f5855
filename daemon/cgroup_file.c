/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/cgroup_internal.h"
#include "lib/cleanup.h"
#include "lib/util.h"

#define CGROUP_DEPTH_MAX 16    /* of groups that a run made in its own */
#define CGROUP_KILL_ROUNDS 100 /* without cgroup.kill: processes that fork while they are killed */
#define CGROUP_PERIOD_US 100000

const char *const cgroup_controller_names[CGROUP_CONTROLLER_COUNT] = {
        [CGROUP_CPU] = "cpu",
        [CGROUP_IO] = "io",
        [CGROUP_MEMORY] = "memory",
        [CGROUP_PIDS] = "pids",
};

int cgroup_file_write(int fd, const char *file, const char *text)
{
        _cleanup_close_ int out = openat(fd, file, O_WRONLY | O_CLOEXEC);

        if (out < 0)
                return -errno;
        /* In one piece: each write() is a command. */
        return write(out, text, strlen(text)) < 0 ? -errno : 0;
}

int cgroup_file_read(int fd, const char *file, char *ret, size_t size)
{
        _cleanup_close_ int in = openat(fd, file, O_RDONLY | O_CLOEXEC);
        size_t filled = 0;

        if (in < 0)
                return -errno;
        while (filled < size - 1) {
                ssize_t n = read(in, ret + filled, size - 1 - filled);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                filled += (size_t)n;
        }
        ret[filled] = '\0';
        return 0;
}

static int64_t number_at(const char *text)
{
        char *end;

        errno = 0;
        long long value = strtoll(text, &end, 10);
        return errno || end == text || value < 0 ? -1 : value;
}

int64_t cgroup_file_number(int fd, const char *file, const char *key)
{
        char text[CGROUP_TEXT_MAX];
        size_t length = key ? strlen(key) : 0;

        if (cgroup_file_read(fd, file, text, sizeof(text)) < 0)
                return -1;
        if (!key)
                return number_at(text);
        for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line ? 1 : 0)
                if (strncmp(line, key, length) == 0 && line[length] == ' ')
                        return number_at(line + length + 1);
        return -1;
}

int64_t cgroup_file_io(int fd, const char *key)
{
        char text[CGROUP_TEXT_MAX], wanted[32];
        int64_t sum = 0;

        if (cgroup_file_read(fd, "io.stat", text, sizeof(text)) < 0)
                return -1;
        snprintf(wanted, sizeof(wanted), " %s=", key);
        for (const char *at = text; (at = strstr(at, wanted)); at++)
                sum += MAX(number_at(at + strlen(wanted)), INT64_C(0));
        return sum;
}

/* ---- limits ---- */

static int limit_write(int fd, const char *file, const char *text, struct error *error)
{
        int r = cgroup_file_write(fd, file, text);

        return r < 0 ? error_set_errno(error, -r, "cgroup: %s of \"%s\"", file, text) : 0;
}

static int limit_write_number(int fd, const char *file, uint64_t value, struct error *error)
{
        char text[32];

        snprintf(text, sizeof(text), "%" PRIu64, value);
        return value == CGROUP_NO_LIMIT ? 0 : limit_write(fd, file, text, error);
}

static int limit_memory(int fd, const struct cgroup_limits *limits, struct error *error)
{
        int r = limit_write_number(fd, "memory.max", limits->memory_max, error);

        /* A kernel without swap has no such file, and nothing to limit. */
        if (r == 0 && faccessat(fd, "memory.swap.max", F_OK, 0) == 0)
                r = limit_write_number(fd, "memory.swap.max", limits->memory_swap_max, error);
        /* Half a run is no use: all of it goes. Before Linux 4.19 the kernel chooses. */
        if (r == 0 && limits->memory_max != CGROUP_NO_LIMIT &&
            faccessat(fd, "memory.oom.group", F_OK, 0) == 0)
                r = limit_write(fd, "memory.oom.group", "1", error);
        return r;
}

int cgroup_limits_write(int fd, unsigned controllers, const struct cgroup_limits *limits, struct error *error)
{
        char text[64];
        int r = 0;

        if (controllers & 1U << CGROUP_MEMORY)
                r = limit_memory(fd, limits, error);
        if (r == 0 && controllers & 1U << CGROUP_PIDS)
                r = limit_write_number(fd, "pids.max", limits->tasks_max, error);
        if (r == 0 && controllers & 1U << CGROUP_CPU && limits->cpu_quota > 0) {
                snprintf(text, sizeof(text), "%" PRIu64 " %d",
                         (uint64_t)limits->cpu_quota * CGROUP_PERIOD_US / 100, CGROUP_PERIOD_US);
                r = limit_write(fd, "cpu.max", text, error);
        }
        if (r == 0 && controllers & 1U << CGROUP_IO && limits->io_weight > 0) {
                snprintf(text, sizeof(text), "default %" PRIu32, limits->io_weight);
                r = limit_write(fd, "io.weight", text, error);
                /* Only with the scheduler of disks that has weights, which is the system's choice. */
                if (r == -ENOENT || r == -EOPNOTSUPP)
                        r = 0;
        }
        return r;
}

/* ---- the end of a group ---- */

/* False: nobody is left. */
static bool kill_listed(int fd)
{
        char text[CGROUP_TEXT_MAX];
        bool any = false;

        if (cgroup_file_read(fd, "cgroup.procs", text, sizeof(text)) < 0)
                return false;
        /* Where the text is cut, half a number is somebody else's; the next round has the whole. */
        char *end = strrchr(text, '\n');
        if (!end)
                return false;
        *end = '\0';
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
                int64_t pid = number_at(line);
                if (pid > 1 && pid != getpid() && kill((pid_t)pid, SIGKILL) == 0)
                        any = true;
        }
        return any;
}

int cgroup_kill_listed_at(int fd, const char *name)
{
        _cleanup_close_ int group = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        if (group < 0)
                return -errno;
        for (int i = 0; i < CGROUP_KILL_ROUNDS && kill_listed(group); i++)
                ;
        return 0;
}

int cgroup_kill_at(int fd, const char *name)
{
        _cleanup_close_ int group = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        if (group < 0)
                return -errno;
        int r = cgroup_file_write(group, "cgroup.kill", "1");
        return r == -ENOENT ? cgroup_kill_listed_at(fd, name) : r;
}

static int remove_below(int fd, const char *name, int depth)
{
        if (unlinkat(fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
                return 0;
        if ((errno != EBUSY && errno != ENOTEMPTY) || depth == 0)
                return -errno;
        int group = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        _cleanup_closedir_ DIR *directory = group < 0 ? NULL : fdopendir(group);
        if (!directory) {
                close_keep_errno(group);
                return -errno;
        }
        bool any = false;
        for (struct dirent *entry; (entry = readdir(directory));) {
                if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
                        continue;
                any = true;
                int r = remove_below(group, entry->d_name, depth - 1);
                if (r < 0)
                        return r;
        }
        if (!any)
                return -EBUSY;
        return unlinkat(fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

int cgroup_remove_at(int fd, const char *name)
{
        return remove_below(fd, name, CGROUP_DEPTH_MAX);
}
