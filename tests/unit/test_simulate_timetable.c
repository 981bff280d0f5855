/* SPDX-License-Identifier: MPL-2.0 */
/* What the client's simulation says, and what the daemon's timetable does with the same schedules and durations, its clock
 * being wound from event to event: the same runs at the same times, and the same became of all other nominal times. */
#include "config.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "client/simulate.h"
#include "daemon/store_internal.h"
#include "daemon/store_schedule.h"
#include "daemon/timetable.h"
#include "lib/cleanup.h"
#include "lib/util.h"
#include "lib/zone.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/timetable_fixture.h"
#include "tests/unit/unit.h"

#define FROM (INT64_C(1711756800) * S) /* 2024-03-30 00:00 UTC: a day before clocks in Europe are set */
#define UNTIL (FROM + 72 * HOUR)
#define SCHEDULES 4
#define RUNS_MAX 4096

static const struct story {
        struct {
                const char *name, *text;
                int minutes;
        } schedules[SCHEDULES];
        int running_max;
} stories[] = {
        { { { "a", "EverySec=20min\n", 5 } }, 100 },
        { { { "a", "EverySec=20min\n", 50 } }, 100 },
        { { { "a", "EverySec=20min\nOverlap=allow\n", 50 } }, 100 },
        { { { "a", "EverySec=20min\nOverlap=allow\n", 50 } }, 2 },
        { { { "a", "EverySec=20min\nOverlap=buffer-one\n", 50 } }, 100 },
        { { { "a", "EverySec=20min\nOverlap=buffer-all\n", 21 } }, 100 },
        { { { "a", "EverySec=10min\nOverlap=buffer-all\n", 120 } }, 100 },
        { { { "a", "EverySec=20min\nOverlap=cancel-other\n", 50 } }, 100 },
        { { { "a", "EverySec=20min\nOverlap=terminate-other\n", 30 } }, 100 },
        { { { "a", "OnCalendar=*:0/15\nExceptCalendar=*-*-* 3..4:*\nTimeZone=Europe/Berlin\n", 20 } }, 100 },
        { { { "a", "OnCalendar=02:30\nTimeZone=Europe/Berlin\n", 1 },
            { "b", "Cron=H */2 * * *\n", 7 },
            { "c", "EverySec=1h\nPhaseSec=15min\nFlexSec=10min\nAccuracySec=5min\n", 59 } },
          100 },
        { { { "low", "EverySec=30min\nPriority=-5\n", 25 },
            { "high", "EverySec=30min\nPriority=5\n", 20 },
            { "other", "EverySec=7min\nOverlap=buffer-one\n", 6 } },
          1 },
        { { { "low", "EverySec=30min\nPriority=-5\nOverlap=cancel-other\n", 25 },
            { "high", "EverySec=20min\nPriority=5\n", 20 },
            { "other", "EverySec=7min\nOverlap=allow\n", 6 } },
          2 },
        { { { "a", "EverySec=1h\nStartAt=@1711760400\nEndAt=@1711900000\n", 5 },
            { "b", "OnSuccessOf=a\n", 90 },
            { "c", "OnEndOf=b\nOverlap=buffer-one\n", 100 },
            { "d", "OnFailureOf=a\n", 1 } },
          3 },
};

static struct {
        const struct story *story;
        struct timetable *timetable;
        struct zones *zones;
        int64_t now_us;
        struct {
                int64_t id, epoch, ends_us;
        } runs[RUNS_MAX];
        size_t run_count;
        char *begun; /* what began, a line each */
        size_t begun_size;
        FILE *out;
} world;
static struct timetable_hooks hooks;

/* ---- the daemon's side ---- */

static int64_t duration_of(const char *name)
{
        for (size_t i = 0; i < SCHEDULES; i++)
                if (strcmp(world.story->schedules[i].name, name) == 0)
                        return world.story->schedules[i].minutes * MINUTE;
        ck_abort_msg("no schedule %s", name);
}

/* What was ended: at once, as somebody else's run. */
static int64_t ended[RUNS_MAX];
static size_t ended_count;

static void hook_end(int64_t run_id, bool kill, void *data)
{
        ended[ended_count++] = run_id;
}

static void finish(size_t index, bool cancelled)
{
        struct run run = { 0 };

        ck_assert_int_eq(store_run_get(fixture_store, world.runs[index].id, &run), 0);
        run.state = cancelled ? RUN_CANCELLED : RUN_FINISHED;
        run.result = cancelled ? RUN_RESULT_CANCELLED : RUN_RESULT_SUCCESS;
        run.exit_code = cancelled ? -1 : 0;
        run.finished_at_us = world.now_us;
        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
        fprintf(world.out, "%s %d-%d\n", run.schedule, (int)((run.started_at_us - FROM) / MINUTE),
                (int)((world.now_us - FROM) / MINUTE));
        world.runs[index] = world.runs[--world.run_count];
        ck_assert_int_eq(timetable_run_ended(world.timetable, &run, world.now_us), 0);
        run_done(&run);
}

/* Runs that were ended for others; one that had not begun is cancelled where it is. */
static void end_ended(void)
{
        for (size_t i = 0; i < ended_count; i++) {
                struct run run = { 0 };
                size_t index = 0;
                while (index < world.run_count && world.runs[index].id != ended[i])
                        index++;
                if (index < world.run_count) {
                        finish(index, true);
                        continue;
                }
                ck_assert_int_eq(store_run_get(fixture_store, ended[i], &run), 0);
                if (run.state == RUN_QUEUED) {
                        run.state = RUN_CANCELLED;
                        run.result = RUN_RESULT_CANCELLED;
                        run.exit_code = -1;
                        run.finished_at_us = world.now_us;
                        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
                        ck_assert_int_eq(timetable_run_ended(world.timetable, &run, world.now_us), 0);
                }
                run_done(&run);
        }
        ended_count = 0;
}

static void begin_runs(void)
{
        while (world.run_count < (size_t)world.story->running_max) {
                struct run run = { 0 };
                if (store_run_next_queued(fixture_store, "", -1, &run) != STORE_OK)
                        return;
                ck_assert_int_eq(store_run_start(fixture_store, run.id, world.now_us, &run.epoch), 0);
                world.runs[world.run_count].id = run.id;
                world.runs[world.run_count].epoch = run.epoch;
                world.runs[world.run_count++].ends_us = world.now_us + duration_of(run.schedule);
                run_done(&run);
        }
}

/* The first run to end, NULL: none is under way; of several the one that began first. */
static size_t first_to_end(void)
{
        size_t first = world.run_count;

        for (size_t i = 0; i < world.run_count; i++)
                if (first == world.run_count || world.runs[i].ends_us < world.runs[first].ends_us ||
                    (world.runs[i].ends_us == world.runs[first].ends_us &&
                     world.runs[i].id < world.runs[first].id))
                        first = i;
        return first;
}

static bool step(void)
{
        int64_t wake_us = 0, next_us = INT64_MAX;
        bool more = true;
        size_t first = first_to_end();

        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        if (wake_us)
                next_us = wake_us;
        if (first < world.run_count)
                next_us = MIN(next_us, world.runs[first].ends_us);
        if (next_us >= UNTIL)
                return false;
        world.now_us = next_us;
        while ((first = first_to_end()) < world.run_count && world.runs[first].ends_us <= next_us)
                finish(first, false);
        while (more)
                ck_assert_int_eq(timetable_tick(world.timetable, next_us, 64, NULL, &more), 0);
        end_ended();
        begin_runs();
        return true;
}

static void timetable_add_all(void)
{
        json_t *args = json_array();

        for (size_t i = 0; i < SCHEDULES && world.story->schedules[i].name; i++) {
                struct error error = ERROR_INIT;
                const struct timetable_wish wish = {
                        .name = world.story->schedules[i].name,
                        .task = world.story->schedules[i].name,
                        .args = args,
                        .definition = world.story->schedules[i].text,
                        .uid = 7,
                        .machine_id = "m",
                };
                ck_assert_msg(timetable_add(world.timetable, &wish, FROM - 1, NULL, &error) == 0, "%s",
                              error.text);
        }
        json_decref(args);
}

/* What became of nominal times, and of events. */
static int row_count(const struct occurrence *occurrence, void *data)
{
        int64_t *outcomes = data;

        outcomes[occurrence->outcome] += occurrence->count;
        return 0;
}

/* ---- both ---- */

static void simulate_add(struct simulate_schedule *schedule, struct schedule_definition *definition, size_t i)
{
        struct schedule_times *times;
        const char *name = world.story->schedules[i].name;

        ck_assert_int_eq(schedule_definition_parse(world.story->schedules[i].text, definition, NULL), 0);
        ck_assert_int_eq(schedule_times_new(definition, name, world.zones, &times, NULL), 0);
        *schedule = (struct simulate_schedule){
                .name = name,
                .task = name,
                .definition = definition,
                .times = times,
                .duration_us = world.story->schedules[i].minutes * MINUTE,
        };
}

static int line_compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of @text in order, "\n" between. */
static char *sorted(char *text)
{
        static char *lines[8 * RUNS_MAX];
        size_t count = 0;
        char *at = text, *result = NULL;
        size_t size;

        for (char *line; (line = strsep(&at, "\n")) && *line;)
                lines[count++] = line;
        qsort(lines, count, sizeof(*lines), line_compare);
        FILE *out = open_memstream(&result, &size);
        for (size_t i = 0; i < count; i++)
                fprintf(out, "%s\n", lines[i]);
        fclose(out);
        return result;
}

static char *simulated_runs(const struct simulate_world *simulated, const struct simulate_result *result)
{
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        for (size_t i = 0; i < result->row_count; i++) {
                const struct simulate_row *row = &result->rows[i];
                if (row->start_us && row->end_us < UNTIL)
                        fprintf(out, "%s %d-%d\n", simulated->schedules[row->schedule].name,
                                (int)((row->start_us - FROM) / MINUTE), (int)((row->end_us - FROM) / MINUTE));
        }
        fclose(out);
        return text;
}

static void outcomes_compare(const struct simulate_world *simulated, const struct simulate_result *result)
{
        for (size_t i = 0; i < simulated->schedule_count; i++) {
                const struct simulate_schedule *schedule = &simulated->schedules[i];
                int64_t rows[OCCURRENCE_OUTCOME_COUNT] = { 0 }, waits = 0, queued = 0;
                struct schedule stored = { 0 };
                ck_assert_int_eq(store_schedule_get(fixture_store, schedule->name, &stored), 0);
                const int64_t passes[] = { 0, stored.pass }; /* of events, and of the clock */
                for (size_t k = 0; k < ARRAY_SIZE(passes); k++)
                        ck_assert_int_eq(store_occurrence_list(fixture_store, stored.id, passes[k], INT64_MIN,
                                                               row_count, rows),
                                         0);
                schedule_done(&stored);
                for (size_t k = 0; k < result->row_count; k++)
                        if (result->rows[k].schedule == i && result->rows[k].outcome == SIMULATE_WAITS)
                                (*(result->rows[k].active ? &queued : &waits))++;
                ck_assert_int_eq(rows[OCCURRENCE_HELD], waits);
                ck_assert_int_eq(rows[OCCURRENCE_RAN], schedule->outcomes[SIMULATE_RAN] +
                                                               schedule->outcomes[SIMULATE_ENDED] + queued);
                ck_assert_int_eq(rows[OCCURRENCE_SKIPPED], schedule->outcomes[SIMULATE_SKIPPED]);
                ck_assert_int_eq(rows[OCCURRENCE_COALESCED], schedule->outcomes[SIMULATE_COALESCED]);
                ck_assert_int_eq(rows[OCCURRENCE_MISSED], schedule->outcomes[SIMULATE_MISSED]);
        }
}

START_TEST(the_same)
{
        struct schedule_definition definitions[SCHEDULES];
        struct simulate_schedule schedules[SCHEDULES];
        struct simulate_world simulated = {
                .from_us = FROM,
                .until_us = UNTIL,
                .running_max = stories[_i].running_max,
                .rows_max = 100000,
                .schedules = schedules,
                .random = fixture_random,
        };
        struct simulate_result result;

        memset(&world, 0, sizeof(world));
        world.story = &stories[_i];
        world.now_us = FROM - 1;
        ck_assert_int_eq(zones_new(NULL, &world.zones), 0);
        hooks = fixture_hooks;
        hooks.end_run = hook_end;
        ck_assert_int_eq(timetable_new(fixture_store, world.zones, &hooks, NULL, &world.timetable), 0);
        sqlite3_exec(fixture_store->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
        world.out = open_memstream(&world.begun, &world.begun_size);
        timetable_add_all();
        while (step())
                ;
        fixture_commit();
        fclose(world.out);

        for (; simulated.schedule_count < SCHEDULES && stories[_i].schedules[simulated.schedule_count].name;
             simulated.schedule_count++)
                simulate_add(&schedules[simulated.schedule_count], &definitions[simulated.schedule_count],
                             simulated.schedule_count);
        ck_assert_int_eq(simulate(&simulated, &result), 0);
        _cleanup_free_ char *text = simulated_runs(&simulated, &result), *said = sorted(text),
                            *done = sorted(world.begun);
        ck_assert_str_eq(said, done);
        ck_assert_str_ne(done, "");
        outcomes_compare(&simulated, &result);

        simulate_done(&result);
        for (size_t i = 0; i < simulated.schedule_count; i++) {
                schedule_times_free((struct schedule_times *)(uintptr_t)schedules[i].times);
                schedule_definition_done(&definitions[i]);
        }
        free(world.begun);
        timetable_free(world.timetable);
        zones_free(world.zones);
}
END_TEST

static void add_tests(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, fixture_setup, fixture_teardown);
        tcase_add_loop_test(test_case, the_same, 0, (int)ARRAY_SIZE(stories));
}

int main(void)
{
        return unit_main("simulate_timetable", add_tests);
}
