/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the daemon before this one left: runs that were under way, their files, their profiles. recover.h has the
 * decisions, job_orphan.c what follows from them.
 */
#ifndef DAEMON_RECOVERY_H
#define DAEMON_RECOVERY_H

#include "daemon/recover.h"
#include "lib/error.h"

struct daemon;

/* Before anything is served: see to each run that the store has as under way, and commit what became of those that
 * are no more. */
int recovery_start(struct daemon *daemon, struct error *error);
/* After that: remove what is of no run under way. */
void recovery_sweep(struct daemon *daemon);
/* The facts about a run; release *ret_file with run_file_done() in any case. */
void recovery_look(const struct daemon *daemon, const struct run *run, struct recover_facts *ret_facts,
                   struct run_file *ret_file);

#endif
