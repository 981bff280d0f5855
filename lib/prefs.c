/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The store: an array of entries sorted by name, so that a name is found by bisection, a branch is a range,
 * and prefs.js comes out sorted. Files are sorted as well, which makes filling it an append.
 *
 * An entry has a default value, a user value, or both, and is gone when it has neither. The value in force is
 * the user's, unless there is none or the preference is locked. Both values have one type.
 */
#include "config.h"

#include "lib/prefs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/prefs_internal.h"
#include "lib/util.h"

struct prefs *prefs_new(void)
{
        return calloc(1, sizeof(struct prefs));
}

static void value_clear(struct pref_value *value)
{
        if (value->type == PREF_STRING)
                free((void *)(uintptr_t)value->string);
        *value = (struct pref_value){ .type = PREF_NONE };
}

static void pref_free(struct pref *pref)
{
        value_clear(&pref->default_value);
        value_clear(&pref->user_value);
        free(pref);
}

void prefs_free(struct prefs *prefs)
{
        if (!prefs)
                return;
        for (size_t i = 0; i < prefs->count; i++)
                pref_free(prefs->list[i]);
        free(prefs->list);
        free(prefs);
}

/* Where @name is, or where it would be. */
static size_t prefs_index(const struct prefs *prefs, const char *name, bool *ret_found)
{
        size_t low = 0, high = prefs->count;

        *ret_found = false;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(name, prefs->list[middle]->name);
                if (order == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return low;
}

static struct pref *prefs_find(const struct prefs *prefs, const char *name)
{
        bool found;
        size_t index = prefs_index(prefs, name, &found);

        return found ? prefs->list[index] : NULL;
}

/* Find or make. NULL: out of memory. */
static struct pref *prefs_obtain(struct prefs *prefs, const char *name)
{
        bool found;
        size_t index = prefs_index(prefs, name, &found), size = strlen(name) + 1;

        if (found)
                return prefs->list[index];
        if (prefs->count == prefs->capacity) {
                size_t capacity = prefs->capacity ? 2 * prefs->capacity : 64;
                struct pref **larger = reallocarray(prefs->list, capacity, sizeof(struct pref *));
                if (!larger)
                        return NULL;
                prefs->list = larger;
                prefs->capacity = capacity;
        }
        struct pref *pref = calloc(1, sizeof(*pref) + size);
        if (!pref)
                return NULL;
        memcpy(pref->name, name, size);
        memmove(prefs->list + index + 1, prefs->list + index, (prefs->count - index) * sizeof(struct pref *));
        prefs->list[index] = pref;
        prefs->count++;
        return pref;
}

/* An entry without a value is no entry. @pref is gone then. */
static void prefs_drop_empty(struct prefs *prefs, struct pref *pref)
{
        bool found;

        if (pref->default_value.type != PREF_NONE || pref->user_value.type != PREF_NONE)
                return;
        size_t index = prefs_index(prefs, pref->name, &found);
        prefs->count--;
        memmove(prefs->list + index, prefs->list + index + 1, (prefs->count - index) * sizeof(struct pref *));
        pref_free(pref);
}

bool pref_value_same(const struct pref_value *a, const struct pref_value *b)
{
        if (a->type != b->type)
                return false;
        switch (a->type) {
        case PREF_NONE:
                return true;
        case PREF_STRING:
                return strcmp(a->string, b->string) == 0;
        case PREF_INT:
                return a->integer == b->integer;
        case PREF_BOOL:
                return a->boolean == b->boolean;
        }
        return false;
}

static int value_replace(struct pref_value *value, const struct pref_value *with)
{
        struct pref_value copy = *with;

        /* Copied first: @with may be what prefs_get() gave. */
        if (with->type == PREF_STRING) {
                copy.string = strdup(with->string);
                if (!copy.string)
                        return -ENOMEM;
        }
        value_clear(value);
        *value = copy;
        return 0;
}

static const struct pref_value *value_in_force(const struct pref *pref)
{
        return pref->user_value.type != PREF_NONE && !pref->locked ? &pref->user_value : &pref->default_value;
}

/* ---- reading ---- */

bool prefs_get(const struct prefs *prefs, const char *name, enum pref_branch branch, struct pref_value *ret)
{
        const struct pref *pref = prefs_find(prefs, name);

        if (!pref)
                return false;
        const struct pref_value *value = branch == PREF_DEFAULT ? &pref->default_value : value_in_force(pref);
        if (value->type == PREF_NONE)
                return false;
        *ret = *value;
        return true;
}

bool prefs_get_bool(const struct prefs *prefs, const char *name, bool fallback)
{
        struct pref_value value;

        return prefs_get(prefs, name, PREF_USER, &value) && value.type == PREF_BOOL ? value.boolean
                                                                                    : fallback;
}

int32_t prefs_get_int(const struct prefs *prefs, const char *name, int32_t fallback)
{
        struct pref_value value;

        return prefs_get(prefs, name, PREF_USER, &value) && value.type == PREF_INT ? value.integer : fallback;
}

const char *prefs_get_string(const struct prefs *prefs, const char *name, const char *fallback)
{
        struct pref_value value;

        return prefs_get(prefs, name, PREF_USER, &value) && value.type == PREF_STRING ? value.string
                                                                                      : fallback;
}

bool prefs_has_user_value(const struct prefs *prefs, const char *name)
{
        const struct pref *pref = prefs_find(prefs, name);

        return pref && pref->user_value.type != PREF_NONE;
}

bool prefs_is_locked(const struct prefs *prefs, const char *name)
{
        const struct pref *pref = prefs_find(prefs, name);

        return pref && pref->locked;
}

bool prefs_dirty(const struct prefs *prefs)
{
        return prefs->dirty;
}

char **prefs_names(const struct prefs *prefs, const char *prefix)
{
        bool found;
        size_t first = prefs_index(prefs, prefix, &found), length = strlen(prefix), count = 0;

        while (first + count < prefs->count && strncmp(prefs->list[first + count]->name, prefix, length) == 0)
                count++;
        char **names = calloc(count + 1, sizeof(*names));
        if (!names)
                return NULL;
        size_t given = 0;
        for (size_t i = first; i < first + count; i++) {
                if (value_in_force(prefs->list[i])->type == PREF_NONE)
                        continue;
                names[given] = strdup(prefs->list[i]->name);
                if (!names[given++]) {
                        strv_free(names);
                        return NULL;
                }
        }
        return names;
}

/* ---- changing ---- */

void prefs_observe(struct prefs *prefs, void (*changed)(const char *name, void *data), void *data)
{
        prefs->changed = changed;
        prefs->changed_data = data;
}

/* The name may belong to an entry that the observer removes. */
static void prefs_notify(struct prefs *prefs, const char *name)
{
        char copy[PREF_NAME_MAX + 1];

        if (!prefs->changed)
                return;
        snprintf(copy, sizeof(copy), "%s", name);
        prefs->changed(copy, prefs->changed_data);
}

static int value_check(const char *name, const struct pref_value *value)
{
        size_t length = strlen(name);

        if (length == 0 || value->type == PREF_NONE || (value->type == PREF_STRING && !value->string))
                return -EINVAL;
        if (length > PREF_NAME_MAX)
                return -E2BIG;
        if (!utf8_is_valid(name, length))
                return -EILSEQ;
        if (value->type != PREF_STRING)
                return 0;
        length = strlen(value->string);
        if (length > PREF_STRING_MAX)
                return -E2BIG;
        return utf8_is_valid(value->string, length) ? 0 : -EILSEQ;
}

/* The type that a new value must have; PREF_NONE: any. A user value alone may change its type. */
static enum pref_type type_wanted(const struct pref *pref, enum pref_branch branch)
{
        if (pref->default_value.type == PREF_NONE && branch == PREF_DEFAULT)
                return pref->user_value.type;
        return pref->default_value.type;
}

int prefs_change(struct prefs *prefs, const char *name, enum pref_branch branch,
                 const struct pref_value *value, bool *ret_changed)
{
        int r = value_check(name, value);
        if (r < 0)
                return r;
        struct pref *pref = prefs_obtain(prefs, name);
        if (!pref)
                return -ENOMEM;

        enum pref_type wanted = type_wanted(pref, branch);
        struct pref_value *target = branch == PREF_DEFAULT ? &pref->default_value : &pref->user_value;

        *ret_changed = false;
        if (wanted != PREF_NONE && wanted != value->type) {
                r = -EINVAL;
        } else if (branch == PREF_USER && !pref->sticky && pref_value_same(&pref->default_value, value)) {
                /* The same as the default: no user value is needed. */
                *ret_changed = target->type != PREF_NONE && !pref->locked;
                prefs->dirty = prefs->dirty || target->type != PREF_NONE;
                value_clear(target);
        } else if (!pref_value_same(target, value)) {
                r = value_replace(target, value);
                if (r == 0) {
                        *ret_changed = value_in_force(pref) == target;
                        prefs->dirty = prefs->dirty || branch == PREF_USER;
                }
        }
        prefs_drop_empty(prefs, pref);
        return r;
}

int prefs_set(struct prefs *prefs, const char *name, enum pref_branch branch, const struct pref_value *value)
{
        bool changed = false;

        if (prefs_is_locked(prefs, name))
                return -EPERM;
        int r = prefs_change(prefs, name, branch, value, &changed);
        if (changed)
                prefs_notify(prefs, name);
        return r;
}

int prefs_declare(struct prefs *prefs, const struct pref_declaration *declaration, enum pref_branch branch)
{
        bool changed = false;

        if (declaration->user)
                branch = PREF_USER;
        /* A lock protects the default. A user value is kept for the day when the lock is gone. */
        if (branch == PREF_DEFAULT && prefs_is_locked(prefs, declaration->name))
                return 0;
        int r = prefs_change(prefs, declaration->name, branch, &declaration->value, &changed);
        if (r < 0)
                return r;
        struct pref *pref = prefs_find(prefs, declaration->name);
        if (pref && branch == PREF_DEFAULT) {
                pref->sticky = pref->sticky || declaration->sticky;
                if (declaration->locked)
                        (void)prefs_lock(prefs, declaration->name, true);
        }
        if (changed)
                prefs_notify(prefs, declaration->name);
        return 0;
}

void prefs_clear_user(struct prefs *prefs, const char *name)
{
        struct pref *pref = prefs_find(prefs, name);

        if (!pref || pref->user_value.type == PREF_NONE)
                return;
        bool changed = value_in_force(pref) == &pref->user_value;
        value_clear(&pref->user_value);
        prefs->dirty = true;
        prefs_drop_empty(prefs, pref);
        if (changed)
                prefs_notify(prefs, name);
}

int prefs_lock(struct prefs *prefs, const char *name, bool locked)
{
        struct pref *pref = prefs_find(prefs, name);

        if (!pref)
                return -ENOENT;
        if (pref->locked == locked)
                return 0;
        struct pref_value before = *value_in_force(pref);
        pref->locked = locked;
        if (!pref_value_same(&before, value_in_force(pref)))
                prefs_notify(prefs, name);
        return 0;
}

void prefs_delete_branch(struct prefs *prefs, const char *prefix)
{
        char **names = prefs_names(prefs, prefix);
        size_t length = strlen(prefix), kept = 0;

        for (size_t i = 0; i < prefs->count; i++) {
                struct pref *pref = prefs->list[i];
                if (strncmp(pref->name, prefix, length) != 0) {
                        prefs->list[kept++] = pref;
                        continue;
                }
                prefs->dirty = prefs->dirty || pref->user_value.type != PREF_NONE;
                pref_free(pref);
        }
        prefs->count = kept;
        /* All at once, then the news of it: an observer may change preferences. */
        for (char **name = names; name && *name; name++)
                prefs_notify(prefs, *name);
        strv_free(names);
}
