/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/conclude.h"

#include <errno.h>

#include "tests/unit/unit.h"

static const struct wire_report success_report = { .event = WIRE_EVENT_FINISHED,
                                                   .result = { .outcome = WIRE_OUTCOME_SUCCESS } };
static const struct wire_report exited = {
        .event = WIRE_EVENT_FINISHED,
        .result = { .outcome = WIRE_OUTCOME_EXITED, .exit_code = 44, .value = 300 }
};
static const struct wire_report timeout = {
        .event = WIRE_EVENT_FINISHED,
        .result = { .outcome = WIRE_OUTCOME_TIMEOUT, .exit_code = 4, .value = 4 }
};
static const struct wire_report start_failed = {
        .event = WIRE_EVENT_FINISHED, .result = { .outcome = WIRE_OUTCOME_START_FAILED, .exit_code = 1 }
};
static const struct wire_report setup = { .event = WIRE_EVENT_SETUP_FAILED,
                                          .stage = (char *)"profile",
                                          .error = ENOSPC };

static const struct {
        const char *what;
        struct ending ending;
        enum run_state state;
        enum run_result result;
        int exit_code, signal;
        const char *message; /* a part of it; NULL: none */
} endings[] = {
        { "success",
          { .exited = true, .report = &success_report, .reached_task = true },
          RUN_FINISHED,
          RUN_RESULT_SUCCESS,
          0,
          0,
          NULL },
        { "a code",
          { .exited = true, .exit_code = 44, .report = &exited },
          RUN_FINISHED,
          RUN_RESULT_EXITED,
          44,
          0,
          NULL },
        { "timeout",
          { .exited = true, .exit_code = 4, .report = &timeout },
          RUN_FINISHED,
          RUN_RESULT_TIMEOUT,
          4,
          0,
          NULL },
        { "start failed",
          { .exited = true, .exit_code = 1, .report = &start_failed },
          RUN_FINISHED,
          RUN_RESULT_SETUP_FAILED,
          1,
          0,
          NULL },
        /* The kernel knows better than the run. */
        { "success, but another exit code",
          { .exited = true, .exit_code = 1, .report = &success_report },
          RUN_FINISHED,
          RUN_RESULT_EXITED,
          1,
          0,
          NULL },
        { "success, then a crash",
          { .signaled = true, .signal = 11, .report = &success_report },
          RUN_FINISHED,
          RUN_RESULT_KILLED,
          -1,
          11,
          "signal 11" },
        { "a crash", { .signaled = true, .signal = 6 }, RUN_FINISHED, RUN_RESULT_KILLED, -1, 6, "signal 6" },
        { "out of its cgroup's memory",
          { .signaled = true, .signal = 9, .out_of_memory = true, .reached_task = true },
          RUN_FINISHED,
          RUN_RESULT_MEMORY,
          -1,
          9,
          "MemoryMax=" },
        /* A process that it had started was killed; it went on. */
        { "out of memory and success",
          { .exited = true, .report = &success_report, .out_of_memory = true, .reached_task = true },
          RUN_FINISHED,
          RUN_RESULT_SUCCESS,
          0,
          0,
          NULL },
        { "SIGXCPU",
          { .signaled = true, .signal = 24 },
          RUN_FINISHED,
          RUN_RESULT_KILLED,
          -1,
          24,
          "LimitCPU=" },
        { "killed at the limit of processor time",
          { .signaled = true, .signal = 9, .cpu_limit_us = 1000000, .usage = { .cpu_time_us = 1000001 } },
          RUN_FINISHED,
          RUN_RESULT_KILLED,
          -1,
          9,
          "LimitCPU=" },
        { "killed before it",
          { .signaled = true, .signal = 9, .cpu_limit_us = 1000000, .usage = { .cpu_time_us = 999999 } },
          RUN_FINISHED,
          RUN_RESULT_KILLED,
          -1,
          9,
          "signal 9" },
        { "nothing reported, 0",
          { .exited = true, .reached_task = true },
          RUN_FINISHED,
          RUN_RESULT_EXITED,
          0,
          0,
          "reported nothing" },
        { "nothing reported, 1, before the task",
          { .exited = true, .exit_code = 1 },
          RUN_FINISHED,
          RUN_RESULT_SETUP_FAILED,
          1,
          0,
          "reported nothing" },
        { "nothing reported, 1, in the task",
          { .exited = true, .exit_code = 1, .reached_task = true },
          RUN_FINISHED,
          RUN_RESULT_EXITED,
          1,
          0,
          "reported nothing" },
        { "nothing reported, 3",
          { .exited = true, .exit_code = 3 },
          RUN_FINISHED,
          RUN_RESULT_EXCEPTION,
          3,
          0,
          "reported nothing" },
        { "set-up failed",
          { .exited = true, .exit_code = 1, .setup_failure = &setup },
          RUN_FINISHED,
          RUN_RESULT_SETUP_FAILED,
          1,
          0,
          "profile: No space left" },
        { "no process",
          { .setup_error = "no process could be made" },
          RUN_FINISHED,
          RUN_RESULT_SETUP_FAILED,
          -1,
          0,
          "no process" },
        { "status lost", { .reached_task = true }, RUN_FINISHED, RUN_RESULT_EXITED, -1, 0, "not known" },
        { "cancelled",
          { .reason = END_CANCELLED, .signaled = true, .signal = 15 },
          RUN_CANCELLED,
          RUN_RESULT_CANCELLED,
          -1,
          15,
          "cancelled" },
        { "cancelled, and ended well",
          { .reason = END_CANCELLED, .exited = true, .report = &success_report },
          RUN_CANCELLED,
          RUN_RESULT_CANCELLED,
          0,
          0,
          "cancelled" },
        { "cancelled without a process",
          { .reason = END_CANCELLED },
          RUN_CANCELLED,
          RUN_RESULT_CANCELLED,
          -1,
          0,
          "cancelled" },
        { "deadline",
          { .reason = END_DEADLINE, .limit_us = 2000000, .signaled = true, .signal = 9 },
          RUN_FINISHED,
          RUN_RESULT_DEADLINE,
          -1,
          9,
          "after 2s" },
        { "the daemon ends",
          { .reason = END_SHUTDOWN, .signaled = true, .signal = 15 },
          RUN_INTERRUPTED,
          RUN_RESULT_INTERRUPTED,
          -1,
          15,
          "daemon ended" },
};

START_TEST(test_ending)
{
        struct run run = { .state = RUN_RUNNING };
        const char *what = endings[_i].what;

        ck_assert_int_eq(conclude(&endings[_i].ending, &run), 0);
        ck_assert_msg(run.state == endings[_i].state, "%s: state %s", what, run_state_name(run.state));
        ck_assert_msg(run.result == endings[_i].result, "%s: result %s", what, run_result_name(run.result));
        ck_assert_msg(run.exit_code == endings[_i].exit_code, "%s: exit code %d", what, run.exit_code);
        ck_assert_msg(run.signal == endings[_i].signal, "%s: signal %d", what, run.signal);
        const char *message = json_string_value(json_object_get(run.detail, "message"));
        if (endings[_i].message)
                ck_assert_msg(message && strstr(message, endings[_i].message), "%s: message %s", what,
                              message);
        else
                ck_assert_msg(!message, "%s: message %s", what, message);
        run_done(&run);
}
END_TEST

/* No ending but a reported success counts as one. */
START_TEST(test_failure_is_no_success)
{
        struct run run = { .state = RUN_RUNNING };

        ck_assert_int_eq(conclude(&endings[_i].ending, &run), 0);
        bool success = endings[_i].ending.report == &success_report && !endings[_i].ending.signaled &&
                       endings[_i].ending.exit_code == 0 && endings[_i].ending.reason == END_BY_ITSELF;
        ck_assert_int_eq(run_failed(&run), !success);
        run_done(&run);
}
END_TEST

START_TEST(test_details)
{
        const struct wire_report report = {
                .event = WIRE_EVENT_FINISHED,
                .result = { .outcome = WIRE_OUTCOME_EXCEPTION,
                            .exit_code = 3,
                            .value = 3,
                            .error_message = (char *)"x is undefined",
                            .error_file = (char *)"resource:///a.mjs",
                            .error_stack = (char *)"f@resource:///a.mjs:7:9",
                            .error_line = 7,
                            .error_column = 9 },
        };
        const struct ending ending = { .exited = true,
                                       .exit_code = 3,
                                       .report = &report,
                                       .usage = { .cpu_time_us = 5, .max_rss_bytes = 6 } };
        struct run run = { .state = RUN_RUNNING };
        json_t *expected = json_pack("{s:i, s:{s:s, s:s, s:i, s:i, s:s}, s:i, s:i}", "exitValue", 3, "error",
                                     "message", "x is undefined", "file", "resource:///a.mjs", "line", 7,
                                     "column", 9, "stack", "f@resource:///a.mjs:7:9", "cpuTimeUs", 5,
                                     "maxRssBytes", 6);

        ck_assert_int_eq(conclude(&ending, &run), 0);
        ck_assert(json_equal(run.detail, expected));
        json_decref(expected);
        run_done(&run);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_ending, 0, ARRAY_SIZE(endings));
        tcase_add_loop_test(test_case, test_failure_is_no_success, 0, ARRAY_SIZE(endings));
        tcase_add_test(test_case, test_details);
}

int main(void)
{
        return unit_main("conclude", add);
}
