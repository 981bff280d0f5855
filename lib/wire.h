/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The private protocol between daemon, zygote and run. Both ends come from one build, which WIRE_VERSION
 * checks; raise it with every change here. Longer than 120 lines: the whole protocol is to be in one place.
 * Daemon to zygote, over SOCK_SEQPACKET, one packet each way for every run:
 *
 *   daemon  -> zygote  wire_start, with its descriptors in SCM_RIGHTS: WIRE_FD_* in that order, the cgroup's
 *                      directory last and only if the run has a cgroup
 *   zygote  -> daemon  wire_started, with the pidfd of the run (none when it could not be made)
 *   zygote  -> daemon  wire_ready, once, when the engine is up
 *
 * Run to daemon, over its own SOCK_SEQPACKET pair (the run's result socket), JSON objects:
 *
 *   {"event":"setup-failed","stage":"profile","errno":28,"message":"…"}
 *   {"event":"started","atUs":1795730000000000,"limitUs":600000000,"sandbox":"fs=mount+landlock7 net=netns …"}
 *                                             the task's function is about to be called; what is in force
 *   {"event":"denied","what":"read /etc/shadow","key":"ReadOnlyPaths=/etc/shadow","count":3}
 *                                             the sandbox refused something, so often by now; the key that would
 *                                             allow it, if any. Told again, with the same "what", as it adds up
 *   {"event":"signal","signal":15}            it ends by this signal, and exits with 128 and its number: the first process
 *                                             of a PID namespace cannot end by a signal
 *   {"event":"finished", …}                   see struct wire_result
 *
 * The result socket's end without "finished" means that the run did not get there: the exit status tells.
 */
#ifndef LIB_WIRE_H
#define LIB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/sandbox_text.h"

#define WIRE_VERSION 4
#define WIRE_PACKET_MAX (192 * 1024)
#define WIRE_FDS_MAX 16  /* descriptors in one packet */
#define WIRE_ZYGOTE_FD 3 /* where a zygote finds its socket */

enum wire_fd {
        WIRE_FD_STDOUT,
        WIRE_FD_STDERR,
        WIRE_FD_RESULT,
        WIRE_FD_RUN_FILE,               /* lib/run_file.h: its lock, and where its state and result go */
        WIRE_FD_COUNT,                  /* of those that every run has */
        WIRE_FD_CGROUP = WIRE_FD_COUNT, /* directory to clone into; may be absent */
        WIRE_FD_MAX,
};

/* What a run is told. Strings are UTF-8; NULL is not allowed except where said. */
struct wire_start {
        int64_t run_id;
        int64_t epoch;
        int64_t nominal_at_us; /* the time that it is for, since the epoch; 0: none */
        /* The task is entered no earlier than this, on CLOCK_MONOTONIC; the run is to be ready by then. 0: at once. */
        int64_t begin_monotonic_us;
        const char *task;
        char **args;          /* NULL-terminated */
        const char *profile;  /* absolute path of the ephemeral profile to make, or "" for none given */
        const char *profiles; /* absolute directory for persistent profiles */
        const char *schedule; /* "" when run by hand */
        const char *policy;   /* task_policy_format() */
        const char *control;  /* absolute path of the daemon's control socket */
};

/* Encode into a malloc'd packet. -E2BIG. */
int wire_start_encode(const struct wire_start *start, void **ret_packet, size_t *ret_size);
/* Decode; the strings point into @packet, *args is malloc'd (free the array alone). The task's name and
 * arguments are checked as lib/task.h says, paths are absolute. -EBADMSG. */
int wire_start_decode(const void *packet, size_t size, struct wire_start *ret, struct error *error);

enum wire_kind {
        WIRE_READY = 1,
        WIRE_STARTED = 2,
};

/* Zygote to daemon; fixed size. */
struct wire_zygote_event {
        uint32_t version;
        uint32_t kind;  /* enum wire_kind */
        int64_t run_id; /* WIRE_STARTED */
        int64_t epoch;
        int32_t pid;                    /* of the run; 0: not made */
        int32_t error;                  /* errno when pid is 0 */
        char sandbox[SANDBOX_TEXT_MAX]; /* WIRE_READY: what its runs have in force; with its NUL */
};

/* What the daemon learns at a run's end. */
enum wire_outcome {
        WIRE_OUTCOME_SUCCESS, /* exit code 0 */
        WIRE_OUTCOME_EXITED,  /* the task returned something else */
        WIRE_OUTCOME_NOT_FOUND,
        WIRE_OUTCOME_EXCEPTION,
        WIRE_OUTCOME_TIMEOUT,
        WIRE_OUTCOME_QUIT, /* Services.startup.quit */
        WIRE_OUTCOME_MEMORY,
        WIRE_OUTCOME_START_FAILED, /* exit code 1: profile locked and the like */
};

struct wire_result {
        enum wire_outcome outcome;
        int exit_code;                                  /* 0 to 255 */
        int64_t value;                                  /* before truncation */
        char *message;                                  /* malloc'd, may be NULL */
        char *error_message, *error_file, *error_stack; /* malloc'd, may be NULL */
        unsigned error_line, error_column;
        int64_t gc_time_us, gc_count; /* in collections; 0: not known */
        int64_t heap_bytes;           /* the engine's heap at its largest, as far as seen */
        /* Its own account of itself, for a daemon that cannot reap it: getrusage(). 0: not known. */
        int64_t cpu_time_us, max_rss_bytes, major_faults, read_bytes, write_bytes;
};

enum wire_event {
        WIRE_EVENT_SETUP_FAILED,
        WIRE_EVENT_STARTED,
        WIRE_EVENT_FINISHED,
        WIRE_EVENT_DENIED,
        WIRE_EVENT_SIGNAL,
};

/* A message of a run's result socket. */
struct wire_report {
        enum wire_event event;
        struct wire_result result; /* FINISHED */
        char *stage;               /* SETUP_FAILED; malloc'd; the message is result.message */
        int error;                 /* SETUP_FAILED: errno */
        int signal;                /* SIGNAL */
        /* STARTED: the run ends by itself within so many microseconds (timeout, minimum and shutdown together);
         * 0: it has no such limit. The daemon's deadline lies behind it. */
        int64_t limit_us;
        int64_t at_us; /* STARTED: when that was, on the wall clock, as the run says; 0: it does not */
        char *sandbox; /* STARTED: what is in force; malloc'd, NULL: nothing said */
        char *what;    /* DENIED: a path or a call, in words; malloc'd */
        char *key;     /* DENIED: the line of the task file that would allow it; malloc'd, NULL: none would */
        int64_t count; /* DENIED: how often until now, this time included */
};

/* Texts that are too long for a packet are cut, invalid bytes in them replaced. *ret_text is malloc'd. */
int wire_report_encode(const struct wire_report *report, char **ret_text, size_t *ret_size);
int wire_report_decode(const char *text, size_t size, struct wire_report *ret, struct error *error);
void wire_report_done(struct wire_report *report);

/* sendmsg/recvmsg of one packet with descriptors; CLOEXEC on receipt. Receive: size or negative errno
 * (-EAGAIN, -EMSGSIZE for a cut packet, 0 at the end); descriptors beyond @fd_max are closed and -EMSGSIZE. */
int wire_send(int socket, const void *packet, size_t size, const int *fds, size_t fd_count);
int wire_receive(int socket, void *buffer, size_t size, int *ret_fds, size_t fd_max, size_t *ret_fd_count);

#endif
