/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.tasks: other tasks, through libbgtask.
 *
 *   runDetached(task, args)                in a process of its own, outside of all daemons
 *   run(task, args)                        by the daemon; the number of the run
 *   register(id, command, args, options)   options: { intervalSec, description, disabled, executionTimeoutSec }
 *   remove(id), removeAll(), exists(id)
 *
 * The first answers at once with null or a line that says what went wrong; the others with promises of a number, or of
 * such a line: they wait for the daemon, and therefore are done by the thread of runner/work.h.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bgtask.h"
#include "lib/bgtask_internal.h"
#include "lib/cleanup.h"
#include "lib/detached.h"
#include "lib/paths.h"
#include "lib/task.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/work.h"

/* A call of libbgtask: strings are malloc'd, those that are not used NULL. */
struct call {
        struct work work;
        int (*function)(struct call *call);
        char *name; /* a task's, or an id */
        char *command;
        char *description;
        char **args;
        struct bgtask_registration registration;
        int64_t number;
        int outcome;
        struct bgtask_error error;
};

/* ---- detached ---- */

static int detached(const struct host *host, const char *task, char *const *args, struct error *error)
{
        _cleanup_free_ char *program = paths_program("bgtask-runner");
        size_t count = strv_length(args), n = 0;
        _cleanup_free_ char **argv = calloc(count + 6, sizeof(*argv));

        if (!program || !argv)
                return error_set(error, ENOMEM, "out of memory");
        int r = task_name_check(task, error);
        if (r == 0)
                r = task_args_check(args, error);
        if (r < 0)
                return r;
        argv[n++] = program;
        argv[n++] = (char *)"--app-dir"; /* the application is the same, wherever it was told of */
        argv[n++] = (char *)host->app_directory;
        argv[n++] = (char *)"--backgroundtask";
        argv[n++] = (char *)task;
        for (size_t i = 0; i < count; i++)
                argv[n++] = args[i];
        return detached_run(program, argv, error);
}

static eng_val tasks_run_detached(eng *e, eng_args *args, void *data)
{
        struct error error = ERROR_INIT;
        const char *task;
        eng_val array;

        if (!eng_args_get(e, args, "runDetached", "so", &task, &array))
                return NULL;
        char **strings = builtin_strings(e, array, TASK_ARGS_MAX);
        if (!strings)
                return NULL;
        int r = detached(data, task, strings, &error);
        strv_free(strings);
        return r < 0 ? eng_cstring(e, error.text) : ENG_NUL;
}

/* ---- with the daemon ---- */

static void call_run(struct work *work)
{
        struct call *call = (struct call *)work;

        call->outcome = call->function(call);
}

static eng_val call_result(struct work *work, eng *e)
{
        struct call *call = (struct call *)work;

        if (call->outcome < 0)
                return eng_cstring(e, call->error.text);
        return eng_number(e, call->number ? (double)call->number : call->outcome);
}

static void call_free(struct work *work)
{
        struct call *call = (struct call *)work;

        free(call->name);
        free(call->command);
        free(call->description);
        strv_free(call->args);
        free(call);
}

static struct call *call_new(int (*function)(struct call *), const char *name)
{
        struct call *call = calloc(1, sizeof(*call));

        if (!call)
                return NULL;
        call->work = (struct work){ .run = call_run, .result = call_result, .free = call_free };
        call->function = function;
        call->name = strdup(name);
        if (call->name)
                return call;
        free(call);
        return NULL;
}

static eng_val call_submit(struct host *host, eng *e, struct call *call)
{
        return call ? work_submit(host, e, &call->work) : eng_throw(e, ENG_E_INTERNAL, "out of memory");
}

static int function_run(struct call *call)
{
        return bgtask_run(call->name, (const char *const *)call->args, &call->number, &call->error);
}

static eng_val tasks_run(eng *e, eng_args *args, void *data)
{
        const char *task;
        eng_val array;

        if (!eng_args_get(e, args, "run", "so", &task, &array))
                return NULL;
        char **strings = builtin_strings(e, array, TASK_ARGS_MAX);
        if (!strings)
                return NULL;
        struct call *call = call_new(function_run, task);
        if (call)
                call->args = strings;
        else
                strv_free(strings);
        return call_submit(data, e, call);
}

static int function_register(struct call *call)
{
        call->registration.command = call->command;
        call->registration.args = (const char *const *)call->args;
        call->registration.description = call->description;
        return bgtask_register(call->name, &call->registration, &call->error);
}

/* The members of @options that are numbers and so on; false: exception pending. */
static bool options_take(eng *e, eng_val options, struct call *call)
{
        eng_val description = eng_get(e, options, "description");
        double interval, timeout;

        if (!eng_to_number(e, eng_get(e, options, "intervalSec"), &interval) ||
            !eng_to_number(e, eng_get(e, options, "executionTimeoutSec"), &timeout) || !description)
                return false;
        /* Whatever is no such number is refused as 0 is. */
        call->registration.interval_sec = interval >= 0 && interval < INT32_MAX ? (int64_t)interval : 0;
        call->registration.execution_timeout_sec = timeout > 0 && timeout < INT32_MAX ? (int64_t)timeout : 0;
        call->registration.disabled = eng_truthy(e, eng_get(e, options, "disabled"));
        if (eng_typeof(e, description) != ENG_STRING)
                return true;
        const char *text = eng_to_string(e, description, NULL);
        return text && (call->description = strdup(text));
}

static eng_val tasks_register(eng *e, eng_args *args, void *data)
{
        const char *id, *command;
        eng_val array, options;

        if (!eng_args_get(e, args, "register", "ssoo", &id, &command, &array, &options))
                return NULL;
        struct call *call = call_new(function_register, id);
        if (!call)
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        call->command = strdup(command);
        call->args = builtin_strings(e, array, TASK_ARGS_MAX);
        if (call->command && call->args && options_take(e, options, call))
                return call_submit(data, e, call);
        call_free(&call->work);
        return eng_pending(e) ? NULL : eng_throw(e, ENG_E_INTERNAL, "out of memory");
}

static int function_remove(struct call *call)
{
        return bgtask_delete(call->name, &call->error);
}

static eng_val tasks_remove(eng *e, eng_args *args, void *data)
{
        const char *id;

        if (!eng_args_get(e, args, "remove", "s", &id))
                return NULL;
        return call_submit(data, e, call_new(function_remove, id));
}

static int function_remove_all(struct call *call)
{
        return bgtask_delete_all(&call->error);
}

static eng_val tasks_remove_all(eng *e, eng_args *args, void *data)
{
        return call_submit(data, e, call_new(function_remove_all, ""));
}

static int function_exists(struct call *call)
{
        return bgtask_exists(call->name, &call->error);
}

static eng_val tasks_exists(eng *e, eng_args *args, void *data)
{
        const char *id;

        if (!eng_args_get(e, args, "exists", "s", &id))
                return NULL;
        return call_submit(data, e, call_new(function_exists, id));
}

/* What is in force: "none" keeps nothing in; "daemon": a run of the daemon that may be its client; "refused": one that may
 * not; "alone": kept in, without a daemon. */
static eng_val tasks_way(eng *e, eng_args *args, void *data)
{
        const struct host *host = data;

        if (host->run_id != 0)
                return eng_cstring(e, host->policy.control_socket ? "daemon" : "refused");
        return eng_cstring(e, host->frame ? "alone" : "none");
}

static const struct builtin_function tasks_functions[] = {
        { "runDetached", 2, tasks_run_detached },
        { "run", 2, tasks_run },
        { "register", 4, tasks_register },
        { "remove", 1, tasks_remove },
        { "removeAll", 0, tasks_remove_all },
        { "exists", 1, tasks_exists },
        { "way", 0, tasks_way },
        { NULL, 0, NULL },
};

static eng_val tasks_create(struct host *host, eng *e)
{
        return builtin_object(host, e, tasks_functions);
}

const struct builtin builtin_tasks = { "tasks", tasks_create };
