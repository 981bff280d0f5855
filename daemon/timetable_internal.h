/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of the timetable share. */
#ifndef DAEMON_TIMETABLE_INTERNAL_H
#define DAEMON_TIMETABLE_INTERNAL_H

#include "daemon/store_schedule.h"
#include "daemon/timetable.h"
#include "lib/schedule_times.h"
#include "lib/zone.h"

#define TIMETABLE_WALK_BATCH 256 /* schedules that are looked at in one go when all of them have to be */
#define TIMETABLE_UNUSABLE_RETRY_US (INT64_C(3600) * 1000000)
#define TIMETABLE_COUNT_MAX 100000 /* nominal times that are counted one by one */
#define PASS_EVENTS 0

struct timetable {
        struct store *store;
        struct zones *zones;
        const struct timetable_hooks *hooks;
        void *data;
        int64_t moved;                 /* schedules that it has moved */
        int64_t walk_id;               /* where a walk over all schedules has come to */
        int64_t held_id;               /* the same over the runs that are held for conditions */
        unsigned made_up;              /* since the start: what was missed is spread more and more */
        struct schedule_passed passed; /* large: not for the stack */
};

/* A schedule with what its definition means. */
struct timetable_view {
        struct schedule schedule;
        struct schedule_definition definition;
        struct schedule_times *times;
};

/* Takes what *schedule owns, also when it fails. 1: the definition cannot be used now, as its zone is gone: noted. */
int timetable_view_open(struct timetable *timetable, struct schedule *schedule, struct timetable_view *ret);
void timetable_view_done(struct timetable_view *view);
#define _cleanup_view_ __attribute__((cleanup(timetable_view_done)))

__attribute__((format(printf, 2, 3))) void timetable_note(struct timetable *timetable, const char *format,
                                                          ...);

/* Set next, due and latest from the cursor; not the store. */
void timetable_plan_next(struct timetable *timetable, struct timetable_view *view);

/* ---- timetable_occur.c: one nominal time or event ---- */
struct timetable_occasion {
        int64_t pass;     /* PASS_EVENTS, a clock's, or a backfill's */
        int64_t after_us; /* where the row before it ends */
        int64_t nominal_us;
        int64_t due_us; /* its run does not begin before; 0: it may at once */
        int64_t now_us;
        int64_t wake_us; /* with hold: not before */
        enum hold hold;  /* HOLD_NONE, HOLD_SPREAD, HOLD_BOOT */
};
/* Its row, and its run if it gets one. *ret_id (NULL: not wanted): of the row, when there is a run. */
int timetable_occur(struct timetable *timetable, struct timetable_view *view,
                    const struct timetable_occasion *occasion, int64_t *ret_id);
/* A row for nominal times that get no run; it becomes part of the last one if that says the same. */
int timetable_pass_over(struct timetable *timetable, struct occurrence *occurrence);
/* Release a held run if it may go now; else hold it for the reason why not. */
int timetable_try(struct timetable *timetable, struct timetable_view *view, struct scheduled_run *scheduled,
                  int64_t now_us);
/* The same with the schedule looked up. One whose schedule is gone is released. */
int timetable_try_run(struct timetable *timetable, struct scheduled_run *scheduled, int64_t now_us);
/* The time of a run that may begin from @due_us on and is decided about at @now_us: on the wall clock, so not before. */
int64_t timetable_begin_us(const struct timetable *timetable, int64_t due_us, int64_t now_us);
/* Add a run of the schedule, queued for @begin_us or held. *scheduled: all but run_id and schedule_id. */
int timetable_add_run(struct timetable *timetable, const struct timetable_view *view, int64_t nominal_us,
                      int64_t begin_us, struct scheduled_run *scheduled);
/* End the runs under way, where Overlap= wants that. */
int timetable_end_others(struct timetable *timetable, const struct timetable_view *view);
/* Nominal times of a backfill, as far as they may go now. *ret_more: there are others, and nothing holds them. */
int timetable_feed_backfills(struct timetable *timetable, int64_t now_us, bool *ret_more);

/* ---- timetable_change.c ---- */
/* Nominal times behind the cursor up to now, due or not, were skipped for @reason; the cursor is now. */
int timetable_skip_rest(struct timetable *timetable, struct timetable_view *view, int64_t now_us,
                        const char *reason);
/* End the pass at the cursor and begin another behind @from_us. */
int timetable_begin_pass(struct timetable *timetable, struct timetable_view *view, const char *why,
                         int64_t from_us, int64_t now_us);

#endif
