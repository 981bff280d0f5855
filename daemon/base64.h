/* SPDX-License-Identifier: MPL-2.0 */
/* Bytes that are not text, in JSON (RFC 4648, with padding). */
#ifndef DAEMON_BASE64_H
#define DAEMON_BASE64_H

#include <stddef.h>

/* malloc'd; NULL: out of memory. */
char *base64_encode(const void *data, size_t size);

#endif
