/* SPDX-License-Identifier: MPL-2.0 */
/* Private to the task_policy files: a row of the table of keys. */
#ifndef LIB_TASK_POLICY_INTERNAL_H
#define LIB_TASK_POLICY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/task_policy.h"
#include "lib/task_specifier.h"

enum policy_type {
        KEY_TEXT,    /* char * */
        KEY_USER,    /* char * */
        KEY_BOOL,    /* bool */
        KEY_SPAN,    /* int64_t, microseconds, INT64_MAX: infinity */
        KEY_SECONDS, /* uint64_t; read as a span */
        KEY_SIZE,    /* uint64_t */
        KEY_COUNT,   /* uint64_t */
        KEY_PERCENT, /* uint32_t */
        KEY_WEIGHT,  /* uint32_t */
        KEY_ENUM,    /* int, an index of names */
        KEY_PATHS,   /* char ** */
        KEY_ENVIRONMENT,
        KEY_VARIABLES, /* names alone */
        KEY_REQUIRE,
};

struct policy_key {
        const char *name;
        enum policy_type type;
        bool infinite;  /* "infinity" is a value */
        bool of_memory; /* so is a percentage of the machine's memory */
        bool is_set;    /* keeps profile_set */
        size_t offset;
        int64_t min, max; /* of spans in microseconds */
        int64_t initial;  /* -1 of an unsigned field: infinity */
        const char *const *names;
        const char *expected;
};

extern const struct policy_key policy_keys[TASK_POLICY_KEYS];

static inline void *policy_field(const struct task_policy *policy, const struct policy_key *key)
{
        return (char *)policy + key->offset;
}

/* Add the words of @value to a list. A negative errno without @error set: not what the key expects. */
int policy_list_assign(const struct policy_key *key, const char *value,
                       const struct task_specifiers *specifiers, char ***list, struct error *error);

#endif
