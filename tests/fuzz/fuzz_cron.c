/* SPDX-License-Identifier: MPL-2.0 */
/* The same as fuzz_calendar.c, of cron's lines. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/cron.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_elapses.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char text[1024];
        struct calendar *calendar = NULL, *again = NULL;
        struct error error = ERROR_INIT;

        if (size >= sizeof(text))
                return 0;
        memcpy(text, data, size);
        text[size] = 0;
        int r = cron_parse(text, "seed", &calendar, &error);
        fuzz_require((r >= 0) == (error.code == 0) && (r == 0) == (calendar != NULL));
        if (r != 0)
                return 0;
        _cleanup_free_ char *normalised = calendar_format(calendar);
        fuzz_require(normalised && cron_parse(normalised, NULL, &again, NULL) == 0);
        _cleanup_free_ char *same = calendar_format(again);
        fuzz_require(same && strcmp(same, normalised) == 0);
        fuzz_elapses(calendar, again);
        calendar_free(calendar);
        calendar_free(again);
        return 0;
}
