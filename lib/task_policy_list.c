/* SPDX-License-Identifier: MPL-2.0 */
/* Keys of task files whose values are lists: words that assignments add up. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/sandbox_text.h"
#include "lib/task_policy_internal.h"
#include "lib/task_value.h"
#include "lib/util.h"

static int list_append(char ***list, char *entry, struct error *error)
{
        size_t count = strv_length(*list);

        if (count >= TASK_POLICY_LIST_MAX)
                return error_set(error, E2BIG, "expected at most %d entries, found more",
                                 TASK_POLICY_LIST_MAX);
        char **longer = reallocarray(*list, count + 2, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        longer[count] = entry;
        longer[count + 1] = NULL;
        *list = longer;
        return 0;
}

/* Takes @entry, also when it fails. */
static int list_add(char ***list, char *entry, struct error *error)
{
        for (char **at = *list; at && *at; at++)
                if (strcmp(*at, entry) == 0) {
                        free(entry);
                        return 0;
                }
        int r = list_append(list, entry, error);
        if (r < 0)
                free(entry);
        return r;
}

/* The later of two assignments to a variable is the one that counts. */
static int environment_add(char ***list, char *entry, struct error *error)
{
        size_t name = strcspn(entry, "=") + 1;

        for (char **at = *list; at && *at; at++)
                if (strncmp(*at, entry, name) == 0) {
                        free(*at);
                        *at = entry;
                        return 0;
                }
        int r = list_append(list, entry, error);
        if (r < 0)
                free(entry);
        return r;
}

/* Takes @word, also when it fails. */
static int word_add(const struct policy_key *key, char ***list, char *word, struct error *error)
{
        if (key->type == KEY_REQUIRE && !word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789=+")]) {
                int r = sandbox_requirement_check(word, error);
                if (r == 0)
                        return list_add(list, word, error);
                free(word);
                return r;
        }
        if (key->type == KEY_ENVIRONMENT && task_value_is_environment(word))
                return environment_add(list, word, error);
        if (key->type == KEY_VARIABLES && !strchr(word, '=')) {
                _cleanup_free_ char *assignment = format_string("%s=", word);
                if (assignment && task_value_is_environment(assignment))
                        return list_add(list, word, error);
        }
        if (key->type == KEY_PATHS && task_value_path(word) == 0)
                return list_add(list, word, error);
        free(word);
        return -EINVAL;
}

static int words_add(const struct policy_key *key, const char *value,
                     const struct task_specifiers *specifiers, char ***list, struct error *error)
{
        for (;;) {
                _cleanup_free_ char *word = NULL;
                char *expanded = NULL;
                int r = task_value_word(&value, &word);
                if (r <= 0)
                        return r;
                r = task_specifiers_expand(specifiers, word, &expanded, error);
                if (r == 0)
                        r = word_add(key, list, expanded, error);
                if (r < 0)
                        return r;
        }
}

int policy_list_assign(const struct policy_key *key, const char *value,
                       const struct task_specifiers *specifiers, char ***list, struct error *error)
{
        size_t count = strv_length(*list);
        char **longer = calloc(count + 1, sizeof(*longer));
        int r = longer ? 0 : -ENOMEM;

        for (size_t i = 0; r == 0 && i < count; i++) {
                longer[i] = strdup((*list)[i]);
                if (!longer[i])
                        r = -ENOMEM;
        }
        if (r == 0)
                r = words_add(key, value, specifiers, &longer, error);
        if (r < 0) {
                strv_free(longer);
                if (error->code)
                        error_prefix(error, "%s=", key->name);
                return r;
        }
        strv_free(*list);
        *list = longer;
        return 0;
}
