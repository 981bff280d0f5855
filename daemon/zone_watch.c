/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/zone_watch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/store_schedule.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define PLACES_MAX 64 /* directories; zones are in some twenty */
#define EVENTS                                                                                               \
        (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |             \
         IN_MOVE_SELF | IN_ONLYDIR)

struct place {
        char *path;
        const char *name; /* of what is looked for in it; NULL: anything */
        int number;       /* of the watch; -1: there is none */
};

struct zone_watch {
        char *directory;
        const char *base_name; /* the last part of it */
        int fd;
        struct event *event, *quiet;
        int64_t since_us; /* the first event that was not told of; 0: none */
        struct place places[PLACES_MAX];
        size_t count;
        void (*changed)(void *data);
        void *data;
};

/* ---- places ---- */

/* A directory that is not there is found when it is made, by the watch on the one that it is in. */
static void place_watch(const struct zone_watch *watch, struct place *place)
{
        place->number = inotify_add_watch(watch->fd, place->path, EVENTS);
        if (place->number < 0 && errno != ENOENT && errno != ENOTDIR)
                log_warning("%s cannot be watched, changes are seen at the next start: %s", place->path,
                            strerror(errno));
}

/* Takes @path. */
static void place_add(struct zone_watch *watch, char *path, const char *name)
{
        for (size_t i = 0; path && i < watch->count; i++)
                if (strcmp(watch->places[i].path, path) == 0 && watch->places[i].name == name) {
                        free(path);
                        return;
                }
        if (!path || watch->count == PLACES_MAX) {
                free(path);
                return;
        }
        watch->places[watch->count] = (struct place){ path, name, -1 };
        place_watch(watch, &watch->places[watch->count++]);
}

/* Up to the last slash; "/" for what is in the root. */
static char *path_above(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash && slash > path ? strndup(path, (size_t)(slash - path)) : strdup("/");
}

void zone_watch_use(struct zone_watch *watch, const char *zone)
{
        if (!watch)
                return;
        const char *slash = strrchr(zone, '/');
        _cleanup_free_ char *folder = slash ? strndup(zone, (size_t)(slash - zone)) : NULL;

        place_add(watch, path_above(watch->directory), watch->base_name);
        place_add(watch, strdup(watch->directory), NULL);
        place_add(watch, strdup("/etc"), "localtime");
        if (folder)
                place_add(watch, path_join(watch->directory, folder), NULL);
}

/* ---- events ---- */

static bool event_counts(const struct zone_watch *watch, const struct inotify_event *event)
{
        if (event->mask & IN_Q_OVERFLOW)
                return true;
        /* What is left of a watch that is gone. */
        if (event->mask & IN_IGNORED)
                return false;
        for (size_t i = 0; i < watch->count; i++)
                if (watch->places[i].number == event->wd &&
                    (!watch->places[i].name ||
                     (event->len > 0 && strcmp(watch->places[i].name, event->name) == 0)))
                        return true;
        return false;
}

static void watch_postpone(struct zone_watch *watch)
{
        const struct timeval quiet = { .tv_sec = ZONE_WATCH_QUIET_SEC };
        int64_t now_us = clock_monotonic_us();

        if (!watch->since_us)
                watch->since_us = now_us;
        else if (now_us - watch->since_us >
                 (ZONE_WATCH_MOST_SEC - ZONE_WATCH_QUIET_SEC) * (int64_t)USEC_PER_SEC)
                return; /* it has been put off for long enough */
        event_add(watch->quiet, &quiet);
}

static void watch_on_event(evutil_socket_t fd, short what, void *data)
{
        struct zone_watch *watch = data;
        union {
                struct inotify_event first;
                char bytes[16384];
        } buffer;
        bool counts = false;

        for (;;) {
                ssize_t size = read(fd, &buffer, sizeof(buffer));
                if (size <= 0)
                        break;
                for (ssize_t at = 0; at < size;) {
                        const struct inotify_event *event = (const struct inotify_event *)(buffer.bytes + at);
                        counts = counts || event_counts(watch, event);
                        at += (ssize_t)(sizeof(*event) + event->len);
                }
        }
        if (counts)
                watch_postpone(watch);
}

/* Directories may have been replaced: those of now are watched from here on, before anybody looks into them. */
static void watch_on_quiet(evutil_socket_t fd, short what, void *data)
{
        struct zone_watch *watch = data;

        watch->since_us = 0;
        for (size_t i = 0; i < watch->count; i++)
                place_watch(watch, &watch->places[i]);
        watch->changed(watch->data);
}

/* ---- life ---- */

static int watch_new(struct event_base *base, const char *directory, void (*changed)(void *data), void *data,
                     struct zone_watch **ret)
{
        struct zone_watch *watch = calloc(1, sizeof(*watch));

        if (!watch)
                return -ENOMEM;
        *watch = (struct zone_watch){ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
                                      .changed = changed,
                                      .data = data };
        int r = watch->fd < 0 ? -errno : 0;
        watch->directory = strdup(directory);
        if (r == 0) {
                watch->event = event_new(base, watch->fd, EV_READ | EV_PERSIST, watch_on_event, watch);
                watch->quiet = event_new(base, -1, 0, watch_on_quiet, watch);
                r = watch->directory && watch->quiet && watch->event && event_add(watch->event, NULL) == 0
                            ? 0
                            : -ENOMEM;
        }
        if (r < 0) {
                zone_watch_free(watch);
                return r;
        }
        const char *slash = strrchr(watch->directory, '/');
        watch->base_name = slash ? slash + 1 : watch->directory;
        *ret = watch;
        return 0;
}

static int zone_known(const char *zone, uint64_t hash, void *data)
{
        zone_watch_use(data, zone);
        return 0;
}

struct zone_watch *zone_watch_start(struct daemon *daemon, const char *directory, void (*changed)(void *data),
                                    void *data)
{
        struct zone_watch *watch = NULL;
        int r = watch_new(daemon->base, directory, changed, data, &watch);

        if (r < 0)
                log_warning("changes of time zones are seen at the next start alone: %s", strerror(-r));
        else if (store_zone_list(daemon->store, zone_known, watch) != 0)
                log_warning("zones in use cannot be read: changes of them are seen at the next start");
        return watch;
}

void zone_watch_free(struct zone_watch *watch)
{
        if (!watch)
                return;
        if (watch->event)
                event_free(watch->event);
        if (watch->quiet)
                event_free(watch->quiet);
        close_keep_errno(watch->fd);
        for (size_t i = 0; i < watch->count; i++)
                free(watch->places[i].path);
        free(watch->directory);
        free(watch);
}
