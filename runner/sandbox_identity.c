/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Who a run is. User= is for daemons that may become others; what the run shall write to is given to that user first.
 * The numbers are looked up while the system's files are still there, and used when nothing else needs the daemon's.
 */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/sandbox.h"
#include "runner/sandbox_caps.h"

int sandbox_user_find(struct sandbox_run *run, struct error *error)
{
        const char *name = run->policy->user;
        int64_t number;

        if (!name || run->frame->off)
                return 0;
        errno = 0;
        const struct passwd *entry = parse_int64(name, 0, INT32_MAX, &number) == 0 ? getpwuid((uid_t)number)
                                                                                   : getpwnam(name);
        if (!entry)
                return error_set(error, errno ? errno : ENOENT, "User=%s: there is no such user", name);
        if (entry->pw_uid == geteuid())
                return 0;
        if (geteuid() != 0 || sandbox_has(&run->frame->shared, SANDBOX_UID_USERNS))
                return error_set(error, EPERM,
                                 "User=%s: the daemon runs as user %u, which cannot become another", name,
                                 (unsigned)geteuid());
        run->own_user = true;
        run->uid = entry->pw_uid;
        run->gid = entry->pw_gid;
        return 0;
}

static int give(const struct sandbox_run *run, const char *path, struct error *error)
{
        if (path && lchown(path, run->uid, run->gid) < 0)
                return error_set_errno(error, errno, "%s cannot be given to user %u", path, run->uid);
        return 0;
}

static int become(const struct sandbox_run *run, const struct profile *profile, struct error *error)
{
        int r = give(run, profile->path, error);
        if (r == 0)
                r = give(run, getenv("TMPDIR"), error);
        if (r < 0)
                return r;
        if (setgroups(0, NULL) < 0 || setresgid(run->gid, run->gid, run->gid) < 0 ||
            setresuid(run->uid, run->uid, run->uid) < 0)
                return error_set_errno(error, errno, "User=%s", run->policy->user);
        sandbox_add(run->in_force, SANDBOX_UID_DROPPED);
        return 0;
}

int sandbox_identity(const struct sandbox_run *run, const struct profile *profile, struct error *error)
{
        if (run->frame->off)
                return 0;
        int r = 0;

        if (run->own_user)
                r = become(run, profile, error);
        else if (!sandbox_has(run->in_force, SANDBOX_UID_USERNS))
                sandbox_add(run->in_force, SANDBOX_UID_SHARED);
        if (r >= 0)
                r = caps_drop(error);
        if (r < 0)
                return r;
        sandbox_add(run->in_force, SANDBOX_CAPS_DROPPED);
        return 0;
}
