/* SPDX-License-Identifier: MPL-2.0 */
/* There is one way to write a start packet: what is taken is, encoded again, the same bytes. */
#include "config.h"

#include <string.h>

#include "lib/wire.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct wire_start start = { 0 };
        struct error error = ERROR_INIT;
        void *packet = NULL;
        size_t packet_size;
        int r = wire_start_decode(data, size, &start, &error);

        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (start.args != NULL));
        if (r < 0)
                return 0;
        fuzz_require(wire_start_encode(&start, &packet, &packet_size) == 0);
        fuzz_require(packet_size == size && memcmp(packet, data, size) == 0);
        free(packet);
        free(start.args);
        return 0;
}
