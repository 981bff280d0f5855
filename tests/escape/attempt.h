/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Attempts to leave a run's sandbox, made by native code inside of it.
 *
 * An attempt does one thing that a run must not be able to do, and says how that went. It is called in the run
 * itself (preload.c) or in a program that the run started (program.c). What it aims at lies outside of the run
 * and is named by environment variables, ESCAPE_*, of the process that the run was cloned from. The test looks at
 * the aims themselves as well: an attempt is not believed.
 */
#ifndef TESTS_ESCAPE_ATTEMPT_H
#define TESTS_ESCAPE_ATTEMPT_H

#include <stddef.h>
#include <sys/types.h>

struct target {
        const char *directory;   /* with the files secret, victim and the sockets of stand-ins for services */
        const char *profile;     /* where the run may write */
        const char *control;     /* the daemon's control socket */
        const char *program;     /* this, as a program */
        const char *environment; /* the name of a variable that the daemon has and a run must not see */
        pid_t daemon, bystander; /* processes of the same user, outside */
        int tcp_port, udp_port;  /* of 127.0.0.1; somebody listens */
};

struct attempt {
        const char *name;
        /* The line of a task file that makes it succeed, as a format for the test: {directory}, {control}, …;
         * NULL: nothing may. */
        const char *permission;
        /* 0: it worked, the sandbox has a hole. Negative errno: it was refused. */
        int (*run)(const struct target *target);
};

extern const struct attempt attempts_files[], attempts_sockets[], attempts_processes[], attempts_kernel[];

/* Fill from the environment; the strings stay those of the environment's copy that is made here. */
void target_load(struct target *ret);
/* Make the attempt: one line of JSON about it. -ENOENT: there is no such. */
int attempt_make(const struct target *target, const char *name, char *ret_line, size_t size);
/* A line of JSON for each: its name and permission. */
void attempts_print(void);

/* ---- for attempts ---- */
/* DIRECTORY/NAME, in a static buffer that the next call but three overwrites. */
const char *path_in(const char *directory, const char *name);
/* 0 when @r is not negative, else -errno. */
int outcome(long r);
/* Whether a file that was opened shows the secret: 0, or -EACCES when it holds something else. Closes @fd. */
int outcome_secret(int fd);

#endif
