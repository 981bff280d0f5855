/* SPDX-License-Identifier: MPL-2.0 */
/* Runs in the store: what each call changes, what it refuses, and through which index. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "lib/util.h"
#include "tests/unit/store_fixture.h"

#define NOW 1700000000000000
#define HOUR ((int64_t)3600 * 1000000)

START_TEST(test_run_round_trip)
{
        struct run run = {
                .task = strdup("tásk"),
                .args = json_pack("[sss]", "", "with space\nand line", "\"quoted\""),
                .uid = 4000000000,
                .key = strdup("key-1"),
                .schedule = strdup("nightly"),
                .nominal_at_us = NOW,
                .queued_at_us = NOW + 1,
        };
        ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
        ck_assert_int_eq(run.id, 1);
        int64_t epoch;
        ck_assert_int_eq(store_run_start(fixture_store, run.id, NOW + 2, &epoch), 0);
        ck_assert_int_eq(store_run_running(fixture_store, run.id, epoch, 4194304, NOW + 3), 0);
        run.epoch = epoch;
        run.state = RUN_FINISHED;
        run.result = RUN_RESULT_EXCEPTION;
        run.exit_code = 3;
        run.finished_at_us = NOW + 4;
        run.output_bytes = 1000;
        run.output_dropped = 100;
        run.output_stored = 950;
        run.detail = json_pack("{s:s,s:i}", "message", "it threw", "cpuTimeUs", 1234);
        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
        fixture_reopen();

        struct run read;
        ck_assert_int_eq(store_run_get(fixture_store, run.id, &read), 0);
        ck_assert_str_eq(read.task, "tásk");
        ck_assert(json_equal(read.args, run.args));
        ck_assert_int_eq(read.state, RUN_FINISHED);
        ck_assert_int_eq(read.result, RUN_RESULT_EXCEPTION);
        ck_assert_int_eq(read.epoch, 1);
        ck_assert_int_eq(read.exit_code, 3);
        ck_assert_int_eq(read.signal, 0);
        ck_assert_uint_eq(read.uid, 4000000000);
        ck_assert_str_eq(read.key, "key-1");
        ck_assert_str_eq(read.schedule, "nightly");
        ck_assert_int_eq(read.nominal_at_us, NOW);
        ck_assert_int_eq(read.queued_at_us, NOW + 1);
        ck_assert_int_eq(read.started_at_us, NOW + 3);
        ck_assert_int_eq(read.finished_at_us, NOW + 4);
        ck_assert_int_eq(read.pid, 4194304);
        ck_assert_int_eq(read.output_bytes, 1000);
        ck_assert_int_eq(read.output_dropped, 100);
        ck_assert_int_eq(read.output_stored, 950);
        ck_assert(json_equal(read.detail, run.detail));
        run_done(&read);
        run_done(&run);
}
END_TEST

START_TEST(test_run_key)
{
        struct run first = { .task = strdup("a"), .uid = 1, .key = strdup("k") };
        struct run again = { .task = strdup("b"), .uid = 1, .key = strdup("k") };
        struct run other = { .task = strdup("c"), .uid = 2, .key = strdup("k") };
        ck_assert_int_eq(store_run_add(fixture_store, &first), 0);
        ck_assert_int_eq(store_run_add(fixture_store, &again), STORE_EXISTS);
        ck_assert_int_eq(again.id, first.id);
        ck_assert_str_eq(again.task, "a");
        ck_assert_int_eq(store_run_add(fixture_store, &other), 0);
        ck_assert_int_ne(other.id, first.id);
        int64_t total;
        ck_assert_int_eq(store_run_total(fixture_store, &total), 0);
        ck_assert_int_eq(total, 2);
        run_done(&first);
        run_done(&again);
        run_done(&other);
}
END_TEST

/* A value that the schema refuses changes nothing, and the rest of the group goes on. */
START_TEST(test_run_invalid)
{
        char long_name[200];
        memset(long_name, 'x', sizeof(long_name));
        long_name[sizeof(long_name) - 1] = '\0';
        const struct {
                const char *task, *key;
        } cases[] = { { "", NULL }, { long_name, NULL }, { "ok", "" }, { "ok", long_name } };

        int64_t good = fixture_add("good");
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct run run = { .task = strdup(cases[i].task),
                                   .key = cases[i].key ? strdup(cases[i].key) : NULL };
                ck_assert_int_eq(store_run_add(fixture_store, &run), -EINVAL);
                run_done(&run);
        }
        fixture_commit();
        ck_assert_int_eq(fixture_state(good), RUN_QUEUED);
        int64_t total;
        ck_assert_int_eq(store_run_total(fixture_store, &total), 0);
        ck_assert_int_eq(total, 1);
}
END_TEST

enum change { START, RUNNING, REQUEUE, FINISH };
static const struct {
        enum run_state from;
        enum change change;
        bool taken;
        enum run_state to;
} transitions[] = {
        { RUN_QUEUED, START, true, RUN_STARTING },      { RUN_QUEUED, RUNNING, false, RUN_QUEUED },
        { RUN_QUEUED, REQUEUE, false, RUN_QUEUED },     { RUN_QUEUED, FINISH, true, RUN_CANCELLED },
        { RUN_STARTING, START, false, RUN_STARTING },   { RUN_STARTING, RUNNING, true, RUN_RUNNING },
        { RUN_STARTING, REQUEUE, true, RUN_QUEUED },    { RUN_STARTING, FINISH, true, RUN_CANCELLED },
        { RUN_RUNNING, START, false, RUN_RUNNING },     { RUN_RUNNING, RUNNING, false, RUN_RUNNING },
        { RUN_RUNNING, REQUEUE, true, RUN_QUEUED },     { RUN_RUNNING, FINISH, true, RUN_CANCELLED },
        { RUN_FINISHED, START, false, RUN_FINISHED },   { RUN_FINISHED, RUNNING, false, RUN_FINISHED },
        { RUN_FINISHED, REQUEUE, false, RUN_FINISHED }, { RUN_FINISHED, FINISH, false, RUN_FINISHED },
};

/* Every change from every state: which are taken, and what the counts say then. */
START_TEST(test_run_transitions)
{
        for (size_t i = 0; i < ARRAY_SIZE(transitions); i++) {
                int64_t before[RUN_STATE_COUNT], epoch = 0;
                int64_t id = fixture_add("t");
                if (transitions[i].from != RUN_QUEUED)
                        ck_assert_int_eq(store_run_start(fixture_store, id, NOW, &epoch), 0);
                if (transitions[i].from == RUN_RUNNING)
                        ck_assert_int_eq(store_run_running(fixture_store, id, epoch, 1, NOW), 0);
                struct run end = {
                        .id = id, .epoch = epoch, .state = RUN_FINISHED, .result = RUN_RESULT_SUCCESS
                };
                if (transitions[i].from == RUN_FINISHED)
                        ck_assert_int_eq(store_run_finish(fixture_store, &end), 0);
                for (int state = 0; state < RUN_STATE_COUNT; state++)
                        before[state] = fixture_count((enum run_state)state);

                int r = 0;
                int64_t new_epoch;
                end.state = RUN_CANCELLED;
                end.result = RUN_RESULT_CANCELLED;
                switch (transitions[i].change) {
                case START:
                        r = store_run_start(fixture_store, id, NOW, &new_epoch);
                        break;
                case RUNNING:
                        r = store_run_running(fixture_store, id, epoch, 1, NOW);
                        break;
                case REQUEUE:
                        r = store_run_requeue(fixture_store, &(struct run){ .id = id, .epoch = epoch });
                        break;
                case FINISH:
                        r = store_run_finish(fixture_store, &end);
                        break;
                }
                ck_assert_msg(r == (transitions[i].taken ? 0 : STORE_NOT_FOUND), "case %zu: %d", i, r);
                ck_assert_msg(fixture_state(id) == transitions[i].to, "case %zu: %s", i,
                              run_state_name(fixture_state(id)));
                before[transitions[i].from]--;
                before[transitions[i].to]++;
                for (int state = 0; state < RUN_STATE_COUNT; state++)
                        ck_assert_msg(fixture_count((enum run_state)state) == before[state],
                                      "case %zu: state %d", i, state);
        }

        /* The counts of a fresh look at the database are the same. */
        struct store_counts counts = fixture_store->counts;
        fixture_reopen();
        ck_assert_mem_eq(&counts.states, &fixture_store->counts.states, sizeof(counts.states));
        ck_assert_int_eq(counts.successes, fixture_store->counts.successes);
        ck_assert_int_eq(counts.failures, fixture_store->counts.failures);
        ck_assert_int_eq(counts.output_stored, fixture_store->counts.output_stored);
}
END_TEST

/* An end that belongs to an earlier start is not recorded for a later one. */
START_TEST(test_run_epoch)
{
        int64_t id = fixture_start("t"), epoch = 0;
        ck_assert_int_eq(store_run_requeue(fixture_store, &(struct run){ .id = id, .epoch = 1 }), 0);
        ck_assert_int_eq(store_run_start(fixture_store, id, NOW, &epoch), 0);
        ck_assert_int_eq(epoch, 2);
        ck_assert_int_eq(store_run_running(fixture_store, id, 1, 5, NOW), STORE_NOT_FOUND);
        ck_assert_int_eq(fixture_finish(id, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), STORE_NOT_FOUND);
        ck_assert_int_eq(fixture_state(id), RUN_STARTING);
        ck_assert_int_eq(store_run_requeue(fixture_store, &(struct run){ .id = 999, .epoch = 1 }),
                         STORE_NOT_FOUND);
}
END_TEST

START_TEST(test_run_finish_needs_an_end)
{
        int64_t id = fixture_start("t");
        ck_assert_int_eq(fixture_finish(id, RUN_RUNNING, RUN_RESULT_SUCCESS, NOW), -EINVAL);
        ck_assert_int_eq(fixture_finish(id, RUN_FINISHED, RUN_RESULT_NONE, NOW), -EINVAL);
        ck_assert_int_eq(fixture_state(id), RUN_STARTING);
}
END_TEST

/* One that ended before its task was reached has a process all the same, and nothing else tells of that. */
START_TEST(test_run_end_has_the_process)
{
        int64_t id = fixture_start("t");
        struct run run = { .id = id, .epoch = 1, .state = RUN_FINISHED, .result = RUN_RESULT_SETUP_FAILED };
        run.pid = 4321;
        run.started_at_us = NOW + 5;
        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
        ck_assert_int_eq(store_run_get(fixture_store, id, &run), 0);
        ck_assert_int_eq(run.pid, 4321);
        ck_assert_int_eq(run.started_at_us, NOW + 5);
        run_done(&run);
}
END_TEST

START_TEST(test_run_detail_is_bounded)
{
        int64_t id = fixture_start("t");
        char *large = malloc(STORE_DETAIL_MAX + 1);
        memset(large, 'x', STORE_DETAIL_MAX);
        large[STORE_DETAIL_MAX] = '\0';
        struct run run = { .id = id, .epoch = 1, .state = RUN_FINISHED, .result = RUN_RESULT_EXITED };
        run.detail = json_pack("{s:s}", "message", large);
        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
        json_decref(run.detail);
        free(large);
        ck_assert_int_eq(store_run_get(fixture_store, id, &run), 0);
        ck_assert_str_eq(json_string_value(json_object_get(run.detail, "message")),
                         "the details were too large to keep");
        run_done(&run);
}
END_TEST

static int64_t add_of(uid_t uid)
{
        struct run run = { .task = strdup("t"), .uid = uid };
        ck_assert_int_eq(store_run_add(fixture_store, &run), 0);
        int64_t id = run.id;
        run_done(&run);
        return id;
}

/* Start the run whose turn is after @uid's and return its place in @ids; -1: there is none. */
static int start_next(const int64_t *ids, int count, int64_t *uid)
{
        struct run run = { 0 };
        int r = store_run_next_queued(fixture_store, "", *uid, &run);
        if (r == STORE_NOT_FOUND)
                return -1;
        ck_assert_int_eq(r, 0);
        int64_t id = run.id, epoch;
        *uid = run.uid;
        run_done(&run);
        ck_assert_int_eq(store_run_start(fixture_store, id, NOW, &epoch), 0);
        for (int i = 0; i < count; i++)
                if (ids[i] == id)
                        return i;
        ck_abort_msg("an unknown run");
        return -1;
}

/* Each user's runs in their order, users in turn; whoever has none is passed over. */
START_TEST(test_queue_order)
{
        static const uid_t users[] = { 7, 7, 7, 7, 0, 7, 4000000000, 0, 7, 9 };
        static const int expected[] = { 4, 0, 9, 6, 7, 1, 2, 3, 5, 8 };
        int64_t ids[ARRAY_SIZE(users)], uid = -1;
        for (size_t i = 0; i < ARRAY_SIZE(users); i++)
                ids[i] = add_of(users[i]);
        for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
                int got = start_next(ids, ARRAY_SIZE(users), &uid);
                ck_assert_msg(got == expected[i], "turn %zu: %d", i, got);
        }
        ck_assert_int_eq(start_next(ids, 0, &uid), -1);
        uid = -1;
        ck_assert_int_eq(start_next(ids, 0, &uid), -1);
}
END_TEST

/* What an attempt came to stays with the run, through the queue and to its end. */
START_TEST(test_requeue_keeps_attempts)
{
        int64_t id = fixture_start("t"), epoch = 0;
        struct run run = { 0 };
        ck_assert_int_eq(store_run_running(fixture_store, id, 1, 7, NOW), 0);
        ck_assert_int_eq(store_run_get(fixture_store, id, &run), 0);
        ck_assert_int_eq(run_add_attempt(&run, "why", true), 0);
        ck_assert_int_eq(store_run_requeue(fixture_store, &run), 0);
        run_done(&run);
        fixture_commit();
        ck_assert_int_eq(store_run_get(fixture_store, id, &run), 0);
        ck_assert_int_eq(run.state, RUN_QUEUED);
        ck_assert_int_eq(run.pid, 0);
        ck_assert_int_eq(run.started_at_us, 0);
        ck_assert_uint_eq(run_repeats(&run), 1);
        ck_assert_uint_eq(run_attempts(&run, "why"), 1);
        ck_assert_uint_eq(run_attempts(&run, "another"), 0);
        run_done(&run);
        ck_assert_int_eq(store_run_start(fixture_store, id, NOW, &epoch), 0);
        ck_assert_int_eq(store_run_get(fixture_store, id, &run), 0);
        ck_assert_int_eq(run_add_attempt(&run, "another", false), 0);
        ck_assert_int_eq(store_run_requeue(fixture_store, &run), 0);
        ck_assert_uint_eq(run_repeats(&run), 1);
        ck_assert_uint_eq(run_attempts(&run, "another"), 1);
        run_done(&run);
}
END_TEST

/* No statement of the daily work reads more of a table than it needs or sorts. */
START_TEST(test_statements_use_indexes)
{
        for (size_t i = 0; i < STATEMENT_COUNT; i++) {
                char sql[2048];
                snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", store_statements[i].sql);
                sqlite3_stmt *plan = NULL;
                ck_assert_msg(sqlite3_prepare_v2(fixture_store->db, sql, -1, &plan, NULL) == SQLITE_OK,
                              "%s: %s", store_statements[i].sql, sqlite3_errmsg(fixture_store->db));
                bool scans = false;
                while (sqlite3_step(plan) == SQLITE_ROW) {
                        const char *detail = (const char *)sqlite3_column_text(plan, 3);
                        scans |= strstr(detail, "SCAN") || strstr(detail, "TEMP B-TREE");
                }
                sqlite3_finalize(plan);
                ck_assert_msg(scans <= store_statements[i].scans, "scans or sorts: %s",
                              store_statements[i].sql);
        }
}
END_TEST

/* What a user's own list and the queue's turn look at is found by index, not by reading what others have. */
START_TEST(test_users_are_found_by_index)
{
        static const struct {
                enum store_statement which;
                const char *index;
        } cases[] = {
                { STATEMENT_LIST_USER, "USING INDEX run_user (uid=? AND rowid<?)" },
                { STATEMENT_LIST_USER_ACTIVE, "USING INDEX run_user_active (uid=? AND rowid<?)" },
                { STATEMENT_RUN_NEXT_QUEUED, "USING INDEX run_queue (pool=? AND priority=? AND uid>?)" },
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                char sql[2048];
                snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", store_statements[cases[i].which].sql);
                sqlite3_stmt *plan = NULL;
                ck_assert_int_eq(sqlite3_prepare_v2(fixture_store->db, sql, -1, &plan, NULL), SQLITE_OK);
                ck_assert_int_eq(sqlite3_step(plan), SQLITE_ROW);
                const char *detail = (const char *)sqlite3_column_text(plan, 3);
                ck_assert_msg(strstr(detail, cases[i].index), "%s", detail);
                /* The highest priority there is, besides. */
                while (sqlite3_step(plan) == SQLITE_ROW) {
                        detail = (const char *)sqlite3_column_text(plan, 3);
                        ck_assert_msg(strstr(detail, "SUBQUERY") || strstr(detail, "run_queue (pool=?)"),
                                      "%s", detail);
                }
                sqlite3_finalize(plan);
        }
}
END_TEST

static void counts_check(uid_t uid, int64_t queued, int64_t active, int64_t total)
{
        struct run_counts counts = store_user_counts(fixture_store, uid);
        ck_assert_int_eq(counts.queued, queued);
        ck_assert_int_eq(counts.active, active);
        ck_assert_int_eq(counts.total, total);
}

static void count_removed(int64_t id, void *data)
{
}

START_TEST(test_counts_of_users)
{
        static const struct retention none = { 0, 0, HOUR, HOUR, 0 };
        int64_t first = add_of(5), epoch;
        bool more;
        add_of(5);
        add_of(6);
        counts_check(5, 2, 0, 2);
        ck_assert_int_eq(store_run_start(fixture_store, first, NOW, &epoch), 0);
        counts_check(5, 1, 1, 2);
        ck_assert_int_eq(store_run_running(fixture_store, first, epoch, 9, NOW), 0);
        counts_check(5, 1, 1, 2);
        fixture_reopen();
        counts_check(5, 1, 1, 2);
        ck_assert_int_eq(fixture_finish(first, RUN_FINISHED, RUN_RESULT_SUCCESS, NOW), 0);
        counts_check(5, 1, 0, 2);
        fixture_commit();
        /* What is rolled back has not been counted. */
        first = add_of(5);
        add_of(7);
        counts_check(5, 2, 0, 3);
        ck_assert_int_eq(sqlite3_exec(fixture_store->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        ck_assert_int_lt(store_commit(fixture_store, NULL), 0);
        counts_check(5, 1, 0, 2);
        counts_check(7, 0, 0, 0);
        fixture_reopen();
        counts_check(5, 1, 0, 2);
        counts_check(6, 1, 0, 1);
        first = add_of(6);
        ck_assert_int_eq(store_run_start(fixture_store, first, NOW, &epoch), 0);
        ck_assert_int_eq(fixture_finish(first, RUN_INTERRUPTED, RUN_RESULT_INTERRUPTED, NOW), 0);
        counts_check(6, 1, 0, 2);
        ck_assert_int_eq(store_run_prune(fixture_store, &none, NOW, 100, count_removed, NULL, &more), 0);
        counts_check(5, 1, 0, 1);
        counts_check(6, 1, 0, 1);
        counts_check(99, 0, 0, 0);
}
END_TEST

/* The row of a run never gets longer: it would need room that a full disk does not have. */
START_TEST(test_row_does_not_grow)
{
        static const char *const lengths =
                "SELECT length(state) + length(result) + length(detail) + length(reserve)"
                " + CASE WHEN epoch IN (0, 1) THEN 0 ELSE 1 END + CASE WHEN exit_code IN (0, 1) THEN 0"
                " WHEN exit_code < 128 THEN 1 ELSE 2 END + (signal > 1) + 8 * (started_at_us > 0)"
                " + 8 * (finished_at_us > 0) + 4 * (pid > 0) + 8 * (output_bytes > 0) + 8 * (output_dropped > 0)"
                " + 8 * (output_stored > 0) FROM run WHERE id = ?1";
        sqlite3_stmt *row;
        ck_assert_int_eq(sqlite3_prepare_v2(fixture_store->db, lengths, -1, &row, NULL), SQLITE_OK);
        int64_t id = fixture_add("t"), epoch = 0, last = INT64_MAX;
        char text[81];
        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        struct run end = {
                .id = id,
                .epoch = 2,
                .state = RUN_INTERRUPTED,
                .result = RUN_RESULT_SETUP_FAILED,
                .exit_code = 255,
                .signal = 9,
                .finished_at_us = NOW,
                .output_bytes = INT64_MAX,
                .output_dropped = 1,
                .output_stored = INT64_MAX / 2,
                .detail = json_pack("{s:s}", "message", text),
        };
        for (int step = 0; step < 6; step++) {
                int r = 0;
                switch (step) {
                case 1:
                        r = store_run_start(fixture_store, id, NOW, &epoch);
                        break;
                case 2:
                        r = store_run_requeue(fixture_store, &(struct run){ .id = id, .epoch = 1 });
                        break;
                case 3:
                        r = store_run_start(fixture_store, id, NOW, &epoch);
                        break;
                case 4:
                        r = store_run_running(fixture_store, id, 2, 4194304, NOW);
                        break;
                case 5:
                        r = store_run_finish(fixture_store, &end);
                        break;
                }
                ck_assert_int_eq(r, 0);
                sqlite3_bind_int64(row, 1, id);
                ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
                int64_t length = sqlite3_column_int64(row, 0);
                sqlite3_reset(row);
                ck_assert_msg(length <= last, "step %d: %d bytes", step, (int)length);
                last = length;
        }
        sqlite3_finalize(row);
        json_decref(end.detail);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("store");
        TCase *tcase = tcase_create("rows");
        tcase_add_checked_fixture(tcase, fixture_setup, fixture_teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, test_run_round_trip);
        tcase_add_test(tcase, test_run_key);
        tcase_add_test(tcase, test_run_invalid);
        tcase_add_test(tcase, test_run_transitions);
        tcase_add_test(tcase, test_run_epoch);
        tcase_add_test(tcase, test_run_finish_needs_an_end);
        tcase_add_test(tcase, test_run_end_has_the_process);
        tcase_add_test(tcase, test_run_detail_is_bounded);
        tcase_add_test(tcase, test_queue_order);
        tcase_add_test(tcase, test_requeue_keeps_attempts);
        tcase_add_test(tcase, test_statements_use_indexes);
        tcase_add_test(tcase, test_users_are_found_by_index);
        tcase_add_test(tcase, test_counts_of_users);
        tcase_add_test(tcase, test_row_does_not_grow);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
