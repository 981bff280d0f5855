/* SPDX-License-Identifier: MPL-2.0 */
/* Lists of runs, which of them retention removes, and schedules. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "daemon/store_schedule.h"
#include "lib/util.h"
#include "tests/unit/store_fixture.h"

#define NOW 1700000000000000
#define HOUR ((int64_t)3600 * 1000000)

struct ids {
        int count;
        int64_t values[32];
};

static int ids_add(const struct run *run, void *data)
{
        struct ids *ids = data;
        ck_assert_int_lt(ids->count, (int)ARRAY_SIZE(ids->values));
        ids->values[ids->count++] = run->id;
        return 0;
}

static void add_in_state(const char *task, const char *schedule, enum run_state state, enum run_result result)
{
        int64_t before = 0;
        ck_assert_int_eq(store_run_total(fixture_store, &before), 0);
        /* Users 1 and 2 in turn. */
        struct run run = { .task = strdup(task),
                           .schedule = schedule ? strdup(schedule) : NULL,
                           .uid = (uid_t)(before % 2 + 1) };
        ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
        int64_t epoch = 0;
        if (state != RUN_QUEUED)
                ck_assert_int_eq(store_run_start(fixture_store, run.id, NOW, &epoch), 0);
        if (run_state_is_final(state))
                ck_assert_int_eq(fixture_finish(run.id, state, result, NOW), 0);
        run_done(&run);
}

START_TEST(test_list)
{
        add_in_state("a", NULL, RUN_FINISHED, RUN_RESULT_SUCCESS);        /* 1 */
        add_in_state("a", "s", RUN_FINISHED, RUN_RESULT_EXITED);          /* 2 */
        add_in_state("b", "s", RUN_FINISHED, RUN_RESULT_SUCCESS);         /* 3 */
        add_in_state("b", NULL, RUN_CANCELLED, RUN_RESULT_CANCELLED);     /* 4 */
        add_in_state("a", NULL, RUN_INTERRUPTED, RUN_RESULT_INTERRUPTED); /* 5 */
        add_in_state("b", "s", RUN_STARTING, RUN_RESULT_NONE);            /* 6 */
        add_in_state("a", NULL, RUN_QUEUED, RUN_RESULT_NONE);             /* 7 */

        static const struct {
                struct run_filter filter;
                const char *expected;
        } cases[] = {
                { { NULL, NULL, -1, -1, 0, 100, false, 0 }, "7654321" },
                { { NULL, NULL, -1, -1, 0, 2, false, 0 }, "76" },
                { { NULL, NULL, -1, -1, 3, 100, false, 0 }, "21" },
                { { "a", NULL, -1, -1, 0, 100, false, 0 }, "7521" },
                { { "nobody", NULL, -1, -1, 0, 100, false, 0 }, "" },
                { { NULL, "s", -1, -1, 0, 100, false, 0 }, "632" },
                { { "a", "s", -1, -1, 0, 100, false, 0 }, "2" },
                { { NULL, NULL, -1, 1, 0, 100, false, 0 }, "542" },
                { { NULL, NULL, -1, 0, 0, 100, false, 0 }, "31" },
                { { NULL, NULL, RUN_QUEUED, -1, 0, 100, false, 0 }, "7" },
                { { NULL, NULL, RUN_STARTING, -1, 0, 100, false, 0 }, "6" },
                { { NULL, NULL, RUN_FINISHED, -1, 0, 100, false, 0 }, "321" },
                { { NULL, NULL, RUN_FINISHED, 1, 0, 100, false, 0 }, "2" },
                { { NULL, NULL, RUN_CANCELLED, -1, 0, 100, false, 0 }, "4" },
                { { NULL, NULL, RUN_QUEUED, 1, 0, 100, false, 0 }, "" },
                { { NULL, NULL, RUN_LOST, -1, 0, 100, false, 0 }, "" },
                { { "b", NULL, -1, 0, 0, 100, false, 0 }, "3" },
                { { "a", NULL, -1, 1, 5, 1, false, 0 }, "2" },
                { { NULL, NULL, -1, -1, 0, 0, false, 0 }, "" },
                /* Those of user 2, in each of the forms that an index leads. */
                { { NULL, NULL, -1, -1, 0, 100, true, 2 }, "642" },
                { { NULL, NULL, -1, -1, 6, 1, true, 2 }, "4" },
                { { "b", NULL, -1, -1, 0, 100, true, 2 }, "64" },
                { { NULL, "s", -1, -1, 0, 100, true, 2 }, "62" },
                { { NULL, NULL, RUN_STARTING, -1, 0, 100, true, 2 }, "6" },
                { { NULL, NULL, RUN_QUEUED, -1, 0, 100, true, 2 }, "" },
                { { NULL, NULL, -1, 1, 0, 100, true, 2 }, "42" },
                { { NULL, NULL, -1, 0, 0, 100, true, 1 }, "31" },
                { { NULL, NULL, -1, -1, 0, 100, true, 0 }, "" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct ids ids = { .count = 0 };
                ck_assert_int_eq(store_run_list(fixture_store, &cases[i].filter, ids_add, &ids), 0);
                char text[32] = "";
                for (int j = 0; j < ids.count; j++)
                        text[j] = (char)('0' + ids.values[j]);
                ck_assert_msg(strcmp(text, cases[i].expected) == 0, "case %zu: %s", i, text);
        }
}
END_TEST

static void removed_add(int64_t id, void *data)
{
        struct run run = { .id = id };
        ids_add(&run, data);
}

/* Runs 1 to 8, odd ones successes, even ones failures, each an hour older than the next and 100 bytes large. */
START_TEST(test_prune)
{
        static const struct {
                struct retention retention;
                int batch;
                const char *removed;
                bool more;
        } cases[] = {
                { { 10, 10, 100 * HOUR, 100 * HOUR, 10000 }, 100, "", false },
                { { 2, 10, 100 * HOUR, 100 * HOUR, 10000 }, 100, "13", false },
                { { 10, 1, 100 * HOUR, 100 * HOUR, 10000 }, 100, "246", false },
                { { 0, 0, 100 * HOUR, 100 * HOUR, 10000 }, 3, "135", true },
                { { 0, 10, 100 * HOUR, 100 * HOUR, 10000 }, 4, "1357", false },
                { { 10, 10, 5 * HOUR, 100 * HOUR, 10000 }, 100, "1", false },
                { { 10, 10, 5 * HOUR, 4 * HOUR, 10000 }, 100, "12", false },
                { { 10, 10, 100 * HOUR, 100 * HOUR, 550 }, 100, "135", false },
                { { 10, 10, 100 * HOUR, 100 * HOUR, 300 }, 100, "13572", false },
                { { 10, 10, 100 * HOUR, 100 * HOUR, 0 }, 100, "13572468", false },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                if (i > 0) {
                        fixture_teardown();
                        fixture_setup();
                }
                for (int j = 1; j <= 8; j++) {
                        int64_t id = fixture_start("t");
                        struct run run = {
                                .id = id,
                                .epoch = 1,
                                .state = RUN_FINISHED,
                                .result = j % 2 ? RUN_RESULT_SUCCESS : RUN_RESULT_EXITED,
                                .finished_at_us = NOW - (7 - j) * HOUR,
                                .output_bytes = 100,
                        };
                        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
                }
                fixture_add("never removed: queued");
                fixture_start("never removed: starting");

                struct ids removed = { .count = 0 };
                bool more = !cases[i].more;
                ck_assert_int_eq(store_run_prune(fixture_store, &cases[i].retention, NOW, cases[i].batch,
                                                 removed_add, &removed, &more),
                                 0);
                char text[32] = "";
                for (int j = 0; j < removed.count; j++)
                        text[j] = (char)('0' + removed.values[j]);
                ck_assert_msg(strcmp(text, cases[i].removed) == 0, "case %zu: %s", i, text);
                ck_assert_msg(more == cases[i].more, "case %zu", i);
                ck_assert_msg(store_pending(fixture_store) == (removed.count > 0), "case %zu", i);
                int64_t total;
                fixture_reopen();
                ck_assert_int_eq(store_run_total(fixture_store, &total), 0);
                ck_assert_int_eq(total, 10 - removed.count);
        }
}
END_TEST

/* A removed run's number does not come back, so that nobody takes another run for it. */
START_TEST(test_ids_are_not_used_again)
{
        int64_t id = fixture_start("t");
        ck_assert_int_eq(fixture_finish(id, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), 0);
        struct retention none = { 0, 0, HOUR, HOUR, 0 };
        struct ids removed = { .count = 0 };
        bool more;
        ck_assert_int_eq(store_run_prune(fixture_store, &none, NOW, 10, removed_add, &removed, &more), 0);
        fixture_reopen();
        ck_assert_int_eq(store_run_exists(fixture_store, id), STORE_NOT_FOUND);
        ck_assert_int_gt(fixture_add("t"), id);
}
END_TEST

static int schedule_add(const char *name, int64_t next_us)
{
        struct schedule schedule = {
                .name = strdup(name),
                .task = strdup("t"),
                .args = json_pack("[s]", "x"),
                .definition = strdup("EverySec=1h\n"),
                .pass_why = strdup("added"),
                .pass = 1,
                .pass_from_us = NOW,
                .cursor_us = NOW,
                .next_us = next_us,
                .due_us = next_us,
                .latest_us = next_us ? next_us + HOUR / 2 : 0,
                .uid = 1000,
                .created_at_us = NOW,
        };
        int r = store_schedule_add(fixture_store, &schedule);
        schedule_done(&schedule);
        return r;
}

START_TEST(test_schedules)
{
        struct schedule schedule = { 0 };
        int64_t value;
        ck_assert_int_eq(store_schedule_wake(fixture_store, &value), STORE_NOT_FOUND);
        ck_assert_int_eq(schedule_add("c", NOW + 3 * HOUR), 0);
        ck_assert_int_eq(schedule_add("a", NOW + 2 * HOUR), 0);
        ck_assert_int_eq(schedule_add("b", 0), 0);
        ck_assert_int_eq(schedule_add("a", NOW), STORE_EXISTS);
        ck_assert_int_eq(schedule_add("", NOW), -EINVAL);
        fixture_reopen();

        ck_assert_int_eq(store_schedule_count(fixture_store, &value), 0);
        ck_assert_int_eq(value, 3);
        char names[16] = "";
        while (store_schedule_behind(fixture_store, names[0] ? names + strlen(names) - 1 : "", &schedule) ==
               0) {
                strcat(names, schedule.name);
                schedule_done(&schedule);
        }
        ck_assert_str_eq(names, "abc");
        ck_assert_int_eq(store_schedule_wake(fixture_store, &value), 0);
        ck_assert_int_eq(value, NOW + 2 * HOUR + HOUR / 2);

        ck_assert_int_eq(store_schedule_due(fixture_store, NOW + 2 * HOUR - 1, &schedule), STORE_NOT_FOUND);
        ck_assert_int_eq(store_schedule_due(fixture_store, NOW + 4 * HOUR, &schedule), 0);
        ck_assert_str_eq(schedule.name, "a");
        ck_assert_str_eq(schedule.definition, "EverySec=1h\n");
        ck_assert_int_eq(schedule.cursor_us, NOW);
        schedule.due_us = schedule.latest_us = NOW + 9 * HOUR;
        schedule.paused_why = strdup("why");
        ck_assert_int_eq(store_schedule_update(fixture_store, &schedule), 0);
        schedule_done(&schedule);
        ck_assert_int_eq(store_schedule_due(fixture_store, NOW + 4 * HOUR, &schedule), 0);
        ck_assert_str_eq(schedule.name, "c");
        ck_assert_int_eq(store_schedule_remove(fixture_store, schedule.id), 0);
        ck_assert_int_eq(store_schedule_remove(fixture_store, schedule.id), STORE_NOT_FOUND);
        ck_assert_int_eq(store_schedule_update(fixture_store, &schedule), STORE_NOT_FOUND);
        schedule_done(&schedule);
        ck_assert_int_eq(store_schedule_get(fixture_store, "c", &schedule), STORE_NOT_FOUND);
        ck_assert_int_eq(store_schedule_get(fixture_store, "a", &schedule), 0);
        ck_assert_int_eq(schedule.due_us, NOW + 9 * HOUR);
        ck_assert_str_eq(schedule.paused_why, "why");
        schedule_done(&schedule);
}
END_TEST

/* Held runs are none that are queued, and become such. */
START_TEST(test_held)
{
        struct run run = { .state = RUN_HELD, .task = strdup("t") }, next = { 0 };
        ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
        ck_assert_int_eq(run.state, RUN_HELD);
        ck_assert_int_eq(fixture_count(RUN_HELD), 1);
        ck_assert_int_eq(store_run_next_queued(fixture_store, "", -1, &next), STORE_NOT_FOUND);
        ck_assert_int_eq(store_run_release(fixture_store, run.id, NOW + 5), 0);
        ck_assert_int_eq(store_run_release(fixture_store, run.id, NOW + 5), STORE_NOT_FOUND);
        ck_assert_int_eq(store_run_next_queued(fixture_store, "", -1, &next), 0);
        ck_assert_int_eq(next.id, run.id);
        ck_assert_int_eq(next.queued_at_us, NOW + 5);
        ck_assert_int_eq(fixture_count(RUN_QUEUED), 1);
        run_done(&next);
        run_done(&run);
}
END_TEST

static int64_t pool_add(const char *pool, uid_t uid, int32_t priority)
{
        struct run run = { .task = strdup("t"), .uid = uid, .pool = strdup(pool), .priority = priority };
        ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
        int64_t id = run.id;
        run_done(&run);
        return id;
}

static void pool_check(const char *pool, int64_t queued, int64_t running)
{
        struct pool_load load = store_pool_load(fixture_store, pool);
        ck_assert_str_eq(load.name, pool);
        ck_assert_int_eq(load.queued, queued);
        ck_assert_int_eq(load.running, running);
}

static int64_t pool_start(const char *pool, int64_t *uid)
{
        struct run run = { 0 };
        int64_t epoch;
        int r = store_run_next_queued(fixture_store, pool, *uid, &run);
        if (r == STORE_NOT_FOUND)
                return -1;
        ck_assert_int_eq(r, 0);
        ck_assert_str_eq(run.pool, pool);
        int64_t id = run.id;
        *uid = run.uid;
        ck_assert_int_eq(store_run_start(fixture_store, id, NOW, &epoch), 0);
        run_done(&run);
        return id;
}

/* In a pool the highest priority goes first, of one priority users take turns; what other pools have does not count. */
START_TEST(test_pool_order)
{
        static const struct {
                const char *pool;
                uid_t uid;
                int32_t priority;
        } runs[] = {
                { "a", 1, 0 }, { "a", 1, 0 },  { "a", 2, 0 }, { "a", 1, 9 }, { "a", 3, -1 },
                { "b", 1, 5 }, { "", 1, 100 }, { "a", 2, 9 }, { "a", 2, 0 },
        };
        static const int expected[] = { 3, 7, 0, 2, 1, 8, 4 };
        int64_t ids[ARRAY_SIZE(runs)], uid = -1;
        for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
                ids[i] = pool_add(runs[i].pool, runs[i].uid, runs[i].priority);
        for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
                ck_assert_int_eq(pool_start("a", &uid), ids[expected[i]]);
        ck_assert_int_eq(pool_start("a", &uid), -1);
        ck_assert_int_eq(pool_start("b", &uid), ids[5]);
        ck_assert_int_eq(pool_start("", &uid), ids[6]);
        ck_assert_int_eq(pool_start("none", &uid), -1);
}
END_TEST

static void pool_count(const struct pool_load *load, void *data)
{
        ck_assert(load->queued > 0 || load->running > 0);
        ++*(int *)data;
}

/* What is known of pools without asking is what the rows say, over rollbacks and restarts. */
START_TEST(test_pool_counts)
{
        int64_t uid = -1;
        int busy = 0;
        pool_check("a", 0, 0);
        pool_add("a", 1, 0);
        pool_add("a", 1, 0);
        pool_add("", 1, 0);
        int64_t id = pool_start("a", &uid);
        pool_check("a", 1, 1);
        ck_assert_int_eq(store_run_running(fixture_store, id, 1, 9, NOW), 0);
        pool_check("a", 1, 1);
        fixture_commit();
        fixture_reopen();
        pool_check("a", 1, 1);
        pool_check("", 1, 0);
        struct run held = { .state = RUN_HELD, .task = strdup("t"), .pool = strdup("b") };
        ck_assert_int_eq(store_run_add(fixture_store, &held), 0);
        pool_check("b", 0, 0);
        ck_assert_int_eq(store_run_release(fixture_store, held.id, NOW + 5), 0);
        pool_check("b", 1, 0);
        run_done(&held);
        ck_assert_int_eq(fixture_finish(id, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), 0);
        pool_check("a", 1, 0);
        store_pool_each(fixture_store, pool_count, &busy);
        ck_assert_int_eq(busy, 3);
        /* What is rolled back has not been counted. */
        ck_assert_int_eq(sqlite3_exec(fixture_store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        ck_assert_int_lt(store_commit(fixture_store, NULL), 0);
        pool_check("a", 1, 1);
        pool_check("b", 0, 0);
        busy = 0;
        store_pool_each(fixture_store, pool_count, &busy);
        ck_assert_int_eq(busy, 2);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("store-history");
        TCase *tcase = tcase_create("rows");
        tcase_add_checked_fixture(tcase, fixture_setup, fixture_teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, test_list);
        tcase_add_test(tcase, test_prune);
        tcase_add_test(tcase, test_ids_are_not_used_again);
        tcase_add_test(tcase, test_schedules);
        tcase_add_test(tcase, test_held);
        tcase_add_test(tcase, test_pool_order);
        tcase_add_test(tcase, test_pool_counts);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
