/* SPDX-License-Identifier: MPL-2.0 */
/* The part of libbgtask that needs no daemon. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bgtask.h"
#include "lib/bgtask_internal.h"
#include "lib/cleanup.h"
#include "lib/detached.h"
#include "lib/task.h"
#include "lib/util.h"

#define PROGRAM_VARIABLE "BGTASK_RUNNER"
#define PROGRAM_DEFAULT BG_BINDIR "/bgtask-runner"

int bgtask_error_return(struct bgtask_error *to, const struct error *from, int r)
{
        if (r < 0 && to) {
                to->code = -r;
                snprintf(to->text, sizeof(to->text), "%s", from->text[0] ? from->text : strerror(-r));
        }
        return r;
}

int bgtask_args_check(const char *const *args, struct error *error)
{
        static const char *const none[] = { NULL };

        return task_args_check((char *const *)(args ? args : none), error);
}

static int program_find(const char **ret, struct error *error)
{
        const char *named = secure_getenv(PROGRAM_VARIABLE);

        if (named && *named && named[0] != '/')
                return error_set(error, EINVAL, "%s is \"%s\", expected an absolute path", PROGRAM_VARIABLE,
                                 named);
        *ret = named && *named ? named : PROGRAM_DEFAULT;
        return 0;
}

static int task_run_detached(const char *task, const char *const *args, struct error *error)
{
        const char *program = NULL;
        size_t count = 0;

        int r = program_find(&program, error);
        if (r == 0)
                r = task_name_check(task, error);
        if (r == 0)
                r = bgtask_args_check(args, error);
        if (r < 0)
                return r;
        while (args && args[count])
                count++;
        _cleanup_free_ const char **argv = calloc(count + 4, sizeof(*argv));
        if (!argv)
                return error_set(error, ENOMEM, "out of memory");
        argv[0] = program;
        argv[1] = "--backgroundtask";
        argv[2] = task;
        for (size_t i = 0; i < count; i++)
                argv[3 + i] = args[i];
        return detached_run(program, (char *const *)argv, error);
}

int bgtask_run_detached(const char *task, const char *const *args, struct bgtask_error *error)
{
        struct error reason = ERROR_INIT;

        return bgtask_error_return(error, &reason, task_run_detached(task, args, &reason));
}

int bgtask_remove_directory_detached(const char *parent, const char *child, unsigned seconds,
                                     const char *suffix, struct bgtask_error *error)
{
        struct error reason = ERROR_INIT;
        char wait[16];

        if (!parent || parent[0] != '/')
                return bgtask_error_return(error, &reason,
                                           error_set(&reason, EINVAL,
                                                     "expected an absolute path, found \"%s\"",
                                                     parent ? parent : ""));
        snprintf(wait, sizeof(wait), "%u", seconds);
        const char *const args[] = { parent, child ? child : "", wait, suffix ? suffix : "", NULL };
        return bgtask_error_return(error, &reason, task_run_detached("removeDirectory", args, &reason));
}
