/* SPDX-License-Identifier: MPL-2.0 */
/* /proc/PID/stat, in which a process chooses its name: whatever that is, the fields behind it are the kernel's. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/lineage.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct lineage_process process = { .pid = -1 };
        char text[4096];

        if (size >= sizeof(text) - 128)
                return 0;
        memcpy(text, data, size);
        text[size] = 0;
        if (lineage_parse(text, size, &process) < 0)
                fuzz_require(process.pid == -1);

        /* As a name it changes nothing. */
        int length = snprintf(text, sizeof(text),
                              "12 (%.*s) S 34 56 78 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 90 0 0", (int)size,
                              (const char *)data);
        fuzz_require(lineage_parse(text, (size_t)length, &process) == 0);
        fuzz_require(process.pid == 12 && process.parent == 34 && process.session == 78 &&
                     process.started == 90);
        return 0;
}
