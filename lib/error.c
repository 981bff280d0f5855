/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What the analyzer is shown instead. */
#undef error_set
#undef error_set_errno

/* A cut may have gone through a character: drop the piece of it that is left. */
static void text_trim(char *text, size_t size)
{
        size_t start = size;

        while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
                start--;
        if (start == 0)
                return;
        unsigned char lead = (unsigned char)text[start - 1];
        size_t wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
        if (size - (start - 1) < wanted)
                text[start - 1] = 0;
}

__attribute__((format(printf, 2, 0))) static void text_format(char text[static ERROR_TEXT_MAX],
                                                              const char *format, va_list arguments)
{
        int length = vsnprintf(text, ERROR_TEXT_MAX, format, arguments);

        if (length < 0)
                text[0] = 0;
        else if (length >= ERROR_TEXT_MAX)
                text_trim(text, ERROR_TEXT_MAX - 1);
}

/* Append ": TAIL" in place, as far as there is room. */
static void text_append(char text[static ERROR_TEXT_MAX], const char *tail)
{
        size_t length = strlen(text);
        int added = snprintf(text + length, ERROR_TEXT_MAX - length, ": %s", tail);

        if (added < 0)
                text[length] = 0;
        else if (length + (size_t)added >= ERROR_TEXT_MAX)
                text_trim(text, ERROR_TEXT_MAX - 1);
}

int error_set(struct error *error, int code, const char *format, ...)
{
        if (error) {
                va_list arguments;
                va_start(arguments, format);
                text_format(error->text, format, arguments);
                va_end(arguments);
                error->code = code;
        }
        return -code;
}

int error_set_errno(struct error *error, int code, const char *format, ...)
{
        if (error) {
                va_list arguments;
                va_start(arguments, format);
                text_format(error->text, format, arguments);
                va_end(arguments);
                text_append(error->text, strerror(code));
                error->code = code;
        }
        return -code;
}

int error_prefix(struct error *error, const char *format, ...)
{
        if (!error)
                return -EINVAL; /* never success: callers return what this does */

        char tail[ERROR_TEXT_MAX];
        memcpy(tail, error->text, sizeof(tail));
        va_list arguments;
        va_start(arguments, format);
        text_format(error->text, format, arguments);
        va_end(arguments);
        text_append(error->text, tail);
        return -error->code;
}
