/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Precedence: the daemon's own reason to end it (given only while the run had not reported its end), then what
 * went wrong before the task, then a signal, then the report, then the bare exit code. A run without a report is
 * never a success: something ended it that was not the task.
 */
#include "config.h"

#include "daemon/conclude.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/util.h"

static enum run_result result_of_outcome(enum wire_outcome outcome)
{
        switch (outcome) {
        case WIRE_OUTCOME_SUCCESS:
                return RUN_RESULT_SUCCESS;
        case WIRE_OUTCOME_EXITED:
                return RUN_RESULT_EXITED;
        case WIRE_OUTCOME_NOT_FOUND:
                return RUN_RESULT_NOT_FOUND;
        case WIRE_OUTCOME_EXCEPTION:
                return RUN_RESULT_EXCEPTION;
        case WIRE_OUTCOME_TIMEOUT:
                return RUN_RESULT_TIMEOUT;
        case WIRE_OUTCOME_QUIT:
                return RUN_RESULT_QUIT;
        case WIRE_OUTCOME_MEMORY:
                return RUN_RESULT_MEMORY;
        case WIRE_OUTCOME_START_FAILED:
                return RUN_RESULT_SETUP_FAILED;
        }
        return RUN_RESULT_EXITED;
}

/* An exit without a report. */
static enum run_result result_of_exit_code(int exit_code, bool reached_task)
{
        switch (exit_code) {
        case TASK_EXIT_START_FAILED:
                return reached_task ? RUN_RESULT_EXITED : RUN_RESULT_SETUP_FAILED;
        case TASK_EXIT_NOT_FOUND:
                return RUN_RESULT_NOT_FOUND;
        case TASK_EXIT_EXCEPTION:
                return RUN_RESULT_EXCEPTION;
        case TASK_EXIT_TIMEOUT:
                return RUN_RESULT_TIMEOUT;
        default:
                return RUN_RESULT_EXITED;
        }
}

/* The kernel ended it at a limit of memory: it, or its last process, went without a word. */
static bool ended_by_memory(const struct ending *ending)
{
        return ending->out_of_memory && ending->signaled && ending->signal == SIGKILL;
}

/* SIGXCPU at the limit; SIGKILL a second later for those that live through that. */
static bool ended_by_cpu_limit(const struct ending *ending)
{
        if (!ending->signaled)
                return false;
        return ending->signal == SIGXCPU || (ending->signal == SIGKILL && ending->cpu_limit_us > 0 &&
                                             ending->usage.cpu_time_us >= ending->cpu_limit_us);
}

static void conclude_state(const struct ending *ending, struct run *run)
{
        run->state = RUN_FINISHED;
        if (ending->setup_error || ending->setup_failure)
                run->result = RUN_RESULT_SETUP_FAILED;
        else if (ending->signaled)
                run->result = ended_by_memory(ending) ? RUN_RESULT_MEMORY : RUN_RESULT_KILLED;
        else if (ending->report && ending->report->result.outcome == WIRE_OUTCOME_SUCCESS &&
                 ending->exit_code != 0)
                run->result = RUN_RESULT_EXITED;
        else if (ending->report)
                run->result = result_of_outcome(ending->report->result.outcome);
        else
                run->result = result_of_exit_code(ending->exit_code, ending->reached_task);

        switch (ending->reason) {
        case END_BY_ITSELF:
                break;
        case END_CANCELLED:
                run->state = RUN_CANCELLED;
                run->result = RUN_RESULT_CANCELLED;
                break;
        case END_DEADLINE:
                run->result = RUN_RESULT_DEADLINE;
                break;
        case END_SHUTDOWN:
        case END_INTERRUPTED:
                run->state = RUN_INTERRUPTED;
                run->result = RUN_RESULT_INTERRUPTED;
                break;
        case END_CONDITION:
                run->state = RUN_CANCELLED;
                run->result = RUN_RESULT_CONDITION_LOST;
                break;
        case END_LOST:
                run->state = RUN_LOST;
                run->result = RUN_RESULT_INTERRUPTED;
                break;
        }
}

/* One line, malloc'd; NULL: nothing to say. */
static char *conclude_message(const struct ending *ending, const struct run *run)
{
        char duration[32];

        if (ending->why)
                return strdup(ending->why);
        if (ending->abandoned)
                return strdup(
                        "it does not end when it is killed: its process was left, and may still be there");
        if (run->result == RUN_RESULT_CONDITION_LOST)
                return strdup("ended because a condition of its schedule ceased to hold");
        if (run->state == RUN_CANCELLED)
                return strdup("cancelled");
        if (run->state == RUN_INTERRUPTED)
                return strdup("ended because the daemon ended");
        if (run->result == RUN_RESULT_DEADLINE)
                return format_string("killed by the daemon: still there after %s",
                                     duration_format(ending->limit_us, duration, sizeof(duration)));
        if (ending->setup_error)
                return strdup(ending->setup_error);
        if (ending->setup_failure)
                return format_string(
                        "set-up failed at %s: %s",
                        ending->setup_failure->stage ? ending->setup_failure->stage : "an unknown stage",
                        ending->setup_failure->result.message ? ending->setup_failure->result.message
                                                              : strerror(ending->setup_failure->error));
        if (ended_by_memory(ending))
                return strdup("killed by the kernel: it used more memory than its MemoryMax= allows");
        if (ended_by_cpu_limit(ending))
                return strdup("killed by the kernel: it used more processor time than its LimitCPU= allows");
        if (ending->signaled)
                return format_string("killed by signal %d (%s)", ending->signal, strsignal(ending->signal));
        if (ending->report)
                return ending->report->result.message ? strdup(ending->report->result.message) : NULL;
        if (ending->exited)
                return format_string("exited with %d and reported nothing", ending->exit_code);
        return strdup("its exit status is not known");
}

static int detail_set(json_t *detail, const char *name, json_t *value)
{
        return json_object_set_new(detail, name, value) < 0 ? -ENOMEM : 0;
}

static int detail_set_text(json_t *detail, const char *name, const char *text)
{
        return text ? detail_set(detail, name, json_string(text)) : 0;
}

static int conclude_error(const struct wire_result *result, json_t *detail)
{
        json_t *error = json_object();

        if (!error)
                return -ENOMEM;
        int r = detail_set_text(error, "message", result->error_message);
        if (r == 0)
                r = detail_set_text(error, "file", result->error_file);
        if (r == 0 && result->error_line)
                r = detail_set(error, "line", json_integer(result->error_line));
        if (r == 0 && result->error_column)
                r = detail_set(error, "column", json_integer(result->error_column));
        if (r == 0)
                r = detail_set_text(error, "stack", result->error_stack);
        if (r < 0) {
                json_decref(error);
                return r;
        }
        return detail_set(detail, "error", error);
}

int conclude(const struct ending *ending, struct run *run)
{
        int r = 0;
        json_t *detail = json_object();

        if (!detail)
                return -ENOMEM;
        run->exit_code = ending->exited ? ending->exit_code & 0xff : -1;
        run->signal = ending->signaled ? ending->signal : 0;
        conclude_state(ending, run);
        _cleanup_free_ char *message = conclude_message(ending, run);
        if (ending->report) {
                r = detail_set(detail, "exitValue", json_integer(ending->report->result.value));
                if (r == 0 && ending->report->result.error_message)
                        r = conclude_error(&ending->report->result, detail);
        }
        if (r == 0)
                r = detail_set_text(detail, "message", message);
        for (size_t i = 0; r == 0 && i < USAGE_MEMBERS; i++)
                if (usage_value(&ending->usage, &usage_members[i]) > 0)
                        r = detail_set(detail, usage_members[i].name,
                                       json_integer(usage_value(&ending->usage, &usage_members[i])));
        if (r == 0)
                r = detail_set_text(detail, "sandbox", ending->sandbox);
        if (r == 0 && ending->denied)
                r = detail_set(detail, "denied", json_incref(ending->denied));
        if (r < 0) {
                json_decref(detail);
                return r;
        }
        json_t *attempts = json_object_get(run->detail, "attempts");
        if (attempts && json_object_set(detail, "attempts", attempts) < 0) {
                json_decref(detail);
                return -ENOMEM;
        }
        json_decref(run->detail);
        run->detail = detail;
        return 0;
}
