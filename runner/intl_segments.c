/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Texts and where they can be divided, by ICU's break iterators. One iterator serves whoever goes through the text: it
 * remembers the places around the last one that it was asked for.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include "lib/util.h"
#include "runner/intl_impl.h"

struct intl_segments {
        UBreakIterator *iterator;
        uint16_t *text; /* the iterator reads it */
        size_t length;
        bool is_grapheme;
};

static const UBreakIteratorType types[_INTL_GRANULARITY_COUNT] = {
        [INTL_GRAPHEME] = UBRK_CHARACTER,
        [INTL_WORD] = UBRK_WORD,
        [INTL_SENTENCE] = UBRK_SENTENCE,
};

void segments_free(struct intl_segments *segments)
{
        if (!segments)
                return;
        ubrk_close(segments->iterator);
        free(segments->text);
        free(segments);
}

static int iterator_open(struct intl_segments *segments, const char *tag, enum intl_granularity granularity)
{
        char locale[INTL_LOCALE_SIZE];
        UErrorCode status = U_ZERO_ERROR;

        if (granularity < 0 || granularity >= _INTL_GRANULARITY_COUNT || segments->length > INTL_TEXT_MAX)
                return -EINVAL;
        int r = intl_locale(tag, locale);
        if (r < 0)
                return r;
        segments->iterator = ubrk_open(types[granularity], locale, segments->text, (int32_t)segments->length,
                                       &status);
        return intl_errno(status);
}

int segments_new(const char *locale, enum intl_granularity granularity, uint16_t *text, size_t length,
                 struct intl_segments **ret)
{
        struct intl_segments *segments = calloc(1, sizeof(*segments));

        if (!segments) {
                free(text);
                return -ENOMEM;
        }
        segments->text = text;
        segments->length = length;
        segments->is_grapheme = granularity == INTL_GRAPHEME;
        int r = iterator_open(segments, locale, granularity);
        if (r < 0)
                segments_free(segments);
        else
                *ret = segments;
        return r;
}

/*
 * What joins consonants to a cluster (rule GB9c). ICU knows of six scripts whose viramas do; Unicode 16 has these as well,
 * some of which also join independent vowels. Harmless where ICU knows them itself.
 */
static const struct linker {
        UChar32 character;
        bool joins_vowels;
} linkers[] = {
        { 0x1039, true },  { 0x17d2, true },  { 0x1a60, true },  { 0x1b44, false }, { 0x1bab, true },
        { 0xa9c0, false }, { 0xaaf6, true },  { 0x10a3f, true }, { 0x11133, true }, { 0x1193e, true },
        { 0x11a47, true }, { 0x11a99, true }, { 0x11f42, true },
};

static const struct linker *linker_find(UChar32 character)
{
        for (size_t i = 0; i < ARRAY_SIZE(linkers); i++)
                if (linkers[i].character == character)
                        return &linkers[i];
        return NULL;
}

static bool linker_takes(const struct linker *linker, UChar32 character)
{
        UErrorCode status = U_ZERO_ERROR;
        int kind = u_getIntPropertyValue(character, UCHAR_INDIC_SYLLABIC_CATEGORY);

        return (kind == U_INSC_CONSONANT || (linker->joins_vowels && kind == U_INSC_VOWEL_INDEPENDENT)) &&
               uscript_getScript(character, &status) == uscript_getScript(linker->character, &status);
}

/* Whether the clusters before and after @place, which ICU has as two, are one. */
static bool is_joined(const struct intl_segments *segments, int32_t place)
{
        const struct linker *linker = NULL;
        int32_t at = place;
        UChar32 character;

        if (!segments->is_grapheme || (size_t)place >= segments->length || segments->text[place - 1] < 0x300)
                return false;
        do {
                U16_PREV(segments->text, 0, at, character);
                if (!linker)
                        linker = linker_find(character);
        } while (at > 0 && (u_hasBinaryProperty(character, UCHAR_GRAPHEME_EXTEND) || character == 0x200d ||
                            linker_find(character)));
        if (!linker || !linker_takes(linker, character))
                return false;
        U16_GET(segments->text, 0, place, (int32_t)segments->length, character);
        return linker_takes(linker, character);
}

static int32_t place_after(struct intl_segments *segments, int32_t place)
{
        while (place != UBRK_DONE && is_joined(segments, place))
                place = ubrk_next(segments->iterator);
        return place;
}

/* Only rules for words have a status of 100 and more: numbers, letters, kana, ideographs. */
static intl_end end_at(UBreakIterator *iterator, int32_t place)
{
        return ((intl_end)place << 1) | (ubrk_getRuleStatus(iterator) >= UBRK_WORD_NONE_LIMIT);
}

int segments_next(struct intl_segments *segments, size_t from, intl_end *ends, size_t room)
{
        size_t count = 0;

        if (from >= segments->length)
                return 0;
        int32_t place = place_after(segments, ubrk_following(segments->iterator, (int32_t)from));
        while (place != UBRK_DONE && count < room) {
                ends[count++] = end_at(segments->iterator, place);
                if (count < room)
                        place = place_after(segments, ubrk_next(segments->iterator));
        }
        return (int)count;
}

int segments_around(struct intl_segments *segments, size_t at, intl_end ret[2])
{
        if (at >= segments->length)
                return -EINVAL;
        ubrk_following(segments->iterator, (int32_t)at);
        int32_t start = ubrk_previous(segments->iterator);
        while (start > 0 && is_joined(segments, start))
                start = ubrk_previous(segments->iterator);
        int32_t end = place_after(segments, ubrk_following(segments->iterator, (int32_t)at));
        if (start == UBRK_DONE || end == UBRK_DONE)
                return -EINVAL;
        ret[0] = (intl_end)start << 1;
        ret[1] = end_at(segments->iterator, end);
        return 0;
}
