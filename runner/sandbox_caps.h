/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Capabilities, given up for good: the sets of the thread, what an executed program could gain (bounding and
 * ambient), and the special treatment of user ID 0 (securebits, locked).
 */
#ifndef RUNNER_SANDBOX_CAPS_H
#define RUNNER_SANDBOX_CAPS_H

#include "lib/error.h"

#define CAPS_UNBOUNDED 1 /* outcome: no right to shrink the bounding set; no_new_privs has to do */

/* What a program that is executed can never have again. Needs CAP_SETPCAP, so it comes before caps_drop() and
 * before the user ID changes. Done by the zygote, it is done for its children. 0, CAPS_UNBOUNDED, or -errno. */
int caps_bound(struct error *error);
/* None is left to the calling thread in any set. After the last change of user ID. 0 or -errno. */
int caps_drop(struct error *error);

#endif
