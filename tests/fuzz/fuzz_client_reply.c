/* SPDX-License-Identifier: MPL-2.0 */
/* What the client makes of a reply: complete records, output as bytes, and text that is safe for a terminal. */
#include "config.h"

#include <string.h>

#include "client/outcome.h"
#include "client/output.h"
#include "client/records.h"
#include "client/text.h"
#include "lib/util.h"
#include "lib/varlink.h"
#include "tests/fuzz/fuzz.h"

static void require_complete(const struct record_field *fields, const json_t *record)
{
        for (const struct record_field *field = fields; field->name; field++)
                fuzz_require(json_object_get(record, field->name));
}

/* Takes it over. */
static void require_printable(char *text)
{
        fuzz_require(text);
        for (const char *at = text; *at;) {
                size_t length = utf8_sequence(at, strlen(at));

                fuzz_require(length > 0 && !utf8_is_control(at, length));
                at += length;
        }
        free(text);
}

static void try_run(json_t *value)
{
        struct error error = ERROR_INIT, line = ERROR_INIT;
        json_t *run = NULL;
        int r = record_read(record_run, "run", value, &run, &error);

        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (run != NULL));
        if (r < 0)
                return;
        require_complete(record_run, run);
        int code = outcome_exit_code(run, &line);
        fuzz_require(code >= 0 && code <= 255);
        require_printable(text_words(json_object_get(run, "args")));
        require_printable(text_line(record_string(run, "task")));
        require_printable(text_line(outcome_word(run)));
        require_printable(text_cut(record_string(run, "state"), 0));
        require_printable(outcome_code(run));
        require_printable(text_time(record_int(run, "queuedAt", 0), "-"));
        json_decref(run);
}

static void try_output(json_t *value)
{
        struct output_piece piece = { 0 };
        struct error error = ERROR_INIT;
        json_t *record = NULL;

        if (record_read(record_output, "output", value, &record, &error) < 0)
                return;
        require_complete(record_output, record);
        if (output_decode(record, &piece, &error) == 0) {
                int64_t end = piece.offset + piece.dropped + (int64_t)piece.size;
                int64_t middle = piece.offset + (end - piece.offset) / 2;

                if (output_skip_to(&piece, middle)) {
                        fuzz_require(piece.offset == middle || middle <= piece.offset);
                        fuzz_require(piece.offset + piece.dropped + (int64_t)piece.size == end);
                }
                fuzz_require(!output_skip_to(&piece, end + 1));
        }
        output_done(&piece);
        json_decref(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct varlink_reply reply = { 0 };
        struct error error = ERROR_INIT;

        if (varlink_reply_decode((const char *)data, size, &reply, &error) < 0)
                return 0;
        try_run(json_object_get(reply.parameters, "run"));
        try_output(json_object_get(reply.parameters, "output"));
        varlink_reply_done(&reply);
        return 0;
}
