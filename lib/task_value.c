/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/task_value.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"

#define BLANKS " \t\n\r"
#define USER_NAME_MAX 31

int task_value_bool(const char *text, bool *ret)
{
        static const char *const on[] = { "1", "yes", "y", "true", "t", "on" };
        static const char *const off[] = { "0", "no", "n", "false", "f", "off" };

        for (size_t i = 0; i < ARRAY_SIZE(on); i++)
                if (strcasecmp(text, on[i]) == 0) {
                        *ret = true;
                        return 0;
                }
        for (size_t i = 0; i < ARRAY_SIZE(off); i++)
                if (strcasecmp(text, off[i]) == 0) {
                        *ret = false;
                        return 0;
                }
        return -EINVAL;
}

int task_value_span(const char *text, int64_t *ret_us)
{
        if (strcmp(text, "infinity") == 0) {
                *ret_us = INT64_MAX;
                return 0;
        }
        return duration_parse(text, ret_us, NULL);
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* Digits from *@p on. -EINVAL: none; -ERANGE. */
static int digits_parse(const char **p, uint64_t *ret)
{
        uint64_t value = 0;

        if (!is_digit(**p))
                return -EINVAL;
        for (; is_digit(**p); (*p)++)
                if (__builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, (uint64_t)(**p - '0'), &value))
                        return -ERANGE;
        *ret = value;
        return 0;
}

static int suffix_parse(const char *text, unsigned *ret_shift)
{
        static const char suffixes[] = "BKMGTPE"; /* each 1024 of the one before */

        text += strspn(text, BLANKS);
        const char *found = *text ? strchr(suffixes, *text) : suffixes;
        if (!found || (*text && text[1]))
                return -EINVAL;
        *ret_shift = 10 * (unsigned)(found - suffixes);
        return 0;
}

int task_value_size(const char *text, uint64_t *ret_bytes)
{
        const char *p = text, *fraction = "";
        uint64_t bytes = 0;
        unsigned shift = 0;

        if (strcmp(text, "infinity") == 0) {
                *ret_bytes = UINT64_MAX;
                return 0;
        }
        int r = digits_parse(&p, &bytes);
        if (r < 0)
                return r;
        if (*p == '.') {
                fraction = ++p;
                p += strspn(p, "0123456789");
                if (p == fraction)
                        return -EINVAL;
        }
        r = suffix_parse(p, &shift);
        if (r < 0)
                return r;
        if (__builtin_mul_overflow(bytes, UINT64_C(1) << shift, &bytes))
                return -ERANGE;
        uint64_t divisor = 10;
        for (; is_digit(*fraction) && divisor < UINT64_C(1000000000); fraction++, divisor *= 10) {
                /* At most 2^60 times 9: no overflow. */
                uint64_t part = ((UINT64_C(1) << shift) / divisor) * (uint64_t)(*fraction - '0') +
                                ((UINT64_C(1) << shift) % divisor) * (uint64_t)(*fraction - '0') / divisor;
                if (__builtin_add_overflow(bytes, part, &bytes))
                        return -ERANGE;
        }
        if (bytes == UINT64_MAX)
                return -ERANGE; /* that is infinity */
        *ret_bytes = bytes;
        return 0;
}

int task_value_count(const char *text, uint64_t *ret)
{
        const char *p = text;
        uint64_t value = 0;

        if (strcmp(text, "infinity") == 0) {
                *ret = UINT64_MAX;
                return 0;
        }
        int r = digits_parse(&p, &value);
        if (r < 0 || *p)
                return r < 0 ? r : -EINVAL;
        if (value == UINT64_MAX)
                return -ERANGE;
        *ret = value;
        return 0;
}

int task_value_percent(const char *text, uint32_t *ret)
{
        const char *p = text;
        uint64_t value = 0;
        int r = digits_parse(&p, &value);

        if (r < 0 || strcmp(p, "%") != 0)
                return r < 0 ? r : -EINVAL;
        if (value > UINT32_MAX)
                return -ERANGE;
        *ret = (uint32_t)value;
        return 0;
}

int task_value_path(char *path)
{
        char *from = path + (*path == '-'), *to = from;

        if (*from != '/' || strlen(from) >= PATH_MAX)
                return -EINVAL;
        for (const char *p = path; *p; p++)
                if ((unsigned char)*p < 0x20 || *p == 0x7f)
                        return -EINVAL;
        for (const char *part = from; part; part = strchr(part, '/')) {
                part += strspn(part, "/");
                if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
                        return -EINVAL;
        }
        const char *root = from;
        while (*from) {
                from += strspn(from, "/");
                size_t length = strcspn(from, "/");
                if (length > 0 && !(length == 1 && *from == '.')) {
                        *to++ = '/';
                        memmove(to, from, length);
                        to += length;
                }
                from += length;
        }
        if (to == root)
                *to++ = '/';
        *to = 0;
        return 0;
}

static bool is_name_start(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool task_value_is_environment(const char *text)
{
        const char *p = text;

        if (!is_name_start(*p))
                return false;
        while (is_name_start(*p) || is_digit(*p))
                p++;
        if (*p != '=')
                return false;
        for (; *p; p++)
                if (((unsigned char)*p < 0x20 && !strchr("\t\n\r", *p)) || *p == 0x7f)
                        return false;
        return true;
}

bool task_value_is_user(const char *text)
{
        size_t length = strlen(text);
        int64_t number;

        if (is_digit(*text)) /* 2^16-1 and 2^32-1 mean "nobody at all" to the kernel */
                return parse_int64(text, 0, UINT32_MAX - 1, &number) == 0 && number != UINT16_MAX;
        if (!is_name_start(*text) || length > USER_NAME_MAX)
                return false;
        for (const char *p = text; *p; p++)
                if (!is_name_start(*p) && !is_digit(*p) && *p != '-' && *p != '.')
                        return false;
        return true;
}

/* ---- words ---- */

static size_t utf8_put(uint32_t code, char *to)
{
        if (code < 0x80) {
                to[0] = (char)code;
                return 1;
        }
        if (code < 0x800) {
                to[0] = (char)(0xc0 | code >> 6);
                to[1] = (char)(0x80 | (code & 0x3f));
                return 2;
        }
        if (code < 0x10000) {
                to[0] = (char)(0xe0 | code >> 12);
                to[1] = (char)(0x80 | (code >> 6 & 0x3f));
                to[2] = (char)(0x80 | (code & 0x3f));
                return 3;
        }
        to[0] = (char)(0xf0 | code >> 18);
        to[1] = (char)(0x80 | (code >> 12 & 0x3f));
        to[2] = (char)(0x80 | (code >> 6 & 0x3f));
        to[3] = (char)(0x80 | (code & 0x3f));
        return 4;
}

/* @count digits to @base; -EINVAL: others, or none of them makes a character. */
static int code_parse(const char *p, size_t count, unsigned base, uint32_t *ret)
{
        uint32_t code = 0;

        for (size_t i = 0; i < count; i++) {
                static const char digits[] = "0123456789abcdef";
                char lower = (char)(p[i] >= 'A' && p[i] <= 'F' ? p[i] - 'A' + 'a' : p[i]);
                const char *digit = lower ? strchr(digits, lower) : NULL;
                if (!digit || (unsigned)(digit - digits) >= base)
                        return -EINVAL;
                code = code * base + (uint32_t)(digit - digits);
        }
        if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                return -EINVAL;
        *ret = code;
        return 0;
}

/* What follows a backslash at *@p, which moves on. -EINVAL: no escape. */
static int escape_parse(const char **p, char **to)
{
        static const char plain[][2] = { { 'a', '\a' }, { 'b', '\b' },  { 'f', '\f' }, { 'n', '\n' },
                                         { 'r', '\r' }, { 't', '\t' },  { 'v', '\v' }, { 's', ' ' },
                                         { ' ', ' ' },  { '\\', '\\' }, { '"', '"' },  { '\'', '\'' } };
        static const struct {
                char letter;
                size_t digits;
        } coded[] = { { 'x', 2 }, { 'u', 4 }, { 'U', 8 } };
        char letter = **p;
        uint32_t code;

        for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
                if (plain[i][0] == letter) {
                        *(*to)++ = plain[i][1];
                        (*p)++;
                        return 0;
                }
        for (size_t i = 0; i < ARRAY_SIZE(coded); i++) {
                if (coded[i].letter != letter)
                        continue;
                int r = code_parse(*p + 1, coded[i].digits, 16, &code);
                if (r < 0)
                        return r;
                *p += 1 + coded[i].digits;
                if (letter == 'x') /* a byte, not a character */
                        *(*to)++ = (char)code;
                else
                        *to += utf8_put(code, *to);
                return 0;
        }
        if (code_parse(*p, 3, 8, &code) < 0 || code > 0xff)
                return -EINVAL;
        *p += 3;
        *(*to)++ = (char)code;
        return 0;
}

int task_value_word(const char **text, char **ret_word)
{
        const char *p = *text + strspn(*text, BLANKS);
        _cleanup_free_ char *word = NULL;
        char quote = 0;

        if (!*p) {
                *text = p;
                return 0;
        }
        word = malloc(strlen(p) + 1); /* no escape is shorter than what it stands for */
        if (!word)
                return -ENOMEM;
        char *to = word;
        for (; *p && (quote || !strchr(BLANKS, *p));) {
                char c = *p++;
                if (c == '\\') {
                        int r = escape_parse(&p, &to);
                        if (r < 0)
                                return r;
                } else if (c == quote) {
                        quote = 0;
                } else if (!quote && (c == '"' || c == '\'')) {
                        quote = c;
                } else {
                        *to++ = c;
                }
        }
        if (quote)
                return -EINVAL;
        *to = 0;
        if (!utf8_is_valid(word, (size_t)(to - word)))
                return -EINVAL;
        *text = p;
        *ret_word = steal_pointer(word);
        return 1;
}

char *task_value_quote(const char *text)
{
        static const char hex[] = "0123456789abcdef";
        size_t length = strlen(text);
        char *quoted = malloc(4 * length + 3), *to = quoted;
        bool bare = *text != 0;

        if (!quoted)
                return NULL;
        for (const char *p = text; *p; p++)
                if (strchr(BLANKS "\"'\\;#", *p) || (unsigned char)*p < 0x20 || *p == 0x7f)
                        bare = false;
        if (bare)
                return memcpy(quoted, text, length + 1);
        *to++ = '"';
        for (const char *p = text; *p; p++) {
                unsigned char c = (unsigned char)*p;
                if (c == '"' || c == '\\') {
                        *to++ = '\\';
                        *to++ = *p;
                } else if (c < 0x20 || c == 0x7f) {
                        *to++ = '\\';
                        *to++ = 'x';
                        *to++ = hex[c >> 4];
                        *to++ = hex[c & 15];
                } else {
                        *to++ = *p;
                }
        }
        *to++ = '"';
        *to = 0;
        return quoted;
}
