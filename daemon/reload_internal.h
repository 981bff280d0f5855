/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of the reload share. */
#ifndef DAEMON_RELOAD_INTERNAL_H
#define DAEMON_RELOAD_INTERNAL_H

#include <sys/queue.h>

#include "daemon/pool_settings.h"
#include "daemon/reload.h"
#include "daemon/schedule_diff.h"
#include "daemon/wanted.h"

enum reload_phase { RELOAD_PREFERENCES, RELOAD_READING, RELOAD_COMPARING, RELOAD_CHANGING };

/* Strings of a schedule that is there, for the diff to borrow. */
struct reload_stored {
        char *name, *task, *source;
        char **after;
};

struct reload_job {
        STAILQ_ENTRY(reload_job) all;
        struct daemon *daemon;
        bool dry;
        bool silent; /* nobody asked: what came of it goes into the log alone */
        bool first;  /* at the start of the daemon */
        reload_done done;
        void *data;
        enum reload_phase phase;
        struct reload_report report;
        size_t error_count; /* of task files, those included that are too many for the report */
        size_t added, changed, removed;
        struct pool_settings pools; /* when it is dry: those that there would be; else the daemon's are */
        struct wanted *wanted;
        struct schedule_diff diff; /* its .wanted has the places of wanted->schedules */
        struct reload_stored *stored;
        size_t stored_room;
        struct schedule_diff_edge *edges; /* what diff.edges is; strings owned */
        /* How far the changes have come. Schedules that follow on tasks are of the second round. */
        unsigned round;
        size_t stored_at, wanted_at;
};

/* ---- reload_compare.c ---- */
/* Begin to read the task files. -ENOMEM, or the store's. */
int reload_read_begin(struct reload_job *job);
/* Hold what they say against what there is. */
int reload_compare(struct reload_job *job);
void reload_compare_done(struct reload_job *job);

/* ---- reload_change.c ---- */
/* Make, or tell of, a batch of what is left. *ret_more: call again, after a commit. */
int reload_change(struct reload_job *job, bool *ret_more);

/* ---- reload_report.c ---- */
int reload_report_init(struct reload_job *job); /* -ENOMEM */
void reload_report_done(struct reload_job *job);
/* A line about a task file: for the log, unless it is dry, and for the report. */
void reload_complain(struct reload_job *job, const char *line);
/* The keys in which two definitions differ, in the order of their table. NULL: out of memory. */
json_t *reload_keys(const char *before, const char *after);
/* Read the preferences; unless it is dry, and if nothing is wrong with them, put them into force. */
void reload_preferences(struct reload_job *job);

#endif
