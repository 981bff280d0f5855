/* SPDX-License-Identifier: MPL-2.0 */
/* native.intl: what the modules LanguageIntl*, LanguageSegmenter and LanguageDurations get of intl.h. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/intl.h"

/* Segments that one call tells of at most: for so many an array is made by the caller. */
#define SEGMENTS_MAX 4096
/* What ICU holds for one, roughly. */
#define FORMATTER_BYTES ((size_t)16 * 1024)

static const struct intl_ops *ops;

/* false: exception pending. */
static bool ops_ready(eng *e)
{
        struct error error = ERROR_INIT;

        if (!ops)
                ops = intl_module_load(&error);
        if (!ops)
                eng_throw(e, ENG_E_ERROR, "%s", error.text);
        return ops != NULL;
}

static eng_val intl_throw(eng *e, const char *what, int error)
{
        if (error == -ENOMEM)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        return eng_throw(e, ENG_E_RANGE, "%s: %s", what, strerror(-error));
}

static void segments_finalize(void *pointer)
{
        ops->segments_free(pointer);
}

static const struct eng_class segments_class = { "Segments", segments_finalize };

/* segments(locale, granularity, text): what segmentsNext() and segmentsAround() take. */
static eng_val intl_segments(eng *e, eng_args *args, void *data)
{
        const char *locale;
        int32_t granularity;
        struct intl_segments *segments;
        size_t length;

        if (!eng_args_get(e, args, "segments", "siv", &locale, &granularity, &(eng_val){ NULL }) ||
            !ops_ready(e))
                return NULL;
        uint16_t *text = eng_to_utf16(e, eng_arg(args, 2), &length);
        if (!text)
                return NULL;
        int r = ops->segments_new(locale, (enum intl_granularity)granularity, text, length, &segments);
        if (r < 0)
                return intl_throw(e, "segments", r);
        eng_val v = eng_host_object(e, &segments_class, segments, NULL);
        if (!v)
                ops->segments_free(segments);
        else
                eng_host_weigh(e, v, length * sizeof(*text));
        return v;
}

/* segmentsNext(segments, from, ends): the number of ends that were put into the Int32Array. */
static eng_val intl_segments_next(eng *e, eng_args *args, void *data)
{
        intl_end ends[SEGMENTS_MAX];
        int32_t from, room;

        struct intl_segments *segments = eng_host_pointer(e, eng_arg(args, 0), &segments_class);
        if (!segments || !eng_to_int32(e, eng_arg(args, 1), &from) ||
            !eng_to_int32(e, eng_get(e, eng_arg(args, 2), "length"), &room))
                return NULL;
        if (from < 0 || room < 1 || room > SEGMENTS_MAX)
                return eng_throw(e, ENG_E_RANGE, "segmentsNext: from %d, room for %d", from, room);
        int count = ops->segments_next(segments, (size_t)from, ends, (size_t)room);
        if (count < 0)
                return intl_throw(e, "segmentsNext", count);
        if (!eng_bytes_store(e, eng_arg(args, 2), 0, ends, (size_t)count * sizeof(*ends)))
                return NULL;
        return eng_number(e, count);
}

/* segmentsAround(segments, at, ends): the start and the end are put into the Int32Array. */
static eng_val intl_segments_around(eng *e, eng_args *args, void *data)
{
        intl_end ends[2];
        int32_t at;

        struct intl_segments *segments = eng_host_pointer(e, eng_arg(args, 0), &segments_class);
        if (!segments || !eng_to_int32(e, eng_arg(args, 1), &at))
                return NULL;
        int r = at < 0 ? -EINVAL : ops->segments_around(segments, (size_t)at, ends);
        if (r < 0)
                return intl_throw(e, "segmentsAround", r);
        return eng_bytes_store(e, eng_arg(args, 2), 0, ends, sizeof(ends)) ? ENG_UNDEF : NULL;
}

static void formatter_finalize(void *pointer)
{
        ops->formatter_free(pointer);
}

static const struct eng_class formatter_class = { "Formatter", formatter_finalize };

/* formatter(locale, skeleton, isRange): what format() and plural() take. */
static eng_val intl_formatter(eng *e, eng_args *args, void *data)
{
        const char *locale, *skeleton;
        bool is_range;
        struct intl_formatter *formatter;

        if (!eng_args_get(e, args, "formatter", "ssb", &locale, &skeleton, &is_range) || !ops_ready(e))
                return NULL;
        int r = ops->formatter_new(locale, skeleton, is_range, &formatter);
        if (r < 0)
                return intl_throw(e, skeleton, r);
        eng_val v = eng_host_object(e, &formatter_class, formatter, NULL);
        if (!v)
                ops->formatter_free(formatter);
        else
                eng_host_weigh(e, v, FORMATTER_BYTES);
        return v;
}

/* format(formatter, first, second): [text, bytes of Int32Array: kind, start, end, ...]. */
static eng_val intl_format(eng *e, eng_args *args, void *data)
{
        eng_val object;
        const char *first, *second = NULL;
        struct intl_text text;

        if (!eng_args_get(e, args, "format", "vs|s", &object, &first, &second))
                return NULL;
        struct intl_formatter *formatter = eng_host_pointer(e, object, &formatter_class);
        if (!formatter)
                return NULL;
        int r = ops->formatter_format(formatter, first, second, &text);
        if (r < 0)
                return intl_throw(e, "format", r);
        const eng_val parts[] = { eng_cstring(e, text.text),
                                  eng_uint8array(e, text.fields, text.count * sizeof(*text.fields)) };
        free(text.text);
        free(text.fields);
        return eng_array(e, ARRAY_SIZE(parts), parts);
}

/* plural(formatter, isOrdinal, first, second): a category. */
static eng_val intl_plural(eng *e, eng_args *args, void *data)
{
        eng_val object;
        bool is_ordinal;
        const char *first, *second;
        char word[32];

        if (!eng_args_get(e, args, "plural", "vbss", &object, &is_ordinal, &first, &second))
                return NULL;
        struct intl_formatter *formatter = eng_host_pointer(e, object, &formatter_class);
        if (!formatter)
                return NULL;
        int r = ops->formatter_plural(formatter, is_ordinal, first, second, word, sizeof(word));
        return r < 0 ? intl_throw(e, "plural", r) : eng_cstring(e, word);
}

/* list(what, locale): lines. */
static eng_val intl_list(eng *e, eng_args *args, void *data)
{
        int32_t what;
        const char *locale;
        char *lines;

        if (!eng_args_get(e, args, "list", "is", &what, &locale) || !ops_ready(e))
                return NULL;
        int r = ops->list((enum intl_list)what, locale, &lines);
        if (r < 0)
                return intl_throw(e, locale, r);
        eng_val v = eng_cstring(e, lines);
        free(lines);
        return v;
}

static const struct builtin_function intl_functions[] = {
        { "format", 3, intl_format },
        { "formatter", 3, intl_formatter },
        { "list", 2, intl_list },
        { "plural", 4, intl_plural },
        { "segments", 3, intl_segments },
        { "segmentsAround", 3, intl_segments_around },
        { "segmentsNext", 3, intl_segments_next },
        { NULL, 0, NULL },
};

#ifdef HAVE_ICU
#define IS_BUILT ENG_TRUE
#else
#define IS_BUILT ENG_FALSE
#endif

static eng_val intl_create(struct host *host, eng *e)
{
        eng_val object = builtin_object(host, e, intl_functions);

        return eng_define(e, object, "isBuilt", IS_BUILT, ENG_READONLY) ? object : NULL;
}

const struct builtin builtin_intl = { "intl", intl_create };
