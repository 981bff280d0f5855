/* SPDX-License-Identifier: MPL-2.0 */
/* Private to supervision: one run under way. Longer than 120 lines: all of its state is to be seen in one place. */
#ifndef DAEMON_JOB_H
#define DAEMON_JOB_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

#include "daemon/cgroup.h"
#include "daemon/conclude.h"
#include "daemon/output.h"
#include "daemon/policies.h"
#include "daemon/recover.h"
#include "daemon/supervise.h"
#include "daemon/usage.h"

enum job_state {
        JOB_COMMITTING,
        JOB_WAITING,
        JOB_SENT,
        JOB_ORPHANED,
        JOB_ALIVE,
        JOB_EXITED,
        JOB_RECORDING,
};

struct job;

struct job_stream {
        struct job *job;
        enum output_stream which;
        int fd; /* -1: at its end */
        struct event event;
        char carry[4]; /* the beginning of a UTF-8 sequence whose rest has not come */
        size_t carried;
};

struct job {
        TAILQ_ENTRY(job) all;
        STAILQ_ENTRY(job) waiting;
        struct supervisor *supervisor;
        struct run run;
        enum job_state state;
        enum end_reason reason;
        enum zygote_kind kind;
        unsigned reap_attempts;
        uint64_t generation; /* of the zygote it is sent to, once that is known; 0: it is not */
        pid_t pid;
        int pidfd;
        int64_t process_started; /* adopted: as process_started() had it, -1: not known */
        struct event exit_event;
        struct event timer; /* what it means depends on the state */
        bool holds_slot;
        bool terminated;           /* SIGTERM was sent */
        bool control_socket;       /* ControlSocket= of its policy */
        int64_t own_limit_us;      /* what the run says of itself; 0: nothing */
        int64_t own_start_us;      /* likewise, on the wall clock */
        int64_t schedule_limit_us; /* what its schedule allows; 0: any */
        int64_t deadline_us;       /* what is in force */
        int64_t act_at_us;         /* monotonic; alive: when what the timer is for is due */
        struct job_stream streams[2];
        int result_fd;
        int fds[WIRE_FD_MAX]; /* its own ends, until they are sent */
        size_t fd_count;      /* of these; 0: they are not made */
        struct event result_event;
        bool reached_task;
        bool has_report, has_setup_failure;
        int own_signal; /* the signal that the run says it ends by; 0: it said nothing */
        struct wire_report report, setup_failure;
        char *sandbox;         /* what is in force, as the run says; NULL: not known */
        json_t *denied;        /* array: what, key, count; NULL: nothing */
        struct cgroup *cgroup; /* NULL: not made, or there are none here */
        struct output_writer *writer;
        char *profile;
        struct policy *policy; /* of its task; while it starts one with an error ends it */
        uint32_t file_flags;   /* enum run_file_flag */
        bool has_files;        /* in RUNTIME/runs; they stay when the job is freed while its run goes on */
        bool adopted;          /* begun by an earlier daemon */
        bool entered;          /* code of the task has been executed, as its file says */
        bool abandoned;        /* killed, and still there */
        bool has_leftovers;    /* of its output, from its file */
        bool output_failed;    /* said so */
        unsigned looks, kills;
        const char *why;                    /* INTERRUPTED, LOST */
        char *lost;                         /* CONDITION: what does not hold; NULL: not known */
        int64_t frozen_us, frozen_since_us; /* for so long before; now, since (monotonic), 0: not */
        int64_t begun_monotonic_us;         /* when its deadline began to run; 0: not yet */
        int64_t file_started_at_us, file_started_monotonic_us,
                ended_at_us; /* as its file says; 0: it does not */
};

/* A run that was left to the next daemon: until this one has ended, its process is our child. */
struct job_left {
        SLIST_ENTRY(job_left) link;
        pid_t pid;
        int64_t run_id;
};

struct supervisor {
        struct daemon *daemon;
        TAILQ_HEAD(, job) jobs;
        STAILQ_HEAD(, job) waiting[ZYGOTE_KIND_COUNT];
        size_t active, count;
        bool ending, settling;
        SLIST_HEAD(, job_left) left;
};

/* ---- job_send.c ---- */
/* Close its ends of what it was to be given. */
void job_close_sent(struct job *job);
/* Its start is durable: to the zygotes with it. The job may be gone. */
void job_go(struct job *job);
/* Send what waits for a zygote of @kind, as far as that takes it. */
void supervisor_feed(struct supervisor *supervisor, enum zygote_kind kind);

/* ---- job_files.c: the run's file and FIFOs ---- */
/* Make them; sets the streams' descriptors. The run's ends go to @ret_fds, the caller's to close also on failure. */
int job_make_files(struct job *job, int ret_fds[WIRE_FD_COUNT]);
/* Those of an earlier daemon; what is not there stays -1. */
void job_open_fifos(struct job *job);
/* Once it is durable what became of the run, or that it is queued again. */
void job_remove_files(struct job *job);
void job_unlink_files(struct daemon *daemon, int64_t run_id, int64_t epoch);

/* ---- job_io.c: output and result socket ---- */
/* Make them; the run's ends go to @ret_fds, the caller's to close. */
int job_open(struct job *job, int ret_fds[WIRE_FD_COUNT]);
void job_close(struct job *job);
/* Read what there is; an end found closes its descriptor. Ends with job_reported(): the job may be gone. */
void job_drain(struct job *job);
/* From now on the run keeps what it prints itself: read what it printed before. */
void job_let_go(struct job *job);
/* Read what there is, before a close that does not wait for the end; nothing follows from it. */
void job_read_rest(struct job *job);
bool job_io_ended(const struct job *job);

/* What its file holds of its output that nobody has read. */
void job_store_leftovers(struct job *job, enum output_stream stream, const char *data, size_t size);
/* Take what was handed over (NULL: nothing), or open the output of a run that an earlier daemon began. */
void job_reopen(struct job *job, const struct handover_run *handed);
/* The other way: read no more, and give the descriptors away. */
void job_take_descriptors(struct job *job, struct handover_run *ret);

/* ---- job_orphan.c: what its file says ---- */
#define JOB_WHY_ZYGOTE_DIED "its zygote died while starting it"
/* Read it and do what follows. The job may be gone. */
void job_look(struct job *job);
/* An adopted run has ended; true: it was queued again, and is gone. */
bool job_conclude_adopted(struct job *job);
/* Leave it and its files to the next daemon. The job is gone. */
void job_detach(struct job *job);

/* ---- job_freeze.c ---- */
/* Stop it where it is, and let it go on; nothing happens when it is, or is not, or is being ended. */
void job_freeze(struct job *job, const char *why);
void job_thaw(struct job *job);

/* ---- supervise.c, job_alive.c and job_end.c ---- */
void job_on_timer(evutil_socket_t fd, short what, void *data);
/* Alive, and its file was read; @held: it may still hold that. The job may be gone. */
void job_looked_at(struct job *job, bool held);
/* Whether its number is not somebody else's by now, as that of a run that others reap may be. */
bool job_owns_number(const struct job *job);
void job_kill(struct job *job);
void job_signal(const struct job *job, int signal);
/* Have the timer act when it has taken too long. */
void job_arm_deadline(struct job *job);
/* RunMaxSec= of the schedule that @run is of, 0: none. */
int64_t job_schedule_limit_us(struct daemon *daemon, const struct run *run);
struct job *job_find(const struct supervisor *supervisor, int64_t run_id);
void job_set_state(struct job *job, enum job_state state);
/* A report (of @sender, 0: unknown) or the end of the socket has come: do what follows. The job may be gone. */
void job_reported(struct job *job, pid_t sender);
void job_check_ended(struct job *job); /* never frees it */
/* It has a process. Takes @pidfd (-1: none). */
void job_alive(struct job *job, pid_t pid, int pidfd);
/* Send SIGTERM now and SIGKILL after the grace; the first reason stays. */
void job_end(struct job *job, enum end_reason reason);
/* It never had a process, and will not get one: record that. @why NULL: the reason says it. */
void job_give_up(struct job *job, const char *why);
/* Put it back into the queue, or give it up when that has happened too often. */
void job_requeue(struct job *job, const char *why);
/* Exited, reaped, all ended: record it. */
void job_finish(struct job *job);
void job_free(struct job *job);
void job_arm(struct job *job, int64_t us);

#endif
