/* SPDX-License-Identifier: MPL-2.0 */
/* Whatever a stream is, what comes of it has no more bytes than were allowed; what was deflated comes out as it was, of
 * exactly that room, and neither of less nor with a byte too many behind it. The first two bytes are the room. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "runner/inflate.h"
#include "tests/fuzz/fuzz.h"

#define ROOM_MAX 65536
#define PREFIX 2

static const int windows[] = { -MAX_WBITS, MAX_WBITS, INFLATE_GZIP_WINDOW };

static int unpack(const uint8_t *data, size_t size, int window, size_t room, const uint8_t *expected)
{
        uint8_t *out = NULL;
        size_t used = SIZE_MAX;

        int r = inflate_whole(data, size, window, room, &out, &used);
        fuzz_require(r == 0 || r == -EBADMSG);
        fuzz_require(r == 0 ? used <= room : used == SIZE_MAX && !out);
        if (r == 0 && used > 0) {
                /* A sanitizer sees whether all of it is there. */
                volatile uint8_t last = out[used - 1];
                (void)last;
                fuzz_require(!expected || memcmp(out, expected, used) == 0);
        }
        free(out);
        return r;
}

/* malloc'd, with room for a byte more. */
static uint8_t *pack(const uint8_t *data, size_t size, int window, size_t *ret_size)
{
        z_stream stream = { .next_in = (Bytef *)data, .avail_in = (uInt)size };
        fuzz_require(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8,
                                  Z_DEFAULT_STRATEGY) == Z_OK);
        uLong bound = deflateBound(&stream, size);
        uint8_t *out = calloc(bound + 1, 1);
        fuzz_require(out);
        stream.next_out = out;
        stream.avail_out = (uInt)bound;
        fuzz_require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
        *ret_size = stream.total_out;
        deflateEnd(&stream);
        return out;
}

static void there_and_back(const uint8_t *data, size_t size, int window)
{
        size_t packed_size;
        uint8_t *packed = pack(data, size, window, &packed_size);
        fuzz_require(unpack(packed, packed_size, window, size, data) == 0);
        fuzz_require(size == 0 || unpack(packed, packed_size, window, size - 1, NULL) == -EBADMSG);
        fuzz_require(unpack(packed, packed_size - 1, window, size, NULL) == -EBADMSG);
        fuzz_require(unpack(packed, packed_size + 1, window, size, NULL) == -EBADMSG);
        free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size < PREFIX)
                return 0;
        size_t room = (size_t)data[0] << 8 | data[1];
        for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
                unpack(data + PREFIX, size - PREFIX, windows[i], room, NULL);
                unpack(data + PREFIX, size - PREFIX, windows[i], ROOM_MAX, NULL);
                there_and_back(data + PREFIX, size - PREFIX, windows[i]);
        }
        return 0;
}
