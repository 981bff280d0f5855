/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/authorise.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* What each role may, in full: a new action must find its place here. */
START_TEST(test_actions)
{
        static const enum role needed[] = {
                [ACTION_SEE] = ROLE_SEE,          [ACTION_RUN] = ROLE_RUN,
                [ACTION_CANCEL_OWN] = ROLE_RUN,   [ACTION_EDIT_SCHEDULES] = ROLE_EDIT,
                [ACTION_SEE_OTHERS] = ROLE_ADMIN, [ACTION_ADMINISTER] = ROLE_ADMIN,
        };

        ck_assert_uint_eq(ARRAY_SIZE(needed), ACTION_COUNT);
        for (int action = 0; action < ACTION_COUNT; action++)
                for (int role = 0; role < ROLE_COUNT; role++) {
                        const struct peer peer = { .uid = 1000, .role = (enum role)role };
                        ck_assert_msg(authorise(&peer, (enum action)action) == (role >= (int)needed[action]),
                                      "%s: %s", action_name((enum action)action), role_name((enum role)role));
                }
}
END_TEST

static const struct {
        bool system;
        uid_t own, peer;
        gid_t primary, other;
        enum role role;
} rules[] = {
        { true, 990, 0, 5, 5, ROLE_ADMIN },
        { true, 990, 990, 5, 5, ROLE_ADMIN },
        { true, 0, 0, 5, 5, ROLE_ADMIN },
        { true, 990, 1000, 42, 5, ROLE_RUN },
        { true, 990, 1000, 5, 42, ROLE_RUN },
        { true, 0, 1000, 5, 42, ROLE_RUN },
        { true, 990, 1000, 5, 6, ROLE_NONE },
        { false, 1000, 1000, 5, 5, ROLE_ADMIN },
        { false, 1000, 0, 5, 5, ROLE_ADMIN },
        { false, 1000, 1001, 5, 5, ROLE_NONE },
        /* A group opens nothing in a user's instance. */
        { false, 1000, 1001, 42, 42, ROLE_NONE },
};

START_TEST(test_rules)
{
        const struct authority authority = { .system = rules[_i].system,
                                             .uid = rules[_i].own,
                                             .socket_gid = 42 };
        const gid_t groups[] = { rules[_i].primary, rules[_i].other };
        struct prefs *prefs = prefs_new();
        struct roles roles;

        ck_assert_int_eq(roles_load(prefs, rules[_i].system, &roles, NULL, NULL), 0);
        ck_assert_int_eq(authority_role(&authority, &roles, rules[_i].peer, groups, 2), rules[_i].role);
        roles_done(&roles);
        prefs_free(prefs);
}
END_TEST

START_TEST(test_peer)
{
        struct authority authority = { .system = true, .uid = geteuid() + 1, .socket_gid = getegid() };
        const struct roles roles = { .fallback = ROLE_SEE };
        enum role expected = geteuid() == 0 ? ROLE_ADMIN : ROLE_SEE;
        struct peer peer;
        int pair[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        ck_assert_int_eq(peer_of_socket(pair[0], &authority, &roles, &peer), 0);
        ck_assert_uint_eq(peer.uid, geteuid());
        ck_assert_int_eq(peer.pid, getpid());
        ck_assert_int_eq(peer.role, expected);
        authority.uid = geteuid();
        ck_assert_int_eq(peer_of_socket(pair[0], &authority, &roles, &peer), 0);
        ck_assert_int_eq(peer.role, ROLE_ADMIN);
        close(pair[0]);
        close(pair[1]);
        ck_assert_int_lt(peer_of_socket(pair[0], &authority, &roles, &peer), 0);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_test(test_case, test_actions);
        tcase_add_loop_test(test_case, test_rules, 0, ARRAY_SIZE(rules));
        tcase_add_test(test_case, test_peer);
}

int main(void)
{
        return unit_main("authorise", add);
}
