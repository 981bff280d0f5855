/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The timetable in a world of its own: a real store, a clock that is moved by hand, runs that end when the test says so.
 * The year at the end drives a hundred schedules through it, with a clock that is set, suspends, and a store that loses
 * what was not committed; then each row of the ledger is held against the nominal times.
 */
#include "config.h"

#include "daemon/timetable.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_internal.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/schedule_audit.h"
#include "lib/zone.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/timetable_fixture.h"
#include "tests/unit/unit.h"

#define RUNS_MAX 512
#define OPEN INT64_MIN /* the pass that a schedule is in */

static struct {
        struct timetable *timetable;
        struct zones *zones;
        int64_t now_us;
        uint64_t random; /* state of the generator of the year; 0: all draws are 0 */
        bool conditions, room;
        struct {
                int64_t id, epoch, ends_at_us;
        } runs[RUNS_MAX];
        size_t run_count;
        int64_t ended[RUNS_MAX];
        bool killed[RUNS_MAX];
        size_t ended_count;
        char notes[4096];
        unsigned triggers_changed;
} world;

/* ---- the world ---- */

static uint64_t draw(void)
{
        world.random ^= world.random << 13;
        world.random ^= world.random >> 7;
        world.random ^= world.random << 17;
        return world.random;
}

static int64_t draw_to(int64_t most)
{
        return (int64_t)(draw() % (uint64_t)(most + 1));
}

static uint64_t hook_random(void *data)
{
        return world.random ? draw() : 0;
}

static bool hook_conditions(const struct schedule_definition *definition, enum schedule_rung rung, void *data)
{
        return world.conditions || (definition->deadline_us && rung == SCHEDULE_RUNG_ESSENTIAL);
}

static bool hook_room(const struct schedule_definition *definition, void *data)
{
        return world.room;
}

static void hook_end(int64_t run_id, bool kill, void *data)
{
        ck_assert_uint_lt(world.ended_count, ARRAY_SIZE(world.ended));
        world.killed[world.ended_count] = kill;
        world.ended[world.ended_count++] = run_id;
}

static void hook_note(const char *text, void *data)
{
        size_t size = strlen(world.notes);

        if (size + strlen(text) + 2 < sizeof(world.notes))
                sprintf(world.notes + size, "%s\n", text);
}

static void hook_triggers(void *data)
{
        world.triggers_changed++;
}

static const struct timetable_hooks hooks = {
        .random = hook_random,
        .conditions_met = hook_conditions,
        .queue_has_room = hook_room,
        .end_run = hook_end,
        .note = hook_note,
        .triggers_changed = hook_triggers,
};

static void world_open(void)
{
        ck_assert_int_eq(timetable_new(fixture_store, world.zones, &hooks, NULL, &world.timetable), 0);
}

static void setup(void)
{
        fixture_setup();
        memset(&world, 0, sizeof(world));
        world.now_us = BEGIN;
        world.conditions = world.room = true;
        ck_assert_int_eq(zones_new(NULL, &world.zones), 0);
        world_open();
}

static void teardown(void)
{
        timetable_free(world.timetable);
        zones_free(world.zones);
        fixture_teardown();
}

static void conditions_changed(void)
{
        bool more = true;

        for (bool restart = true; more; restart = false)
                ck_assert_int_eq(timetable_conditions_changed(world.timetable, world.now_us, restart, &more),
                                 0);
}

static void tick_late(const char *late)
{
        bool more = true;

        while (more) {
                ck_assert_int_eq(timetable_tick(world.timetable, world.now_us, 64, late, &more), 0);
                fixture_commit();
        }
}

static void tick_at(int64_t at_us)
{
        world.now_us = at_us;
        tick_late(NULL);
}

static int wish(const char *name, const char *definition, bool edit, struct error *error)
{
        json_t *args = json_array();
        const struct timetable_wish value = {
                .name = name, .task = "t", .args = args, .definition = definition, .uid = 7, .machine_id = "m"
        };
        int r = edit ? timetable_edit(world.timetable, &value, world.now_us, NULL, error)
                     : timetable_add(world.timetable, &value, world.now_us, NULL, error);
        json_decref(args);
        fixture_commit();
        return r;
}

static void add(const char *name, const char *definition)
{
        struct error error = ERROR_INIT;

        ck_assert_msg(wish(name, definition, false, &error) == 0, "%s", error.text);
}

static struct schedule get(const char *name)
{
        struct schedule schedule = { 0 };

        ck_assert_int_eq(store_schedule_get(fixture_store, name, &schedule), 0);
        return schedule;
}

/* Rows of a schedule's pass as text: "skipped:overlap×2 ran", the newest last. */
static int row_each(const struct occurrence *occurrence, void *data)
{
        char *text = data;
        size_t size = strlen(text);

        snprintf(text + size, 512 - size, "%s%s%s%s", size ? " " : "",
                 occurrence_outcome_name(occurrence->outcome), occurrence->reason[0] ? ":" : "",
                 occurrence->reason);
        if (occurrence->count != 1)
                snprintf(text + strlen(text), 512 - strlen(text), "*%" PRId64, occurrence->count);
        return 0;
}

static const char *rows(const char *name, int64_t pass)
{
        static char text[512];
        struct schedule schedule = get(name);

        text[0] = '\0';
        ck_assert_int_eq(store_occurrence_list(fixture_store, schedule.id,
                                               pass == OPEN ? schedule.pass : pass, INT64_MIN, row_each,
                                               text),
                         0);
        schedule_done(&schedule);
        return text;
}

/* Begin what is queued; how many were. */
static int begin_runs(int64_t duration_us)
{
        int count = 0;

        for (;;) {
                struct run run = { 0 };
                if (store_run_next_queued(fixture_store, "", -1, &run) != STORE_OK)
                        return count;
                ck_assert_uint_lt(world.run_count, RUNS_MAX);
                ck_assert_int_eq(store_run_start(fixture_store, run.id, world.now_us, &run.epoch), 0);
                world.runs[world.run_count].id = run.id;
                world.runs[world.run_count].epoch = run.epoch;
                world.runs[world.run_count++].ends_at_us = world.now_us + duration_us;
                run_done(&run);
                count++;
        }
}

static void end_run(size_t index, enum run_state state, enum run_result result)
{
        struct run run = { 0 };

        ck_assert_int_eq(store_run_get(fixture_store, world.runs[index].id, &run), 0);
        run.state = state;
        run.result = result;
        run.exit_code = result == RUN_RESULT_SUCCESS ? 0 : 1;
        run.finished_at_us = MAX(world.now_us, run.started_at_us);
        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
        ck_assert_int_eq(timetable_run_ended(world.timetable, &run, world.now_us), 0);
        run_done(&run);
        world.runs[index] = world.runs[--world.run_count];
        fixture_commit();
}

static void succeed(void)
{
        ck_assert_uint_gt(world.run_count, 0);
        end_run(0, RUN_FINISHED, RUN_RESULT_SUCCESS);
}

static void fail_run(void)
{
        ck_assert_uint_gt(world.run_count, 0);
        end_run(0, RUN_FINISHED, RUN_RESULT_EXITED);
}

/* ---- one thing at a time ---- */

START_TEST(elapses)
{
        int64_t wake_us = 0;

        add("s", "EverySec=1h\n");
        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        ck_assert_int_eq(wake_us, BEGIN + HOUR);
        tick_at(BEGIN + HOUR - 1);
        ck_assert_str_eq(rows("s", OPEN), "");
        tick_at(BEGIN + HOUR);
        ck_assert_str_eq(rows("s", OPEN), "ran");
        ck_assert_int_eq(begin_runs(S), 1);
        succeed();
        tick_at(BEGIN + 2 * HOUR);
        ck_assert_str_eq(rows("s", OPEN), "ran ran");
        struct run run = { 0 };
        ck_assert_int_eq(store_run_get(fixture_store, 2, &run), 0);
        ck_assert_int_eq(run.nominal_at_us, BEGIN + 2 * HOUR);
        ck_assert_str_eq(run.schedule, "s");
        ck_assert_int_eq(run.uid, 7);
        run_done(&run);
}
END_TEST

static int64_t queued_at(int64_t run_id)
{
        struct run run = { 0 };

        ck_assert_int_eq(store_run_get(fixture_store, run_id, &run), 0);
        int64_t at_us = run.queued_at_us;
        run_done(&run);
        return at_us;
}

/* Decided about ahead of the wall clock, a run begins at its time and not before; one that has none begins at once. */
START_TEST(ahead_of_the_clock)
{
        const int64_t lead_us = 30000;
        static struct timetable_hooks ahead;

        ahead = hooks;
        ahead.lead_us = lead_us;
        timetable_free(world.timetable);
        ck_assert_int_eq(timetable_new(fixture_store, world.zones, &ahead, NULL, &world.timetable), 0);
        add("s", "EverySec=1h\nRetrySec=1min\nRetryJitter=0%\n");
        add("event", "OnNetworkUp=yes\n");

        /* Looked at before its time, as ever; then so late that its time is over. */
        tick_at(BEGIN + HOUR + 5000);
        ck_assert_int_eq(queued_at(1), BEGIN + HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        world.now_us = BEGIN + HOUR + S;
        fail_run();
        ck_assert_int_eq(timetable_event(world.timetable, TRIGGER_NETWORK, "", world.now_us), 0);
        ck_assert_int_eq(begin_runs(S), 1);
        ck_assert_int_eq(queued_at(3), BEGIN + HOUR + S - lead_us);
        succeed();
        tick_at(BEGIN + HOUR + S + MINUTE + 4000);
        ck_assert_int_eq(begin_runs(S), 1); /* the retry */
        ck_assert_int_eq(queued_at(2), BEGIN + HOUR + S + MINUTE);
        succeed();
        tick_at(BEGIN + 2 * HOUR + 2 * lead_us);
        ck_assert_int_eq(queued_at(4), BEGIN + 2 * HOUR + lead_us);
}
END_TEST

START_TEST(missed)
{
        static const struct {
                const char *more, *rows;
                int runs;
        } table[] = {
                { "", "coalesced:stopped*4 ran", 1 },
                { "CatchUp=none\n", "missed:stopped*5", 0 },
                { "CatchUp=all\nOverlap=allow\n", "ran ran ran ran ran", 5 },
                { "CatchUp=all\nOverlap=skip\n", "ran skipped:overlap*4", 1 },
                { "CatchUp=all\nCatchUpMax=2\nOverlap=buffer-all\n", "missed:stopped*3 ran held:overlap", 1 },
                { "CatchUpWindowSec=10min\n", "missed:stopped*5", 0 },
        };
        _cleanup_free_ char *definition = format_string("EverySec=1h\n%s", table[_i].more);

        add("s", definition);
        world.now_us = BEGIN + 5 * HOUR + 30 * MINUTE;
        tick_late("stopped");
        /* The first may begin at once; those after it are spread, over no time with draws of 0. */
        ck_assert_str_eq(rows("s", OPEN), table[_i].rows);
        ck_assert_int_eq(begin_runs(S), table[_i].runs);
        /* The next one is as it would have been. */
        struct schedule schedule = get("s");
        ck_assert_int_eq(schedule.next_us, BEGIN + 6 * HOUR);
        schedule_done(&schedule);
}
END_TEST

/* One of a fleet: what was missed waits for its share of the spans, and a start in between adds no other. */
START_TEST(missed_by_many)
{
        world.random = UINT64_C(0x123456789abcdef);
        add("s", "EverySec=1h\nRandomizedOffsetSec=12h\n");
        world.now_us = BEGIN + 20 * HOUR;
        tick_late("stopped");
        ck_assert_str_eq(rows("s", OPEN), "coalesced:stopped*13 held:spread");
        ck_assert_int_eq(begin_runs(S), 0);
        world.now_us += 90 * MINUTE;
        tick_late("stopped");
        ck_assert_str_eq(rows("s", OPEN), "coalesced:stopped*13 held:spread coalesced:spread");
        tick_at(BEGIN + 32 * HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
}
END_TEST

START_TEST(overlaps)
{
        static const struct {
                const char *overlap, *rows;
                int ended;
                bool killed;
                const char *after; /* the other has ended */
                int released;
        } table[] = {
                { "skip", "ran skipped:overlap*2", 0, false, "ran skipped:overlap*2", 0 },
                { "allow", "ran ran ran", 0, false, "ran ran ran", 0 },
                { "buffer-one", "ran held:overlap coalesced:overlap", 0, false, "ran ran coalesced:overlap",
                  1 },
                { "buffer-all", "ran held:overlap held:overlap", 0, false, "ran ran held:overlap", 1 },
                { "cancel-other", "ran held:overlap coalesced:overlap", 1, false, "ran ran coalesced:overlap",
                  1 },
                { "terminate-other", "ran held:overlap coalesced:overlap", 1, true,
                  "ran ran coalesced:overlap", 1 },
        };
        _cleanup_free_ char *definition = format_string("EverySec=1h\nOverlap=%s\n", table[_i].overlap);

        add("s", definition);
        tick_at(BEGIN + HOUR);
        ck_assert_int_eq(begin_runs(DAY), 1);
        tick_at(BEGIN + 2 * HOUR);
        tick_at(BEGIN + 3 * HOUR);
        ck_assert_str_eq(rows("s", OPEN), table[_i].rows);
        ck_assert_uint_eq(world.ended_count, (size_t)table[_i].ended);
        if (table[_i].ended)
                ck_assert(world.killed[0] == table[_i].killed);
        begin_runs(DAY);
        end_run(0, RUN_FINISHED, RUN_RESULT_SUCCESS);
        ck_assert_str_eq(rows("s", OPEN), table[_i].after);
        ck_assert_int_eq(begin_runs(DAY), table[_i].released);
}
END_TEST

START_TEST(runs_by_hand_count)
{
        struct schedule schedule;
        int64_t run_id = 0;

        add("s", "EverySec=1h\n");
        schedule = get("s");
        ck_assert_int_eq(timetable_run_now(world.timetable, &schedule, 9, world.now_us, &run_id), 0);
        ck_assert_int_eq(timetable_run_now(world.timetable, &schedule, 9, world.now_us, &run_id),
                         TIMETABLE_UNCHANGED);
        tick_at(BEGIN + HOUR);
        ck_assert_str_eq(rows("s", OPEN), "skipped:overlap");
        ck_assert_int_eq(begin_runs(S), 1);
        succeed();
        tick_at(BEGIN + 2 * HOUR);
        ck_assert_str_eq(rows("s", OPEN), "skipped:overlap ran");
        schedule_done(&schedule);
}
END_TEST

/* A run that lost a condition runs again, is no failure, and its ladder goes on from where it was. */
START_TEST(conditions_lost)
{
        int64_t wake_us = 0;

        add("s", "EverySec=1d\nDeadlineSec=8h\nConditionNetwork=yes\nPauseAfterFailures=1\nRetrySec=1min\n");
        tick_at(BEGIN + DAY);
        ck_assert_int_eq(begin_runs(S), 1);
        int64_t first = world.runs[0].id;
        world.conditions = false;
        world.now_us += HOUR;
        end_run(0, RUN_CANCELLED, RUN_RESULT_CONDITION_LOST);
        ck_assert_str_eq(rows("s", OPEN), "ran");
        ck_assert_int_eq(begin_runs(S), 0);
        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        ck_assert_int_eq(wake_us, BEGIN + DAY + 4 * HOUR);
        world.conditions = true;
        conditions_changed();
        ck_assert_int_eq(begin_runs(S), 1);
        ck_assert_int_ne(world.runs[0].id, first);
        succeed();
        ck_assert_str_eq(rows("s", OPEN), "ran");
        struct schedule schedule = get("s");
        ck_assert_int_eq(schedule.failures, 0);
        ck_assert_int_eq(schedule.paused_at_us, 0);
        schedule_done(&schedule);
        /* At once, if all of them hold again by then. */
        tick_at(BEGIN + 2 * DAY);
        ck_assert_int_eq(begin_runs(S), 1);
        end_run(0, RUN_CANCELLED, RUN_RESULT_CONDITION_LOST);
        ck_assert_int_eq(begin_runs(S), 1);
        /* One that is cancelled while it waits again leaves that the time had its run. */
        world.conditions = false;
        end_run(0, RUN_CANCELLED, RUN_RESULT_CONDITION_LOST);
        struct scheduled_run held;
        struct run run = { 0 };
        ck_assert_int_eq(store_scheduled_run_held(fixture_store, HOLD_CONDITION, 0, &held), 0);
        ck_assert_int_eq(store_run_get(fixture_store, held.run_id, &run), 0);
        run.state = RUN_CANCELLED;
        run.result = RUN_RESULT_CANCELLED;
        run.finished_at_us = world.now_us;
        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
        ck_assert_int_eq(timetable_run_ended(world.timetable, &run, world.now_us), 0);
        run_done(&run);
        ck_assert_str_eq(rows("s", OPEN), "ran ran");
}
END_TEST

START_TEST(conditions)
{
        int64_t wake_us = 0;

        add("s", "EverySec=1h\nDeadlineSec=8h\nConditionNetwork=yes\n");
        world.conditions = false;
        tick_at(BEGIN + HOUR);
        tick_at(BEGIN + 2 * HOUR);
        ck_assert_str_eq(rows("s", OPEN), "held:condition coalesced:condition");
        ck_assert_int_eq(begin_runs(S), 0);
        conditions_changed();
        ck_assert_int_eq(begin_runs(S), 0);
        world.conditions = true;
        conditions_changed();
        ck_assert_str_eq(rows("s", OPEN), "ran coalesced:condition");
        ck_assert_int_eq(begin_runs(S), 1);
        succeed();
        /* The last rung is there at the deadline, whatever else. */
        world.conditions = false;
        for (int hour = 3; hour < 11; hour++)
                tick_at(BEGIN + hour * HOUR);
        ck_assert_int_eq(begin_runs(S), 0);
        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        ck_assert_int_eq(wake_us, BEGIN + 11 * HOUR);
        tick_at(BEGIN + 11 * HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        ck_assert_str_eq(rows("s", OPEN), "ran coalesced:condition ran coalesced:condition*8");
}
END_TEST

START_TEST(retries)
{
        add("s", "EverySec=1d\nRetrySec=10min 1h\nPauseAfterFailures=2\n");
        tick_at(BEGIN + DAY);
        ck_assert_int_eq(begin_runs(S), 1);
        fail_run();
        ck_assert_int_eq(begin_runs(S), 0);
        tick_at(BEGIN + DAY + 10 * MINUTE);
        ck_assert_int_eq(begin_runs(S), 1);
        fail_run();
        tick_at(BEGIN + DAY + 70 * MINUTE);
        ck_assert_int_eq(begin_runs(S), 1);
        fail_run();
        struct schedule schedule = get("s");
        ck_assert_int_eq(schedule.failures, 1);
        ck_assert_int_eq(schedule.paused_at_us, 0);
        schedule_done(&schedule);
        /* A retry does not take the place of the next one. */
        tick_at(BEGIN + 2 * DAY);
        ck_assert_int_eq(begin_runs(S), 1);
        succeed();
        schedule = get("s");
        ck_assert_int_eq(schedule.failures, 0);
        schedule_done(&schedule);
        for (int day = 3; day < 5; day++) {
                tick_at(BEGIN + day * DAY);
                for (int attempt = 0; attempt < 3; attempt++) {
                        ck_assert_int_eq(begin_runs(S), 1);
                        fail_run();
                        tick_at(world.now_us + HOUR);
                }
        }
        schedule = get("s");
        ck_assert_int_ne(schedule.paused_at_us, 0);
        ck_assert_str_eq(schedule.paused_why, "2 runs failed one after another");
        schedule_done(&schedule);
        tick_at(BEGIN + 9 * DAY);
        ck_assert_int_eq(begin_runs(S), 0);
        schedule = get("s");
        ck_assert_int_eq(timetable_resume(world.timetable, &schedule, world.now_us), 0);
        schedule_done(&schedule);
        ck_assert_str_eq(rows("s", OPEN), "ran ran ran ran skipped:paused*5");
}
END_TEST

START_TEST(pauses)
{
        struct schedule schedule;
        int64_t wake_us = 1;

        add("s", "EverySec=1h\n");
        schedule = get("s");
        ck_assert_int_eq(timetable_pause(world.timetable, &schedule, 3, "holiday", 0, world.now_us), 0);
        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        ck_assert_int_eq(wake_us, 0);
        tick_at(BEGIN + 5 * HOUR);
        ck_assert_int_eq(timetable_settle(world.timetable, &schedule, world.now_us), 0);
        ck_assert_str_eq(rows("s", OPEN), "skipped:paused*5");
        /* Until a time. */
        ck_assert_int_eq(timetable_pause(world.timetable, &schedule, 3, NULL, BEGIN + 8 * HOUR + MINUTE,
                                         world.now_us),
                         0);
        schedule_done(&schedule);
        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        ck_assert_int_eq(wake_us, BEGIN + 8 * HOUR + MINUTE);
        tick_at(wake_us);
        ck_assert_str_eq(rows("s", OPEN), "skipped:paused*8");
        tick_at(BEGIN + 9 * HOUR);
        ck_assert_str_eq(rows("s", OPEN), "skipped:paused*8 ran");
}
END_TEST

/* What passed in years of a pause is accounted for without a step for each. */
START_TEST(pauses_long)
{
        struct schedule schedule;

        add("s", "EverySec=1s\n");
        schedule = get("s");
        ck_assert_int_eq(timetable_pause(world.timetable, &schedule, 3, NULL, 0, world.now_us), 0);
        world.now_us += 3000 * DAY + S / 2;
        ck_assert_int_eq(timetable_resume(world.timetable, &schedule, world.now_us), 0);
        ck_assert_int_eq(schedule.next_us, BEGIN + 3000 * DAY + S);
        schedule_done(&schedule);
        ck_assert_str_eq(rows("s", OPEN), "skipped:paused*-1");
}
END_TEST

START_TEST(edits)
{
        struct error error = ERROR_INIT;

        add("s", "EverySec=1h\n");
        tick_at(BEGIN + HOUR);
        /* The same again touches nothing. */
        ck_assert_int_eq(wish("s", "EverySec=1h\n", true, &error), TIMETABLE_UNCHANGED);
        /* Something else, with the same times: they go on. */
        ck_assert_int_eq(wish("s", "EverySec=1h\nDescription=x\n", true, &error), 0);
        struct schedule schedule = get("s");
        ck_assert_int_eq(schedule.pass, 2);
        ck_assert_int_eq(schedule.pass_from_us, BEGIN + HOUR);
        schedule_done(&schedule);
        /* Other times count from now. */
        world.now_us += 30 * MINUTE;
        ck_assert_int_eq(wish("s", "EverySec=20min\n", true, &error), 0);
        ck_assert_str_eq(rows("s", 1), "ran");
        ck_assert_int_eq(begin_runs(S), 1);
        succeed();
        tick_at(BEGIN + 2 * HOUR);
        ck_assert_str_eq(rows("s", OPEN), "coalesced:late ran");
        /* What is wrong changes nothing. */
        ck_assert_int_eq(wish("s", "EverySec=1h\nOnEndOf=t\n", true, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "without end"));
        ck_assert_int_eq(wish("none", "EverySec=1h\n", true, &error), STORE_NOT_FOUND);
        ck_assert_int_eq(wish("s", "EverySec=1h\n", false, &error), STORE_EXISTS);
}
END_TEST

START_TEST(removes)
{
        struct schedule schedule;
        int64_t count = 1, first;

        add("s", "EverySec=1h\nOverlap=buffer-one\n");
        tick_at(BEGIN + HOUR);
        begin_runs(DAY);
        tick_at(BEGIN + 2 * HOUR);
        schedule = get("s");
        ck_assert_int_eq(timetable_remove(world.timetable, &schedule, world.now_us), 0);
        /* The one that waits is ended; the one under way goes on. */
        ck_assert_uint_eq(world.ended_count, 1);
        ck_assert_int_eq(world.ended[0], 2);
        succeed();
        ck_assert_int_eq(store_scheduled_run_count(fixture_store, schedule.id, HOLD_NONE, &count, &first), 0);
        ck_assert_int_eq(count, 0);
        schedule_done(&schedule);
        ck_assert_int_eq(store_schedule_get(fixture_store, "s", &schedule), STORE_NOT_FOUND);
}
END_TEST

START_TEST(backfills)
{
        struct schedule schedule;

        add("s", "EverySec=1h\n");
        tick_at(BEGIN + HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        schedule = get("s");
        ck_assert_int_eq(
                timetable_backfill(world.timetable, &schedule, 7, BEGIN - 3 * HOUR, BEGIN, world.now_us), 0);
        tick_late(NULL);
        ck_assert_int_eq(begin_runs(S), 0);
        for (int i = 0; i < 3; i++) {
                struct run run = { 0 };
                succeed();
                tick_late(NULL);
                ck_assert_int_eq(begin_runs(S), 1);
                ck_assert_int_eq(store_run_get(fixture_store, world.runs[0].id, &run), 0);
                ck_assert_int_eq(run.nominal_at_us, BEGIN - (2 - i) * HOUR);
                run_done(&run);
        }
        succeed();
        tick_late(NULL);
        ck_assert_int_eq(begin_runs(S), 0);
        ck_assert_str_eq(rows("s", OPEN), "ran");
        ck_assert_str_eq(rows("s", -world.now_us), "ran ran ran");
        schedule_done(&schedule);
}
END_TEST

START_TEST(chains)
{
        struct error error = ERROR_INIT;
        json_t *args = json_array();
        struct timetable_wish other = { .name = "after",
                                        .task = "u",
                                        .args = args,
                                        .definition = "OnSuccessOf=t\n",
                                        .uid = 7,
                                        .machine_id = "m" };

        add("s", "EverySec=1h\n");
        ck_assert_int_eq(timetable_add(world.timetable, &other, world.now_us, NULL, &error), 0);
        /* t is followed by u; t may not follow u. */
        other.name = "back";
        other.task = "t";
        other.definition = "OnEndOf=u\n";
        ck_assert_int_eq(timetable_add(world.timetable, &other, world.now_us, NULL, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "without end"));
        json_decref(args);
        tick_at(BEGIN + HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        fail_run();
        ck_assert_int_eq(begin_runs(S), 0);
        tick_at(BEGIN + 2 * HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        succeed();
        ck_assert_str_eq(rows("after", 0), "ran");
        ck_assert_int_eq(begin_runs(S), 1);
}
END_TEST

/* Who follows on which end. One that was cancelled has neither succeeded nor failed. */
START_TEST(chains_by_end)
{
        static const struct {
                enum run_state state;
                enum run_result result;
                bool success, failure, end;
        } table[] = {
                { RUN_FINISHED, RUN_RESULT_SUCCESS, true, false, true },
                { RUN_FINISHED, RUN_RESULT_EXITED, false, true, true },
                { RUN_FINISHED, RUN_RESULT_TIMEOUT, false, true, true },
                { RUN_CANCELLED, RUN_RESULT_CANCELLED, false, false, true },
                { RUN_INTERRUPTED, RUN_RESULT_INTERRUPTED, false, true, true },
                { RUN_LOST, RUN_RESULT_INTERRUPTED, false, true, true },
                { RUN_CANCELLED, RUN_RESULT_CONDITION_LOST, false, false, true },
        };
        static const char *const keys[] = { "OnSuccessOf", "OnFailureOf", "OnEndOf" };
        json_t *args = json_array();

        add("s", "EverySec=1h\n");
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                _cleanup_free_ char *definition = format_string("%s=t\n", keys[i]);
                struct error error = ERROR_INIT;
                const struct timetable_wish wish = { .name = keys[i],
                                                     .task = "u",
                                                     .args = args,
                                                     .definition = definition,
                                                     .machine_id = "m" };
                ck_assert_int_eq(timetable_add(world.timetable, &wish, world.now_us, NULL, &error), 0);
        }
        json_decref(args);
        tick_at(BEGIN + HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        end_run(0, table[_i].state, table[_i].result);
        ck_assert_str_eq(rows("OnSuccessOf", 0), table[_i].success ? "ran" : "");
        ck_assert_str_eq(rows("OnFailureOf", 0), table[_i].failure ? "ran" : "");
        ck_assert_str_eq(rows("OnEndOf", 0), table[_i].end ? "ran" : "");
}
END_TEST

/* Those that may wait a little share one look. */
START_TEST(wakes_coalesce)
{
        int64_t wake_us = 0;

        add("first", "EverySec=1h\nAccuracySec=10min\n");
        add("second", "EverySec=1h\nPhaseSec=4min\nAccuracySec=10min\n");
        add("third", "EverySec=1h\nPhaseSec=12min\nAccuracySec=10min\n");
        tick_at(BEGIN + 59 * MINUTE);
        ck_assert_str_eq(rows("third", OPEN), "ran");
        begin_runs(0);
        while (world.run_count)
                succeed();
        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        ck_assert_int_eq(wake_us, BEGIN + HOUR + 10 * MINUTE);
        tick_at(wake_us);
        ck_assert_int_eq(begin_runs(S), 2);
        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        ck_assert_int_eq(wake_us, BEGIN + HOUR + 22 * MINUTE);
        /* One that is exact wakes them, too. */
        while (world.run_count)
                succeed();
        add("exact", "EverySec=1h\nPhaseSec=15min\n");
        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        ck_assert_int_eq(wake_us, BEGIN + HOUR + 15 * MINUTE);
        tick_at(wake_us);
        ck_assert_int_eq(begin_runs(S), 2);
}
END_TEST

/* The offset is the same each time, the delay is drawn anew. */
START_TEST(offsets_and_delays)
{
        int64_t offset_us = -1, delays[8];
        int different = 0;

        world.random = UINT64_C(0x123456789abcdef);
        add("s", "EverySec=1h\nRandomizedOffsetSec=10min\nRandomizedDelaySec=10min\n");
        add("only-offset", "EverySec=1h\nRandomizedOffsetSec=10min\n");
        for (size_t i = 0; i < ARRAY_SIZE(delays); i++) {
                struct schedule schedule = get("s"), other = get("only-offset");
                if (i == 0)
                        offset_us = schedule.offset_us;
                ck_assert_int_eq(schedule.offset_us, offset_us);
                ck_assert_int_eq(other.due_us - other.next_us, other.offset_us);
                ck_assert_int_ne(other.offset_us, offset_us);
                delays[i] = schedule.due_us - schedule.next_us - offset_us;
                ck_assert(delays[i] >= 0 && delays[i] <= 10 * MINUTE);
                different += i > 0 && delays[i] != delays[i - 1];
                schedule_done(&schedule);
                schedule_done(&other);
                tick_at(BEGIN + ((int64_t)i + 1) * HOUR + 30 * MINUTE);
                begin_runs(0);
                while (world.run_count)
                        succeed();
        }
        ck_assert_int_eq(different, ARRAY_SIZE(delays) - 1);
}
END_TEST

static bool new_boot; /* what start() was told */

/* To the end; returns how many calls that took. */
static int start(const char *boot_id, int64_t boot_at_us)
{
        bool more = true;
        int calls = 0;

        for (; more; calls++) {
                ck_assert_int_eq(timetable_start(world.timetable, world.now_us, boot_id, boot_at_us,
                                                 &new_boot, &more),
                                 0);
                fixture_commit();
        }
        return calls;
}

#define BOOTS 100

/* However many wait for a boot, they are seen to a few at a time; and once, though the daemon ends meanwhile. */
START_TEST(boots_in_batches)
{
        char name[16];
        bool more = true;

        for (int i = 0; i < BOOTS; i++) {
                snprintf(name, sizeof(name), "s%03d", i);
                add(name, "OnBootSec=10min\n");
        }
        ck_assert_int_eq(timetable_start(world.timetable, world.now_us, "boot-1", BEGIN, &new_boot, &more),
                         0);
        ck_assert(more);
        ck_assert_str_eq(rows("s000", 0), "held:boot");
        ck_assert_str_eq(rows("s099", 0), "");
        fixture_commit();
        ck_assert_int_eq(timetable_start(world.timetable, world.now_us, "boot-1", BEGIN, &new_boot, &more),
                         0);
        ck_assert(more);
        /* Another boot comes before that is done: from the first one on. */
        ck_assert_int_ge(start("boot-2", BEGIN), BOOTS / 16);
        ck_assert_str_eq(rows("s000", 0), "held:boot held:boot");
        ck_assert_str_eq(rows("s099", 0), "held:boot");
        ck_assert_int_eq(start("boot-2", BEGIN), 1);
        ck_assert_str_eq(rows("s099", 0), "held:boot");
}
END_TEST

START_TEST(boots)
{
        add("s", "OnBootSec=10min\n");
        ck_assert_int_eq(start("boot-1", world.now_us - MINUTE), 1);
        ck_assert(new_boot);
        ck_assert_str_eq(rows("s", 0), "held:boot");
        ck_assert_int_eq(begin_runs(S), 0);
        tick_at(BEGIN + 9 * MINUTE);
        ck_assert_int_eq(begin_runs(S), 1);
        succeed();
        /* Once a boot. */
        ck_assert_int_eq(start("boot-1", BEGIN - MINUTE), 1);
        ck_assert(!new_boot);
        ck_assert_int_eq(begin_runs(S), 0);
        ck_assert_int_eq(start("boot-2", world.now_us - DAY), 1);
        ck_assert_int_eq(begin_runs(S), 1);
        ck_assert_str_eq(rows("s", 0), "ran ran");
}
END_TEST

static void clock_set(void)
{
        bool more = true;

        for (bool restart = true; more; restart = false)
                ck_assert_int_eq(timetable_clock_set(world.timetable, world.now_us, restart, &more), 0);
        fixture_commit();
}

START_TEST(clock_set_back)
{
        add("s", "EverySec=1h\n");
        for (int hour = 1; hour <= 48; hour++) {
                tick_at(BEGIN + hour * HOUR);
                ck_assert_int_eq(begin_runs(S), 1);
                succeed();
        }
        /* By an hour: the hour does not count again. */
        world.now_us -= HOUR + MINUTE;
        clock_set();
        tick_at(BEGIN + 48 * HOUR);
        ck_assert_int_eq(begin_runs(S), 0);
        tick_at(BEGIN + 49 * HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        succeed();
        /* By a day: it was wrong. */
        world.now_us -= DAY;
        clock_set();
        ck_assert_ptr_nonnull(strstr(world.notes, "set back far"));
        for (int hour = 26; hour <= 50; hour++) {
                tick_at(BEGIN + hour * HOUR);
                /* One that had its run before the clock was set back is that pass's. */
                ck_assert_int_eq(begin_runs(S), hour != 49);
                if (hour != 49)
                        succeed();
        }
        struct schedule schedule = get("s");
        ck_assert_int_eq(schedule.pass, 3);
        ck_assert_str_eq(schedule.pass_why, "resumed");
        ck_assert_int_eq(schedule.pass_from_us, BEGIN + 49 * HOUR);
        schedule_done(&schedule);
}
END_TEST

/* What was recorded before a crash, and not followed up. */
START_TEST(follows_up)
{
        add("s", "EverySec=1h\nRetrySec=1min\n");
        tick_at(BEGIN + HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        fixture_commit();
        ck_assert_int_eq(fixture_finish(world.runs[0].id, RUN_LOST, RUN_RESULT_INTERRUPTED, world.now_us), 0);
        fixture_commit();
        ck_assert_int_eq(start("", 0), 1);
        ck_assert_str_eq(rows("s", OPEN), "lost");
        tick_at(world.now_us + MINUTE);
        ck_assert_int_eq(begin_runs(S), 1);
}
END_TEST

/* ---- a year ---- */

struct verdict {
        struct schedule_audit audit;
        const char *name;
        int64_t held;
};

static int verdict_each(const struct occurrence *row, void *data)
{
        struct verdict *verdict = data;
        struct scheduled_run scheduled;
        struct error error = ERROR_INIT;

        ck_assert_msg(schedule_audit_row(&verdict->audit, row->after_us, row->first_us, row->last_us,
                                         row->count, &error) == 0,
                      "%s, pass %" PRId64 ": %s", verdict->name, row->pass, error.text);
        ck_assert((row->outcome == OCCURRENCE_RAN || row->outcome == OCCURRENCE_HELD) <= (row->run_id > 0));
        ck_assert((row->outcome == OCCURRENCE_COALESCED) <= (row->into_id > 0 || row->run_id > 0));
        if (row->outcome == OCCURRENCE_HELD) {
                ck_assert_int_eq(store_scheduled_run_get(fixture_store, row->run_id, &scheduled), 0);
                verdict->held++;
        }
        return 0;
}

/* Returns the nominal times that it has. */
static int64_t judge_pass(const char *name, int64_t schedule_id, int64_t pass, const char *text,
                          int64_t from_us, int64_t until_us)
{
        struct schedule_definition definition;
        struct schedule_times *times = NULL;
        struct verdict verdict = { .name = name };
        struct error error = ERROR_INIT;

        ck_assert_int_eq(schedule_definition_parse(text, &definition, &error), 0);
        ck_assert_int_eq(schedule_times_new(&definition, name, world.zones, &times, &error), 0);
        schedule_audit_begin(&verdict.audit, times, from_us);
        ck_assert_int_eq(store_occurrence_list(fixture_store, schedule_id, pass, INT64_MIN, verdict_each,
                                               &verdict),
                         0);
        ck_assert_msg(schedule_audit_end(&verdict.audit, until_us, &error) == 0, "%s, pass %" PRId64 ": %s",
                      name, pass, error.text);
        schedule_times_free(times);
        schedule_definition_done(&definition);
        return verdict.audit.nominal_times;
}

/* All passes of all schedules, those that are gone among them. */
static int64_t judge(void)
{
        int64_t nominal_times = 0;

        for (int64_t id = 0;;) {
                struct pass pass = { 0 };
                if (store_pass_after(fixture_store, id, &pass) != 0)
                        break;
                id = pass.id;
                nominal_times += judge_pass(pass.name, pass.schedule_id, pass.pass, pass.definition,
                                            pass.from_us, pass.cursor_us);
                pass_done(&pass);
        }
        for (int64_t id = 0;;) {
                struct schedule schedule = { 0 };
                if (store_schedule_after(fixture_store, id, &schedule) != 0)
                        return nominal_times;
                id = schedule.id;
                ck_assert_int_eq(timetable_settle(world.timetable, &schedule, world.now_us), 0);
                nominal_times += judge_pass(schedule.name, schedule.id, schedule.pass, schedule.definition,
                                            schedule.pass_from_us, schedule.cursor_us);
                /* And nothing that is due is left. */
                ck_assert(schedule.due_us == 0 || schedule.due_us > world.now_us);
                schedule_done(&schedule);
        }
}

/* As retention does it, in slices. */
static void prune(int64_t age_us, int64_t max_rows, int batch)
{
        bool more = true;

        while (more) {
                ck_assert_int_eq(
                        store_ledger_prune(fixture_store, age_us, max_rows, world.now_us, batch, &more), 0);
                fixture_commit();
        }
}

static int row_count(const struct occurrence *occurrence, void *data)
{
        ++*(int *)data;
        return 0;
}

/* What is too old or too much of the ledger goes; what is kept is complete, over restarts; what is open stays. */
START_TEST(ledger_retention)
{
        int64_t since_us = 0;
        int count = 0;

        add("s", "EverySec=1h\nCatchUp=all\nOverlap=buffer-one\n");
        for (int i = 1; i <= 10 * 24; i++) {
                tick_at(BEGIN + i * HOUR);
                if (begin_runs(S))
                        succeed();
        }
        ck_assert_int_eq(store_ledger_since(fixture_store, &since_us), 0);
        ck_assert_int_eq(since_us, 0);
        prune(4 * DAY, 1000, 7);
        ck_assert_int_eq(judge(), 4 * 24);
        ck_assert_int_eq(store_ledger_since(fixture_store, &since_us), 0);
        ck_assert_int_eq(since_us, world.now_us - 4 * DAY);
        prune(4 * DAY, 10, 64);
        ck_assert_int_eq(judge(), 10);
        /* One that has not ended, and what is held behind it, stay however old they are. */
        tick_at(world.now_us + HOUR);
        ck_assert_int_eq(begin_runs(S), 1);
        tick_at(world.now_us + HOUR);
        ck_assert_int_eq(fixture_count(RUN_HELD), 1);
        prune(DAY, 0, 3);
        ck_assert_int_eq(judge(), 2);
        timetable_free(world.timetable);
        fixture_reopen();
        world_open();
        prune(DAY, 0, 3);
        ck_assert_int_eq(judge(), 2);
        /* The pass that ended stays until its rows are gone, and is then gone, too. */
        struct error error = ERROR_INIT;
        ck_assert_int_eq(wish("s", "EverySec=1d\n", true, &error), 0);
        succeed();
        tick_at(world.now_us + 2 * DAY);
        while (begin_runs(S))
                succeed();
        world.now_us += 10 * DAY;
        prune(DAY, 1000, 64);
        struct pass pass;
        ck_assert_int_eq(store_pass_after(fixture_store, 0, &pass), STORE_NOT_FOUND);
        struct schedule schedule = get("s");
        ck_assert_int_eq(store_occurrence_list(fixture_store, schedule.id, 1, INT64_MIN, row_count, &count),
                         0);
        ck_assert_int_eq(count, 0);
        schedule_done(&schedule);
        tick_late(NULL);
        ck_assert_int_gt(judge(), 0);
}
END_TEST

static const char *const year_triggers[] = {
        "EverySec=6h",
        "OnCalendar=*-*-* 02:30:00\nTimeZone=Europe/Berlin",
        "OnCalendar=*-*-* 01:30:00 America/New_York\nClockOverlap=both",
        "OnCalendar=*-*-* 00/6:00:00\nTimeZone=Australia/Lord_Howe\nClockGap=shift",
        "OnCalendar=Mon..Fri *-*-* 08:00:00\nExceptCalendar=*-12-25\nTimeZone=Africa/Casablanca",
        "Cron=15 */5 * * *\nTimeZone=Antarctica/Troll",
        "Cron=H H * * *\nOnCalendar=Sun *-*-* 12:00:00\nTimeZone=America/Sao_Paulo",
        "OnCalendar=*-*~01 23:59:59\nEverySec=9d",
        "EverySec=7h\nPhaseSec=11min",
        "EverySec=1d\nFlexSec=3h",
        "EverySec=31d",
        "EverySec=13h\nAccuracySec=10min",
        "EverySec=1d\nStartAt=@1710000000\nEndAt=@1720000000",
};
static const char *const year_policies[] = {
        "",
        "CatchUp=none",
        "CatchUp=all\nCatchUpMax=5",
        "CatchUp=all\nOverlap=allow",
        "Overlap=buffer-one",
        "Overlap=buffer-all\nCatchUp=all",
        "RetrySec=5min 20min\nRetryJitter=30%",
        "RandomizedOffsetSec=2h",
        "RandomizedDelaySec=30min",
        "CatchUpWindowSec=2h",
        "Overlap=cancel-other",
        "PauseAfterFailures=3",
};

static void year_definition(char text[256])
{
        const char *policy = year_policies[draw() % ARRAY_SIZE(year_policies)];
        snprintf(text, 256, "%s\n%s%s", year_triggers[draw() % ARRAY_SIZE(year_triggers)], policy,
                 *policy ? "\n" : "");
        /* As the store keeps it. */
        struct schedule_definition definition;
        ck_assert_int_eq(schedule_definition_parse(text, &definition, NULL), 0);
        _cleanup_free_ char *formatted = schedule_definition_format(&definition);
        snprintf(text, 256, "%s", formatted);
        schedule_definition_done(&definition);
}

static void year_change(void)
{
        char name[16], text[256];
        struct schedule schedule = { 0 };

        snprintf(name, sizeof(name), "s%" PRId64, draw_to(99));
        int r = store_schedule_get(fixture_store, name, &schedule);
        if (r == STORE_NOT_FOUND) {
                year_definition(text);
                add(name, text);
                return;
        }
        ck_assert_int_eq(r, 0);
        switch (draw() % 6) {
        case 0:
                ck_assert_int_eq(timetable_remove(world.timetable, &schedule, world.now_us), 0);
                break;
        case 1:
                ck_assert_int_eq(timetable_pause(world.timetable, &schedule, 1, "why not",
                                                 draw() % 2 ? world.now_us + draw_to(10 * DAY) + 1 : 0,
                                                 world.now_us),
                                 0);
                break;
        case 2:
                if (schedule.paused_at_us)
                        ck_assert_int_eq(timetable_resume(world.timetable, &schedule, world.now_us), 0);
                break;
        case 3:
                year_definition(text);
                r = wish(name, text, true, NULL);
                ck_assert(r == 0 || r == TIMETABLE_UNCHANGED);
                break;
        case 4:
                ck_assert_int_eq(timetable_backfill(world.timetable, &schedule, 1,
                                                    world.now_us - draw_to(5 * DAY) - 1, world.now_us,
                                                    world.now_us),
                                 0);
                break;
        case 5: {
                int64_t run_id;
                r = timetable_run_now(world.timetable, &schedule, 1, world.now_us, &run_id);
                ck_assert(r == 0 || r == TIMETABLE_UNCHANGED);
                break;
        }
        }
        schedule_done(&schedule);
}

static void year_forget(int64_t id, void *data)
{
}

/* Retention takes what has ended, so that the store stays quick to open. */
static void year_prune(void)
{
        const struct retention retention = { .max_successes = 100,
                                             .max_failures = 100,
                                             .success_age_us = DAY,
                                             .failure_age_us = DAY,
                                             .max_output_bytes = INT64_MAX };
        bool more = true;

        while (more) {
                ck_assert_int_eq(store_run_prune(fixture_store, &retention, world.now_us, 1000, year_forget,
                                                 NULL, &more),
                                 0);
                fixture_commit();
        }
}

/* The daemon is killed: what was not committed has not happened, and runs end as they like. */
static void year_crash(void)
{
        if (fixture_store->in_transaction)
                sqlite3_exec(fixture_store->db, "ROLLBACK", NULL, NULL, NULL);
        fixture_store->in_transaction = false;
        year_prune();
        timetable_free(world.timetable);
        fixture_reopen();
        sqlite3_exec(fixture_store->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
        world_open();
        if (draw() % 2)
                world.now_us += draw_to(2 * DAY);
        while (world.run_count > 0) {
                struct run run = { 0 };
                size_t last = --world.run_count;
                /* Its start may be among what was lost. */
                if (store_run_get(fixture_store, world.runs[last].id, &run) == 0 &&
                    run.state == RUN_STARTING) {
                        run.state = draw() % 4 ? RUN_INTERRUPTED : RUN_LOST;
                        run.result = RUN_RESULT_INTERRUPTED;
                        run.finished_at_us = MAX(world.now_us, run.started_at_us);
                        ck_assert_int_eq(store_run_finish(fixture_store, &run), 0);
                }
                run_done(&run);
        }
        start(draw() % 3 ? "a" : "b", world.now_us - MINUTE);
        if (timetable_clock_is_behind(world.timetable, world.now_us))
                clock_set();
        tick_late("stopped");
}

static void year_disturb(int64_t *counts)
{
        unsigned what = draw() % 10;

        counts[what]++;
        switch (what) {
        case 0:
        case 1:
        case 2:
                year_crash();
                return;
        case 3: /* suspended */
                world.now_us += draw_to(3 * DAY);
                tick_late("suspended");
                return;
        case 4: /* the clock is set */
                world.now_us += draw_to(DAY);
                tick_late("clock-set-forward");
                return;
        case 5:
                world.now_us -= draw_to(3 * HOUR);
                clock_set();
                return;
        case 6:
                world.now_us -= draw() % 4 ? 0 : draw_to(20 * DAY);
                clock_set();
                return;
        case 7:
                world.room = !world.room;
                prune(draw_to(90 * DAY) + 2 * DAY, 2000, 64);
                return;
        default:
                year_change();
                return;
        }
}

/* Until something happens; what is done is committed now and then. */
static void year_step(int64_t until_us)
{
        int64_t wake_us = 0, next_us = until_us;
        size_t first = world.run_count;
        bool more = true;

        ck_assert_int_eq(timetable_wake_us(world.timetable, &wake_us), 0);
        if (wake_us)
                next_us = MIN(next_us, wake_us);
        for (size_t i = 0; i < world.run_count; i++)
                if (world.runs[i].ends_at_us <= next_us) {
                        next_us = world.runs[i].ends_at_us;
                        first = i;
                }
        world.now_us = MAX(world.now_us, next_us);
        if (first < world.run_count) {
                bool good = draw() % 5 != 0;
                end_run(first, RUN_FINISHED, good ? RUN_RESULT_SUCCESS : RUN_RESULT_EXITED);
        }
        while (more)
                ck_assert_int_eq(timetable_tick(world.timetable, world.now_us, 64, NULL, &more), 0);
        for (size_t i = 0; i < world.ended_count; i++)
                for (size_t k = 0; k < world.run_count; k++)
                        if (world.runs[k].id == world.ended[i])
                                world.runs[k].ends_at_us = world.now_us;
        world.ended_count = 0;
        begin_runs(draw_to(3 * HOUR));
        if (draw() % 8 == 0)
                fixture_commit();
}

START_TEST(year)
{
        int64_t disturb_us = BEGIN + DAY, counts[10] = { 0 }, steps = 0;

        world.random = UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)_i;
        sqlite3_exec(fixture_store->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
        for (int i = 0; i < 100; i++) {
                char name[16], text[256];
                snprintf(name, sizeof(name), "s%d", i);
                year_definition(text);
                add(name, text);
        }
        while (world.now_us < BEGIN + 366 * DAY) {
                year_step(disturb_us);
                steps++;
                if (world.now_us >= disturb_us) {
                        year_disturb(counts);
                        disturb_us = world.now_us + draw_to(DAY) + S;
                        world.notes[0] = '\0';
                }
        }
        world.room = true;
        tick_late(NULL);
        printf("seed %d: %" PRId64 " steps, %" PRId64 " nominal times accounted for, %" PRId64 " crashes\n",
               _i, steps, judge(), counts[0] + counts[1] + counts[2]);
}
END_TEST

static void add_tests(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_test(test_case, elapses);
        tcase_add_test(test_case, ahead_of_the_clock);
        tcase_add_loop_test(test_case, missed, 0, 6);
        tcase_add_test(test_case, missed_by_many);
        tcase_add_loop_test(test_case, overlaps, 0, 6);
        tcase_add_test(test_case, runs_by_hand_count);
        tcase_add_test(test_case, conditions);
        tcase_add_test(test_case, retries);
        tcase_add_test(test_case, pauses);
        tcase_add_test(test_case, pauses_long);
        tcase_add_test(test_case, edits);
        tcase_add_test(test_case, removes);
        tcase_add_test(test_case, conditions_lost);
        tcase_add_test(test_case, backfills);
        tcase_add_test(test_case, chains);
        tcase_add_loop_test(test_case, chains_by_end, 0, 7);
        tcase_add_test(test_case, wakes_coalesce);
        tcase_add_test(test_case, offsets_and_delays);
        tcase_add_test(test_case, boots);
        tcase_add_test(test_case, boots_in_batches);
        tcase_add_test(test_case, clock_set_back);
        tcase_add_test(test_case, follows_up);
        tcase_add_test(test_case, ledger_retention);
        const char *years = getenv("BGTASKD_YEARS");
        tcase_add_loop_test(test_case, year, 0, years ? atoi(years) : 1);
}

int main(void)
{
        return unit_main("timetable", add_tests);
}
