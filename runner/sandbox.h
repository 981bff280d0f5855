/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The sandbox: what a run cannot get out of.
 *
 * A zygote makes what all its runs share, once and before the engine starts: user, IPC, UTS and network namespace, and a
 * root directory that has the system in it, read-only, and nothing else. What is inherited costs a run nothing. A run adds
 * what is its own: a PID namespace, a copy of the mounts, a small file system for its profile and temporary files; a root of
 * its own instead if its task file names paths. Then come limits, Landlock, the user ID, capabilities, and the filter of
 * system calls last.
 *
 * Whatever the system refuses is left out and the next best counts: without a mount namespace Landlock alone keeps files
 * away, without a network namespace the filter keeps sockets away. struct sandbox says what is in force.
 */
#ifndef RUNNER_SANDBOX_H
#define RUNNER_SANDBOX_H

#include <stdbool.h>

#include "lib/error.h"
#include "lib/sandbox_text.h"
#include "lib/task_policy.h"
#include "runner/profile.h"
#include "runner/root.h"

/* What a zygote has made for its runs, and what they need for more. Zeroed with SANDBOX_FRAME_INIT. */
struct sandbox_frame {
        bool off;              /* nothing is kept in */
        bool network, jit;     /* what its runs may have */
        bool mount;            /* this process has a root of its own */
        struct sandbox shared; /* in force for every run already */
        struct root system;    /* what every run sees of the system */
        int outside_namespace; /* mount namespace with the whole system; -1: none */
        int outside_root;      /* its root directory */
        int writable;          /* the file system of the root, writable; the zygote's alone */
        char *profiles;        /* where it has a place for the file system of a run; malloc'd */
};

#define SANDBOX_FRAME_INIT                                                                                   \
        {                                                                                                    \
                .outside_namespace = -1, .outside_root = -1, .writable = -1                                  \
        }

/* What a run knows of itself; what it points to stays. */
struct sandbox_run {
        struct sandbox_frame *frame;
        const struct task_policy *policy;
        const char *task;
        const char *scratch;  /* absolute: the ephemeral profile, or the run's place for temporary files */
        const char *profiles; /* absolute: where persistent profiles are */
        const char *profile;  /* an existing one to use; NULL: as the policy says */
        const char *control;  /* the daemon's control socket; NULL: not known */
        int cgroup_fd;        /* what it was cloned into; -1: nothing */
        struct sandbox *in_force;
        bool own_user; /* User= names another: */
        unsigned uid, gid;
};

/* ---- zygote ---- */

/* Make what is shared. @directories: what the runtime reads, NULL-terminated. Before any thread; the process may end up in
 * another root. 0 even if the system gives nothing; -errno: it cannot go on. */
int sandbox_frame_make(struct sandbox_frame *frame, const char *const *directories, struct error *error);
/* Before each clone: the root has a place for what the run adds, and name look-up is as outside. 0 or -errno. */
int sandbox_frame_refresh(struct sandbox_frame *frame, const char *scratch);

/* Before the first clone, while there is one thread: the filters, and what else is for all runs; MDWE with the engine's
 * interpreters running already. 0 or -errno. */
int sandbox_frame_finish(struct sandbox_frame *frame, struct error *error);
/* What a run of this frame without a task file will have in force, as far as can be known before. */
struct sandbox sandbox_frame_forecast(const struct sandbox_frame *frame);

/* ---- run, in this order ---- */

/* Its files: namespace, root, profile (opened in *ret), directory for temporary files (TMPDIR). 0 or -errno. */
int sandbox_files(struct sandbox_run *run, struct profile *ret, struct error *error);
/* Look for User= while the system's files are there. 0 or -errno. */
int sandbox_user_find(struct sandbox_run *run, struct error *error);
/* What it may reach of them: Landlock. */
int sandbox_access(const struct sandbox_run *run, const struct profile *profile, struct error *error);
/* Who it is: User=, capabilities. */
int sandbox_identity(const struct sandbox_run *run, const struct profile *profile, struct error *error);
/* What sandbox_calls() will add, for who must know before. */
void sandbox_calls_foresee(const struct sandbox_run *run);
/* What it may call, and how denials are told. Nothing can be set up afterwards. */
int sandbox_calls(const struct sandbox_run *run, const struct profile *profile, int result_fd,
                  struct error *error);

#endif
