/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The object that ties the daemon together. Every part has its own file and sees the others through here.
 *
 *   client ─▶ request ─▶ store ◀─ scheduler          group: commits what one iteration of the loop changed
 *                │         ▲
 *                ▼         │ queue: starts what has a slot
 *             follow ◀─ supervise ◀─▶ zygotes
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/configuration.h"
#include "daemon/locations.h"
#include "daemon/options.h"
#include "daemon/settings.h"
#include "lib/error.h"
#include "lib/paths.h"

enum daemon_state {
        DAEMON_STARTING,
        DAEMON_SERVING,
        DAEMON_STOPPING,     /* no new work; runs are being ended */
        DAEMON_HANDING_OVER, /* no new work; runs go on, the program is executed anew (reexec.h) */
        DAEMON_STOPPED,
};

struct daemon {
        const struct options *options;
        struct locations locations;
        struct configuration configuration;
        enum daemon_state state;
        int exit_code;
        int64_t started_at_us;
        char version_text[64];
        char machine_id[PATHS_MACHINE_ID_SIZE]; /* of /etc/machine-id; "": there is none */

        struct event_base *base;
        struct notify *notify;
        struct store *store;
        int output_fd;        /* directory STATE/output */
        int runs_fd;          /* directory RUNTIME/runs */
        bool runs_continuous; /* it is the one of the daemon before, and of this boot */
        struct group *group;
        struct helper *helper;
        struct backup *backup;
        struct checker *checker;
        struct cgroups *cgroups;
        struct reexec *reexec;
        struct reload *reload;
        struct handover *handover; /* of the program before, until its runs are taken over */
        struct probe *probe;
        struct zygotes *zygotes;
        struct policies *policies;
        struct supervisor *supervisor;
        struct follow *follow;
        struct queue *queue;
        struct scheduler *scheduler;
        struct conditions *conditions; /* of schedules; NULL before there is a scheduler, and after */
        struct guards *guards;
        struct control *control;
        struct turns *turns;
        struct signals *signals;
        struct event *watchdog; /* NULL: none is wanted */
        struct event *farewell; /* bounds the end */
        int flush_steps;
        bool handing_over; /* daemon_run() has returned for that */
        bool end_wanted;   /* meanwhile */
};

/* Make all parts, without serving yet. Returns 0, or logs and returns a sysexits code. */
int daemon_start(struct daemon *daemon, const struct options *options);
/* Serve until told to end; returns the exit code. */
int daemon_run(struct daemon *daemon);
void daemon_done(struct daemon *daemon);

int32_t daemon_setting(const struct daemon *daemon, enum setting setting);
/* Put other preferences into force; what @configuration owns becomes the daemon's. */
void daemon_configure(struct daemon *daemon, const struct configuration *configuration);
/* End: no new work, runs get SIGTERM, then SIGKILL; queued runs stay queued. @exit_code is of the program. */
void daemon_stop(struct daemon *daemon, int exit_code);
/* Make ready for the program that is executed next; daemon_run() returns then. */
void daemon_hand_over(struct daemon *daemon);
/* A part of the end is done: see whether it is complete. */
void daemon_check_stopped(struct daemon *daemon);
/* The event of the end, for daemon->farewell; NULL: out of memory. */
struct event *daemon_farewell_new(struct daemon *daemon);
/* The store is of no more use: end without it. */
void daemon_store_failed(const struct error *error, void *data);
/* The sysexits code for -@errno. */
int daemon_exit_code_of(int r);
/* A run was added or a slot has become free. */
void daemon_kick(struct daemon *daemon);

#endif
