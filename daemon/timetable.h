/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The scheduler without a loop: carries out in the store what lib/schedule_plan.h decides.
 *
 * It is given the time and told of events, and works in the store's open group: what became of a nominal time, the run
 * that it got and the next time are one transaction. Nothing is kept in memory that is not in the store, so that a
 * crash at any moment, or a group that is rolled back, leaves a state from which the next look goes on.
 *
 *   nominal time ──timetable_tick──▶ a row of the ledger ─┬─▶ ran: a run is queued
 *                                                      ├─▶ held: a run waits ──timetable_tick, timetable_run_ended,
 *                                                      │         timetable_conditions_changed──▶ ran, or skipped
 *                                                      └─▶ skipped, coalesced, missed
 *
 * Functions return 0, STORE_FULL (try again later) or a negative errno of the store.
 */
#ifndef DAEMON_TIMETABLE_H
#define DAEMON_TIMETABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/run.h"
#include "daemon/schedule.h"
#include "daemon/timetable_hooks.h"
#include "lib/error.h"
#include "lib/schedule_definition.h"

#define TIMETABLE_UNCHANGED 4 /* beside enum store_outcome: there was nothing to do, or it may not be done */

struct timetable;
struct store;
struct zones;

int timetable_new(struct store *store, struct zones *zones, const struct timetable_hooks *hooks, void *data,
                  struct timetable **ret);
void timetable_free(struct timetable *timetable);

/* ---- time passes ---- */

/* Runs whose end was recorded and not followed up: the daemon was killed in between, or the disk was full. */
int timetable_follow_up(struct timetable *timetable, int64_t now_us);
/* After the start: timetable_follow_up(), then boot triggers when @boot_id is a new one, a batch at a time: call again, after
 * a commit, while *ret_more. *ret_new_boot: this call has ended with those of a new boot. */
int timetable_start(struct timetable *timetable, int64_t now_us, const char *boot_id, int64_t boot_at_us,
                    bool *ret_new_boot, bool *ret_more);
/* Serve what is due, at most @batch schedules and held runs. *ret_more: call again, after a commit. @late: why what was
 * missed was missed (a word of the ledger); NULL: the daemon was late. */
int timetable_tick(struct timetable *timetable, int64_t now_us, int batch, const char *late, bool *ret_more);
/* When timetable_tick() has to be called at the latest; 0: never. */
int timetable_wake_us(struct timetable *timetable, int64_t *ret_us);
/* Whether the clock is behind where it was at the last look that is on record. */
bool timetable_clock_is_behind(struct timetable *timetable, int64_t now_us);
/* The clock was set. Schedules are looked at one after another: call again while *ret_more. */
int timetable_clock_set(struct timetable *timetable, int64_t now_us, bool restart, bool *ret_more);
/* The zone database may have changed. As above. */
int timetable_zones_changed(struct timetable *timetable, int64_t now_us, bool restart, bool *ret_more);

/* ---- things happen ---- */

/* A run has ended, in the group that records it. Runs that nobody scheduled are welcome. */
int timetable_run_ended(struct timetable *timetable, const struct run *run, int64_t now_us);
/* An event of a kind and subject of schedule.h. */
int timetable_event(struct timetable *timetable, const char *kind, const char *subject, int64_t now_us);
/* Look at all runs that wait for conditions, one after another: call again while *ret_more. */
int timetable_conditions_changed(struct timetable *timetable, int64_t now_us, bool restart, bool *ret_more);

/* ---- people want things (timetable_change.c) ---- */

/* Everything about a schedule that a client or a task file says. */
struct timetable_wish {
        const char *name, *task;
        json_t *args; /* shared */
        const char *definition;
        const char *source; /* NULL: a client's */
        uid_t uid;
        const char *machine_id; /* for the offset */
        bool chain_checked;     /* that no tasks trigger each other in a circle */
};

/* STORE_EXISTS; -EINVAL with a text. *ret (NULL: not wanted) is the caller's. */
int timetable_add(struct timetable *timetable, const struct timetable_wish *wish, int64_t now_us,
                  struct schedule *ret, struct error *error);
/* The same one by another definition from now on; nothing comes again. TIMETABLE_UNCHANGED: it is so; STORE_NOT_FOUND. */
int timetable_edit(struct timetable *timetable, const struct timetable_wish *wish, int64_t now_us,
                   struct schedule *ret, struct error *error);
/* What the next nominal time would be after either; 0: there is none. Changes nothing. */
int timetable_preview(struct timetable *timetable, const struct timetable_wish *wish, int64_t now_us,
                      int64_t *ret_next_us, struct error *error);
int timetable_remove(struct timetable *timetable, struct schedule *schedule, int64_t now_us);
/* @until_us 0: until it is resumed. @why NULL: nothing was said. */
int timetable_pause(struct timetable *timetable, struct schedule *schedule, uid_t uid, const char *why,
                    int64_t until_us, int64_t now_us);
/* What passed meanwhile was skipped. */
int timetable_resume(struct timetable *timetable, struct schedule *schedule, int64_t now_us);
/* A run now; counts as one of the schedule. *ret_run_id. TIMETABLE_UNCHANGED: its Overlap= says no. */
int timetable_run_now(struct timetable *timetable, const struct schedule *schedule, uid_t uid, int64_t now_us,
                      int64_t *ret_run_id);
/* Runs for the nominal times behind @from_us up to @until_us, one after another. */
int timetable_backfill(struct timetable *timetable, struct schedule *schedule, uid_t uid, int64_t from_us,
                       int64_t until_us, int64_t now_us);
/* Write into the ledger what passed while it is paused, so that it is complete up to now. */
int timetable_settle(struct timetable *timetable, struct schedule *schedule, int64_t now_us);

#endif
