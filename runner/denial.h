/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the sandbox refused, in words, with the line of the task file that would allow it: "read /etc/shadow",
 * "ReadOnlyPaths=/etc/shadow". The daemon is told at once of each that is new, and later how often there was
 * each. Bounded: DENIAL_MAX different ones a run, the rest is left out.
 *
 * Direct mode has nobody to tell but whoever reads standard error.
 */
#ifndef RUNNER_DENIAL_H
#define RUNNER_DENIAL_H

#include <stdbool.h>

#define DENIAL_MAX 32
#define DENIAL_PROGRAM_FILES_MAX 16 /* of them */
#define DENIAL_TEXT_MAX 512         /* of each text; longer ones end with "…" */

enum denial_access {
        DENIAL_READ,
        DENIAL_WRITE, /* a file: itself if it is there, else the directory must allow it */
        DENIAL_MAKE,  /* an entry of a directory, made or removed: the directory must allow it */
};

/* What the run may see. Lists end with NULL, NULL: empty; paths are absolute and stand for all below. All of it
 * must stay as it is. */
struct denial_view {
        const char *const *readable;
        const char *const *writable; /* readable, too */
        bool hidden;                 /* what is not in the lists is not there at all */
        bool network;
};

/* From now on denials are recorded. @view NULL: only calls. @result_fd: as in struct host. Once a process. */
void denial_start(const struct denial_view *view, int result_fd);

/* A file operation on @path (as the task gave it) failed with @error, an errno: a denial, if the sandbox is the
 * reason and not the file. */
void denial_file(enum denial_access access, const char *path, int error);
/* A request to @url begins, and will fail if the run has no network: then it is a denial. */
void denial_connect(const char *url);
/* The call @number was refused. @key NULL: no task file allows it. Async-signal-safe, any thread; the texts are
 * static. */
void denial_call(unsigned number, const char *name, const char *key);
/* The same of a program that the task started, NULL: of the run itself; not async-signal-safe. */
void denial_program_call(const char *name, const char *program, const char *key);
/* @program is about to use the absolute @path: a denial, if that is not within what the run may use, as far as it can be seen
 * from here. Not async-signal-safe. */
void denial_program_file(enum denial_access access, const char *path, const char *program);
/* Whether more of these would be recorded: programs try much, and must not leave the run itself without room. */
bool denial_program_file_wanted(void);
/* Tell what has not been told: how often. */
void denial_flush(void);

#endif
