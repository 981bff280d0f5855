/* SPDX-License-Identifier: MPL-2.0 */
/* Blocks of LZ4, as its block format has them (without frames). */
#ifndef RUNNER_LZ4_H
#define RUNNER_LZ4_H

#include <stddef.h>
#include <stdint.h>

#define LZ4_SIZE_MAX ((size_t)0x7e000000) /* of what is compressed */

/* The most bytes that @size of them can become. */
size_t lz4_bound(size_t size);
/* @to has room for lz4_bound(size); how many it became, 0: out of memory, or more than LZ4_SIZE_MAX. */
size_t lz4_compress(const uint8_t *from, size_t size, uint8_t *to);
/* What @from stands for, which must be @room bytes at most: *ret_size of them. -EBADMSG: it is no such block, or longer. */
int lz4_decompress(const uint8_t *from, size_t size, uint8_t *to, size_t room, size_t *ret_size);

#endif
