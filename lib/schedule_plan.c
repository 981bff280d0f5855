/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/schedule_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"

#define MAKE_UP_STEP_US INT64_C(1000000)
#define MAKE_UP_STEPS_US (60 * MAKE_UP_STEP_US)

static int64_t add_saturated(int64_t a, int64_t b)
{
        int64_t sum;

        if (__builtin_add_overflow(a, b, &sum))
                return b > 0 ? INT64_MAX : 0;
        return sum;
}

/* 0 to @span, evenly. */
static int64_t spread(int64_t span_us, uint64_t random)
{
        return span_us > 0 ? (int64_t)(((unsigned __int128)random * ((uint64_t)span_us + 1)) >> 64) : 0;
}

/* ---- what is next ---- */

/* Without the fresh delay. */
static int64_t due_of(const struct schedule_definition *definition, int64_t offset_us, int64_t nominal_us)
{
        return add_saturated(nominal_us, offset_us - definition->flex_us);
}

struct schedule_next schedule_next(const struct schedule_definition *definition,
                                   const struct schedule_times *times, int64_t offset_us, int64_t cursor_us,
                                   uint64_t random)
{
        struct schedule_next next = { .nominal_us = schedule_times_next(times, cursor_us) };

        if (!next.nominal_us || !definition->enabled)
                return (struct schedule_next){ 0 };
        int64_t delay_us = spread(definition->randomized_delay_us, random);
        next.due_us = MAX(add_saturated(due_of(definition, offset_us, next.nominal_us), delay_us),
                          INT64_C(1));
        next.latest_us = add_saturated(next.due_us, definition->flex_us + definition->accuracy_us);
        return next;
}

/* FNV-1a, with a NUL behind each part, so that parts do not run into each other. */
static uint64_t hash_part(uint64_t hash, const char *text)
{
        for (const unsigned char *at = (const unsigned char *)text;; at++) {
                hash = (hash ^ *at) * UINT64_C(1099511628211);
                if (!*at)
                        return hash;
        }
}

int64_t schedule_offset_us(const char *machine_id, int64_t uid, const char *name, int64_t span_us)
{
        char number[24];

        snprintf(number, sizeof(number), "%" PRId64, uid);
        uint64_t hash = hash_part(hash_part(hash_part(UINT64_C(14695981039346656037), machine_id), number),
                                  name);
        /* Its high bits, which count below, depend little on the last letters: mixed as splitmix64 does. */
        hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
        return spread(span_us, hash ^ (hash >> 31));
}

/* ---- what passed ---- */

static bool is_on_time(const struct schedule_look *look, int64_t nominal_us, int64_t due_us)
{
        int64_t until_us = add_saturated(due_us, look->definition->flex_us + look->definition->accuracy_us);

        return add_saturated(MAX(until_us, nominal_us), SCHEDULE_ON_TIME_US) >= look->now_us;
}

static bool is_in_window(const struct schedule_look *look, int64_t nominal_us)
{
        int64_t window_us = look->definition->catch_up_window_us;

        return window_us == INT64_MAX || add_saturated(due_of(look->definition, look->offset_us, nominal_us),
                                                       window_us) >= look->now_us;
}

static void passed_miss(struct schedule_passed *passed, int64_t nominal_us)
{
        if (passed->missed_count++ == 0)
                passed->missed_first_us = nominal_us;
        passed->missed_last_us = nominal_us;
}

/* Keep the newest ones that may be made up for; who falls out was missed. */
static void passed_keep(struct schedule_passed *passed, unsigned limit, int64_t nominal_us)
{
        if (passed->make_ups == limit) {
                passed_miss(passed, passed->make_up[0]);
                memmove(passed->make_up, passed->make_up + 1, (limit - 1) * sizeof(passed->make_up[0]));
                passed->make_ups--;
        }
        passed->make_up[passed->make_ups++] = nominal_us;
}

/* How many of those that were missed are remembered for what the policy does with them. "last" coalesces them, as far
 * as they are remembered, into the one that runs. */
static unsigned keep_limit(const struct schedule_definition *definition)
{
        switch (definition->catch_up) {
        case SCHEDULE_CATCH_UP_NONE:
                return 0;
        case SCHEDULE_CATCH_UP_LAST:
                return 1;
        case SCHEDULE_CATCH_UP_ALL:
                break;
        }
        return MIN(definition->catch_up_max, (uint32_t)SCHEDULE_MAKE_UP_MAX);
}

void schedule_look(const struct schedule_look *look, struct schedule_passed *ret)
{
        unsigned limit = keep_limit(look->definition);
        int64_t at_us = schedule_times_next(look->times, look->cursor_us), due_us = look->due_us;
        unsigned steps = 0;

        ret->missed_first_us = ret->missed_last_us = ret->missed_count = 0;
        ret->make_ups = 0; /* the array itself is as it was: it is large */
        ret->current_us = ret->current_due_us = 0;
        ret->cursor_us = look->cursor_us;
        ret->more = false;
        ret->late = at_us && !is_on_time(look, at_us, due_us);
        while (at_us && due_us <= look->now_us) {
                int64_t next_us = schedule_times_next(look->times, at_us);
                int64_t next_due_us = next_us ? due_of(look->definition, look->offset_us, next_us)
                                              : INT64_MAX;

                if (steps++ == SCHEDULE_STEPS_MAX) {
                        /* There are later ones, so that none of these is the last. */
                        ret->more = true;
                        break;
                }
                ret->cursor_us = at_us;
                if ((next_due_us > look->now_us || !next_us) && is_on_time(look, at_us, due_us)) {
                        ret->current_us = at_us;
                        ret->current_due_us = due_us;
                } else if (limit > 0 && is_in_window(look, at_us)) {
                        passed_keep(ret, limit, at_us);
                } else {
                        passed_miss(ret, at_us);
                }
                at_us = next_us;
                due_us = next_due_us;
        }
        /* One run is enough for "last": that of the current time, if there is one. */
        if (look->definition->catch_up == SCHEDULE_CATCH_UP_LAST && ret->make_ups > 0 &&
            (ret->current_us || ret->more)) {
                passed_miss(ret, ret->make_up[0]);
                ret->make_ups = 0;
        }
}

int64_t schedule_make_up_wait_us(const struct schedule_definition *definition,
                                 const struct schedule_passed *passed, uint64_t random)
{
        if (!passed->late)
                return 0;
        return spread(add_saturated(definition->randomized_offset_us, definition->randomized_delay_us),
                      random);
}

int64_t schedule_make_up_step_us(unsigned before, uint64_t random)
{
        int64_t span_us = MIN(before * MAKE_UP_STEP_US, MAKE_UP_STEPS_US);

        return span_us > 0 ? spread(span_us - 1, random) : 0;
}

/* ---- whether it may run ---- */

bool schedule_ends_others(const struct schedule_definition *definition, bool *ret_kill)
{
        *ret_kill = definition->overlap == SCHEDULE_OVERLAP_TERMINATE_OTHER;
        return *ret_kill || definition->overlap == SCHEDULE_OVERLAP_CANCEL_OTHER;
}

static enum schedule_admission admit_beside(const struct schedule_definition *definition,
                                            const struct schedule_facts *facts)
{
        switch (definition->overlap) {
        case SCHEDULE_OVERLAP_SKIP:
        case SCHEDULE_OVERLAP_ALLOW:
                break;
        case SCHEDULE_OVERLAP_BUFFER_ONE:
        case SCHEDULE_OVERLAP_CANCEL_OTHER:
        case SCHEDULE_OVERLAP_TERMINATE_OTHER:
                return facts->buffered ? SCHEDULE_ADMIT_COALESCE_BUFFERED : SCHEDULE_ADMIT_HOLD_OVERLAP;
        case SCHEDULE_OVERLAP_BUFFER_ALL:
                return facts->buffered < SCHEDULE_BUFFER_MAX ? SCHEDULE_ADMIT_HOLD_OVERLAP
                                                             : SCHEDULE_ADMIT_SKIP_FULL;
        }
        return SCHEDULE_ADMIT_SKIP_OVERLAP;
}

enum schedule_admission schedule_admit(const struct schedule_definition *definition,
                                       const struct schedule_facts *facts)
{
        /* Whoever is buffered goes first. */
        bool beside = facts->active > 0 || facts->buffered > 0;

        if (beside && definition->overlap != SCHEDULE_OVERLAP_ALLOW)
                return admit_beside(definition, facts);
        if (facts->waiting > 0)
                return SCHEDULE_ADMIT_COALESCE_WAITING;
        if (facts->made_up && facts->spread > 0 && definition->catch_up == SCHEDULE_CATCH_UP_LAST)
                return SCHEDULE_ADMIT_COALESCE_SPREAD;
        if (facts->queue_full)
                return SCHEDULE_ADMIT_SKIP_FULL;
        return facts->conditions_met ? SCHEDULE_ADMIT_RUN : SCHEDULE_ADMIT_HOLD_CONDITION;
}

/* ---- the ladder ---- */

static int64_t rung_begins(const struct schedule_definition *definition, int64_t since_us,
                           enum schedule_rung rung)
{
        static const int quarters[] = { 0, 2, 3, 4 };

        return add_saturated(since_us, definition->deadline_us / 4 * quarters[rung]);
}

enum schedule_rung schedule_rung(const struct schedule_definition *definition, int64_t since_us,
                                 int64_t now_us)
{
        int rung = SCHEDULE_RUNG_ESSENTIAL;

        if (definition->deadline_us == 0)
                return SCHEDULE_RUNG_ALL;
        while (rung > SCHEDULE_RUNG_ALL &&
               now_us < rung_begins(definition, since_us, (enum schedule_rung)rung))
                rung--;
        return (enum schedule_rung)rung;
}

int64_t schedule_rung_next(const struct schedule_definition *definition, int64_t since_us, int64_t now_us)
{
        enum schedule_rung rung = schedule_rung(definition, since_us, now_us);

        if (definition->deadline_us == 0 || rung == SCHEDULE_RUNG_ESSENTIAL)
                return 0;
        return rung_begins(definition, since_us, (enum schedule_rung)(rung + 1));
}

/* ---- after a run ---- */

bool schedule_retries(const struct schedule_definition *definition, int64_t attempt, const char *result,
                      int exit_code)
{
        char code[16];

        if (attempt >= definition->retries || strcmp(result, "success") == 0 ||
            strcmp(result, "cancelled") == 0)
                return false;
        if (!definition->retry_on)
                return true;
        snprintf(code, sizeof(code), "%d", exit_code);
        for (size_t i = 0; definition->retry_on[i]; i++)
                if (strcmp(definition->retry_on[i], result) == 0 ||
                    (exit_code >= 0 && strcmp(definition->retry_on[i], code) == 0))
                        return true;
        return false;
}

int64_t schedule_retry_delay_us(const struct schedule_definition *definition, int64_t attempt,
                                uint64_t random)
{
        int64_t delay_us = definition->retry_us[MIN(attempt, (int64_t)SCHEDULE_RETRIES_MAX - 1)];

        return add_saturated(delay_us, spread(delay_us / 100 * definition->retry_jitter, random));
}
