/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Files and folders by name, whether or not they are there: inotify on the name's folder, on what the name means, and,
 * as far as the folder is missing, on the nearest one above it. Above that it is noticed that one is moved away.
 *
 * What is told: it was written to and closed, appeared, went or was replaced; of a folder, the same of an entry of it.
 * Several changes that are noticed at once are told once.
 */
#ifndef DAEMON_PATH_WATCH_H
#define DAEMON_PATH_WATCH_H

#include <event2/event.h>
#include <stdbool.h>

#define PATH_WATCHES_MAX 4096 /* names at a time */

struct path_watches;

/* @changed is called in the loop, with @path as it was added; it may add and remove. */
int path_watches_new(struct event_base *base, void (*changed)(const char *path, void *data), void *data,
                     struct path_watches **ret);
void path_watches_free(struct path_watches *watches);

/* Watch an absolute path, or go on for one more that wants it. -ENOSPC: the kernel or PATH_WATCHES_MAX allows no more. */
int path_watch_add(struct path_watches *watches, const char *path);
/* One less wants it. */
void path_watch_remove(struct path_watches *watches, const char *path);

#endif
