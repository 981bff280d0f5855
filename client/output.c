/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/output.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/print.h"
#include "client/records.h"
#include "lib/cleanup.h"
#include "lib/util.h"

static int output_digit(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int output_base64_decode(const char *text, size_t length, unsigned char **ret, size_t *ret_size)
{
        size_t padding = 0, size = 0;
        _cleanup_free_ unsigned char *data = NULL;
        uint32_t bits = 0;

        if (length % 4 != 0)
                return -EBADMSG;
        data = malloc(length / 4 * 3 + 1);
        if (!data)
                return -ENOMEM;
        while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
                padding++;
        for (size_t i = 0; i < length - padding; i++) {
                int digit = output_digit(text[i]);

                if (digit < 0)
                        return -EBADMSG;
                bits = bits << 6 | (uint32_t)digit;
                if (i % 4 != 0)
                        data[size++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
        }
        /* The bits behind the last byte must be zero, so that no two texts mean the same. */
        if ((padding == 1 && bits & 0x3) || (padding == 2 && bits & 0xf))
                return -EBADMSG;
        *ret = steal_pointer(data);
        *ret_size = size;
        return 0;
}

int output_decode(const json_t *record, struct output_piece *ret, struct error *error)
{
        const json_t *text = json_object_get(record, "text"), *base64 = json_object_get(record, "base64");
        const char *stream = record_string(record, "stream");
        struct output_piece piece = {
                .to_stderr = strcmp(stream, "stderr") == 0,
                .offset = record_int(record, "offset", 0),
                .dropped = record_int(record, "dropped", 0),
                .data = "",
        };

        if (!piece.to_stderr && strcmp(stream, "stdout") != 0)
                return error_set(error, EBADMSG, "output of an unknown stream");
        if (piece.offset < 0 || piece.dropped < 0 || piece.offset > INT64_MAX / 2 ||
            piece.dropped > INT64_MAX / 2)
                return error_set(error, EBADMSG, "output at an impossible offset");
        if (json_is_string(text)) {
                piece.data = json_string_value(text);
                piece.size = json_string_length(text);
        } else if (json_is_string(base64)) {
                int r = output_base64_decode(json_string_value(base64), json_string_length(base64),
                                             &piece.decoded, &piece.size);

                if (r < 0)
                        return error_set(error, -r, "output that is not base64");
                piece.data = (const char *)piece.decoded;
        }
        *ret = piece;
        return 0;
}

void output_done(struct output_piece *piece)
{
        free(piece->decoded);
        *piece = (struct output_piece){ 0 };
}

bool output_skip_to(struct output_piece *piece, int64_t offset)
{
        int64_t skip = offset - piece->offset, dropped;

        if (skip <= 0)
                return true;
        dropped = MIN(skip, piece->dropped);
        piece->dropped -= dropped;
        skip -= dropped;
        piece->offset = offset;
        if ((uint64_t)skip >= piece->size && piece->dropped == 0)
                return false;
        piece->data += skip;
        piece->size -= (size_t)skip;
        return true;
}

int output_print(const struct output_piece *piece, int stdout_fd, int stderr_fd, struct error *error)
{
        if (piece->dropped > 0)
                ctl_message("%" PRId64 " bytes of output from offset %" PRId64 " on were not kept",
                            piece->dropped, piece->offset);
        return print_bytes(piece->to_stderr ? stderr_fd : stdout_fd, piece->data, piece->size, error);
}
