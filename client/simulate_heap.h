/* SPDX-License-Identifier: MPL-2.0 */
/* A heap of what happens when: the least key first, of equal ones the least class, then whoever came first. */
#ifndef CLIENT_SIMULATE_HEAP_H
#define CLIENT_SIMULATE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct simulate_item {
        int64_t key;
        int class;
        uint64_t order; /* given by push */
        size_t index;
};

/* Begins zeroed. */
struct simulate_heap {
        struct simulate_item *items;
        size_t count, room;
        uint64_t pushed;
};

/* -ENOMEM. */
int simulate_heap_push(struct simulate_heap *heap, int64_t key, int class, size_t index);
/* False: it is empty. */
bool simulate_heap_pop(struct simulate_heap *heap, struct simulate_item *ret);
void simulate_heap_done(struct simulate_heap *heap);

#endif
