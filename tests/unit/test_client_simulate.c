/* SPDX-License-Identifier: MPL-2.0 */
/* What schedules would do: known schedules and durations, and the exact table. */
#include "config.h"

#include "client/simulate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/simulate_heap.h"
#include "lib/cleanup.h"
#include "lib/util.h"
#include "lib/zone.h"
#include "tests/unit/unit.h"

#define S INT64_C(1000000)
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)
#define BEGIN (INT64_C(1704067200) * S) /* 2024-01-01 00:00 UTC */
#define SCHEDULES 4

static struct {
        struct zones *zones;
        struct schedule_definition definitions[SCHEDULES];
        struct simulate_schedule schedules[SCHEDULES];
        struct simulate_world world;
        struct simulate_result result;
        uint64_t draw;
} test;

static uint64_t same_draw(void *data)
{
        return test.draw;
}

static void setup(void)
{
        memset(&test, 0, sizeof(test));
        ck_assert_int_eq(zones_new(NULL, &test.zones), 0);
        test.world = (struct simulate_world){
                .from_us = BEGIN,
                .until_us = BEGIN + HOUR,
                .running_max = 100,
                .rows_max = 1000,
                .schedules = test.schedules,
                .random = same_draw,
        };
}

static void teardown(void)
{
        simulate_done(&test.result);
        for (size_t i = 0; i < test.world.schedule_count; i++) {
                schedule_times_free((struct schedule_times *)(uintptr_t)test.schedules[i].times);
                schedule_definition_done(&test.definitions[i]);
        }
        zones_free(test.zones);
}

static struct simulate_schedule *add(const char *name, const char *text, int64_t duration_us)
{
        size_t i = test.world.schedule_count++;
        struct schedule_times *times;
        struct error error = ERROR_INIT;

        ck_assert_msg(schedule_definition_parse(text, &test.definitions[i], &error) == 0, "%s", error.text);
        ck_assert_int_eq(schedule_times_new(&test.definitions[i], name, test.zones, &times, &error), 0);
        test.schedules[i] = (struct simulate_schedule){
                .name = name,
                .task = name,
                .definition = &test.definitions[i],
                .times = times,
                .duration_us = duration_us,
        };
        return &test.schedules[i];
}

/* Rows as "NAME NOMINAL START-END OUTCOME:REASON", in minutes, a ";" behind each. */
static const char *table(void)
{
        static char text[4096];
        size_t size = 0;

        ck_assert_int_eq(simulate(&test.world, &test.result), 0);
        text[0] = '\0';
        for (size_t i = 0; i < test.result.row_count; i++) {
                const struct simulate_row *row = &test.result.rows[i];
                size += (size_t)snprintf(text + size, sizeof(text) - size, "%s%s %d", i ? "; " : "",
                                         test.schedules[row->schedule].name,
                                         (int)((row->nominal_us - BEGIN) / MINUTE));
                if (row->count != 1)
                        size += (size_t)snprintf(text + size, sizeof(text) - size, "*%d", (int)row->count);
                if (row->start_us)
                        size += (size_t)snprintf(text + size, sizeof(text) - size, " %d-%d",
                                                 (int)((row->start_us - BEGIN) / MINUTE),
                                                 (int)((row->end_us - BEGIN) / MINUTE));
                size += (size_t)snprintf(text + size, sizeof(text) - size, " %s%s%s",
                                         simulate_outcome_name(row->outcome), row->reason[0] ? ":" : "",
                                         row->reason);
        }
        return text;
}

/* ---- one schedule ---- */

START_TEST(overlaps)
{
        static const struct {
                const char *text;
                int minutes; /* of a run */
                const char *table;
                int overlaps;
        } rows[] = {
                { "EverySec=20min\n", 5, "a 0 0-5 ran; a 20 20-25 ran; a 40 40-45 ran", 0 },
                { "EverySec=20min\n", 20, "a 0 0-20 ran; a 20 20-40 ran; a 40 40-60 ran", 0 },
                { "EverySec=20min\n", 25, "a 0 0-25 ran; a 20 skipped:overlap; a 40 40-65 ran", 1 },
                { "EverySec=20min\nOverlap=allow\n", 25, "a 0 0-25 ran; a 20 20-45 ran; a 40 40-65 ran", 2 },
                { "EverySec=15min\nOverlap=buffer-one\n", 40,
                  "a 0 0-40 ran; a 15 40-80 ran:overlap; a 30 coalesced:overlap; a 45 waits:overlap", 3 },
                { "EverySec=15min\nOverlap=buffer-all\n", 20,
                  "a 0 0-20 ran; a 15 20-40 ran:overlap; a 30 40-60 ran:overlap; a 45 waits:overlap", 3 },
                { "EverySec=20min\nOverlap=cancel-other\n", 25,
                  "a 0 0-20 ended; a 20 20-40 ended:overlap; a 40 40-65 ran:overlap", 2 },
                { "EverySec=20min\nOverlap=terminate-other\n", 70,
                  "a 0 0-20 ended; a 20 20-40 ended:overlap; a 40 40-110 ran:overlap", 2 },
                { "EverySec=20min\nStartAt=@1704067500\nEndAt=@1704069000\n", 1, "a 20 20-21 ran", 0 },
                { "EverySec=20min\nEnabled=no\n", 1, "", 0 },
        };
        const struct simulate_schedule *schedule = add("a", rows[_i].text, rows[_i].minutes * MINUTE);

        ck_assert_str_eq(table(), rows[_i].table);
        ck_assert_int_eq(schedule->overlaps, rows[_i].overlaps);
}
END_TEST
#define OVERLAP_ROWS 10

START_TEST(offset_delay_and_pause)
{
        struct simulate_schedule *schedule = add("a", "EverySec=30min\nRandomizedDelaySec=10min\n", MINUTE);

        /* What is nominal before the beginning and due behind it counts; half of the delay, each time. */
        test.draw = UINT64_MAX / 2 + 1;
        schedule->offset_us = 10 * MINUTE;
        ck_assert_str_eq(table(), "a 0 15-16 ran; a 30 45-46 ran");
        simulate_done(&test.result);
        schedule->offset_us = 31 * MINUTE;
        ck_assert_str_eq(table(), "a -30 6-7 ran; a 0 36-37 ran");
        simulate_done(&test.result);
        schedule->from_us = BEGIN + 20 * MINUTE;
        ck_assert_str_eq(table(), "a 0 36-37 ran");
        simulate_done(&test.result);
        schedule->from_us = INT64_MAX;
        ck_assert_str_eq(table(), "");
}
END_TEST

/* A delay that is longer than the period lets times pass: one run is theirs, too, or each gets one. */
START_TEST(late)
{
        add("a", "EverySec=10min\nRandomizedDelaySec=25min\n", MINUTE);
        test.draw = UINT64_MAX;
        ck_assert_str_eq(
                table(),
                "a 20 25-26 ran; a 0*2 coalesced:late; a 50 55-56 ran:spread; a 30*2 coalesced:late");
}
END_TEST

START_TEST(chains)
{
        add("a", "EverySec=20min\n", 5 * MINUTE);
        add("b", "OnSuccessOf=a\n", 20 * MINUTE);
        add("c", "OnFailureOf=a\n", MINUTE);
        add("d", "OnEndOf=b\n", MINUTE);
        ck_assert_str_eq(table(),
                         "a 0 0-5 ran; b 5 5-25 ran; a 20 20-25 ran; d 25 25-26 ran; b 25 25-45 ran; "
                         "a 40 40-45 ran; d 45 45-46 ran; b 45 45-65 ran");
}
END_TEST

/* ---- several ---- */

START_TEST(slots)
{
        test.world.running_max = 1;
        add("low", "EverySec=1h\n", 10 * MINUTE);
        add("high", "EverySec=1h\nPriority=10\n", 20 * MINUTE);
        add("none", "EverySec=1h\nPhaseSec=5min\n", 5 * MINUTE);
        ck_assert_str_eq(table(), "low 0 20-30 ran; high 0 0-20 ran; none 5 30-35 ran");
        ck_assert_int_eq(test.result.running_peak, 1);
        ck_assert_int_eq(test.result.running_peak_us, BEGIN);
        ck_assert_int_eq(test.result.waited_us, 45 * MINUTE);
        ck_assert_int_eq(test.result.waited_most_us, 25 * MINUTE);
        ck_assert_int_eq(test.result.waited_count, 2);
        ck_assert_int_eq(test.schedules[2].waited_us, 25 * MINUTE);
}
END_TEST

START_TEST(peaks)
{
        test.world.until_us = BEGIN + 3 * HOUR;
        add("a", "EverySec=30min\n", 10 * MINUTE);
        add("b", "EverySec=1h\nPhaseSec=35min\n", MINUTE);
        add("c", "EverySec=5min\nStartAt=@1704070800\nEndAt=@1704073800\n", MINUTE);
        ck_assert_ptr_nonnull(table());
        ck_assert_int_eq(test.result.running_peak, 3);
        ck_assert_int_eq(test.result.running_peak_us, BEGIN + 95 * MINUTE);
        /* Two of a, one of b, eleven of c. */
        ck_assert_int_eq(test.result.hour_peak, 14);
        ck_assert_int_eq(test.result.hour_peak_us, BEGIN + HOUR);
        ck_assert_int_eq(test.schedules[2].outcomes[SIMULATE_RAN], 11);
}
END_TEST

START_TEST(bounded)
{
        struct simulate_result untouched = { .row_count = 7 };

        add("a", "EverySec=1s\n", S);
        ck_assert_int_eq(simulate(&test.world, &untouched), -E2BIG);
        ck_assert_uint_eq(untouched.row_count, 7);
        test.world.rows_max = 3600;
        ck_assert_int_eq(simulate(&test.world, &test.result), 0);
        ck_assert_uint_eq(test.result.row_count, 3600);
}
END_TEST

START_TEST(heap_order)
{
        static const int keys[] = { 5, 3, 9, 3, 1, 7, 3, 0, 5, 2 };
        struct simulate_heap heap = { 0 };
        struct simulate_item item, last = { .key = INT64_MIN };

        for (size_t round = 0; round < 50; round++)
                for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                        ck_assert_int_eq(simulate_heap_push(&heap, keys[i], (int)(i % 2), i), 0);
        for (size_t i = 0; i < 50 * ARRAY_SIZE(keys); i++, last = item) {
                ck_assert(simulate_heap_pop(&heap, &item));
                ck_assert(item.key > last.key || (item.key == last.key && item.class > last.class) ||
                          (item.key == last.key && item.class == last.class && item.order > last.order));
        }
        ck_assert(!simulate_heap_pop(&heap, &item));
        simulate_heap_done(&heap);
}
END_TEST

static void add_tests(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_loop_test(test_case, overlaps, 0, OVERLAP_ROWS);
        tcase_add_test(test_case, offset_delay_and_pause);
        tcase_add_test(test_case, late);
        tcase_add_test(test_case, chains);
        tcase_add_test(test_case, slots);
        tcase_add_test(test_case, peaks);
        tcase_add_test(test_case, bounded);
        tcase_add_test(test_case, heap_order);
}

int main(void)
{
        return unit_main("client_simulate", add_tests);
}
