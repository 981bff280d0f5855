/* SPDX-License-Identifier: MPL-2.0 */
/* Events: a network that comes up, paths that change. Paths are told of a tenth of a second after they have changed, at most
 * once a second, and a last time when they have changed since. */
#include "config.h"

#include <errno.h>

#include "daemon/conditions_internal.h"
#include "lib/clock.h"
#include "lib/util.h"

#define EVENTS_APART_US ((int64_t)USEC_PER_SEC)

/* ---- paths ---- */

/* Who writes a file makes it, writes to it and closes it: that is one change. Those that follow a telling wait longer. */
void conditions_path_changed(struct conditions *conditions, const char *path)
{
        int64_t wait_us = MAX(conditions->told_at_us + EVENTS_APART_US - clock_monotonic_us(), SETTLE_US);
        const struct timeval wait = { .tv_sec = wait_us / (int64_t)USEC_PER_SEC,
                                      .tv_usec = wait_us % (int64_t)USEC_PER_SEC };

        if (!json_object_get(conditions->event_paths, path))
                return;
        (void)json_object_set_new(conditions->changed_paths, path, json_null());
        if (!event_pending(conditions->telling, EV_TIMEOUT, NULL))
                event_add(conditions->telling, &wait);
}

void conditions_tell(evutil_socket_t fd, short what, void *data)
{
        struct conditions *conditions = data;
        const char *path;
        void *next;
        json_t *value;

        (void)fd;
        (void)what;
        conditions->told_at_us = clock_monotonic_us();
        json_object_foreach_safe(conditions->changed_paths, next, path, value)
                conditions->hooks->path_changed(path, conditions->data);
        json_object_clear(conditions->changed_paths);
}

void conditions_watch_missing(struct conditions *conditions)
{
        const char *path;
        void *next;
        json_t *value;

        json_object_foreach_safe(conditions->missing_paths, next, path, value)
                if (conditions_watch_path(conditions, path) == 0)
                        json_object_del(conditions->missing_paths, path);
        conditions->paths_fail = conditions->paths_fail && json_object_size(conditions->missing_paths) > 0;
}

int conditions_watch_paths(struct conditions *conditions, json_t *paths)
{
        json_t *missing = json_object(), *value;
        const char *path;
        int r = missing ? 0 : -ENOMEM;

        /* First the new, so that what both have is watched all the time. */
        json_object_foreach(paths, path, value) {
                bool watched = json_object_get(conditions->event_paths, path) &&
                               !json_object_get(conditions->missing_paths, path);
                int added = watched ? 0 : conditions_watch_path(conditions, path);
                if (added < 0) {
                        conditions_cannot_watch(&conditions->paths_fail, path, added);
                        r = r < 0 ? r : json_object_set_new(missing, path, json_null());
                }
        }
        json_object_foreach(conditions->event_paths, path, value)
                if (!json_object_get(paths, path) && !json_object_get(conditions->missing_paths, path))
                        path_watch_remove(conditions->paths, path);
        json_decref(conditions->event_paths);
        json_decref(conditions->missing_paths);
        conditions->event_paths = json_incref(paths);
        conditions->missing_paths = missing;
        conditions->paths_fail = json_object_size(missing) > 0;
        conditions_look_soon(conditions);
        return r;
}

/* ---- the network ---- */

bool conditions_has_network(struct conditions *conditions)
{
        return condition_fact(&conditions->facts, CONDITION_NETWORK) != 0;
}

void conditions_watch_network(struct conditions *conditions, bool wanted)
{
        if (conditions->network_wanted == wanted)
                return;
        conditions->network_wanted = wanted;
        if (wanted) {
                conditions_listen_network(conditions);
                condition_facts_forget(&conditions->facts);
                conditions->network_known = conditions_has_network(conditions);
        }
        conditions_look_soon(conditions);
}

void conditions_look_at_network(struct conditions *conditions)
{
        if (!conditions->network_wanted)
                return;
        conditions_listen_network(conditions);
        bool known = condition_fact(&conditions->facts, CONDITION_NETWORK) != 0,
             before = conditions->network_known;
        conditions->network_known = known;
        if (known && !before)
                conditions->hooks->network_up(conditions->data);
}
