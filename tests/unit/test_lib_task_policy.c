/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/task_policy.h"

#include <errno.h>
#include <inttypes.h>

#include "lib/cleanup.h"
#include "lib/key_table.h"
#include "lib/task_value.h"
#include "tests/unit/unit.h"

/* Assignments, and what task_policy_format() makes of them; NULL: the last of them is refused. */
static const struct {
        const char *key, *values[4];
        const char *text;
} assignments[] = {
        { "Description", { "Cleans up" }, "Description=Cleans up\n" },
        { "Description", { "a", "b" }, "Description=b\n" },
        { "Description", { "a", "" }, "" },
        { "Description", { "100% \"sure\" \\n ; #" }, "Description=100% \"sure\" \\n ; #\n" },
        { "Description", { "a\tb" }, NULL },
        { "Description", { "\xc2\x9b" }, NULL },
        { "Description", { "\xff" }, NULL },
        { "RuntimeMaxSec", { "90" }, "RuntimeMaxSec=90s\n" },
        { "RuntimeMaxSec", { "5min 20s" }, "RuntimeMaxSec=320s\n" },
        { "RuntimeMaxSec", { "1.5s" }, "RuntimeMaxSec=1500ms\n" },
        { "RuntimeMaxSec", { "1500us" }, "RuntimeMaxSec=1500us\n" },
        { "RuntimeMaxSec", { "infinity" }, "RuntimeMaxSec=infinity\n" },
        { "RuntimeMaxSec", { "366 days" }, "RuntimeMaxSec=31622400s\n" },
        { "RuntimeMaxSec", { "367 days" }, NULL },
        { "RuntimeMaxSec", { "0" }, NULL },
        { "RuntimeMaxSec", { "5 apples" }, NULL },
        { "RuntimeMaxSec", { "-5" }, NULL },
        { "RuntimeMaxSec", { "5", "" }, "" },
        { "RuntimeMinSec", { "0" }, "RuntimeMinSec=0s\n" },
        { "RuntimeMinSec", { "500ms" }, "RuntimeMinSec=500ms\n" },
        { "RuntimeMinSec", { "infinity" }, NULL },
        { "Network", { "yes" }, "Network=yes\n" },
        { "Network", { "True" }, "Network=yes\n" },
        { "Network", { "on" }, "Network=yes\n" },
        { "Network", { "1" }, "Network=yes\n" },
        { "Network", { "1", "no" }, "" },
        { "Network", { "maybe" }, NULL },
        { "Network", { "2" }, NULL },
        { "ReadOnlyPaths", { "/a /b" }, "ReadOnlyPaths=/a\nReadOnlyPaths=/b\n" },
        { "ReadOnlyPaths", { "/a", "-/b" }, "ReadOnlyPaths=/a\nReadOnlyPaths=-/b\n" },
        { "ReadOnlyPaths", { "/a", "", "/b" }, "ReadOnlyPaths=/b\n" },
        { "ReadOnlyPaths", { "/a /a/ //a /./a/." }, "ReadOnlyPaths=/a\n" },
        { "ReadOnlyPaths", { "/ // /." }, "ReadOnlyPaths=/\n" },
        { "ReadOnlyPaths",
          { "\"/a b\" '/c d' /e\\ f" },
          "ReadOnlyPaths=\"/a b\"\nReadOnlyPaths=\"/c d\"\nReadOnlyPaths=\"/e f\"\n" },
        { "ReadOnlyPaths", { "/a..b/..c" }, "ReadOnlyPaths=/a..b/..c\n" },
        { "ReadOnlyPaths", { "/a/../b" }, NULL },
        { "ReadOnlyPaths", { "/a/.." }, NULL },
        { "ReadOnlyPaths", { "/.." }, NULL },
        { "ReadOnlyPaths", { "a" }, NULL },
        { "ReadOnlyPaths", { "--/a" }, NULL },
        { "ReadOnlyPaths", { "+/a" }, NULL },
        { "ReadOnlyPaths", { "\"\"" }, NULL },
        { "ReadOnlyPaths", { "\"/a" }, NULL },
        { "ReadOnlyPaths", { "/a\\" }, NULL },
        { "ReadOnlyPaths", { "/a\\n" }, NULL },
        { "ReadWritePaths", { "/%h" }, "ReadWritePaths=/%h\n" },
        { "Subprocess", { "yes" }, "Subprocess=yes\n" },
        { "ControlSocket", { "yes" }, "ControlSocket=yes\n" },
        { "MemoryMax", { "64M" }, "MemoryMax=64M\n" },
        { "MemoryMax", { "0.5G" }, "MemoryMax=512M\n" },
        { "MemoryMax", { "67108864" }, "MemoryMax=64M\n" },
        { "MemoryMax", { "infinity" }, "MemoryMax=infinity\n" },
        { "MemoryMax", { "1M" }, NULL },
        { "MemoryMax", { "0" }, NULL },
        { "MemoryMax", { "101%" }, NULL },
        { "MemoryMax", { "64MB" }, NULL },
        { "MemoryMax", { "64m" }, NULL },
        { "MemoryMax", { "99999999999999999999" }, NULL },
        { "MemoryMax", { "16E" }, NULL },
        { "MemorySwapMax", { "0" }, "MemorySwapMax=0\n" },
        { "MemorySwapMax", { "0", "" }, "" },
        { "MemorySwapMax", { "infinity" }, "" },
        { "CPUQuota", { "50%" }, "CPUQuota=50%\n" },
        { "CPUQuota", { "250%" }, "CPUQuota=250%\n" },
        { "CPUQuota", { "0%" }, NULL },
        { "CPUQuota", { "50" }, NULL },
        { "CPUQuota", { "0.5%" }, NULL },
        { "TasksMax", { "20" }, "TasksMax=20\n" },
        { "TasksMax", { "infinity" }, "TasksMax=infinity\n" },
        { "TasksMax", { "1" }, NULL },
        { "TasksMax", { "20", "" }, "" },
        { "IOWeight", { "100" }, "IOWeight=100\n" },
        { "IOWeight", { "10001" }, NULL },
        { "LimitCPU", { "2min" }, "LimitCPU=120s\n" },
        { "LimitCPU", { "1.2" }, "LimitCPU=2s\n" },
        { "LimitCPU", { "10ms" }, NULL },
        { "Nice", { "-20" }, "Nice=-20\n" },
        { "Nice", { "0" }, "Nice=0\n" },
        { "Nice", { "19", "" }, "" },
        { "Nice", { "-21" }, NULL },
        { "Nice", { "20" }, NULL },
        { "Nice", { "1.5" }, NULL },
        { "IOSchedulingClass", { "idle" }, "IOSchedulingClass=idle\n" },
        { "IOSchedulingClass", { "2" }, "IOSchedulingClass=best-effort\n" },
        { "IOSchedulingClass", { "idle", "none" }, "" },
        { "IOSchedulingClass", { "4" }, NULL },
        { "IOSchedulingClass", { "11" }, NULL },
        { "IOSchedulingClass", { "Idle" }, NULL },
        { "IOSchedulingPriority", { "0" }, "IOSchedulingPriority=0\n" },
        { "IOSchedulingPriority", { "7", "" }, "" },
        { "IOSchedulingPriority", { "8" }, NULL },
        { "IOSchedulingPriority", { "-1" }, NULL },
        { "LimitNOFILE", { "4096" }, "LimitNOFILE=4096\n" },
        { "LimitNOFILE", { "1024" }, "" },
        { "LimitNOFILE", { "infinity" }, NULL },
        { "LimitNOFILE", { "1024:2048" }, NULL },
        { "LimitFSIZE", { "100M" }, "LimitFSIZE=100M\n" },
        { "OutputMax", { "64K" }, "OutputMax=64K\n" },
        { "OutputMax", { "1" }, NULL },
        { "OutputMax", { "infinity" }, NULL },
        { "JIT", { "no" }, "JIT=no\n" },
        { "JIT", { "no", "" }, "" },
        { "Profile", { "persistent" }, "Profile=persistent\n" },
        { "Profile", { "ephemeral" }, "Profile=ephemeral\n" },
        { "Profile", { "persistent", "" }, "" },
        { "Profile", { "Persistent" }, NULL },
        { "Idempotent", { "yes" }, "Idempotent=yes\n" },
        { "OnDaemonExit", { "adopt" }, "OnDaemonExit=adopt\n" },
        { "OnDaemonExit", { "kill" }, NULL },
        { "User", { "nobody" }, "User=nobody\n" },
        { "User", { "65534" }, "User=65534\n" },
        { "User", { "no body" }, NULL },
        { "User", { "-1" }, NULL },
        { "User", { "65535" }, NULL },
        { "User", { "4294967295" }, NULL },
        { "User", { "1x" }, NULL },
        { "Environment", { "A=1 B=2", "A=3" }, "Environment=A=3\nEnvironment=B=2\n" },
        { "Environment",
          { "\"A=x y\" B='1 2' C=" },
          "Environment=\"A=x y\"\nEnvironment=\"B=1 2\"\nEnvironment=C=\n" },
        { "Environment",
          { "A=\\x41\\u00e9\\103\\s\\n" },
          "Environment=\"A=A\xc3\xa9"
          "C \\x0a\"\n" },
        { "Environment", { "A=1", "" }, "" },
        { "Environment", { "A" }, NULL },
        { "Environment", { "=1" }, NULL },
        { "Environment", { "1A=1" }, NULL },
        { "Environment", { "A-B=1" }, NULL },
        { "Environment", { "A=\\q" }, NULL },
        { "Environment", { "A=\\xff" }, NULL },
        { "Environment", { "A=\\000" }, NULL },
        { "Environment", { "A=\\x1b" }, NULL },
        { "Require", { "net=netns fs=mount+landlock" }, "Require=net=netns\nRequire=fs=mount+landlock\n" },
        { "Require", { "fs=landlock4" }, "Require=fs=landlock4\n" },
        { "Require", { "fs=landlock4444" }, NULL },
        { "Require", { "fs=mount4" }, NULL },
        { "Require", { "fs=netns" }, NULL },
        { "Require", { "fs=" }, NULL },
        { "Require", { "fs=mount+" }, NULL },
        { "Require", { "fs" }, NULL },
        { "Require", { "fs=\\n" }, NULL },
};

START_TEST(assigning)
{
        struct error error = ERROR_INIT;
        struct task_policy policy;
        int r = 0;

        task_policy_init(&policy);
        for (size_t i = 0; i < ARRAY_SIZE(assignments[_i].values) && assignments[_i].values[i]; i++) {
                ck_assert_msg(r == 0, "%s", error.text);
                r = task_policy_set(&policy, assignments[_i].key, assignments[_i].values[i], &error);
        }
        if (assignments[_i].text) {
                _cleanup_free_ char *text = task_policy_format(&policy);
                ck_assert_msg(r == 0, "%s", error.text);
                ck_assert_str_eq(text, assignments[_i].text);
        } else {
                ck_assert_int_lt(r, 0);
                ck_assert_int_eq(r, -error.code);
                ck_assert_ptr_eq(strstr(error.text, assignments[_i].key), error.text);
                ck_assert_ptr_nonnull(strstr(error.text, "expected "));
        }
        task_policy_done(&policy);
}
END_TEST

START_TEST(defaults)
{
        struct task_policy policy;

        task_policy_init(&policy);
        ck_assert(!policy.network && !policy.subprocess && !policy.control_socket && policy.jit);
        ck_assert_int_eq(policy.runtime_max_us, 0);
        ck_assert_int_eq(policy.runtime_min_us, -1);
        ck_assert_uint_eq(policy.memory_swap_max, TASK_NO_LIMIT);
        ck_assert_uint_eq(policy.limit_cpu_sec, TASK_NO_LIMIT);
        ck_assert_uint_eq(policy.limit_nofile, 1024);
        ck_assert_ptr_null(policy.read_only_paths);
        _cleanup_free_ char *text = task_policy_format(&policy);
        ck_assert_str_eq(text, "");
        for (size_t i = 0; i < TASK_POLICY_KEYS; i++) {
                _cleanup_free_ char *value = task_policy_value(&policy, i);
                ck_assert_ptr_nonnull(value);
                /* What it says is what it means. */
                ck_assert_int_eq(task_policy_set(&policy, task_policy_key(i), value, NULL), 0);
                ck_assert_int_eq(task_policy_find(task_policy_key(i)), (int)i);
        }
        task_policy_done(&policy);
}
END_TEST

/* What was assigned is the same after a way over the wire. */
START_TEST(round_trip)
{
        struct task_policy policy, again;
        struct error error = ERROR_INIT;

        task_policy_init(&policy);
        for (size_t i = 0; i < ARRAY_SIZE(assignments); i++)
                if (assignments[i].text)
                        ck_assert_int_eq(task_policy_set(&policy, assignments[i].key,
                                                         assignments[i].values[0], &error),
                                         0);
        _cleanup_free_ char *text = task_policy_format(&policy);
        ck_assert_ptr_nonnull(text);
        ck_assert_msg(task_policy_parse(text, &again, &error) == 0, "%s", error.text);
        _cleanup_free_ char *twice = task_policy_format(&again);
        ck_assert_str_eq(text, twice);
        task_policy_done(&policy);
        task_policy_done(&again);
}
END_TEST

static const char *const bad_texts[] = {
        "Network", "Network=yes", "Network=\n",     "Network=perhaps\n",  "Nettwork=yes\n",
        "\n",      "=\n",         " Network=yes\n", "Description=\xff\n",
};

START_TEST(bad_text)
{
        struct task_policy policy = { .cpu_quota = 77 };
        struct error error = ERROR_INIT;

        ck_assert_int_eq(task_policy_parse(bad_texts[_i], &policy, &error), -EBADMSG);
        ck_assert_int_eq(policy.cpu_quota, 77);
        ck_assert_ptr_eq(strstr(error.text, "policy: "), error.text);
}
END_TEST

START_TEST(long_text)
{
        struct task_policy policy;
        char *text = calloc(1, TASK_POLICY_TEXT_MAX + 2);

        memset(text, '\n', TASK_POLICY_TEXT_MAX + 1);
        ck_assert_int_eq(task_policy_parse(text, &policy, NULL), -EBADMSG);
        free(text);

        struct error error = ERROR_INIT;
        task_policy_init(&policy);
        for (int i = 0; i < KEY_LIST_MAX; i++) {
                char path[32];
                snprintf(path, sizeof(path), "/%d", i);
                ck_assert_int_eq(task_policy_set(&policy, "ReadOnlyPaths", path, NULL), 0);
        }
        ck_assert_int_eq(task_policy_set(&policy, "ReadOnlyPaths", "/1 /2", NULL), 0);
        ck_assert_int_eq(task_policy_set(&policy, "ReadOnlyPaths", "/x", &error), -E2BIG);
        ck_assert_str_eq(error.text, "ReadOnlyPaths=: expected at most 128 entries, found more");
        task_policy_done(&policy);
}
END_TEST

START_TEST(unknown_key)
{
        struct error error = ERROR_INIT;
        struct task_policy policy;

        task_policy_init(&policy);
        ck_assert_int_eq(task_policy_set(&policy, "Netwrok", "yes", &error), -ENOENT);
        ck_assert_int_eq(task_policy_set(&policy, "network", "yes", &error), -ENOENT);
        ck_assert_int_lt(task_policy_find(""), 0);
        task_policy_done(&policy);
}
END_TEST

START_TEST(words_of_errors)
{
        struct error error = ERROR_INIT;
        struct task_policy policy;
        char *text = calloc(1, 1000);

        task_policy_init(&policy);
        (void)task_policy_set(&policy, "Network", "may\tbe", &error);
        ck_assert_str_eq(error.text, "Network=: expected yes or no, found \"may\\tbe\"");
        memset(text, 'x', 99);
        strcpy(text + 99, "\xc3\xa9tc");
        (void)task_policy_set(&policy, "Network", text, &error);
        ck_assert_ptr_nonnull(strstr(error.text, "xx…\""));
        free(text);
        task_policy_done(&policy);
}
END_TEST

static const struct {
        const char *text, *system, *user; /* NULL: refused */
} specifiers[] = {
        { "a%%b", "a%b", "a%b" },
        { "%n %N", "t.task t", "t.task t" },
        { "%S/x", "/var/lib/x", "/h/.local/state/x" },
        { "%C", "/var/cache", "/c" },
        { "%E", "/etc", "/h/.config" },
        { "%t", "/run", NULL },
        { "%h", "/h", "/h" },
        { "%q", NULL, NULL },
        { "x%", NULL, NULL },
};

START_TEST(expanding)
{
        for (int system_instance = 0; system_instance < 2; system_instance++) {
                const char *expected = system_instance ? specifiers[_i].system : specifiers[_i].user;
                const struct task_specifiers of = { .task = "t", .system_instance = system_instance };
                struct error error = ERROR_INIT;
                _cleanup_free_ char *text = NULL;

                setenv("HOME", "/h", 1);
                setenv("XDG_CACHE_HOME", "/c", 1);
                unsetenv("XDG_STATE_HOME");
                unsetenv("XDG_CONFIG_HOME");
                unsetenv("XDG_RUNTIME_DIR");
                int r = task_specifiers_expand(&of, specifiers[_i].text, &text, &error);
                if (expected) {
                        ck_assert_int_eq(r, 0);
                        ck_assert_str_eq(text, expected);
                } else {
                        ck_assert_int_lt(r, 0);
                        ck_assert_str_ne(error.text, "");
                }
        }
}
END_TEST

/* What a specifier stands for is not read again: no quotes, no further specifiers. */
START_TEST(expanding_in_lists)
{
        const struct task_specifiers of = { .task = "t", .system_instance = false };
        struct error error = ERROR_INIT;
        struct task_policy policy;

        setenv("HOME", "/home/a b\"%n", 1);
        task_policy_init(&policy);
        ck_assert_int_eq(task_policy_assign(&policy, "ReadOnlyPaths", "%h/x", &of, &error), 0);
        ck_assert_str_eq(policy.read_only_paths[0], "/home/a b\"%n/x");
        _cleanup_free_ char *text = task_policy_format(&policy);
        ck_assert_str_eq(text, "ReadOnlyPaths=\"/home/a b\\\"%n/x\"\n");
        ck_assert_int_eq(task_policy_assign(&policy, "ReadOnlyPaths", "/%q", &of, &error), -EINVAL);
        ck_assert_ptr_eq(strstr(error.text, "ReadOnlyPaths=: expected %% or"), error.text);
        _cleanup_free_ char *protected = task_specifiers_protect("5%%h");
        ck_assert_str_eq(protected, "5%%%%h");
        task_policy_done(&policy);
}
END_TEST

START_TEST(percent_of_memory)
{
        struct task_policy all, half;

        task_policy_init(&all);
        task_policy_init(&half);
        ck_assert_int_eq(task_policy_set(&all, "MemoryMax", "100%", NULL), 0);
        ck_assert_int_eq(task_policy_set(&half, "MemoryMax", "50%", NULL), 0);
        ck_assert_uint_eq(half.memory_max / 1024, all.memory_max / 2048);
        task_policy_done(&all);
        task_policy_done(&half);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, assigning, 0, ARRAY_SIZE(assignments));
        tcase_add_test(test_case, defaults);
        tcase_add_test(test_case, round_trip);
        tcase_add_loop_test(test_case, bad_text, 0, ARRAY_SIZE(bad_texts));
        tcase_add_test(test_case, long_text);
        tcase_add_test(test_case, unknown_key);
        tcase_add_test(test_case, words_of_errors);
        tcase_add_loop_test(test_case, expanding, 0, ARRAY_SIZE(specifiers));
        tcase_add_test(test_case, expanding_in_lists);
        tcase_add_test(test_case, percent_of_memory);
}

int main(void)
{
        return unit_main("task_policy", add);
}
