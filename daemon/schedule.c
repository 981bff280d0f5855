/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/schedule.h"

static bool schedule_every_is_valid(int64_t every_us)
{
        return every_us >= SCHEDULE_EVERY_MIN_US && every_us <= SCHEDULE_EVERY_MAX_US;
}

/* Rounded towards minus infinity, so that the grid goes on before the anchor. */
static int64_t divide_down(int64_t a, int64_t b)
{
        return a / b - (a % b < 0 ? 1 : 0);
}

int64_t schedule_previous(int64_t anchor_us, int64_t every_us, int64_t at_us)
{
        int64_t elapsed, span, result;

        if (!schedule_every_is_valid(every_us) || __builtin_sub_overflow(at_us, anchor_us, &elapsed) ||
            __builtin_mul_overflow(divide_down(elapsed, every_us), every_us, &span) ||
            __builtin_add_overflow(anchor_us, span, &result) || result < 0)
                return 0;
        return result;
}

int64_t schedule_next(int64_t anchor_us, int64_t every_us, int64_t after_us)
{
        int64_t elapsed, span, result;

        if (!schedule_every_is_valid(every_us) || __builtin_sub_overflow(after_us, anchor_us, &elapsed) ||
            __builtin_mul_overflow(divide_down(elapsed, every_us) + 1, every_us, &span) ||
            __builtin_add_overflow(anchor_us, span, &result) || result < 0)
                return 0;
        return result;
}

struct schedule_decision schedule_decide(const struct schedule *schedule, bool active, int64_t now_us)
{
        int64_t due_us = schedule->next_at_us;

        if (due_us == 0 || due_us > now_us)
                return (struct schedule_decision){ .verdict = SCHEDULE_WAIT, .next_us = due_us };

        int64_t nominal_us = schedule_previous(schedule->anchor_at_us, schedule->every_us, now_us);
        int64_t missed = 0;
        if (nominal_us < due_us)
                nominal_us = due_us; /* a next time off the grid is kept as it is */
        else
                missed = (nominal_us - due_us) / schedule->every_us;
        return (struct schedule_decision){
                .verdict = active ? SCHEDULE_OVERLAP : SCHEDULE_RUN,
                .nominal_us = nominal_us,
                .missed = missed,
                .next_us = schedule_next(schedule->anchor_at_us, schedule->every_us, now_us),
        };
}

int64_t schedule_reconsider(const struct schedule *schedule, int64_t now_us)
{
        int64_t kept_us = schedule->next_at_us, ahead;

        if (kept_us == 0 || __builtin_sub_overflow(kept_us, now_us, &ahead) || ahead <= schedule->every_us)
                return kept_us;
        int64_t next_us = schedule_next(schedule->anchor_at_us, schedule->every_us, now_us);
        return next_us ? next_us : kept_us;
}
