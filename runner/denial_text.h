/* SPDX-License-Identifier: MPL-2.0 */
/* How denials read. */
#ifndef RUNNER_DENIAL_TEXT_H
#define RUNNER_DENIAL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Async-signal-safe: all of them but the last three. */

/* Copy @text, which is UTF-8; what does not fit into @size ends with "…". */
void denial_text_copy(char *ret, size_t size, const char *text);
/* A packet of the result socket (lib/wire.h), the line of standard error. @key "": none. The size without NUL. */
size_t denial_text_json(char *ret, size_t size, const char *what, const char *key, uint64_t count);
size_t denial_text_line(char *ret, size_t size, const char *what, const char *key);

/* "connect to HOST:PORT" of a URL; of what is none, "connect to URL". */
void denial_text_connect(char *ret, size_t size, const char *url);
/* malloc'd: absolute, without "." and "..". NULL: out of memory. */
char *denial_text_path(const char *path);
/* malloc'd "NAME=PATH" as a task file has it. NULL: out of memory. */
char *denial_text_key(const char *name, const char *path);

#endif
