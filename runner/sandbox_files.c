/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The files of a run.
 *
 * Where its zygote has a root of its own, the run gets a copy of its mounts and, over the daemon's directory of
 * ephemeral profiles, a small file system that is the run's alone: its profile and its temporary files, gone with it,
 * however it ends. A task that names paths, starts programs, has a persistent profile or another user gets a root that is
 * built for it, with all of these in it.
 *
 * Elsewhere the profile is a directory among the others, and so is the one for temporary files.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/sandbox.h"

/* Of all memory, for what a run keeps in its profile and its temporary files. */
#define SCRATCH_OPTIONS "mode=0711,size=10%,nr_inodes=64k"

static bool is_persistent(const struct sandbox_run *run)
{
        return profile_is_persistent(run->task, run->policy);
}

/* What the zygote's root does not have. */
static bool needs_own_root(const struct sandbox_run *run)
{
        const struct task_policy *policy = run->policy;

        return (policy->read_only_paths && policy->read_only_paths[0]) ||
               (policy->read_write_paths && policy->read_write_paths[0]) || policy->subprocess ||
               policy->control_socket || policy->user || run->profile || is_persistent(run);
}

/* ---- a root of its own ---- */

static int list_failed(int r, const char *path, struct error *error)
{
        return r < 0 ? error_set_errno(error, -r, "%s", path) : 0;
}

static int paths_add(struct sandbox_run *run, enum root_kind kind, char *const *paths, struct error *error)
{
        for (; paths && *paths; paths++) {
                bool optional = **paths == '-';
                const char *path = *paths + optional;
                int r = root_add(&run->frame->system, kind, ROOT_DECLARED | (optional ? ROOT_OPTIONAL : 0),
                                 path);
                if (r < 0)
                        return list_failed(r, path, error);
        }
        return 0;
}

/* A path that the daemon's own directory is in does not open that to the task, only one that leads into it. */
static int hide_below(struct sandbox_run *run, const char *directory, struct error *error)
{
        struct root *root = &run->frame->system;

        for (size_t i = 0; i < root->count; i++) {
                const struct root_entry *entry = &root->entries[i];
                if (!(entry->flags & ROOT_DECLARED) || strcmp(entry->path, directory) == 0 ||
                    !root_is_below(directory, entry->path))
                        continue;
                return list_failed(root_add(root, ROOT_EMPTY, 0, directory), directory, error);
        }
        return 0;
}

/* The directory of the daemon that @path is in, @levels up; malloc'd. */
static char *directory_above(const char *path, int levels)
{
        char *directory = strdup(path);

        for (; directory && levels > 0; levels--) {
                char *slash = strrchr(directory, '/');
                slash[slash == directory] = '\0';
        }
        return directory;
}

/* The path that it was given as may lead over links. */
static int daemon_hide_one(struct sandbox_run *run, const char *directory, struct error *error)
{
        _cleanup_free_ char *real = realpath(directory, NULL);
        int r = hide_below(run, directory, error);

        return r == 0 && real && strcmp(real, directory) != 0 ? hide_below(run, real, error) : r;
}

static int daemon_hide(struct sandbox_run *run, struct error *error)
{
        _cleanup_free_ char *runtime = directory_above(run->scratch, 2);
        _cleanup_free_ char *state = directory_above(run->profiles, 1);
        _cleanup_free_ char *place = directory_above(run->scratch, 1);
        _cleanup_free_ char *temporary = place ? path_join(place, "tmp") : NULL;

        if (!runtime || !state || !temporary)
                return error_set_errno(error, ENOMEM, "paths");
        int r = daemon_hide_one(run, runtime, error);
        if (r == 0)
                r = daemon_hide_one(run, state, error);
        if (r == 0)
                r = list_failed(root_add(&run->frame->system, ROOT_EMPTY, 0, place), place, error);
        if (r == 0)
                r = list_failed(root_add_symlink(&run->frame->system, "/tmp", temporary), "/tmp", error);
        if (r == 0 && run->policy->control_socket && run->control)
                r = list_failed(root_add(&run->frame->system, ROOT_WRITE, ROOT_OPTIONAL, run->control),
                                run->control, error);
        return r;
}

/* One that exists, or comes to exist, beyond this run. */
static int profile_open_named(const struct sandbox_run *run, struct profile *ret, struct error *error)
{
        return run->profile ? profile_open_explicit(run->profile, ret, error)
                            : profile_open_persistent(run->profiles, run->task, ret, error);
}

/* What programs expect beyond what a task needs. */
static int programs_prepare(struct root *root, struct error *error)
{
        static const struct {
                const char *path, *target;
        } links[] = { { "/dev/fd", "/proc/self/fd" },
                      { "/dev/stdin", "/proc/self/fd/0" },
                      { "/dev/stdout", "/proc/self/fd/1" },
                      { "/dev/stderr", "/proc/self/fd/2" } };
        int r = list_failed(root_add(root, ROOT_PROC, 0, "/proc"), "/proc", error);

        if (r == 0)
                r = list_failed(root_add(root, ROOT_READ, ROOT_OPTIONAL, "/etc/alternatives"),
                                "/etc/alternatives", error);
        for (size_t i = 0; r == 0 && i < ARRAY_SIZE(links); i++)
                r = list_failed(root_add_symlink(root, links[i].path, links[i].target), links[i].path, error);
        return r;
}

/* In the namespace outside: all that the root is to have. */
static int list_complete(struct sandbox_run *run, struct profile *profile, struct error *error)
{
        const struct task_policy *policy = run->policy;
        int r = sandbox_user_find(run, error);

        if (r == 0)
                r = paths_add(run, ROOT_READ, policy->read_only_paths, error);
        if (r == 0)
                r = paths_add(run, ROOT_WRITE, policy->read_write_paths, error);
        if (r == 0)
                r = daemon_hide(run, error);
        if (r == 0 && policy->subprocess)
                r = programs_prepare(&run->frame->system, error);
        if (r < 0 || (!run->profile && !is_persistent(run)))
                return r;
        r = profile_open_named(run, profile, error);
        return r < 0 ? r
                     : list_failed(root_add(&run->frame->system, ROOT_WRITE, 0, profile->path), profile->path,
                                   error);
}

static int root_build(struct sandbox_run *run, struct profile *profile, struct error *error)
{
        if (setns(run->frame->outside_namespace, CLONE_NEWNS) < 0 || unshare(CLONE_NEWNS) < 0)
                return error_set_errno(error, errno, "mount namespace");
        int r = list_complete(run, profile, error);
        return r < 0 ? r : root_enter(&run->frame->system, NULL, error);
}

/* ---- scratch ---- */

static int temporary_set(const char *directory, struct error *error)
{
        if (mkdir(directory, 0700) < 0) /* one that is there is somebody else's */
                return error_set_errno(error, errno, "%s", directory);
        return setenv("TMPDIR", directory, 1) < 0 ? error_set_errno(error, errno, "TMPDIR") : 0;
}

/* The run's own file system, with its profile if that is ephemeral. */
static int scratch_mount(const struct sandbox_run *run, struct profile *profile, struct error *error)
{
        _cleanup_free_ char *place = directory_above(run->scratch, 1);
        _cleanup_free_ char *temporary = place ? path_join(place, "tmp") : NULL;
        unsigned long flags = MS_NOSUID | MS_NODEV | (run->policy->subprocess ? 0 : MS_NOEXEC);

        if (!temporary)
                return error_set_errno(error, ENOMEM, "%s", run->scratch);
        if (mount("tmpfs", place, "tmpfs", flags, SCRATCH_OPTIONS) < 0)
                return error_set_errno(error, errno, "file system on %s", place);
        if (!profile->path) {
                int r = profile_open_at(run->scratch, profile, error);
                if (r < 0)
                        return r;
                profile->vanishes = true;
        }
        return temporary_set(temporary, error);
}

static int files_shared(struct sandbox_run *run, struct profile *profile, struct error *error)
{
        bool named = run->profile || is_persistent(run);

        if (run->frame->off || !named) {
                int r = named ? profile_open_named(run, profile, error)
                              : profile_open_at(run->scratch, profile, error);
                if (r < 0 || run->frame->off)
                        return r;
                _cleanup_free_ char *temporary = path_join(profile->path, "tmp");
                return temporary ? temporary_set(temporary, error) : error_set_errno(error, ENOMEM, "TMPDIR");
        }
        /* What would stay in a persistent profile is not temporary: the daemon removes the other. */
        int r = profile_open_named(run, profile, error);
        return r < 0 ? r : temporary_set(run->scratch, error);
}

int sandbox_files(struct sandbox_run *run, struct profile *ret, struct error *error)
{
        struct profile profile = PROFILE_INIT;
        int r;

        if (!run->frame->mount) {
                r = sandbox_user_find(run, error);
                return r < 0 ? r : files_shared(run, ret, error);
        }
        if (needs_own_root(run))
                r = root_build(run, &profile, error);
        else
                r = unshare(CLONE_NEWNS) < 0 ? error_set_errno(error, errno, "mount namespace") : 0;
        if (r == 0)
                r = scratch_mount(run, &profile, error);
        if (r < 0) {
                profile_close(&profile);
                return r;
        }
        *ret = profile;
        return 0;
}
