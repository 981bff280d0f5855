/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of the conditions share. */
#ifndef DAEMON_CONDITIONS_INTERNAL_H
#define DAEMON_CONDITIONS_INTERNAL_H

#include <sys/queue.h>

#include "daemon/condition_facts.h"
#include "daemon/conditions.h"
#include "daemon/path_watch.h"
#include "daemon/watch.h"

#define NEVER_US INT64_MAX
#define SETTLE_US INT64_C(100000)      /* from a change on: they come in groups */
#define UNWATCHED_US INT64_C(60000000) /* what the kernel would tell, and cannot be asked to */
#define NEEDS_MAX 1024 /* different ones that are waited for; with more, each look is followed by a walk */

/* One thing that is waited for or depended on. */
struct need {
        TAILQ_ENTRY(need) link;
        struct condition_need what; /* its path is ours */
        bool waited, depended;
        bool met;
        bool watches_path;
        struct watch *pressure;
};

struct conditions {
        struct event_base *base;
        const struct conditions_hooks *hooks;
        void *data;
        TAILQ_HEAD(, need) needs;
        size_t need_count;
        bool overflown;       /* something is waited for that is not among the needs */
        bool gained, changed; /* to be told of by the next look */
        struct event *timer;  /* the next look */
        int64_t look_at_us;   /* monotonic; NEVER_US */
        int64_t depend_at_us; /* the same, for a rung */
        struct watch *network, *power;
        bool network_fails, power_fails, paths_fail;
        bool network_wanted, network_known; /* for events */
        struct path_watches *paths;         /* NULL: none was needed yet */
        /* Sets of paths, the keys of objects: wanted for events; of these, not watched; and changed, to be told of. */
        json_t *event_paths, *missing_paths, *changed_paths;
        struct event *telling;
        int64_t told_at_us; /* monotonic */
        struct condition_facts facts;
};

/* Look at @at_us (monotonic), unless sooner. */
void conditions_look_at(struct conditions *conditions, int64_t at_us);

/* ---- condition_needs.c ---- */
/* Its path, terminated and malloc'd; NULL: it has none, or there is no memory. */
char *need_path(const struct condition_need *need);
/* Found, or made, with @met; NULL: there are too many, or there is no memory. Takes @path, which is of a copy of @what. */
struct need *need_get(struct conditions *conditions, const struct condition_need *what, char *path, bool met);
void need_free(struct conditions *conditions, struct need *need);
/* Listen to what tells of it, as far as something does. */
void need_watch(struct conditions *conditions, struct need *need);
/* How soon a need has to be read again, when nothing else tells of a change. */
int64_t need_period_us(struct conditions *conditions, const struct need *need);
void conditions_listen_network(struct conditions *conditions);
/* -ENOSPC and others: it is not watched. */
int conditions_watch_path(struct conditions *conditions, const char *path);
/* Once a condition it is said that the kernel cannot be asked. */
void conditions_cannot_watch(bool *fails, const char *what, int r);

/* ---- condition_events.c ---- */
/* Tell of it if that is wanted. */
void conditions_path_changed(struct conditions *conditions, const char *path);
void conditions_tell(evutil_socket_t fd, short what, void *data);
/* Watch those paths of events that could not be. */
void conditions_watch_missing(struct conditions *conditions);
/* Tell of a network that has come up, if that is wanted. */
void conditions_look_at_network(struct conditions *conditions);

#endif
