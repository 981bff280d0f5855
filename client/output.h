/* SPDX-License-Identifier: MPL-2.0 */
/* Pieces of what a run printed, as bytes again. */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* First @dropped bytes that are not kept, then @size bytes of @data. */
struct output_piece {
        bool to_stderr;
        int64_t offset;
        int64_t dropped;
        const char *data; /* points into the record, or at @decoded; never NULL */
        size_t size;
        unsigned char *decoded; /* owned, may be NULL */
};

/* From a record_output, which must outlive it. -EBADMSG with a text. */
int output_decode(const json_t *record, struct output_piece *ret, struct error *error);
void output_done(struct output_piece *piece);
/* Take away what comes before @offset; false when nothing is left. */
bool output_skip_to(struct output_piece *piece, int64_t offset);
/* Write it to @stdout_fd or @stderr_fd; a gap is told on stderr. Results as in bgtaskctl.h. */
int output_print(const struct output_piece *piece, int stdout_fd, int stderr_fd, struct error *error);

/* Strict RFC 4648 with padding; *ret is malloc'd. -EBADMSG, -ENOMEM. */
int output_base64_decode(const char *text, size_t length, unsigned char **ret, size_t *ret_size);

#endif
