/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <errno.h>

#include "lib/sandbox_text.h"
#include "tests/unit/unit.h"

static const struct sandbox some = {
        .mechanisms = 1U << SANDBOX_FS_MOUNT | 1U << SANDBOX_FS_LANDLOCK | 1U << SANDBOX_NET_SECCOMP |
                      1U << SANDBOX_CALLS_SECCOMP | 1U << SANDBOX_KILL_NOFORK | 1U << SANDBOX_UID_SHARED,
        .landlock = 4,
};

static const struct {
        const char *requirement;
        int r;
        const char *expected; /* in the text of the error */
} requirements[] = {
        { "fs=mount", 0, NULL },
        { "fs=mount+landlock", 0, NULL },
        { "fs=landlock+mount", 0, NULL },
        { "fs=landlock4", 0, NULL },
        { "fs=landlock5", -EPERM,
          "the task requires fs=landlock5, in force is fs=mount+landlock4 net=seccomp" },
        { "net=netns", -EPERM, "net=netns" },
        { "net=netns+seccomp", -EPERM, "net=netns+seccomp" },
        { "cgroup=v2", -EPERM, "cgroup=none" },
        { "uid=shared", 0, NULL },
        { "", -EINVAL, "expected FACET=MECHANISM, the facet one of fs, net, calls" },
        { "fs", -EINVAL, "expected FACET=MECHANISM" },
        { "=mount", -EINVAL, "expected FACET=MECHANISM" },
        { "files=mount", -EINVAL, "the facet one of" },
        { "a-facet-that-is-far-too-long=mount", -EINVAL, "the facet one of" },
        { "fs=", -EINVAL, "expected one of mount, landlock after \"fs=\"" },
        { "fs=mount+", -EINVAL, "expected one of" },
        { "fs=mounts", -EINVAL, "expected one of" },
        { "fs=landlock0", -EINVAL, "expected one of" },
        { "fs=landlock12345678", -EINVAL, "expected one of" },
        { "fs=none", -EINVAL, "expected one of" },
        { "net=mount", -EINVAL, "expected one of netns" },
};

START_TEST(requirement)
{
        const char *text = requirements[_i].requirement;
        char *list[] = { (char *)"fs=mount", (char *)text, NULL };
        struct error error = ERROR_INIT;

        int r = sandbox_require(&some, list, &error);
        ck_assert_msg(r == requirements[_i].r, "%s: %d", text, r);
        if (r < 0)
                ck_assert_msg(strstr(error.text, requirements[_i].expected) != NULL, "%s", error.text);
        /* Whether it is in force here is no question of its form. */
        ck_assert_int_eq(sandbox_requirement_check(text, &error), r == -EINVAL ? -EINVAL : 0);
}
END_TEST

START_TEST(nothing_required)
{
        const struct sandbox none = { 0 };
        char *empty[] = { NULL };

        ck_assert_int_eq(sandbox_require(&none, NULL, NULL), 0);
        ck_assert_int_eq(sandbox_require(&none, empty, NULL), 0);
}
END_TEST

START_TEST(text)
{
        const struct sandbox none = { 0 };
        struct sandbox all = { .landlock = 999 };
        char words[SANDBOX_TEXT_MAX];

        sandbox_text(&none, words);
        ck_assert_str_eq(words,
                         "fs=none net=none calls=none kill=none limits=none uid=none caps=none ipc=none "
                         "cgroup=none");
        sandbox_text(&some, words);
        ck_assert_str_eq(words,
                         "fs=mount+landlock4 net=seccomp calls=seccomp kill=nofork limits=none uid=shared "
                         "caps=none ipc=none cgroup=none");
        for (int i = 0; i < SANDBOX_MECHANISM_COUNT; i++)
                sandbox_add(&all, (enum sandbox_mechanism)i);
        sandbox_text(&all, words);
        ck_assert_str_eq(strrchr(words, ' '), " cgroup=v2"); /* it fits */
        ck_assert(strncmp(words, "fs=mount+landlock999 ", 21) == 0);
}
END_TEST

static const char *const bad_texts[] = {
        "",          "fs",          "=mount",       "fs=",          "fs=mount+",     "fs=+mount",
        "fs=mounts", "files=mount", "fs=mount net", "fs=landlockx", "fs=none+mount",
};

START_TEST(bad_text)
{
        struct sandbox sandbox = some;
        struct error error = ERROR_INIT;

        ck_assert_int_eq(sandbox_parse(bad_texts[_i], &sandbox, &error), -EBADMSG);
        ck_assert_str_ne(error.text, "");
        ck_assert_mem_eq(&sandbox, &some, sizeof(some));
}
END_TEST

START_TEST(both_ways)
{
        const struct sandbox cases[] = {
                { 0 },
                some,
                { .mechanisms = (UINT32_C(1) << SANDBOX_MECHANISM_COUNT) - 1, .landlock = 7 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct sandbox back = { .landlock = 99 };
                struct error error = ERROR_INIT;
                char words[SANDBOX_TEXT_MAX];
                sandbox_text(&cases[i], words);
                ck_assert_msg(sandbox_parse(words, &back, &error) == 0, "%s", error.text);
                ck_assert_uint_eq(back.mechanisms, cases[i].mechanisms);
                ck_assert_uint_eq(back.landlock, cases[i].landlock);
        }
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, requirement, 0, (int)ARRAY_SIZE(requirements));
        tcase_add_test(test_case, nothing_required);
        tcase_add_test(test_case, text);
        tcase_add_loop_test(test_case, bad_text, 0, (int)ARRAY_SIZE(bad_texts));
        tcase_add_test(test_case, both_ways);
}

int main(void)
{
        return unit_main("sandbox_text", add);
}
