/* SPDX-License-Identifier: MPL-2.0 */
/* What became of a run: pure, from what the kernel, the run and the daemon itself know about its end. */
#ifndef DAEMON_CONCLUDE_H
#define DAEMON_CONCLUDE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/run.h"
#include "daemon/usage.h"
#include "lib/wire.h"

/* Why the daemon ended a run; the first reason stays. */
enum end_reason {
        END_BY_ITSELF,
        END_CANCELLED,   /* a client asked for it */
        END_DEADLINE,    /* it did not keep its own timeout */
        END_SHUTDOWN,    /* the daemon ends */
        END_INTERRUPTED, /* the daemon before this one ended under it */
        END_LOST,        /* what became of it cannot be known */
        END_CONDITION,   /* a condition of its schedule ceased to hold */
};

struct ending {
        enum end_reason reason;
        int64_t limit_us;      /* DEADLINE: what it exceeded */
        bool exited, signaled; /* neither: the status could not be had */
        int exit_code, signal;
        const struct wire_report *report; /* "finished"; NULL: none came */
        const struct wire_report *setup_failure;
        const char *setup_error; /* it never had a process: why */
        const char *why;         /* INTERRUPTED, LOST: in a sentence */
        bool abandoned;          /* it was killed, and is still there */
        bool reached_task;       /* "started" came */
        struct usage usage;
        bool out_of_memory;   /* of its cgroup: the kernel killed processes of it */
        int64_t cpu_limit_us; /* LimitCPU=; 0: none */
        const char *sandbox;  /* what was in force; NULL: not known */
        json_t *denied;       /* what the sandbox refused; NULL: nothing. Shared */
};

/* Set state, result, exit code, signal and detail, in which attempts stay. -ENOMEM. */
int conclude(const struct ending *ending, struct run *run);

#endif
