/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/inflate.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define FIRST_ROOM 4096

bool inflate_window_valid(int window)
{
        return window == -MAX_WBITS || window == MAX_WBITS || window == INFLATE_GZIP_WINDOW;
}

/* Twice the room, but no more than one byte beyond @most: whatever fills that is too much. */
static int grow(z_stream *stream, uint8_t **out, size_t *room, size_t most)
{
        size_t grown = *room ? 2 * *room : FIRST_ROOM;

        if (grown > most)
                grown = most + 1;
        if (grown <= *room)
                return -EBADMSG;
        uint8_t *bytes = realloc(*out, grown);
        if (!bytes)
                return -ENOMEM;
        *out = bytes;
        stream->next_out = bytes + stream->total_out;
        stream->avail_out = (uInt)(grown - stream->total_out);
        *room = grown;
        return 0;
}

int inflate_whole(const uint8_t *from, size_t size, int window, size_t most, uint8_t **ret, size_t *ret_size)
{
        z_stream stream = { .next_in = (Bytef *)from }; /* only read */
        _cleanup_free_ uint8_t *out = NULL;
        size_t room = 0;
        int r = Z_OK, code = 0;

        if (size > INT_MAX || most >= INT_MAX)
                return -EBADMSG;
        if (inflateInit2(&stream, window) != Z_OK)
                return -ENOMEM;
        stream.avail_in = (uInt)size;
        while (r == Z_OK && code == 0) {
                if (stream.avail_out == 0)
                        code = grow(&stream, &out, &room, most);
                if (code == 0)
                        r = inflate(&stream, Z_NO_FLUSH);
        }
        if (code == 0)
                code = r == Z_MEM_ERROR                                                        ? -ENOMEM
                       : r == Z_STREAM_END && stream.avail_in == 0 && stream.total_out <= most ? 0
                                                                                               : -EBADMSG;
        if (code == 0) {
                *ret_size = stream.total_out;
                *ret = steal_pointer(out);
        }
        inflateEnd(&stream);
        return code;
}
