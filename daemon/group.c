/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/group.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define GROUP_CHANGES_MAX 256
#define GROUP_AGE_MAX_US (5 * (int64_t)USEC_PER_MSEC)

static const struct timeval group_lazy = { .tv_usec = 20000 };
static const struct timeval group_quiet = { .tv_sec = 1 };

struct group {
        struct store *store;
        struct group_hooks hooks;
        void *data;
        struct event *turn;   /* lowest priority */
        struct event *urgent; /* the same, highest priority */
        struct event *lazy;
        struct event *quiet;
        int64_t begun_us; /* when the oldest of what waits for a turn came; 0: nothing does */
        unsigned changes;
        bool full;
        bool in_turn; /* what the turn changes is in its own commit */
};

int group_commit(struct group *group)
{
        struct error error = ERROR_INIT;

        if (!store_pending(group->store))
                return 0;
        int r = store_commit(group->store, &error);
        if (r < 0) {
                group->hooks.failed(&error, group->data);
                return r;
        }
        if (r == STORE_FULL && !group->full)
                log_error("%s", error.text);
        group->full = r == STORE_FULL;
        return 0;
}

static void group_turn(evutil_socket_t fd, short what, void *data)
{
        struct group *group = data;

        event_del(group->turn);
        event_del(group->urgent);
        event_del(group->lazy);
        group->begun_us = 0;
        group->changes = 0;
        group->in_turn = true;
        group->hooks.turn(group->data);
        group->in_turn = false;
        group_commit(group);
}

static void group_on_quiet(evutil_socket_t fd, short what, void *data)
{
        struct group *group = data;

        group->hooks.quiet(group->data);
        if (store_pending(group->store))
                event_add(group->quiet, &group_quiet);
}

void group_kick(struct group *group)
{
        if (group->in_turn)
                return;
        int64_t now_us = clock_monotonic_us();
        if (group->begun_us == 0)
                group->begun_us = now_us;
        group->changes++;
        if (group->changes >= GROUP_CHANGES_MAX || now_us - group->begun_us >= GROUP_AGE_MAX_US)
                event_active(group->urgent, EV_TIMEOUT, 0);
        else
                event_active(group->turn, EV_TIMEOUT, 0);
}

void group_after_commit(struct group *group, void (*done)(int result, void *data), void *data)
{
        if (store_pending(group->store))
                group_kick(group);
        int r = store_after_commit(group->store, done, data);
        if (r < 0)
                done(r, data);
}

static void group_begun(void *data)
{
        struct group *group = data;

        event_add(group->lazy, &group_lazy);
        if (!event_pending(group->quiet, EV_TIMEOUT, NULL))
                event_add(group->quiet, &group_quiet);
}

static struct event *group_event(struct group *group, struct event_base *base, event_callback_fn callback,
                                 int priority)
{
        struct event *event = event_new(base, -1, 0, callback, group);

        if (event && event_priority_set(event, priority) < 0) {
                event_free(event);
                return NULL;
        }
        return event;
}

int group_new(struct event_base *base, struct store *store, const struct group_hooks *hooks, void *data,
              struct group **ret)
{
        struct group *group = calloc(1, sizeof(*group));

        if (!group)
                return -ENOMEM;
        *group = (struct group){ .store = store, .hooks = *hooks, .data = data };
        group->turn = group_event(group, base, group_turn, GROUP_PRIORITY_TURN);
        group->urgent = group_event(group, base, group_turn, GROUP_PRIORITY_NOW);
        group->lazy = group_event(group, base, group_turn, GROUP_PRIORITY_TURN);
        group->quiet = group_event(group, base, group_on_quiet, GROUP_PRIORITY_TURN);
        if (!group->turn || !group->urgent || !group->lazy || !group->quiet) {
                group_free(group);
                return -ENOMEM;
        }
        store_on_begin(store, group_begun, group);
        *ret = group;
        return 0;
}

void group_free(struct group *group)
{
        if (!group)
                return;
        if (group->turn)
                event_free(group->turn);
        if (group->urgent)
                event_free(group->urgent);
        if (group->lazy)
                event_free(group->lazy);
        if (group->quiet)
                event_free(group->quiet);
        free(group);
}
