/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Has a large database checked (store_check.h) by a process of low priority, after the start.
 *
 *   waiting ──checker_on_due──▶ checking ──checker_reaped──┬─ sound ──▶ done
 *      ▲                                                   ├─ damaged ──▶ the daemon ends, and the next one repairs it
 *      └─────────────── it does not count, or failed ──────┘
 */
#ifndef DAEMON_CHECKER_H
#define DAEMON_CHECKER_H

#include <stdbool.h>
#include <sys/types.h>

struct daemon;
struct checker;

int checker_new(struct daemon *daemon, struct checker **ret);
void checker_free(struct checker *checker);
/* Once the daemon serves. Nothing happens if all was checked before. */
void checker_start(struct checker *checker);
bool checker_has_process(const struct checker *checker, pid_t pid);
/* A child was reaped; true: it was this one's. */
bool checker_reaped(struct checker *checker, pid_t pid, int status);
/* That not all has been checked yet, in one sentence; NULL: it has. */
const char *checker_degraded(const struct checker *checker);

#endif
