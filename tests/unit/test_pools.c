/* SPDX-License-Identifier: MPL-2.0 */
/* Which pool's run begins next, with times that are told and not measured; and what the preferences say of pools. */
#include "config.h"

#include "daemon/pools.h"

#include <errno.h>
#include <inttypes.h>

#include "daemon/run.h"
#include "tests/unit/unit.h"

#define SECOND INT64_C(1000000)
#define POOLS_OF_A_TEST 6
#define SLOTS_MAX 64

/* A world of slots, and of pools with so many runs waiting that take so long. */
static struct {
        struct pools *pools;
        size_t slots;
        int64_t now_us;
        struct {
                const char *name;
                int64_t queued, length_us;
                int64_t running, started, used_us;
        } loads[POOLS_OF_A_TEST];
        struct {
                size_t load;
                int64_t ends_us; /* 0: the slot is free */
        } running[SLOTS_MAX];
} world;

static int problems;
static char problem[ERROR_TEXT_MAX];

static void report(const char *name, const struct error *error, void *data)
{
        problems++;
        snprintf(problem, sizeof(problem), "%s", error->text);
}

static void set_pref(struct prefs *prefs, const char *name, int32_t value)
{
        const struct pref_value pref = { .type = PREF_INT, .integer = value };

        ck_assert_int_eq(prefs_set(prefs, name, PREF_DEFAULT, &pref), 0);
}

static void configure(const char *const names[], const int32_t values[])
{
        struct prefs *prefs = prefs_new();
        struct pool_settings settings;

        for (size_t i = 0; names[i]; i++)
                set_pref(prefs, names[i], values[i]);
        ck_assert_msg(pool_settings_load(prefs, &settings, report, NULL) == 0, "%s", problem);
        ck_assert_int_eq(pools_configure(world.pools, &settings), 0);
        pool_settings_done(&settings);
        prefs_free(prefs);
}

static void setup(void)
{
        memset(&world, 0, sizeof(world));
        world.slots = 1;
        problems = 0;
        ck_assert_int_eq(pools_new(&world.pools), 0);
}

static void teardown(void)
{
        pools_free(world.pools);
}

static void load(size_t i, const char *name, int64_t queued, int64_t length_us)
{
        world.loads[i].name = name;
        world.loads[i].queued = queued;
        world.loads[i].length_us = length_us;
}

static void look(void)
{
        pools_look_begin(world.pools, world.now_us);
        for (size_t i = 0; i < POOLS_OF_A_TEST; i++)
                if (world.loads[i].queued || world.loads[i].running)
                        pools_look_add(world.pools,
                                       &(struct pool_load){ world.loads[i].name, world.loads[i].queued,
                                                            world.loads[i].running });
        pools_look_end(world.pools);
}

static size_t load_of(const struct pool *pool)
{
        for (size_t i = 0; i < POOLS_OF_A_TEST; i++)
                if (world.loads[i].name && world.loads[i].queued &&
                    pools_find(world.pools, world.loads[i].name) == pool)
                        return i;
        ck_abort_msg("%s has nothing that waits", pool->setting.name);
        return 0;
}

/* Fill the slots that are free. */
static void fill(void)
{
        for (size_t slot = 0; slot < world.slots; slot++) {
                if (world.running[slot].ends_us)
                        continue;
                look();
                struct pool *pool = pools_next(world.pools);
                if (!pool)
                        return;
                size_t i = load_of(pool);
                const struct run run = { .uid = 1 };
                pools_started(world.pools, pool, &run);
                world.loads[i].queued--;
                world.loads[i].running++;
                world.loads[i].started++;
                world.running[slot].load = i;
                world.running[slot].ends_us = world.now_us + world.loads[i].length_us;
        }
}

/* Go on to where the next run ends; false: none is under way. */
static bool pass(void)
{
        int64_t next_us = INT64_MAX;

        for (size_t slot = 0; slot < world.slots; slot++)
                if (world.running[slot].ends_us)
                        next_us = MIN(next_us, world.running[slot].ends_us);
        if (next_us == INT64_MAX)
                return false;
        for (size_t i = 0; i < POOLS_OF_A_TEST; i++)
                world.loads[i].used_us += world.loads[i].running * (next_us - world.now_us);
        world.now_us = next_us;
        for (size_t slot = 0; slot < world.slots; slot++)
                if (world.running[slot].ends_us == next_us) {
                        world.running[slot].ends_us = 0;
                        world.loads[world.running[slot].load].running--;
                }
        return true;
}

static void go_on(int64_t until_us)
{
        do
                fill();
        while (world.now_us < until_us && pass());
}

static const char *const three[] = { "bgtaskd.pools.a.weight", "bgtaskd.pools.b.weight",
                                     "bgtaskd.pools.c.weight", NULL };

/* Runs of one length: starts are as the weights, at any moment to within one or two. */
START_TEST(test_weights)
{
        static const size_t slots[] = { 1, 2, 3, 8 };
        static const int64_t lengths_us[] = { 1000, SECOND, 100 * SECOND };

        configure(three, (const int32_t[]){ 600, 300, 100 });
        world.slots = slots[_i % 4];
        for (size_t i = 0; i < 3; i++)
                load(i, (const char *[]){ "a", "b", "c" }[i], 100000, lengths_us[_i / 4]);
        for (int step = 1; step <= 1000; step++) {
                fill();
                int64_t all = world.loads[0].started + world.loads[1].started + world.loads[2].started;
                for (size_t i = 0; i < 3; i++) {
                        int64_t due = all * (const int64_t[]){ 60, 30, 10 }[i] / 100;
                        ck_assert_msg(world.loads[i].started >= due - 8 && world.loads[i].started <= due + 8,
                                      "%zu has %" PRId64 " of %" PRId64, i, world.loads[i].started, all);
                }
                pass();
        }
        ck_assert_int_ge(world.loads[2].started, 90);
}
END_TEST

/* Long runs do not crowd out short ones: what counts is slot time. */
START_TEST(test_long_and_short)
{
        configure(three, (const int32_t[]){ 100, 100, 100 });
        world.slots = 4;
        load(0, "a", 100000, 3600 * SECOND);
        load(1, "b", 10000000, 10 * SECOND);
        go_on(500 * 3600 * SECOND);
        ck_assert_int_gt(world.loads[1].used_us, world.loads[0].used_us * 8 / 10);
        ck_assert_int_gt(world.loads[0].used_us, world.loads[1].used_us * 7 / 10);
}
END_TEST

/* Who has nothing to do gives its share away, and does not get it back later. */
START_TEST(test_work_conserving)
{
        configure(three, (const int32_t[]){ 1, 1000, 100 });
        world.slots = 4;
        load(0, "a", 100000, 10 * SECOND);
        go_on(1000 * SECOND);
        ck_assert_int_eq(world.loads[0].used_us, 4 * world.now_us);
        int64_t before = world.loads[0].started;
        load(2, "c", 100000, 10 * SECOND);
        load(0, "a", 100000, 10 * SECOND);
        go_on(world.now_us + 10000 * SECOND);
        /* 1 to 100: a waits for its turn, and gets it. */
        int64_t a = world.loads[0].started - before;
        ck_assert_msg(a >= 20 && a <= 60, "%" PRId64 " and %" PRId64, a, world.loads[2].started);
        ck_assert_int_eq(world.loads[0].used_us + world.loads[2].used_us, 4 * world.now_us);
}
END_TEST

/* Whoever had the machine alone for long is not shut out when another one comes. */
START_TEST(test_bounded_debt)
{
        configure(three, (const int32_t[]){ 100, 100, 100 });
        world.slots = 2;
        load(0, "a", 1000000, 86400 * SECOND);
        load(1, "b", 1, SECOND);
        go_on(3 * 86400 * SECOND); /* b's one run has waited for a's for long */
        load(1, "b", 1000000, SECOND);
        int64_t began_us = world.now_us, before = world.loads[0].started;
        while (world.loads[0].started == before) {
                fill();
                ck_assert(pass());
        }
        ck_assert_int_le(world.loads[1].used_us, 86400 * SECOND);
        ck_assert_int_ge(world.now_us, began_us);
}
END_TEST

/* One run at a time, each asked for when the one before has ended, gets no more than the weight says. */
START_TEST(test_one_at_a_time)
{
        configure(three, (const int32_t[]){ 1000, 10, 100 });
        load(0, "a", 1000000, SECOND);
        for (int i = 0; i < 2000; i++) {
                if (world.loads[1].running == 0)
                        load(1, "b", 1, SECOND);
                fill();
                pass();
        }
        ck_assert_msg(world.loads[1].started >= 15 && world.loads[1].started <= 25, "%" PRId64,
                      world.loads[1].started);
}
END_TEST

/* A pool's own limit holds, 0 begins nothing, and what is not used of it is others'. */
START_TEST(test_limits)
{
        static const char *const names[] = { "bgtaskd.pools.a.maxRunning", "bgtaskd.pools.b.maxRunning",
                                             "bgtaskd.pools.b.weight", NULL };

        configure(names, (const int32_t[]){ 2, 0, 1000 });
        world.slots = 8;
        load(0, "a", 1000, SECOND);
        load(1, "b", 1000, SECOND);
        load(2, "", 1000, SECOND);
        for (int i = 0; i < 100; i++) {
                fill();
                ck_assert_int_eq(world.loads[0].running, 2);
                ck_assert_int_eq(world.loads[1].running, 0);
                ck_assert_int_eq(world.loads[2].running, 6);
                pass();
        }
        /* By other definitions from now on; what runs does so. */
        fill();
        configure(names, (const int32_t[]){ 1, 5, 1000 });
        pass();
        fill();
        ck_assert_int_eq(world.loads[0].running, 1);
        ck_assert_int_eq(world.loads[1].running, 5);
}
END_TEST

/* A pool that is limited does not make others equal that are not: none of them starves. */
START_TEST(test_limited_and_others)
{
        static const char *const names[] = { "bgtaskd.pools.a.weight", "bgtaskd.pools.b.maxRunning",
                                             "bgtaskd.pools.b.weight", "bgtaskd.pools.c.weight", NULL };

        configure(names, (const int32_t[]){ 200, 1, 1000, 100 });
        world.slots = 4;
        load(0, "a", 1000000, 10 * SECOND);
        load(1, "b", 1000000, 1000 * SECOND);
        load(2, "c", 1000000, 10 * SECOND);
        go_on(50000 * SECOND);
        ck_assert_int_gt(world.loads[0].started, world.loads[2].started * 3 / 2);
        ck_assert_int_lt(world.loads[0].started, world.loads[2].started * 5 / 2);
}
END_TEST

/* A pool that is gone is the default one, with its limit; and is itself again when it is back. */
START_TEST(test_undefined)
{
        static const char *const names[] = { "bgtaskd.pools.default.maxRunning", "bgtaskd.pools.a.weight",
                                             NULL };
        static const char *const fewer[] = { "bgtaskd.pools.default.maxRunning", NULL };

        configure(fewer, (const int32_t[]){ 2 });
        world.slots = 8;
        load(0, "a", 10, SECOND);
        load(1, "", 10, SECOND);
        load(2, "default", 10, SECOND);
        look();
        ck_assert_int_eq(pools_at(world.pools, 0)->queued, 30);
        ck_assert_ptr_null(pools_at(world.pools, 1));
        ck_assert_ptr_eq(pools_find(world.pools, "a"), pools_find(world.pools, NULL));
        fill();
        ck_assert_int_eq(world.loads[0].running + world.loads[1].running + world.loads[2].running, 2);
        configure(names, (const int32_t[]){ 2, 100 });
        ck_assert_ptr_ne(pools_find(world.pools, "a"), pools_find(world.pools, NULL));
        fill();
        ck_assert_int_ge(world.loads[0].running, 6);
}
END_TEST

/* A hundred years of a full machine: nothing overflows, and the weights hold as before. */
START_TEST(test_for_ever)
{
        configure(three, (const int32_t[]){ 1, 2, 1 });
        world.slots = 4;
        load(0, "a", INT32_MAX, 3600 * SECOND);
        load(1, "b", INT32_MAX, 3500 * SECOND);
        go_on(INT64_C(100) * 365 * 86400 * SECOND);
        int64_t a = world.loads[0].used_us / (86400 * SECOND), b = world.loads[1].used_us / (86400 * SECOND);
        ck_assert_msg(b > a * 19 / 10 && b < a * 21 / 10, "%" PRId64 " and %" PRId64, a, b);
}
END_TEST

/* Within a pool: priority, then users in turn, then age. */
START_TEST(test_order_in_a_pool)
{
        const struct pool pool = { .last_uid = 5 };
        static const struct {
                struct run first, second;
        } cases[] = {
                { { .priority = 1, .uid = 3, .id = 9 }, { .priority = 0, .uid = 6, .id = 1 } },
                { { .uid = 6, .id = 9 }, { .uid = 5, .id = 1 } },
                { { .uid = 6, .id = 9 }, { .uid = 7, .id = 1 } },
                { { .uid = 3, .id = 9 }, { .uid = 5, .id = 1 } },
                { { .uid = 3, .id = 1 }, { .uid = 3, .id = 9 } },
                { { .priority = -1, .uid = 5, .id = 9 }, { .priority = -2, .uid = 6, .id = 1 } },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ck_assert_msg(pools_before(&pool, &cases[i].first, &cases[i].second), "%zu", i);
                ck_assert_msg(!pools_before(&pool, &cases[i].second, &cases[i].first), "%zu", i);
        }
}
END_TEST

/* ---- preferences ---- */

static int load_prefs(const char *name, int32_t value, struct pool_settings *ret)
{
        struct prefs *prefs = prefs_new();

        set_pref(prefs, name, value);
        int errors = pool_settings_load(prefs, ret, report, NULL);
        prefs_free(prefs);
        return errors;
}

START_TEST(test_settings)
{
        struct prefs *prefs = prefs_new();
        struct pool_settings settings;
        struct error error = ERROR_INIT;

        set_pref(prefs, "bgtaskd.pools.disk.weight", 7);
        set_pref(prefs, "bgtaskd.pools.disk.maxQueued", 0);
        set_pref(prefs, "bgtaskd.pools.disk-2.maxRunning", 3);
        set_pref(prefs, "bgtaskd.pools.Zip_1.weight", 1000);
        set_pref(prefs, "bgtaskd.pools.default.weight", 1);
        ck_assert_int_eq(pool_settings_load(prefs, &settings, report, NULL), 0);
        ck_assert_uint_eq(settings.count, 4);
        ck_assert_str_eq(settings.pools[0].name, "default");
        ck_assert_int_eq(settings.pools[0].weight, 1);
        const struct pool_setting *disk = pool_settings_find(&settings, "disk"),
                                  *second = pool_settings_find(&settings, "disk-2");
        ck_assert_int_eq(disk->weight, 7);
        ck_assert_int_eq(disk->max_running, 1024);
        ck_assert_int_eq(disk->max_queued, 0);
        ck_assert_int_eq(second->weight, 100);
        ck_assert_int_eq(second->max_running, 3);
        ck_assert_int_eq(pool_settings_find(&settings, "Zip_1")->weight, 1000);
        ck_assert_ptr_eq(pool_settings_find(&settings, ""), settings.pools);
        ck_assert_ptr_eq(pool_settings_find(&settings, "default"), settings.pools);
        ck_assert_ptr_null(pool_settings_find(&settings, "dis"));
        ck_assert_int_eq(pool_settings_check(&settings, "disk", &error), 0);
        ck_assert_int_eq(pool_settings_check(&settings, "tape", &error), -EINVAL);
        ck_assert_str_eq(error.text,
                         "a pool that the preferences bgtaskd.pools.* define (default, Zip_1, disk, "
                         "disk-2), found \"tape\"");
        pool_settings_done(&settings);
        prefs_free(prefs);
}
END_TEST

START_TEST(test_bad_settings)
{
        static const struct {
                const char *name;
                int32_t value;
                const char *text;
        } cases[] = {
                { "bgtaskd.pools.a.weight", 0, "bgtaskd.pools.a.weight is 0; expected 1 to 1000; using 100" },
                { "bgtaskd.pools.a.weight", 1001,
                  "bgtaskd.pools.a.weight is 1001; expected 1 to 1000; using 100" },
                { "bgtaskd.pools.a.maxRunning", -1,
                  "bgtaskd.pools.a.maxRunning is -1; expected 0 to 1024; using 1024" },
                { "bgtaskd.pools.a.maxQueued", 1000001,
                  "bgtaskd.pools.a.maxQueued is 1000001; expected 0 to 1000000; using 1000000" },
                { "bgtaskd.pools.a.wieght", 1,
                  "bgtaskd.pools.a.wieght: expected weight, maxRunning or maxQueued after the pool's name" },
                { "bgtaskd.pools.weight", 1,
                  "bgtaskd.pools.weight: expected bgtaskd.pools.NAME.KEY, with a name of at most 64 letters, "
                  "digits, \"_\" and \"-\"" },
                { "bgtaskd.pools.a b.weight", 1,
                  "bgtaskd.pools.a b.weight: expected bgtaskd.pools.NAME.KEY, with a name of at most 64 letters, "
                  "digits, \"_\" and \"-\"" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct pool_settings settings;
                problems = 0;
                ck_assert_int_eq(load_prefs(cases[i].name, cases[i].value, &settings), 1);
                ck_assert_int_eq(problems, 1);
                ck_assert_str_eq(problem, cases[i].text);
                pool_settings_done(&settings);
        }
}
END_TEST

START_TEST(test_too_many)
{
        struct prefs *prefs = prefs_new();
        struct pool_settings settings;

        for (int i = 0; i < POOLS_MAX; i++) {
                char name[64];
                snprintf(name, sizeof(name), "bgtaskd.pools.p%03d.weight", i);
                set_pref(prefs, name, 5);
        }
        ck_assert_int_eq(pool_settings_load(prefs, &settings, report, NULL), 1);
        ck_assert_str_eq(problem,
                         "bgtaskd.pools.p255.weight is of one pool too many; expected at most 256 pools");
        ck_assert_uint_eq(settings.count, POOLS_MAX);
        for (size_t i = 1; i < POOLS_MAX; i++)
                ck_assert_ptr_eq(pool_settings_find(&settings, settings.pools[i].name), &settings.pools[i]);
        pool_settings_done(&settings);
        prefs_free(prefs);
}
END_TEST

static void add_tests(TCase *tcase)
{
        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_loop_test(tcase, test_weights, 0, 12);
        tcase_add_test(tcase, test_long_and_short);
        tcase_add_test(tcase, test_work_conserving);
        tcase_add_test(tcase, test_bounded_debt);
        tcase_add_test(tcase, test_one_at_a_time);
        tcase_add_test(tcase, test_limits);
        tcase_add_test(tcase, test_limited_and_others);
        tcase_add_test(tcase, test_undefined);
        tcase_add_test(tcase, test_for_ever);
        tcase_add_test(tcase, test_order_in_a_pool);
        tcase_add_test(tcase, test_settings);
        tcase_add_test(tcase, test_bad_settings);
        tcase_add_test(tcase, test_too_many);
}

int main(void)
{
        return unit_main("pools", add_tests);
}
