/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What became of a run that the store has as under way and that nobody watches: pure, facts in, decision out.
 *
 * Three things outlive a daemon: the row in the store, the run's file (lib/run_file.h) with its lock, and the runtime
 * directory itself. The directory is marked with the boot that it is of; while the mark holds, a file that is not
 * there was never made, so that its run was never handed to a zygote.
 */
#ifndef DAEMON_RECOVER_H
#define DAEMON_RECOVER_H

#include <stdbool.h>

#include "daemon/run.h"
#include "lib/run_file.h"

#define RECOVER_REPEATS_MAX 3 /* interruptions after which also an idempotent task is not begun again */

enum recover_file {
        RECOVER_FILE_READ,
        RECOVER_FILE_ABSENT,    /* none there, or one whose header was never written */
        RECOVER_FILE_UNREADABLE /* something else is in its place */
};

struct recover_facts {
        enum run_state state; /* of the row: starting or running */
        enum recover_file file;
        bool continuous; /* the runtime directory is the one of the daemon before, and of this boot */
        bool idempotent; /* as the file says, or else the task's policy */
        bool adoptable;  /* it was to go on without a daemon, as the file says */
        unsigned repeats;
        /* Of a file that was read: */
        bool same_boot, held;
        bool has_process; /* what its number names can be its process */
        bool ours;        /* and that is a child of ours, ended or not */
        enum run_file_phase phase;
};

enum recover_action {
        RECOVER_ADOPT,     /* it goes on: watch it */
        RECOVER_WAIT,      /* it may go on: look again */
        RECOVER_RECORD,    /* it has ended, and its file says how */
        RECOVER_REQUEUE,   /* nothing of the task was executed: queue it again */
        RECOVER_REPEAT,    /* interrupted, and may be run again: queue it again */
        RECOVER_INTERRUPT, /* interrupted */
        RECOVER_LOSE,      /* nobody can know */
};

/* *ret_why: a sentence for the record, static; NULL: the run's own report says all. */
enum recover_action recover_decide(const struct recover_facts *facts, const char **ret_why);

#endif
