/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The link to the zygote of one kind, the process that has the engine ready and clones a child per run.
 *
 *   none ──acquire──▶ starting ──WIRE_READY──▶ ready ──stale, idle, its heir is ready──▶ retired ──EOF, reaped──▶ gone
 *                        └──────────died──────────┴──▶ gone
 *
 * There is at most one that is current, starting or ready. When that has made many runs, is old or has grown, an heir
 * is started beside it and takes its place when it is ready; until then the old one serves, so that a renewal is nothing
 * that a run waits for. Retired ones answer what they were still sent. Runs are children of the daemon, so that a zygote
 * may end while its runs go on.
 */
#ifndef DAEMON_ZYGOTE_H
#define DAEMON_ZYGOTE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"
#include "lib/wire.h"

struct zygote;

/* What its runs have in common, and what it therefore does once for all of them. */
enum zygote_kind {
        ZYGOTE_NONET_NOJIT,
        ZYGOTE_NONET,
        ZYGOTE_NET_NOJIT,
        ZYGOTE_NET,
        ZYGOTE_KIND_COUNT,
};

/* Strings are the caller's and stay. */
struct zygote_config {
        enum zygote_kind kind;
        bool sandbox; /* false: switched off by preference */
        const char *runner;
        const char *app_directory; /* NULL: the runner's default */
        const char *data_directory;
        const char *builtin_prefs;
        char *const *site_prefs;
        int64_t idle_us;
        int32_t max_runs;
        int64_t max_age_us, max_growth_bytes;
};

struct zygote_hooks {
        void (*ready)(enum zygote_kind kind, void *data); /* packets can be sent (again) */
        /* A run has a process, or @error says why not. @pidfd becomes the callee's. */
        void (*started)(const struct wire_zygote_event *event, int pidfd, void *data);
        /* Nothing more will come about what was sent to @generation and not answered. */
        void (*died)(enum zygote_kind kind, uint64_t generation, void *data);
        /* It could not be started in several attempts. */
        void (*unavailable)(enum zygote_kind kind, const char *why, void *data);
};

struct zygote_status {
        pid_t pid; /* 0: there is none */
        int64_t started_at_us;
        int64_t runs;
        const char *sandbox;  /* what its runs have in force; "": not known */
        int64_t memory_bytes; /* that it shares with nothing but its runs; 0: not known */
};

enum zygote_kind zygote_kind_of(bool network, bool jit);
const char *zygote_kind_name(enum zygote_kind kind);
bool zygote_kind_has_network(enum zygote_kind kind);
bool zygote_kind_has_jit(enum zygote_kind kind);

int zygote_new(struct event_base *base, const struct zygote_config *config, const struct zygote_hooks *hooks,
               void *data, struct zygote **ret);
/* Ends all of them without waiting. */
void zygote_free(struct zygote *zygote);
/* New preferences. They reach the runs by way of the files, which are looked at before each run. */
void zygote_configure(struct zygote *zygote, const struct zygote_config *config);
/* Whether a run can be sent now; starts one if there is none or it is stale, and calls ready() later. */
bool zygote_acquire(struct zygote *zygote, uint64_t *ret_generation);
/* Whether a run can be sent to what was acquired a moment ago, without another look at its files. */
bool zygote_is_acquired(const struct zygote *zygote, uint64_t generation);
/* After zygote_acquire() was true. -EAGAIN: ready() is called when there is room. */
int zygote_send(struct zygote *zygote, const struct wire_start *start, const int *fds, size_t fd_count,
                uint64_t *ret_generation);
bool zygote_has_process(const struct zygote *zygote, pid_t pid);
/* A child was reaped; true: it was a zygote. */
bool zygote_reaped(struct zygote *zygote, pid_t pid, int status);
struct zygote_status zygote_status(const struct zygote *zygote);

#endif
