/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Clients that wait for a run's output or end.
 *
 * Each follower has its own reader on the run's output file, also while the run goes on: whoever is slow or
 * late reads later, and holds up neither the run nor others. A follower writes while its client takes it and
 * stops while the client is congested.
 */
#ifndef DAEMON_FOLLOW_H
#define DAEMON_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/run.h"

struct daemon;
struct follow;
struct request;

int follow_new(struct daemon *daemon, struct follow **ret);
void follow_free(struct follow *follow);
/* Answer @request with the run once it has ended, with @output after all its output. @run is the run now;
 * @now: do not wait for its end. Errors are answered. */
void follow_add(struct follow *follow, struct request *request, const struct run *run, bool output, bool now);
/* There is new output. */
void follow_output(struct follow *follow, int64_t run_id);
/* The run has ended, durably. */
void follow_ended(struct follow *follow, const struct run *run);
/* The daemon ends: answer all that are left with ShuttingDown. */
void follow_shutdown(struct follow *follow);

#endif
