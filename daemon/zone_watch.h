/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whether the zone database, or the system's zone, may have changed: told by the kernel (inotify), not asked for.
 *
 * Files of zones are replaced by renaming, and the system's zone is a link that is. So directories are watched: the
 * database's own and the one that it is in, that of each zone in use, and /etc. An update has thousands of changes: it
 * is told of once, when nothing has happened for ZONE_WATCH_QUIET_SEC, or it goes on for ZONE_WATCH_MOST_SEC.
 * As long as no zone is in use nothing is watched.
 */
#ifndef DAEMON_ZONE_WATCH_H
#define DAEMON_ZONE_WATCH_H

#define ZONE_WATCH_QUIET_SEC 2
#define ZONE_WATCH_MOST_SEC 10

struct daemon;
struct zone_watch;

/* Watch what schedules use. @directory: the database. NULL: it cannot be; then changes are seen at the next start, and that
 * was logged. */
struct zone_watch *zone_watch_start(struct daemon *daemon, const char *directory, void (*changed)(void *data),
                                    void *data);
void zone_watch_free(struct zone_watch *watch);
/* This zone is in use ("": the system's). NULL is fine. */
void zone_watch_use(struct zone_watch *watch, const char *zone);

#endif
