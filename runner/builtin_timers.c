/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Timers on the event loop.
 *
 * Live timers are in a binary heap ordered by deadline, then by id, so that equal deadlines fire in the order
 * in which they were set; libevent's own heap does not promise that. One libevent timeout stands for the
 * earliest of them. A hash by id finds a timer that is cleared.
 *
 * One timer fires per turn of the event loop, and its microtasks run before the next. A timer that repeats is
 * due again one interval after its callback ended, as Gecko's repeating timers with slack are. While its
 * callback runs a timer is not in the heap; clearing it then only marks it, and timer_fire() frees it. The callback may run
 * the loop itself, so the next timer is waited for before it is called.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/loop.h"

#define TIMER_DELAY_MAX_MS 2147483647.0 /* what setTimeout can express; a larger delay fires at once */
#define TIMERS_MAX 1000000
#define TIMER_BUCKETS 1024

struct timer {
        struct timer *next; /* of the same bucket */
        eng_ref *callback;
        int64_t deadline_us;
        int64_t interval_us;
        size_t index; /* in the heap */
        int32_t id;
        bool repeat;
        bool firing;
        bool cleared;
};

static struct timer **heap;
static size_t heap_count, heap_size;
static struct timer *buckets[TIMER_BUCKETS];
static int32_t last_id;
static struct event *alarm_event;

static void timers_call(void *data);

static struct loop_call due_call = { .run = timers_call };

static bool timer_before(const struct timer *a, const struct timer *b)
{
        return a->deadline_us != b->deadline_us ? a->deadline_us < b->deadline_us : a->id < b->id;
}

static void heap_place(size_t index, struct timer *timer)
{
        heap[index] = timer;
        timer->index = index;
}

/* Move @timer from the hole at @index to where it belongs. */
static void heap_sift(size_t index, struct timer *timer)
{
        while (index > 0 && timer_before(timer, heap[(index - 1) / 2])) {
                heap_place(index, heap[(index - 1) / 2]);
                index = (index - 1) / 2;
        }
        for (;;) {
                size_t child = 2 * index + 1;
                if (child + 1 < heap_count && timer_before(heap[child + 1], heap[child]))
                        child++;
                if (child >= heap_count || !timer_before(heap[child], timer))
                        break;
                heap_place(index, heap[child]);
                index = child;
        }
        heap_place(index, timer);
}

static int heap_reserve(size_t count)
{
        if (count <= heap_size)
                return 0;
        size_t size = MAX(count, heap_size ? 2 * heap_size : 16);
        struct timer **grown = reallocarray(heap, size, sizeof(struct timer *));
        if (!grown)
                return -ENOMEM;
        heap = grown;
        heap_size = size;
        return 0;
}

/* Room was reserved. */
static void heap_insert(struct timer *timer)
{
        heap_count++;
        heap_sift(heap_count - 1, timer);
}

static void heap_remove(struct timer *timer)
{
        struct timer *last = heap[--heap_count];

        if (last != timer)
                heap_sift(timer->index, last);
}

static void timer_free(eng *e, struct timer *timer)
{
        struct timer **link = &buckets[(size_t)timer->id % TIMER_BUCKETS];

        for (; *link; link = &(*link)->next)
                if (*link == timer) {
                        *link = timer->next;
                        break;
                }
        if (timer->callback)
                eng_ref_free(e, timer->callback);
        free(timer);
}

/* Have the event loop wake us at the first deadline. */
static int alarm_set(struct host *host)
{
        due_call.data = host;
        if (!alarm_event)
                alarm_event = event_new(host->base, -1, 0, loop_event, &due_call);
        if (!alarm_event)
                return -ENOMEM;
        if (heap_count == 0)
                return event_del(alarm_event) < 0 ? -ENOMEM : 0;

        int64_t now_us = clock_monotonic_us();
        int64_t wait_us = heap[0]->deadline_us > now_us ? heap[0]->deadline_us - now_us : 0;
        struct timeval wait = { (time_t)(wait_us / 1000000), (suseconds_t)(wait_us % 1000000) };
        return event_add(alarm_event, &wait) < 0 ? -ENOMEM : 0;
}

static void timer_fire(struct host *host, struct timer *timer)
{
        eng *e = host->engine;
        eng_scope scope;

        heap_remove(timer);
        (void)alarm_set(host); /* re-adding an event that exists does not fail */
        timer->firing = true;
        eng_scope_open(e, &scope);
        if (!eng_call(e, eng_ref_get(timer->callback), NULL, 0, NULL)) {
                eng_val exception = eng_catch(e);
                if (exception)
                        host_report_exception(host, exception);
        }
        eng_scope_close(e, &scope, NULL);
        timer->firing = false;
        if (!timer->repeat || timer->cleared || heap_reserve(heap_count + 1) < 0) {
                timer_free(e, timer);
                return;
        }
        timer->deadline_us = clock_monotonic_us() + timer->interval_us;
        heap_insert(timer);
        (void)alarm_set(host);
}

static void timers_call(void *data)
{
        struct host *host = data;

        if (heap_count == 0 || heap[0]->deadline_us > clock_monotonic_us()) {
                (void)alarm_set(host);
                return;
        }
        timer_fire(host, heap[0]);
        host_turn(host);
}

static void timer_insert(struct timer *timer)
{
        size_t bucket;

        timer->id = ++last_id;
        bucket = (size_t)timer->id % TIMER_BUCKETS;
        timer->next = buckets[bucket];
        buckets[bucket] = timer;
        heap_insert(timer);
}

/* set(callback, delayMs, repeat): a positive id. The callback is called without arguments. */
static eng_val timers_set(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        eng_val callback;
        double delay_ms = 0;
        bool repeat = false;

        if (!eng_args_get(e, args, "set", "fd|b", &callback, &delay_ms, &repeat))
                return NULL;
        if (!host->base)
                return eng_throw(e, ENG_E_ERROR, "a timer cannot be set before a task runs");
        if (heap_count >= TIMERS_MAX || last_id == INT32_MAX)
                return eng_throw(e, ENG_E_RANGE, "too many timers");
        if (!(delay_ms > 0) || delay_ms > TIMER_DELAY_MAX_MS)
                delay_ms = 0;

        struct timer *timer = calloc(1, sizeof(*timer));
        if (!timer || heap_reserve(heap_count + 1) < 0) {
                free(timer);
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        }
        timer->repeat = repeat;
        timer->interval_us = (int64_t)(delay_ms * 1000);
        timer->deadline_us = clock_monotonic_us() + timer->interval_us;
        timer->callback = eng_ref_new(e, callback);
        if (!timer->callback) {
                free(timer);
                return NULL;
        }
        timer_insert(timer);
        if (heap[0] == timer && alarm_set(host) < 0)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        return eng_number(e, timer->id);
}

/* clear(id): one that does not exist, or not any more, is no error. */
static eng_val timers_clear(eng *e, eng_args *args, void *data)
{
        int32_t id;

        if (!eng_args_get(e, args, "clear", "i", &id))
                return NULL;
        struct timer *timer = id > 0 ? buckets[(size_t)id % TIMER_BUCKETS] : NULL;
        while (timer && timer->id != id)
                timer = timer->next;
        if (!timer)
                return ENG_UNDEF;
        timer->cleared = true;
        if (timer->firing)
                return ENG_UNDEF;
        heap_remove(timer);
        timer_free(e, timer);
        (void)alarm_set(data);
        return ENG_UNDEF;
}

/* spin(condition): run the event loop until it gives true; null: until there is nothing more to do at once. */
static eng_val timers_spin(eng *e, eng_args *args, void *data)
{
        eng_val condition = eng_arg(args, 0);

        return loop_spin(data, eng_is_nullish(condition) ? NULL : condition) ? ENG_UNDEF : NULL;
}

static const struct builtin_function timers_functions[] = {
        { "set", 3, timers_set },
        { "clear", 1, timers_clear },
        { "spin", 1, timers_spin },
        { NULL, 0, NULL },
};

static eng_val timers_create(struct host *host, eng *e)
{
        return builtin_object(host, e, timers_functions);
}

const struct builtin builtin_timers = { "timers", timers_create };
