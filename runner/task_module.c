/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Where the module of a task is looked for: application, runtime library, and with
 * XPCSHELL_TESTING_MODULES_URI the testing modules. Only a module that is not there at all sends the search
 * on; one that is there and fails ends it, with the reason.
 */
#include "config.h"

#include "runner/task_module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/task.h"
#include "lib/util.h"
#include "runner/components.h"
#include "runner/describe.h"
#include "runner/loader.h"
#include "runner/report.h"

#define COMMAND_LINE_MODULE "resource://gre/modules/bgtask/CommandLine.sys.mjs"
#define CONSOLE_MODULE "resource://gre/modules/Console.sys.mjs"
#define DOM_EXCEPTION_MODULE "resource://gre/modules/bgtask/DOMException.sys.mjs"

static const char *const locations[] = {
        "resource:///" TASK_MODULE_DIRECTORY "/" TASK_MODULE_PREFIX,
        "resource://gre/" TASK_MODULE_DIRECTORY "/" TASK_MODULE_PREFIX,
        "resource://testing-common/backgroundtasks/" TASK_MODULE_PREFIX,
};

static char *copy(const char *text)
{
        return text ? strdup(text) : NULL;
}

static void result_set_error(const struct eng_error *error, struct wire_result *result)
{
        result->error_message = copy(error->message);
        result->error_file = copy(error->file);
        result->error_stack = copy(error->stack);
        result->error_line = error->line;
        result->error_column = error->column;
}

/* All places where it might have been, with the files that these stand for. */
static void not_found(struct host *host, struct wire_result *result)
{
        const struct loader_roots roots = {
                .gre = host->gre_directory,
                .app = host->app_directory,
                .testing = host->testing_directory,
        };
        _cleanup_free_ char *text = NULL;
        size_t size;

        FILE *out = open_memstream(&text, &size);
        if (!out)
                return;
        for (size_t i = 0; i < ARRAY_SIZE(locations); i++) {
                _cleanup_free_ char *url = loader_url(locations[i], host->task, TASK_MODULE_SUFFIX);
                _cleanup_free_ char *path = url ? loader_path(&roots, url) : NULL;
                if (path)
                        fprintf(out, "looked for %s (%s)\n", url, path);
        }
        if (fclose(out) != 0)
                return;
        result->message = format_string("No backgroundtask named '%s' registered", host->task);
        report_line(text, "No backgroundtask named '%s' registered", host->task);
}

static void not_loadable(struct host *host, const char *url, enum eng_import_outcome outcome,
                         struct wire_result *result)
{
        struct eng_error error = { 0 };

        eng_val exception = eng_catch(host->engine);
        describe_exception(host->engine, exception, &error);
        if (!error.file) /* our own errors have no place */
                error.file = url;
        result_set_error(&error, result);
        result->message = format_string("%s: %s", eng_import_outcome_name(outcome),
                                        error.message ? error.message : "");
        report_uncaught(&error);
        char place[32] = "";
        if (error.line > 0)
                snprintf(place, sizeof(place), ":%u:%u", error.line, error.column);
        report_line(NULL, "background task '%s' cannot be loaded: %s: %s%s: %s", host->task,
                    eng_import_outcome_name(outcome), error.file, place, error.message ? error.message : "");
}

/* Gecko's manager says so each time. */
static void substitution_report(void)
{
        _cleanup_free_ char *message = format_string("Substitution set: resource://testing-common aliases %s",
                                                     getenv("XPCSHELL_TESTING_MODULES_URI"));

        if (message)
                report_manager(message, NULL);
}

/* All is loaded: from here on code of the task is executed, or of components that came with it. */
static void task_module_enter(void *data)
{
        const struct host *host = data;

        clock_sleep_until_us(host->begin_monotonic_us);
        report_entered();
}

static enum eng_import_outcome import_first(struct host *host, eng_val *ret_namespace,
                                            struct wire_result *result)
{
        if (host->testing_directory)
                substitution_report();
        components_start(host);
        if (eng_terminating(host->engine))
                return ENG_IMPORT_TERMINATED;
        for (size_t i = 0; i < ARRAY_SIZE(locations); i++) {
                _cleanup_free_ char *url = loader_url(locations[i], host->task, TASK_MODULE_SUFFIX);
                if (!url)
                        break;
                enum eng_import_outcome outcome = eng_import(host->engine, url, NULL, ret_namespace);
                if (outcome == ENG_IMPORT_NOT_FOUND) {
                        eng_catch(host->engine);
                        continue;
                }
                if (outcome != ENG_IMPORT_OK && outcome != ENG_IMPORT_TERMINATED)
                        not_loadable(host, url, outcome, result);
                host->module_url = steal_pointer(url);
                return outcome;
        }
        not_found(host, result);
        return ENG_IMPORT_NOT_FOUND;
}

static eng_ref *command_line; /* made before the run's time; NULL: it could not be */

static eng_val command_line_new(struct host *host)
{
        eng *e = host->engine;
        eng_val namespace;

        eng_val array = eng_array(e, 0, NULL);
        for (uint32_t i = 0; host->args[i]; i++)
                if (!eng_set_at(e, array, i, eng_cstring(e, host->args[i])))
                        return NULL;
        if (eng_import(e, COMMAND_LINE_MODULE, NULL, &namespace) != ENG_IMPORT_OK)
                return NULL;
        const eng_val argv[] = { array, eng_cstring(e, host->working_directory) };
        return eng_construct(e, eng_get(e, namespace, "CommandLine"), ARRAY_SIZE(argv), argv);
}

enum eng_import_outcome task_module_import(struct host *host, eng_val *ret_namespace,
                                           struct wire_result *result)
{
        /* Half of what a run would have to do between its time and its function. */
        eng_val made = command_line_new(host);
        if (made)
                command_line = eng_ref_new(host->engine, made);
        else if (!eng_terminating(host->engine))
                eng_catch(host->engine); /* it is tried again, and told then */
        eng_before_evaluation(host->engine, task_module_enter, host);
        enum eng_import_outcome outcome = import_first(host, ret_namespace, result);
        eng_before_evaluation(host->engine, NULL, NULL);
        clock_sleep_until_us(host->begin_monotonic_us); /* also what fails does so at its time */
        return outcome;
}

eng_val task_module_command_line(struct host *host)
{
        return command_line ? eng_ref_get(command_line) : command_line_new(host);
}

/* An exception of XPCOM is shown in its own text, with its stack if it has one, as Gecko's console does. false: it is none. */
static bool show_exception(eng *e, eng_val exception, struct eng_error *shown)
{
        static const char mark[] = "[Exception... ";

        const char *text = eng_to_string(e, exception, NULL);
        if (!text || strncmp(text, mark, strlen(mark)) != 0) {
                (void)eng_catch(e);
                return false;
        }
        const char *stack = eng_to_string(e, eng_get(e, exception, "stack"), NULL);
        if (!stack)
                (void)eng_catch(e);
        shown->message = text;
        shown->stack = stack;
        if (stack && !*stack) {
                _cleanup_free_ char *line = format_string("Message: %s", text);
                shown->message = line ? eng_to_string(e, eng_cstring(e, line), NULL) : NULL;
                shown->stack = NULL;
        }
        return true;
}

static bool is_dom_exception(eng *e, eng_val exception)
{
        eng_val namespace;

        if (!eng_module_loaded(e, DOM_EXCEPTION_MODULE) ||
            eng_import(e, DOM_EXCEPTION_MODULE, NULL, &namespace) != ENG_IMPORT_OK)
                return false;
        eng_val is = eng_call_method(e, eng_get(e, namespace, "DOMException"), "isInstance", 1, &exception);
        return is && eng_truthy(e, is);
}

/* What is no error of the language, or nothing, is listed by the console itself, as Gecko's manager does it. */
static bool list_exception(eng *e, const char *message, eng_val exception)
{
        eng_val namespace;

        if (eng_import(e, CONSOLE_MODULE, NULL, &namespace) != ENG_IMPORT_OK) {
                (void)eng_catch(e);
                return false;
        }
        eng_val options = eng_object(e);
        if (!eng_set(e, options, "prefix", eng_cstring(e, "BackgroundTasksManager")))
                options = NULL;
        eng_val console = eng_construct(e, eng_get(e, namespace, "ConsoleAPI"), 1, &options);
        const eng_val argv[] = { eng_cstring(e, message), exception };
        if (eng_call_method(e, console, "error", ARRAY_SIZE(argv), argv))
                return true;
        (void)eng_catch(e);
        return false;
}

static void say_exception(struct host *host, const char *message, eng_val exception,
                          const struct eng_error *error)
{
        eng *e = host->engine;
        struct eng_error shown = *error;
        enum eng_type type = eng_typeof(e, exception);

        /* The console has a stack for errors only, not for a text or number that was thrown. */
        if (type == ENG_ERROR && !shown.stack)
                shown.stack = "";
        else if (type < ENG_OBJECT)
                shown.stack = NULL;
        bool lists = type == ENG_OBJECT  ? !show_exception(e, exception, &shown)
                     : type == ENG_ERROR ? is_dom_exception(e, exception)
                                         : type == ENG_UNDEFINED || type == ENG_NULL;
        if (!lists || !exception || eng_terminating(e) || !list_exception(e, message, exception))
                report_manager(message, &shown);
}

void task_module_threw(struct host *host, eng_val exception, struct wire_result *result)
{
        struct eng_error error = { .message = "an exception without a value" };

        if (exception)
                describe_exception(host->engine, exception, &error);
        if (!error.file) /* it came of the call itself, and not of anything in the module */
                error.file = host->module_url;
        result_set_error(&error, result);
        result->message = copy(error.message);
        _cleanup_free_ char *message = format_string("Backgroundtask named '%s' threw exception", host->task);
        if (message)
                say_exception(host, message, exception, &error);
        report_uncaught(&error);
}

bool task_module_is_out_of_memory(eng *e, eng_val exception)
{
        if (!exception || eng_typeof(e, exception) != ENG_STRING)
                return false;
        const char *text = eng_to_string(e, exception, NULL);
        return text && strcmp(text, "out of memory") == 0;
}
