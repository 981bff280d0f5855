/* SPDX-License-Identifier: MPL-2.0 */
/* What became of a run: as an exit code, as a word, as a line. Runs are records (records.h). */
#ifndef CLIENT_OUTCOME_H
#define CLIENT_OUTCOME_H

#include <jansson.h>
#include <stdbool.h>

#include "client/text.h"
#include "lib/error.h"

bool outcome_ended(const json_t *run);

/*
 * The exit code of `run` and `wait`: 128 + n for a run that signal n ended, else the task's own. A run that
 * has neither: PROGRAM_EXIT_TEMPFAIL when it was cancelled before it ran or the daemon ended under it,
 * PROGRAM_EXIT_OSERR when its set-up failed, PROGRAM_EXIT_SOFTWARE when it is lost. When the code is not one
 * that the task chose, @error gets a line that says why.
 */
int outcome_exit_code(const json_t *run, struct error *error);

/* "success", "timeout", "running" ... Borrowed. */
const char *outcome_word(const json_t *run);
enum text_color outcome_color(const json_t *run);
/* "0", "SIGKILL" or "-"; malloc'd. */
char *outcome_code(const json_t *run);
/* Microseconds it has run so far or did run; -1: never started. */
int64_t outcome_duration_us(const json_t *run, int64_t now_us);

#endif
