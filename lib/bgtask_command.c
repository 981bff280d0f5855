/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A program and its arguments that begin a task, taken apart as the program would: --backgroundtask NAME and
 * --backgroundtask=NAME with one dash or two and in any letter case, at any position, the first one; --headless and
 * --attach-console have no meaning in a run of the daemon. What would change the run itself and cannot be had there
 * (--profile) is an error, and so is a program that begins no task.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/bgtask_internal.h"
#include "lib/task.h"
#include "lib/util.h"

/* What @argument is as flag @name: "" with a value to follow, the value behind "=", NULL: it is another. */
static const char *flag_value(const char *argument, const char *name)
{
        size_t size = strlen(name);

        if (argument[0] != '-')
                return NULL;
        argument += argument[1] == '-' ? 2 : 1;
        if (strncasecmp(argument, name, size) != 0)
                return NULL;
        return argument[size] == '=' ? argument + size + 1 : argument[size] == '\0' ? "" : NULL;
}

static int argument_take(struct bgtask_command *command, const char *const **at, size_t *count,
                         struct error *error)
{
        const char *argument = *(*at)++;
        const char *value = flag_value(argument, "backgroundtask");

        if (value && !command->task) {
                command->task = *value || strchr(argument, '=') ? value : **at ? *(*at)++ : "";
                return task_name_check(command->task, error);
        }
        if (flag_value(argument, "profile"))
                return error_set(error, EINVAL, "%s: a task has its profile from its task file (Profile=)",
                                 argument);
        if (!flag_value(argument, "headless") && !flag_value(argument, "attach-console"))
                command->args[(*count)++] = argument;
        return 0;
}

int bgtask_command_parse(const char *program, const char *const *args, struct bgtask_command *ret,
                         struct error *error)
{
        struct bgtask_command command = { 0 };
        size_t count = 0;

        if (!program || program[0] != '/')
                return error_set(error, EINVAL, "expected the absolute path of a program, found \"%s\"",
                                 program ? program : "");
        int r = bgtask_args_check(args, error);
        if (r < 0)
                return r;
        while (args && args[count])
                count++;
        command.args = calloc(count + 1, sizeof(*command.args));
        if (!command.args)
                return error_set(error, ENOMEM, "out of memory");
        count = 0;
        while (r == 0 && args && *args)
                r = argument_take(&command, &args, &count, error);
        if (r == 0 && !command.task)
                r = error_set(error, EINVAL,
                              "%s: expected --backgroundtask NAME among its arguments: only background "
                              "tasks can be scheduled",
                              program);
        if (r < 0)
                bgtask_command_done(&command);
        else
                *ret = command;
        return r;
}

void bgtask_command_done(struct bgtask_command *command)
{
        free(command->args);
        *command = (struct bgtask_command){ 0 };
}
