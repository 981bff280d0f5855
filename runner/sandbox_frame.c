/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a zygote makes for its runs.
 *
 * There are two mount namespaces: the one outside, a copy of the system's own, in which nobody lives and which follows
 * what is mounted later; and the zygote's, with the root that its runs begin with. A run that names paths of its own
 * enters the first to build its root.
 *
 * A process without privileges gets them in a user namespace of its own, where its user ID stands for itself. A
 * privileged one makes none: it would gain nothing, as its capabilities are dropped in each run.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/util.h"
#include "runner/sandbox.h"
#include "runner/sandbox_landlock.h"

static int file_put(const char *path, const char *text)
{
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

        return fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
}

/* A user namespace in which user and group keep their numbers. */
static int user_namespace_make(void)
{
        uid_t uid = geteuid();
        gid_t gid = getegid();
        char map[64];

        if (unshare(CLONE_NEWUSER) < 0)
                return -errno;
        snprintf(map, sizeof(map), "%u %u 1\n", uid, uid);
        int r = file_put("/proc/self/uid_map", map);
        if (r == 0)
                r = file_put("/proc/self/setgroups", "deny");
        snprintf(map, sizeof(map), "%u %u 1\n", gid, gid);
        if (r == 0 || r == -ENOENT)
                r = file_put("/proc/self/gid_map", map);
        return r;
}

/* A mount namespace, with the privileges that one takes. 0 or -errno. */
static int outside_make(struct sandbox_frame *frame)
{
        if (unshare(CLONE_NEWNS) < 0) {
                int r = user_namespace_make();
                if (r < 0)
                        return r;
                sandbox_add(&frame->shared, SANDBOX_UID_USERNS);
                if (unshare(CLONE_NEWNS) < 0)
                        return -errno;
        }
        /* What is mounted later is to be seen here, and nothing of ours elsewhere. */
        if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
                return -errno;
        frame->outside_namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
        frame->outside_root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        return frame->outside_namespace < 0 || frame->outside_root < 0 ? -errno : 0;
}

static int root_make(struct sandbox_frame *frame, struct error *error)
{
        int r = outside_make(frame);
        if (r < 0)
                return error_set_errno(error, -r, "mount namespace");
        if (unshare(CLONE_NEWNS) < 0)
                return error_set_errno(error, errno, "mount namespace");
        r = root_enter(&frame->system, &frame->writable, error);
        if (r < 0)
                return r;
        frame->mount = true;
        sandbox_add(&frame->shared, SANDBOX_FS_MOUNT);
        return 0;
}

/* The same in a process of its own: what works only in part cannot be taken back. Its words come through a pipe. */
static int root_probe(const struct sandbox_frame *frame, struct error *error)
{
        int ends[2], status;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return error_set_errno(error, errno, "pipe");
        pid_t pid = fork();
        if (pid == 0) {
                struct sandbox_frame copy = *frame;
                int r = root_make(&copy, error);
                if (r < 0)
                        (void)fd_write_all(ends[1], error->text, strlen(error->text));
                _exit(r < 0);
        }
        close(ends[1]);
        _cleanup_close_ int from = ends[0];
        if (pid < 0)
                return error_set_errno(error, errno, "fork");
        char text[sizeof(error->text)];
        ssize_t size = read(from, text, sizeof(text) - 1);
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return error_set_errno(error, errno, "waitpid");
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return 0;
        return error_set(error, EPERM, "%.*s", (int)MAX(size, 0), text);
}

static int directories_add(struct sandbox_frame *frame, const char *const *directories)
{
        int r = root_add_system(&frame->system, frame->network);

        for (; r == 0 && *directories; directories++)
                r = root_add(&frame->system, ROOT_READ, ROOT_OPTIONAL, *directories);
        return r;
}

int sandbox_frame_make(struct sandbox_frame *frame, const char *const *directories, struct error *error)
{
        struct error why = ERROR_INIT;

        if (frame->off)
                return 0;
        int r = directories_add(frame, directories);
        if (r < 0)
                return error_set_errno(error, -r, "a list of directories");
        r = root_probe(frame, &why);
        if (r == 0)
                r = root_make(frame, error);
        else
                log_info("runs see the whole file system, as far as Landlock lets them: %s", why.text);
        if (r < 0 && !why.text[0])
                return r;
        if (unshare(CLONE_NEWIPC) == 0)
                sandbox_add(&frame->shared, SANDBOX_IPC_IPCNS);
        (void)unshare(CLONE_NEWUTS);
        if (!frame->network && unshare(CLONE_NEWNET) == 0)
                sandbox_add(&frame->shared, SANDBOX_NET_NETNS);
        return 0;
}

/* The directory that @scratch is in, and a link from /tmp to the one for temporary files beside it. */
static int scratch_place(int root_fd, const char *scratch)
{
        _cleanup_free_ char *place = strndup(scratch, (size_t)(strrchr(scratch, '/') - scratch));
        _cleanup_free_ char *target = place ? path_join(place, "tmp") : NULL;

        if (!target)
                return -ENOMEM;
        int r = root_make_directory(root_fd, place);
        if (r < 0)
                return r;
        /* If something of /tmp is there already, only TMPDIR leads to the run's own. */
        return symlinkat(target, root_fd, "tmp") < 0 && errno != EEXIST ? -errno : 0;
}

int sandbox_frame_refresh(struct sandbox_frame *frame, const char *scratch)
{
        const char *slash = strrchr(scratch, '/');
        size_t size = slash ? (size_t)(slash - scratch) : 0;

        if (!frame->mount)
                return 0;
        if (size == 0)
                return -EINVAL;
        if (frame->network)
                (void)root_refresh(frame->writable, frame->outside_root, "/etc/resolv.conf");
        if (frame->profiles && strncmp(frame->profiles, scratch, size) == 0 && frame->profiles[size] == '\0')
                return 0;
        char *profiles = strndup(scratch, size);
        if (!profiles)
                return -ENOMEM;
        free(frame->profiles);
        frame->profiles = profiles;
        return scratch_place(frame->writable, scratch);
}

/* Whether a PID namespace can be had: by making one. */
static bool pid_namespace_try(void)
{
        int status;

        pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid == 0)
                _exit(0);
        while (pid > 0 && waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return false;
        return pid > 0;
}

struct sandbox sandbox_frame_forecast(const struct sandbox_frame *frame)
{
        const struct task_policy policy = { .network = frame->network };
        struct sandbox forecast = frame->shared;
        const struct sandbox_run run = { .frame = (struct sandbox_frame *)frame,
                                         .policy = &policy,
                                         .in_force = &forecast };

        if (frame->off)
                return forecast;
        if (pid_namespace_try())
                sandbox_add(&forecast, SANDBOX_KILL_PIDNS);
        if (landlock_abi() > 0)
                sandbox_add(&forecast, SANDBOX_FS_LANDLOCK);
        forecast.landlock = (unsigned)landlock_abi();
        if (!frame->network && landlock_abi() >= 4)
                sandbox_add(&forecast, SANDBOX_NET_LANDLOCK);
        sandbox_calls_foresee(&run);
        sandbox_add(&forecast, SANDBOX_KILL_PDEATHSIG);
        sandbox_add(&forecast, SANDBOX_LIMITS_RLIMIT);
        sandbox_add(&forecast, SANDBOX_CAPS_DROPPED);
        if (!sandbox_has(&forecast, SANDBOX_UID_USERNS))
                sandbox_add(&forecast, SANDBOX_UID_SHARED);
        return forecast;
}
