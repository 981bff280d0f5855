/* SPDX-License-Identifier: MPL-2.0 */
/*
 * bgtaskctl: one table of commands, a file or so for each of them.
 *
 * Functions that can end the program return its exit code (0: go on, or success) and leave one line of text
 * in their struct error when there is something to say; only bgtaskctl_main() prints it. An exit code without
 * text is a result, not an error: that of a task, or of a signal.
 */
#ifndef CLIENT_BGTASKCTL_H
#define CLIENT_BGTASKCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "client/options.h"
#include "lib/error.h"

/* The version of what --json prints; raised when something in it changes its meaning or goes away. */
#define BGTASKCTL_JSON_VERSION 1

/* What the options for all commands say. */
struct ctl {
        const char *socket_path; /* --socket; NULL: not given */
        bool user, system;
        bool json;
        int64_t timeout_us; /* --timeout; -1: not given; 0: none */
};

struct command {
        const char *name; /* one word, or two with a space between */
        const char *usage;
        const char *summary;
        const char *help;
        const struct option_row *options;
        enum option_order order;
        size_t operands_min, operands_max; /* SIZE_MAX: any number */
        int (*run)(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
};

/* Ends with a row without a name. */
extern const struct command command_table[];
extern const struct option_row command_global_options[];

int bgtaskctl_main(int argc, char **argv);

/* Put a line into @error and return @exit_code, for `return ctl_fail(error, PROGRAM_EXIT_…, …)`. */
int ctl_fail(struct error *error, int exit_code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* The analyzer does not look into variadic functions: let it know what this one returns. */
#ifdef __clang_analyzer__
#define ctl_fail(error, exit_code, ...) ((void)(ctl_fail)(error, exit_code, __VA_ARGS__), (exit_code))
#endif
/* "bgtaskctl: TEXT" on stderr, control characters escaped. */
void ctl_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Parse the number of a run, as commands take it. */
int ctl_parse_run(const char *text, int64_t *ret, struct error *error);

int cmd_help(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_reload(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_reexec(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_run(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_list(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_show(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_logs(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_wait(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_cancel(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_tasks(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_task(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_verify(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_status(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_calendar(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_backup(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_add(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_edit(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_show(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_pause(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_resume(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_run(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_backfill(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_next(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_simulate(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_why(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_audit(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_list(const struct ctl *ctl, const struct arguments *arguments, struct error *error);
int cmd_schedule_remove(const struct ctl *ctl, const struct arguments *arguments, struct error *error);

#endif
