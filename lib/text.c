/* SPDX-License-Identifier: MPL-2.0 */
/* The part of util.h that is about text. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

int parse_int64(const char *text, int64_t min, int64_t max, int64_t *ret)
{
        const char *digits = text + (*text == '-');
        long long value;

        /* strtoll would take blanks, a plus sign and nothing at all. */
        if (*digits < '0' || *digits > '9' || digits[strspn(digits, "0123456789")] != 0)
                return -EINVAL;
        errno = 0;
        value = strtoll(text, NULL, 10);
        if (errno == ERANGE || value < min || value > max)
                return -ERANGE;
        *ret = value;
        return 0;
}

int parse_field(const char **text, size_t skip, int64_t min, int64_t max, int64_t *ret)
{
        static const char blanks[] = " \t\n";
        const char *field = *text + strspn(*text, blanks);
        long long value;

        for (; skip > 0; skip--) {
                field += strcspn(field, blanks);
                field += strspn(field, blanks);
        }
        size_t sign = *field == '-', length = sign + strspn(field + sign, "0123456789");
        if (length == sign || (field[length] && !strchr(blanks, field[length])))
                return -EINVAL;
        errno = 0;
        value = strtoll(field, NULL, 10);
        if (errno == ERANGE || value < min || value > max)
                return -ERANGE;
        *text = field + length;
        *ret = value;
        return 0;
}

size_t utf8_sequence(const char *text, size_t size)
{
        const unsigned char *p = (const unsigned char *)text;
        /* The second byte's range depends on the first: no overlong forms, no surrogates, nothing above U+10FFFF. */
        unsigned char low = 0x80, high = 0xbf;
        size_t length;

        if (size == 0)
                return 0;
        if (p[0] < 0x80)
                return 1;
        if (p[0] >= 0xc2 && p[0] <= 0xdf) {
                length = 2;
        } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
                length = 3;
                if (p[0] == 0xe0)
                        low = 0xa0;
                else if (p[0] == 0xed)
                        high = 0x9f;
        } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
                length = 4;
                if (p[0] == 0xf0)
                        low = 0x90;
                else if (p[0] == 0xf4)
                        high = 0x8f;
        } else {
                return 0;
        }
        if (size < length || p[1] < low || p[1] > high)
                return 0;
        for (size_t i = 2; i < length; i++)
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
        return length;
}

bool utf8_is_valid(const char *text, size_t size)
{
        for (size_t at = 0, length; at < size; at += length) {
                length = utf8_sequence(text + at, size - at);
                if (length == 0)
                        return false;
        }
        return true;
}

char *utf8_repair(const char *text, size_t size)
{
        char *copy = malloc(3 * size + 1);
        char *to = copy;

        if (!copy)
                return NULL;
        for (size_t at = 0; at < size;) {
                size_t length = utf8_sequence(text + at, size - at);
                if (length == 0 || text[at] == 0) {
                        to = mempcpy(to, "\xef\xbf\xbd", 3);
                        at++;
                } else {
                        to = mempcpy(to, text + at, length);
                        at += length;
                }
        }
        *to = 0;
        return copy;
}

bool utf8_is_control(const char *sequence, size_t length)
{
        const unsigned char *p = (const unsigned char *)sequence;

        /* C0, DEL, and C1, which terminals obey as well: U+0080 to U+009F. */
        return (length == 1 && (p[0] < 0x20 || p[0] == 0x7f)) || (length == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}

char *text_escape(const char *text, size_t size)
{
        static const char hex[] = "0123456789abcdef";
        char *copy = malloc(4 * size + 1);
        char *to = copy;

        if (!copy)
                return NULL;
        for (size_t at = 0; at < size;) {
                size_t length = utf8_sequence(text + at, size - at);
                if (length > 0 && !utf8_is_control(text + at, length)) {
                        to = mempcpy(to, text + at, length);
                        at += length;
                        continue;
                }
                for (length = MAX(length, (size_t)1); length > 0; length--, at++) {
                        unsigned char byte = (unsigned char)text[at];
                        *to++ = '\\';
                        if (byte == '\n' || byte == '\t' || byte == '\r') {
                                *to++ = byte == '\n' ? 'n' : byte == '\t' ? 't' : 'r';
                                continue;
                        }
                        *to++ = 'x';
                        *to++ = hex[byte >> 4];
                        *to++ = hex[byte & 15];
                }
        }
        *to = 0;
        return copy;
}

uint64_t text_hash(const char *text)
{
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (; *text; text++)
                hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
        return hash;
}

void hex_encode(const void *data, size_t size, char *ret)
{
        static const char hex[] = "0123456789abcdef";
        const unsigned char *bytes = data;

        for (size_t i = 0; i < size; i++) {
                *ret++ = hex[bytes[i] >> 4];
                *ret++ = hex[bytes[i] & 15];
        }
        *ret = 0;
}

char *format_string(const char *format, ...)
{
        va_list arguments;
        char *text;

        va_start(arguments, format);
        int length = vasprintf(&text, format, arguments);
        va_end(arguments);
        return length < 0 ? NULL : text;
}

char *path_join(const char *directory, const char *name)
{
        size_t length = strlen(directory);

        while (length > 1 && directory[length - 1] == '/')
                length--;
        if (length == 1 && directory[0] == '/')
                length = 0;
        return format_string("%.*s/%s", (int)length, directory, name + strspn(name, "/"));
}

void strv_free(char **strings)
{
        if (!strings)
                return;
        for (char **s = strings; *s; s++)
                free(*s);
        free(strings);
}

size_t strv_length(char *const *strings)
{
        size_t length = 0;

        while (strings && strings[length])
                length++;
        return length;
}
