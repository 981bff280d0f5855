/* SPDX-License-Identifier: MPL-2.0 */
/* The table of the keys of [Task]; lib/key_table.h says what it makes of it. */
#include "config.h"

#include "lib/task_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/key_table.h"
#include "lib/sandbox_text.h"
#include "lib/task_value.h"
#include "lib/util.h"

#define SECOND ((int64_t)USEC_PER_SEC)
#define SPAN_MAX (INT64_C(366) * 24 * 3600 * SECOND)
#define MIB (UINT64_C(1) << 20)

/* ---- texts, and entries of lists ---- */

static int user_check(char **text, struct error *error)
{
        (void)error;
        return task_value_is_user(*text) ? 0 : -EINVAL;
}

static int path_check(char **text, struct error *error)
{
        (void)error;
        return task_value_path(*text);
}

static int environment_check(char **text, struct error *error)
{
        (void)error;
        return task_value_is_environment(*text) ? 0 : -EINVAL;
}

static int variable_check(char **text, struct error *error)
{
        _cleanup_free_ char *assignment = format_string("%s=", *text);

        (void)error;
        if (!assignment)
                return -ENOMEM;
        return !strchr(*text, '=') && task_value_is_environment(assignment) ? 0 : -EINVAL;
}

static int requirement_check(char **text, struct error *error)
{
        if ((*text)[strspn(*text, "abcdefghijklmnopqrstuvwxyz0123456789=+")])
                return -EINVAL;
        return sandbox_requirement_check(*text, error);
}

/* ---- the table ---- */

static const char *const profile_names[] = {
        [TASK_PROFILE_EPHEMERAL] = "ephemeral",
        [TASK_PROFILE_PERSISTENT] = "persistent",
        NULL,
};

static const char *const io_class_names[] = {
        [TASK_IO_CLASS_NONE] = "none",
        [TASK_IO_CLASS_REALTIME] = "realtime",
        [TASK_IO_CLASS_BEST_EFFORT] = "best-effort",
        [TASK_IO_CLASS_IDLE] = "idle",
        NULL,
};

static const char *const daemon_exit_names[] = {
        [TASK_DAEMON_EXIT_DIE] = "die",
        [TASK_DAEMON_EXIT_ADOPT] = "adopt",
        NULL,
};

#define FIELD(member) .offset = offsetof(struct task_policy, member)
#define YES_OR_NO "yes or no"
#define BYTES "bytes with K, M, G or T, or infinity"

static const struct key policy_keys[] = {
        { "Description", KEY_TEXT, FIELD(description), .expected = "a line of at most 1024 bytes" },
        { "RuntimeMaxSec", KEY_SPAN, FIELD(runtime_max_us), .min = 1000, .max = SPAN_MAX, .initial = 0,
          .infinite = true,
          .expected = "a time span from 1ms to 366 days such as \"5min 20s\", or infinity" },
        { "RuntimeMinSec", KEY_SPAN, FIELD(runtime_min_us), .min = 0, .max = SPAN_MAX, .initial = -1,
          .expected = "a time span from 0 to 366 days such as \"500ms\"" },
        { "Network", KEY_BOOL, FIELD(network), .expected = YES_OR_NO },
        { "ReadOnlyPaths", KEY_WORDS, FIELD(read_only_paths), .check = path_check,
          .expected = "absolute paths without \"..\", a \"-\" in front of those that may be absent" },
        { "ReadWritePaths", KEY_WORDS, FIELD(read_write_paths), .check = path_check,
          .expected = "absolute paths without \"..\", a \"-\" in front of those that may be absent" },
        { "Subprocess", KEY_BOOL, FIELD(subprocess), .expected = YES_OR_NO },
        { "ControlSocket", KEY_BOOL, FIELD(control_socket), .expected = YES_OR_NO },
        { "MemoryMax", KEY_SIZE, FIELD(memory_max), .min = (int64_t)(32 * MIB), .max = INT64_MAX,
          .initial = 0, .infinite = true, .of_memory = true,
          .expected = "at least 32M: " BYTES ", or a percentage of the memory" },
        { "MemorySwapMax", KEY_SIZE, FIELD(memory_swap_max), .min = 0, .max = INT64_MAX, .initial = -1,
          .infinite = true, .expected = BYTES },
        { "CPUQuota", KEY_PERCENT, FIELD(cpu_quota), .min = 1, .max = 100000,
          .expected = "a whole percentage from 1% to 100000%, 100% being one processor" },
        { "TasksMax", KEY_COUNT, FIELD(tasks_max), .min = 16, .max = 4194304, .initial = 256,
          .infinite = true, .expected = "a number from 16 to 4194304, or infinity" },
        { "IOWeight", KEY_NUMBER, FIELD(io_weight), .min = 1, .max = 10000,
          .expected = "a number from 1 to 10000" },
        { "Nice", KEY_NUMBER, FIELD(nice), .min = -20, .max = 19, .initial = TASK_PRIORITY_UNSET,
          .expected = "a number from -20 to 19" },
        { "IOSchedulingClass", KEY_ENUM, FIELD(io_class), .names = io_class_names, .numbered = true,
          .expected = "none, realtime, best-effort or idle" },
        { "IOSchedulingPriority", KEY_NUMBER, FIELD(io_priority), .min = 0, .max = 7,
          .initial = TASK_PRIORITY_UNSET, .expected = "a number from 0 to 7" },
        { "LimitCPU", KEY_SECONDS, FIELD(limit_cpu_sec), .min = SECOND, .max = SPAN_MAX, .initial = -1,
          .infinite = true, .expected = "a time span from 1s to 366 days, or infinity" },
        { "LimitNOFILE", KEY_COUNT, FIELD(limit_nofile), .min = 64, .max = 1048576, .initial = 1024,
          .expected = "a number from 64 to 1048576" },
        { "LimitFSIZE", KEY_SIZE, FIELD(limit_fsize), .min = (int64_t)MIB, .max = INT64_MAX, .initial = -1,
          .infinite = true, .expected = "at least 1M: " BYTES },
        { "OutputMax", KEY_SIZE, FIELD(output_max), .min = 4096, .max = (int64_t)(1024 * MIB), .initial = 0,
          .expected = "from 4K to 1G: bytes with K, M or G" },
        { "JIT", KEY_BOOL, FIELD(jit), .initial = 1, .expected = YES_OR_NO },
        { "Profile", KEY_ENUM, FIELD(profile), .names = profile_names, .is_set = true,
          .beside = offsetof(struct task_policy, profile_set), .expected = "ephemeral or persistent" },
        { "Idempotent", KEY_BOOL, FIELD(idempotent), .expected = YES_OR_NO },
        { "OnDaemonExit", KEY_ENUM, FIELD(on_daemon_exit), .names = daemon_exit_names,
          .expected = "die or adopt" },
        { "User", KEY_TEXT, FIELD(user), .check = user_check, .expected = "a user's name or number" },
        { "Environment", KEY_WORDS, FIELD(environment), .same = KEY_SAME_NAME, .check = environment_check,
          .expected = "NAME=VALUE, in quotes if it has blanks" },
        { "PassEnvironment", KEY_WORDS, FIELD(pass_environment), .check = variable_check,
          .expected = "names of variables" },
        { "Require", KEY_WORDS, FIELD(require), .check = requirement_check,
          .expected = "FACET=MECHANISM such as net=netns" },
};
_Static_assert(ARRAY_SIZE(policy_keys) == TASK_POLICY_KEYS, "lib/task_policy.h says how many keys there are");
/* Enumerations are read and written as int. */
_Static_assert(sizeof(enum task_profile) == sizeof(int) && sizeof(enum task_daemon_exit) == sizeof(int) &&
                       sizeof(enum task_io_class) == sizeof(int),
               "");

static const struct key_table table = { policy_keys, ARRAY_SIZE(policy_keys), TASK_POLICY_TEXT_MAX,
                                        "policy" };

const char *task_policy_key(size_t index)
{
        return policy_keys[index].name;
}

int task_policy_find(const char *key)
{
        return key_table_find(&table, key);
}

void task_policy_init(struct task_policy *policy)
{
        *policy = (struct task_policy){ 0 };
        key_table_reset(&table, policy);
}

void task_policy_done(struct task_policy *policy)
{
        key_table_reset(&table, policy);
}

int task_policy_assign(struct task_policy *policy, const char *key, const char *value,
                       const struct task_specifiers *specifiers, struct error *error)
{
        const struct key_assignment assignment = { key, value, specifiers };

        return key_table_assign(&table, policy, &assignment, error);
}

int task_policy_set(struct task_policy *policy, const char *key, const char *value, struct error *error)
{
        return task_policy_assign(policy, key, value, NULL, error);
}

char *task_policy_format(const struct task_policy *policy)
{
        return key_table_format(&table, policy);
}

int task_policy_parse(const char *text, struct task_policy *ret, struct error *error)
{
        struct task_policy policy;

        task_policy_init(&policy);
        int r = key_table_parse(&table, text, &policy, error);
        if (r < 0) {
                task_policy_done(&policy);
                return r;
        }
        *ret = policy;
        return 0;
}

char *task_policy_value(const struct task_policy *policy, size_t index)
{
        return key_table_value(&table, policy, index);
}
