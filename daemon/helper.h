/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Removes directory trees in a forked process, so that a large profile does not hold up the event loop. At
 * most one such process at a time; what is asked for meanwhile is removed by the next.
 */
#ifndef DAEMON_HELPER_H
#define DAEMON_HELPER_H

#include <stdbool.h>
#include <sys/types.h>

struct helper;

struct helper *helper_new(void);
void helper_free(struct helper *helper);
/* Remove @path and all below it. -ENOMEM. */
int helper_remove(struct helper *helper, const char *path);
bool helper_has_process(const struct helper *helper, pid_t pid);
/* A child was reaped; true: it was this helper's. */
bool helper_reaped(struct helper *helper, pid_t pid, int status);

#endif
