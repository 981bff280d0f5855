/* SPDX-License-Identifier: MPL-2.0 */
/* Private to the key_table files. */
#ifndef LIB_KEY_TABLE_INTERNAL_H
#define LIB_KEY_TABLE_INTERNAL_H

#include "lib/key_table.h"

/* A line of the length that the key allows, in its plain form. A negative errno without @error set: not what the key
 * expects. */
int key_text_check(const struct key *key, char **text, struct error *error);
/* Add the words or lines of @value to a list. A negative errno without @error set: not what the key expects. */
int key_list_assign(const struct key *key, const char *value, const struct task_specifiers *specifiers,
                    char ***list, struct error *error);

#endif
