/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/varlink.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/json.h"
#include "tests/unit/unit.h"

static const struct {
        const char *text;
        const char *error; /* a part of it; NULL: good */
} calls[] = {
        { "{\"method\":\"a.B\"}", NULL },
        { "{\"method\":\"a.B\",\"parameters\":{}}", NULL },
        { "{\"method\":\"a.B\",\"parameters\":null,\"more\":null}", NULL },
        { " { \"method\" : \"io.bgtaskd.Manager.Run\" , \"more\" : true } ", NULL },
        { "{\"method\":\"a.B\",\"oneway\":true,\"upgrade\":false}", NULL },
        { "", "expected JSON" },
        { "{", "expected JSON" },
        { "{}", "method: expected a string, found nothing" },
        { "[]", "expected an object as the message, found an array" },
        { "\"x\"", "expected JSON" },
        { "{\"method\":5}", "method: expected a string, found an integer" },
        { "{\"method\":\"nodots\"}", "method: expected INTERFACE.METHOD" },
        { "{\"method\":\".B\"}", "method: expected INTERFACE.METHOD" },
        { "{\"method\":\"a.\"}", "method: expected INTERFACE.METHOD" },
        { "{\"method\":\"a.B c\"}", "method: expected INTERFACE.METHOD" },
        { "{\"method\":\"a.B\",\"more\":1}", "more: expected a boolean, found an integer" },
        { "{\"method\":\"a.B\",\"parameters\":[]}", "parameters: expected an object, found an array" },
        { "{\"method\":\"a.B\",\"more\":true,\"oneway\":true}", "found both" },
        { "{\"method\":\"a.B\",\"what\":1}", "what: no such member" },
        { "{\"method\":\"a.B\",\"error\":\"a.B\"}", "error: no such member" },
        { "{\"method\":\"a.B\",\"method\":\"a.C\"}", "duplicate" },
        { "{\"method\":\"a.B\",\"parameters\":{\"a\":1,\"a\":2}}", "duplicate" },
        { "{\"method\":\"a.B\"}x", "expected JSON" },
        { "{\"method\":\"a.B\"}{\"method\":\"a.B\"}", "expected JSON" },
        { "{\"method\":\"a.\xff\"}", "expected JSON" },
        { "{\"method\":\"a.B\",\"parameters\":{\"a\":\"\\u0000\"}}", "expected JSON" },
        { "{\"method\":\"a.B\",\"parameters\":{\"a\":\"\\ud800\"}}", "expected JSON" },
        { "{\"method\":\"a.B\",\"parameters\":{\"a\":18446744073709551616}}", "expected JSON" },
        { "{\"method\":\"a.B\",\"parameters\":{\"a\":1e999}}", "expected JSON" },
};

START_TEST(call)
{
        struct varlink_call decoded = { 0 };
        struct error error = ERROR_INIT;
        int r = varlink_call_decode(calls[_i].text, strlen(calls[_i].text), &decoded, &error);

        if (calls[_i].error) {
                ck_assert_int_eq(r, -EBADMSG);
                ck_assert_msg(strstr(error.text, calls[_i].error), "%s: %s", calls[_i].text, error.text);
                ck_assert_ptr_null(decoded.message);
        } else {
                ck_assert_msg(r == 0, "%s: %s", calls[_i].text, error.text);
                ck_assert(json_is_object(decoded.parameters));
                varlink_call_done(&decoded);
                ck_assert_ptr_null(decoded.message);
        }
}
END_TEST

static const struct {
        const char *text;
        const char *error;
} replies[] = {
        { "{}", NULL },
        { "{\"parameters\":{\"a\":1},\"continues\":true}", NULL },
        { "{\"error\":\"a.B\",\"parameters\":{}}", NULL },
        { "{\"error\":\"a.B\",\"continues\":false}", NULL },
        { "{\"error\":\"a.B\",\"continues\":true}", "found both" },
        { "{\"error\":\"plain\"}", "error: expected INTERFACE.ERROR" },
        { "{\"error\":1}", "error: expected a string" },
        { "{\"continues\":\"yes\"}", "continues: expected a boolean" },
        { "{\"method\":\"a.B\"}", "method: no such member" },
};

START_TEST(reply)
{
        struct varlink_reply decoded = { 0 };
        struct error error = ERROR_INIT;
        int r = varlink_reply_decode(replies[_i].text, strlen(replies[_i].text), &decoded, &error);

        ck_assert_int_eq(r, replies[_i].error ? -EBADMSG : 0);
        if (replies[_i].error)
                ck_assert_msg(strstr(error.text, replies[_i].error), "%s: %s", replies[_i].text, error.text);
        varlink_reply_done(&decoded);
}
END_TEST

START_TEST(limits)
{
        struct varlink_call decoded = { 0 };
        struct error error = ERROR_INIT;
        char deep[256];

        /* The message is one level, and each bracket is one more. */
        for (int brackets = JSON_DEPTH_MAX - 2; brackets <= JSON_DEPTH_MAX - 1; brackets++) {
                size_t used = (size_t)snprintf(deep, sizeof(deep),
                                               "{\"method\":\"a.B\",\"parameters\":{\"[{\":");
                memset(deep + used, '[', (size_t)brackets);
                memset(deep + used + brackets, ']', (size_t)brackets);
                strcpy(deep + used + 2 * brackets, "}}");
                int r = varlink_call_decode(deep, strlen(deep), &decoded, &error);
                ck_assert_int_eq(r, brackets <= JSON_DEPTH_MAX - 2 ? 0 : -EBADMSG);
                if (r == 0)
                        varlink_call_done(&decoded);
        }
        ck_assert_str_eq(error.text, "expected JSON of at most 32 levels, found more");

        char *large = malloc(VARLINK_MESSAGE_MAX + 1);
        memset(large, ' ', VARLINK_MESSAGE_MAX + 1);
        memcpy(large, "{\"method\":\"a.B\"}", 16);
        ck_assert_int_eq(varlink_call_decode(large, VARLINK_MESSAGE_MAX, &decoded, &error), 0);
        varlink_call_done(&decoded);
        ck_assert_int_eq(varlink_call_decode(large, VARLINK_MESSAGE_MAX + 1, &decoded, &error), -EBADMSG);
        free(large);
}
END_TEST

START_TEST(encode)
{
        size_t size = 0;
        json_t *parameters = json_pack("{s:i}", "a", 1);

        char *encoded = varlink_call_encode("a.B", NULL, false, &size);
        ck_assert_str_eq(encoded, "{\"method\":\"a.B\",\"parameters\":{}}");
        ck_assert_uint_eq(size, strlen(encoded) + 1);
        free(encoded);
        encoded = varlink_call_encode("a.B", parameters, true, &size);
        ck_assert_str_eq(encoded, "{\"method\":\"a.B\",\"parameters\":{\"a\":1},\"more\":true}");
        free(encoded);
        encoded = varlink_reply_encode(NULL, parameters, true, &size);
        ck_assert_str_eq(encoded, "{\"parameters\":{\"a\":1},\"continues\":true}");
        free(encoded);
        encoded = varlink_reply_encode("a.E", NULL, false, &size);
        ck_assert_str_eq(encoded, "{\"error\":\"a.E\",\"parameters\":{}}");
        free(encoded);
        ck_assert_ptr_null(varlink_call_encode("\xff", NULL, false, &size));
        ck_assert_uint_eq(parameters->refcount, 1);
        json_decref(parameters);

        char *large = malloc(VARLINK_MESSAGE_MAX + 1);
        memset(large, 'x', VARLINK_MESSAGE_MAX);
        large[VARLINK_MESSAGE_MAX] = 0;
        parameters = json_pack("{s:s}", "a", large);
        free(large);
        ck_assert_ptr_null(varlink_reply_encode(NULL, parameters, false, &size));
        json_decref(parameters);
}
END_TEST

/* ---- the client ---- */

static char *base, *socket_path;

static void setup(void)
{
        base = unit_directory();
        socket_path = path_join(base, "socket");
}

static void teardown(void)
{
        free(socket_path);
        unit_directory_remove(base);
}

/* A server for one connection: reads one call, then writes @bytes in pieces of @piece, and closes. */
static pid_t serve(const char *bytes, size_t size, size_t piece)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        strcpy(address.sun_path, socket_path);
        ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
        ck_assert_int_eq(listen(listener, 1), 0);
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child > 0) {
                close(listener);
                return child;
        }
        char c = 1;
        int fd = accept(listener, NULL, NULL);
        while (c && read(fd, &c, 1) == 1)
                continue;
        for (size_t at = 0; at < size; at += piece)
                if (fd_write_all(fd, bytes + at, MIN(piece, size - at)) < 0)
                        _exit(1);
        _exit(0);
}

static void reap(pid_t child)
{
        int status;

        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
}

static struct varlink_client *client_open(void)
{
        struct varlink_client *client = NULL;
        struct error error = ERROR_INIT;

        ck_assert_msg(varlink_client_connect(socket_path, &client, &error) == 0, "%s", error.text);
        ck_assert_int_eq(varlink_client_send(client, "a.B", NULL, true, &error), 0);
        return client;
}

START_TEST(client_replies)
{
        static const char bytes[] =
                "{\"continues\":true,\"parameters\":{\"n\":1}}\0{\"parameters\":{\"n\":2}}";
        static const size_t pieces[] = { 1, 7, sizeof(bytes) };
        struct error error = ERROR_INIT;
        struct varlink_reply got;
        pid_t child = serve(bytes, sizeof(bytes), pieces[_i]);
        struct varlink_client *client = client_open();

        ck_assert_int_ge(varlink_client_fd(client), 0);
        for (int n = 1; n <= 2; n++) {
                ck_assert_int_eq(varlink_client_receive(client, &got, &error), 0);
                ck_assert_int_eq(json_integer_value(json_object_get(got.parameters, "n")), n);
                ck_assert_int_eq(got.continues, n == 1);
                varlink_reply_done(&got);
        }
        ck_assert_int_eq(varlink_client_receive(client, &got, &error), -EPIPE);
        ck_assert_str_eq(error.text, "the connection was closed");
        varlink_client_free(client);
        reap(child);
}
END_TEST

START_TEST(client_large_reply)
{
        struct error error = ERROR_INIT;
        struct varlink_reply got;
        size_t size = VARLINK_MESSAGE_MAX + 3;
        char *bytes = malloc(size);

        memset(bytes, ' ', size);
        memcpy(bytes, "{}", 2);
        bytes[VARLINK_MESSAGE_MAX] = 0; /* as large as allowed, then what is one byte too large */
        pid_t child = serve(bytes, _i ? VARLINK_MESSAGE_MAX + 1 : VARLINK_MESSAGE_MAX, 65536);
        struct varlink_client *client = client_open();
        if (_i) {
                ck_assert_int_eq(varlink_client_receive(client, &got, &error), 0);
                varlink_reply_done(&got);
        } else {
                ck_assert_int_eq(varlink_client_receive(client, &got, &error), -EPIPE);
                ck_assert_str_eq(error.text, "the connection was closed in the middle of a reply");
        }
        varlink_client_free(client);
        reap(child);
        free(bytes);
}
END_TEST

START_TEST(client_endless_reply)
{
        struct error error = ERROR_INIT;
        struct varlink_reply got;
        size_t size = 3 * VARLINK_MESSAGE_MAX;
        char *bytes = malloc(size);

        memset(bytes, ' ', size);
        signal(SIGPIPE, SIG_IGN);
        pid_t child = serve(bytes, size, 65536);
        struct varlink_client *client = client_open();
        ck_assert_int_eq(varlink_client_receive(client, &got, &error), -EBADMSG);
        varlink_client_free(client);
        reap(child);
        free(bytes);
}
END_TEST

START_TEST(client_bad_reply)
{
        struct error error = ERROR_INIT;
        struct varlink_reply got;
        pid_t child = serve("nonsense", 9, 9);
        struct varlink_client *client = client_open();

        ck_assert_int_eq(varlink_client_receive(client, &got, &error), -EBADMSG);
        ck_assert_int_eq(varlink_client_receive(client, &got, &error), -EPIPE);
        ck_assert_int_eq(varlink_client_send(client, "a.B", NULL, false, &error), -EPIPE);
        varlink_client_free(client);
        reap(child);
}
END_TEST

START_TEST(client_connect_errors)
{
        struct varlink_client *client = NULL;
        struct error error = ERROR_INIT;
        char path[300];

        ck_assert_int_eq(varlink_client_connect(socket_path, &client, &error), -ENOENT);
        ck_assert_ptr_nonnull(strstr(error.text, socket_path));
        ck_assert_int_eq(varlink_client_connect("", &client, &error), -ENOENT);
        memset(path, 'x', sizeof(path));
        path[sizeof(path) - 1] = 0;
        ck_assert_int_eq(varlink_client_connect(path, &client, &error), -ENAMETOOLONG);
        ck_assert_ptr_null(client);
        varlink_client_free(NULL);

        json_t *bad = json_object();
        pid_t child = serve("", 0, 1);
        client = client_open();
        json_object_set_new(bad, "a", json_stringn_nocheck("\xff", 1));
        ck_assert_int_eq(varlink_client_send(client, "a.B", bad, false, &error), -EMSGSIZE);
        json_decref(bad);
        varlink_client_free(client);
        reap(child);
}
END_TEST

static void handler(int number)
{
}

START_TEST(client_interrupted)
{
        struct error error = ERROR_INIT;
        struct varlink_reply got;
        struct sigaction action = { .sa_handler = handler };
        int ends[2];

        /* The server answers only when it is told to, through a pipe. */
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        strcpy(address.sun_path, socket_path);
        ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
        ck_assert_int_eq(listen(listener, 1), 0);
        pid_t child = fork();
        if (child == 0) {
                char c;
                int fd = accept(listener, NULL, NULL);
                if (read(ends[0], &c, 1) == 1)
                        (void)fd_write_all(fd, "{}", 3);
                _exit(0);
        }
        close(listener);
        struct varlink_client *client = client_open();
        /* Again and again, so that one alarm surely falls into the wait. */
        struct itimerval timer = { { 0, 10000 }, { 0, 10000 } };
        ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
        ck_assert_int_eq(varlink_client_receive(client, &got, &error), -EINTR);
        timer = (struct itimerval){ 0 };
        ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
        ck_assert_int_eq(write(ends[1], "x", 1), 1);
        ck_assert_int_eq(varlink_client_receive(client, &got, &error), 0);
        varlink_reply_done(&got);
        varlink_client_free(client);
        reap(child);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_loop_test(test_case, call, 0, (int)ARRAY_SIZE(calls));
        tcase_add_loop_test(test_case, reply, 0, (int)ARRAY_SIZE(replies));
        tcase_add_test(test_case, limits);
        tcase_add_test(test_case, encode);
        tcase_add_loop_test(test_case, client_replies, 0, 3);
        tcase_add_loop_test(test_case, client_large_reply, 0, 2);
        tcase_add_test(test_case, client_endless_reply);
        tcase_add_test(test_case, client_bad_reply);
        tcase_add_test(test_case, client_connect_errors);
        tcase_add_test(test_case, client_interrupted);
}

int main(void)
{
        return unit_main("varlink", add);
}
