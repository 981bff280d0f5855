/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Our ends of the pipes of programs, on the event loop. JavaScript names one by its descriptor:
 *
 *   read(pipe, max) -> promise of a Uint8Array: what there is, at most @max bytes, as soon as there is any; empty at the end
 *   write(pipe, bytes or string) -> promise of how many bytes were written: all of them
 *   close(pipe)       reads and writes under way fail with -EBADF
 *
 * Where it fails, a promise is of a negative errno. One read and one write at a time.
 */
#ifndef RUNNER_PIPES_H
#define RUNNER_PIPES_H

#include "runner/builtin.h"

/* @fd is a pipe from now on, and owned here. 0 or -errno. */
int pipe_add(struct host *host, int fd);

eng_val pipes_read(eng *e, eng_args *args, void *data);
eng_val pipes_write(eng *e, eng_args *args, void *data);
eng_val pipes_close(eng *e, eng_args *args, void *data);

#endif
