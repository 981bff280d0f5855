/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a run may reach of the files that it can see: Landlock.
 *
 * In a root of its own it is the second layer, and few rules do: everything there may be read. Where there is none it is
 * the only one, and the rules name what the root would have had in it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/key_table.h"
#include "lib/log.h"
#include "lib/util.h"
#include "runner/sandbox.h"
#include "runner/sandbox_landlock.h"

#define RULES_MAX (2 * KEY_LIST_MAX + 64)

struct access {
        struct landlock_rule rules[RULES_MAX];
        size_t count;
        bool execute; /* what may be read may be executed */
};

static void rule_add(struct access *access, const char *path, enum landlock_access how, bool optional)
{
        if (access->count == RULES_MAX)
                return; /* fewer rules allow less */
        access->rules[access->count++] =
                (struct landlock_rule){ .path = path, .fd = -1, .access = how, .optional = optional };
}

static enum landlock_access reading(const struct access *access)
{
        return access->execute ? LANDLOCK_READ_EXECUTE : LANDLOCK_READ;
}

static enum landlock_access writing(const struct access *access)
{
        return access->execute ? LANDLOCK_ALL : LANDLOCK_READ_WRITE;
}

/* Without a root of its own: what is declared is opened without following links, and stands for what it was then. */
static int declared_add(struct access *access, char *const *paths, enum landlock_access how,
                        struct error *error)
{
        for (; paths && *paths && access->count < RULES_MAX; paths++) {
                bool optional = **paths == '-';
                const char *path = *paths + optional;
                int fd = root_open_declared(path, 0);
                if (fd == -ENOENT && optional)
                        continue;
                if (fd == -ELOOP)
                        return error_set(error, ELOOP,
                                         "%s: a symbolic link is on the way: name the path that it leads to",
                                         path);
                if (fd < 0)
                        return error_set_errno(error, -fd, "%s", path);
                access->rules[access->count++] = (struct landlock_rule){ .fd = fd, .access = how };
        }
        return 0;
}

/* Whether the directory that @own is in, or what it is by another name, is in @declared. */
static bool has_own(const char *declared, const char *own)
{
        _cleanup_free_ char *directory = strndup(own, (size_t)(strrchr(own, '/') - own));
        _cleanup_free_ char *real = directory ? realpath(directory, NULL) : NULL;

        return root_is_below(own, declared) || (real && root_is_below(real, declared));
}

static int paths_check(const struct sandbox_run *run, char *const *paths, struct error *error)
{
        for (; paths && *paths; paths++) {
                const char *path = *paths + (**paths == '-');
                if (has_own(path, run->scratch) || has_own(path, run->profiles))
                        return error_set(error, EPERM,
                                         "%s has the daemon's own files in it, which nothing hides here",
                                         path);
        }
        return 0;
}

static int shared_add(struct access *access, const struct sandbox_run *run, struct error *error)
{
        const struct root *root = &run->frame->system;
        const struct task_policy *policy = run->policy;

        for (size_t i = 0; i < root->count; i++)
                rule_add(access, root->entries[i].path,
                         root->entries[i].kind == ROOT_DEVICE ? LANDLOCK_READ_WRITE : reading(access), true);
        /* This /proc is that of the system, with everybody's processes in it. */
        if (policy->subprocess)
                rule_add(access, "/proc/self", LANDLOCK_READ, true);
        int r = paths_check(run, policy->read_only_paths, error);
        if (r == 0)
                r = paths_check(run, policy->read_write_paths, error);
        if (r == 0)
                r = declared_add(access, policy->read_only_paths, reading(access), error);
        return r < 0 ? r : declared_add(access, policy->read_write_paths, writing(access), error);
}

/* Programs open what they have as /dev/stdin, stdout and stderr again by its name, which is nobody's else. */
static void streams_add(struct access *access)
{
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && access->count < RULES_MAX; fd++) {
                struct stat status;
                int flags = fcntl(fd, F_GETFL), mode = flags & O_ACCMODE;
                if (flags < 0 || fstat(fd, &status) < 0 || S_ISDIR(status.st_mode) ||
                    mode == (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY))
                        continue;
                access->rules[access->count++] = (struct landlock_rule){
                        .fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1),
                        .access = fd == STDIN_FILENO ? LANDLOCK_READ : LANDLOCK_READ_WRITE,
                        .optional = true,
                };
        }
}

static void own_root_add(struct access *access, const struct sandbox_run *run)
{
        rule_add(access, "/", reading(access), false);
        rule_add(access, "/dev", LANDLOCK_READ_WRITE, true);
        for (char *const *paths = run->policy->read_write_paths; paths && *paths; paths++)
                rule_add(access, *paths + (**paths == '-'), writing(access), true);
}

int sandbox_access(const struct sandbox_run *run, const struct profile *profile, struct error *error)
{
        static struct access access;
        const char *temporary = getenv("TMPDIR");

        if (run->frame->off)
                return 0;
        access.execute = run->policy->subprocess;
        if (run->frame->mount) {
                own_root_add(&access, run);
        } else {
                int r = shared_add(&access, run, error);
                if (r < 0)
                        return r;
        }
        if (access.execute)
                streams_add(&access);
        rule_add(&access, profile->path, writing(&access), false);
        if (temporary && !root_is_below(temporary, profile->path))
                rule_add(&access, temporary, writing(&access), false);
        const struct landlock_policy policy = {
                .rules = access.rules,
                .count = access.count,
                .network = run->policy->network,
                .abstract_unix = run->policy->control_socket,
        };
        int r = landlock_apply(&policy, error);
        for (size_t i = 0; i < access.count; i++)
                close_keep_errno(access.rules[i].fd);
        if (r != 0)
                return r == LANDLOCK_ABSENT ? 0 : r;
        run->in_force->landlock = (unsigned)landlock_abi();
        sandbox_add(run->in_force, SANDBOX_FS_LANDLOCK);
        if (!policy.network && landlock_abi() >= 4)
                sandbox_add(run->in_force, SANDBOX_NET_LANDLOCK);
        return 0;
}
