/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Processes: the daemon's own raw calls about its children.
 *
 * Children are zygotes, helpers, runs, and orphans of runs that come to the daemon as their subreaper. A clone made
 * with CLONE_PARENT has the exit signal of its maker, so runs end with SIGCHLD like all others; yet their status is
 * taken by job_finish() alone, when their output has ended, and until then the unreaped leader keeps its number, which
 * is that of its group, from being reused. process_sweep() takes all others: it stops at the first ended run, since the
 * kernel shows ended children in a fixed order, and is called again when that is reaped. A run is known as one before
 * the zygote has told of it, as the kernel puts its number into its file before it begins.
 */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/usage.h"

struct process_end {
        bool exited, signaled; /* neither: not our child, the status is not to be had */
        int exit_code, signal;
        struct usage usage;
};

/* Take the status of the ended process @pid behind @pidfd (-1: there is none). -EAGAIN: it has not ended. */
int process_reap(pid_t pid, int pidfd, struct process_end *ret);
/* Take the status of all ended children up to the first that @is_run, and tell of each. */
void process_sweep(bool (*is_run)(pid_t pid, void *data), void (*reaped)(pid_t pid, int status, void *data),
                   void *data);
/* Whether it is our child, ended or not. */
bool process_is_ours(pid_t pid);
/* Send @signal to the run's process group, or to its leader when it has none yet. With SIGKILL also to all
 * others of its session. The leader must not have been reaped: that keeps the numbers from being reused. */
void process_signal_run(pid_t pid, int pidfd, int signal);

/* pidfd_open(): -errno; -ESRCH: gone. */
int process_open(pid_t pid);
/* When it began, in ticks since the boot, which tell it from another of the same number; -1: gone, or hidden. */
int64_t process_started(pid_t pid);
/* Whether @pid is there and can have begun after @after_us and before @before_us (0: whenever), CLOCK_BOOTTIME. Where
 * its beginning cannot be seen, it can. */
bool process_began_between(pid_t pid, int64_t after_us, int64_t before_us);

/* Stop @pid and all that are below it, then kill them. At most @max, and no more rounds than it takes. */
void process_kill_tree(pid_t pid, size_t max);

/* fork() with all signals blocked in the child until process_reset(), so that none runs the daemon's handlers
 * there. Negative errno. */
pid_t process_fork(void);
/* In a fork: default signals, empty mask, the original limit of descriptors; everything above stderr closed
 * except @keep_fd (-1: none). */
void process_reset(int keep_fd);
/* The original limit of descriptors again. */
void process_restore_descriptors(void);
/* Raise the soft limit of descriptors to the hard one; process_reset() undoes it. */
void process_raise_descriptors(void);

#endif
