/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a reload has to do: the schedules that task files want, held against those that are there from files. Pure.
 *
 * A schedule is known by its name, and is as it was when the hash of its definition, task and user is. Task files come in
 * the order of precedence, and of two that want the same name the first has it. What cannot be is refused with the reason,
 * and nothing else changes by that:
 *
 *   the name is another file's, or a client's     the other one has it
 *   it would close a circle of tasks              it stays as it was, if it was there
 *   its task has files with errors                all schedules of that task stay as they were
 *   there would be too many schedules             it is not added
 */
#ifndef DAEMON_SCHEDULE_DIFF_H
#define DAEMON_SCHEDULE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One that is there, from a file. Strings are borrowed, as are those of the next. */
struct schedule_diff_stored {
        int64_t id;
        const char *name, *task, *source;
        char *const *after; /* tasks on which its own follows; NULL: none */
        uint64_t hash;
        /* What becomes of it: it goes, it stays as it is, or it is as .wanted has it. */
        enum { SCHEDULE_DIFF_GOES, SCHEDULE_DIFF_STAYS, SCHEDULE_DIFF_MATCHED } fate;
};

enum schedule_diff_change {
        SCHEDULE_DIFF_REFUSED,
        SCHEDULE_DIFF_UNCHANGED,
        SCHEDULE_DIFF_ADDED,
        SCHEDULE_DIFF_CHANGED, /* in whatever way, if only that another file has it now */
};

/* One that a file wants. */
struct schedule_diff_wanted {
        const char *name, *task, *source;
        unsigned line;
        char *const *after;
        uint64_t hash;
        enum schedule_diff_change change;
        struct schedule_diff_stored *stored; /* UNCHANGED, CHANGED */
        char *reason;                        /* REFUSED: "FILE:LINE: schedule …", malloc'd */
};

struct schedule_diff {
        struct schedule_diff_stored *stored; /* is put into the order of names */
        size_t stored_count;
        struct schedule_diff_wanted *wanted; /* in the order of precedence */
        size_t wanted_count;
        char *const *bad;  /* tasks whose files have errors, sorted; NULL: none */
        int64_t room;      /* how many schedules there may be from files */
        size_t edge_count; /* what follows on what by schedules of clients */
        const struct schedule_diff_edge {
                const char *after, *task;
        } * edges;
        /* Whether a client has added one of this name: 1, 0, or a negative errno. */
        int (*is_clients)(const char *name, uid_t *ret_uid, void *data);
        void *data;
};

uint64_t schedule_diff_hash(const char *task, uid_t uid, const char *definition);
/* Sets what each comes to. -ENOMEM, or what is_clients() had. */
int schedule_diff_make(struct schedule_diff *diff);
/* Release the reasons. */
void schedule_diff_done(struct schedule_diff *diff);

#endif
