/* SPDX-License-Identifier: MPL-2.0 */
/*
 * libbgtask: background tasks from a program, in C or whatever can call it. bgtask(3) is its manual page.
 *
 * Two ways: a detached process of the caller's own, which needs no daemon and is kept in by nothing
 * (bgtask_run_detached()), and the daemon bgtaskd, which keeps schedules and runs tasks as their task files say (all else).
 *
 * Threads: every function may be called from any thread at any time. None keeps state, blocks signals beyond its return,
 * changes a signal's handler or takes another child's status. Strings are UTF-8 and only read; lists end with NULL, and
 * NULL is an empty one. Functions that talk to the daemon wait for its answer, BGTASK_TIMEOUT_SEC at most.
 *
 * Errors: 0 or more is success, a negative errno failure. @error (may be NULL) then has the same number, positive, and
 * one line that says what was wrong; on success it is left as it was.
 */
#ifndef BGTASK_H
#define BGTASK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BGTASK_ERROR_TEXT_MAX 1024
#define BGTASK_INTERVAL_MIN_SEC 1800 /* the shortest interval of a registered task */
#define BGTASK_TIMEOUT_SEC 30

struct bgtask_error {
        int code; /* positive errno */
        char text[BGTASK_ERROR_TEXT_MAX];
};

/* What is registered. Members that are not used are 0. */
struct bgtask_registration {
        /* The program and its arguments, of the form PROGRAM ... --backgroundtask NAME ..., PROGRAM absolute: what else
         * is in @args is the task's. It is the daemon that runs NAME, in a run of its own; PROGRAM is not executed. */
        const char *command;
        const char *const *args;
        int64_t interval_sec;          /* from BGTASK_INTERVAL_MIN_SEC to 315360000 (10 years) */
        const char *description;       /* one line; NULL: none */
        bool disabled;                 /* is registered, and does not run */
        int64_t execution_timeout_sec; /* a run is ended after so many seconds; 0 or less: as its task says */
};

/* ---- without a daemon ---- */

/* Run @task with @args in a process that is nobody's child: in a session of its own, with /dev/null for standard input,
 * output and error and no other descriptor, all signals as by default. It outlives the caller; environment, working
 * directory and credentials are the caller's. The program is bgtask-runner, or what the environment variable
 * BGTASK_RUNNER names (absolute). Returns when it has been executed, or could not be. */
int bgtask_run_detached(const char *task, const char *const *args, struct bgtask_error *error);
/* The task removeDirectory in such a process: wait until directory @child is in @parent (absolute), @seconds at most,
 * remove it, then all directories in @parent whose names end with @suffix (NULL or "": none; "*": all). */
int bgtask_remove_directory_detached(const char *parent, const char *child, unsigned seconds,
                                     const char *suffix, struct bgtask_error *error);

/* ---- with the daemon ----
 *
 * It is the one whose socket the environment variable BGTASKD_SOCKET names; else the user's own, if it is there, else the
 * system's. A task reaches the daemon that runs it if its task file says ControlSocket=yes. */

/* Have the daemon run @task with @args; returns when it has been queued durably. *ret_id (may be NULL): the run's number. */
int bgtask_run(const char *task, const char *const *args, int64_t *ret_id, struct bgtask_error *error);
/* Register a task under @id, which is the caller's user's own: others have ids of their own. First run one interval from
 * now; of runs that were missed one is made up for; one runs at a time; an @id that exists is replaced. */
int bgtask_register(const char *id, const struct bgtask_registration *registration,
                    struct bgtask_error *error);
/* 1: it was there; 0: it was not. A run that is under way goes on. */
int bgtask_delete(const char *id, struct bgtask_error *error);
/* How many there were. */
int bgtask_delete_all(struct bgtask_error *error);
/* 1: it is registered; 0: it is not. */
int bgtask_exists(const char *id, struct bgtask_error *error);

#ifdef __cplusplus
}
#endif

#endif
