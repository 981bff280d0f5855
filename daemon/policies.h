/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What each task may do, from its task files. A policy is read at the first use and again when one of the files that
 * concern it has changed, come or gone, which is looked at each time: some six stat calls, no files kept open. Who
 * uses one holds a reference: a run keeps the policy that it was started with.
 */
#ifndef DAEMON_POLICIES_H
#define DAEMON_POLICIES_H

#include <stdbool.h>

#include "lib/task_file.h"

struct policies;

struct policy {
        struct task_file file; /* file.policy is the default when there is an error */
        char *text;            /* task_policy_format(), for the run */
        char *error; /* NULL: none. Else why no run of it may start: "FILE:LINE: …", and how many more */
        /* private to policies.c */
        unsigned references;
};

/* NULL: out of memory. */
struct policies *policies_new(bool system_instance);
void policies_free(struct policies *policies);
/* Never NULL, and the caller's to release: what is wrong is in its error. */
struct policy *policies_get(struct policies *policies, const char *task);
void policy_unref(struct policy *policy);
/* Read everything again at its next use. */
void policies_forget(struct policies *policies);

#endif
