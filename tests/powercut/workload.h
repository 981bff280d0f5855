/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A standard workload on a store: every kind of change, in groups, with checkpoints, a backup that is overtaken by
 * changes, a restart and a migration. What is acknowledged is written down outside of the store, with the moment.
 *
 * Before each commit the content of the store is read, which is what must be there when the commit was acknowledged: after
 * a cut or a fault it has to be one of these states, not older than the last that was acknowledged, and not newer than
 * the last for which a commit was tried.
 */
#ifndef TESTS_POWERCUT_WORKLOAD_H
#define TESTS_POWERCUT_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/store.h"
#include "lib/error.h"
#include "schema/embed.h"

#define WORKLOAD_STATES_MAX 512
#define WORKLOAD_ACKS_MAX 1024
#define WORKLOAD_REMOVED_MAX 256

struct workload_ack {
        size_t moment;
        int64_t id; /* of the run */
        int64_t epoch;
        int stage; /* 1 queued, 2 starting, 3 running, 4 ended, 5 removed */
};

struct workload {
        const char *directory;
        struct {
                uint64_t content;    /* of the store, see workload_content() */
                size_t tried, acked; /* when; acked 0: not */
        } states[WORKLOAD_STATES_MAX];
        int state_count;
        struct workload_ack acks[WORKLOAD_ACKS_MAX];
        int ack_count;
        int64_t removed[WORKLOAD_REMOVED_MAX]; /* whose removal was tried */
        int removed_count;
        int refused;         /* changes that a full disk kept away */
        struct error failed; /* what ended it; code 0: it is complete */
        struct store *store;
};

/* Run all of it, or up to the first failure, in an empty directory. @rounds: how much of the same. */
void workload_run(struct workload *workload, const char *directory, int rounds);
/* Check that the store in @directory, opened as usual, is in a state that is right at @moment. */
void workload_verify(const struct workload *workload, const char *directory, size_t moment,
                     const char *context);
/* A number for all runs and schedules of the store. */
uint64_t workload_content(struct store *store);

/* Our own migrations with one that only tests have. */
extern struct schema_migration workload_migrations[];
void workload_init(void);
/* Make a directory of the test's own. */
void workload_directory(char ret[64]);

#endif
