/* SPDX-License-Identifier: MPL-2.0 */
/* However many schedules there are: what a look does is of what is due alone, and of so much of that at a time. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/scheduler.h"
#include "daemon/store_internal.h"
#include "daemon/store_schedule.h"
#include "daemon/timetable.h"
#include "lib/zone.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/timetable_fixture.h"

static struct timetable *timetable;
static struct zones *zones;

static void setup(void)
{
        fixture_setup();
        ck_assert_int_eq(zones_new(NULL, &zones), 0);
        ck_assert_int_eq(timetable_new(fixture_store, zones, &fixture_hooks, NULL, &timetable), 0);
}

static void teardown(void)
{
        timetable_free(timetable);
        zones_free(zones);
        fixture_teardown();
}

static void add(int from, int to, const char *definition)
{
        json_t *args = json_array();
        char name[16];

        for (int i = from; i < to; i++) {
                struct error error = ERROR_INIT;
                snprintf(name, sizeof(name), "s%06d", i);
                const struct timetable_wish wish = {
                        .name = name, .task = "t", .args = args, .definition = definition, .machine_id = "m"
                };
                ck_assert_msg(timetable_add(timetable, &wish, BEGIN, NULL, &error) == 0, "%s", error.text);
        }
        json_decref(args);
        fixture_commit();
}

/* Steps of SQLite's machine since the last call: they do not depend on time, cache or disk. */
static int64_t steps(void)
{
        int64_t sum = 0;

        for (int i = 0; i < STATEMENT_COUNT; i++)
                if (fixture_store->statements[i])
                        sum += sqlite3_stmt_status(fixture_store->statements[i], SQLITE_STMTSTATUS_VM_STEP,
                                                   1);
        return sum;
}

static int64_t tick_steps(int64_t now_us)
{
        bool more = true;

        steps();
        while (more) {
                ck_assert_int_eq(timetable_tick(timetable, now_us, 64, NULL, &more), 0);
                fixture_commit();
        }
        int64_t wake_us;
        ck_assert_int_eq(timetable_wake_us(timetable, &wake_us), 0);
        return steps();
}

/* The same steps to the last one, with a hundred times as many. */
START_TEST(work_is_of_what_is_due)
{
        int64_t first[2], hundred[2];

        /* The first row of each table is more work. */
        add(300000, 300001, "OnCalendar=2024-01-01 00:30:00\n");
        tick_steps(BEGIN + HOUR / 2);
        for (int round = 0; round < 2; round++) {
                int base = 100000 * (round + 1);
                add(round ? 100 : 0, round ? 10000 : 100, "OnCalendar=*-*-* 12:00:00\n");
                /* Once, then never. */
                add(base, base + 1,
                    round ? "OnCalendar=2024-01-01 03:00:00\n" : "OnCalendar=2024-01-01 01:00:00\n");
                add(base + 1, base + 101,
                    round ? "OnCalendar=2024-01-01 04:00:00\n" : "OnCalendar=2024-01-01 02:00:00\n");
                first[round] = tick_steps(BEGIN + (2 * round + 1) * HOUR);
                hundred[round] = tick_steps(BEGIN + (2 * round + 2) * HOUR);
        }
        ck_assert_int_gt(first[0], 0);
        ck_assert_int_eq(first[0], first[1]);
        ck_assert_int_eq(hundred[0], hundred[1]);
}
END_TEST

START_TEST(one_look_serves_so_many)
{
        int64_t queued = 0;
        bool more = false;

        add(0, 1000, "EverySec=1h\nAnchorAt=@1704067200\n");
        for (int served = 10; served <= 1000; served += 10) {
                ck_assert_int_eq(timetable_tick(timetable, BEGIN + HOUR, 10, NULL, &more), 0);
                fixture_commit();
                ck_assert_int_eq(store_run_count(fixture_store, RUN_QUEUED, &queued), 0);
                ck_assert_int_eq(queued, served);
                ck_assert(more);
        }
        ck_assert_int_eq(timetable_tick(timetable, BEGIN + HOUR, 10, NULL, &more), 0);
        ck_assert(!more);
}
END_TEST

/* From slow to fast and back, within bounds. */
START_TEST(batch_follows_the_time_it_takes)
{
        int batch = 4;

        for (int i = 0; i < 20; i++)
                batch = scheduler_batch(batch, 100);
        ck_assert_int_eq(batch, 256);
        ck_assert_int_eq(scheduler_batch(batch, 2000), 256);
        ck_assert_int_eq(scheduler_batch(batch, 5000), 128);
        for (int i = 0; i < 20; i++)
                batch = scheduler_batch(batch, 50000);
        ck_assert_int_eq(batch, 4);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("timetable-scale");
        TCase *tcase = tcase_create("scale");
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 300);
        tcase_add_test(tcase, work_is_of_what_is_due);
        tcase_add_test(tcase, one_look_serves_so_many);
        tcase_add_test(tcase, batch_follows_the_time_it_takes);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
