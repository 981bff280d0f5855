/* SPDX-License-Identifier: MPL-2.0 */
/* What is taken is in range, and its text in words is taken as well. */
#include "config.h"

#include <string.h>

#include "lib/clock.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char text[1024], words[32];
        struct error error = ERROR_INIT;
        int64_t us = -1, again;

        if (size >= sizeof(text))
                return 0;
        memcpy(text, data, size);
        text[size] = 0;
        int r = duration_parse(text, &us, &error);
        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (us >= 0));
        if (r < 0)
                return 0;
        fuzz_require(us <= INT64_C(1) << 62);
        fuzz_require(duration_parse(duration_format(us, words, sizeof(words)), &again, NULL) == 0);
        /* Two units are shown; at worst days and hours, so that less than an hour is lost. */
        fuzz_require(again <= us && us - again < INT64_C(3600000000));
        return 0;
}
