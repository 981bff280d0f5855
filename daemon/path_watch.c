/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/path_watch.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/queue.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define LEVELS_MAX 64 /* components of a path that are watched; deeper ones are watched from there on */
#define ENTRIES                                                                                              \
        (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)
#define MOVED (IN_DELETE_SELF | IN_MOVE_SELF)
#define READS_MAX 64 /* buffers at a time, then others get their turn */

struct path_watch {
        TAILQ_ENTRY(path_watch) link;
        char *path;
        unsigned wanted;
        bool dirty;   /* something about it, or above it, has happened */
        bool touched; /* about it */
        bool exists;
        size_t count;
        struct level {
                int descriptor;
                const char
                        *name; /* entries of this name concern it, into path; NULL: whatever happens to it */
                size_t length;
        } levels[LEVELS_MAX];
};

struct path_watches {
        int fd;
        struct event *event;
        TAILQ_HEAD(, path_watch) paths;
        size_t count;
        void (*changed)(const char *path, void *data);
        void *data;
};

static struct path_watch *path_find(const struct path_watches *watches, const char *path)
{
        struct path_watch *watch;

        TAILQ_FOREACH(watch, &watches->paths, link)
        if (strcmp(watch->path, path) == 0)
                return watch;
        return NULL;
}

/* ---- descriptors: the kernel has one for each inode, which several names may want ---- */

static bool descriptor_is_wanted(const struct path_watches *watches, int descriptor)
{
        const struct path_watch *watch;

        TAILQ_FOREACH(watch, &watches->paths, link)
        for (size_t i = 0; i < watch->count; i++)
                if (watch->levels[i].descriptor == descriptor)
                        return true;
        return false;
}

static void levels_release(struct path_watches *watches, const struct level *levels, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (!descriptor_is_wanted(watches, levels[i].descriptor))
                        inotify_rm_watch(watches->fd, levels[i].descriptor);
}

/* 1: there is no such thing. */
static int level_add(struct path_watches *watches, struct path_watch *watch, const char *path, uint32_t mask,
                     const char *name, size_t length)
{
        /* A busy inode may have it already, for others. */
        int descriptor = inotify_add_watch(watches->fd, path, mask | IN_MASK_ADD);

        if (descriptor < 0)
                return errno == ENOSPC || errno == ENOMEM ? -ENOSPC : 1;
        if (watch->count < ARRAY_SIZE(watch->levels))
                watch->levels[watch->count++] = (struct level){ descriptor, name, length };
        return 0;
}

/* From the root down to the name's folder, or to what is there of it, and what the name means. */
static int path_establish(struct path_watches *watches, struct path_watch *watch)
{
        struct level old[LEVELS_MAX];
        size_t old_count = watch->count;
        char folder[PATH_MAX];
        const char *name = watch->path;
        int r = 0;

        memcpy(old, watch->levels, sizeof(old));
        watch->count = 0;
        while (r == 0 && *name) {
                /* @name at the slash in front of an entry of what is before it. */
                size_t before = (size_t)(name - watch->path);
                const char *entry = name + 1;
                size_t length = strcspn(entry, "/");
                memcpy(folder, watch->path, before);
                memcpy(folder + before, "/", before == 0 ? 2 : 1);
                folder[before == 0 ? 1 : before] = '\0';
                r = level_add(watches, watch, folder,
                              entry[length] ? MOVED | IN_CREATE | IN_MOVED_TO : ENTRIES, entry, length);
                name = entry + length;
        }
        if (r == 0)
                r = level_add(watches, watch, watch->path, ENTRIES, NULL, 0);
        watch->exists = r == 0;
        levels_release(watches, old, old_count);
        return r < 0 ? r : 0;
}

/* ---- events ---- */

static void path_note(struct path_watch *watch, const struct inotify_event *event)
{
        for (size_t i = 0; i < watch->count; i++) {
                const struct level *level = &watch->levels[i];
                bool all = event->mask & IN_Q_OVERFLOW;
                if (!all && level->descriptor != event->wd)
                        continue;
                /* Of a folder above what matters is the entry that leads on, and the folder itself. */
                bool named = level->name && event->len &&
                             strncmp(event->name, level->name, level->length) == 0 &&
                             !event->name[level->length];
                if (all || !level->name || named || event->mask & (MOVED | IN_IGNORED | IN_UNMOUNT))
                        watch->dirty = true;
                if (all || !level->name || (named && !level->name[level->length]))
                        watch->touched = true;
        }
}

static void events_read(struct path_watches *watches)
{
        union {
                struct inotify_event event;
                char bytes[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
        } buffer;
        struct path_watch *watch;

        for (int i = 0; i < READS_MAX; i++) {
                ssize_t size = read(watches->fd, buffer.bytes, sizeof(buffer));
                if (size <= 0)
                        return;
                for (ssize_t at = 0; at < size;) {
                        struct inotify_event *event = (struct inotify_event *)(void *)(buffer.bytes + at);
                        TAILQ_FOREACH(watch, &watches->paths, link)
                        path_note(watch, event);
                        at += (ssize_t)(sizeof(*event) + event->len);
                }
        }
}

static struct path_watch *path_dirty(struct path_watches *watches)
{
        struct path_watch *watch;

        TAILQ_FOREACH(watch, &watches->paths, link)
        if (watch->dirty)
                return watch;
        return NULL;
}

static void on_ready(evutil_socket_t fd, short what, void *data)
{
        struct path_watches *watches = data;
        struct path_watch *watch;

        (void)fd;
        (void)what;
        events_read(watches);
        while ((watch = path_dirty(watches))) {
                _cleanup_free_ char *path = strdup(watch->path);
                bool existed = watch->exists, touched = watch->touched;
                watch->dirty = watch->touched = false;
                /* From the top down: what is made below meanwhile is told of, or found. */
                (void)path_establish(watches, watch);
                if (path && (touched || watch->exists != existed))
                        watches->changed(path, watches->data);
        }
}

/* ---- names ---- */

int path_watch_add(struct path_watches *watches, const char *path)
{
        struct path_watch *watch = path_find(watches, path);

        if (watch) {
                watch->wanted++;
                return 0;
        }
        if (watches->count >= PATH_WATCHES_MAX || strlen(path) >= PATH_MAX)
                return -ENOSPC;
        watch = calloc(1, sizeof(*watch));
        char *copy = strdup(path);
        if (!watch || !copy) {
                free(watch);
                free(copy);
                return -ENOMEM;
        }
        watch->path = copy;
        watch->wanted = 1;
        TAILQ_INSERT_TAIL(&watches->paths, watch, link);
        watches->count++;
        int r = path_establish(watches, watch);
        if (r < 0)
                path_watch_remove(watches, path);
        return r;
}

void path_watch_remove(struct path_watches *watches, const char *path)
{
        struct path_watch *watch = path_find(watches, path);

        if (!watch || --watch->wanted > 0)
                return;
        TAILQ_REMOVE(&watches->paths, watch, link);
        watches->count--;
        levels_release(watches, watch->levels, watch->count);
        free(watch->path);
        free(watch);
}

int path_watches_new(struct event_base *base, void (*changed)(const char *path, void *data), void *data,
                     struct path_watches **ret)
{
        struct path_watches *watches = calloc(1, sizeof(*watches));

        if (!watches)
                return -ENOMEM;
        TAILQ_INIT(&watches->paths);
        watches->changed = changed;
        watches->data = data;
        watches->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        int r = watches->fd < 0 ? -errno : 0;
        if (r == 0) {
                watches->event = event_new(base, watches->fd, EV_READ | EV_PERSIST, on_ready, watches);
                r = watches->event && event_add(watches->event, NULL) == 0 ? 0 : -ENOMEM;
        }
        if (r < 0) {
                path_watches_free(watches);
                return r;
        }
        *ret = watches;
        return 0;
}

void path_watches_free(struct path_watches *watches)
{
        if (!watches)
                return;
        while (!TAILQ_EMPTY(&watches->paths)) {
                struct path_watch *watch = TAILQ_FIRST(&watches->paths);
                watch->wanted = 1;
                path_watch_remove(watches, watch->path);
        }
        if (watches->event)
                event_free(watches->event);
        close_keep_errno(watches->fd);
        free(watches);
}
