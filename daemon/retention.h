/* SPDX-License-Identifier: MPL-2.0 */
/* Retention: runs and their output are removed together, and what a crash left is put right. */
#ifndef DAEMON_RETENTION_H
#define DAEMON_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/settings.h"
#include "daemon/store.h"

/* At start, before anything else changes the store: every run that was starting or running ends as interrupted, with
 * the output that its file has; output of runs that are no more is removed. *ret_interrupted says how many
 * were. To be committed by the caller. Returns 0, STORE_FULL, or a negative errno. */
int retention_start(struct store *store, int output_dirfd, int64_t now_us, int64_t *ret_interrupted);
/* A bounded step: remove some runs that are no longer kept, and their output after the commit; @output_dirfd is the
 * caller's until then. *ret_more: call again. Nothing to do opens no transaction. Returns as above. */
int retention_step(struct store *store, int output_dirfd, const struct settings *settings, int64_t now_us,
                   bool *ret_more);

#endif
