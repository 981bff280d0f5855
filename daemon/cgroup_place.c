/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Our place in the tree of cgroups: found, tried by using it, and cleared of what a crash left.
 *
 * A group that holds nobody but us is ours (systemd delegated it, or something like it). Anywhere else we make one
 * beside the others, so that nothing of theirs is touched; the controllers are then those that the group we were
 * started in already hands down. After a re-exec, or with systemd's DelegateSubgroup=, we are in the leaf already.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/cgroup_internal.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"

#define PLACE_TRIAL "trial"
#define PLACE_PREFIX "bgtaskd-"
#define PLACE_ATTEMPTS 3 /* another daemon may take what is not yet in use for a leftover */
#define PLACE_PATH_MAX 4096
#define PLACE_EMPTY_MS 1000

/* The second where the first is of no use. */
static const char *const place_leaves[] = { "daemon", "daemon-2" };

/* The line "0::PATH" of /proc/self/cgroup. */
static int place_own(char *ret, size_t size)
{
        _cleanup_fclose_ FILE *file = fopen("/proc/self/cgroup", "re");
        char line[PLACE_PATH_MAX];

        while (file && fgets(line, sizeof(line), file)) {
                line[strcspn(line, "\n")] = '\0';
                if (strncmp(line, "0::/", 4) != 0)
                        continue;
                snprintf(ret, size, "%s", line + 3);
                return 0;
        }
        return -ENOENT;
}

/* Where group @own is in the file system: by the first mount of cgroup2 that shows it. malloc'd; NULL: nowhere. */
static char *place_mounted(const char *own)
{
        _cleanup_fclose_ FILE *file = fopen("/proc/self/mountinfo", "re");
        char line[2 * PLACE_PATH_MAX], root[PLACE_PATH_MAX], point[PLACE_PATH_MAX];

        while (file && fgets(line, sizeof(line), file)) {
                const char *type = strstr(line, " - ");
                if (!type || strncmp(type, " - cgroup2 ", 11) != 0 ||
                    sscanf(line, "%*d %*d %*s %4095s %4095s", root, point) != 2)
                        continue;
                size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
                if (strncmp(own, root, length) == 0 && (own[length] == '/' || own[length] == '\0'))
                        return format_string("%s%s", point, strcmp(own, "/") == 0 ? "" : own + length);
        }
        return NULL;
}

/* Whether we are the only process directly in the group at @path. */
static bool place_is_ours_alone(const char *path)
{
        char text[64], expected[24];
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        snprintf(expected, sizeof(expected), "%d\n", (int)getpid());
        return fd >= 0 && cgroup_file_read(fd, "cgroup.procs", text, sizeof(text)) == 0 &&
               strcmp(text, expected) == 0;
}

/* Sets path, and outer unless the place is given to us. */
static int place_choose(struct cgroups *cgroups, const char *instance, struct error *error)
{
        char own[PLACE_PATH_MAX];
        uint32_t hash = 2166136261U; /* FNV-1a */

        if (place_own(own, sizeof(own)) < 0)
                return error_set(error, ENOENT, "the kernel has no cgroup v2");
        _cleanup_free_ char *path = place_mounted(own);
        if (!path)
                return error_set(error, ENOENT, "no file system of cgroup v2 is mounted");
        char *last = strrchr(path, '/');
        if (last && (strcmp(last + 1, place_leaves[0]) == 0 || strcmp(last + 1, place_leaves[1]) == 0)) {
                *last = '\0';
                last = strrchr(path, '/');
                if (last && strncmp(last + 1, PLACE_PREFIX, strlen(PLACE_PREFIX)) == 0)
                        cgroups->outer = strndup(path, (size_t)(last - path));
                cgroups->path = steal_pointer(path);
        } else if (strcmp(own, "/") != 0 && place_is_ours_alone(path)) {
                cgroups->path = steal_pointer(path);
        } else {
                for (const char *c = instance; *c; c++)
                        hash = (hash ^ (uint8_t)*c) * 16777619U;
                cgroups->path = format_string("%s/" PLACE_PREFIX "%08" PRIx32, path, hash);
                cgroups->outer = steal_pointer(path);
        }
        return cgroups->path ? 0 : error_set_errno(error, ENOMEM, "cgroup");
}

/*
 * Linux 6.18 counts how often a group was killed by cgroup.kill, and compares the count of the group that a process is
 * cloned from with that of the group it is cloned into: from one that was killed before, all that is started into a
 * group is killed at once, without a word. So we kill our leaf by numbers, take a new one when we start, and where there
 * must be an old one, with systemd or zygotes that are still ending in it, try that, and take another if need be.
 * False: what is started is killed. Before Linux 5.7 nothing is cloned into groups.
 */
static bool place_lets_live(int fd)
{
        int status = 0;

        if (mkdirat(fd, PLACE_TRIAL, 0755) < 0 && errno != EEXIST)
                return true;
        _cleanup_close_ int trial = openat(fd, PLACE_TRIAL, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        struct clone_args args = { .flags = CLONE_INTO_CGROUP | CLONE_VFORK,
                                   .exit_signal = SIGCHLD,
                                   .cgroup = (uint64_t)trial };
        pid_t pid = trial < 0 ? -1 : (pid_t)syscall(SYS_clone3, &args, sizeof(args));
        if (pid == 0)
                _exit(0);
        while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        (void)cgroup_remove_at(fd, PLACE_TRIAL);
        return !WIFSIGNALED(status);
}

/* Back to where we were started. False: that is not to be had, or is not above ours. */
static bool place_step_out(const struct cgroups *cgroups)
{
        char pid[24];
        _cleanup_free_ char *procs = cgroups->outer ? format_string("%s/cgroup.procs", cgroups->outer) : NULL;

        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        return procs && cgroup_file_write(AT_FDCWD, procs, pid) == 0;
}

/* Move into leaf @name of the place. */
static int leaf_enter(const struct cgroups *cgroups, int fd, const char *name, struct error *error)
{
        char pid[24];

        /* Whoever is in it, zygotes that are still ending or ourselves before a re-exec, keeps it from being new. */
        (void)unlinkat(fd, name, AT_REMOVEDIR);
        bool is_new = mkdirat(fd, name, 0755) == 0;
        if (!is_new && errno != EEXIST)
                return error_set_errno(error, errno, "%s/%s", cgroups->path, name);
        _cleanup_close_ int leaf = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        int r = leaf < 0 ? -errno : cgroup_file_write(leaf, "cgroup.procs", pid);
        if (r < 0)
                return error_set_errno(error, -r, "%s/%s/cgroup.procs", cgroups->path, name);
        if (is_new || place_lets_live(fd))
                return 0;
        return error_set(error, EBUSY,
                         "%s/%s was killed before, and the kernel kills what is started from it",
                         cgroups->path, name);
}

/* Make the place and its leaf, and move there. */
static int place_enter(struct cgroups *cgroups, struct error *error)
{
        if (cgroups->outer && mkdir(cgroups->path, 0755) < 0 && errno != EEXIST)
                return error_set_errno(error, errno, "%s", cgroups->path);
        _cleanup_close_ int fd = open(cgroups->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return error_set_errno(error, errno, "%s", cgroups->path);
        int r = leaf_enter(cgroups, fd, place_leaves[0], error);
        if (r == -EBUSY)
                r = leaf_enter(cgroups, fd, place_leaves[1], error);
        else
                (void)unlinkat(fd, place_leaves[1], AT_REMOVEDIR);
        if (r < 0) {
                place_step_out(cgroups);
                return r;
        }
        cgroups->fd = steal_fd(&fd);
        return 0;
}

/* Whether @name is one of the words of @text. */
static bool has_word(const char *text, const char *name)
{
        size_t length = strlen(name);

        for (const char *at = text; (at = strstr(at, name)); at += length)
                if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\n' || !at[length]))
                        return true;
        return false;
}

static void place_enable_controllers(struct cgroups *cgroups)
{
        char text[512];

        for (size_t i = 0; i < CGROUP_CONTROLLER_COUNT; i++) {
                snprintf(text, sizeof(text), "+%s", cgroup_controller_names[i]);
                (void)cgroup_file_write(cgroups->fd, "cgroup.subtree_control", text);
        }
        if (cgroup_file_read(cgroups->fd, "cgroup.subtree_control", text, sizeof(text)) < 0)
                return;
        for (size_t i = 0; i < CGROUP_CONTROLLER_COUNT; i++)
                if (has_word(text, cgroup_controller_names[i]))
                        cgroups->controllers |= 1U << i;
}

/* "cpu and io"; NULL: none is missing, or no memory. */
static char *place_missing(const struct cgroups *cgroups)
{
        char text[64] = "";
        size_t length = 0, left = 0;

        for (size_t i = 0; i < CGROUP_CONTROLLER_COUNT; i++)
                left += !(cgroups->controllers & 1U << i);
        for (size_t i = 0; i < CGROUP_CONTROLLER_COUNT; i++)
                if (!(cgroups->controllers & 1U << i)) {
                        left--;
                        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
                                                   cgroup_controller_names[i],
                                                   left > 1    ? ", "
                                                   : left == 1 ? " and "
                                                               : "");
                }
        return length ? strdup(text) : NULL;
}

static void place_judge(struct cgroups *cgroups, const struct error *error)
{
        _cleanup_free_ char *missing = NULL;

        if (cgroups->fd < 0) {
                cgroups->degraded = format_string(
                        "Runs have no cgroup of their own: they cannot be accounted for or limited as a whole (%s).",
                        error->text);
                return;
        }
        missing = place_missing(cgroups);
        if (missing)
                cgroups->degraded = format_string(
                        "Runs have cgroups without the controllers %s, which are not delegated: "
                        "as a whole they are not limited by these.",
                        missing);
}

/* ---- leftovers ---- */

/* "run-ID.EPOCH". */
static bool run_of_name(const char *name, int64_t *ret_run_id, int64_t *ret_epoch)
{
        const char *point = strchr(name, '.');
        char id[24];

        if (strncmp(name, CGROUP_RUN_PREFIX, strlen(CGROUP_RUN_PREFIX)) != 0 || !point)
                return false;
        name += strlen(CGROUP_RUN_PREFIX);
        if ((size_t)(point - name) >= sizeof(id))
                return false;
        snprintf(id, sizeof(id), "%.*s", (int)(point - name), name);
        return parse_int64(id, 0, INT64_MAX, ret_run_id) == 0 &&
               parse_int64(point + 1, 0, INT64_MAX, ret_epoch) == 0;
}

void cgroups_sweep(struct cgroups *cgroups, bool (*keep)(int64_t run_id, int64_t epoch, void *data),
                   void *data)
{
        int fd = cgroups->fd < 0 ? -1 : openat(cgroups->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_closedir_ DIR *directory = fd < 0 ? NULL : fdopendir(fd);
        int64_t run_id, epoch;

        if (!directory) {
                close_keep_errno(fd);
                return;
        }
        for (struct dirent *entry; (entry = readdir(directory));) {
                struct cgroup *cgroup;

                if (!run_of_name(entry->d_name, &run_id, &epoch) || (keep && keep(run_id, epoch, data)))
                        continue;
                log_info("removing cgroup %s, which a daemon before this one left", entry->d_name);
                if (cgroup_find(cgroups, run_id, epoch, &cgroup) == 0)
                        cgroup_end(cgroup);
        }
}

/* Places beside ours whose daemon was killed; one that is alive is in its leaf, and keeps it from being empty. */
static void place_clear_beside(const struct cgroups *cgroups)
{
        _cleanup_closedir_ DIR *directory = cgroups->outer ? opendir(cgroups->outer) : NULL;

        if (!directory)
                return;
        for (struct dirent *entry; (entry = readdir(directory));) {
                if (strncmp(entry->d_name, PLACE_PREFIX, strlen(PLACE_PREFIX)) != 0)
                        continue;
                _cleanup_close_ int fd = openat(dirfd(directory), entry->d_name,
                                                O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
                if (fd >= 0 && cgroup_file_number(fd, "cgroup.events", "populated") == 0)
                        (void)cgroup_remove_at(dirfd(directory), entry->d_name);
        }
}

/* ---- the object ---- */

int cgroups_new(struct event_base *base, const char *instance, struct cgroups **ret)
{
        struct cgroups *cgroups = calloc(1, sizeof(*cgroups));
        struct error error = ERROR_INIT;

        if (!cgroups)
                return -ENOMEM;
        *cgroups = (struct cgroups){ .base = base, .fd = -1, .inotify = -1 };
        LIST_INIT(&cgroups->ending);
        int r = place_choose(cgroups, instance, &error);
        for (int i = 0; r == 0 && cgroups->fd < 0 && i < PLACE_ATTEMPTS; i++)
                if (place_enter(cgroups, &error) < 0 && error.code != ENOENT)
                        break;
        if (cgroups->fd >= 0) {
                place_enable_controllers(cgroups);
                place_clear_beside(cgroups);
        }
        place_judge(cgroups, &error);
        *ret = cgroups;
        return 0;
}

static void leaf_leave(const struct cgroups *cgroups, const char *name)
{
        _cleanup_close_ int leaf = openat(cgroups->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        _cleanup_close_ int events = leaf < 0 ? -1 : openat(leaf, "cgroup.events", O_RDONLY | O_CLOEXEC);

        if (events < 0)
                return;
        (void)cgroup_kill_listed_at(cgroups->fd, name);
        while (cgroup_remove_at(cgroups->fd, name) == -EBUSY)
                if (poll(&(struct pollfd){ .fd = events, .events = POLLPRI }, 1, PLACE_EMPTY_MS) <= 0)
                        break;
}

/* Zygotes are told to end, but nobody waited for that. */
static void place_leave(struct cgroups *cgroups)
{
        if (!place_step_out(cgroups))
                return;
        for (size_t i = 0; i < ARRAY_SIZE(place_leaves); i++)
                leaf_leave(cgroups, place_leaves[i]);
        if (rmdir(cgroups->path) < 0 && errno != EBUSY && errno != ENOTEMPTY)
                log_warning("%s cannot be removed: %s", cgroups->path, strerror(errno));
}

void cgroups_free(struct cgroups *cgroups)
{
        struct cgroup *cgroup;

        if (!cgroups)
                return;
        while ((cgroup = LIST_FIRST(&cgroups->ending))) {
                (void)cgroup_remove_at(cgroups->fd, cgroup->name);
                cgroup_free(cgroup);
        }
        if (cgroups->fd >= 0 && cgroups->outer && !cgroups->stay)
                place_leave(cgroups);
        if (cgroups->emptied)
                event_free(cgroups->emptied);
        close_keep_errno(cgroups->inotify);
        close_keep_errno(cgroups->fd);
        free(cgroups->degraded);
        free(cgroups->path);
        free(cgroups->outer);
        free(cgroups);
}

void cgroups_stay(struct cgroups *cgroups)
{
        cgroups->stay = true;
}

bool cgroups_available(const struct cgroups *cgroups)
{
        return cgroups->fd >= 0;
}

bool cgroups_has(const struct cgroups *cgroups, enum cgroup_controller controller)
{
        return cgroups->controllers & 1U << controller;
}

const char *cgroups_degraded(const struct cgroups *cgroups)
{
        return cgroups->degraded;
}
