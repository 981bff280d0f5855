/* SPDX-License-Identifier: MPL-2.0 */
/*
 * One zygote link a kind, each on its own: what one kind waits for, or why it cannot be started, is nothing to the
 * others. A process exists only for kinds that are in use.
 */
#ifndef DAEMON_ZYGOTES_H
#define DAEMON_ZYGOTES_H

#include "daemon/zygote.h"

struct zygotes;

/* The kind in @config is not looked at. */
int zygotes_new(struct event_base *base, const struct zygote_config *config, const struct zygote_hooks *hooks,
                void *data, struct zygotes **ret);
void zygotes_free(struct zygotes *zygotes);
void zygotes_configure(struct zygotes *zygotes, const struct zygote_config *config);
struct zygote *zygotes_get(const struct zygotes *zygotes, enum zygote_kind kind);
bool zygotes_has_process(const struct zygotes *zygotes, pid_t pid);
/* A child was reaped; true: it was a zygote. */
bool zygotes_reaped(struct zygotes *zygotes, pid_t pid, int status);

#endif
