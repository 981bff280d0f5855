/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of intl.so share; what they supply is described in intl.h. */
#ifndef RUNNER_INTL_IMPL_H
#define RUNNER_INTL_IMPL_H

#include <unicode/uloc.h>

#include "runner/intl.h"

/* Room for ICU's name of a locale. */
#define INTL_LOCALE_SIZE ULOC_FULLNAME_CAPACITY

/* What ICU says, as a negative errno; 0: it worked. */
int intl_errno(UErrorCode status);
/* ICU's name for a language tag. */
int intl_locale(const char *tag, char ret[INTL_LOCALE_SIZE]);

int segments_new(const char *locale, enum intl_granularity granularity, uint16_t *text, size_t length,
                 struct intl_segments **ret);
int segments_next(struct intl_segments *segments, size_t from, intl_end *ends, size_t room);
int segments_around(struct intl_segments *segments, size_t at, intl_end ret[2]);
void segments_free(struct intl_segments *segments);

int formatter_new(const char *locale, const char *skeleton, bool is_range, struct intl_formatter **ret);
int formatter_format(struct intl_formatter *formatter, const char *first, const char *second,
                     struct intl_text *ret);
int formatter_plural(struct intl_formatter *formatter, bool is_ordinal, const char *first, const char *second,
                     char ret[], size_t size);
void formatter_free(struct intl_formatter *formatter);

int list_get(enum intl_list what, const char *locale, char **ret);

#endif
