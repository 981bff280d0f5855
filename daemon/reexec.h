/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The daemon executes its program anew, with the same process id: a newer version takes over without an end.
 *
 *   serving ──reexec_begin──▶ trying ──the program says that it would start──▶ handing over ──▶ execve ──▶ serving
 *      ▲                         │                                                               │
 *      └── it would not ─────────┘                    serving, the program as it was ◀── refused ┘
 *
 *   trying        a child executes the program with our arguments and --check: what cannot start must not end what runs
 *   handing over  no new work; what waits for a commit gets it, answers are sent, the store is closed; descriptors that
 *                 stay open are written down (handover.h)
 *
 * Runs stay the children of this process. The new program finds them as those of a daemon that was killed (recovery.h),
 * but for what it was handed: their output, result socket and exit status are its own as before. The listening socket
 * stays open too, so that no client is refused.
 */
#ifndef DAEMON_REEXEC_H
#define DAEMON_REEXEC_H

#include <stdbool.h>
#include <sys/types.h>

struct daemon;
struct reexec;

/* First of all: the program and its arguments as they were given. */
void reexec_remember(int argc, char **argv);
struct reexec *reexec_new(struct daemon *daemon);
void reexec_free(struct reexec *reexec);
/* Try the program. @done (may be NULL) hears 0 when it is about to be executed, else a negative errno with @why. -EBUSY:
 * that is going on; -EPERM: the daemon does not serve (any more); others: it cannot be tried. @done is not called then. */
int reexec_begin(struct reexec *reexec, void (*done)(int result, const char *why, void *data), void *data);
/* The @data of reexec_begin() is no more. */
void reexec_forget(struct reexec *reexec, const void *data);
bool reexec_has_process(const struct reexec *reexec, pid_t pid);
/* A child was reaped; true: it tried the program. */
bool reexec_reaped(struct reexec *reexec, pid_t pid, int status);
/* After daemon_done(), with all signals blocked: execute the program, which takes the mask off when it has its handlers.
 * Returns only when that failed, having said so. */
void reexec_execute(void);

#endif
