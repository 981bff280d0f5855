/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/print.h"
#include "client/records.h"
#include "client/text.h"

int cmd_backup(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_json_ json_t *backup = NULL;
        int code = connection_open(ctl, &connection, error);

        if (code)
                return code;
        /* How long it takes depends on how much there is. */
        connection_set_timeout(connection, 0);
        code = connection_call(connection, "Backup", json_object(), &backup, error);
        if (code)
                return code;
        if (ctl->json)
                print_json(backup);
        else
                printf("%s (%" PRId64 " bytes, %" PRId64 " runs)\n", record_string(backup, "path"),
                       record_int(backup, "bytes", 0), record_int(backup, "runs", 0));
        return print_flush(error);
}
