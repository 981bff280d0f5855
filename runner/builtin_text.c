/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Text encodings for TextEncoder, TextDecoder and readUTF8. All decoding goes to UTF-8, which the engine takes.
 *
 * A decoder here has no state: it is given all bytes that are not decoded yet and says how many at the end belong to a
 * character that is not complete. What it makes of bad input is what the Encoding Standard says: one U+FFFD for each
 * maximal part of a sequence that could have begun a character.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "runner/builtin.h"

enum encoding {
        ENCODING_UTF_8,
        ENCODING_UTF_16LE,
        ENCODING_UTF_16BE,
        ENCODING_WINDOWS_1252,
        ENCODING_COUNT,
};

struct decoder {
        const uint8_t *in;
        size_t size;
        size_t at;
        char *out;
        size_t length;
        bool fatal;
        bool bad;   /* fatal, and a bad sequence was met */
        bool final; /* an incomplete character at the end is a bad sequence */
};

/* windows-1252 where it differs from Latin-1: 0x80 to 0x9f. */
static const uint16_t windows_1252[32] = {
        0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

static void decoder_put(struct decoder *decoder, uint32_t c)
{
        char *out = decoder->out + decoder->length;

        if (c < 0x80) {
                out[0] = (char)c;
                decoder->length += 1;
        } else if (c < 0x800) {
                out[0] = (char)(0xc0 | c >> 6);
                out[1] = (char)(0x80 | (c & 0x3f));
                decoder->length += 2;
        } else if (c < 0x10000) {
                out[0] = (char)(0xe0 | c >> 12);
                out[1] = (char)(0x80 | (c >> 6 & 0x3f));
                out[2] = (char)(0x80 | (c & 0x3f));
                decoder->length += 3;
        } else {
                out[0] = (char)(0xf0 | c >> 18);
                out[1] = (char)(0x80 | (c >> 12 & 0x3f));
                out[2] = (char)(0x80 | (c >> 6 & 0x3f));
                out[3] = (char)(0x80 | (c & 0x3f));
                decoder->length += 4;
        }
}

static void decoder_put_bad(struct decoder *decoder)
{
        if (decoder->fatal)
                decoder->bad = true;
        else
                decoder_put(decoder, 0xfffd);
}

/* How many bytes follow lead byte @lead (0: it is none) and the bounds of the first of them. */
static unsigned utf8_lead(uint8_t lead, uint8_t *ret_low, uint8_t *ret_high)
{
        *ret_low = 0x80;
        *ret_high = 0xbf;
        if (lead >= 0xc2 && lead <= 0xdf)
                return 1;
        if (lead >= 0xe0 && lead <= 0xef) {
                if (lead == 0xe0)
                        *ret_low = 0xa0;
                if (lead == 0xed)
                        *ret_high = 0x9f;
                return 2;
        }
        if (lead >= 0xf0 && lead <= 0xf4) {
                if (lead == 0xf0)
                        *ret_low = 0x90;
                if (lead == 0xf4)
                        *ret_high = 0x8f;
                return 3;
        }
        return 0;
}

static void decode_utf_8(struct decoder *d)
{
        while (d->at < d->size && !d->bad) {
                uint8_t lead = d->in[d->at], low, high;
                if (lead < 0x80) {
                        d->out[d->length++] = (char)lead;
                        d->at++;
                        continue;
                }
                unsigned needed = utf8_lead(lead, &low, &high), seen = 0;
                while (seen < needed && d->at + 1 + seen < d->size) {
                        uint8_t next = d->in[d->at + 1 + seen];
                        if (next < low || next > high)
                                break;
                        low = 0x80;
                        high = 0xbf;
                        seen++;
                }
                if (needed > 0 && seen == needed) {
                        memcpy(d->out + d->length, d->in + d->at, needed + 1);
                        d->length += needed + 1;
                } else if (needed > 0 && d->at + 1 + seen == d->size && !d->final) {
                        return;
                } else {
                        decoder_put_bad(d);
                }
                d->at += seen + 1;
        }
}

static void decode_utf_16(struct decoder *d, bool big_endian)
{
        unsigned high = big_endian ? 0 : 1, low = 1 - high;

        while (d->at + 1 < d->size && !d->bad) {
                const uint8_t *in = d->in + d->at;
                uint32_t unit = (uint32_t)in[high] << 8 | in[low];
                if (unit < 0xd800 || unit > 0xdfff) {
                        decoder_put(d, unit);
                        d->at += 2;
                        continue;
                }
                if (unit < 0xdc00 && d->at + 3 >= d->size && !d->final)
                        return;
                uint32_t next = unit < 0xdc00 && d->at + 3 < d->size
                                        ? (uint32_t)in[2 + high] << 8 | in[2 + low]
                                        : 0;
                if (next >= 0xdc00 && next <= 0xdfff) {
                        decoder_put(d, 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00));
                        d->at += 4;
                        continue;
                }
                decoder_put_bad(d);
                d->at += 2;
                /* A half unit after a lone high surrogate at the end is part of the same bad sequence. */
                if (unit < 0xdc00 && d->at + 1 == d->size)
                        d->at++;
        }
        if (d->at < d->size && d->final && !d->bad) {
                decoder_put_bad(d);
                d->at = d->size;
        }
}

static void decode_windows_1252(struct decoder *d)
{
        for (; d->at < d->size; d->at++) {
                uint8_t byte = d->in[d->at];
                decoder_put(d, byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : byte);
        }
}

/*
 * decode(encoding, bytes, fatal, final): [text, rest] where rest is the number of bytes at the end that are still
 * needed; null when @fatal and something was bad. encoding is an enum encoding.
 */
static eng_val text_decode(eng *e, eng_args *args, void *data)
{
        struct decoder decoder = { 0 };
        int32_t encoding;
        const void *bytes;

        if (!eng_args_get(e, args, "decode", "iybb", &encoding, &bytes, &decoder.size, &decoder.fatal,
                          &decoder.final))
                return NULL;
        if (encoding < 0 || encoding >= ENCODING_COUNT)
                return eng_throw(e, ENG_E_RANGE, "decode: no encoding %d", encoding);
        decoder.in = bytes;
        /* One byte makes at most three: U+FFFD, or what windows-1252 has beyond Latin-1. */
        decoder.out = malloc(3 * decoder.size + 4);
        if (!decoder.out)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");

        switch ((enum encoding)encoding) {
        case ENCODING_UTF_8:
                decode_utf_8(&decoder);
                break;
        case ENCODING_UTF_16LE:
                decode_utf_16(&decoder, false);
                break;
        case ENCODING_UTF_16BE:
                decode_utf_16(&decoder, true);
                break;
        case ENCODING_WINDOWS_1252:
                decode_windows_1252(&decoder);
                break;
        case ENCODING_COUNT:
                break;
        }
        eng_val result = ENG_NUL;
        if (!decoder.bad) {
                const eng_val pair[] = {
                        eng_string(e, decoder.out, decoder.length),
                        eng_number(e, (double)(decoder.size - decoder.at)),
                };
                result = pair[0] && pair[1] ? eng_array(e, ARRAY_SIZE(pair), pair) : NULL;
        }
        free(decoder.out);
        return result;
}

/* encode(text): its UTF-8 as a Uint8Array; lone surrogates become U+FFFD. */
static eng_val text_encode(eng *e, eng_args *args, void *data)
{
        const char *text;
        size_t size;

        if (!eng_args_get(e, args, "encode", "S", &text, &size))
                return NULL;
        return eng_uint8array(e, text, size);
}

/* encodeInto(text, bytes): [units of text read, bytes written]; never half a character. */
static eng_val text_encode_into(eng *e, eng_args *args, void *data)
{
        const char *text;
        size_t size, room;
        uint32_t units = 0;
        eng_val target;

        if (!eng_args_get(e, args, "encodeInto", "So", &text, &size, &target) ||
            !eng_to_bytes(e, target, &room))
                return NULL;
        size_t at = 0;
        while (at < size) {
                uint8_t lead = (uint8_t)text[at], low, high;
                size_t width = 1 + utf8_lead(lead, &low, &high);
                if (at + width > room || at + width > size)
                        break;
                at += width;
                units += width == 4 ? 2 : 1;
        }
        if (at > 0 && !eng_bytes_store(e, target, 0, text, at))
                return NULL;
        const eng_val pair[] = { eng_number(e, units), eng_number(e, (double)at) };
        return eng_array(e, ARRAY_SIZE(pair), pair);
}

static const struct builtin_function text_functions[] = {
        { "decode", 4, text_decode },
        { "encode", 1, text_encode },
        { "encodeInto", 2, text_encode_into },
        { NULL, 0, NULL },
};

static eng_val text_create(struct host *host, eng *e)
{
        return builtin_object(host, e, text_functions);
}

const struct builtin builtin_text = { "text", text_create };
