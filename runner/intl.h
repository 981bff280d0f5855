/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the engine lacks of Intl. ICU does the work, in a loadable module (intl.so) that is loaded at the first use: the
 * engine has an ICU of its own, which it neither exports nor has all data for.
 *
 * Locales are language tags. Everything is for one thread.
 */
#ifndef RUNNER_INTL_H
#define RUNNER_INTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define INTL_ABI 1 /* raise it when anything below changes */

/* ---- segments ---- */

/* Numbers that LanguageSegmenter.sys.mjs uses, too. */
enum intl_granularity {
        INTL_GRAPHEME,
        INTL_WORD,
        INTL_SENTENCE,
        _INTL_GRANULARITY_COUNT,
};

/* Units of UTF-16 that a text may have: more than a string of the engine does. */
#define INTL_TEXT_MAX ((size_t)1 << 30)

/* A text and where it can be divided. */
struct intl_segments;

/* A segment's end, shifted left by one, and whether it is like a word. */
typedef uint32_t intl_end;

/* ---- numbers ---- */

/* Of a number that is to be formatted, in characters. */
#define INTL_NUMBER_MAX ((size_t)100000)

/* How numbers are formatted. */
struct intl_formatter;

/* Where the parts of a formatted number are: what ICU calls a field; beyond INTL_SPAN the first (+ 0) or the second (+ 1)
 * number of a range. Units of UTF-16. */
#define INTL_SPAN 100
struct intl_field {
        int32_t kind;
        int32_t start;
        int32_t end;
};

struct intl_text {
        char *text;                /* UTF-8, malloc'd */
        struct intl_field *fields; /* malloc'd */
        size_t count;
};

/* ---- locales ---- */

/* Numbers that LanguageLocale.sys.mjs uses, too. */
enum intl_list {
        INTL_CALENDARS,
        INTL_COLLATIONS,
        INTL_HOURS,          /* letters of patterns: "h", "H", "K", "k", preferred ones first */
        INTL_NUMBERS,        /* the numbering system */
        INTL_ZONES,          /* of the region */
        INTL_WEEK,           /* the first day, then those of the weekend; 1 is Sunday */
        INTL_DIRECTION,      /* "ltr", "rtl"; none: unknown */
        INTL_TIME_SEPARATOR, /* between hours and minutes, of the locale's numbering system */
        _INTL_LIST_COUNT,
};

/* What intl.so exports, as `intl_ops`. Functions return 0, a count, or a negative errno. */
struct intl_ops {
        unsigned abi;
        /* @text is taken over, also on failure: malloc'd, at most INTL_TEXT_MAX units, surrogates may be alone. */
        int (*segments_new)(const char *locale, enum intl_granularity granularity, uint16_t *text,
                            size_t length, struct intl_segments **ret);
        /* The ends of the next segments, at most @room: from @from, where one begins. 0: there is none. */
        int (*segments_next)(struct intl_segments *segments, size_t from, intl_end *ends, size_t room);
        /* The segment that unit @at is in: where it begins, shifted as well, and its end. */
        int (*segments_around)(struct intl_segments *segments, size_t at, intl_end ret[2]);
        void (*segments_free)(struct intl_segments *segments);

        /* @skeleton: ICU's. @is_range: of two numbers each. */
        int (*formatter_new)(const char *locale, const char *skeleton, bool is_range,
                             struct intl_formatter **ret);
        /* Numbers are in decimal notation, maybe with an exponent. @second: of a range. */
        int (*formatter_format)(struct intl_formatter *formatter, const char *first, const char *second,
                                struct intl_text *ret);
        /* The plural category of a range, a word. */
        int (*formatter_plural)(struct intl_formatter *formatter, bool is_ordinal, const char *first,
                                const char *second, char ret[], size_t size);
        void (*formatter_free)(struct intl_formatter *formatter);

        /* malloc'd: lines. */
        int (*list)(enum intl_list what, const char *locale, char **ret);
};

/* Load the module; later calls return the same table. NULL: @error says why. */
const struct intl_ops *intl_module_load(struct error *error);

#endif
