/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Following a run: its output as it comes, until it has ended.
 *
 * The connection may be lost on the way (the daemon is restarted, or found us too slow). The following then
 * goes on where it was: a run that is known by Logs, from the offset that was reached; one that is not yet
 * known by sending Run again, whose key makes sure that it is the same one.
 */
#ifndef CLIENT_FOLLOW_H
#define CLIENT_FOLLOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/connection.h"
#include "client/output.h"
#include "lib/error.h"

struct follow {
        struct connection *connection;
        json_t *run_parameters; /* of Run; NULL: the run is known, Logs it is */
        int64_t id;             /* 0: not yet known */
        bool to_the_end;        /* follow; false: what there is now */
        /* What to do with a piece of output; results as in bgtaskctl.h. */
        int (*output)(const struct output_piece *piece, const json_t *record, void *data,
                      struct error *error);
        void *data;

        int64_t offset; /* of the next byte of output; begins with 0 */
};

/* *ret_run is the run as it was last reported, a new reference. */
int follow_run(struct follow *follow, json_t **ret_run, struct error *error);
/* Put the line for a following that a signal ended into @error; returns @code. */
int follow_detached(int64_t id, int code, struct error *error);

#endif
