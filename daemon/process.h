/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Processes: the daemon's own raw calls about its children.
 *
 * A run has no exit signal (clone with exit_signal 0), so that only its pidfd tells of its end and only
 * process_reap() takes its status. Everything else that may become a child (zygotes, helpers, orphans that
 * the subreaper adopts) ends with SIGCHLD and is taken by waitpid(-1) without __WALL, which passes runs over.
 */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_end {
        bool exited, signaled; /* neither: not our child any more, the status is lost */
        int exit_code, signal;
        int64_t cpu_time_us, max_rss_bytes;
};

int process_open(pid_t pid); /* a pidfd, or negative errno */
/* Take the status of the ended process behind @pidfd. -EAGAIN: it has not ended. */
int process_reap(int pidfd, struct process_end *ret);
/* Send @signal to the run's process group, or to its leader when it has none yet. With SIGKILL also to all
 * others of its session. The leader must not have been reaped: that keeps the numbers from being reused. */
void process_signal_run(pid_t pid, int pidfd, int signal);

/* fork() with all signals blocked in the child until process_reset(), so that none runs the daemon's handlers
 * there. Negative errno. */
pid_t process_fork(void);
/* In a fork: default signals, empty mask, the original limit of descriptors; everything above stderr closed
 * except @keep_fd (-1: none). */
void process_reset(int keep_fd);
/* Raise the soft limit of descriptors to the hard one; process_reset() undoes it. */
void process_raise_descriptors(void);

#endif
