/* SPDX-License-Identifier: MPL-2.0 */
/*
 * libbgtask, as others get it: the shared library and what it shows. The program that is run detached is this one again: it
 * writes down what it was given and what it finds around it, in a file that has its task's name.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/bgtask.h"
#include "lib/cleanup.h"
#include "tests/unit/unit.h"

#define DIRECTORY "BGTASK_TEST_DIRECTORY"
#define NASTY 200
#define THREADS 8
#define ROUNDS 10

/* ---- the program that is run ---- */

static size_t descriptors_above_2(void)
{
        DIR *stream = opendir("/proc/self/fd");
        size_t count = 0;

        for (const struct dirent *entry; (entry = readdir(stream));)
                if (entry->d_name[0] != '.' && atoi(entry->d_name) > 2 &&
                    atoi(entry->d_name) != dirfd(stream))
                        count++;
        closedir(stream);
        return count;
}

static size_t null_descriptors(void)
{
        size_t count = 0;

        for (int fd = 0; fd <= 2; fd++) {
                char link[32], target[32] = "";
                snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
                ssize_t size = readlink(link, target, sizeof(target) - 1);
                target[MAX(size, 0)] = '\0';
                count += strcmp(target, "/dev/null") == 0;
        }
        return count;
}

/* Whether no signal is ignored or blocked. (A sanitizer has handlers of its own.) */
static bool signals_are_fresh(void)
{
        sigset_t blocked;

        sigprocmask(SIG_BLOCK, NULL, &blocked);
        for (int number = 1; number < 32; number++) {
                struct sigaction action;
                if (sigismember(&blocked, number) == 1)
                        return false;
                if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
                        return false;
        }
        return true;
}

static int record(char **argv)
{
        const char *directory = getenv(DIRECTORY);
        _cleanup_free_ char *gone = path_join(directory, "gone");
        _cleanup_free_ char *path = path_join(directory, argv[2]);
        char *text = NULL;
        size_t size;

        for (size_t i = 0; strcmp(argv[2], "outlives") == 0 && access(gone, F_OK) < 0 && i < 6000; i++)
                usleep(10000);
        size_t descriptors = descriptors_above_2();
        FILE *out = open_memstream(&text, &size);
        fprintf(out, "%d %d %zu %zu %d", (int)getsid(0), (int)getppid(), descriptors, null_descriptors(),
                signals_are_fresh());
        for (char **arg = argv + 3; *arg; arg++) {
                fputc('\0', out);
                fputs(*arg, out);
        }
        fclose(out);
        int r = file_write_atomic(AT_FDCWD, path, text, size, 0600, false);
        free(text);
        return r < 0 ? 1 : 0;
}

/* ---- what it wrote ---- */

static char *base;
static volatile sig_atomic_t signals_seen;

static void count_signal(int number)
{
        signals_seen++;
}

static void setup(void)
{
        char program[4096];
        ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);

        base = unit_directory();
        program[size] = '\0';
        setenv("BGTASK_RUNNER", program, 1);
        setenv(DIRECTORY, base, 1);
        signal(SIGCHLD, count_signal);
        signals_seen = 0;
}

static void teardown(void)
{
        unit_directory_remove(base);
}

struct facts {
        int session, parent, descriptors, nulls, fresh;
        char *text; /* malloc'd */
        size_t size, args;
};

static struct facts facts_wait(const char *task)
{
        _cleanup_free_ char *path = path_join(base, task);
        struct facts facts = { 0 };

        while (file_read(AT_FDCWD, path, 1 << 20, &facts.text, &facts.size) < 0)
                usleep(1000);
        ck_assert_int_eq(sscanf(facts.text, "%d %d %d %d %d", &facts.session, &facts.parent,
                                &facts.descriptors, &facts.nulls, &facts.fresh),
                         5);
        facts.args = strlen(facts.text) + 1;
        return facts;
}

static void facts_check(const struct facts *facts)
{
        ck_assert_int_ne(facts->session, getsid(0));
        ck_assert_int_ne(facts->parent, getpid());
        ck_assert_int_eq(facts->descriptors, 0);
        ck_assert_int_eq(facts->nulls, 3);
        ck_assert_int_eq(facts->fresh, 1);
}

/* No child is left, not even one that only a wait for all kinds would see. */
static void children_check(void)
{
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
        ck_assert_int_eq(errno, ECHILD);
}

/* ---- tests ---- */

/* Numbers, shells, quotes, blanks, nothing, long ones, all of Unicode's planes, flags. */
static char *nasty(size_t i)
{
        static const char *const fixed[] = {
                "",           " ",       "  a  b ", "\t",     "\n",         "a\nb\r\n", "'",
                "\"",         "\\",      "\\\\",    "$HOME",  "`id`",       "$(id)",    "*",
                "?[a-z]",     "~",       "#",       ";",      "&",          "|",        "<",
                ">",          "!",       "%s%n",    "--",     "-",          "--help",   "-v",
                "--a=b",      "=",       "a=b",     "\x7f",   "\x1b[31m",   "\u00e9",   "\u4e2d",
                "\U0001f600", "e\u0301", "\ufeff",  "\u202e", "\U0010ffff", "a\\ b",    "'a' \"b\"",
                "--profile",  "\\u0041", "null",
        };
        if (i < ARRAY_SIZE(fixed))
                return strdup(fixed[i]);
        if (i == NASTY - 1) {
                char *large = malloc(60001);
                memset(large, 'x', 60000);
                large[60000] = '\0';
                return large;
        }
        return format_string("%zu%s\"%s'%c\\", i, fixed[i % ARRAY_SIZE(fixed)],
                             fixed[(i * 7) % ARRAY_SIZE(fixed)], (int)(i % 94) + 33);
}

START_TEST(arguments_arrive_intact)
{
        const char *args[NASTY + 1] = { NULL };
        struct bgtask_error error = { 0 };

        for (size_t i = 0; i < NASTY; i++)
                args[i] = nasty(i);
        ck_assert_msg(bgtask_run_detached("nasty", args, &error) == 0, "%s", error.text);
        struct facts facts = facts_wait("nasty");
        size_t at = facts.args;
        for (size_t i = 0; i < NASTY; i++) {
                ck_assert_uint_lt(at, facts.size + 1);
                ck_assert_str_eq(facts.text + at, args[i]);
                at += strlen(args[i]) + 1;
                free((char *)args[i]);
        }
        ck_assert_uint_eq(at, facts.size + 1);
        facts_check(&facts);
        free(facts.text);
        children_check();
        ck_assert_int_eq(signals_seen, 0);
}
END_TEST

START_TEST(nothing_is_inherited)
{
        struct bgtask_error error = { 0 };
        sigset_t set, after;

        ck_assert_int_ge(open("/dev/zero", O_RDONLY), 3); /* not close-on-exec */
        ck_assert_int_eq(dup2(0, 200), 200);
        signal(SIGPIPE, SIG_IGN);
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_SETMASK, &set, NULL);
        ck_assert_msg(bgtask_run_detached("bare", NULL, &error) == 0, "%s", error.text);
        struct facts facts = facts_wait("bare");
        facts_check(&facts);
        ck_assert_uint_eq(facts.args, facts.size + 1);
        free(facts.text);
        /* What was the caller's is as before. */
        sigprocmask(SIG_SETMASK, NULL, &after);
        ck_assert_int_eq(sigismember(&after, SIGUSR1), 1);
        ck_assert_int_eq(sigismember(&after, SIGTERM), 0);
        children_check();
}
END_TEST

/* A caller whose own descriptors 0 to 2 are closed: the pipe has one of these numbers. */
START_TEST(standard_descriptors_are_closed)
{
        struct bgtask_error error = { 0 };
        int saved[3];

        for (int fd = 0; fd < 3; fd++) {
                saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
                close(fd);
        }
        int r = bgtask_run_detached("closed", NULL, &error);
        for (int fd = 0; fd < 3; fd++)
                dup2(saved[fd], fd);
        ck_assert_msg(r == 0, "%s", error.text);
        struct facts facts = facts_wait("closed");
        facts_check(&facts);
        free(facts.text);
}
END_TEST

START_TEST(it_outlives_the_caller)
{
        pid_t pid = fork();

        if (pid == 0)
                _exit(bgtask_run_detached("outlives", NULL, NULL) < 0);
        int status = -1;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert_int_eq(status, 0);
        _cleanup_free_ char *gone = path_join(base, "gone");
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, gone, "", 0, 0600, false), 0);
        struct facts facts = facts_wait("outlives");
        facts_check(&facts);
        ck_assert_int_ne(facts.parent, pid);
        free(facts.text);
}
END_TEST

static void *thread_run(void *data)
{
        for (int round = 0; round < ROUNDS; round++) {
                char task[32];
                snprintf(task, sizeof(task), "thread-%d-%d", (int)(intptr_t)data, round);
                if (bgtask_run_detached(task, NULL, NULL) < 0)
                        return (void *)1;
        }
        return NULL;
}

START_TEST(from_many_threads)
{
        pthread_t threads[THREADS];
        void *failed;

        signal(SIGCHLD, SIG_IGN); /* children of the caller vanish by themselves */
        for (intptr_t i = 0; i < THREADS; i++)
                ck_assert_int_eq(pthread_create(&threads[i], NULL, thread_run, (void *)i), 0);
        for (size_t i = 0; i < THREADS; i++) {
                ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
                ck_assert_ptr_null(failed);
        }
        for (int i = 0; i < THREADS * ROUNDS; i++) {
                char task[32];
                snprintf(task, sizeof(task), "thread-%d-%d", i / ROUNDS, i % ROUNDS);
                struct facts facts = facts_wait(task);
                facts_check(&facts);
                free(facts.text);
        }
        children_check();
}
END_TEST

START_TEST(directories)
{
        struct bgtask_error error = { 0 };

        ck_assert_int_eq(bgtask_remove_directory_detached("/a b", "c", 7, NULL, &error), 0);
        struct facts facts = facts_wait("removeDirectory");
        static const char expected[] = "/a b\0c\0"
                                       "7\0";
        ck_assert_uint_eq(facts.size - facts.args, sizeof(expected) - 1);
        ck_assert_mem_eq(facts.text + facts.args, expected, sizeof(expected) - 1);
        free(facts.text);
        ck_assert_int_eq(bgtask_remove_directory_detached("a", "c", 7, NULL, &error), -EINVAL);
        ck_assert_int_eq(error.code, EINVAL);
        ck_assert_str_eq(error.text, "expected an absolute path, found \"a\"");
}
END_TEST

START_TEST(failures_are_told)
{
        struct bgtask_error error = { 0 };
        const char *const bad[] = { "\xff", NULL };

        ck_assert_int_eq(bgtask_run_detached("a/b", NULL, &error), -EINVAL);
        ck_assert_int_eq(bgtask_run_detached("", NULL, NULL), -EINVAL);
        ck_assert_int_eq(bgtask_run_detached("a", bad, &error), -EINVAL);
        setenv("BGTASK_RUNNER", "relative", 1);
        ck_assert_int_eq(bgtask_run_detached("a", NULL, &error), -EINVAL);
        ck_assert_str_eq(error.text, "BGTASK_RUNNER is \"relative\", expected an absolute path");
        setenv("BGTASK_RUNNER", "/nonexistent/runner", 1);
        ck_assert_int_eq(bgtask_run_detached("a", NULL, &error), -ENOENT);
        ck_assert_str_eq(error.text, "cannot execute /nonexistent/runner: No such file or directory");
        setenv("BGTASK_RUNNER", "/dev/null", 1);
        ck_assert_int_eq(bgtask_run_detached("a", NULL, &error), -EACCES);
        children_check();
        ck_assert_int_eq(signals_seen, 0);
}
END_TEST

START_TEST(no_daemon)
{
        struct bgtask_registration registration = { .command = "/x", .interval_sec = 1799 };
        static const char *const args[] = { "--backgroundtask", "a", NULL };
        struct bgtask_error error = { 0 };

        setenv("BGTASKD_SOCKET", "/nonexistent/socket", 1);
        ck_assert_int_eq(bgtask_run("a", NULL, NULL, &error), -ENOENT);
        ck_assert_str_eq(error.text, "no daemon answers on /nonexistent/socket");
        ck_assert_int_eq(bgtask_exists("a", &error), -ENOENT);
        ck_assert_int_eq(bgtask_delete("", &error), -EINVAL);
        ck_assert_int_eq(bgtask_register("a", &registration, &error), -EINVAL);
        ck_assert_str_eq(error.text, "expected an interval from 1800 to 315360000 seconds, found 1799");
        registration.interval_sec = 1800;
        ck_assert_int_eq(bgtask_register("a", &registration, &error), -EINVAL);
        ck_assert_str_eq(error.text,
                         "/x: expected --backgroundtask NAME among its arguments: only background tasks can "
                         "be scheduled");
        registration.args = args;
        ck_assert_int_eq(bgtask_register("a", &registration, &error), -ENOENT);
}
END_TEST

static void add_tests(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_test(test_case, arguments_arrive_intact);
        tcase_add_test(test_case, nothing_is_inherited);
        tcase_add_test(test_case, standard_descriptors_are_closed);
        tcase_add_test(test_case, it_outlives_the_caller);
        tcase_add_test(test_case, from_many_threads);
        tcase_add_test(test_case, directories);
        tcase_add_test(test_case, failures_are_told);
        tcase_add_test(test_case, no_daemon);
}

int main(int argc, char **argv)
{
        if (argc >= 3 && strcmp(argv[1], "--backgroundtask") == 0)
                return record(argv);
        return unit_main("bgtask", add_tests);
}
