/* SPDX-License-Identifier: MPL-2.0 */
/* The order in which users are served, with costs that are told and not measured. */
#include "config.h"

#include "daemon/fair.h"

#include "tests/unit/unit.h"

#define QUANTUM 1000
#define ENTRIES_MAX 128

static struct fair *fair;
static struct fair_entry entries[ENTRIES_MAX];
static size_t entry_count;

static void setup(void)
{
        fair = fair_new();
        entry_count = 0;
}

static void teardown(void)
{
        for (size_t i = 0; i < entry_count; i++)
                fair_leave(&entries[i]);
        ck_assert(fair_is_idle(fair));
        fair_free(fair);
}

static struct fair_entry *join(uid_t uid)
{
        struct fair_entry *entry = &entries[entry_count++];

        ck_assert_int_eq(fair_join(fair, uid, entry), 0);
        return entry;
}

/* Serve the next for @cost; it has more to do if @more. Returns its user; -1: no one waits. */
static int64_t serve(int64_t cost, bool more)
{
        struct fair_entry *entry = fair_next(fair, QUANTUM);

        if (!entry)
                return -1;
        struct fair_user *user = entry->user;
        uid_t uid = user->uid;
        if (more)
                fair_wait(entry);
        fair_charge(user, cost, QUANTUM);
        return uid;
}

START_TEST(test_nobody)
{
        ck_assert(fair_is_idle(fair));
        ck_assert_ptr_null(fair_next(fair, QUANTUM));
        ck_assert_ptr_null(fair_find(fair, 1));
        join(1);
        ck_assert_ptr_nonnull(fair_find(fair, 1));
        ck_assert_ptr_null(fair_next(fair, QUANTUM));
}
END_TEST

/* Sixty-four connections that always have more, against one. */
START_TEST(test_connections_do_not_count)
{
        int64_t served[3] = { 0 };

        for (int i = 0; i < 64; i++)
                fair_wait(join(1));
        fair_wait(join(2));
        for (int i = 0; i < 2000; i++)
                served[serve(100, true)]++;
        ck_assert_int_eq(served[1], 1000);
        ck_assert_int_eq(served[2], 1000);
}
END_TEST

/* What counts is the time: calls that take ten times as long are answered a tenth as often. */
START_TEST(test_expensive_calls)
{
        int64_t used[3] = { 0 };

        fair_wait(join(1));
        fair_wait(join(2));
        for (int i = 0; i < 1100; i++) {
                struct fair_entry *entry = fair_next(fair, QUANTUM);
                struct fair_user *user = entry->user;
                int64_t cost = user->uid == 1 ? 5000 : 50;
                used[user->uid] += cost;
                fair_wait(entry);
                fair_charge(user, cost, QUANTUM);
        }
        ck_assert_int_le(llabs(used[1] - used[2]), 5000 + QUANTUM);
}
END_TEST

/* Whoever comes anew waits for one turn of each other user at most, however long those have been at it. */
START_TEST(test_a_newcomer)
{
        for (uid_t uid = 1; uid <= 3; uid++)
                for (int i = 0; i < 20; i++)
                        fair_wait(join(uid));
        for (int i = 0; i < 500; i++)
                serve(100, true);
        fair_wait(join(9));
        int64_t waited_us = 0;
        while (serve(100, true) != 9)
                waited_us += 100;
        ck_assert_int_le(waited_us, 3 * QUANTUM);
}
END_TEST

/* Alone, a user is served at once and always; connections in the order in which they came. */
START_TEST(test_alone)
{
        struct fair_entry *first = join(1), *second = join(1);

        fair_wait(first);
        fair_wait(second);
        fair_wait(first); /* once is enough */
        ck_assert_ptr_eq(fair_next(fair, QUANTUM), first);
        fair_charge(first->user, 1000000, QUANTUM);
        ck_assert_ptr_eq(fair_next(fair, QUANTUM), second);
        fair_charge(second->user, 1, QUANTUM);
        ck_assert_ptr_null(fair_next(fair, QUANTUM));
        ck_assert(fair_is_idle(fair));
}
END_TEST

/* One call of any length costs so much and no more; and nobody saves up. */
START_TEST(test_debt_and_savings)
{
        struct fair_entry *owing = join(1), *other = join(2);
        int turns = 0;

        fair_wait(owing);
        ck_assert_int_eq(serve(INT64_MAX / 4, false), 1);
        fair_wait(owing);
        fair_wait(other);
        while (serve(QUANTUM, true) == 2)
                turns++;
        ck_assert_int_ge(turns, 60);
        ck_assert_int_le(turns, 70);
        /* A turn that was hardly used does not make the next one longer. */
        fair_stop(owing);
        fair_stop(other);
        for (int i = 0; i < 100; i++) {
                fair_wait(other);
                serve(1, false);
        }
        ck_assert_int_le(other->user->balance_us, 0);
}
END_TEST

/* Who comes with a connection for each call owes what the last one cost. */
START_TEST(test_debt_outlives_its_connections)
{
        struct fair_entry *owing = join(1), *other = join(2);
        int turns = 0;

        fair_wait(owing);
        ck_assert_int_eq(serve(INT64_MAX / 4, false), 1);
        fair_leave(owing);
        ck_assert_ptr_null(fair_find(fair, 1));
        fair_wait(join(1));
        ck_assert_uint_eq(fair_find(fair, 1)->entries, 1);
        fair_wait(other);
        while (serve(QUANTUM, true) == 2)
                turns++;
        ck_assert_int_ge(turns, 60);
        ck_assert_int_le(turns, 70);
}
END_TEST

/* Of many that owe the worst are remembered, and who owes nothing is not. */
START_TEST(test_debtors_are_bounded)
{
        size_t remembered = 0;

        for (int round = 0; round < 2; round++)
                for (uid_t uid = 1; uid <= 1000; uid++) {
                        struct fair_entry entry;
                        ck_assert_int_eq(fair_join(fair, uid, &entry), 0);
                        bool owes = entry.user->balance_us < 0;
                        ck_assert(!owes || round == 1);
                        remembered += owes;
                        ck_assert(round == 0 || owes == (uid > 936));
                        fair_wait(&entry);
                        ck_assert_ptr_eq(fair_next(fair, QUANTUM), &entry);
                        fair_charge(entry.user, round == 0 ? QUANTUM + 10 * uid : 0, QUANTUM);
                        fair_leave(&entry);
                }
        ck_assert_uint_eq(remembered, 64);
}
END_TEST

START_TEST(test_leaving)
{
        struct fair_entry *first = join(1), *second = join(1), *third = join(2);

        fair_wait(first);
        fair_wait(second);
        fair_wait(third);
        fair_leave(first);
        fair_leave(second);
        ck_assert_ptr_null(fair_find(fair, 1));
        ck_assert_int_eq(serve(1, false), 2);
        /* In the middle of its turn. */
        fair_wait(third);
        ck_assert_ptr_eq(fair_next(fair, QUANTUM), third);
        fair_leave(third);
        ck_assert(fair_is_idle(fair));
        ck_assert_ptr_null(fair_next(fair, QUANTUM));
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_test(test_case, test_nobody);
        tcase_add_test(test_case, test_connections_do_not_count);
        tcase_add_test(test_case, test_expensive_calls);
        tcase_add_test(test_case, test_a_newcomer);
        tcase_add_test(test_case, test_alone);
        tcase_add_test(test_case, test_debt_and_savings);
        tcase_add_test(test_case, test_debt_outlives_its_connections);
        tcase_add_test(test_case, test_debtors_are_bounded);
        tcase_add_test(test_case, test_leaving);
}

int main(void)
{
        return unit_main("fair", add);
}
