/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/schedule.h"

#include "tests/unit/unit.h"

#define S INT64_C(1000000)
#define H (3600 * S)

static const struct {
        int64_t anchor, every, at, next, previous;
} grid[] = {
        { 1000 * S, 10 * S, 1000 * S, 1010 * S, 1000 * S },
        { 1000 * S, 10 * S, 1009 * S, 1010 * S, 1000 * S },
        { 1000 * S, 10 * S, 1010 * S - 1, 1010 * S, 1000 * S },
        { 1000 * S, 10 * S, 1010 * S, 1020 * S, 1010 * S },
        { 1000 * S, 10 * S, 1010 * S + 1, 1020 * S, 1010 * S },
        /* Before the anchor the grid goes on: a clock that was set back. */
        { 1000 * S, 10 * S, 995 * S, 1000 * S, 990 * S },
        { 1000 * S, 10 * S, 990 * S, 1000 * S, 990 * S },
        /* Far away, no loop over the times between. */
        { 0, S, INT64_C(1) << 60, ((INT64_C(1) << 60) / S + 1) * S, (INT64_C(1) << 60) / S *S },
        /* Nothing that could be a time. */
        { INT64_MAX - S, 10 * S, INT64_MAX - S, 0, INT64_MAX - S },
        { INT64_MIN, 10 * S, INT64_MAX, 0, 0 },
        { 0, 10 * S, -5 * S, 0, 0 },
        /* Intervals that are refused. */
        { 0, 0, 5 * S, 0, 0 },
        { 0, -S, 5 * S, 0, 0 },
        { 0, S - 1, 5 * S, 0, 0 },
        { 0, SCHEDULE_EVERY_MAX_US + 1, 5 * S, 0, 0 },
};

START_TEST(test_grid)
{
        ck_assert_int_eq(schedule_next(grid[_i].anchor, grid[_i].every, grid[_i].at), grid[_i].next);
        ck_assert_int_eq(schedule_previous(grid[_i].anchor, grid[_i].every, grid[_i].at), grid[_i].previous);
}
END_TEST

static const struct {
        const char *what;
        int64_t every, next, now;
        bool active;
        struct schedule_decision expected;
} decisions[] = {
        { "not yet", H, 2 * H, 2 * H - 1, false, { SCHEDULE_WAIT, 0, 0, 2 * H } },
        { "none kept", H, 0, 2 * H, false, { SCHEDULE_WAIT, 0, 0, 0 } },
        { "on time", H, 2 * H, 2 * H, false, { SCHEDULE_RUN, 2 * H, 0, 3 * H } },
        { "a little late", H, 2 * H, 2 * H + 7, false, { SCHEDULE_RUN, 2 * H, 0, 3 * H } },
        { "missed once", H, 2 * H, 3 * H, false, { SCHEDULE_RUN, 3 * H, 1, 4 * H } },
        { "missed many, run once", H, 2 * H, 100 * H + 5, false, { SCHEDULE_RUN, 100 * H, 98, 101 * H } },
        { "a million missed", S, S, 1000001 * S, false, { SCHEDULE_RUN, 1000001 * S, 1000000, 1000002 * S } },
        { "the one before goes on", H, 2 * H, 2 * H, true, { SCHEDULE_OVERLAP, 2 * H, 0, 3 * H } },
        { "and times were missed", H, 2 * H, 5 * H, true, { SCHEDULE_OVERLAP, 5 * H, 3, 6 * H } },
        { "off the grid", H, 2 * H + 9, 2 * H + 10, false, { SCHEDULE_RUN, 2 * H + 9, 0, 3 * H } },
};

START_TEST(test_decide)
{
        const struct schedule schedule = { .every_us = decisions[_i].every,
                                           .next_at_us = decisions[_i].next };
        const struct schedule_decision *expected = &decisions[_i].expected;
        struct schedule_decision decision = schedule_decide(&schedule, decisions[_i].active,
                                                            decisions[_i].now);

        ck_assert_msg(decision.verdict == expected->verdict, "%s: verdict", decisions[_i].what);
        ck_assert_msg(decision.nominal_us == expected->nominal_us, "%s: nominal", decisions[_i].what);
        ck_assert_msg(decision.missed == expected->missed, "%s: missed", decisions[_i].what);
        ck_assert_msg(decision.next_us == expected->next_us, "%s: next", decisions[_i].what);
        /* A decision is never due again at the same moment. */
        if (decision.verdict != SCHEDULE_WAIT)
                ck_assert_int_gt(decision.next_us, decisions[_i].now);
}
END_TEST

static const struct {
        int64_t next, now, expected;
} clocks[] = {
        { 0, 5 * H, 0 },
        { 6 * H, 5 * H, 6 * H }, /* nothing happened */
        { 6 * H, 5 * H + 1, 6 * H },
        { 6 * H, 100 * H, 6 * H },     /* forward: due now */
        { 6 * H, 5 * H - 1, 5 * H },   /* back by more than an interval */
        { 600 * H, 5 * H + 1, 6 * H }, /* back by days */
        { 600 * H, 5 * H, 6 * H },
};

START_TEST(test_reconsider)
{
        const struct schedule schedule = { .every_us = H, .next_at_us = clocks[_i].next };

        ck_assert_int_eq(schedule_reconsider(&schedule, clocks[_i].now), clocks[_i].expected);
}
END_TEST

/* However often and late somebody looks: each nominal time is served at most once, and in order. */
START_TEST(test_no_time_twice)
{
        struct schedule schedule = { .anchor_at_us = 17, .every_us = 7 * S, .next_at_us = 17 + 7 * S };
        int64_t last = 0, served = 0, missed = 0;
        unsigned random = 12345;

        for (int64_t now = 17; now < 100000 * S; now += (int64_t)(random % 30 + 1) * S / 3) {
                random = random * 1103515245 + 12345;
                struct schedule_decision decision = schedule_decide(&schedule, false, now);
                if (decision.verdict == SCHEDULE_WAIT)
                        continue;
                ck_assert_int_gt(decision.nominal_us, last);
                ck_assert_int_le(decision.nominal_us, now);
                last = decision.nominal_us;
                served++;
                missed += decision.missed;
                schedule.next_at_us = decision.next_us;
        }
        ck_assert_int_eq(served + missed, (last - 17) / schedule.every_us);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_grid, 0, ARRAY_SIZE(grid));
        tcase_add_loop_test(test_case, test_decide, 0, ARRAY_SIZE(decisions));
        tcase_add_loop_test(test_case, test_reconsider, 0, ARRAY_SIZE(clocks));
        tcase_add_test(test_case, test_no_time_twice);
}

int main(void)
{
        return unit_main("schedule", add);
}
