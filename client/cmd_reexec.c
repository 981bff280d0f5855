/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/print.h"
#include "client/records.h"

/* The answer comes before the new program does; the end of the connection is the sign of that. */
static int reexec_call(struct connection *connection, struct error *error)
{
        _cleanup_json_ json_t *reply = NULL, *more = NULL;
        bool continues;
        int code = connection_send(connection, "Reexec", json_object(), false, error);

        if (code == 0)
                code = connection_next(connection, &reply, &continues, error);
        if (code)
                return code;
        code = connection_next(connection, &more, &continues, error);
        if (code && connection_lost(connection))
                return 0;
        return code;
}

int cmd_reexec(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_json_ json_t *status = NULL;
        int code = connection_open(ctl, &connection, error);

        if (code)
                return code;
        connection_set_timeout(connection, 0);
        code = reexec_call(connection, error);
        if (code)
                return code;
        *error = (struct error)ERROR_INIT;
        code = connection_request(ctl, "Status", json_object(), &status, error);
        if (code)
                return code;
        if (ctl->json)
                print_json(status);
        else
                printf("The daemon is now bgtaskd %s, process %" PRId64 ", with %" PRId64 " running.\n",
                       record_string(status, "version"), record_int(status, "pid", 0),
                       record_int(status, "running", 0));
        return print_flush(error);
}
