/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/heap.h"

#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/util.h"

#define HEAP_LARGEST 32768 /* bytes: of larger pieces each has pages of its own */
#define HEAP_SMALLEST 24
#define HEAP_STEP 16 /* of the allocator's sizes */

static size_t taken;

/* Larger ones first: what is taken in smaller pieces would have more of its pages written. Where something else is malloc(),
 * such as a sanitizer, there are no gaps to the C library. */
void heap_settle(void)
{
        malloc_trim(0);
        const struct mallinfo2 info = mallinfo2();
        const char *top = (const char *)sbrk(0) - info.keepcost;
        size_t gaps = info.fordblks - info.keepcost;

        for (size_t size = HEAP_LARGEST + HEAP_SMALLEST; size >= HEAP_SMALLEST; size -= HEAP_STEP) {
                char *piece = NULL;
                while (gaps >= size && (piece = malloc(size)) && piece < top) {
                        size_t usable = malloc_usable_size(piece);
                        taken += usable;
                        gaps -= MIN(gaps, usable);
                }
                if (piece >= top)
                        free(piece);
        }
}

size_t heap_taken(void)
{
        return taken;
}
