/* SPDX-License-Identifier: MPL-2.0 */
/* Runs as values: what the store keeps and the protocol shows. */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The states of a run, and the function of the store that performs each edge.
 *
 *   queued ──_start──▶ starting ──_running: the child reports──▶ running
 *   starting, running ──_requeue: it did not begin, or may be run again; detail says why──▶ queued
 *   starting, running ──_finish: reaped, and its output has ended──▶ finished, or cancelled
 *   held ──_release: what it waited for is there──▶ queued
 *   held, queued ──_finish──▶ cancelled
 *   starting, running ──_finish: the daemon ended under it──▶ interrupted; nobody can know what became of it──▶ lost
 *
 * A run is added as queued, or as held for the scheduler (timetable.h), which says why in its own table. lost is also what
 * a word reads as that the store does not know. recover.h decides about runs that the daemon before this one left.
 */
enum run_state {
        RUN_QUEUED,
        RUN_STARTING,
        RUN_RUNNING,
        RUN_FINISHED,
        RUN_HELD,
        RUN_CANCELLED,
        RUN_INTERRUPTED,
        RUN_LOST,
        RUN_STATE_COUNT,
};

enum run_result {
        RUN_RESULT_NONE,
        RUN_RESULT_SUCCESS,
        RUN_RESULT_EXITED,
        RUN_RESULT_NOT_FOUND,
        RUN_RESULT_EXCEPTION,
        RUN_RESULT_TIMEOUT,
        RUN_RESULT_QUIT,
        RUN_RESULT_KILLED,
        RUN_RESULT_DEADLINE,
        RUN_RESULT_MEMORY,
        RUN_RESULT_SETUP_FAILED,
        RUN_RESULT_CANCELLED,
        RUN_RESULT_INTERRUPTED,
        RUN_RESULT_CONDITION_LOST,
        RUN_RESULT_COUNT,
};

/* Priority= */
#define RUN_PRIORITY_MIN (-100)
#define RUN_PRIORITY_MAX 100

struct run {
        int64_t id;
        char *task;
        json_t *args; /* array of strings */
        enum run_state state;
        enum run_result result;
        int64_t epoch;
        int exit_code; /* -1: none */
        int signal;    /* 0: none */
        uid_t uid;
        char *key;                                                          /* NULL: none */
        char *schedule;                                                     /* NULL: by hand */
        char *pool;                                                         /* NULL or "": the default one */
        int32_t priority;                                                   /* the highest is started first */
        int64_t nominal_at_us, queued_at_us, started_at_us, finished_at_us; /* 0: not yet */
        pid_t pid;
        int64_t output_bytes, output_dropped;
        int64_t output_stored; /* what the output takes on disk, see output_stored(); 0: the bytes kept count */
        int64_t frozen_since_us; /* of one under way, not stored; 0: it is not frozen */
        json_t *detail; /* object: exitValue, message, error, sandbox, denied, attempts, usage_members; NULL: {} */
};

/* The words of the protocol and the schema. parse: -1 when unknown. */
const char *run_state_name(enum run_state state);
int run_state_parse(const char *name);
const char *run_result_name(enum run_result result);
int run_result_parse(const char *name);
bool run_state_is_final(enum run_state state);
bool run_failed(const struct run *run); /* ended, and otherwise than with success */

/* Note in its detail that the present epoch came to nothing. @began: code of the task was executed. -ENOMEM. */
int run_add_attempt(struct run *run, const char *why, bool began);
/* How many of them there were: in which the task had begun; that ended for the reason @why. */
unsigned run_repeats(const struct run *run);
unsigned run_attempts(const struct run *run, const char *why);

/* As io.bgtaskd.Manager.RunInfo. New reference; NULL: out of memory. */
json_t *run_to_json(const struct run *run);

/* Release what a value owns; the struct itself is the caller's and is zeroed. */
void run_done(struct run *run);

#endif
