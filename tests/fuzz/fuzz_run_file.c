/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The file of a run, as it may be found after anything. The records' checksums would keep most inputs from getting
 * anywhere: they and the header's are put right first, so that what is behind them is reached.
 */
#include "config.h"

#include <string.h>

#include "lib/run_file.h"
#include "lib/run_file_format.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

static void correct(uint8_t *data, size_t size)
{
        struct run_file_header header;
        struct run_file_record record;

        if (size < sizeof(header))
                return;
        memcpy(&header, data, sizeof(header));
        header.magic = RUN_FILE_MAGIC;
        header.version = RUN_FILE_VERSION;
        header.check = run_file_check(RUN_FILE_CHECK_INIT, &header, offsetof(struct run_file_header, check));
        memcpy(data, &header, sizeof(header));
        for (size_t at = RUN_FILE_RECORDS_AT; at + sizeof(record) <= size;) {
                memcpy(&record, data + at, sizeof(record));
                size_t left = size - at - sizeof(record);
                uint32_t check = run_file_check(RUN_FILE_CHECK_INIT, &record,
                                                offsetof(struct run_file_record, check));
                record.check = run_file_check(check, data + at + sizeof(record),
                                              MIN((size_t)record.size, left));
                memcpy(data + at, &record, sizeof(record));
                if (record.size > left)
                        return;
                at += sizeof(record) + ((record.size + 7) & ~(size_t)7);
        }
}

static void decode(const uint8_t *data, size_t size)
{
        struct run_file file = { 0 };
        struct error error = ERROR_INIT;
        int r = run_file_decode(data, size, &file, &error);

        fuzz_require((r == 0) == (error.code == 0));
        if (r < 0)
                return;
        fuzz_require(file.run_id > 0 && file.epoch >= 0 && (file.pid == 0 || file.pid > 1) &&
                     file.limit_us >= 0);
        fuzz_require(strnlen(file.boot, sizeof(file.boot)) < sizeof(file.boot));
        fuzz_require(file.end < RUN_FILE_END_COUNT);
        fuzz_require(file.phase >= RUN_FILE_STARTING && file.phase <= RUN_FILE_FINISHED);
        fuzz_require(file.phase < RUN_FILE_FINISHED || file.report.event == WIRE_EVENT_FINISHED ||
                     file.report.event == WIRE_EVENT_SETUP_FAILED);
        for (size_t i = 0; i < ARRAY_SIZE(file.output); i++)
                fuzz_require(file.output_size[i] <= RUN_FILE_OUTPUT_MAX &&
                             (file.output_size[i] == 0) == (file.output[i] == NULL));
        run_file_done(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t *copy = malloc(size ? size : 1);

        decode(data, size);
        fuzz_require(copy);
        memcpy(copy, data, size);
        correct(copy, size);
        decode(copy, size);
        free(copy);
        return 0;
}
