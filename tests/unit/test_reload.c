/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a reload decides, by examples and held against its rules for sets of schedules drawn at random; and what the
 * timetable and the store do for it alone.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>

#include "daemon/schedule_chain.h"
#include "daemon/schedule_diff.h"
#include "daemon/store_schedule.h"
#include "daemon/timetable.h"
#include "daemon/wanted.h"
#include "lib/cleanup.h"
#include "lib/zone.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/timetable_fixture.h"
#include "tests/unit/unit.h"

#define FEW 24

/* ---- chains ---- */

START_TEST(chain)
{
        struct schedule_chain *tasks = schedule_chain_new();
        char *way;

        ck_assert_ptr_nonnull(tasks);
        ck_assert(!schedule_chain_is_circular(tasks));
        ck_assert_int_eq(schedule_chain_find(tasks, "a", "b", &way), 0);
        ck_assert_ptr_null(way);
        ck_assert_int_eq(schedule_chain_find(tasks, "a", "a", &way), 0);
        ck_assert_str_eq(way, "a");
        free(way);
        ck_assert_int_eq(schedule_chain_add(tasks, "a", "b"), 0);
        ck_assert_int_eq(schedule_chain_add(tasks, "b", "c"), 0);
        ck_assert_int_eq(schedule_chain_add(tasks, "b", "c"), 0);
        ck_assert_int_eq(schedule_chain_add(tasks, "c", "d"), 0);
        ck_assert(!schedule_chain_is_circular(tasks));
        ck_assert_int_eq(schedule_chain_find(tasks, "a", "d", &way), 0);
        ck_assert_str_eq(way, "a -> b -> c -> d");
        free(way);
        ck_assert_int_eq(schedule_chain_find(tasks, "d", "a", &way), 0);
        ck_assert_ptr_null(way);
        ck_assert_int_eq(schedule_chain_add(tasks, "d", "b"), 0);
        ck_assert(schedule_chain_is_circular(tasks));
        ck_assert_str_eq(schedule_chain_next(tasks), "b");
        ck_assert_str_eq(schedule_chain_next(tasks), "c");
        ck_assert_str_eq(schedule_chain_next(tasks), "d");
        ck_assert_ptr_null(schedule_chain_next(tasks));
        schedule_chain_remove(tasks, "b", "c");
        ck_assert(schedule_chain_is_circular(tasks));
        schedule_chain_remove(tasks, "b", "c");
        schedule_chain_remove(tasks, "b", "c");
        ck_assert(!schedule_chain_is_circular(tasks));
        schedule_chain_free(tasks);
}
END_TEST

/* Each follows on both of those before it: as many ways as there are subsets. */
START_TEST(chain_of_many_ways)
{
        struct schedule_chain *tasks = schedule_chain_new();
        char *way;

        for (int i = 0; i < 200; i++)
                for (int side = 0; side < 4; side++) {
                        char from[16], to[16];
                        snprintf(from, sizeof(from), "%d-%d", i, side & 1);
                        snprintf(to, sizeof(to), "%d-%d", i + 1, side >> 1);
                        ck_assert_int_eq(schedule_chain_add(tasks, from, to), 0);
                }
        ck_assert(!schedule_chain_is_circular(tasks));
        ck_assert_int_eq(schedule_chain_find(tasks, "0-0", "nowhere", &way), 0);
        ck_assert_ptr_null(way);
        schedule_chain_free(tasks);
}
END_TEST

/* ---- the diff, by examples ---- */

static int no_client(const char *name, uid_t *ret_uid, void *data)
{
        *ret_uid = 42;
        return data && strcmp(name, data) == 0;
}

#define NAME(text) ((char[]){ text }) /* as lists of names want it */
#define WANTED(name_, task_, hash_, ...)                                                                     \
        {                                                                                                    \
                .name = (name_), .task = (task_), .source = task_ ".task", .line = 3, .hash = (hash_),       \
                .after = (char *const[])                                                                     \
                {                                                                                            \
                        __VA_ARGS__ __VA_OPT__(, ) NULL                                                      \
                }                                                                                            \
        }
#define STORED(id_, name_, task_, hash_, ...)                                                                \
        {                                                                                                    \
                .id = (id_), .name = (name_), .task = (task_), .source = task_ ".task", .hash = (hash_),     \
                .after = (char *const[])                                                                     \
                {                                                                                            \
                        __VA_ARGS__ __VA_OPT__(, ) NULL                                                      \
                }                                                                                            \
        }

static void make(struct schedule_diff *diff)
{
        if (!diff->is_clients)
                diff->is_clients = no_client;
        ck_assert_int_eq(schedule_diff_make(diff), 0);
}

START_TEST(names_and_hashes)
{
        struct schedule_diff_stored stored[] = { STORED(4, "same", "a", 1), STORED(3, "other", "a", 2),
                                                 STORED(2, "gone", "b", 3), STORED(1, "kept", "bad", 4),
                                                 STORED(5, "moved", "a", 5) };
        struct schedule_diff_wanted wanted[] = { WANTED("new", "c", 9),   WANTED("same", "a", 1),
                                                 WANTED("other", "a", 7), WANTED("moved", "a", 5),
                                                 WANTED("same", "c", 1),  WANTED("kept", "c", 8),
                                                 WANTED("taken", "c", 8), WANTED("second", "c", 8) };
        char *const bad[] = { NAME("bad"), NAME("worse"), NULL };
        struct schedule_diff diff = { .stored = stored,
                                      .stored_count = ARRAY_SIZE(stored),
                                      .wanted = wanted,
                                      .wanted_count = ARRAY_SIZE(wanted),
                                      .bad = bad,
                                      .room = 5,
                                      .is_clients = no_client,
                                      .data = NAME("taken") };

        wanted[3].source = "elsewhere/a.task";
        make(&diff);
        ck_assert_int_eq(wanted[0].change, SCHEDULE_DIFF_ADDED);
        ck_assert_int_eq(wanted[1].change, SCHEDULE_DIFF_UNCHANGED);
        ck_assert_int_eq(wanted[1].stored->id, 4);
        ck_assert_int_eq(wanted[2].change, SCHEDULE_DIFF_CHANGED);
        ck_assert_int_eq(wanted[2].stored->id, 3);
        ck_assert_int_eq(wanted[3].change, SCHEDULE_DIFF_CHANGED);
        static const char *const reasons[] = {
                "c.task:3: schedule \"same\": expected a name of its own, found the same in a.task:3, which goes first",
                "c.task:3: schedule \"kept\": expected a name of its own, found the same from bad.task, whose files "
                "have errors",
                "c.task:3: schedule \"taken\": expected a name of its own, found one that user 42 added",
                "c.task:3: schedule \"second\": expected fewer schedules: the preference bgtaskd.schedules.max is "
                "reached",
        };
        for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
                ck_assert_int_eq(wanted[4 + i].change, SCHEDULE_DIFF_REFUSED);
                ck_assert_str_eq(wanted[4 + i].reason, reasons[i]);
        }
        for (size_t i = 0; i < ARRAY_SIZE(stored); i++)
                ck_assert_int_eq(stored[i].fate, strcmp(stored[i].name, "gone") == 0 ? SCHEDULE_DIFF_GOES
                                                 : strcmp(stored[i].name, "kept") == 0
                                                         ? SCHEDULE_DIFF_STAYS
                                                         : SCHEDULE_DIFF_MATCHED);
        schedule_diff_done(&diff);
}
END_TEST

/* b and c follow on a; then the other way round, which can be done one by one in one order only. */
START_TEST(chain_is_reversed)
{
        struct schedule_diff_stored stored[] = { STORED(1, "a", "a", 1), STORED(2, "b", "b", 1, NAME("a")),
                                                 STORED(3, "c", "c", 1, NAME("b")) };
        struct schedule_diff_wanted wanted[] = { WANTED("a", "a", 2, NAME("b")),
                                                 WANTED("b", "b", 2, NAME("c")), WANTED("c", "c", 2) };
        struct schedule_diff diff = {
                .stored = stored, .stored_count = 3, .wanted = wanted, .wanted_count = 3, .room = 100
        };

        make(&diff);
        for (size_t i = 0; i < 3; i++)
                ck_assert_int_eq(wanted[i].change, SCHEDULE_DIFF_CHANGED);
        schedule_diff_done(&diff);
        /* With another circle in it, that can be done all the same. */
        struct schedule_diff_wanted more[] = {
                WANTED("a", "a", 2, NAME("b")), WANTED("b", "b", 2, NAME("c")), WANTED("c", "c", 2),
                WANTED("d", "d", 1, NAME("e")), WANTED("e", "e", 1, NAME("d")), WANTED("f", "f", 1, NAME("f"))
        };
        diff.wanted = more;
        diff.wanted_count = ARRAY_SIZE(more);
        make(&diff);
        for (size_t i = 0; i < 4; i++)
                ck_assert_int_eq(more[i].change, i < 3 ? SCHEDULE_DIFF_CHANGED : SCHEDULE_DIFF_ADDED);
        ck_assert_str_eq(more[4].reason,
                         "e.task:3: schedule \"e\": expected tasks that do not trigger each other in a "
                         "circle, found e -> d -> e");
        ck_assert_str_eq(more[5].reason,
                         "f.task:3: schedule \"f\": expected tasks that do not trigger each other in a "
                         "circle, found f -> f");
        schedule_diff_done(&diff);
}
END_TEST

/* What closes the circle stays as it was, in its task's files or by a client's schedule; what is in force goes first. */
START_TEST(circles)
{
        struct schedule_diff_stored stored[] = { STORED(1, "a", "a", 1), STORED(2, "z", "z", 1, NAME("a")) };
        struct schedule_diff_wanted wanted[] = { WANTED("a", "a", 2, NAME("z")),
                                                 WANTED("z", "z", 1, NAME("a")) };
        const struct schedule_diff_edge edges[] = { { "z", "y" } };
        struct schedule_diff diff = {
                .stored = stored, .stored_count = 2, .wanted = wanted, .wanted_count = 2, .room = 100
        };

        make(&diff);
        ck_assert_int_eq(wanted[0].change, SCHEDULE_DIFF_REFUSED);
        ck_assert_ptr_nonnull(strstr(wanted[0].reason, "found a -> z -> a"));
        ck_assert_int_eq(wanted[0].stored->fate, SCHEDULE_DIFF_STAYS);
        ck_assert_int_eq(wanted[1].change, SCHEDULE_DIFF_UNCHANGED);
        schedule_diff_done(&diff);
        wanted[0].after = (char *const[]){ NAME("y"), NULL };
        diff.edges = edges;
        diff.edge_count = 1;
        make(&diff);
        ck_assert_ptr_nonnull(strstr(wanted[0].reason, "found a -> z -> y -> a"));
        schedule_diff_done(&diff);
        /* Files with errors: what they had is in force. */
        char *const bad[] = { NAME("z"), NULL };
        diff.bad = bad;
        diff.wanted_count = 1;
        make(&diff);
        ck_assert_ptr_nonnull(strstr(wanted[0].reason, "found a -> z -> y -> a"));
        schedule_diff_done(&diff);
        diff.bad = NULL;
        make(&diff);
        ck_assert_int_eq(wanted[0].change, SCHEDULE_DIFF_CHANGED);
        schedule_diff_done(&diff);
}
END_TEST

/* ---- the diff, at random ---- */

static uint64_t state;

static unsigned draw(unsigned below)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (unsigned)(state % below);
}

static char letters[][2] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };

struct drawn {
        struct schedule_diff_stored stored[FEW];
        struct schedule_diff_wanted wanted[FEW];
        char *after[2 * FEW][3];
};

static char *const *draw_after(char **list)
{
        size_t count = draw(3);

        for (size_t i = 0; i < count; i++)
                list[i] = letters[draw(10)];
        list[count] = NULL;
        return count ? list : NULL;
}

/* Whether there is a circle, by taking away what follows on nothing: of all that is there. */
static bool circular(const struct schedule_diff_stored *stored, size_t count)
{
        bool follows[10][10] = { 0 }, gone[10] = { 0 };

        for (size_t i = 0; i < count; i++)
                for (char *const *after = stored[i].after; after && *after; after++)
                        follows[stored[i].task[0] - 'a'][(*after)[0] - 'a'] = true;
        for (int round = 0; round < 10; round++)
                for (int task = 0; task < 10; task++) {
                        bool free_of = true;
                        for (int other = 0; other < 10; other++)
                                free_of = free_of && (!follows[task][other] || gone[other]);
                        gone[task] = gone[task] || free_of;
                }
        for (int task = 0; task < 10; task++)
                if (!gone[task])
                        return true;
        return false;
}

/* What there is when all has been done that the diff says; @made has room for 2 * FEW. */
static size_t carry_out(const struct schedule_diff *diff, struct schedule_diff_stored *made)
{
        size_t count = 0;

        for (size_t i = 0; i < diff->stored_count; i++)
                if (diff->stored[i].fate == SCHEDULE_DIFF_STAYS)
                        made[count++] = diff->stored[i];
        for (size_t i = 0; i < diff->wanted_count; i++) {
                const struct schedule_diff_wanted *wanted = &diff->wanted[i];
                if (wanted->change == SCHEDULE_DIFF_REFUSED)
                        continue;
                ck_assert_int_eq(wanted->stored != NULL, wanted->change != SCHEDULE_DIFF_ADDED);
                made[count++] = (struct schedule_diff_stored){ .id = wanted->stored ? wanted->stored->id
                                                                                    : 1000 + (int)i,
                                                               .name = wanted->name,
                                                               .task = wanted->task,
                                                               .source = wanted->source,
                                                               .after = wanted->after,
                                                               .hash = wanted->hash };
        }
        return count;
}

static void check_made(const struct schedule_diff *diff, const struct schedule_diff_stored *made,
                       size_t count)
{
        ck_assert(!circular(made, count));
        for (size_t i = 0; i < count; i++)
                for (size_t j = 0; j < i; j++)
                        ck_assert_str_ne(made[i].name, made[j].name);
        for (size_t i = 0; i < diff->wanted_count; i++)
                ck_assert_int_eq(diff->wanted[i].reason != NULL,
                                 diff->wanted[i].change == SCHEDULE_DIFF_REFUSED);
}

/* What files want, of other tasks than @bad. How many. */
static size_t draw_wanted(struct drawn *drawn, const char *bad)
{
        size_t count = 0;

        for (unsigned i = draw(FEW); i > 0; i--) {
                char *task = letters[draw(10)], *source = letters[draw(2)], *name = letters[draw(10)];
                struct schedule_diff_wanted *wanted = &drawn->wanted[count];
                if (bad && strcmp(task, bad) == 0)
                        continue;
                *wanted = (struct schedule_diff_wanted){
                        .name = name,
                        .task = task,
                        .source = source,
                        .line = 1,
                        .after = draw_after(drawn->after[count]),
                        .hash = (uint64_t)task[0] + draw(2) * 1000,
                };
                for (char *const *after = wanted->after; after && *after; after++)
                        wanted->hash = wanted->hash * 31 + (uint64_t)(*after)[0];
                count++;
        }
        return count;
}

/* The same again, upon what has been done, finds nothing to do and refuses the same. */
static void check_again(struct schedule_diff *diff, struct schedule_diff_stored *made, size_t count)
{
        bool refused[FEW];

        for (size_t i = 0; i < diff->wanted_count; i++)
                refused[i] = diff->wanted[i].change == SCHEDULE_DIFF_REFUSED;
        schedule_diff_done(diff);
        diff->stored = made;
        diff->stored_count = count;
        make(diff);
        for (size_t i = 0; i < diff->wanted_count; i++)
                ck_assert_int_eq(diff->wanted[i].change,
                                 refused[i] ? SCHEDULE_DIFF_REFUSED : SCHEDULE_DIFF_UNCHANGED);
        for (size_t i = 0; i < count; i++)
                ck_assert_int_ne(made[i].fate, SCHEDULE_DIFF_GOES);
}

/* Four reloads, one upon the other. */
START_TEST(at_random)
{
        struct schedule_diff_stored now[2 * FEW], then[2 * FEW];
        struct drawn drawn[4];
        size_t count = 0;
        unsigned refused = 0, in_circles = 0;

        state = UINT64_C(0x2545f4914f6cdd1d) + (uint64_t)_i * 977;
        for (unsigned step = 0; step < ARRAY_SIZE(drawn); step++) {
                char *const bad[] = { letters[draw(10)], NULL };
                struct schedule_diff diff = { .stored = now,
                                              .stored_count = count,
                                              .wanted = drawn[step].wanted,
                                              .bad = draw(2) ? bad : NULL,
                                              .room = 8 + draw(20),
                                              .is_clients = no_client,
                                              .data = draw(2) ? letters[draw(10)] : NULL };
                diff.wanted_count = draw_wanted(&drawn[step], diff.bad ? bad[0] : NULL);
                make(&diff);
                count = carry_out(&diff, then);
                check_made(&diff, then, count);
                for (size_t i = 0; i < diff.wanted_count; i++) {
                        refused += diff.wanted[i].reason != NULL;
                        in_circles += diff.wanted[i].reason && strstr(diff.wanted[i].reason, "circle");
                }
                check_again(&diff, then, count);
                schedule_diff_done(&diff);
                memcpy(now, then, sizeof(now));
        }
        if (_i == 0)
                printf("of the first: %u were refused, %u of them for circles\n", refused, in_circles);
}
END_TEST

/* ---- what follows on what, in the words of a definition ---- */

START_TEST(after)
{
        char **tasks;

        ck_assert_int_eq(wanted_after("EverySec=60s\nDescription=OnEndOf=x\n", &tasks), 0);
        ck_assert_ptr_null(tasks);
        ck_assert_int_eq(wanted_after("OnSuccessOf=a b\nOnEndOf=c\n", &tasks), 0);
        ck_assert_uint_eq(strv_length(tasks), 3);
        ck_assert_str_eq(tasks[2], "c");
        strv_free(tasks);
        ck_assert_int_eq(wanted_after("Enabled=no\nOnEndOf=c\n", &tasks), 0);
        ck_assert_ptr_null(tasks);
        ck_assert_int_lt(wanted_after("OnEndOf=c\nNonsense=1\n", &tasks), 0);
}
END_TEST

START_TEST(hashes)
{
        const uint64_t one = schedule_diff_hash("t", 0, "EverySec=60s\n");

        ck_assert(one == schedule_diff_hash("t", 0, "EverySec=60s\n"));
        ck_assert(one != schedule_diff_hash("t", 1, "EverySec=60s\n"));
        ck_assert(one != schedule_diff_hash("u", 0, "EverySec=60s\n"));
        ck_assert(one != schedule_diff_hash("t", 0, "EverySec=61s\n"));
        ck_assert(schedule_diff_hash("1", 1, "x") != schedule_diff_hash("11", 1, "x"));
}
END_TEST

/* ---- the timetable and the store ---- */

static void hook_end(int64_t run_id, bool kill, void *data)
{
        ck_abort_msg("a run is ended");
}

static void hook_note(const char *text, void *data)
{
        ck_abort_msg("%s", text);
}

static struct timetable *timetable;
static struct zones *zones;

static void setup(void)
{
        static struct timetable_hooks hooks;

        hooks = fixture_hooks;
        hooks.end_run = hook_end;
        hooks.note = hook_note;
        fixture_setup();
        ck_assert_int_eq(zones_new(NULL, &zones), 0);
        ck_assert_int_eq(timetable_new(fixture_store, zones, &hooks, NULL, &timetable), 0);
}

static void teardown(void)
{
        timetable_free(timetable);
        zones_free(zones);
        fixture_teardown();
}

struct wish_words {
        const char *name, *task, *definition, *source;
};

static struct timetable_wish wish_of(const struct wish_words *words, json_t *args)
{
        return (struct timetable_wish){ .name = words->name,
                                        .task = words->task,
                                        .args = args,
                                        .definition = words->definition,
                                        .source = words->source,
                                        .uid = 7,
                                        .machine_id = "m",
                                        .chain_checked = true };
}

static int wish(const struct wish_words *words, bool edit, int64_t now_us)
{
        struct error error = ERROR_INIT;
        json_t *args = json_array();
        const struct timetable_wish value = wish_of(words, args);
        int r = edit ? timetable_edit(timetable, &value, now_us, NULL, &error)
                     : timetable_add(timetable, &value, now_us, NULL, &error);

        json_decref(args);
        fixture_commit();
        return r;
}

static int64_t preview(const struct wish_words *words, int64_t now_us)
{
        struct error error = ERROR_INIT;
        json_t *args = json_array();
        const struct timetable_wish value = wish_of(words, args);
        int64_t next_us = -1;

        ck_assert_int_eq(timetable_preview(timetable, &value, now_us, &next_us, &error), 0);
        json_decref(args);
        ck_assert(!store_pending(fixture_store));
        return next_us;
}

static struct schedule get(const char *name)
{
        struct schedule schedule = { 0 };

        ck_assert_int_eq(store_schedule_get(fixture_store, name, &schedule), 0);
        return schedule;
}

/* What is foretold is what comes. */
START_TEST(previews)
{
        static const struct wish_words words[] = {
                { "s", "t", "EverySec=1h\n", "a.task" },
                { "s", "t", "EverySec=1h\nDescription=x\n", "a.task" },
                { "s", "t", "EverySec=2h\nPhaseSec=30min\n", "a.task" },
                { "s", "t", "OnEndOf=u\n", "a.task" },
                { "s", "t", "EverySec=1h\nEnabled=no\n", "a.task" },
                { "s", "t", "EverySec=20min\n", "a.task" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
                int64_t now_us = BEGIN + (int64_t)i * HOUR + 7 * S;
                int64_t next_us = preview(&words[i], now_us);
                ck_assert_int_eq(wish(&words[i], i > 0, now_us), 0);
                struct schedule schedule = get("s");
                ck_assert_int_eq(schedule.next_us, next_us);
                schedule_done(&schedule);
        }
        struct error error = ERROR_INIT;
        json_t *args = json_array();
        struct timetable_wish bad =
                wish_of(&(struct wish_words){ "s", "t", "EverySec=1h\nFlexSec=2h\n", NULL }, args);
        int64_t next_us = 5;
        ck_assert_int_eq(timetable_preview(timetable, &bad, BEGIN, &next_us, &error), -EINVAL);
        ck_assert_int_eq(next_us, 5);
        json_decref(args);
}
END_TEST

START_TEST(another_file)
{
        ck_assert_int_eq(wish(&(struct wish_words){ "s", "t", "EverySec=1h\n", "a.task" }, false, BEGIN), 0);
        ck_assert_int_eq(wish(&(struct wish_words){ "s", "t", "EverySec=1h\n", "a.task" }, true, BEGIN + S),
                         TIMETABLE_UNCHANGED);
        ck_assert_int_eq(wish(&(struct wish_words){ "s", "t", "EverySec=1h\n", "b.task" }, true, BEGIN + S),
                         0);
        struct schedule schedule = get("s");
        ck_assert_str_eq(schedule.source, "b.task");
        ck_assert_int_eq(schedule.pass, 1);
        ck_assert_int_eq(schedule.cursor_us, BEGIN);
        schedule_done(&schedule);
}
END_TEST

/* While it was not enabled its times passed without it. */
START_TEST(enabled_again)
{
        struct schedule schedule;

        ck_assert_int_eq(wish(&(struct wish_words){ "s", "t", "EverySec=1h\n", NULL }, false, BEGIN), 0);
        ck_assert_int_eq(wish(&(struct wish_words){ "s", "t", "EverySec=1h\nEnabled=no\n", NULL }, true,
                              BEGIN + S),
                         0);
        ck_assert_int_eq(
                wish(&(struct wish_words){ "s", "t", "EverySec=1h\n", NULL }, true, BEGIN + 5 * HOUR + S), 0);
        schedule = get("s");
        ck_assert_int_eq(schedule.next_us, BEGIN + 6 * HOUR);
        schedule_done(&schedule);
}
END_TEST

/* Whoever adds one schedule more is answered, however many ways there are through those of files. */
START_TEST(many_ways_in_the_store)
{
        struct error error = ERROR_INIT;
        json_t *args = json_array();

        for (int i = 1; i <= 60; i++)
                for (int side = 0; side < 2; side++) {
                        char name[16], definition[64];
                        snprintf(name, sizeof(name), "%d-%d", i, side);
                        snprintf(definition, sizeof(definition), "OnEndOf=%d-0 %d-1\n", i - 1, i - 1);
                        ck_assert_int_eq(wish(&(struct wish_words){ name, name, definition, "x.task" }, false,
                                              BEGIN),
                                         0);
                }
        struct timetable_wish more = wish_of(&(struct wish_words){ "more", "0-1", "OnEndOf=nowhere\n", NULL },
                                             args);
        more.chain_checked = false;
        ck_assert_int_eq(timetable_add(timetable, &more, BEGIN, NULL, &error), 0);
        more.name = "circle";
        more.definition = "OnEndOf=60-0\n";
        ck_assert_int_eq(timetable_add(timetable, &more, BEGIN, NULL, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "without end"));
        json_decref(args);
}
END_TEST

static int name_each(const struct schedule *schedule, void *data)
{
        char *text = data;

        ck_assert_ptr_nonnull(schedule->source);
        strcat(strcat(text, schedule->name), " ");
        return 0;
}

static int text_each(const char *task, void *data)
{
        strcat(strcat(data, task), " ");
        return 0;
}

static int edge_each(const char *from, const char *to, void *data)
{
        char *text = data;

        sprintf(text + strlen(text), "%s>%s ", from, to);
        return 0;
}

static int stop(const char *task, void *data)
{
        return -ECANCELED;
}

START_TEST(of_files)
{
        static const struct wish_words words[] = {
                { "a", "t", "EverySec=1h\n", "t.task" }, { "b", "u", "OnEndOf=t\n", "u.task" },
                { "c", "t", "EverySec=1h\n", "t.task" }, { "d", "v", "OnEndOf=t\nOnBootSec=1s\n", NULL },
                { "e", "w", "OnFailureOf=u v\n", NULL },
        };
        char text[256] = "";

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                ck_assert_int_eq(wish(&words[i], false, BEGIN), 0);
        ck_assert_int_eq(store_schedule_of_files(fixture_store, name_each, text), 0);
        ck_assert_uint_eq(strlen(text), 6);
        ck_assert(strstr(text, "a ") && strstr(text, "b ") && strstr(text, "c "));
        text[0] = '\0';
        ck_assert_int_eq(store_schedule_file_tasks(fixture_store, text_each, text), 0);
        ck_assert_str_eq(text, "t t u ");
        ck_assert_int_eq(store_schedule_file_tasks(fixture_store, stop, NULL), -ECANCELED);
        text[0] = '\0';
        ck_assert_int_eq(store_trigger_chains(fixture_store, edge_each, text), 0);
        ck_assert(strstr(text, "t>v ") && strstr(text, "u>w ") && strstr(text, "v>w "));
        ck_assert_uint_eq(strlen(text), 12);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_test(test_case, chain);
        tcase_add_test(test_case, chain_of_many_ways);
        tcase_add_test(test_case, names_and_hashes);
        tcase_add_test(test_case, chain_is_reversed);
        tcase_add_test(test_case, circles);
        tcase_add_loop_test(test_case, at_random, 0, 200);
        tcase_add_test(test_case, after);
        tcase_add_test(test_case, hashes);
        tcase_add_test(test_case, previews);
        tcase_add_test(test_case, another_file);
        tcase_add_test(test_case, enabled_again);
        tcase_add_test(test_case, many_ways_in_the_store);
        tcase_add_test(test_case, of_files);
}

int main(void)
{
        return unit_main("reload", add);
}
