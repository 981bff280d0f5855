/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Values that are assigned by key, as sections of task files have them: one constant table says of each key what type,
 * range and default it has, and where in the object it goes. Reading, writing, comparing and messages follow from that.
 *
 * Nobody needs to know the type of the object: key_table_reset() makes one out of zeros, and what it owns is released
 * by the same function.
 */
#ifndef LIB_KEY_TABLE_H
#define LIB_KEY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/task_specifier.h"

#define KEY_LIST_MAX 128 /* entries of a list */

enum key_type {
        KEY_TEXT,  /* char *, a line; malloc'd */
        KEY_BOOL,  /* bool */
        KEY_SPAN,  /* int64_t, microseconds, INT64_MAX: infinity */
        KEY_SPANS, /* int64_t[max_count], words that are spans each; their number is at `beside`, a uint32_t */
        KEY_SECONDS, /* uint64_t; read as a span */
        KEY_TIME, /* int64_t, microseconds since the epoch; the row's assign() reads it, "@SECONDS" is written */
        KEY_SIZE,    /* uint64_t, bytes */
        KEY_COUNT,   /* uint64_t */
        KEY_PERCENT, /* uint32_t */
        KEY_NUMBER,  /* int32_t, or a uint32_t that is never above INT32_MAX */
        KEY_ENUM,    /* int, an index of names */
        KEY_WORDS,   /* char **, words with blanks between them, quoted where necessary */
        KEY_LINES,   /* char **, entries that have blanks, ";" between them; tabs are blanks */
};

/* Which entries of a list are the same: the later is left out. */
enum key_same {
        KEY_SAME_TEXT,
        KEY_SAME_NAME, /* up to "="; the later replaces the earlier */
        KEY_SAME_NONE,
};

struct key {
        const char *name;
        enum key_type type;
        enum key_same same;
        bool infinite;  /* "infinity" is a value */
        bool of_memory; /* so is a percentage of the machine's memory */
        bool numbered;  /* the index of a name is a name, too */
        bool is_set;    /* `beside` is a bool that tells whether it was given at all */
        size_t offset, beside;
        int64_t min, max; /* of spans in microseconds; of a text or an entry that has a max, its bytes */
        int64_t initial;  /* -1 of an unsigned field: infinity */
        size_t max_count; /* of KEY_SPANS */
        const char *const *names;
        const char *expected;
        /* Of a text or an entry: bring it to its plain form, in place or by another that is malloc'd. A negative errno
         * without @error set: not what is expected. NULL: everything is. */
        int (*check)(char **text, struct error *error);
        /* Called before anything else that a value which is not empty brings about: 0: it is assigned, 1: assign it
         * as the type says; errors as above. NULL: always as the type says. */
        int (*assign)(void *object, const struct key *key, const char *value, struct error *error);
};

struct key_table {
        const struct key *keys;
        size_t count;
        size_t text_max;  /* bytes of key_table_format() */
        const char *noun; /* what such a text is called in messages */
};

struct key_assignment {
        const char *key, *value;
        const struct task_specifiers *specifiers; /* for texts and words; NULL: a % is a % */
};

static inline void *key_field(const void *object, const struct key *key)
{
        return (char *)object + key->offset;
}

/* The index of a key; -ENOENT. */
int key_table_find(const struct key_table *table, const char *key);
/* Release what the object owns and bring everything to its default. */
void key_table_reset(const struct key_table *table, void *object);
/* One assignment, as in a file: lists are added to, an empty value resets. -ENOENT: no such key; -EINVAL, -ERANGE,
 * -E2BIG: a text that names the key and what was expected. The object is unchanged then. */
int key_table_assign(const struct key_table *table, void *object, const struct key_assignment *assignment,
                     struct error *error);
/* "Key=value" lines of all that differs from the default, in the table's order, malloc'd. A list is a line an entry, so
 * that no line is long. NULL: out of memory or too long. */
char *key_table_format(const struct key_table *table, const void *object);
/* The other way, strictly, into an object after key_table_reset(). -EBADMSG, -ENOMEM: some of it may be assigned. */
int key_table_parse(const struct key_table *table, const char *text, void *object, struct error *error);
/* The value of a key in words, as key_table_assign() takes it, malloc'd; "" is the default of a list, of a text and of
 * whatever is out of its range. NULL: out of memory. */
char *key_table_value(const struct key_table *table, const void *object, size_t index);
bool key_table_is_default(const struct key_table *table, const void *object, size_t index);

#endif
