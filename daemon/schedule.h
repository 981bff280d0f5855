/* SPDX-License-Identifier: MPL-2.0 */
/* Schedules and what became of their nominal times, as values: what the store keeps. See schema/0003-scheduler.sql. */
#ifndef DAEMON_SCHEDULE_H
#define DAEMON_SCHEDULE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* All times in microseconds since the epoch; 0: none, unless said. Strings are malloc'd and owned. */
struct schedule {
        int64_t id;
        char *name, *task;
        json_t *args;     /* array of strings */
        char *definition; /* lib/schedule_definition.h */
        char *source;     /* path of its task file; NULL: a client's */
        uid_t uid;
        int64_t created_at_us;
        int64_t offset_us; /* stable, added to nominal times */

        int64_t pass, pass_from_us, pass_began_us;
        char *pass_why;
        int64_t cursor_us; /* nominal times up to it are accounted for */
        int64_t next_us, due_us, latest_us;
        int64_t resume_us;

        int64_t paused_at_us, paused_until_us;
        uid_t paused_uid;
        char *paused_why; /* NULL: nothing was said */
        int64_t failures;
        int64_t moved_from_us, moved_at_us;
};

enum occurrence_outcome {
        OCCURRENCE_HELD,
        OCCURRENCE_RAN,
        OCCURRENCE_SKIPPED,
        OCCURRENCE_COALESCED,
        OCCURRENCE_MISSED,
        OCCURRENCE_LOST,
        OCCURRENCE_OUTCOME_COUNT,
};

struct occurrence {
        int64_t id, schedule_id, pass;
        int64_t after_us, first_us, last_us;
        int64_t count; /* -1: too many to count */
        enum occurrence_outcome outcome;
        char reason[24]; /* "": none */
        int64_t run_id, into_id, decided_at_us;
};

enum hold {
        HOLD_NONE,      /* released: queued, under way, or ended and not followed up */
        HOLD_OVERLAP,   /* until the schedule's other run has ended */
        HOLD_CONDITION, /* until its conditions hold */
        HOLD_RETRY,     /* until its back-off is over */
        HOLD_SPREAD,    /* a moment, so that not everything that was missed begins at once */
        HOLD_BOOT,      /* until the system has been up for so long */
        HOLD_COUNT,
};

struct scheduled_run {
        int64_t run_id, schedule_id, occurrence_id;
        int64_t attempt;
        enum hold hold;
        int64_t since_us, wake_us;
};

enum pass_kind { PASS_CLOCK, PASS_BACKFILL };

struct pass {
        int64_t id, schedule_id, pass;
        char *name;
        uid_t uid;
        enum pass_kind kind;
        char *why, *definition;
        int64_t from_us, until_us, cursor_us, began_at_us, ended_at_us;
};

/* Why a run is wanted that is not one's own: kinds of events. The words of the schema. */
#define TRIGGER_BOOT "boot"
#define TRIGGER_PATH "path"
#define TRIGGER_NETWORK "network"
#define TRIGGER_SUCCESS "success"
#define TRIGGER_FAILURE "failure"
#define TRIGGER_END "end"

/* The words of the schema and the protocol. parse: -1 when unknown. */
const char *occurrence_outcome_name(enum occurrence_outcome outcome);
int occurrence_outcome_parse(const char *name);
const char *hold_name(enum hold hold);
int hold_parse(const char *name);

/* Release what a value owns; the struct itself is the caller's and is zeroed. */
void schedule_done(struct schedule *schedule);
void pass_done(struct pass *pass);

#endif
