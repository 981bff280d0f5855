/* SPDX-License-Identifier: MPL-2.0 */
/* Removes the profile of a run in direct mode when the run does not come to do it itself. */
#ifndef RUNNER_JANITOR_H
#define RUNNER_JANITOR_H

#include "lib/error.h"

/* Start the janitor of the directory @path. Before the engine, threads and locks exist. */
int janitor_start(const char *path, struct error *error);
/* The directory is gone, or stays on purpose: the janitor leaves without touching it. Without janitor: nothing. */
void janitor_dismiss(void);

#endif
