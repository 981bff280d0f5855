/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/authorise.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define ALL ((1 << ACTION_COUNT) - 1)
#define MEMBER (1 << ACTION_SEE | 1 << ACTION_RUN | 1 << ACTION_CANCEL_OWN)

static const struct {
        bool system;
        uid_t own, peer;
        bool in_group;
        int allowed; /* bits */
} rules[] = {
        { true, 990, 0, false, ALL },
        { true, 990, 990, false, ALL },
        { true, 0, 0, false, ALL },
        { true, 990, 1000, true, MEMBER },
        { true, 0, 1000, true, MEMBER },
        { true, 990, 1000, false, 0 },
        { false, 1000, 1000, false, ALL },
        { false, 1000, 0, false, ALL },
        { false, 1000, 1001, false, 0 },
        /* A group opens nothing in a user's instance. */
        { false, 1000, 1001, true, 0 },
};

START_TEST(test_rules)
{
        const struct authority authority = { .system = rules[_i].system, .uid = rules[_i].own };
        const struct peer peer = { .uid = rules[_i].peer, .in_group = rules[_i].in_group };

        for (int action = 0; action < ACTION_COUNT; action++)
                ck_assert_msg(authorise(&authority, &peer, (enum action)action) ==
                                      !!(rules[_i].allowed & 1 << action),
                              "rule %d: %s", _i, action_name((enum action)action));
}
END_TEST

START_TEST(test_peer)
{
        struct authority authority = { .system = true, .uid = geteuid(), .socket_gid = getegid() };
        struct peer peer;
        int pair[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        ck_assert_int_eq(peer_of_socket(pair[0], &authority, &peer), 0);
        ck_assert_uint_eq(peer.uid, geteuid());
        ck_assert_int_eq(peer.pid, getpid());
        ck_assert(peer.in_group);
        authority.socket_gid = 54321;
        ck_assert_int_eq(peer_of_socket(pair[0], &authority, &peer), 0);
        ck_assert(!peer.in_group);
        close(pair[0]);
        close(pair[1]);
        ck_assert_int_lt(peer_of_socket(pair[0], &authority, &peer), 0);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_rules, 0, ARRAY_SIZE(rules));
        tcase_add_test(test_case, test_peer);
}

int main(void)
{
        return unit_main("authorise", add);
}
