/* SPDX-License-Identifier: MPL-2.0 */
/* Numbers, and ranges of two, as texts of which it is known what their parts are. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/unumberformatter.h>
#include <unicode/unumberrangeformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "runner/intl_impl.h"

#define SKELETON_MAX 512

struct intl_formatter {
        char locale[INTL_LOCALE_SIZE];
        UNumberFormatter *single; /* this or the other one */
        UFormattedNumber *number;
        UNumberRangeFormatter *range;
        UFormattedNumberRange *numbers;
        UPluralRules *rules; /* made when they are first needed */
};

void formatter_free(struct intl_formatter *formatter)
{
        if (!formatter)
                return;
        unumf_closeResult(formatter->number);
        unumf_close(formatter->single);
        unumrf_closeResult(formatter->numbers);
        unumrf_close(formatter->range);
        uplrules_close(formatter->rules);
        free(formatter);
}

static int formatter_open(struct intl_formatter *formatter, const char *skeleton, bool is_range)
{
        UErrorCode status = U_ZERO_ERROR;
        UChar text[SKELETON_MAX];
        int32_t length;

        u_strFromUTF8(text, SKELETON_MAX, &length, skeleton, -1, &status);
        if (is_range) {
                formatter->range = unumrf_openForSkeletonWithCollapseAndIdentityFallback(
                        text, length, UNUM_RANGE_COLLAPSE_AUTO, UNUM_IDENTITY_FALLBACK_APPROXIMATELY,
                        formatter->locale, NULL, &status);
                formatter->numbers = unumrf_openResult(&status);
        } else {
                formatter->single = unumf_openForSkeletonAndLocale(text, length, formatter->locale, &status);
                formatter->number = unumf_openResult(&status);
        }
        return intl_errno(status);
}

int formatter_new(const char *locale, const char *skeleton, bool is_range, struct intl_formatter **ret)
{
        struct intl_formatter *formatter = calloc(1, sizeof(*formatter));

        if (!formatter)
                return -ENOMEM;
        int r = intl_locale(locale, formatter->locale);
        if (r == 0)
                r = formatter_open(formatter, skeleton, is_range);
        if (r < 0)
                formatter_free(formatter);
        else
                *ret = formatter;
        return r;
}

static int text_read(const UFormattedValue *value, struct intl_text *text)
{
        UErrorCode status = U_ZERO_ERROR;
        int32_t length, size;

        const UChar *units = ufmtval_getString(value, &length, &status);
        if (U_FAILURE(status))
                return intl_errno(status);
        u_strToUTF8(NULL, 0, &size, units, length, &status);
        text->text = malloc((size_t)size + 1);
        if (!text->text)
                return -ENOMEM;
        status = U_ZERO_ERROR;
        u_strToUTF8(text->text, size + 1, NULL, units, length, &status);
        return intl_errno(status);
}

/* false: no memory. */
static bool field_add(struct intl_text *text, int32_t category, int32_t field, int32_t start, int32_t end)
{
        if ((text->count & (text->count - 1)) == 0) { /* full: a power of two, or none */
                size_t room = text->count ? 2 * text->count : 1;
                struct intl_field *fields = realloc(text->fields, room * sizeof(*fields));
                if (!fields)
                        return false;
                text->fields = fields;
        }
        int32_t kind = category == UFIELD_CATEGORY_NUMBER_RANGE_SPAN ? INTL_SPAN + field : field;
        text->fields[text->count++] = (struct intl_field){ .kind = kind, .start = start, .end = end };
        return true;
}

static int fields_read(const UFormattedValue *value, struct intl_text *text)
{
        UErrorCode status = U_ZERO_ERROR;
        UConstrainedFieldPosition *position = ucfpos_open(&status);
        bool has_memory = true;

        while (has_memory && ufmtval_nextPosition(value, position, &status)) {
                int32_t start, end;
                int32_t category = ucfpos_getCategory(position, &status);
                int32_t field = ucfpos_getField(position, &status);
                ucfpos_getIndexes(position, &start, &end, &status);
                if (category == UFIELD_CATEGORY_NUMBER || category == UFIELD_CATEGORY_NUMBER_RANGE_SPAN)
                        has_memory = field_add(text, category, field, start, end);
        }
        ucfpos_close(position);
        return has_memory ? intl_errno(status) : -ENOMEM;
}

/* Owned by the formatter; NULL: @status says why. (For a length of -1 ICU 72 takes 34 digits at most.) */
static const UFormattedValue *numbers_format(struct intl_formatter *formatter, const char *first,
                                             const char *second, UErrorCode *status)
{
        int32_t length = (int32_t)strlen(first);

        if (!formatter->range) {
                unumf_formatDecimal(formatter->single, first, length, formatter->number, status);
                return unumf_resultAsValue(formatter->number, status);
        }
        unumrf_formatDecimalRange(formatter->range, first, length, second, (int32_t)strlen(second),
                                  formatter->numbers, status);
        return unumrf_resultAsValue(formatter->numbers, status);
}

/* Whether they are as many as the formatter wants, and not too long. */
static bool numbers_fit(const struct intl_formatter *formatter, const char *first, const char *second)
{
        return (formatter->range != NULL) == (second != NULL) && strlen(first) <= INTL_NUMBER_MAX &&
               (!second || strlen(second) <= INTL_NUMBER_MAX);
}

int formatter_format(struct intl_formatter *formatter, const char *first, const char *second,
                     struct intl_text *ret)
{
        UErrorCode status = U_ZERO_ERROR;
        struct intl_text text = { .text = NULL };

        if (!numbers_fit(formatter, first, second))
                return -EINVAL;
        const UFormattedValue *value = numbers_format(formatter, first, second, &status);
        int r = intl_errno(status);
        if (r == 0)
                r = text_read(value, &text);
        if (r == 0)
                r = fields_read(value, &text);
        if (r < 0) {
                free(text.text);
                free(text.fields);
                return r;
        }
        *ret = text;
        return 0;
}

int formatter_plural(struct intl_formatter *formatter, bool is_ordinal, const char *first, const char *second,
                     char ret[], size_t size)
{
        UErrorCode status = U_ZERO_ERROR;
        UChar word[32];

        if (!second || !numbers_fit(formatter, first, second))
                return -EINVAL;
        if (!formatter->rules)
                formatter->rules = uplrules_openForType(
                        formatter->locale, is_ordinal ? UPLURAL_TYPE_ORDINAL : UPLURAL_TYPE_CARDINAL,
                        &status);
        numbers_format(formatter, first, second, &status);
        int32_t length = uplrules_selectForRange(formatter->rules, formatter->numbers, word,
                                                 (int32_t)(sizeof(word) / sizeof(word[0])), &status);
        u_strToUTF8(ret, (int32_t)size, NULL, word, length, &status);
        return intl_errno(status);
}
