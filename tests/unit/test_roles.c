/* SPDX-License-Identifier: MPL-2.0 */
/* The table of roles: what the preferences say, who has which role by it, and what is refused. */
#include "config.h"

#include "daemon/roles.h"

#include "tests/unit/unit.h"

#define ERRORS_MAX 8

static struct {
        int count;
        char texts[ERRORS_MAX][ERROR_TEXT_MAX];
} reported;

static void report(const char *name, const struct error *error, void *data)
{
        ck_assert_int_lt(reported.count, ERRORS_MAX);
        ck_assert_ptr_nonnull(strstr(error->text, name));
        snprintf(reported.texts[reported.count++], sizeof(reported.texts[0]), "%s", error->text);
}

static void set(struct prefs *prefs, const char *name, const char *value)
{
        char full[256];
        const struct pref_value pref = { .type = PREF_STRING, .string = value };

        snprintf(full, sizeof(full), "bgtaskd.access.%s", name);
        ck_assert_int_eq(prefs_set(prefs, full, PREF_DEFAULT, &pref), 0);
}

static int load(struct prefs *prefs, bool system, struct roles *ret)
{
        reported.count = 0;
        return roles_load(prefs, system, ret, report, NULL);
}

START_TEST(test_words)
{
        for (int role = 0; role < ROLE_COUNT; role++)
                ck_assert_int_eq(role_parse(role_name((enum role)role)), role);
        ck_assert_int_eq(role_parse(""), -1);
        ck_assert_int_eq(role_parse("Admin"), -1);
        ck_assert_int_eq(role_parse("administrator"), -1);
}
END_TEST

/* The peer is in the first @groups of the groups 100 to 102. */
static const struct {
        const char *prefs[4][2];
        bool system, member;
        uid_t uid;
        size_t groups;
        enum role role;
} cases[] = {
        { { { NULL } }, true, true, 1000, 0, ROLE_RUN },
        { { { NULL } }, true, false, 1000, 0, ROLE_NONE },
        { { { NULL } }, false, true, 1000, 0, ROLE_NONE },
        { { { "default", "see" } }, true, true, 1000, 0, ROLE_SEE },
        { { { "default", "see" } }, false, true, 1000, 0, ROLE_SEE },
        { { { "default", "none" } }, true, true, 1000, 0, ROLE_NONE },
        { { { "default", "admin" } }, true, false, 1000, 0, ROLE_NONE },
        { { { "user.1000", "edit" } }, true, true, 1000, 0, ROLE_EDIT },
        { { { "user.1000", "edit" } }, true, false, 1000, 0, ROLE_EDIT },
        { { { "user.1000", "edit" } }, true, false, 1001, 0, ROLE_NONE },
        { { { "user.1000", "edit" } }, false, false, 1000, 0, ROLE_EDIT },
        /* The highest counts … */
        { { { "user.1000", "see" } }, true, true, 1000, 0, ROLE_RUN },
        { { { "user.1000", "see" }, { "group.100", "edit" } }, true, false, 1000, 1, ROLE_EDIT },
        { { { "group.100", "see" }, { "group.101", "admin" }, { "group.102", "edit" } },
          true,
          true,
          1000,
          3,
          ROLE_ADMIN },
        { { { "group.100", "see" }, { "group.101", "admin" } }, true, false, 1000, 1, ROLE_SEE },
        { { { "group.100", "see" } }, true, false, 1000, 0, ROLE_NONE },
        /* … but not over a user's "none", in whatever order. */
        { { { "user.1000", "none" } }, true, true, 1000, 0, ROLE_NONE },
        { { { "user.1000", "none" }, { "group.100", "admin" } }, true, true, 1000, 1, ROLE_NONE },
        { { { "user.1000", "none" }, { "group.100", "admin" } }, true, true, 1001, 1, ROLE_ADMIN },
        /* A group's number is not a user's. */
        { { { "group.1000", "admin" } }, true, false, 1000, 3, ROLE_NONE },
        { { { "user.100", "admin" } }, true, false, 1000, 1, ROLE_NONE },
        { { { "user.root", "see" } }, true, false, 0, 0, ROLE_SEE },
        { { { "group.root", "see" } }, true, false, 1000, 0, ROLE_NONE },
};

START_TEST(test_find)
{
        const gid_t groups[] = { 100, 101, 102 };
        struct prefs *prefs = prefs_new();
        struct roles roles;

        for (size_t i = 0; i < ARRAY_SIZE(cases[_i].prefs) && cases[_i].prefs[i][0]; i++)
                set(prefs, cases[_i].prefs[i][0], cases[_i].prefs[i][1]);
        ck_assert_int_eq(load(prefs, cases[_i].system, &roles), 0);
        ck_assert(!roles.closed);
        ck_assert_int_eq(roles_find(&roles, cases[_i].uid, cases[_i].member, groups, cases[_i].groups),
                         cases[_i].role);
        roles_done(&roles);
        prefs_free(prefs);
}
END_TEST

static const struct {
        const char *name, *value, *text;
} wrong[] = {
        { "user.1000", "owner",
          "bgtaskd.access.user.1000 is \"owner\"; expected \"none\", \"see\", \"run\", \"edit\" or \"admin\"" },
        { "user.1000", "", "bgtaskd.access.user.1000 is \"\"; expected" },
        { "group.100", "none",
          "bgtaskd.access.group.100 is \"none\"; expected \"see\", \"run\", \"edit\" or \"admin\" (only a user can be "
          "shut out, with \"none\")" },
        { "default", "all", "bgtaskd.access.default is \"all\"; expected" },
        { "user.no-such-user-here", "see",
          "bgtaskd.access.user.no-such-user-here: there is no user no-such-user-here; expected the name or number of "
          "a user" },
        { "group.no-such-group-here", "see",
          "bgtaskd.access.group.no-such-group-here: there is no group no-such-group-here; expected the name or "
          "number of a group" },
        { "user.4294967295", "see", "there is no user 4294967295" },
        { "user.99999999999999999999", "see", "there is no user 99999999999999999999" },
        { "user.-1", "see", "there is no user -1" },
        { "user.", "see", "bgtaskd.access.user. is not a preference of bgtaskd; expected" },
        { "defaults", "see", "bgtaskd.access.defaults is not a preference of bgtaskd; expected" },
        { "users.1000", "see",
          "bgtaskd.access.users.1000 is not a preference of bgtaskd; expected bgtaskd.access.user.NAME, "
          "bgtaskd.access.group.NAME or bgtaskd.access.default" },
};

/* With anything wrong, no one has a role. */
START_TEST(test_wrong)
{
        const gid_t groups[] = { 100 };
        struct prefs *prefs = prefs_new();
        struct roles roles;

        set(prefs, "group.101", "admin");
        set(prefs, "user.7", "admin");
        set(prefs, wrong[_i].name, wrong[_i].value);
        ck_assert_int_eq(load(prefs, true, &roles), 1);
        ck_assert_int_eq(reported.count, 1);
        ck_assert_msg(strstr(reported.texts[0], wrong[_i].text), "%s", reported.texts[0]);
        ck_assert(roles.closed);
        ck_assert(!roles_open(&roles));
        ck_assert_int_eq(roles_find(&roles, 7, true, groups, 1), ROLE_NONE);
        roles_done(&roles);
        prefs_free(prefs);
}
END_TEST

START_TEST(test_wrong_type_and_several)
{
        const struct pref_value number = { .type = PREF_INT, .integer = 3 };
        struct prefs *prefs = prefs_new();
        struct roles roles;

        ck_assert_int_eq(prefs_set(prefs, "bgtaskd.access.user.7", PREF_DEFAULT, &number), 0);
        set(prefs, "user.8", "x");
        ck_assert_int_eq(load(prefs, true, &roles), 2);
        ck_assert_int_eq(reported.count, 2);
        ck_assert_ptr_nonnull(strstr(reported.texts[0], "bgtaskd.access.user.7 is not a string; expected"));
        roles_done(&roles);
        prefs_free(prefs);
}
END_TEST

START_TEST(test_open)
{
        struct prefs *prefs = prefs_new();
        struct roles roles;

        set(prefs, "user.7", "none");
        set(prefs, "default", "admin");
        ck_assert_int_eq(load(prefs, true, &roles), 0);
        ck_assert(!roles_open(&roles));
        roles_done(&roles);
        set(prefs, "group.7", "see");
        ck_assert_int_eq(load(prefs, true, &roles), 0);
        ck_assert(roles_open(&roles));
        roles_done(&roles);
        prefs_free(prefs);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_test(test_case, test_words);
        tcase_add_loop_test(test_case, test_find, 0, ARRAY_SIZE(cases));
        tcase_add_loop_test(test_case, test_wrong, 0, ARRAY_SIZE(wrong));
        tcase_add_test(test_case, test_wrong_type_and_several);
        tcase_add_test(test_case, test_open);
}

int main(void)
{
        return unit_main("roles", add);
}
