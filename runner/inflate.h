/* SPDX-License-Identifier: MPL-2.0 */
/* What zlib's deflate made, whole. */
#ifndef RUNNER_INFLATE_H
#define RUNNER_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INFLATE_GZIP_WINDOW (15 + 16) /* the largest window, and gzip's frame */

/* Whether @window is a windowBits of zlib's that is used here: -15, 15 or 31: deflate as it is, with zlib's frame, with
 * gzip's. */
bool inflate_window_valid(int window);
/* What @from stands for: *ret_size bytes in *ret, malloc'd, which may be NULL when there are none. -EBADMSG: it is damaged or
 * not whole, something follows it, or it is of more than @most bytes; -ENOMEM. */
int inflate_whole(const uint8_t *from, size_t size, int window, size_t most, uint8_t **ret, size_t *ret_size);

#endif
