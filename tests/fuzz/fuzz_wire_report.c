/* SPDX-License-Identifier: MPL-2.0 */
/* A report that is taken is, encoded again, the same report. */
#include "config.h"

#include <string.h>

#include "lib/wire.h"
#include "tests/fuzz/fuzz.h"

/* Very long texts are cut when they are encoded. */
static bool is_same(const char *a, const char *b)
{
        return a && b ? strncmp(a, b, strlen(b)) == 0 && (strlen(b) > 1000 || strcmp(a, b) == 0) : a == b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct wire_report report = { 0 }, again = { 0 };
        struct error error = ERROR_INIT;
        char *text = NULL;
        size_t text_size;
        int r = wire_report_decode((const char *)data, size, &report, &error);

        fuzz_require((r == 0) == (error.code == 0));
        if (r < 0)
                return 0;
        fuzz_require(wire_report_encode(&report, &text, &text_size) == 0 && text_size <= WIRE_PACKET_MAX);
        fuzz_require(wire_report_decode(text, text_size, &again, &error) == 0);
        fuzz_require(report.event == again.event && report.error == again.error);
        fuzz_require(is_same(report.stage, again.stage));
        fuzz_require(is_same(report.result.message, again.result.message));
        fuzz_require(is_same(report.result.error_message, again.result.error_message));
        fuzz_require(is_same(report.result.error_file, again.result.error_file));
        fuzz_require(is_same(report.result.error_stack, again.result.error_stack));
        fuzz_require(report.result.outcome == again.result.outcome);
        fuzz_require(report.result.exit_code == again.result.exit_code);
        fuzz_require(report.result.value == again.result.value);
        fuzz_require(report.result.error_line == again.result.error_line);
        fuzz_require(report.result.error_column == again.result.error_column);
        free(text);
        wire_report_done(&report);
        wire_report_done(&again);
        return 0;
}
