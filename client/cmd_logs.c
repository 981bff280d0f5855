/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <unistd.h>

#include "client/bgtaskctl.h"
#include "client/follow.h"
#include "client/interrupt.h"
#include "client/print.h"
#include "client/records.h"
#include "lib/exit_code.h"

enum logs_format {
        LOGS_BYTES,
        LOGS_ARRAY, /* one document */
        LOGS_LINES, /* a document a line, as they come */
};

struct logs {
        enum logs_format format;
        struct print_array array;
};

static int logs_output(const struct output_piece *piece, const json_t *record, void *data,
                       struct error *error)
{
        struct logs *logs = data;

        switch (logs->format) {
        case LOGS_BYTES:
                return output_print(piece, STDOUT_FILENO, STDERR_FILENO, error);
        case LOGS_ARRAY:
                print_array_add(&logs->array, record);
                return 0;
        case LOGS_LINES:
                print_json(record);
                return print_flush(error);
        }
        return PROGRAM_EXIT_SOFTWARE;
}

int cmd_logs(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_json_ json_t *run = NULL;
        bool to_the_end = arguments_flag(arguments, "follow");
        struct logs logs = { .format = !ctl->json ? LOGS_BYTES : to_the_end ? LOGS_LINES : LOGS_ARRAY };
        struct follow follow = { .to_the_end = to_the_end, .output = logs_output, .data = &logs };
        int code = ctl_parse_run(arguments->operands[0], &follow.id, error);

        if (code)
                return code;
        interrupt_watch();
        code = connection_open(ctl, &connection, error);
        if (code)
                return code;

        follow.connection = connection;
        code = follow_run(&follow, &run, error);
        if (code)
                return code;
        if (logs.format == LOGS_ARRAY)
                print_array_end(&logs.array);
        return print_flush(error);
}
