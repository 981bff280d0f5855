/* SPDX-License-Identifier: MPL-2.0 */
/* What is not in force here and would be on a better system, for the status. */
#ifndef DAEMON_DEGRADED_H
#define DAEMON_DEGRADED_H

#include <jansson.h>
#include <stdbool.h>

#include "lib/sandbox_text.h"

struct daemon;

/* An array of sentences; NULL: out of memory. */
json_t *degraded_to_json(const struct daemon *daemon);

/* What keeps in a run without the network; false: nothing does, or it is not known (yet). */
bool degraded_sandbox(const struct daemon *daemon, struct sandbox *ret);

#endif
