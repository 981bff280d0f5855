/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The process that hosts one task: engine, event loop, preferences, directories. One a process; in a zygote
 * it is made before the fork, and the fields under "per run" are filled after it.
 */
#ifndef RUNNER_HOST_H
#define RUNNER_HOST_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/prefs.h"
#include "lib/sandbox_text.h"
#include "lib/task_policy.h"
#include "runner/engine.h"

struct sandbox_frame;

struct host {
        eng *engine;
        bool no_jit;          /* nothing is compiled */
        bool globals_defined; /* what is looked for among the globals from now on and is not there, is not ours */
        struct event_base *base; /* in a zygote NULL until the fork: an epoll descriptor would be shared */
        struct prefs *prefs;
        size_t heap_max;        /* bytes of memory that the task may use */
        uint64_t cpu_limit_sec; /* of processor time, limits.h; 0: none */

        const char *gre_directory;     /* resource://gre/ stands for it */
        const char *app_directory;     /* resource:/// stands for it; NULL: none */
        const char *testing_directory; /* resource://testing-common/ stands for it; NULL: none */

        /* per run */
        const char *task;
        char *module_url;    /* of the task's module, once that has been found; stays */
        char **args;         /* normalised as nsICommandLine has them, NULL-terminated */
        const char *profile; /* ProfD, absolute; NULL before it exists */
        bool profile_is_ephemeral;
        const char *working_directory;
        int64_t run_id;               /* 0: direct mode */
        const char *schedule;         /* NULL: by hand, or direct mode */
        int64_t started_monotonic_us; /* time origin of performance.now() */
        int64_t begin_monotonic_us;   /* nothing of the task is executed before; 0: it is at once */
        struct sandbox_frame *frame;  /* what the zygote has made for its runs; NULL: direct mode without */
        struct task_policy policy;    /* what the task may do */
        struct sandbox sandbox;       /* what keeps it in; in a zygote: what it has made for all its runs */
        int result_fd;                /* where the daemon learns how the run goes; -1: direct mode */
        struct task_life *life;       /* task.c's; NULL: no task has begun */
};

/* After any call from the event loop (loop.h) into JS: run the jobs, look at the task's promise. */
void host_turn(struct host *host);
/* Services.startup.quit: leave the task at once with @exit_code. */
void host_quit(struct host *host, int exit_code);
/* An uncaught exception, printed as Gecko prints it ("JavaScript error: URI, line N: message"). */
void host_report_exception(struct host *host, eng_val exception);

/* For the modes of the program, in this order. Each returns 0 or a negative errno. */

/* Directories and preferences (defaults, site). @app_directory NULL: the default. @prefs_files NULL: the
 * site's. The strings must stay. */
int host_init(struct host *host, const char *app_directory, const char *const *prefs_files,
              struct error *error);
/* The engine with its hooks and globals; @use_cache: begin with the compiled code on disk. */
int host_start_engine(struct host *host, bool use_cache, struct error *error);
/* The event loop; in a zygote's child after the fork. */
int host_start_loop(struct host *host, struct error *error);
/* Read the preferences of the profile. Errors are reported on stderr: the good lines count. */
void host_load_profile_prefs(struct host *host);
/* Write the preferences to the profile if they changed. */
void host_save_profile_prefs(struct host *host);

#endif
