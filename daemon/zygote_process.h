/* SPDX-License-Identifier: MPL-2.0 */
/* Private to the zygote link: one zygote process and how it is started. */
#ifndef DAEMON_ZYGOTE_PROCESS_H
#define DAEMON_ZYGOTE_PROCESS_H

#include "daemon/zygote.h"

struct zygote_process {
        struct zygote *zygote;
        struct zygote_process *next; /* of the retired */
        uint64_t generation;
        pid_t pid;  /* 0: reaped */
        int socket; /* -1: at its end */
        bool ready;
        bool blocked; /* its socket was full */
        bool failing; /* ended before it was ready, not reaped */
        int64_t started_at_us;
        int64_t runs;
        unsigned in_flight;
        struct event *readable;
        struct event *timer; /* not ready in time, no answer in time, not gone in time */
};

/* Start the program with its socket; sets pid and socket. -errno with a text. */
int zygote_process_spawn(struct zygote_process *process, const struct zygote_config *config,
                         struct error *error);

/* Its private memory in bytes; 0: not known. */
int64_t zygote_process_memory(const struct zygote_process *process);

#endif
