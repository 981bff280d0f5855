/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A block is a row of sequences: a token (4 bits of the number of literals, 4 of the length of the match less 4; 15 goes on
 * in bytes that are added up, of which 255 goes on), the literals, the distance back to the match in two bytes, lowest
 * first. The last sequence ends with its literals: the last five bytes are literals, and no match begins in the last
 * twelve.
 *
 * The compressor looks up the last place where the same four bytes were, by a hash of them, and takes what it finds; where
 * it finds nothing for long it takes longer steps.
 */
#include "config.h"

#include "runner/lz4.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define HASH_BITS 14
#define MATCH_MIN 4
#define LAST_LITERALS 5
#define MATCH_MARGIN 12 /* no match begins in the last bytes */
#define DISTANCE_MAX 65535
#define NIBBLE_MAX 15
#define STEP_SHIFT 6 /* after so many misses, as a power of two, a step is one longer */

size_t lz4_bound(size_t size)
{
        return size + size / 255 + 16;
}

static uint32_t read_4(const uint8_t *p)
{
        uint32_t v;

        memcpy(&v, p, sizeof(v));
        return v;
}

static uint32_t hash_4(uint32_t v)
{
        return v * UINT32_C(2654435761) >> (32 - HASH_BITS);
}

/* What a nibble leaves of @length. */
static uint8_t *length_write(uint8_t *to, size_t length)
{
        if (length < NIBBLE_MAX)
                return to;
        length -= NIBBLE_MAX;
        for (; length >= 255; length -= 255)
                *to++ = 255;
        *to++ = (uint8_t)length;
        return to;
}

/* @match: the length of the match, 0: the last sequence. */
static uint8_t *sequence_write(uint8_t *to, const uint8_t *literals, size_t count, size_t match,
                               size_t distance)
{
        size_t more = match ? match - MATCH_MIN : 0;

        *to++ = (uint8_t)(MIN(count, (size_t)NIBBLE_MAX) << 4 | MIN(more, (size_t)NIBBLE_MAX));
        to = length_write(to, count);
        memcpy(to, literals, count);
        to += count;
        if (!match)
                return to;
        *to++ = (uint8_t)distance;
        *to++ = (uint8_t)(distance >> 8);
        return length_write(to, more);
}

static size_t match_length(const uint8_t *a, const uint8_t *b, const uint8_t *end)
{
        const uint8_t *start = b;

        while (b < end && *a == *b) {
                a++;
                b++;
        }
        return (size_t)(b - start);
}

size_t lz4_compress(const uint8_t *from, size_t size, uint8_t *to)
{
        const uint8_t *end = from + size, *literals = from, *at = from;
        uint8_t *out = to;
        size_t misses = 0;

        if (size > LZ4_SIZE_MAX)
                return 0;
        _cleanup_free_ uint32_t *table = calloc((size_t)1 << HASH_BITS, sizeof(*table)); /* places plus one */
        if (!table)
                return 0;
        while (size > MATCH_MARGIN && at < end - MATCH_MARGIN) {
                uint32_t *slot = &table[hash_4(read_4(at))];
                const uint8_t *candidate = *slot ? from + (*slot - 1) : NULL;
                *slot = (uint32_t)(at - from) + 1;
                if (!candidate || at - candidate > DISTANCE_MAX || read_4(candidate) != read_4(at)) {
                        at += 1 + (misses++ >> STEP_SHIFT);
                        continue;
                }
                size_t length = match_length(candidate, at, end - LAST_LITERALS);
                out = sequence_write(out, literals, (size_t)(at - literals), length,
                                     (size_t)(at - candidate));
                at += length;
                literals = at;
                misses = 0;
        }
        return (size_t)(sequence_write(out, literals, (size_t)(end - literals), 0, 0) - to);
}

/* ---- decompression ---- */

struct reader {
        const uint8_t *at, *end;
};

/* A length whose nibble is @nibble; SIZE_MAX: the block ends in it, or it is beyond all bounds. */
static size_t length_read(struct reader *reader, size_t nibble)
{
        size_t length = nibble;
        uint8_t byte = 255;

        if (nibble < NIBBLE_MAX)
                return length;
        while (byte == 255) {
                if (reader->at == reader->end || length > LZ4_SIZE_MAX)
                        return SIZE_MAX;
                byte = *reader->at++;
                length += byte;
        }
        return length;
}

int lz4_decompress(const uint8_t *from, size_t size, uint8_t *to, size_t room, size_t *ret_size)
{
        struct reader reader = { from, from + size };
        size_t used = 0;

        while (reader.at < reader.end) {
                uint8_t token = *reader.at++;
                size_t literals = length_read(&reader, token >> 4);
                if (literals > (size_t)(reader.end - reader.at) || literals > room - used)
                        return -EBADMSG;
                memcpy(to + used, reader.at, literals);
                used += literals;
                reader.at += literals;
                if (reader.at == reader.end) {
                        *ret_size = used;
                        return 0;
                }
                if (reader.end - reader.at < 2)
                        return -EBADMSG;
                size_t distance = reader.at[0] | (size_t)reader.at[1] << 8;
                reader.at += 2;
                size_t match = length_read(&reader, token & NIBBLE_MAX);
                if (distance == 0 || distance > used || match > LZ4_SIZE_MAX ||
                    match + MATCH_MIN > room - used)
                        return -EBADMSG;
                /* Byte by byte: a match may go on into what it makes. */
                for (size_t i = 0; i < match + MATCH_MIN; i++, used++)
                        to[used] = to[used - distance];
        }
        return -EBADMSG;
}
