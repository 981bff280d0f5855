/* SPDX-License-Identifier: MPL-2.0 */
/* What a run needs when it is the first process of its PID namespace. */
#ifndef RUNNER_FIRST_PROCESS_H
#define RUNNER_FIRST_PROCESS_H

/* Signals that end a process end this one too: the kernel does not do that for a first process. The daemon is told over
 * @result_fd which it was. After the signals have their defaults. */
void first_process_init(int result_fd);
/* In a handler, or where one would raise(): leave as if @signal had ended the process. Returns when it is not a first
 * process. Async-signal-safe. */
void first_process_leave(int signal);

#endif
