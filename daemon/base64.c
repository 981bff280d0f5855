/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/base64.h"

#include <stdint.h>
#include <stdlib.h>

char *base64_encode(const void *data, size_t size)
{
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const unsigned char *from = data;
        char *text = malloc((size + 2) / 3 * 4 + 1), *to = text;

        if (!text)
                return NULL;
        for (size_t i = 0; i < size; i += 3) {
                size_t here = size - i < 3 ? size - i : 3;
                uint32_t bits = (uint32_t)from[i] << 16;

                if (here > 1)
                        bits |= (uint32_t)from[i + 1] << 8;
                if (here > 2)
                        bits |= from[i + 2];
                *to++ = digits[bits >> 18];
                *to++ = digits[bits >> 12 & 63];
                *to++ = here > 1 ? digits[bits >> 6 & 63] : '=';
                *to++ = here > 2 ? digits[bits & 63] : '=';
        }
        *to = '\0';
        return text;
}
