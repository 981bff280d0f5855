/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The table of keys, and assigning by it. A field's value while nobody has set it is the row's `initial`, which an
 * empty assignment brings back; task_policy_format() leaves out what is initial.
 */
#include "config.h"

#include "lib/task_policy.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "lib/cleanup.h"
#include "lib/task_policy_internal.h"
#include "lib/task_value.h"
#include "lib/util.h"

#define SECOND ((int64_t)USEC_PER_SEC)
#define SPAN_MAX (INT64_C(366) * 24 * 3600 * SECOND)
#define MIB (UINT64_C(1) << 20)
#define TEXT_MAX 1024

static const char *const profile_names[] = {
        [TASK_PROFILE_EPHEMERAL] = "ephemeral",
        [TASK_PROFILE_PERSISTENT] = "persistent",
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

const struct policy_key policy_keys[] = {
        { "Description", KEY_TEXT, FIELD(description), .expected = "a line of at most 1024 bytes" },
        { "RuntimeMaxSec", KEY_SPAN, FIELD(runtime_max_us), .min = 1000, .max = SPAN_MAX, .initial = 0,
          .infinite = true,
          .expected = "a time span from 1ms to 366 days such as \"5min 20s\", or infinity" },
        { "RuntimeMinSec", KEY_SPAN, FIELD(runtime_min_us), .min = 0, .max = SPAN_MAX, .initial = -1,
          .expected = "a time span from 0 to 366 days such as \"500ms\"" },
        { "Network", KEY_BOOL, FIELD(network), .expected = YES_OR_NO },
        { "ReadOnlyPaths", KEY_PATHS, FIELD(read_only_paths),
          .expected = "absolute paths without \"..\", a \"-\" in front of those that may be absent" },
        { "ReadWritePaths", KEY_PATHS, FIELD(read_write_paths),
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
        { "IOWeight", KEY_WEIGHT, FIELD(io_weight), .min = 1, .max = 10000,
          .expected = "a number from 1 to 10000" },
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
          .expected = "ephemeral or persistent" },
        { "Idempotent", KEY_BOOL, FIELD(idempotent), .expected = YES_OR_NO },
        { "OnDaemonExit", KEY_ENUM, FIELD(on_daemon_exit), .names = daemon_exit_names,
          .expected = "die or adopt" },
        { "User", KEY_USER, FIELD(user), .expected = "a user's name or number" },
        { "Environment", KEY_ENVIRONMENT, FIELD(environment),
          .expected = "NAME=VALUE, in quotes if it has blanks" },
        { "PassEnvironment", KEY_VARIABLES, FIELD(pass_environment), .expected = "names of variables" },
        { "Require", KEY_REQUIRE, FIELD(require), .expected = "FACET=MECHANISM such as net=netns" },
};
_Static_assert(ARRAY_SIZE(policy_keys) == TASK_POLICY_KEYS, "lib/task_policy.h says how many keys there are");
/* Enumerations are read and written as int. */
_Static_assert(sizeof(enum task_profile) == sizeof(int) && sizeof(enum task_daemon_exit) == sizeof(int), "");

const char *task_policy_key(size_t index)
{
        return policy_keys[index].name;
}

int task_policy_find(const char *key)
{
        for (size_t i = 0; i < ARRAY_SIZE(policy_keys); i++)
                if (strcmp(policy_keys[i].name, key) == 0)
                        return (int)i;
        return -ENOENT;
}

/* ---- fields ---- */

static void key_reset(struct task_policy *policy, const struct policy_key *key)
{
        void *field = policy_field(policy, key);

        switch (key->type) {
        case KEY_TEXT:
        case KEY_USER:
                free(*(char **)field);
                *(char **)field = NULL;
                break;
        case KEY_PATHS:
        case KEY_ENVIRONMENT:
        case KEY_VARIABLES:
        case KEY_REQUIRE:
                strv_free(*(char ***)field);
                *(char ***)field = NULL;
                break;
        case KEY_BOOL:
                *(bool *)field = key->initial != 0;
                break;
        case KEY_SPAN:
                *(int64_t *)field = key->initial;
                break;
        case KEY_SIZE:
        case KEY_COUNT:
        case KEY_SECONDS:
                *(uint64_t *)field = (uint64_t)key->initial;
                break;
        case KEY_PERCENT:
        case KEY_WEIGHT:
                *(uint32_t *)field = (uint32_t)key->initial;
                break;
        case KEY_ENUM:
                *(int *)field = (int)key->initial;
                break;
        }
        if (key->is_set)
                policy->profile_set = false;
}

void task_policy_init(struct task_policy *policy)
{
        *policy = (struct task_policy){ 0 };
        for (size_t i = 0; i < ARRAY_SIZE(policy_keys); i++)
                key_reset(policy, &policy_keys[i]);
}

void task_policy_done(struct task_policy *policy)
{
        for (size_t i = 0; i < ARRAY_SIZE(policy_keys); i++)
                key_reset(policy, &policy_keys[i]);
}

/* ---- assigning ---- */

/* "Key=: expected …, found …" of at most 100 bytes of @value. */
static int key_refuse(const struct policy_key *key, int code, const char *value, struct error *error)
{
        size_t length = strnlen(value, 100);

        while (length > 0 && value[length] && ((unsigned char)value[length] & 0xc0) == 0x80)
                length--; /* not through a character */
        _cleanup_free_ char *found = text_escape(value, length);
        return error_set(error, code, "%s=: expected %s, found \"%s%s\"", key->name, key->expected,
                         found ? found : "?", value[length] ? "…" : "");
}

static int range_check(const struct policy_key *key, uint64_t value)
{
        if (value == UINT64_MAX)
                return key->infinite ? 0 : -EINVAL;
        return value >= (uint64_t)key->min && value <= (uint64_t)key->max ? 0 : -ERANGE;
}

static int span_assign(const struct policy_key *key, const char *value, void *field)
{
        int64_t us;
        int r = task_value_span(value, &us);

        if (r == 0)
                r = range_check(key, us == INT64_MAX ? UINT64_MAX : (uint64_t)us);
        if (r < 0)
                return r;
        if (key->type == KEY_SPAN)
                *(int64_t *)field = us;
        else /* up, as a part of a second would else be none */
                *(uint64_t *)field = us == INT64_MAX ? TASK_NO_LIMIT
                                                     : (uint64_t)(us / SECOND + (us % SECOND > 0));
        return 0;
}

static int size_assign(const struct policy_key *key, const char *value, uint64_t *field)
{
        uint64_t bytes = 0;
        uint32_t percent;
        int r;

        if (key->of_memory && task_value_percent(value, &percent) == 0) {
                struct sysinfo info;
                if (sysinfo(&info) < 0)
                        return -errno;
                if (percent < 1 || percent > 100)
                        return -ERANGE;
                /* A small machine's percent may be less than the engine can live with. */
                bytes = (uint64_t)info.totalram * info.mem_unit / 100 * percent;
                bytes = MAX(bytes, (uint64_t)key->min);
                r = 0;
        } else {
                r = task_value_size(value, &bytes);
        }
        if (r == 0)
                r = range_check(key, bytes);
        if (r == 0)
                *field = bytes;
        return r;
}

static int count_assign(const struct policy_key *key, const char *value, void *field)
{
        uint64_t count = 0;
        uint32_t percent = 0;
        int r = key->type == KEY_PERCENT ? task_value_percent(value, &percent)
                                         : task_value_count(value, &count);

        if (key->type == KEY_PERCENT)
                count = percent;
        if (r == 0)
                r = range_check(key, count);
        if (r < 0)
                return r;
        if (key->type == KEY_COUNT)
                *(uint64_t *)field = count;
        else
                *(uint32_t *)field = (uint32_t)count;
        return 0;
}

static int name_assign(const struct policy_key *key, const char *value, int *field)
{
        for (int i = 0; key->names[i]; i++)
                if (strcmp(key->names[i], value) == 0) {
                        *field = i;
                        return 0;
                }
        return -EINVAL;
}

static int text_assign(const struct policy_key *key, const char *value,
                       const struct task_specifiers *specifiers, char **field, struct error *error)
{
        _cleanup_free_ char *text = NULL;
        int r = task_specifiers_expand(specifiers, value, &text, error);

        if (r < 0)
                return error_prefix(error, "%s=", key->name);
        size_t length = strlen(text);
        if (length > TEXT_MAX || (key->type == KEY_USER && !task_value_is_user(text)))
                return -EINVAL;
        for (size_t at = 0, step; at < length; at += step) {
                step = utf8_sequence(text + at, length - at);
                if (step == 0 || utf8_is_control(text + at, step))
                        return -EINVAL;
        }
        free(*field);
        *field = steal_pointer(text);
        return 0;
}

/* A negative errno without @error set: the row's words say what was expected. */
static int key_assign(struct task_policy *policy, const struct policy_key *key, const char *value,
                      const struct task_specifiers *specifiers, struct error *error)
{
        void *field = policy_field(policy, key);

        switch (key->type) {
        case KEY_TEXT:
        case KEY_USER:
                return text_assign(key, value, specifiers, field, error);
        case KEY_PATHS:
        case KEY_ENVIRONMENT:
        case KEY_VARIABLES:
        case KEY_REQUIRE:
                return policy_list_assign(key, value, specifiers, field, error);
        case KEY_BOOL:
                return task_value_bool(value, field);
        case KEY_SPAN:
        case KEY_SECONDS:
                return span_assign(key, value, field);
        case KEY_SIZE:
                return size_assign(key, value, field);
        case KEY_COUNT:
        case KEY_PERCENT:
        case KEY_WEIGHT:
                return count_assign(key, value, field);
        case KEY_ENUM:
                return name_assign(key, value, field);
        }
        return -EINVAL;
}

int task_policy_assign(struct task_policy *policy, const char *key, const char *value,
                       const struct task_specifiers *specifiers, struct error *error)
{
        struct error own = ERROR_INIT;
        int index = task_policy_find(key);

        if (index < 0)
                return error_set(error, ENOENT, "%s=: no such key; bgtaskd.task(5) lists them", key);
        const struct policy_key *row = &policy_keys[index];
        if (!*value) {
                key_reset(policy, row);
                return 0;
        }
        int r = key_assign(policy, row, value, specifiers, &own);
        if (r < 0 && own.code) {
                if (error)
                        *error = own;
                return r;
        }
        if (r == -ENOMEM)
                return error_set(error, ENOMEM, "%s=: out of memory", key);
        if (r < 0)
                return key_refuse(row, -r, value, error);
        if (row->is_set)
                policy->profile_set = true;
        return 0;
}

int task_policy_set(struct task_policy *policy, const char *key, const char *value, struct error *error)
{
        return task_policy_assign(policy, key, value, NULL, error);
}
