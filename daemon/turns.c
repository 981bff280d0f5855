/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/turns.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/daemon.h"
#include "lib/util.h"

static const struct timeval turns_at_once = { 0 };

struct turns {
        struct daemon *daemon;
        struct fair *fair;
        struct event *event;
        void (*serve)(struct fair_entry *entry);
        bool serving;
};

struct fair *turns_fair(struct turns *turns)
{
        return turns->fair;
}

/* Processor time: whoever is served while the system runs something else does not pay for that. */
static int64_t turns_clock_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return (int64_t)now.tv_sec * (int64_t)USEC_PER_SEC + now.tv_nsec / 1000;
}

static void turns_go(evutil_socket_t fd, short what, void *data)
{
        struct turns *turns = data;
        int64_t quantum_us = daemon_setting(turns->daemon, SETTING_CONTROL_TURN_US);
        int64_t began_us = turns_clock_us(), now_us = began_us;
        struct fair_entry *entry;

        turns->serving = true;
        while (now_us - began_us < quantum_us && (entry = fair_next(turns->fair, quantum_us))) {
                struct fair_user *user = entry->user;
                int64_t before_us = now_us;
                turns->serve(entry);
                now_us = turns_clock_us();
                fair_charge(user, now_us - before_us, quantum_us);
        }
        turns->serving = false;
        /* By way of the loop: what else has become ready comes first. */
        if (!fair_is_idle(turns->fair))
                event_add(turns->event, &turns_at_once);
}

void turns_want(struct turns *turns, struct fair_entry *entry)
{
        fair_wait(entry);
        if (!turns->serving)
                event_active(turns->event, EV_TIMEOUT, 0);
}

int turns_new(struct daemon *daemon, void (*serve)(struct fair_entry *entry), struct turns **ret)
{
        struct turns *turns = calloc(1, sizeof(*turns));

        if (!turns)
                return -ENOMEM;
        *turns = (struct turns){ .daemon = daemon, .serve = serve, .fair = fair_new() };
        turns->event = event_new(daemon->base, -1, 0, turns_go, turns);
        if (!turns->fair || !turns->event) {
                turns_free(turns);
                return -ENOMEM;
        }
        *ret = turns;
        return 0;
}

void turns_free(struct turns *turns)
{
        if (!turns)
                return;
        if (turns->event)
                event_free(turns->event);
        fair_free(turns->fair);
        free(turns);
}
