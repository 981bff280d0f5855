/* SPDX-License-Identifier: MPL-2.0 */
/* bgtaskd --check: what would a start find? */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include "daemon/options.h"

/* Look at arguments, preferences, directories, runner and store, and change none of them. Each problem is one
 * line on stderr. Returns the exit code. */
int check_everything(const struct options *options);

#endif
