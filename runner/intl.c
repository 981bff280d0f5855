/* SPDX-License-Identifier: MPL-2.0 */
/* intl.so: its table, and what its files share. It is complete in itself, nothing of libcommon is linked into it. */
#include "config.h"

#include <errno.h>

#include "runner/intl_impl.h"

int intl_errno(UErrorCode status)
{
        if (U_SUCCESS(status))
                return 0;
        if (status == U_MEMORY_ALLOCATION_ERROR)
                return -ENOMEM;
        return status == U_MISSING_RESOURCE_ERROR || status == U_FILE_ACCESS_ERROR ? -ENODATA : -EINVAL;
}

int intl_locale(const char *tag, char ret[INTL_LOCALE_SIZE])
{
        UErrorCode status = U_ZERO_ERROR;

        uloc_forLanguageTag(tag, ret, INTL_LOCALE_SIZE, NULL, &status);
        return status == U_STRING_NOT_TERMINATED_WARNING ? -ENAMETOOLONG : intl_errno(status);
}

extern const struct intl_ops intl_ops;
const struct intl_ops intl_ops = {
        .abi = INTL_ABI,
        .segments_new = segments_new,
        .segments_next = segments_next,
        .segments_around = segments_around,
        .segments_free = segments_free,
        .formatter_new = formatter_new,
        .formatter_format = formatter_format,
        .formatter_plural = formatter_plural,
        .formatter_free = formatter_free,
        .list = list_get,
};
