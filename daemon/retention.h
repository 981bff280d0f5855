/* SPDX-License-Identifier: MPL-2.0 */
/* Retention: runs and their output are removed together, and what a crash left is put right. */
#ifndef DAEMON_RETENTION_H
#define DAEMON_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/settings.h"
#include "daemon/store.h"

/* At start: remove the output of runs that are no more. Returns 0 or a negative errno. */
int retention_start(struct store *store, int output_dirfd);
/* A bounded step: remove some runs that are no longer kept, and their output after the commit; @output_dirfd is the
 * caller's until then. *ret_more: call again. Nothing to do opens no transaction. Returns 0, STORE_FULL, or a negative
 * errno. */
int retention_step(struct store *store, int output_dirfd, const struct settings *settings, int64_t now_us,
                   bool *ret_more);

#endif
