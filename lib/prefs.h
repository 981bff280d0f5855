/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Preferences: named booleans, 32-bit integers and strings, as Gecko has them.
 *
 * Each has a default and a user value. The branches fill in order: the built-in defaults
 * (defaults/backgroundtasks.js) and the site's file set default values, the profile's prefs.js and user.js
 * set user values. A user value equal to the default is not kept unless the preference is sticky.
 *
 * A file is a list of `pref("name", value);`, `user_pref("name", value);` or `sticky_pref("name", value);`
 * with C and # comments; pref may have attributes after the value: `, sticky`, `, locked`. Strings have
 * JavaScript's escapes.
 */
#ifndef LIB_PREFS_H
#define LIB_PREFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define PREF_NAME_MAX 1024
#define PREF_STRING_MAX (1024 * 1024)
#define PREF_FILE_MAX (8 * 1024 * 1024)

enum pref_type {
        PREF_NONE,
        PREF_STRING,
        PREF_INT,
        PREF_BOOL,
};

enum pref_branch {
        PREF_DEFAULT,
        PREF_USER,
};

struct pref_value {
        enum pref_type type;
        bool boolean;
        int32_t integer;
        const char *string; /* UTF-8; owned by whoever made the value */
};

/* One declaration of a file. Return 0 to go on, negative errno to stop with it. */
struct pref_declaration {
        const char *name;
        struct pref_value value;
        bool user;   /* user_pref */
        bool sticky; /* sticky_pref or the attribute */
        bool locked;
        unsigned line;
        unsigned column;
};
typedef int (*pref_file_handler)(const struct pref_declaration *declaration, void *data);

/* Parse @text. At the first error parsing stops; what came before has been handled, and @error says
 * "FILE:LINE:COLUMN: what was expected". -EINVAL, or what the handler returned. */
int pref_file_parse(const char *file, const char *text, size_t size, pref_file_handler handler, void *data,
                    struct error *error);

struct prefs;

struct prefs *prefs_new(void);
void prefs_free(struct prefs *prefs);

/* Read a file into a branch; user_pref always sets user values. An absent file is -ENOENT. A declaration of
 * another type than the preference has is passed over; it is the error (-EINVAL) that is returned once the rest
 * was read. A locked default is not changed; a user value under a lock is kept, and not in force. */
int prefs_load(struct prefs *prefs, const char *path, enum pref_branch branch, struct error *error);
/* Write all user values as Gecko writes prefs.js, atomically, mode 0600. -EFBIG: more than can be read back. */
int prefs_save(struct prefs *prefs, const char *path, struct error *error);

/* The value in force: the user's, else the default. false: none. Strings are good until the preference
 * changes. @branch PREF_DEFAULT: the default alone. */
bool prefs_get(const struct prefs *prefs, const char *name, enum pref_branch branch, struct pref_value *ret);
bool prefs_get_bool(const struct prefs *prefs, const char *name, bool fallback);
int32_t prefs_get_int(const struct prefs *prefs, const char *name, int32_t fallback);
const char *prefs_get_string(const struct prefs *prefs, const char *name, const char *fallback);

/* -EINVAL: another type than the preference has; -EPERM: locked; -E2BIG: over a limit;
 * -EILSEQ: not UTF-8. */
int prefs_set(struct prefs *prefs, const char *name, enum pref_branch branch, const struct pref_value *value);
bool prefs_has_user_value(const struct prefs *prefs, const char *name);
void prefs_clear_user(struct prefs *prefs, const char *name);
bool prefs_is_locked(const struct prefs *prefs, const char *name);
/* -ENOENT: there is no such preference. */
int prefs_lock(struct prefs *prefs, const char *name, bool locked);
/* Remove all values, in both branches, of the names that begin with @prefix. */
void prefs_delete_branch(struct prefs *prefs, const char *prefix);

/* Names that begin with @prefix and have a value, sorted; free with strv_free(). */
char **prefs_names(const struct prefs *prefs, const char *prefix);

/* Called after each change of a value in force, with the full name, which is good during the call; it may change
 * preferences. One observer: a registry is its user's. */
void prefs_observe(struct prefs *prefs, void (*changed)(const char *name, void *data), void *data);
/* Whether user values have changed since the last prefs_save(). Loading is no change. */
bool prefs_dirty(const struct prefs *prefs);

#endif
