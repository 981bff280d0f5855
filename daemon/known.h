/* SPDX-License-Identifier: MPL-2.0 */
/* Which runs the directories tell of: what the store needs to know when it has to do without its database. */
#ifndef DAEMON_KNOWN_H
#define DAEMON_KNOWN_H

#include "daemon/locations.h"
#include "daemon/store_recover.h"

/* From output files and run files; malloc'd. What cannot be read tells of nothing. -ENOMEM. */
int known_collect(const struct locations *locations, struct store_known **ret, size_t *ret_count);

#endif
