/* SPDX-License-Identifier: MPL-2.0 */
/* What is taken has a normalised form that is taken as well and stays, and elapses in order. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/calendar.h"
#include "lib/cleanup.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_elapses.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char text[CALENDAR_TEXT_MAX + 64];
        struct calendar *calendar = NULL;
        struct error error = ERROR_INIT;

        if (size >= sizeof(text))
                return 0;
        memcpy(text, data, size);
        text[size] = 0;
        int r = calendar_parse(text, &calendar, &error);
        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (calendar != NULL));
        if (r < 0)
                return 0;
        _cleanup_free_ char *normalised = calendar_format(calendar);
        struct calendar *again = NULL;
        fuzz_require(normalised);
        /* Fractions are written out, so that a text may become longer than what is read. */
        if (strlen(normalised) <= CALENDAR_TEXT_MAX) {
                fuzz_require(calendar_parse(normalised, &again, NULL) == 0);
                _cleanup_free_ char *same = calendar_format(again);
                fuzz_require(same && strcmp(same, normalised) == 0);
        }
        fuzz_elapses(calendar, again);
        calendar_free(calendar);
        calendar_free(again);
        return 0;
}
