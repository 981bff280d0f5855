/* SPDX-License-Identifier: MPL-2.0 */
/* What the store (prefs.c) and its files (prefs_file.c) share. */
#ifndef LIB_PREFS_INTERNAL_H
#define LIB_PREFS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/prefs.h"

struct pref {
        struct pref_value default_value; /* strings malloc'd */
        struct pref_value user_value;
        bool sticky;
        bool locked;
        char name[];
};

struct prefs {
        struct pref **list; /* sorted by name */
        size_t count, capacity;
        bool dirty;
        void (*changed)(const char *name, void *data);
        void *changed_data;
};

bool pref_value_same(const struct pref_value *a, const struct pref_value *b);
/* What prefs_set() does, without asking for the lock and without telling the observer. */
int prefs_change(struct prefs *prefs, const char *name, enum pref_branch branch,
                 const struct pref_value *value, bool *ret_changed);
/* Take a declaration of a file. */
int prefs_declare(struct prefs *prefs, const struct pref_declaration *declaration, enum pref_branch branch);
/* What prefs_save() writes. *ret_text is to be freed in any case, so it must be NULL before. */
int prefs_dump(const struct prefs *prefs, char **ret_text, size_t *ret_size);

#endif
