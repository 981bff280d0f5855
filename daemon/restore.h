/* SPDX-License-Identifier: MPL-2.0 */
/* bgtaskd --restore: put a backup in the place of the store's database, while no daemon has it. */
#ifndef DAEMON_RESTORE_H
#define DAEMON_RESTORE_H

#include "daemon/options.h"

/* Says on stdout what was done and what is lost, on stderr why not. Returns the exit code. */
int restore_store(const struct options *options);

#endif
