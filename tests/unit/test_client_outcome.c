/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/outcome.h"

#include <inttypes.h>

#include "client/connection.h"
#include "client/records.h"
#include "lib/varlink_idl.h"
#include "schema/embed.h"
#include "tests/unit/unit.h"

/* -1: null. */
static const struct {
        const char *state, *result;
        int exit_code, signal;
        int code;
        const char *text; /* how the line begins; NULL: there is none */
        const char *word, *shown;
} ends[] = {
        { "finished", "success", 0, -1, 0, NULL, "success", "0" },
        { "finished", "exited", 255, -1, 255, NULL, "exited", "255" },
        { "finished", "quit", 33, -1, 33, NULL, "quit", "33" },
        { "finished", "timeout", 4, -1, 4, NULL, "timeout", "4" },
        { "finished", "killed", -1, 9, 137, "run 7 was ended by SIGKILL: why", "killed", "SIGKILL" },
        { "finished", "deadline", -1, 15, 143, "run 7 was ended by SIGTERM: why", "deadline", "SIGTERM" },
        { "finished", "setup_failed", 1, -1, 71, "run 7 could not be set up: why", "setup_failed", "1" },
        { "finished", "setup_failed", -1, -1, 71, "run 7 could not be set up: why", "setup_failed", "-" },
        { "cancelled", "cancelled", -1, -1, 75, "run 7 was cancelled: why", "cancelled", "-" },
        { "cancelled", "cancelled", 0, -1, 75, "run 7 was cancelled: why", "cancelled", "0" },
        { "cancelled", "cancelled", -1, 15, 143, "run 7 was ended by SIGTERM: why", "cancelled", "SIGTERM" },
        { "interrupted", "interrupted", -1, -1, 75, "run 7 was interrupted: why", "interrupted", "-" },
        { "lost", NULL, -1, -1, 70, "run 7 is lost", "lost", "-" },
        { "finished", NULL, -1, -1, 70, "run 7 is finished, without an exit code", "finished", "-" },
        { "running", NULL, -1, -1, 76, "the daemon reports the end of run 7, which is running", "running",
          "-" },
        { "queued", NULL, -1, -1, 76, "the daemon reports the end of run 7, which is queued", "queued", "-" },
};

static json_t *null_or_int(int value)
{
        return value < 0 ? json_null() : json_integer(value);
}

START_TEST(test_ends)
{
        json_t *run = json_pack("{s:i, s:s, s:s?, s:o, s:o, s:s}", "id", 7, "state", ends[_i].state, "result",
                                ends[_i].result, "exitCode", null_or_int(ends[_i].exit_code), "signal",
                                null_or_int(ends[_i].signal), "message", "why");
        struct error error = ERROR_INIT;
        char *shown = outcome_code(run);

        ck_assert_int_eq(outcome_exit_code(run, &error), ends[_i].code);
        if (ends[_i].text)
                ck_assert_msg(strncmp(error.text, ends[_i].text, strlen(ends[_i].text)) == 0, "%s",
                              error.text);
        else
                ck_assert_str_eq(error.text, "");
        ck_assert_str_eq(outcome_word(run), ends[_i].word);
        ck_assert_str_eq(shown, ends[_i].shown);
        free(shown);
        json_decref(run);
}
END_TEST

static const struct {
        int64_t started_at_us, finished_at_us;
        const char *state;
        int64_t duration_us;
} durations[] = {
        { 0, 0, "queued", -1 },        { 0, 0, "cancelled", -1 },
        { 100, 350, "finished", 250 }, { 100, 0, "running", 900 },
        { 100, 0, "lost", 0 },         { 350, 100, "finished", 0 }, /* the clock was set back meanwhile */
        { 2000, 0, "running", 0 },
};

START_TEST(test_durations)
{
        json_t *run = json_pack("{s:s, s:I, s:I}", "state", durations[_i].state, "startedAt",
                                (json_int_t)durations[_i].started_at_us, "finishedAt",
                                (json_int_t)durations[_i].finished_at_us);

        ck_assert_int_eq(outcome_duration_us(run, 1000), durations[_i].duration_us);
        json_decref(run);
}
END_TEST

/* Each error and each answer of the interface has its row here. */
START_TEST(test_interface)
{
        struct varlink_interface *interface = NULL;
        struct error error = ERROR_INIT;
        size_t errors = 0, methods = 0;

        for (const struct schema_interface *schema = schema_interfaces; schema->name; schema++) {
                ck_assert_int_eq(varlink_interface_parse(schema->name, schema->text, schema->size, &interface,
                                                         &error),
                                 0);
                for (; varlink_interface_error(interface, errors); errors++) {
                        char *name = format_string("%s.%s", schema->name,
                                                   varlink_interface_error(interface, errors));

                        ck_assert_msg(connection_explains(name), "%s", name);
                        free(name);
                }
                for (size_t i = 0; strcmp(schema->name, "io.bgtaskd.Manager") == 0 &&
                                   varlink_interface_method(interface, i);
                     i++, methods++) {
                        const char *method = varlink_interface_method(interface, i);

                        /* That has an answer of many pieces, one of parts that are records themselves, an empty one. */
                        bool is_record = strcmp(method, "Logs") != 0 && strcmp(method, "Reload") != 0 &&
                                         strcmp(method, "Reexec") != 0;

                        ck_assert_msg(!is_record || record_reply_find(method), "%s", method);
                }
                varlink_interface_free(interface);
                errors = 0;
        }
        ck_assert_uint_ge(methods, 10);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_ends, 0, ARRAY_SIZE(ends));
        tcase_add_loop_test(test_case, test_durations, 0, ARRAY_SIZE(durations));
        tcase_add_test(test_case, test_interface);
}

int main(void)
{
        return unit_main("client outcome", add);
}
