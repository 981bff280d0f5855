/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Backups of the store while the daemon works: on request, and every so often when something has changed.
 *
 *   idle ──backup_begin──▶ copying ──backup_on_step, the last──▶ checking ──backup_reaped──▶ idle
 *
 * copying: some pages every few milliseconds, between groups. checking: a forked process syncs the copy and reads all of
 * it, neither of which the event loop waits for. Who asks while a copy is being made gets that one; who asks while it is
 * checked, the next. Without changes no timer is armed.
 */
#ifndef DAEMON_BACKUP_H
#define DAEMON_BACKUP_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/store_backup.h"

struct backup;
struct daemon;

typedef void (*backup_done)(const struct store_backup_info *info, const struct error *error, void *data);

int backup_new(struct daemon *daemon, struct backup **ret);
void backup_free(struct backup *backup);
/* Ask for one; @done is called once: with the backup, later, or with NULL and an error, maybe at once. -EBUSY: too many
 * ask. */
int backup_ask(struct backup *backup, backup_done done, void *data);
/* Whoever asked with @data does not want to know any more. */
void backup_forget(struct backup *backup, const void *data);
/* Something in the store has changed: when the time has come there is to be a backup. */
void backup_changed(struct backup *backup);
/* Whether it is the process that checks a copy. */
bool backup_has_process(const struct backup *backup, pid_t pid);
/* A child was reaped; true: it was this one's. */
bool backup_reaped(struct backup *backup, pid_t pid, int status);
/* Why the last one failed, in one sentence; NULL: it did not. */
const char *backup_degraded(const struct backup *backup);

#endif
