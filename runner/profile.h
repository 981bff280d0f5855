/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The profile: the directory of one run (ProfD). Ephemeral ones are made for the run and removed after it;
 * persistent ones belong to a task; explicit ones were named by the user. Only the ephemeral are ever removed.
 */
#ifndef RUNNER_PROFILE_H
#define RUNNER_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/task_policy.h"

#define PROFILE_LOCK_RETRY_MS 5000

struct profile {
        char *path; /* malloc'd, absolute */
        bool ephemeral;
        bool keep;     /* ephemeral, but to be left behind (MOZ_BACKGROUNDTASKS_NO_REMOVE_PROFILE) */
        bool vanishes; /* ephemeral, and gone with the process: nobody need remove it */
        int lock_fd;   /* .parentlock with its write lock; -1: not locked */
};

#define PROFILE_INIT                                                                                         \
        {                                                                                                    \
                .lock_fd = -1                                                                                \
        }

/* As the task file says; where it says nothing, those tasks have persistent ones that have them in Gecko. */
bool profile_is_persistent(const char *task, const struct task_policy *policy);

/* A directory that exists, named by the user. Locked. All openers return 0 or -errno (-EAGAIN: locked). */
int profile_open_explicit(const char *path, struct profile *ret, struct error *error);
/* A fresh directory in $TMPDIR, after some stale ones of the same task have been purged. Locked. */
int profile_open_ephemeral(const char *task, struct profile *ret, struct error *error);
/* A fresh directory at @path, which the daemon chose: nobody else looks there, so it is not locked. */
int profile_open_at(const char *path, struct profile *ret, struct error *error);
/* The directory of @task under @profiles, made at its first use. Locked. */
int profile_open_persistent(const char *profiles, const char *task, struct profile *ret, struct error *error);
/* Unlock, and remove it if it is to be removed. Does nothing for PROFILE_INIT. */
void profile_close(struct profile *profile);

/* For the openers: lock @path, trying again for PROFILE_LOCK_RETRY_MS. */
int profile_lock(const char *path, int *ret_fd, struct error *error);
/* One attempt. -EAGAIN: another process has it. *ret_fd holds the lock; the link "lock" is made. */
int profile_lock_try(int directory_fd, int *ret_fd);
/* Whether a directory's @name is @base, or @base with "-" and digits. */
bool profile_name_matches(const char *name, const char *base);
/* MOZ_BACKGROUNDTASKS_PURGE_STALE_PROFILES: the age in ms from which a profile is stale; -1: never. @text may
 * be NULL: the default. */
int64_t profile_stale_age_ms(const char *text);

#endif
