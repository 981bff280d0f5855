/* SPDX-License-Identifier: MPL-2.0 */
/* What is kept about a run beside its end: its cgroup, what it used, what its sandbox refused. */
#ifndef DAEMON_JOB_CGROUP_H
#define DAEMON_JOB_CGROUP_H

#include "daemon/cgroup.h"
#include "daemon/job.h"
#include "lib/task_policy.h"

/* What a task file says of its group's limits. */
void job_limits(const struct task_policy *policy, struct cgroup_limits *ret);
/* Its group, unless there are none here. A limit that cannot be set: a text. */
int job_make_cgroup(struct job *job, struct error *error);
/* Complete what the kernel said of its process. */
void job_take_usage(struct job *job, struct usage *usage, bool *ret_out_of_memory);
/* It has ended, or never began: nothing of its group is left. */
void job_end_cgroup(struct job *job);
/* The sandbox refused it something: keep that in mind. */
int job_denied(struct job *job, const struct wire_report *report);

#endif
