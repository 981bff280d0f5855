/* SPDX-License-Identifier: MPL-2.0 */
/* The words and the JSON of runs, against the interface description that clients go by. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/run.h"
#include "daemon/schedule.h"
#include "lib/cleanup.h"
#include "lib/util.h"
#include "schema/embed.h"

/* The words between the parentheses of `type NAME (…)`, without spaces and line ends. */
static char *type_words(const char *type)
{
        char *head = format_string("type %s (", type), *words = NULL;
        const char *start = strstr(schema_manager_varlink, head);
        ck_assert_ptr_nonnull(start);
        start += strlen(head);
        size_t length = strcspn(start, ")"), n = 0;
        words = calloc(length + 1, 1);
        for (size_t i = 0; i < length; i++)
                if (start[i] != ' ' && start[i] != '\n')
                        words[n++] = start[i];
        free(head);
        return words;
}

START_TEST(test_states)
{
        char joined[256] = "";
        for (int i = 0; i < RUN_STATE_COUNT; i++) {
                const char *name = run_state_name((enum run_state)i);
                ck_assert_int_eq(run_state_parse(name), i);
                strcat(strcat(joined, i ? "," : ""), name);
        }
        char *words _cleanup_free_ = type_words("State");
        ck_assert_str_eq(joined, words);
        static const char *const unknown[] = { "", "Queued", "queued ", "nothing", NULL };
        for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
                ck_assert_int_eq(run_state_parse(unknown[i]), -1);
}
END_TEST

START_TEST(test_results)
{
        char joined[256] = "";
        for (int i = RUN_RESULT_NONE + 1; i < RUN_RESULT_COUNT; i++) {
                const char *name = run_result_name((enum run_result)i);
                ck_assert_int_eq(run_result_parse(name), i);
                strcat(strcat(joined, *joined ? "," : ""), name);
        }
        char *words _cleanup_free_ = type_words("Result");
        ck_assert_str_eq(joined, words);
        ck_assert_int_eq(run_result_parse(""), RUN_RESULT_NONE);
        ck_assert_int_eq(run_result_parse("ok"), -1);
        ck_assert_int_eq(run_result_parse(NULL), -1);
}
END_TEST

/* The CHECKs of the newest table of runs name the same words. */
START_TEST(test_schema_words)
{
        for (int i = 0; i < RUN_STATE_COUNT; i++) {
                char *word _cleanup_free_ = format_string("'%s'", run_state_name((enum run_state)i));
                ck_assert_msg(strstr(schema_migrations[3].sql, word), "%s", word);
        }
        for (int i = 0; i < RUN_RESULT_COUNT; i++) {
                char *word _cleanup_free_ = format_string("'%s'", run_result_name((enum run_result)i));
                ck_assert_msg(strstr(schema_migrations[3].sql, word), "%s", word);
        }
}
END_TEST

START_TEST(test_failed)
{
        static const struct {
                enum run_state state;
                enum run_result result;
                bool final, failed;
        } cases[] = {
                { RUN_QUEUED, RUN_RESULT_NONE, false, false },
                { RUN_HELD, RUN_RESULT_NONE, false, false },
                { RUN_STARTING, RUN_RESULT_NONE, false, false },
                { RUN_RUNNING, RUN_RESULT_NONE, false, false },
                { RUN_FINISHED, RUN_RESULT_SUCCESS, true, false },
                { RUN_FINISHED, RUN_RESULT_EXITED, true, true },
                { RUN_FINISHED, RUN_RESULT_TIMEOUT, true, true },
                { RUN_CANCELLED, RUN_RESULT_CANCELLED, true, true },
                { RUN_INTERRUPTED, RUN_RESULT_INTERRUPTED, true, true },
                { RUN_LOST, RUN_RESULT_NONE, true, true },
        };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                struct run run = { .state = cases[i].state, .result = cases[i].result };
                ck_assert_msg(run_state_is_final(run.state) == cases[i].final, "case %zu", i);
                ck_assert_msg(run_failed(&run) == cases[i].failed, "case %zu", i);
        }
}
END_TEST

static const struct {
        struct run run;
        const char *args, *detail; /* JSON, NULL: none */
        const char *expected;
} json_cases[] = {
        { { .id = 1, .task = (char *)"t", .exit_code = -1, .uid = 4294967294, .queued_at_us = 5 },
          NULL,
          NULL,
          "{'id':1,'task':'t','args':[],'state':'queued','uid':4294967294,'queuedAt':5,'epoch':0,'outputBytes':0,"
          "'outputDropped':0}" },
        { { .id = 9007199254740993,
            .task = (char *)"t",
            .state = RUN_FINISHED,
            .result = RUN_RESULT_SUCCESS,
            .epoch = 1,
            .exit_code = 0,
            .queued_at_us = 1,
            .started_at_us = 2,
            .finished_at_us = 3,
            .pid = 77,
            .output_bytes = 8,
            .output_dropped = 4,
            .output_stored = 100 },
          "['','a b']",
          "{'exitValue':256,'message':'m','cpuTimeUs':10,'maxRssBytes':11,'error':null,'other':1}",
          "{'id':9007199254740993,'task':'t','args':['','a b'],'state':'finished','result':'success','uid':0,'queuedAt':1,"
          "'startedAt':2,'finishedAt':3,'pid':77,'epoch':1,'exitCode':0,'exitValue':256,'message':'m','cpuTimeUs':10,"
          "'maxRssBytes':11,'outputBytes':8,'outputDropped':4}" },
        { { .id = 2,
            .task = (char *)"t",
            .state = RUN_FINISHED,
            .result = RUN_RESULT_KILLED,
            .exit_code = -1,
            .signal = 9,
            .schedule = (char *)"s",
            .nominal_at_us = 0,
            .key = (char *)"secret",
            .queued_at_us = 1 },
          "[]",
          "{'error':{'message':'e','line':3}}",
          "{'id':2,'task':'t','args':[],'state':'finished','result':'killed','signal':9,'uid':0,'schedule':'s',"
          "'nominalAt':0,'queuedAt':1,'epoch':0,'error':{'message':'e','line':3},'outputBytes':0,'outputDropped':0}" },
};

static json_t *json_of(const char *text)
{
        if (!text)
                return NULL;
        char *copy _cleanup_free_ = strdup(text);
        for (char *c = copy; *c; c++)
                if (*c == '\'')
                        *c = '"';
        json_t *json = json_loads(copy, 0, NULL);
        ck_assert_msg(json != NULL, "%s", text);
        return json;
}

START_TEST(test_json)
{
        struct run run = json_cases[_i].run;
        run.args = json_of(json_cases[_i].args);
        run.detail = json_of(json_cases[_i].detail);
        json_t *json = run_to_json(&run), *expected = json_of(json_cases[_i].expected);
        char *text _cleanup_free_ = json_dumps(json, JSON_COMPACT);
        ck_assert_msg(json_equal(json, expected), "%s", text);

        /* Nothing that the interface does not have. */
        char *members _cleanup_free_ = format_string("type RunInfo (");
        const char *type = strstr(schema_manager_varlink, members), *name;
        json_t *value;
        json_object_foreach(json, name, value) {
                char *member _cleanup_free_ = format_string("  %s: ", name);
                const char *found = strstr(type, member);
                ck_assert_msg(found && found < strstr(type, "\n)"), "%s", name);
        }
        json_decref(json);
        json_decref(expected);
        json_decref(run.args);
        json_decref(run.detail);
}
END_TEST

START_TEST(test_done)
{
        struct run run = { .id = 1,
                           .task = strdup("t"),
                           .key = strdup("k"),
                           .schedule = strdup("s"),
                           .args = json_array() };
        run_done(&run);
        static const struct run empty;
        ck_assert_mem_eq(&run, &empty, sizeof(run));
        run_done(&run);
        run_done(NULL);
        struct schedule schedule = { .name = strdup("n"), .task = strdup("t"), .args = json_array() };
        schedule_done(&schedule);
        ck_assert_ptr_null(schedule.name);
        schedule_done(&schedule);
        schedule_done(NULL);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("run");
        TCase *tcase = tcase_create("values");
        tcase_add_test(tcase, test_states);
        tcase_add_test(tcase, test_results);
        tcase_add_test(tcase, test_schema_words);
        tcase_add_test(tcase, test_failed);
        tcase_add_loop_test(tcase, test_json, 0, ARRAY_SIZE(json_cases));
        tcase_add_test(tcase, test_done);
        suite_add_tcase(suite, tcase);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
