/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/task.h"
#include "tests/unit/unit.h"

static char *some_args[] = { (char *)"", (char *)"two words", (char *)"\xe2\x82\xac\n", NULL };

static const struct wire_start some_start = {
        .run_id = INT64_MAX,
        .epoch = 3,
        .nominal_at_us = 77,
        .begin_monotonic_us = 78,
        .task = "t",
        .args = some_args,
        .profile = "/run/p",
        .profiles = "/var/p",
        .schedule = "nightly",
        .policy = "Network=yes\n",
        .control = "/run/c",
};

START_TEST(start_round_trip)
{
        struct wire_start back;
        struct error error = ERROR_INIT;
        void *packet = NULL;
        size_t size = 0;

        ck_assert_int_eq(wire_start_encode(&some_start, &packet, &size), 0);
        ck_assert_msg(wire_start_decode(packet, size, &back, &error) == 0, "%s", error.text);
        ck_assert_int_eq(back.run_id, INT64_MAX);
        ck_assert_int_eq(back.epoch, 3);
        ck_assert_str_eq(back.task, "t");
        ck_assert_str_eq(back.profile, "/run/p");
        ck_assert_str_eq(back.profiles, "/var/p");
        ck_assert_str_eq(back.schedule, "nightly");
        ck_assert_str_eq(back.control, "/run/c");
        ck_assert_int_eq(back.nominal_at_us, 77);
        ck_assert_int_eq(back.begin_monotonic_us, 78);
        ck_assert_uint_eq(strv_length(back.args), 3);
        for (size_t i = 0; i < 3; i++)
                ck_assert_str_eq(back.args[i], some_args[i]);
        free(back.args);

        /* Cut anywhere, or with something behind: refused, and nothing read beyond the end. */
        for (size_t cut = 0; cut < size; cut++) {
                char *part = malloc(cut ? cut : 1);
                memcpy(part, packet, cut);
                ck_assert_int_eq(wire_start_decode(part, cut, &back, &error), -EBADMSG);
                free(part);
        }
        char *longer = calloc(1, size + 1);
        memcpy(longer, packet, size);
        ck_assert_int_eq(wire_start_decode(longer, size + 1, &back, &error), -EBADMSG);
        free(longer);
        free(packet);
}
END_TEST

static const struct {
        const char *what;
        struct wire_start start;
} bad_starts[] = {
        { "task name", { 1, 1, 0, 0, "", NULL, "/p", "/q", "", "", "/c" } },
        { "task name", { 1, 1, 0, 0, "../x", NULL, "/p", "/q", "", "", "/c" } },
        { "UTF-8", { 1, 1, 0, 0, "\xff", NULL, "/p", "/q", "", "", "/c" } },
        { "absolute", { 1, 1, 0, 0, "t", NULL, "p", "/q", "", "", "/c" } },
        { "absolute", { 1, 1, 0, 0, "t", NULL, "", "", "", "", "/c" } },
        { "run's id", { 0, 1, 0, 0, "t", NULL, "/p", "/q", "", "", "/c" } },
        { "run's id", { 1, -1, 0, 0, "t", NULL, "/p", "/q", "", "", "/c" } },
        { "times", { 1, 1, -1, 0, "t", NULL, "/p", "/q", "", "", "/c" } },
        { "times", { 1, 1, 0, -1, "t", NULL, "/p", "/q", "", "", "/c" } },
        { "absolute", { 1, 1, 0, 0, "t", NULL, "/p", "/q", "", "", "c" } },
};

START_TEST(start_refused)
{
        struct wire_start back;
        struct error error = ERROR_INIT;
        void *packet = NULL;
        size_t size = 0;

        ck_assert_int_eq(wire_start_encode(&bad_starts[_i].start, &packet, &size), 0);
        ck_assert_int_eq(wire_start_decode(packet, size, &back, &error), -EBADMSG);
        ck_assert_msg(strstr(error.text, bad_starts[_i].what), "%s", error.text);
        free(packet);
}
END_TEST

START_TEST(start_limits)
{
        struct wire_start start = some_start, back;
        struct error error = ERROR_INIT;
        char *many[TASK_ARGS_MAX + 2];
        void *packet = NULL;
        size_t size = 0;

        for (size_t i = 0; i <= TASK_ARGS_MAX; i++)
                many[i] = (char *)"x";
        many[TASK_ARGS_MAX + 1] = NULL;
        start.args = many;
        ck_assert_int_eq(wire_start_encode(&start, &packet, &size), -E2BIG);
        many[TASK_ARGS_MAX] = NULL;
        ck_assert_int_eq(wire_start_encode(&start, &packet, &size), 0);
        ck_assert_int_eq(wire_start_decode(packet, size, &back, &error), 0);
        free(back.args);
        /* Another version, and a count that is not so. */
        uint32_t number = WIRE_VERSION + 1;
        memcpy(packet, &number, sizeof(number));
        ck_assert_int_eq(wire_start_decode(packet, size, &back, &error), -EBADMSG);
        ck_assert_ptr_nonnull(strstr(error.text, "version"));
        number = WIRE_VERSION;
        memcpy(packet, &number, sizeof(number));
        number = UINT32_MAX;
        memcpy((char *)packet + 4, &number, sizeof(number));
        ck_assert_int_eq(wire_start_decode(packet, size, &back, &error), -EBADMSG);
        free(packet);

        char *large = malloc(WIRE_PACKET_MAX + 1);
        memset(large, 'x', WIRE_PACKET_MAX);
        large[WIRE_PACKET_MAX] = 0;
        char *one[] = { large, NULL };
        start.args = one;
        ck_assert_int_eq(wire_start_encode(&start, &packet, &size), -E2BIG);
        free(large);
}
END_TEST

/* ---- reports ---- */

static void check_same(const char *a, const char *b)
{
        ck_assert_int_eq(a == NULL, b == NULL);
        if (a && b)
                ck_assert_str_eq(a, b);
}

static const struct wire_report some_reports[] = {
        { .event = WIRE_EVENT_STARTED },
        { .event = WIRE_EVENT_SIGNAL, .signal = 15 },
        { .event = WIRE_EVENT_SETUP_FAILED,
          .stage = (char *)"profile",
          .error = 28,
          .result = { .message = (char *)"no space" } },
        { .event = WIRE_EVENT_FINISHED,
          .result = { .outcome = WIRE_OUTCOME_EXITED, .exit_code = 44, .value = 300 } },
        { .event = WIRE_EVENT_FINISHED,
          .result = { .outcome = WIRE_OUTCOME_EXCEPTION,
                      .exit_code = 3,
                      .value = INT64_MIN,
                      .message = (char *)"m",
                      .error_message = (char *)"e \"q\"\n",
                      .error_file = (char *)"resource:///x",
                      .error_stack = (char *)"f@x:1:2\n",
                      .error_line = 4294967295U,
                      .error_column = 7 } },
        { .event = WIRE_EVENT_FINISHED,
          .result = { .outcome = WIRE_OUTCOME_START_FAILED, .exit_code = 255, .error_message = (char *)"" } },
};

START_TEST(report_round_trip)
{
        const struct wire_report *report = &some_reports[_i];
        struct wire_report back = { 0 };
        struct error error = ERROR_INIT;
        char *text = NULL;
        size_t size = 0;

        ck_assert_int_eq(wire_report_encode(report, &text, &size), 0);
        ck_assert_uint_eq(size, strlen(text));
        ck_assert_msg(wire_report_decode(text, size, &back, &error) == 0, "%s: %s", text, error.text);
        ck_assert_int_eq((int)back.event, (int)report->event);
        ck_assert_int_eq((int)back.result.outcome, (int)report->result.outcome);
        ck_assert_int_eq(back.result.exit_code, report->result.exit_code);
        ck_assert_int_eq(back.result.value, report->result.value);
        ck_assert_int_eq(back.error, report->error);
        ck_assert_int_eq(back.signal, report->signal);
        check_same(back.stage, report->stage);
        check_same(back.result.message, report->result.message);
        check_same(back.result.error_message, report->result.error_message);
        check_same(back.result.error_file, report->result.error_file);
        check_same(back.result.error_stack, report->result.error_stack);
        ck_assert_uint_eq(back.result.error_line, report->result.error_line);
        ck_assert_uint_eq(back.result.error_column, report->result.error_column);
        wire_report_done(&back);
        free(text);
}
END_TEST

static const struct {
        const char *text;
        const char *error;
} bad_reports[] = {
        { "", "report: expected JSON" },
        { "[]", "report: expected an object, found an array" },
        { "{}", "report: event: expected one" },
        { "{\"event\":\"what\"}", "report: event: expected one" },
        { "{\"event\":1}", "report: event: expected a string, found an integer" },
        { "{\"event\":\"setup-failed\"}", "report: stage: expected a string, found nothing" },
        { "{\"event\":\"setup-failed\",\"stage\":\"x\",\"errno\":-1}", "report: errno: expected 0 to" },
        { "{\"event\":\"finished\"}", "report: outcome: expected one" },
        { "{\"event\":\"finished\",\"outcome\":\"success\"}",
          "report: exitCode: expected an integer, found nothing" },
        { "{\"event\":\"finished\",\"outcome\":\"success\",\"exitCode\":256}",
          "report: exitCode: expected 0 to 255" },
        { "{\"event\":\"finished\",\"outcome\":\"success\",\"exitCode\":0,\"error\":1}",
          "report: error: expected an object" },
        { "{\"event\":\"finished\",\"outcome\":\"success\",\"exitCode\":0,\"error\":{}}",
          "report: error: expected a message" },
        { "{\"event\":\"finished\",\"outcome\":\"success\",\"exitCode\":0,\"error\":{\"message\":\"\",\"line\":-1}}",
          "report: line: expected 0 to" },
};

START_TEST(report_refused)
{
        struct wire_report back = { 0 };
        struct error error = ERROR_INIT;

        ck_assert_int_eq(wire_report_decode(bad_reports[_i].text, strlen(bad_reports[_i].text), &back,
                                            &error),
                         -EBADMSG);
        ck_assert_msg(strstr(error.text, bad_reports[_i].error) == error.text, "%s", error.text);
        ck_assert_ptr_null(back.stage);
}
END_TEST

START_TEST(report_cut)
{
        struct wire_report report = some_reports[3], back = { 0 };
        char *large = malloc(1 << 20), *text = NULL;
        size_t size = 0;

        /* The worst: six bytes for each, and not UTF-8 besides. */
        memset(large, '\x01', (1 << 20) - 1);
        large[(1 << 20) - 1] = 0;
        large[0] = '\xff';
        report.result.message = report.result.error_message = large;
        report.result.error_stack = report.result.error_file = large;
        ck_assert_int_eq(wire_report_encode(&report, &text, &size), 0);
        ck_assert_uint_le(size, WIRE_PACKET_MAX);
        ck_assert_int_eq(wire_report_decode(text, size, &back, NULL), 0);
        ck_assert_int_eq(strncmp(back.result.error_stack, "\xef\xbf\xbd\x01", 4), 0);
        ck_assert_uint_gt(strlen(back.result.error_stack), 1000);
        wire_report_done(&back);
        free(text);
        free(large);
}
END_TEST

/* ---- packets ---- */

static int ends[2];

static void setup(void)
{
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
}

static void teardown(void)
{
        close(ends[0]);
        close(ends[1]);
}

static int open_descriptors(void)
{
        int count = 0;

        for (int fd = 0; fd < 256; fd++)
                count += fcntl(fd, F_GETFD) >= 0;
        return count;
}

START_TEST(packets)
{
        char buffer[16];
        int fds[2] = { -1, -1 }, sent[2] = { STDIN_FILENO, STDERR_FILENO };
        size_t count = 9;

        ck_assert_int_eq(wire_receive(ends[1], buffer, sizeof(buffer), fds, 2, &count), -EAGAIN);
        ck_assert_int_eq(wire_send(ends[0], "abc", 3, NULL, 0), 0);
        ck_assert_int_eq(wire_send(ends[0], "defgh", 5, sent, 2), 0);
        ck_assert_int_eq(wire_receive(ends[1], buffer, sizeof(buffer), NULL, 0, &count), 3);
        ck_assert_uint_eq(count, 0);
        ck_assert_int_eq(wire_receive(ends[1], buffer, sizeof(buffer), fds, 2, &count), 5);
        ck_assert_uint_eq(count, 2);
        ck_assert_mem_eq(buffer, "defgh", 5);
        for (int i = 0; i < 2; i++) {
                ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
                close(fds[i]);
        }
        ck_assert_int_eq(wire_send(ends[0], "x", 1, sent, WIRE_FDS_MAX + 1), -EINVAL);
        shutdown(ends[0], SHUT_WR);
        ck_assert_int_eq(wire_receive(ends[1], buffer, sizeof(buffer), fds, 2, &count), 0);
        ck_assert_int_eq(wire_send(ends[0], "x", 1, NULL, 0), -EPIPE);
}
END_TEST

START_TEST(packets_refused)
{
        char buffer[4];
        int fds[WIRE_FDS_MAX], sent[WIRE_FDS_MAX];
        size_t count = 9;

        for (size_t i = 0; i < WIRE_FDS_MAX; i++)
                sent[i] = STDIN_FILENO;
        int before = open_descriptors();
        /* More descriptors than wanted, then more bytes: nothing stays open. */
        ck_assert_int_eq(wire_send(ends[0], "x", 1, sent, 3), 0);
        ck_assert_int_eq(wire_receive(ends[1], buffer, sizeof(buffer), fds, 2, &count), -EMSGSIZE);
        ck_assert_int_eq(wire_send(ends[0], "x", 1, sent, WIRE_FDS_MAX), 0);
        ck_assert_int_eq(wire_receive(ends[1], buffer, sizeof(buffer), NULL, 0, &count), -EMSGSIZE);
        ck_assert_int_eq(wire_send(ends[0], "too long", 8, sent, 2), 0);
        ck_assert_int_eq(wire_receive(ends[1], buffer, sizeof(buffer), fds, 2, &count), -EMSGSIZE);
        ck_assert_uint_eq(count, 9);
        ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(largest_packet_passes)
{
        char *buffer = calloc(1, WIRE_PACKET_MAX);
        size_t count;

        ck_assert_int_eq(wire_send(ends[0], buffer, WIRE_PACKET_MAX, NULL, 0), 0);
        ck_assert_int_eq(wire_receive(ends[1], buffer, WIRE_PACKET_MAX, NULL, 0, &count), WIRE_PACKET_MAX);
        free(buffer);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_test(test_case, start_round_trip);
        tcase_add_loop_test(test_case, start_refused, 0, (int)ARRAY_SIZE(bad_starts));
        tcase_add_test(test_case, start_limits);
        tcase_add_loop_test(test_case, report_round_trip, 0, (int)ARRAY_SIZE(some_reports));
        tcase_add_loop_test(test_case, report_refused, 0, (int)ARRAY_SIZE(bad_reports));
        tcase_add_test(test_case, report_cut);
        tcase_add_test(test_case, packets);
        tcase_add_test(test_case, packets_refused);
        tcase_add_test(test_case, largest_packet_passes);
}

int main(void)
{
        return unit_main("wire", add);
}
