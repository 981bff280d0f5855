/* SPDX-License-Identifier: MPL-2.0 */
/* Keys whose values are lists: words or lines that assignments add up. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/key_table_internal.h"
#include "lib/task_value.h"
#include "lib/util.h"

#define BLANKS " \t"

static bool is_same(const struct key *key, const char *a, const char *b)
{
        size_t name = strcspn(b, "=") + 1;

        switch (key->same) {
        case KEY_SAME_TEXT:
                return strcmp(a, b) == 0;
        case KEY_SAME_NAME:
                return strncmp(a, b, name) == 0;
        case KEY_SAME_NONE:
                break;
        }
        return false;
}

/* Takes *@entry, unless it fails. */
static int entry_add(const struct key *key, char ***list, char **entry, struct error *error)
{
        size_t count = strv_length(*list);

        for (char **at = *list; at && *at; at++)
                if (is_same(key, *at, *entry)) {
                        free(*at);
                        *at = steal_pointer(*entry);
                        return 0;
                }
        if (count >= KEY_LIST_MAX)
                return error_set(error, E2BIG, "expected at most %d entries, found more", KEY_LIST_MAX);
        char **longer = reallocarray(*list, count + 2, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        longer[count] = steal_pointer(*entry);
        longer[count + 1] = NULL;
        *list = longer;
        return 0;
}

static int words_add(const struct key *key, const char *value, const struct task_specifiers *specifiers,
                     char ***list, struct error *error)
{
        for (;;) {
                _cleanup_free_ char *word = NULL, *entry = NULL;
                int r = task_value_word(&value, &word);
                if (r <= 0)
                        return r;
                r = task_specifiers_expand(specifiers, word, &entry, error);
                if (r == 0 && key->check)
                        r = key->check(&entry, error);
                if (r == 0)
                        r = entry_add(key, list, &entry, error);
                if (r < 0)
                        return r;
        }
}

static int lines_add(const struct key *key, const char *value, char ***list, struct error *error)
{
        for (const char *end; *value; value = *end ? end + 1 : end) {
                end = strchrnul(value, ';');
                value += MIN(strspn(value, BLANKS), (size_t)(end - value));
                size_t length = (size_t)(end - value);
                while (length > 0 && strchr(BLANKS, value[length - 1]))
                        length--;
                if (length == 0)
                        continue;
                _cleanup_free_ char *entry = strndup(value, length);
                for (char *tab = entry; tab && (tab = strchr(tab, '\t'));)
                        *tab = ' ';
                int r = entry ? key_text_check(key, &entry, error) : -ENOMEM;
                if (r == 0)
                        r = entry_add(key, list, &entry, error);
                if (r < 0)
                        return r;
        }
        return 0;
}

int key_list_assign(const struct key *key, const char *value, const struct task_specifiers *specifiers,
                    char ***list, struct error *error)
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
                r = key->type == KEY_LINES ? lines_add(key, value, &longer, error)
                                           : words_add(key, value, specifiers, &longer, error);
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
