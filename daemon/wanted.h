/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The schedules that task files want: the [Schedule] sections of all of them. Read a few files at a time, since there may
 * be thousands and the daemon has other things to do meanwhile.
 */
#ifndef DAEMON_WANTED_H
#define DAEMON_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/schedule_definition.h"

/* Strings malloc'd and owned. */
struct wanted_schedule {
        char *name, *task;
        char *definition;   /* lib/schedule_definition.h */
        char *source;       /* the file whose section begins it */
        unsigned line;      /* and where */
        char **after;       /* tasks on which its own follows; NULL: none */
        size_t folder, nth; /* how it is ordered: by folder, task, and place in its files */
};

struct pool_settings;

struct wanted {
        const struct pool_settings *pools;
        char **directories;
        bool system_instance;
        char **tasks; /* that may have files, sorted */
        size_t at;    /* how many of them are read */
        struct wanted_schedule *schedules;
        size_t count, room;
        char **bad; /* tasks whose files have errors, sorted */
        size_t bad_count;
        char **errors; /* one line each, NULL-terminated, at most WANTED_ERRORS_MAX */
        size_t error_count;
};

#define WANTED_ERRORS_MAX 1000

/* @tasks (NULL-terminated, some perhaps several times): tasks that had schedules from files; these are looked for whether or not a folder lists
 * them, so that only a file that is known to be gone takes its schedules with it. A pool that is none of @pools (borrowed) is
 * an error of its file. -ENOMEM. */
int wanted_new(bool system_instance, char *const *tasks, const struct pool_settings *pools,
               struct wanted **ret);
void wanted_free(struct wanted *wanted);
/* Read on for about @budget_us (at least one task's files). 1: call again; 0: all is read, and in the order of precedence.
 * -ENOMEM. */
int wanted_read(struct wanted *wanted, int64_t budget_us);
/* The tasks of OnSuccessOf=, OnFailureOf= and OnEndOf= in the text of a definition, as strv_free() wants it; NULL: none.
 * -ENOMEM; -EBADMSG: it cannot be read. */
int wanted_after(const char *definition, char ***ret);

#endif
