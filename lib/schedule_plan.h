/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The scheduler's decisions, pure: time and facts in, decisions out. The daemon carries them out (daemon/timetable.h), the
 * client's simulation replays them.
 *
 * A schedule has nominal times (schedule_times.h). One is due from its nominal time plus the schedule's stable offset,
 * less FlexSec=, plus a fresh delay; and is on time until AccuracySec= and SCHEDULE_ON_TIME_US after that. Of several
 * that passed before anybody looked, all but the last were missed, and the last too if it is not on time any more.
 */
#ifndef LIB_SCHEDULE_PLAN_H
#define LIB_SCHEDULE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/schedule_definition.h"
#include "lib/schedule_times.h"

#define SCHEDULE_ON_TIME_US INT64_C(60000000)
#define SCHEDULE_STEPS_MAX 10000  /* nominal times in one look; the rest in the next */
#define SCHEDULE_MAKE_UP_MAX 1000 /* CatchUpMax= */
#define SCHEDULE_BUFFER_MAX 100   /* occurrences that wait for another run of the schedule */
/* A clock that goes back by no more does not make nominal times come again. */
#define SCHEDULE_STEP_SMALL_US (INT64_C(3) * 3600 * 1000000)

/* ---- what passed ---- */

struct schedule_look {
        const struct schedule_definition *definition;
        const struct schedule_times *times;
        int64_t offset_us, cursor_us;
        int64_t due_us; /* of the first nominal time behind the cursor, its delay included */
        int64_t now_us;
};

struct schedule_passed {
        int64_t missed_first_us, missed_last_us, missed_count; /* count 0: none */
        int64_t make_up[SCHEDULE_MAKE_UP_MAX];                 /* missed, and to be run; ascending */
        unsigned make_ups;
        int64_t current_us, current_due_us; /* on time, and not to begin before; 0: none */
        int64_t cursor_us;                  /* behind all of these */
        bool late; /* nobody looked when the first was due: not only its delay was long */
        bool more; /* look again at once */
};

/* Into *ret, which is large. */
void schedule_look(const struct schedule_look *look, struct schedule_passed *ret);

/* ---- what is next ---- */
struct schedule_next {
        int64_t nominal_us; /* 0: none */
        int64_t due_us, latest_us;
};

/* @random: 64 fresh bits for RandomizedDelaySec=. */
struct schedule_next schedule_next(const struct schedule_definition *definition,
                                   const struct schedule_times *times, int64_t offset_us, int64_t cursor_us,
                                   uint64_t random);

/* 0 to RandomizedOffsetSec=: the same for a machine, a user and a schedule, and evenly spread over all of them. */
int64_t schedule_offset_us(const char *machine_id, int64_t uid, const char *name, int64_t span_us);

/* What is made up for, as nobody looked, waits a part of its spans of offset and delay, drawn anew: after a cut of power
 * the machine is one of many. One draw a look, so that order is kept. */
int64_t schedule_make_up_wait_us(const struct schedule_definition *definition,
                                 const struct schedule_passed *passed, uint64_t random);
/* Of those on one machine, @before since its start, each may begin a second later than the last, up to a minute. */
int64_t schedule_make_up_step_us(unsigned before, uint64_t random);

/* ---- whether it may run ---- */
struct schedule_facts {
        int64_t active;   /* runs of the schedule that are queued or under way, by hand ones included */
        int64_t buffered; /* that wait for those */
        int64_t waiting;  /* that wait for conditions */
        bool conditions_met, queue_full;
        bool made_up;   /* it was missed, and would wait for its share of the spread */
        int64_t spread; /* others wait so */
};

enum schedule_admission {
        SCHEDULE_ADMIT_RUN,
        SCHEDULE_ADMIT_HOLD_OVERLAP,
        SCHEDULE_ADMIT_HOLD_CONDITION,
        SCHEDULE_ADMIT_COALESCE_BUFFERED, /* into the one that is buffered */
        SCHEDULE_ADMIT_COALESCE_WAITING,  /* into the one that waits for conditions */
        SCHEDULE_ADMIT_COALESCE_SPREAD,   /* into what is made up for already: CatchUp=last */
        SCHEDULE_ADMIT_SKIP_OVERLAP,
        SCHEDULE_ADMIT_SKIP_FULL, /* queue or buffer */
};

enum schedule_admission schedule_admit(const struct schedule_definition *definition,
                                       const struct schedule_facts *facts);
/* Whether the runs under way are ended for it, and at once rather than as cancel does. */
bool schedule_ends_others(const struct schedule_definition *definition, bool *ret_kill);

/* ---- conditions, and the deadline that relaxes them ---- */

/* Rungs of the ladder from the moment an occurrence is held to DeadlineSec= after it. */
enum schedule_rung {
        SCHEDULE_RUNG_ALL,      /* in the first half: everything */
        SCHEDULE_RUNG_NO_IDLE,  /* from half of it on: neither idleness nor load */
        SCHEDULE_RUNG_NO_POWER, /* from three quarters on: neither power nor pressure */
        SCHEDULE_RUNG_ESSENTIAL, /* from the deadline on: network, free space and paths, without which it would fail */
};

enum schedule_rung schedule_rung(const struct schedule_definition *definition, int64_t since_us,
                                 int64_t now_us);
/* When the next rung begins; 0: never. */
int64_t schedule_rung_next(const struct schedule_definition *definition, int64_t since_us, int64_t now_us);

/* ---- after a run ---- */

/* @result in the protocol's words; @exit_code -1: none. */
bool schedule_retries(const struct schedule_definition *definition, int64_t attempt, const char *result,
                      int exit_code);
/* The back-off before attempt @attempt + 1, with its jitter. */
int64_t schedule_retry_delay_us(const struct schedule_definition *definition, int64_t attempt,
                                uint64_t random);

#endif
