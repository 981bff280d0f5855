/* SPDX-License-Identifier: MPL-2.0 */
/*
 * utf8.cc - text between C and the engine. What comes from C may be any bytes: each maximal part of an
 * invalid sequence becomes one U+FFFD, as the Encoding Standard has it.
 */
#include "runner/engine/internal.h"

#include <stdlib.h>
#include <string.h>

/* Decode one character of @size > 0 bytes. Returns the bytes used; *ret is -1 for an invalid sequence. */
static size_t decode(const unsigned char *p, size_t size, int32_t *ret)
{
        unsigned char first = p[0];
        *ret = -1;
        if (first < 0x80) {
                *ret = first;
                return 1;
        }
        if (first < 0xc2 || first > 0xf4)
                return 1;
        size_t more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
        /* Only the second byte has bounds of its own: no overlong forms, surrogates, or beyond U+10FFFF. */
        unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        int32_t c = first & (0x3f >> more);
        for (size_t i = 1; i <= more; i++) {
                if (i >= size || p[i] < low || p[i] > high)
                        return i;
                c = (c << 6) | (p[i] & 0x3f);
                low = 0x80;
                high = 0xbf;
        }
        *ret = c;
        return more + 1;
}

static size_t ascii_run(const char *p, size_t size)
{
        size_t i = 0;
        for (; i + 8 <= size; i += 8) {
                uint64_t word;
                memcpy(&word, p + i, 8);
                if (word & 0x8080808080808080u)
                        break;
        }
        while (i < size && !(p[i] & 0x80))
                i++;
        return i;
}

bool utf8_valid(const char *utf8, size_t size)
{
        for (size_t i = 0; i < size;) {
                i += ascii_run(utf8 + i, size - i);
                if (i == size)
                        break;
                int32_t c;
                i += decode(reinterpret_cast<const unsigned char *>(utf8) + i, size - i, &c);
                if (c < 0)
                        return false;
        }
        return true;
}

size_t utf8_cut(const char *utf8, size_t size, size_t most)
{
        if (size <= most)
                return size;
        while (most > 0 && (utf8[most] & 0xc0) == 0x80)
                most--;
        return most;
}

static JSString *string_with_replacements(eng *e, const char *utf8, size_t size)
{
        Vec<char16_t> out;
        bool ok = out.reserve(size);
        for (size_t i = 0; ok && i < size;) {
                int32_t c;
                i += decode(reinterpret_cast<const unsigned char *>(utf8) + i, size - i, &c);
                if (c < 0)
                        c = 0xfffd;
                if (c < 0x10000) {
                        ok = out.append(static_cast<char16_t>(c));
                } else {
                        ok = out.append(static_cast<char16_t>(0xd7c0 + (c >> 10))) &&
                             out.append(static_cast<char16_t>(0xdc00 | (c & 0x3ff)));
                }
        }
        if (!ok) {
                JS_ReportOutOfMemory(e->cx);
                return nullptr;
        }
        return JS_NewUCStringCopyN(e->cx, out.begin(), out.length());
}

JSString *string_from_utf8(eng *e, const char *utf8, size_t size)
{
        if (!utf8_valid(utf8, size))
                return string_with_replacements(e, utf8, size);
        return JS_NewStringCopyUTF8N(e->cx, JS::UTF8Chars(utf8, size));
}

const char *string_to_utf8(eng *e, JS::HandleString s, size_t *ret_size)
{
        JSLinearString *linear = JS_EnsureLinearString(e->cx, s);
        if (!linear)
                return nullptr;
        size_t size = JS::GetDeflatedUTF8StringLength(linear);
        auto *text = static_cast<char *>(malloc(size + 1));
        if (text) {
                size = JS::DeflateStringToUTF8Buffer(linear, mozilla::Span<char>(text, size));
                text[size] = '\0';
        }
        if (ret_size)
                *ret_size = size;
        return scope_keep(e, text);
}
