/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/print.h"
#include "client/records.h"

int cmd_cancel(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_json_ json_t *run = NULL;
        int64_t id;
        int code = ctl_parse_run(arguments->operands[0], &id, error);

        if (code == 0)
                code = connection_open(ctl, &connection, error);
        if (code)
                return code;
        /* The answer comes when the run has ended; how long it is given for that is the daemon's affair. */
        connection_set_timeout(connection, 0);
        code = connection_call(connection, "Cancel", json_pack("{s:I}", "id", (json_int_t)id), &run, error);
        if (code)
                return code;
        if (ctl->json)
                print_json(run);
        else
                printf("Run %" PRId64 " is %s.\n", id, record_string(run, "state"));
        return print_flush(error);
}
