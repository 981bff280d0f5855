/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What a run says about itself: to whoever reads its output, in Gecko's words where Gecko has some, and to
 * the daemon over the result socket. Output is written at once and whole; who reads is not waited for by
 * more than a pipe makes us.
 */
#ifndef RUNNER_REPORT_H
#define RUNNER_REPORT_H

#include "lib/error.h"
#include "lib/sandbox_text.h"
#include "lib/wire.h"
#include "runner/engine.h"

/* The two lines that a background task begins with in direct mode; stderr. */
void report_banner(void);
/* "JavaScript error: FILE, line N: MESSAGE" and the stack; stderr. */
void report_uncaught(const struct eng_error *error);
void report_warning(const struct eng_error *warning);
/* An error of the background task manager's console, as Gecko's ConsoleAPI prints it; stdout. @detail NULL: none. */
void report_manager(const char *message, const struct eng_error *detail);
/* A line of our own, then @stack (NULL: none) indented; stderr. */
void report_line(const char *stack, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The run's file, into which all that follows goes first: it is there when the daemon is not. */
void report_to_file(int fd);
/* How long the daemon has had the run frozen, in microseconds, by its file. Any thread. */
int64_t report_frozen_us(void);
/* The task's module is about to be loaded. */
void report_entered(void);
/* Before it is said that the run has ended, so that who is told has all that it printed: wait until the daemon has read
 * its output, or, when that is gone, put what nobody has read into the file. */
void report_output(int fd);

/* To the daemon; @fd -1: nobody listens. */
void report_started(int fd, int64_t limit_us, const struct sandbox *sandbox);
void report_finished(int fd, const struct wire_result *result);
void report_setup_failed(int fd, const char *stage, const struct error *error);

#endif
