/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of libbgtask share. */
#ifndef LIB_BGTASK_INTERNAL_H
#define LIB_BGTASK_INTERNAL_H

#include "lib/bgtask.h"
#include "lib/error.h"

/* Give a caller the negative @r of a function whose text is in @from; returns @r. */
int bgtask_error_return(struct bgtask_error *to, const struct error *from, int r);
/* As task_args_check(). */
int bgtask_args_check(const char *const *args, struct error *error);

/* A task and its arguments; the strings are those of the command that was parsed. */
struct bgtask_command {
        const char *task;
        const char **args;
};

/* The task that @program (absolute) with @args begins. -EINVAL: it begins none. */
int bgtask_command_parse(const char *program, const char *const *args, struct bgtask_command *ret,
                         struct error *error);
void bgtask_command_done(struct bgtask_command *command);

#endif
