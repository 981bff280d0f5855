/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/bgtaskctl.h"
#include "client/connection.h"
#include "client/follow.h"
#include "client/interrupt.h"
#include "client/outcome.h"
#include "client/print.h"
#include "client/records.h"

/* Waiting changes nothing, so that it can be taken up again when the daemon is restarted meanwhile. */
static int wait_call(struct connection *connection, int64_t id, json_t **ret, struct error *error)
{
        for (;;) {
                int code = connection_call(connection, "Wait", json_pack("{s:I}", "id", (json_int_t)id), ret,
                                           error);

                if (code == 0 || !connection_lost(connection))
                        return code;
                code = connection_reconnect(connection, error);
                if (code)
                        return code;
        }
}

int cmd_wait(const struct ctl *ctl, const struct arguments *arguments, struct error *error)
{
        _cleanup_(connection_free_cleanup) struct connection *connection = NULL;
        _cleanup_json_ json_t *run = NULL;
        int64_t id;
        int code = ctl_parse_run(arguments->operands[0], &id, error);

        if (code)
                return code;
        interrupt_watch();
        code = connection_open(ctl, &connection, error);
        if (code)
                return code;
        connection_set_timeout(connection, 0);
        code = wait_call(connection, id, &run, error);
        if (code && interrupt_signal())
                return follow_detached(id, code, error);
        if (code)
                return code;

        if (ctl->json) {
                print_json(run);
                code = print_flush(error);
                if (code)
                        return code;
        }
        return outcome_exit_code(run, error);
}
