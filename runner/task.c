/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The life of a task is a state machine that timers, promises and interrupts drive:
 *
 *   DELAYED ---task_load---> LOADING ---task_call---> RUNNING ---task_settle, task_time_out---> SETTLED
 *                               |                        |                                         |
 *                               |task_load,              |task_fail,                task_settled_wait,
 *                               |task_stopped            |task_stopped              timer_call: the minimum
 *                               v                        v                          runtime is over
 *                               +--------------------> SHUTDOWN <----------------------------------+
 *                                                        |
 *                                                        |task_finish
 *                                                        v
 *                                                       DONE
 *
 * Services.startup.quit leads from every state before SHUTDOWN straight to it, at the next turn. Two things
 * watch the time. A libevent timer ends what waits in the event loop; the watchdog, a little later, ends JS
 * that does not return to it, and much later the process. Each state sets both as it begins. When JS was
 * terminated, nothing of the engine works until eng_resume(), which task_stopped() calls.
 *
 * The result is set once, by the edge that leads out of LOADING or RUNNING (or by quit before that).
 */
#include "config.h"

#include "runner/task.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/exit_code.h"
#include "lib/util.h"
#include "runner/denial.h"
#include "runner/exit_status.h"
#include "runner/loop.h"
#include "runner/report.h"
#include "runner/task_module.h"
#include "runner/timing.h"
#include "runner/usage.h"
#include "runner/watchdog.h"
#include "runner/work.h"

#define SHUTDOWN_MODULE "resource://gre/modules/bgtask/Shutdown.sys.mjs"
#define GRACE_US (5 * (int64_t)USEC_PER_MSEC) /* JS that ends this soon after its time is not interrupted */
#define QUIT_US (1 * (int64_t)USEC_PER_SEC)   /* for what runs on after Services.startup.quit */
#define LAST_RESORT_US (10 * (int64_t)USEC_PER_SEC) /* after the interrupt: native code goes on */

enum task_state {
        TASK_DELAYED,
        TASK_LOADING,
        TASK_RUNNING,
        TASK_SETTLED, /* the result is known, the minimum runtime not over */
        TASK_SHUTDOWN,
        TASK_DONE,
};

struct task_life {
        struct host *host;
        enum task_state state;
        struct timing timing;
        struct event *timer; /* what the state waits for in the event loop */
        eng_ref *awaited;    /* the promise of runBackgroundTask or notifyShutdown; NULL: none */
        int64_t called_us;   /* when runBackgroundTask was called */
        int64_t frozen_us;   /* how long the run had been frozen when the timer was set */
        bool has_result;
        bool quitting;
        int stop_why; /* why JS was last terminated */
        char *stack;  /* and where */
        struct wire_result result;
};

static void task_shut_down(struct task_life *life);

/* ---- state, time, result ---- */

static void state_enter(struct task_life *life, enum task_state state)
{
        eng_ref_free(life->host->engine, steal_pointer(life->awaited));
        free(steal_pointer(life->stack));
        event_del(life->timer);
        life->state = state;
}

static void timer_set(struct task_life *life, int64_t delay_us)
{
        const struct timeval delay = {
                .tv_sec = delay_us / (int64_t)USEC_PER_SEC,
                .tv_usec = delay_us % (int64_t)USEC_PER_SEC,
        };
        life->frozen_us = report_frozen_us();
        event_add(life->timer, &delay);
}

/* JS may run until @until_us. */
static void js_bound(struct task_life *life, int64_t until_us)
{
        int code = life->has_result ? life->result.exit_code : TASK_EXIT_TIMEOUT;

        watchdog_set(until_us + GRACE_US, until_us + LAST_RESORT_US, code);
}

static void result_set(struct task_life *life, enum wire_outcome outcome, int exit_code, int64_t value)
{
        if (life->has_result)
                return;
        life->has_result = true;
        life->result.outcome = outcome;
        life->result.exit_code = exit_code;
        life->result.value = value;
}

static void complain(void *data, const char *message)
{
        struct task_life *life = data;

        report_line(NULL, "background task '%s': %s", life->host->task, message);
}

/* ---- ends ---- */

static void task_finish(struct task_life *life)
{
        state_enter(life, TASK_DONE);
        watchdog_set(0, clock_monotonic_us() + LAST_RESORT_US, life->result.exit_code);
        loop_break(life->host);
}

/* The result is known: on to the shutdown phase once the minimum runtime is over. */
static void task_settled_wait(struct task_life *life)
{
        int64_t end_us = life->called_us + life->timing.minimum_us;
        int64_t left_us = end_us - clock_monotonic_us();

        if (left_us <= 0 || life->quitting) {
                task_shut_down(life);
                return;
        }
        state_enter(life, TASK_SETTLED);
        timer_set(life, left_us);
        js_bound(life, MAX(end_us, life->called_us + life->timing.timeout_us));
}

static void task_fail(struct task_life *life, eng_val exception)
{
        enum wire_outcome outcome = task_module_is_out_of_memory(life->host->engine, exception)
                                            ? WIRE_OUTCOME_MEMORY
                                            : WIRE_OUTCOME_EXCEPTION;

        if (!life->has_result)
                task_module_threw(life->host, exception, &life->result);
        result_set(life, outcome, TASK_EXIT_EXCEPTION, TASK_EXIT_EXCEPTION);
        task_shut_down(life);
}

static void task_settle(struct task_life *life, eng_val value)
{
        struct exit_status status;

        if (!exit_status_from_value(life->host->engine, value, &status)) {
                /* When terminated, task_turn() sees to it. */
                if (!eng_terminating(life->host->engine))
                        task_fail(life, eng_catch(life->host->engine));
                return;
        }
        result_set(life, status.code == 0 ? WIRE_OUTCOME_SUCCESS : WIRE_OUTCOME_EXITED, status.code,
                   status.value);
        if (status.truncated && status.value == (int64_t)(int32_t)status.value)
                complain(life, "only the low 8 bits of what it returned are its exit code");
        task_settled_wait(life);
}

/* Keep what is known of a task that was stopped, for its record. */
static void stopped_record(struct task_life *life, const char *message)
{
        life->result.message = strdup(message);
        life->result.error_message = strdup(message);
        life->result.error_stack = steal_pointer(life->stack);
        report_line(life->result.error_stack, "background task '%s': %s%s", life->host->task, message,
                    life->result.error_stack ? ", in" : "");
}

static void task_time_out(struct task_life *life)
{
        char text[192], time[32];
        bool loading = life->state == TASK_LOADING;

        duration_format(loading ? life->timing.load_us : life->timing.timeout_us, time, sizeof(time));
        snprintf(text, sizeof(text), "timed out after %s%s", time,
                 loading       ? " while its module was evaluated"
                 : life->stack ? ""
                               : " while it waited: no JavaScript was running");
        _cleanup_free_ char *manager = format_string("Background task named '%s' timed out",
                                                     life->host->task);
        if (manager)
                report_manager(manager, NULL);
        stopped_record(life, text);
        result_set(life, WIRE_OUTCOME_TIMEOUT, TASK_EXIT_TIMEOUT, TASK_EXIT_TIMEOUT);
        if (loading)
                task_shut_down(life);
        else
                task_settled_wait(life);
}

static void task_exhaust(struct task_life *life)
{
        stopped_record(life, "stopped because it used too much memory");
        result_set(life, WIRE_OUTCOME_MEMORY, TASK_EXIT_EXCEPTION, TASK_EXIT_EXCEPTION);
        eng_collect(life->host->engine, true);
        task_shut_down(life);
}

static void cpu_used_describe(const struct task_life *life, char *ret, size_t size)
{
        snprintf(ret, size, "used more than its processor time of %" PRIu64 " s (LimitCPU=)",
                 life->host->cpu_limit_sec);
}

static void task_use_up_cpu(struct task_life *life)
{
        char text[96];

        cpu_used_describe(life, text, sizeof(text));
        stopped_record(life, text);
        result_set(life, WIRE_OUTCOME_TIMEOUT, TASK_EXIT_TIMEOUT, TASK_EXIT_TIMEOUT);
        task_shut_down(life);
}

/* JS was terminated: go on without what it was doing. */
static void task_stopped(struct task_life *life)
{
        eng_resume(life->host->engine);
        switch (life->state) {
        case TASK_DELAYED:
        case TASK_LOADING:
        case TASK_RUNNING:
                if (life->quitting)
                        task_shut_down(life);
                else if (life->stop_why == ENG_WHY_MEMORY)
                        task_exhaust(life);
                else if (life->stop_why == WATCHDOG_WHY_CPU)
                        task_use_up_cpu(life);
                else
                        task_time_out(life);
                break;
        case TASK_SETTLED:
                task_shut_down(life);
                break;
        case TASK_SHUTDOWN:
                report_line(life->stack, "background task '%s': stopped in its shutdown phase, in",
                            life->host->task);
                task_finish(life);
                break;
        case TASK_DONE:
                break;
        }
}

/* ---- beginning ---- */

/* Wait for what a function returned. NULL: it threw or was terminated. */
static bool await(struct task_life *life, eng_val returned)
{
        eng *e = life->host->engine;

        eng_val promise = eng_promise_resolved(e, returned);
        if (!promise)
                return false;
        eng_promise_watch(e, promise);
        life->awaited = eng_ref_new(e, promise);
        return life->awaited != NULL;
}

static void task_shut_down(struct task_life *life)
{
        eng *e = life->host->engine;
        eng_val namespace;

        state_enter(life, TASK_SHUTDOWN);
        if (!eng_module_loaded(e, SHUTDOWN_MODULE)) {
                task_finish(life);
                return;
        }
        timer_set(life, life->timing.shutdown_us);
        js_bound(life, clock_monotonic_us() + life->timing.shutdown_us);
        bool called = eng_import(e, SHUTDOWN_MODULE, NULL, &namespace) == ENG_IMPORT_OK &&
                      await(life, eng_call_method(e, namespace, "notifyShutdown", 0, NULL));
        if (!called && !eng_terminating(e)) {
                host_report_exception(life->host, eng_catch(e));
                task_finish(life);
                return;
        }
        task_turn(life);
}

static void task_call(struct task_life *life, eng_val namespace)
{
        struct host *host = life->host;
        eng *e = host->engine;

        eng_val function = eng_get(e, namespace, "runBackgroundTask");
        timing_from_module(e, namespace, complain, life, &life->timing);
        timing_from_policy(&host->policy, &life->timing);
        eng_val command_line = eng_terminating(e) ? NULL : task_module_command_line(host);
        if (!command_line) {
                if (eng_terminating(e))
                        task_stopped(life);
                else
                        task_fail(life, eng_catch(e));
                return;
        }
        state_enter(life, TASK_RUNNING);
        report_started(host->result_fd,
                       MAX(life->timing.timeout_us, life->timing.minimum_us) + life->timing.shutdown_us +
                               2 * GRACE_US,
                       &host->sandbox);
        life->called_us = clock_monotonic_us();
        timer_set(life, life->timing.timeout_us);
        js_bound(life, life->called_us + life->timing.timeout_us);
        eng_val returned = eng_typeof(e, function) == ENG_FUNCTION
                                   ? eng_call(e, function, NULL, 1, &command_line)
                                   : eng_throw(e, ENG_E_TYPE,
                                               "taskModule.runBackgroundTask is not a function");
        if (!await(life, returned) && !eng_terminating(e)) {
                task_fail(life, eng_catch(e));
                return;
        }
        task_turn(life);
}

static void task_load(struct task_life *life)
{
        eng_val namespace;
        eng_scope scope;

        state_enter(life, TASK_LOADING);
        js_bound(life, clock_monotonic_us() + life->timing.load_us);
        eng_scope_open(life->host->engine, &scope);
        enum eng_import_outcome outcome = task_module_import(life->host, &namespace, &life->result);
        if (outcome == ENG_IMPORT_TERMINATED) {
                task_stopped(life);
        } else if (outcome != ENG_IMPORT_OK) {
                result_set(life, WIRE_OUTCOME_NOT_FOUND, TASK_EXIT_NOT_FOUND, TASK_EXIT_NOT_FOUND);
                task_shut_down(life);
        } else if (life->quitting) {
                task_shut_down(life);
        } else {
                task_call(life, namespace);
        }
        eng_scope_close(life->host->engine, &scope, NULL);
}

/* ---- what drives it ---- */

/* Look at the promise that is waited for. */
static void task_look(struct task_life *life)
{
        eng *e = life->host->engine;
        eng_val value = ENG_UNDEF;

        enum eng_promise_state state = eng_promise_state(e, eng_ref_get(life->awaited), &value);
        if (state == ENG_PENDING)
                return;
        eng_ref_free(e, steal_pointer(life->awaited));
        if (life->state == TASK_SHUTDOWN) {
                if (state == ENG_REJECTED)
                        host_report_exception(life->host, value);
                task_finish(life);
        } else if (state == ENG_REJECTED) {
                task_fail(life, value);
        } else {
                task_settle(life, value);
        }
}

void task_turn(struct task_life *life)
{
        eng *e = life->host->engine;
        eng_scope scope;

        if (life->state == TASK_DONE)
                return;
        (void)eng_run_jobs(e);
        eng_scope_open(e, &scope);
        if (life->quitting && life->state < TASK_SHUTDOWN && !eng_terminating(e))
                task_shut_down(life);
        else if (life->awaited && !eng_terminating(e))
                task_look(life);
        if (eng_terminating(e))
                task_stopped(life);
        eng_scope_close(e, &scope, NULL);
}

static void timer_call(void *data)
{
        struct task_life *life = data;
        int64_t frozen_us = report_frozen_us() - life->frozen_us;

        if (frozen_us > 0) {
                life->called_us += frozen_us;
                timer_set(life, frozen_us);
                return;
        }
        switch (life->state) {
        case TASK_DELAYED:
                task_load(life);
                break;
        case TASK_RUNNING:
                task_time_out(life);
                break;
        case TASK_SETTLED:
                task_shut_down(life);
                break;
        case TASK_SHUTDOWN:
                complain(life, "its shutdown phase did not end in time");
                task_finish(life);
                break;
        case TASK_LOADING:
        case TASK_DONE:
                break;
        }
}

void task_quit(struct task_life *life, int exit_code)
{
        if (life->quitting || life->state >= TASK_SHUTDOWN)
                return;
        life->quitting = true;
        life->has_result = false; /* it beats a result that only waits for the minimum runtime */
        result_set(life, WIRE_OUTCOME_QUIT, exit_code & 0xff, exit_code);
        js_bound(life, clock_monotonic_us() + QUIT_US);
}

bool task_interrupted(struct task_life *life, int why)
{
        if (why != ENG_WHY_MEMORY && !watchdog_is_due())
                return true;
        life->stop_why = why;
        free(life->stack);
        const char *stack = eng_current_stack(life->host->engine);
        life->stack = stack ? strdup(stack) : NULL;
        return false;
}

/* On the watchdog's thread, right before the process leaves: the engine's is in native code that does not end,
 * or held up in it, so nothing of the task changes meanwhile. */
static void task_stuck(void *data, char *stack)
{
        static char message[96] = "timed out in native code, which could not be interrupted";
        struct task_life *life = data;
        struct wire_result result = life->result;

        if (watchdog_cpu_is_used())
                cpu_used_describe(life, message, sizeof(message));
        if (!life->has_result)
                result = (struct wire_result){
                        .outcome = WIRE_OUTCOME_TIMEOUT,
                        .exit_code = TASK_EXIT_TIMEOUT,
                        .value = TASK_EXIT_TIMEOUT,
                        .message = message,
                        .error_message = message,
                        .error_stack = stack,
                };
        report_line(stack, "background task '%s': %s%s", life->host->task, message, stack ? ", in" : "");
        usage_fill(NULL, &result);
        denial_flush();
        report_output(life->host->result_fd);
        report_finished(life->host->result_fd, &result);
}

int task_run(struct host *host, struct wire_result *ret, struct error *error)
{
        static struct task_life life;
        static struct loop_call on_timer = { .run = timer_call, .data = &life, .top = true };

        life.host = host;
        timing_from_prefs(host->prefs, complain, &life, &life.timing);
        int r = watchdog_start(host->engine, task_stuck, &life);
        if (r < 0)
                return error_set_errno(error, -r, "cannot start the watchdog thread");
        if (host->cpu_limit_sec > 0 && (r = watchdog_cpu()) < 0)
                return error_set_errno(error, -r, "cannot start a thread for SIGXCPU");
        life.timer = event_new(host->base, -1, 0, loop_event, &on_timer);
        if (!life.timer)
                return error_set_errno(error, ENOMEM, "event loop");
        host->life = &life;
        if (life.timing.delay_us > 0)
                timer_set(&life, life.timing.delay_us);
        else
                task_load(&life);
        while (life.state != TASK_DONE)
                if (loop_turn(host) < 0)
                        return error_set_errno(error, EIO, "event loop");
        work_drain(host, MIN(life.timing.shutdown_us, LAST_RESORT_US / 2));
        *ret = life.result;
        return 0;
}
