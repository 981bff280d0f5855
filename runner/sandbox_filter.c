/* SPDX-License-Identifier: MPL-2.0 */
/* What a run may call: which filter of sandbox_calls.h it gets, and how denials are told. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/util.h"
#include "runner/denial.h"
#include "runner/sandbox.h"
#include "runner/sandbox_calls.h"
#include "runner/sandbox_caps.h"
#include "runner/sandbox_landlock.h"

/* What may be done to modes, times and the like. Root without capabilities is still the owner of the system's files,
 * which it may open for reading; where no mount namespace makes those read-only, it may change none. */
static unsigned flags_of_files(const struct sandbox_frame *frame, bool is_root)
{
        if (frame->mount)
                return CALLS_PATHS | CALLS_OWNERS;
        return is_root ? 0 : CALLS_OWNERS;
}

/* The flags that all runs of a zygote have, and those that they may have. */
static unsigned flags_fixed(const struct sandbox_frame *frame)
{
        return (frame->jit ? CALLS_JIT : 0) | (landlock_abi() >= 3 ? CALLS_TRUNCATE : 0);
}

int sandbox_frame_finish(struct sandbox_frame *frame, struct error *error)
{
        if (frame->off)
                return 0;
        /* With and without the network where there is one; programs are rare, and compiled for when needed. */
        int r = caps_bound(error); /* without the right to: no_new_privs has to do */
        if (r < 0)
                return r;
        unsigned varying = CALLS_SIGNALS | CALLS_UNIX | (frame->network ? CALLS_NETWORK : 0);
        r = calls_prepare(flags_fixed(frame) | flags_of_files(frame, geteuid() == 0), varying, error);
        if (r < 0 || frame->jit)
                return MIN(r, 0);
        r = calls_mdwe();
        if (r < 0)
                return error_set_errno(error, -r, "PR_SET_MDWE");
        if (r == 0)
                sandbox_add(&frame->shared, SANDBOX_CALLS_MDWE);
        return 0;
}

static unsigned flags_choose(const struct sandbox_run *run)
{
        const struct task_policy *policy = run->policy;
        unsigned flags = flags_fixed(run->frame) | flags_of_files(run->frame, geteuid() == 0);

        if (policy->network)
                flags |= CALLS_NETWORK;
        if (policy->network || policy->control_socket || run->frame->mount)
                flags |= CALLS_UNIX;
        if (policy->subprocess)
                flags |= CALLS_SUBPROCESS;
        if (sandbox_has(run->in_force, SANDBOX_KILL_PIDNS) || run->in_force->landlock >= 6)
                flags |= CALLS_SIGNALS;
        return flags;
}

/* What the run sees, for the words of denials. "-" in front of a path means nothing to them. */
static const char **view_list(const struct root *root, char *const *paths, const char *const *more)
{
        size_t count = (root ? root->count : 0) + strv_length(paths) + strv_length((char *const *)more),
               n = 0;
        const char **list = calloc(count + 1, sizeof(*list));

        if (!list)
                return NULL;
        for (size_t i = 0; root && i < root->count; i++)
                list[n++] = root->entries[i].path;
        for (; paths && *paths; paths++)
                list[n++] = *paths + (**paths == '-');
        for (; *more; more++)
                list[n++] = *more;
        return list;
}

static const struct denial_view *view_make(const struct sandbox_run *run, const struct profile *profile)
{
        static struct denial_view view;
        const char *const none[] = { NULL };
        const char *const own[] = { profile->path, getenv("TMPDIR"), NULL };

        view.readable = view_list(&run->frame->system, run->policy->read_only_paths, none);
        view.writable = view_list(NULL, run->policy->read_write_paths, own);
        view.hidden = run->frame->mount;
        view.network = run->policy->network;
        return view.readable && view.writable ? &view : NULL;
}

void sandbox_calls_foresee(const struct sandbox_run *run)
{
        if (run->frame->off || !calls_supported())
                return;
        sandbox_add(run->in_force, SANDBOX_CALLS_SECCOMP);
        sandbox_add(run->in_force, run->policy->network ? SANDBOX_NET_ALLOWED : SANDBOX_NET_SECCOMP);
        if (!run->policy->subprocess)
                sandbox_add(run->in_force, SANDBOX_KILL_NOFORK);
}

int sandbox_calls(const struct sandbox_run *run, const struct profile *profile, int result_fd,
                  struct error *error)
{
        unsigned flags = flags_choose(run);

        if (run->frame->off)
                return 0;
        denial_start(view_make(run, profile), result_fd);
        int r = calls_install(flags, error);
        if (r == CALLS_ABSENT && sandbox_has(run->in_force, SANDBOX_CALLS_SECCOMP))
                return error_set(error, ENOSYS, "the filter of calls was there a moment ago");
        return MIN(r, 0);
}
