/* SPDX-License-Identifier: MPL-2.0 */
/* The small parts of the daemon: options, tasks, fingerprints, base64, notification, descriptions. */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base64.h"
#include "daemon/fingerprint.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/request.h"
#include "daemon/tasks.h"
#include "lib/cleanup.h"
#include "tests/unit/unit.h"

/* ---- options ---- */

static const struct {
        const char *arguments[6];
        int result;
        enum options_action action;
} command_lines[] = {
        { { NULL }, 0, OPTIONS_SERVE },
        { { "--check" }, 0, OPTIONS_CHECK },
        { { "--version" }, 0, OPTIONS_VERSION },
        { { "--preferences" }, 0, OPTIONS_PREFERENCES },
        { { "--help", "whatever", "--follows" }, 0, OPTIONS_HELP },
        { { "--state-dir", "/s", "--runtime-dir=/r", "--system" }, 0, OPTIONS_SERVE },
        { { "--log-level=debug", "--user" }, 0, OPTIONS_SERVE },
        { { "--log-level=loud" }, -EINVAL, OPTIONS_SERVE },
        { { "--state-dir" }, -EINVAL, OPTIONS_SERVE },
        { { "--state-dir=" }, -EINVAL, OPTIONS_SERVE },
        { { "--check=1" }, -EINVAL, OPTIONS_SERVE },
        { { "--nonsense" }, -EINVAL, OPTIONS_SERVE },
        { { "-x" }, -EINVAL, OPTIONS_SERVE },
        { { "argument" }, -EINVAL, OPTIONS_SERVE },
        { { "--user", "--", "argument" }, -EINVAL, OPTIONS_SERVE },
};

START_TEST(test_command_line)
{
        char *argv[8] = { (char *)"bgtaskd" };
        struct options options;
        int argc = 1;

        for (; argc < 7 && command_lines[_i].arguments[argc - 1]; argc++)
                argv[argc] = (char *)command_lines[_i].arguments[argc - 1];
        ck_assert_int_eq(options_parse(argc, argv, &options), command_lines[_i].result);
        if (command_lines[_i].result == 0)
                ck_assert_int_eq(options.action, command_lines[_i].action);
}
END_TEST

START_TEST(test_option_values)
{
        char *argv[] = { (char *)"bgtaskd",     (char *)"--state-dir=/s", (char *)"--runtime-dir",
                         (char *)"/r",          (char *)"--socket=/c",    (char *)"--app-dir=/a",
                         (char *)"--runner=/x", (char *)"--system",       NULL };
        struct options options;

        ck_assert_int_eq(options_parse(8, argv, &options), 0);
        ck_assert_str_eq(options.state_directory, "/s");
        ck_assert_str_eq(options.runtime_directory, "/r");
        ck_assert_str_eq(options.socket, "/c");
        ck_assert_str_eq(options.app_directory, "/a");
        ck_assert_str_eq(options.runner, "/x");
        ck_assert(options.system);
}
END_TEST

/* ---- base64 ---- */

START_TEST(test_base64)
{
        static const char *const vectors[][2] = {
                { "", "" },
                { "f", "Zg==" },
                { "fo", "Zm8=" },
                { "foo", "Zm9v" },
                { "foob", "Zm9vYg==" },
                { "fooba", "Zm9vYmE=" },
                { "foobar", "Zm9vYmFy" },
                { "\xff\xfe\xfb", "//77" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
                _cleanup_free_ char *text = base64_encode(vectors[i][0], strlen(vectors[i][0]));
                ck_assert_str_eq(text, vectors[i][1]);
        }
}
END_TEST

/* ---- tasks ---- */

static void make_file(const char *directory, const char *name)
{
        _cleanup_free_ char *path = path_join(directory, name);
        char *slash = strrchr(path, '/');

        *slash = '\0';
        ck_assert_int_eq(directory_make(path, 0700), 0);
        *slash = '/';
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, "x", 1, 0600, false), 0);
}

START_TEST(test_tasks)
{
        char *directory = unit_directory();
        _cleanup_free_ char *app = path_join(directory, "app"), *gre = path_join(directory, "gre");
        _cleanup_free_ char *url = format_string("file://%s/with%%20space", directory);
        struct task_list list;

        make_file(app, "modules/backgroundtasks/BackgroundTask_b.sys.mjs");
        make_file(app, "modules/backgroundtasks/BackgroundTask_.sys.mjs");
        make_file(app, "modules/backgroundtasks/BackgroundTask_x.js");
        make_file(app, "modules/backgroundtasks/Other_x.sys.mjs");
        make_file(app, "modules/backgroundtasks/BackgroundTask_a..b.sys.mjs");
        make_file(gre, "modules/backgroundtasks/BackgroundTask_a.sys.mjs");
        make_file(gre, "modules/backgroundtasks/BackgroundTask_b.sys.mjs");
        make_file(directory, "with space/backgroundtasks/BackgroundTask_a.sys.mjs");
        make_file(directory, "with space/backgroundtasks/BackgroundTask_c.sys.mjs");
        ck_assert_int_eq(setenv("XPCSHELL_TESTING_MODULES_URI", url, 1), 0);
        ck_assert_int_eq(task_list_read(app, gre, &list), 0);
        unsetenv("XPCSHELL_TESTING_MODULES_URI");

        ck_assert_uint_eq(list.count, 3);
        static const char *const names[] = { "a", "b", "c" };
        static const enum task_origin origins[] = { TASK_TOOLKIT, TASK_APP, TASK_TEST };
        for (size_t i = 0; i < list.count; i++) {
                ck_assert_str_eq(list.entries[i].name, names[i]);
                ck_assert_int_eq(list.entries[i].origin, origins[i]);
                ck_assert_int_eq(access(list.entries[i].path, R_OK), 0);
        }
        task_list_done(&list);
        ck_assert_int_eq(task_list_read(NULL, "/nonexistent", &list), 0);
        ck_assert_uint_eq(list.count, 0);
        task_list_done(&list);
        unit_directory_remove(directory);
}
END_TEST

/* ---- fingerprints ---- */

static struct fingerprint *fingerprint_of(const char *directory)
{
        _cleanup_free_ char *absent = path_join(directory, "absent");
        _cleanup_free_ char *tree = path_join(directory, "tree");
        struct fingerprint *fingerprint = fingerprint_new();

        ck_assert_ptr_nonnull(fingerprint);
        ck_assert_int_eq(fingerprint_add(fingerprint, absent), 0);
        ck_assert_int_eq(fingerprint_add_tree(fingerprint, tree, "not"), 0);
        ck_assert_ptr_null(fingerprint_changed(fingerprint));
        return fingerprint;
}

START_TEST(test_fingerprint)
{
        /* What is changed, and whether that shows. */
        static const struct {
                const char *name;
                bool shows;
        } changes[] = { { "tree/a", true }, { "tree/sub/b", true },  { "tree/new", true },
                        { "absent", true }, { "tree/not/c", false }, { "elsewhere", false } };
        char *directory = unit_directory();

        make_file(directory, "tree/a");
        make_file(directory, "tree/sub/b");
        make_file(directory, "tree/not/c");
        for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
                struct fingerprint *fingerprint = fingerprint_of(directory);
                make_file(directory, changes[i].name);
                ck_assert_msg((fingerprint_changed(fingerprint) != NULL) == changes[i].shows, "%s",
                              changes[i].name);
                fingerprint_free(fingerprint);
        }
        struct fingerprint *fingerprint = fingerprint_of(directory);
        _cleanup_free_ char *path = path_join(directory, "tree/sub");
        ck_assert_int_eq(tree_remove(AT_FDCWD, path, NULL), 0);
        ck_assert_ptr_nonnull(fingerprint_changed(fingerprint));
        fingerprint_free(fingerprint);
        unit_directory_remove(directory);
}
END_TEST

/* ---- notification ---- */

START_TEST(test_notify)
{
        char *directory = unit_directory(), buffer[64] = { 0 }, pid[16];
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/notify", directory);
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        setenv("NOTIFY_SOCKET", address.sun_path, 1);
        setenv("WATCHDOG_USEC", "3000000", 1);
        setenv("WATCHDOG_PID", pid, 1);
        struct notify *notify = notify_new();
        ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
        ck_assert_int_eq(notify_watchdog_us(notify), 3000000);
        notify_send(notify, "READY=%d", 1);
        ck_assert_int_eq(recv(fd, buffer, sizeof(buffer) - 1, 0), 7);
        ck_assert_str_eq(buffer, "READY=1");
        notify_free(notify);

        setenv("NOTIFY_SOCKET", address.sun_path, 1);
        setenv("WATCHDOG_USEC", "3000000", 1);
        setenv("WATCHDOG_PID", "1", 1);
        notify = notify_new();
        ck_assert_int_eq(notify_watchdog_us(notify), 0); /* meant for another process */
        notify_free(notify);

        setenv("NOTIFY_SOCKET", "relative", 1);
        notify = notify_new();
        notify_send(notify, "READY=1");
        notify_free(notify);
        unit_directory_remove(directory);
}
END_TEST

START_TEST(test_listen)
{
        struct error error = ERROR_INIT;
        char pid[16];
        int fd = 0;

        ck_assert_int_eq(notify_listen_fd(&fd, &error), 0);
        ck_assert_int_eq(fd, -1);
        /* For another process. */
        setenv("LISTEN_PID", "1", 1);
        setenv("LISTEN_FDS", "1", 1);
        ck_assert_int_eq(notify_listen_fd(&fd, &error), 0);
        ck_assert_int_eq(fd, -1);
        ck_assert_ptr_null(getenv("LISTEN_FDS"));
        snprintf(pid, sizeof(pid), "%d", (int)getpid());
        setenv("LISTEN_PID", pid, 1);
        setenv("LISTEN_FDS", "2", 1);
        ck_assert_int_eq(notify_listen_fd(&fd, &error), -EINVAL);
        ck_assert_int_eq(fd, -1);
}
END_TEST

/* ---- descriptions ---- */

START_TEST(test_every_method_has_a_handler)
{
        struct error error = ERROR_INIT;

        ck_assert_msg(request_check_tables(&error) == 0, "%s", error.text);
        request_tables_done();
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_command_line, 0, ARRAY_SIZE(command_lines));
        tcase_add_test(test_case, test_option_values);
        tcase_add_test(test_case, test_base64);
        tcase_add_test(test_case, test_tasks);
        tcase_add_test(test_case, test_fingerprint);
        tcase_add_test(test_case, test_notify);
        tcase_add_test(test_case, test_listen);
        tcase_add_test(test_case, test_every_method_has_a_handler);
}

int main(void)
{
        return unit_main("daemon", add);
}
