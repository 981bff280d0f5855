/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/follow.h"

#include <errno.h>
#include <inttypes.h>

#include "client/interrupt.h"
#include "client/records.h"
#include "lib/exit_code.h"

/* Connections in a row that may be lost before one has brought anything. */
#define FOLLOW_LOSSES_MAX 5

static int follow_begin(struct follow *follow, struct error *error)
{
        json_t *parameters;

        connection_set_timeout(follow->connection, CONNECTION_TIMEOUT_US);
        if (follow->id == 0)
                return connection_send(follow->connection, "Run", json_incref(follow->run_parameters), true,
                                       error);

        if (follow->to_the_end)
                connection_wait_for_ever(follow->connection);
        parameters = json_pack("{s:I, s:b}", "id", (json_int_t)follow->id, "follow", follow->to_the_end);
        return connection_send(follow->connection, "Logs", parameters, true, error);
}

static int follow_output(struct follow *follow, json_t *value, struct error *error)
{
        _cleanup_json_ json_t *record = NULL;
        _cleanup_(output_done) struct output_piece piece = { 0 };
        struct error reason = ERROR_INIT;
        int code;

        if (record_read(record_output, "output", value, &record, &reason) < 0 ||
            output_decode(record, &piece, &reason) < 0)
                return connection_garbled(&reason, error);
        /* What was shown before the connection was lost. */
        if (!output_skip_to(&piece, follow->offset))
                return 0;
        code = follow->output(&piece, record, follow->data, error);
        follow->offset = piece.offset + piece.dropped + (int64_t)piece.size;
        return code;
}

/* One reply: output, the run, or both. */
static int follow_reply(struct follow *follow, json_t *reply, json_t **run, struct error *error)
{
        json_t *output = json_object_get(reply, "output"), *value = json_object_get(reply, "run");
        struct error reason = ERROR_INIT;
        int code = 0;

        if (value && !json_is_null(value)) {
                json_t *record;

                if (record_read(record_run, "run", value, &record, &reason) < 0)
                        return connection_garbled(&reason, error);
                json_decref(*run);
                *run = record;
                follow->id = record_int(record, "id", 0);
        }
        if (output && !json_is_null(output))
                code = follow_output(follow, output, error);
        return code;
}

/* Replies until the last one. *progress: there was one at all. */
static int follow_replies(struct follow *follow, json_t **run, bool *progress, struct error *error)
{
        struct error reason = ERROR_INIT;
        bool continues = true;

        while (continues) {
                _cleanup_json_ json_t *reply = NULL;
                int code = connection_next(follow->connection, &reply, &continues, error);

                if (code == 0)
                        code = follow_reply(follow, reply, run, error);
                if (code)
                        return code;
                *progress = true;
                if (follow->to_the_end)
                        connection_wait_for_ever(follow->connection);
                if (interrupt_signal())
                        return PROGRAM_EXIT_SIGNAL_BASE + interrupt_signal();
        }
        if (!*run) {
                error_set(&reason, EBADMSG, "an end without the run");
                return connection_garbled(&reason, error);
        }
        return 0;
}

int follow_run(struct follow *follow, json_t **ret_run, struct error *error)
{
        _cleanup_json_ json_t *run = NULL;
        int losses = 0;

        for (;;) {
                bool progress = false;
                int code = follow_begin(follow, error);

                if (code == 0)
                        code = follow_replies(follow, &run, &progress, error);
                if (code == 0) {
                        *ret_run = steal_pointer(run);
                        return 0;
                }
                if (!connection_lost(follow->connection) || !follow->to_the_end)
                        return code;

                losses = progress ? 0 : losses + 1;
                if (losses == FOLLOW_LOSSES_MAX)
                        return code;
                code = connection_reconnect(follow->connection, error);
                if (code == PROGRAM_EXIT_TEMPFAIL && follow->id != 0)
                        return ctl_fail(error, code,
                                        "the daemon went away and has not come back: `bgtaskctl show %" PRId64
                                        "` will tell what became of run %" PRId64,
                                        follow->id, follow->id);
                if (code)
                        return code;
        }
}

int follow_detached(int64_t id, int code, struct error *error)
{
        if (id == 0)
                return ctl_fail(
                        error, code,
                        "interrupted before the daemon answered: `bgtaskctl list` shows whether the run is "
                        "queued");
        return ctl_fail(error, code,
                        "detached from run %" PRId64 ", which goes on: `bgtaskctl logs -f %" PRId64
                        "` follows it, `bgtaskctl cancel %" PRId64 "` ends it",
                        id, id, id);
}
