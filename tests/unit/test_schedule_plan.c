/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/schedule_plan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "lib/zone.h"
#include "tests/unit/unit.h"

#define S INT64_C(1000000)

/* A definition from its lines, with its times. */
struct subject {
        struct schedule_definition definition;
        struct schedule_times *times;
        struct zones *zones;
};

static struct subject subject_of(const char *text)
{
        struct subject subject;
        struct error error = ERROR_INIT;

        ck_assert_msg(schedule_definition_parse(text, &subject.definition, &error) == 0, "%s", error.text);
        ck_assert_int_eq(zones_new(NULL, &subject.zones), 0);
        ck_assert_int_eq(schedule_times_new(&subject.definition, "x", subject.zones, &subject.times, &error),
                         0);
        return subject;
}

static void subject_done(struct subject *subject)
{
        schedule_times_free(subject->times);
        zones_free(subject->zones);
        schedule_definition_done(&subject->definition);
}

START_TEST(what_is_next)
{
        static const struct {
                const char *text;
                int64_t offset_us, cursor_us;
                uint64_t random;
                struct schedule_next next;
        } rows[] = {
                { "EverySec=10s\n", 0, 100 * S, 0, { 110 * S, 110 * S, 110 * S } },
                { "EverySec=10s\nPhaseSec=3s\n", 0, 100 * S, 0, { 103 * S, 103 * S, 103 * S } },
                { "EverySec=10s\n", 4 * S, 100 * S, 0, { 110 * S, 114 * S, 114 * S } },
                { "EverySec=10s\nAccuracySec=2s\n", 0, 100 * S, 0, { 110 * S, 110 * S, 112 * S } },
                { "EverySec=10s\nFlexSec=3s\n", 0, 100 * S, 0, { 110 * S, 107 * S, 110 * S } },
                { "EverySec=10s\nFlexSec=3s\nAccuracySec=1s\n",
                  2 * S,
                  100 * S,
                  0,
                  { 110 * S, 109 * S, 113 * S } },
                { "EverySec=10s\nRandomizedDelaySec=4s\n", 0, 100 * S, 0, { 110 * S, 110 * S, 110 * S } },
                { "EverySec=10s\nRandomizedDelaySec=4s\n",
                  0,
                  100 * S,
                  UINT64_MAX,
                  { 110 * S, 114 * S, 114 * S } },
                { "EverySec=10s\nRandomizedDelaySec=4s\n",
                  0,
                  100 * S,
                  UINT64_MAX / 2 + 1,
                  { 110 * S, 112 * S, 112 * S } },
                { "EverySec=10s\nEndAt=@115\n", 0, 110 * S, 0, { 0, 0, 0 } },
                { "EverySec=10s\nStartAt=@200\n", 0, 110 * S, 0, { 200 * S, 200 * S, 200 * S } },
                { "EverySec=10s\nEnabled=no\n", 0, 110 * S, 0, { 0, 0, 0 } },
                { "OnBootSec=0\n", 0, 110 * S, 0, { 0, 0, 0 } },
        };
        struct subject subject = subject_of(rows[_i].text);
        struct schedule_next next = schedule_next(&subject.definition, subject.times, rows[_i].offset_us,
                                                  rows[_i].cursor_us, rows[_i].random);

        ck_assert_int_eq(next.nominal_us, rows[_i].next.nominal_us);
        ck_assert_int_eq(next.due_us, rows[_i].next.due_us);
        ck_assert_int_eq(next.latest_us, rows[_i].next.latest_us);
        subject_done(&subject);
}
END_TEST
#define NEXT_ROWS 13

START_TEST(what_passed)
{
        static const struct {
                const char *text;
                int64_t cursor_us, due_us, now_us;
                int64_t missed, first_us, last_us;
                int make_ups;
                int64_t made_us; /* the first of them */
                int64_t current_us, then_us;
        } rows[] = {
                /* In time, and a little late. */
                { "EverySec=10s\n", 100 * S, 110 * S, 110 * S, 0, 0, 0, 0, 0, 110 * S, 110 * S },
                { "EverySec=10s\n", 100 * S, 110 * S, 119 * S, 0, 0, 0, 0, 0, 110 * S, 110 * S },
                { "EverySec=10s\n", 100 * S, 110 * S, 109 * S, 0, 0, 0, 0, 0, 0, 100 * S },
                /* Three passed: the last one is still in time, and serves for the others. */
                { "EverySec=10s\n", 100 * S, 110 * S, 135 * S, 2, 110 * S, 120 * S, 0, 0, 130 * S, 130 * S },
                { "EverySec=10s\nCatchUp=none\n", 100 * S, 110 * S, 135 * S, 2, 110 * S, 120 * S, 0, 0,
                  130 * S, 130 * S },
                { "EverySec=10s\nCatchUp=all\n", 100 * S, 110 * S, 135 * S, 0, 0, 0, 2, 110 * S, 130 * S,
                  130 * S },
                { "EverySec=10s\nCatchUp=all\nCatchUpMax=1\n", 100 * S, 110 * S, 135 * S, 1, 110 * S, 110 * S,
                  1, 120 * S, 130 * S, 130 * S },
                /* None is in time any more. */
                { "EverySec=1h\n", 0, 3600 * S, 10000 * S, 1, 3600 * S, 3600 * S, 1, 7200 * S, 0, 7200 * S },
                { "EverySec=1h\nCatchUp=none\n", 0, 3600 * S, 10000 * S, 2, 3600 * S, 7200 * S, 0, 0, 0,
                  7200 * S },
                { "EverySec=1h\nCatchUp=all\n", 0, 3600 * S, 10000 * S, 0, 0, 0, 2, 3600 * S, 0, 7200 * S },
                { "EverySec=1h\nCatchUpWindowSec=30min\n", 0, 3600 * S, 10000 * S, 2, 3600 * S, 7200 * S, 0,
                  0, 0, 7200 * S },
                { "EverySec=1h\nCatchUp=all\nCatchUpWindowSec=1h\n", 0, 3600 * S, 10000 * S, 1, 3600 * S,
                  3600 * S, 1, 7200 * S, 0, 7200 * S },
                /* AccuracySec= and FlexSec= are time that it has. */
                { "EverySec=1h\nAccuracySec=1h\n", 0, 3600 * S, 10000 * S, 1, 3600 * S, 3600 * S, 0, 0,
                  7200 * S, 7200 * S },
                { "EverySec=1h\nFlexSec=10min\n", 0, 3000 * S, 3001 * S, 0, 0, 0, 0, 0, 3600 * S, 3600 * S },
                /* A delay is of the first alone. */
                { "EverySec=10s\nRandomizedDelaySec=60s\n", 100 * S, 150 * S, 149 * S, 0, 0, 0, 0, 0, 0,
                  100 * S },
                { "EverySec=10s\nRandomizedDelaySec=60s\n", 100 * S, 150 * S, 150 * S, 4, 110 * S, 140 * S, 0,
                  0, 150 * S, 150 * S },
        };
        static struct schedule_passed passed;
        struct subject subject = subject_of(rows[_i].text);
        const struct schedule_look look = {
                .definition = &subject.definition,
                .times = subject.times,
                .cursor_us = rows[_i].cursor_us,
                .due_us = rows[_i].due_us,
                .now_us = rows[_i].now_us,
        };

        schedule_look(&look, &passed);
        ck_assert_int_eq(passed.missed_count, rows[_i].missed);
        if (rows[_i].missed) {
                ck_assert_int_eq(passed.missed_first_us, rows[_i].first_us);
                ck_assert_int_eq(passed.missed_last_us, rows[_i].last_us);
        }
        ck_assert_int_eq(passed.make_ups, rows[_i].make_ups);
        if (rows[_i].make_ups)
                ck_assert_int_eq(passed.make_up[0], rows[_i].made_us);
        ck_assert_int_eq(passed.current_us, rows[_i].current_us);
        ck_assert_int_eq(passed.cursor_us, rows[_i].then_us);
        ck_assert(!passed.more);
        ck_assert(passed.late == (rows[_i].now_us - rows[_i].due_us >
                                  60 * S + subject.definition.accuracy_us + subject.definition.flex_us));
        subject_done(&subject);
}
END_TEST
#define LOOK_ROWS 16

/* However many passed, each is in exactly one place, and the cursor never runs ahead. */
START_TEST(many_passed)
{
        static struct schedule_passed passed;
        struct subject subject = subject_of("EverySec=1s\nCatchUp=all\nCatchUpMax=1000\n");
        struct schedule_look look = {
                .definition = &subject.definition, .times = subject.times, .due_us = S, .now_us = 25000 * S
        };
        int64_t counted = 0, looks = 0;

        do {
                schedule_look(&look, &passed);
                int64_t here = passed.missed_count + passed.make_ups + (passed.current_us != 0);
                ck_assert_int_eq(passed.cursor_us - look.cursor_us, here * S);
                counted += here;
                look.cursor_us = passed.cursor_us;
                look.due_us = look.cursor_us + S;
        } while (passed.more && looks++ < 10);
        ck_assert_int_eq(counted, 25000);
        ck_assert_int_eq(passed.current_us, 25000 * S);
        subject_done(&subject);
}
END_TEST

START_TEST(admit)
{
        static const struct {
                const char *overlap;
                struct schedule_facts facts;
                enum schedule_admission admission;
        } rows[] = {
                { "skip", { 0, 0, 0, true, false, false, 0 }, SCHEDULE_ADMIT_RUN },
                { "skip", { 0, 0, 0, false, false, false, 0 }, SCHEDULE_ADMIT_HOLD_CONDITION },
                { "skip", { 0, 0, 1, false, false, false, 0 }, SCHEDULE_ADMIT_COALESCE_WAITING },
                { "skip", { 0, 0, 0, true, true, false, 0 }, SCHEDULE_ADMIT_SKIP_FULL },
                { "skip", { 0, 0, 0, true, false, true, 0 }, SCHEDULE_ADMIT_RUN },
                { "skip", { 0, 0, 0, true, false, true, 1 }, SCHEDULE_ADMIT_COALESCE_SPREAD },
                { "skip", { 1, 0, 0, true, false, true, 1 }, SCHEDULE_ADMIT_SKIP_OVERLAP },
                { "skip", { 0, 0, 0, true, false, false, 1 }, SCHEDULE_ADMIT_RUN },
                { "skip", { 1, 0, 0, true, false, false, 0 }, SCHEDULE_ADMIT_SKIP_OVERLAP },
                { "buffer-one", { 1, 0, 0, true, false, false, 0 }, SCHEDULE_ADMIT_HOLD_OVERLAP },
                { "buffer-one", { 1, 1, 0, true, false, false, 0 }, SCHEDULE_ADMIT_COALESCE_BUFFERED },
                { "buffer-one", { 0, 1, 0, true, false, false, 0 }, SCHEDULE_ADMIT_COALESCE_BUFFERED },
                { "buffer-all", { 1, 5, 0, true, false, false, 0 }, SCHEDULE_ADMIT_HOLD_OVERLAP },
                { "buffer-all", { 1, 100, 0, true, false, false, 0 }, SCHEDULE_ADMIT_SKIP_FULL },
                { "cancel-other", { 1, 0, 0, true, false, false, 0 }, SCHEDULE_ADMIT_HOLD_OVERLAP },
                { "terminate-other", { 1, 0, 0, true, false, false, 0 }, SCHEDULE_ADMIT_HOLD_OVERLAP },
                { "allow", { 7, 0, 0, true, false, false, 0 }, SCHEDULE_ADMIT_RUN },
                { "allow", { 7, 0, 0, false, false, false, 0 }, SCHEDULE_ADMIT_HOLD_CONDITION },
        };
        struct schedule_definition definition;
        bool kill;

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                schedule_definition_init(&definition);
                ck_assert_int_eq(schedule_definition_set(&definition, "Overlap", rows[i].overlap, NULL), 0);
                ck_assert_msg(schedule_admit(&definition, &rows[i].facts) == rows[i].admission, "row %zu", i);
                ck_assert(schedule_ends_others(&definition, &kill) ==
                          (strstr(rows[i].overlap, "other") != NULL));
                ck_assert(kill == (strcmp(rows[i].overlap, "terminate-other") == 0));
                schedule_definition_done(&definition);
        }
        /* Each is wanted: none becomes one with another. */
        schedule_definition_init(&definition);
        ck_assert_int_eq(schedule_definition_set(&definition, "CatchUp", "all", NULL), 0);
        const struct schedule_facts made_up = { .conditions_met = true, .made_up = true, .spread = 1 };
        ck_assert_int_eq(schedule_admit(&definition, &made_up), SCHEDULE_ADMIT_RUN);
        schedule_definition_done(&definition);
}
END_TEST

/* A fleet that is switched on at once makes up for what it missed as evenly as it works otherwise. */
START_TEST(make_up_waits)
{
        struct subject subject = subject_of("EverySec=7h\n");
        struct subject spread = subject_of("EverySec=7h\nRandomizedOffsetSec=6h\nRandomizedDelaySec=1h\n");

        static struct schedule_passed passed;
        passed.late = true;
        ck_assert_int_eq(schedule_make_up_wait_us(&subject.definition, &passed, UINT64_MAX), 0);
        ck_assert_int_eq(schedule_make_up_wait_us(&spread.definition, &passed, 0), 0);
        ck_assert_int_eq(schedule_make_up_wait_us(&spread.definition, &passed, UINT64_MAX / 2 + 1),
                         12600 * S);
        ck_assert_int_eq(schedule_make_up_wait_us(&spread.definition, &passed, UINT64_MAX), 25200 * S);
        /* Its delay alone was longer than the period: that is enough. */
        passed.late = false;
        ck_assert_int_eq(schedule_make_up_wait_us(&spread.definition, &passed, UINT64_MAX), 0);
        ck_assert_int_eq(schedule_make_up_step_us(0, UINT64_MAX), 0);
        ck_assert_int_eq(schedule_make_up_step_us(1, UINT64_MAX), S - 1);
        ck_assert_int_eq(schedule_make_up_step_us(60, UINT64_MAX), 60 * S - 1);
        ck_assert_int_eq(schedule_make_up_step_us(UINT32_MAX, UINT64_MAX), 60 * S - 1);
        subject_done(&subject);
        subject_done(&spread);
}
END_TEST

START_TEST(ladder)
{
        static const struct {
                int64_t waited_s;
                enum schedule_rung rung;
                int64_t next_s;
        } rows[] = {
                { 0, SCHEDULE_RUNG_ALL, 50 },        { 49, SCHEDULE_RUNG_ALL, 50 },
                { 50, SCHEDULE_RUNG_NO_IDLE, 75 },   { 75, SCHEDULE_RUNG_NO_POWER, 100 },
                { 99, SCHEDULE_RUNG_NO_POWER, 100 }, { 100, SCHEDULE_RUNG_ESSENTIAL, 0 },
                { 999, SCHEDULE_RUNG_ESSENTIAL, 0 },
        };
        struct schedule_definition definition;

        schedule_definition_init(&definition);
        ck_assert_int_eq(schedule_rung(&definition, 0, 999 * S), SCHEDULE_RUNG_ALL);
        ck_assert_int_eq(schedule_rung_next(&definition, 0, 999 * S), 0);
        definition.deadline_us = 100 * S;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                int64_t since_us = 7 * S, now_us = since_us + rows[i].waited_s * S;
                ck_assert_int_eq(schedule_rung(&definition, since_us, now_us), rows[i].rung);
                ck_assert_int_eq(schedule_rung_next(&definition, since_us, now_us),
                                 rows[i].next_s ? since_us + rows[i].next_s * S : 0);
        }
        schedule_definition_done(&definition);
}
END_TEST

START_TEST(retries)
{
        struct subject subject = subject_of("EverySec=1h\nRetrySec=10s 1min\nRetryJitter=50%\n");
        struct subject chosen = subject_of("EverySec=1h\nRetrySec=10s 1min\nRetryOn=timeout 75\n");

        ck_assert(schedule_retries(&subject.definition, 0, "exited", 1));
        ck_assert(schedule_retries(&subject.definition, 1, "killed", -1));
        ck_assert(!schedule_retries(&subject.definition, 2, "exited", 1));
        ck_assert(!schedule_retries(&subject.definition, 0, "success", 0));
        ck_assert(!schedule_retries(&subject.definition, 0, "cancelled", -1));
        ck_assert(schedule_retries(&chosen.definition, 0, "timeout", 4));
        ck_assert(schedule_retries(&chosen.definition, 0, "exited", 75));
        ck_assert(!schedule_retries(&chosen.definition, 0, "exited", 7));
        ck_assert(!schedule_retries(&chosen.definition, 0, "killed", -1));
        ck_assert_int_eq(schedule_retry_delay_us(&subject.definition, 0, 0), 10 * S);
        ck_assert_int_eq(schedule_retry_delay_us(&subject.definition, 1, UINT64_MAX), 90 * S);
        subject_done(&subject);
        subject_done(&chosen);
}
END_TEST

#define GOLDEN INT64_C(3544249785)

/* The same for whom it is the same, and evenly spread over who it is not. */
START_TEST(offsets)
{
        int buckets[10] = { 0 };
        char machine[40];

        ck_assert_int_eq(schedule_offset_us("m", 0, "s", 0), 0);
        ck_assert_int_eq(schedule_offset_us("m", 1, "s", 7 * S), schedule_offset_us("m", 1, "s", 7 * S));
        /* They are for ever: a new version moves no schedule. */
        ck_assert_int_eq(schedule_offset_us("m", 1000, "s", 3600 * S), GOLDEN);
        ck_assert_int_ne(schedule_offset_us("n", 1000, "s", 3600 * S), GOLDEN);
        ck_assert_int_ne(schedule_offset_us("m", 1001, "s", 3600 * S), GOLDEN);
        ck_assert_int_ne(schedule_offset_us("m", 1000, "t", 3600 * S), GOLDEN);
        for (int i = 0; i < 100000; i++) {
                snprintf(machine, sizeof(machine), "%032x", i);
                int64_t offset_us = schedule_offset_us(machine, 1000, "update", 10 * S - 1);
                ck_assert(offset_us >= 0 && offset_us < 10 * S);
                buckets[offset_us / S]++;
        }
        /* 10000 each, with a standard deviation of 95. */
        for (size_t i = 0; i < ARRAY_SIZE(buckets); i++)
                ck_assert(buckets[i] > 9500 && buckets[i] < 10500);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, what_is_next, 0, NEXT_ROWS);
        tcase_add_loop_test(test_case, what_passed, 0, LOOK_ROWS);
        tcase_add_test(test_case, many_passed);
        tcase_add_test(test_case, admit);
        tcase_add_test(test_case, make_up_waits);
        tcase_add_test(test_case, ladder);
        tcase_add_test(test_case, retries);
        tcase_add_test(test_case, offsets);
}

int main(void)
{
        return unit_main("schedule_plan", add);
}
