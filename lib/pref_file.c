/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The parser of preference files.
 *
 *   file        = declaration*
 *   declaration = "pref" "(" string "," value attribute* ")" ";"
 *               | "sticky_pref" "(" string "," value attribute* ")" ";"
 *               | "user_pref" "(" string "," value ")" ";"
 *   value       = string | "true" | "false" | ["+" | "-"] digits
 *   attribute   = "," ("sticky" | "locked")
 *
 * One token of look-ahead. A declaration is handed out when its semicolon was seen. Strings are decoded into
 * two buffers, one for the name and one for the value, which live until the next declaration.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/prefs.h"
#include "lib/util.h"

enum token_kind {
        TOKEN_END,
        TOKEN_WORD,
        TOKEN_NUMBER, /* digits alone; the sign is a token of its own */
        TOKEN_STRING,
        TOKEN_PUNCTUATION,
        TOKEN_BAD, /* has been reported */
};

/* text[start..end) of the file; a string's text includes its quotes. */
struct token {
        enum token_kind kind;
        size_t start, end;
};

struct buffer {
        char *data;
        size_t size, capacity;
};

struct mark {
        size_t offset;
        unsigned line, column;
};

struct parser {
        const char *file;
        const char *text;
        size_t size;
        size_t at;          /* behind the token */
        struct token token; /* the one to be looked at */
        struct mark mark;   /* of the declaration, from which positions in it are counted */
        struct error *error;
        struct buffer name, value;
};

/* ---- errors ---- */

/* Lines and columns (characters, both from 1) of @offset, which is not before the mark. */
static struct mark mark_at(const struct parser *parser, size_t offset)
{
        struct mark mark = parser->mark;

        for (; mark.offset < offset; mark.offset++) {
                if (parser->text[mark.offset] == '\n') {
                        mark.line++;
                        mark.column = 1;
                } else if (((unsigned char)parser->text[mark.offset] & 0xc0) != 0x80) {
                        mark.column++;
                }
        }
        return mark;
}

/* What is at @start, in words, cut to what one wants to read. */
static char *found_describe(const struct parser *parser, size_t start, size_t end)
{
        if (start >= parser->size)
                return strdup("the end of the file");
        if (end <= start)
                end = start + MAX(utf8_sequence(parser->text + start, parser->size - start), (size_t)1);

        size_t shown = 0, length;
        while (shown < MIN(end - start, (size_t)60)) {
                length = utf8_sequence(parser->text + start + shown, end - start - shown);
                shown += MAX(length, (size_t)1);
        }
        _cleanup_free_ char *escaped = text_escape(parser->text + start, shown);
        return escaped ? format_string("'%s%s'", escaped, start + shown < end ? "..." : "") : NULL;
}

static int fail_at(struct parser *parser, size_t start, size_t end, const char *expected)
{
        _cleanup_free_ char *found = found_describe(parser, start, end);
        struct mark mark = mark_at(parser, start);

        parser->token.kind = TOKEN_BAD;
        return error_set(parser->error, EINVAL, "%s:%u:%u: expected %s, found %s", parser->file, mark.line,
                         mark.column, expected, found ? found : "something else");
}

static int fail_token(struct parser *parser, const char *expected)
{
        /* A bad token has its own, better message. */
        if (parser->token.kind == TOKEN_BAD)
                return -EINVAL;
        return fail_at(parser, parser->token.start, parser->token.end, expected);
}

/* ---- tokens ---- */

static bool is_word_start(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* To the first character that is neither blank nor in a comment. */
static int blanks_skip(struct parser *parser)
{
        const char *text = parser->text, *end;
        size_t at = parser->at;

        for (;;) {
                while (at < parser->size && text[at] && strchr(" \t\n\r\f\v", text[at]))
                        at++;
                bool two = parser->size - at >= 2 && text[at] == '/';
                if (at < parser->size && (text[at] == '#' || (two && text[at + 1] == '/'))) {
                        end = memchr(text + at, '\n', parser->size - at);
                        at = end ? (size_t)(end - text) : parser->size;
                } else if (two && text[at + 1] == '*') {
                        end = memmem(text + at + 2, parser->size - at - 2, "*/", 2);
                        if (!end)
                                return fail_at(parser, at, at + 2, "\"*/\" to end the comment");
                        at = (size_t)(end - text) + 2;
                } else {
                        parser->at = at;
                        return 0;
                }
        }
}

/* Find the end of the string that begins at @start; its content is decoded later. */
static size_t string_end(const struct parser *parser, size_t start)
{
        char quote = parser->text[start];

        for (size_t at = start + 1; at < parser->size; at++) {
                if (parser->text[at] == quote)
                        return at + 1;
                if (parser->text[at] == '\\')
                        at++;
        }
        return 0;
}

/* Read the next token into parser->token. A bad one is reported here and stops whoever expects something. */
static void token_next(struct parser *parser)
{
        if (parser->token.kind == TOKEN_BAD || blanks_skip(parser) < 0)
                return;

        size_t at = parser->at, start = at;
        enum token_kind kind = TOKEN_PUNCTUATION;
        if (at >= parser->size) {
                kind = TOKEN_END;
        } else if (is_word_start(parser->text[at])) {
                kind = TOKEN_WORD;
                while (at < parser->size && (is_word_start(parser->text[at]) || is_digit(parser->text[at])))
                        at++;
        } else if (is_digit(parser->text[at])) {
                kind = TOKEN_NUMBER;
                while (at < parser->size && (is_word_start(parser->text[at]) || is_digit(parser->text[at])))
                        at++;
        } else if (parser->text[at] == '"' || parser->text[at] == '\'') {
                kind = TOKEN_STRING;
                at = string_end(parser, start);
                if (at == 0) {
                        fail_at(parser, start, start + 1, "a string that ends");
                        return;
                }
        } else {
                at += MAX(utf8_sequence(parser->text + at, parser->size - at), (size_t)1);
        }
        parser->token = (struct token){ .kind = kind, .start = start, .end = at };
        parser->at = at;
}

static bool token_is(const struct parser *parser, const char *text)
{
        size_t length = parser->token.end - parser->token.start;

        return (parser->token.kind == TOKEN_WORD || parser->token.kind == TOKEN_PUNCTUATION) &&
               strlen(text) == length && memcmp(parser->text + parser->token.start, text, length) == 0;
}

static int token_take(struct parser *parser, const char *text, const char *expected)
{
        if (!token_is(parser, text))
                return fail_token(parser, expected);
        token_next(parser);
        return 0;
}

/* ---- strings ---- */

static int hex_parse(const char *digits, size_t count, uint32_t *ret)
{
        uint32_t value = 0;

        for (size_t i = 0; i < count; i++) {
                char c = digits[i];
                if (is_digit(c))
                        value = value * 16 + (uint32_t)(c - '0');
                else if (c >= 'a' && c <= 'f')
                        value = value * 16 + (uint32_t)(c - 'a') + 10;
                else if (c >= 'A' && c <= 'F')
                        value = value * 16 + (uint32_t)(c - 'A') + 10;
                else
                        return -EINVAL;
        }
        *ret = value;
        return 0;
}

static size_t utf8_encode(uint32_t code, char *to)
{
        if (code < 0x80) {
                to[0] = (char)code;
                return 1;
        }
        size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
        for (size_t i = length - 1; i > 0; i--, code >>= 6)
                to[i] = (char)(0x80 | (code & 0x3f));
        to[0] = (char)(leads[length] | code);
        return length;
}

/* \uHHHH at @at, with its second half when it is a surrogate. @end: of the string. Returns the bytes used, 0: bad. */
static size_t unicode_parse(const char *at, const char *end, uint32_t *ret)
{
        uint32_t high, low;

        if (end - at < 6 || hex_parse(at + 2, 4, &high) < 0)
                return 0;
        if (high < 0xd800 || high > 0xdfff) {
                *ret = high;
                return 6;
        }
        if (high > 0xdbff || end - at < 12 || at[6] != '\\' || at[7] != 'u' ||
            hex_parse(at + 8, 4, &low) < 0 || low < 0xdc00 || low > 0xdfff)
                return 0;
        *ret = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return 12;
}

/* The escape at @at. Returns the bytes used, 0: no escape that we know. NUL is none: values end with it. */
static size_t escape_parse(const char *at, const char *end, uint32_t *ret)
{
        static const char letters[] = "\"'\\nrtbfv/", meanings[] = "\"'\\\n\r\t\b\f\v/";
        size_t used = 0;

        if (end - at < 2 || at[1] == 0)
                return 0;
        const char *letter = strchr(letters, at[1]);
        if (letter) {
                *ret = (unsigned char)meanings[letter - letters];
                return 2;
        }
        if (at[1] == 'x' && end - at >= 4 && hex_parse(at + 2, 2, ret) == 0)
                used = 4;
        else if (at[1] == 'u')
                used = unicode_parse(at, end, ret);
        return used > 0 && *ret != 0 ? used : 0;
}

/* Decode the string token into @buffer, at most @max bytes, with a NUL behind, and go on. */
static int string_take(struct parser *parser, struct buffer *buffer, size_t max, const char *expected)
{
        if (parser->token.kind != TOKEN_STRING)
                return fail_token(parser, expected);

        /* No escape is longer decoded than written. */
        size_t from = parser->token.start + 1, to = parser->token.end - 1;
        if (buffer->capacity < to - from + 1) {
                char *larger = realloc(buffer->data, to - from + 1);
                if (!larger)
                        return error_set(parser->error, ENOMEM, "%s: out of memory", parser->file);
                buffer->data = larger;
                buffer->capacity = to - from + 1;
        }
        buffer->size = 0;
        while (from < to) {
                const char *at = parser->text + from;
                size_t used;
                if (*at == '\\') {
                        uint32_t code = 0;
                        used = escape_parse(at, parser->text + to, &code);
                        if (used == 0)
                                return fail_at(parser, from, MIN(from + 2, to),
                                               "an escape such as \\n, \\\", \\x41 or \\u0041");
                        buffer->size += utf8_encode(code, buffer->data + buffer->size);
                } else {
                        used = utf8_sequence(at, to - from);
                        if (used == 0 || *at == 0)
                                return fail_at(parser, from, from + 1, "UTF-8 without NUL");
                        memcpy(buffer->data + buffer->size, at, used);
                        buffer->size += used;
                }
                from += used;
        }
        buffer->data[buffer->size] = 0;
        if (buffer->size > max)
                return fail_token(parser, max == PREF_NAME_MAX ? "a name of at most 1024 bytes"
                                                               : "a string of at most 1 MiB");
        token_next(parser);
        return 0;
}

/* ---- declarations ---- */

static int number_take(struct parser *parser, int32_t *ret)
{
        size_t start = parser->token.start;
        bool negative = token_is(parser, "-");
        int64_t value = 0;

        if (negative || token_is(parser, "+"))
                token_next(parser);
        if (parser->token.kind != TOKEN_NUMBER)
                return fail_token(parser, "a number");
        for (size_t at = parser->token.start; at < parser->token.end; at++) {
                if (!is_digit(parser->text[at]))
                        return fail_token(parser, "a decimal number");
                value = value * 10 + (parser->text[at] - '0');
                if (value - negative > INT32_MAX)
                        return fail_at(parser, start, parser->token.end,
                                       "a number from -2147483648 to 2147483647");
        }
        *ret = (int32_t)(negative ? -value : value);
        token_next(parser);
        return 0;
}

static int value_take(struct parser *parser, struct pref_value *ret)
{
        if (parser->token.kind == TOKEN_STRING) {
                int r = string_take(parser, &parser->value, PREF_STRING_MAX, "a string");
                *ret = (struct pref_value){ .type = PREF_STRING, .string = parser->value.data };
                return r;
        }
        if (token_is(parser, "true") || token_is(parser, "false")) {
                *ret = (struct pref_value){ .type = PREF_BOOL, .boolean = token_is(parser, "true") };
                token_next(parser);
                return 0;
        }
        if (parser->token.kind == TOKEN_NUMBER || token_is(parser, "-") || token_is(parser, "+")) {
                *ret = (struct pref_value){ .type = PREF_INT };
                return number_take(parser, &ret->integer);
        }
        return fail_token(parser, "a string, a number, true or false");
}

static int attributes_take(struct parser *parser, struct pref_declaration *declaration)
{
        while (token_is(parser, ",")) {
                if (declaration->user)
                        return fail_token(parser, "\")\"");
                token_next(parser);
                if (token_is(parser, "sticky"))
                        declaration->sticky = true;
                else if (token_is(parser, "locked"))
                        declaration->locked = true;
                else
                        return fail_token(parser, "sticky or locked");
                token_next(parser);
        }
        return 0;
}

static int declaration_take(struct parser *parser, struct pref_declaration *ret)
{
        int r;

        ret->user = token_is(parser, "user_pref");
        ret->sticky = token_is(parser, "sticky_pref");
        if (!ret->user && !ret->sticky && !token_is(parser, "pref"))
                return fail_token(parser, "pref, user_pref or sticky_pref");
        token_next(parser);
        if ((r = token_take(parser, "(", "\"(\"")) < 0)
                return r;
        size_t name_start = parser->token.start;
        if ((r = string_take(parser, &parser->name, PREF_NAME_MAX, "a name in quotes")) < 0)
                return r;
        if (parser->name.size == 0)
                return fail_at(parser, name_start, name_start + 2, "a name that is not empty");
        if ((r = token_take(parser, ",", "\",\"")) < 0 || (r = value_take(parser, &ret->value)) < 0 ||
            (r = attributes_take(parser, ret)) < 0 || (r = token_take(parser, ")", "\")\"")) < 0)
                return r;
        /* What follows the semicolon is looked at only when this declaration has been handed out. */
        if (!token_is(parser, ";"))
                return fail_token(parser, "\";\"");
        ret->name = parser->name.data;
        return 0;
}

int pref_file_parse(const char *file, const char *text, size_t size, pref_file_handler handler, void *data,
                    struct error *error)
{
        struct parser parser = {
                .file = file,
                .text = text,
                .size = size,
                .mark = { .line = 1, .column = 1 },
                .error = error,
        };
        int r = 0;

        token_next(&parser);
        while (parser.token.kind != TOKEN_END && r == 0) {
                struct pref_declaration declaration = { 0 };
                if (parser.token.kind != TOKEN_BAD)
                        parser.mark = mark_at(&parser, parser.token.start);
                r = declaration_take(&parser, &declaration);
                if (r < 0)
                        break;
                declaration.line = parser.mark.line;
                declaration.column = parser.mark.column;
                r = handler(&declaration, data);
                if (r == 0)
                        token_next(&parser);
        }
        free(parser.name.data);
        free(parser.value.data);
        return r;
}
