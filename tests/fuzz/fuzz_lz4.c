/* SPDX-License-Identifier: MPL-2.0 */
/* Whatever a block is, what comes of it has room; and what was compressed comes out as it was. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/lz4.h"
#include "tests/fuzz/fuzz.h"

#define ROOM_MAX 65536

static void decompress(const uint8_t *data, size_t size, size_t room)
{
        /* Of just the size, so that a sanitizer sees each byte beyond. */
        uint8_t *to = malloc(room ? room : 1);
        size_t used = SIZE_MAX;

        int r = lz4_decompress(data, size, to, room, &used);
        fuzz_require(r == 0 || r == -EBADMSG);
        fuzz_require(r == 0 ? used <= room : used == SIZE_MAX);
        free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        size_t room = size >= 2 ? (size_t)data[0] << 8 | data[1] : 0;

        decompress(data, size, room);
        decompress(data, size, ROOM_MAX);
        uint8_t *packed = malloc(lz4_bound(size));
        size_t packed_size = lz4_compress(data, size, packed);
        fuzz_require(packed_size > 0 && packed_size <= lz4_bound(size));
        uint8_t *unpacked = malloc(size + 1);
        size_t used = 0;
        fuzz_require(lz4_decompress(packed, packed_size, unpacked, size, &used) == 0);
        fuzz_require(used == size && (size == 0 || memcmp(unpacked, data, size) == 0));
        free(unpacked);
        free(packed);
        return 0;
}
