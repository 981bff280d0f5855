/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/simulate_heap.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/util.h"

static bool is_before(const struct simulate_item *a, const struct simulate_item *b)
{
        if (a->key != b->key)
                return a->key < b->key;
        return a->class != b->class ? a->class < b->class : a->order < b->order;
}

static void swap(struct simulate_item *a, struct simulate_item *b)
{
        struct simulate_item item = *a;

        *a = *b;
        *b = item;
}

int simulate_heap_push(struct simulate_heap *heap, int64_t key, int class, size_t index)
{
        if (heap->count == heap->room) {
                size_t room = MAX(2 * heap->room, (size_t)64);
                struct simulate_item *items = reallocarray(heap->items, room, sizeof(*items));
                if (!items)
                        return -ENOMEM;
                heap->items = items;
                heap->room = room;
        }
        size_t at = heap->count++;
        heap->items[at] = (struct simulate_item){ key, class, heap->pushed++, index };
        for (; at > 0 && is_before(&heap->items[at], &heap->items[(at - 1) / 2]); at = (at - 1) / 2)
                swap(&heap->items[at], &heap->items[(at - 1) / 2]);
        return 0;
}

bool simulate_heap_pop(struct simulate_heap *heap, struct simulate_item *ret)
{
        if (heap->count == 0)
                return false;
        *ret = heap->items[0];
        heap->items[0] = heap->items[--heap->count];
        for (size_t at = 0;;) {
                size_t first = at;
                for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++)
                        if (is_before(&heap->items[child], &heap->items[first]))
                                first = child;
                if (first == at)
                        return true;
                swap(&heap->items[at], &heap->items[first]);
                at = first;
        }
}

void simulate_heap_done(struct simulate_heap *heap)
{
        free(heap->items);
        *heap = (struct simulate_heap){ 0 };
}
