/* SPDX-License-Identifier: MPL-2.0 */
/* What a run used, by its own account. The daemon knows some of it better, if it reaps the run. */
#ifndef RUNNER_USAGE_H
#define RUNNER_USAGE_H

#include "lib/wire.h"
#include "runner/engine.h"

/* Fill in the usage members of @ret: of this process and the programs that it waited for, and of @e, on its
 * thread alone; NULL: not known. */
void usage_fill(eng *e, struct wire_result *ret);

#endif
