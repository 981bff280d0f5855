/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Private to the zygote link: zygote*.c. The link of a kind (zygote.c), one process of it and what that says
 * (zygote_link.c), how it is started (zygote_process.c) and when it has done enough (zygote_renewal.c).
 */
#ifndef DAEMON_ZYGOTE_PROCESS_H
#define DAEMON_ZYGOTE_PROCESS_H

#include "daemon/zygote.h"
#include "lib/sandbox_text.h"

struct zygote {
        struct event_base *base;
        struct zygote_config config;
        struct zygote_hooks hooks;
        void *data;
        struct zygote_process *current; /* starting or ready */
        struct zygote_process *heir;    /* starting, while the current one still serves */
        struct zygote_process *retired; /* list */
        struct event *idle;             /* while there is a current one */
        struct event *retry;            /* after a failed start */
        uint64_t generation;
        unsigned failures; /* starts that failed, one after another */
        unsigned failing;  /* processes that ended before they were ready and wait to be reaped */
        int64_t used_at_us;
        int64_t no_heir_before_us; /* monotonic; after one that failed */
};

struct zygote_process {
        struct zygote *zygote;
        struct zygote_process *next; /* of the retired */
        uint64_t generation;
        pid_t pid;  /* 0: reaped */
        int socket; /* -1: at its end */
        bool ready;
        bool heir;      /* it was to follow one that serves */
        bool blocked;   /* its socket was full */
        bool failing;   /* ended before it was ready, not reaped */
        bool exhausted; /* it said itself that it has no memory */
        int64_t started_at_us, started_monotonic_us;
        int64_t runs;
        int64_t memory_bytes; /* when it became ready */
        unsigned in_flight;
        char sandbox[SANDBOX_TEXT_MAX];
        struct fingerprint *fingerprint; /* of what it has read */
        struct event *readable;
        struct event *timer; /* not ready in time, no answer in time, not gone in time */
};

/* ---- zygote_process.c ---- */
/* Start the program with its socket; sets pid and socket. -errno with a text. */
int zygote_process_spawn(struct zygote_process *process, const struct zygote_config *config,
                         struct error *error);
/* Its private memory in bytes; 0: not known. */
int64_t zygote_process_memory(const struct zygote_process *process);

/* ---- zygote_link.c ---- */
/* A new process of @zygote, starting. NULL with a text. */
struct zygote_process *zygote_process_new(struct zygote *zygote, struct error *error);
void zygote_process_free(struct zygote_process *process);
/* It gets no more runs, answers what it was sent, and goes. */
void zygote_process_retire(struct zygote_process *process);
/* Its status was taken. */
void zygote_process_reaped(struct zygote_process *process);
/* A packet was sent to it. */
void zygote_process_sent(struct zygote_process *process);

/* ---- zygote_renewal.c ---- */
/* Everything that a zygote reads once and that a later run would see changed. -ENOMEM. */
int zygote_take_fingerprint(const struct zygote_config *config, struct fingerprint **ret);
/* What changed since it was started; NULL: nothing. */
const char *zygote_process_stale(const struct zygote_process *process);
/* Why it should be followed by a new one, in words; NULL: it should not yet. */
const char *zygote_process_used_up(const struct zygote_process *process);

/* ---- zygote.c ---- */
/* The heir is ready: it takes over. */
void zygote_inherit(struct zygote *zygote);
/* There is a current one from now on: end it when nobody wants it. */
void zygote_arm_idle(struct zygote *zygote);

#endif
