/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The store's part for the scheduler: schedules, the ledger, what is held. Continues store.h: the same outcomes, the same
 * groups. Nothing here is made again after a full disk: the timetable (timetable.h) finds out from what is there what it has
 * still to do.
 */
#ifndef DAEMON_STORE_SCHEDULE_H
#define DAEMON_STORE_SCHEDULE_H

#include "daemon/schedule.h"
#include "daemon/store.h"

/* ---- schedules ---- */
int store_schedule_add(struct store *store, struct schedule *schedule); /* STORE_EXISTS; sets id */
int store_schedule_get(struct store *store, const char *name, struct schedule *ret);
int store_schedule_get_id(struct store *store, int64_t id, struct schedule *ret);
/* Write all of it, by its id. */
int store_schedule_update(struct store *store, const struct schedule *schedule);
int store_schedule_remove(struct store *store, int64_t id);
/* The first one with a name behind @name (""): a walk by name that may be interrupted. */
int store_schedule_behind(struct store *store, const char *name, struct schedule *ret);
/* The first one with an id above @id: a walk that may be interrupted. */
int store_schedule_after(struct store *store, int64_t id, struct schedule *ret);
/* Those of task files. @each returns 0 to go on; the schedule is its to look at, not to keep. It does not use the store. */
int store_schedule_of_files(struct store *store, int (*each)(const struct schedule *schedule, void *data),
                            void *data);
/* The tasks of those, file by file: one may come several times. */
int store_schedule_file_tasks(struct store *store, int (*each)(const char *task, void *data), void *data);
int store_schedule_count(struct store *store, int64_t *ret); /* from memory */
/* One that is due at @now_us, the earliest first. */
int store_schedule_due(struct store *store, int64_t now_us, struct schedule *ret);
/* When the last occurrence was decided, or the last schedule was added; 0: never. */
int store_schedule_newest(struct store *store, int64_t *ret_us);
/* When the daemon has to be awake at the latest, for a schedule or a held run. STORE_NOT_FOUND: for none. */
int store_schedule_wake(struct store *store, int64_t *ret_us);

/* ---- triggers that are events ---- */
int store_trigger_add(struct store *store, int64_t schedule_id, const char *kind, const char *subject);
int store_trigger_remove(struct store *store, int64_t schedule_id); /* all of them */
/* The next schedule after @schedule_id that an event concerns. */
int store_trigger_next(struct store *store, const char *kind, const char *subject, int64_t schedule_id,
                       int64_t *ret_schedule_id);
/* Which task follows on which, by schedules that clients have added. */
int store_trigger_chains(struct store *store, int (*each)(const char *after, const char *task, void *data),
                         void *data);
int store_trigger_subjects(struct store *store, const char *kind,
                           int (*each)(const char *subject, void *data), void *data);

/* ---- passes that have ended, and backfills ---- */
int store_pass_add(struct store *store, const struct pass *pass);
int store_pass_update(struct store *store, const struct pass *pass);         /* cursor and end */
int store_pass_after(struct store *store, int64_t id, struct pass *ret);     /* any */
int store_backfill_after(struct store *store, int64_t id, struct pass *ret); /* that goes on */

/* ---- the ledger ---- */
/* Sets id. -EINVAL: this nominal time has a row. STORE_FULL: no space. */
int store_occurrence_add(struct store *store, struct occurrence *occurrence);
int store_occurrence_set(struct store *store, const struct occurrence *occurrence); /* outcome, reason, run */
int store_occurrence_get(struct store *store, int64_t id, struct occurrence *ret);
int store_occurrence_last(struct store *store, int64_t schedule_id, int64_t pass, struct occurrence *ret);
/* A row is made to cover more: last_us and count. */
int store_occurrence_extend(struct store *store, const struct occurrence *occurrence);
/* Those of a pass that end behind @after_us, in order. */
int store_occurrence_list(struct store *store, int64_t schedule_id, int64_t pass, int64_t after_us,
                          int (*each)(const struct occurrence *occurrence, void *data), void *data);

/* The first row of a pass. */
int store_occurrence_first(struct store *store, int64_t schedule_id, int64_t pass, struct occurrence *ret);
/* Remove at most @batch rows that were decided longer ago than @age_us, or are more than @max_rows, and passes of which
 * nothing is left. What is kept stays complete: a pass begins later then. *ret_more: there may be others. */
int store_ledger_prune(struct store *store, int64_t age_us, int64_t max_rows, int64_t now_us, int batch,
                       bool *ret_more);
/* What was decided up to then is not all kept; 0: all is. */
int store_ledger_since(struct store *store, int64_t *ret_us);
#define STORE_LEDGER_SINCE "ledger-since" /* store_machine_get() */

/* ---- runs that the scheduler has still something to do about ---- */
int store_scheduled_run_add(struct store *store, const struct scheduled_run *scheduled);
int store_scheduled_run_set(struct store *store, const struct scheduled_run *scheduled); /* hold and wake */
int store_scheduled_run_remove(struct store *store, int64_t run_id);
int store_scheduled_run_get(struct store *store, int64_t run_id, struct scheduled_run *ret);
/* Of a schedule with this hold: how many, and the first of them (0: none). */
int store_scheduled_run_count(struct store *store, int64_t schedule_id, enum hold hold, int64_t *ret_count,
                              int64_t *ret_first);
/* The next one after @run_id: of a schedule with this hold; of all schedules; with a time that is over. */
int store_scheduled_run_of(struct store *store, int64_t schedule_id, enum hold hold, int64_t run_id,
                           struct scheduled_run *ret);
int store_scheduled_run_held(struct store *store, enum hold hold, int64_t run_id, struct scheduled_run *ret);
int store_scheduled_run_due(struct store *store, int64_t now_us, struct scheduled_run *ret);
/* The next one whose run is no longer active: for the start alone, it looks at all. */
int store_scheduled_run_ended(struct store *store, int64_t run_id, struct scheduled_run *ret);

/* ---- what the scheduler remembers ---- */
int store_zone_set(struct store *store, const char *name, uint64_t hash);
int store_zone_list(struct store *store, int (*each)(const char *name, uint64_t hash, void *data),
                    void *data);
int store_machine_set(struct store *store, const char *name, const char *value);
/* *ret_value: malloc'd. */
int store_machine_get(struct store *store, const char *name, char **ret_value);

#endif
