/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A stand-in for `bgtask-runner --zygote` that fails on purpose, for tests of the daemon. The name of a run's task
 * says what goes wrong in it (the tables below); $FAKE_ZYGOTE what goes wrong before the zygote is ready. With
 * $FAKE_ONCE naming a file, what the zygote itself does wrong happens only until that file exists; "later-", though, is
 * what goes wrong in all but the first. A slow one waits for the file that $FAKE_GO names.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/run_file.h"
#include "lib/run_file_write.h"
#include "lib/util.h"
#include "lib/wire.h"

static int zygote_fds[WIRE_FD_MAX]; /* of the run being started */
static struct run_file_writer run_file = RUN_FILE_WRITER_INIT;

/* Whether to misbehave: always, or the first time. */
static bool once(void)
{
        const char *path = getenv("FAKE_ONCE");

        if (!path)
                return true;
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

static void sleep_ms(long ms)
{
        const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

        nanosleep(&time, NULL);
}

static void wait_for(const char *path)
{
        while (access(path, F_OK) < 0)
                sleep_ms(5);
}

static void sleep_for_ever(void)
{
        for (;;)
                pause();
}

/* ---- the run ---- */

static void report(const struct wire_report *report)
{
        char *text;
        size_t size;

        if (wire_report_encode(report, &text, &size) == 0)
                wire_send(WIRE_ZYGOTE_FD + WIRE_FD_RESULT, text, size, NULL, 0);
        free(text);
}

static void report_started(int64_t limit_us)
{
        run_file_write_entered(&run_file);
        run_file_write_running(&run_file, limit_us, NULL);
        report(&(struct wire_report){ .event = WIRE_EVENT_STARTED, .limit_us = limit_us });
}

static void finish(int code)
{
        const struct wire_report end = {
                .event = WIRE_EVENT_FINISHED,
                .result = { .outcome = code ? WIRE_OUTCOME_EXITED : WIRE_OUTCOME_SUCCESS,
                            .exit_code = code,
                            .value = code },
        };

        run_file_write_finished(&run_file, &end);
        report(&end);
        _exit(code);
}

static void run_exit(const struct wire_start *start)
{
        finish(start->args[0] ? atoi(start->args[0]) : 0);
}

static void run_print(const struct wire_start *start)
{
        for (char **arg = start->args; *arg; arg++)
                dprintf(arg == start->args ? STDOUT_FILENO : STDERR_FILENO, "%s", *arg);
        finish(0);
}

static void run_bytes(const struct wire_start *start)
{
        static const char two_and_a_half[] = "\xc3\xa9\xff\xe2\x82";

        fd_write_all(STDOUT_FILENO, two_and_a_half, sizeof(two_and_a_half) - 1);
        finish(0);
}

/* The three bytes of a euro sign, each in its own write. */
static void run_split(const struct wire_start *start)
{
        for (const char *byte = "\xe2\x82\xac"; *byte; byte++) {
                fd_write_all(STDOUT_FILENO, byte, 1);
                sleep_ms(30);
        }
        finish(0);
}

static void run_flood(const struct wire_start *start)
{
        char line[1024];

        memset(line, 'x', sizeof(line));
        line[sizeof(line) - 1] = '\n';
        for (long i = start->args[0] ? atol(start->args[0]) : 1024; i > 0; i--)
                fd_write_all(STDOUT_FILENO, line, sizeof(line));
        finish(0);
}

static void run_sleep(const struct wire_start *start)
{
        dprintf(STDOUT_FILENO, "asleep\n");
        sleep_for_ever();
}

static void run_stubborn(const struct wire_start *start)
{
        signal(SIGTERM, SIG_IGN);
        run_sleep(start);
}

static void run_linger(const struct wire_start *start)
{
        if (fork() == 0)
                sleep_for_ever();
        dprintf(STDOUT_FILENO, "parent ends\n");
        if (start->args[0])
                wait_for(start->args[0]);
        finish(0);
}

static void run_crash(const struct wire_start *start)
{
        mkdir(start->profile, 0700);
        signal(SIGSEGV, SIG_DFL); /* a sanitizer may have taken it */
        raise(SIGSEGV);
}

/* Of two ends of a pipe: a fork's child has the one, so that the other tells when it and all below it are done. */
struct family {
        int ends[2];
};

static struct family family_new(void)
{
        struct family family;

        if (pipe2(family.ends, O_CLOEXEC) < 0)
                _exit(1);
        return family;
}

static void family_wait(const struct family *family)
{
        char byte;

        close(family->ends[1]);
        while (read(family->ends[0], &byte, 1) > 0)
                ;
        close(family->ends[0]);
}

/* Whoever made it has gone, and it has been given to another. */
static void become_orphan(void)
{
        setsid();
        pid_t parent = getpid();
        if (fork() > 0)
                _exit(0);
        while (getppid() == parent)
                sleep_ms(1);
}

static void ask(const char *path, const char *call)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char reply[4096];

        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
                dprintf(STDOUT_FILENO, "connect: %s", strerror(errno));
        /* It may be refused before this is sent. */
        send(fd, call, strlen(call) + 1, MSG_NOSIGNAL);
        ssize_t n = recv(fd, reply, sizeof(reply), 0);
        if (n > 0)
                fd_write_all(STDOUT_FILENO, reply, (size_t)n - 1);
}

/* A client of the daemon: its first argument is the socket, the second who connects, the third a call. */
static void run_client(const struct wire_start *start)
{
        if (strcmp(start->args[1], "child") == 0 || strcmp(start->args[1], "orphan") == 0) {
                const struct family family = family_new();
                if (fork() > 0) {
                        family_wait(&family);
                        finish(0);
                }
                if (strcmp(start->args[1], "orphan") == 0)
                        become_orphan();
                ask(start->args[0], start->args[2]);
                _exit(0);
        }
        ask(start->args[0], start->args[2]);
        finish(0);
}

/* By a signal that nobody else sent; nothing says how it ended but its status. */
static void run_dies(const struct wire_start *start)
{
        kill(getpid(), SIGKILL);
}

static void run_silent(const struct wire_start *start)
{
        _exit(0);
}

static void run_nonsense(const struct wire_start *start)
{
        static const char *const texts[] = {
                "", "{", "[]", "{\"event\":\"finished\"}", "{\"event\":\"x\"}", "\xff"
        };

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                wire_send(WIRE_ZYGOTE_FD + WIRE_FD_RESULT, texts[i], strlen(texts[i]), NULL, 0);
        finish(0);
}

static void run_setup(const struct wire_start *start)
{
        report(&(struct wire_report){
                .event = WIRE_EVENT_SETUP_FAILED, .stage = (char *)"profile", .error = ENOSPC });
        _exit(1);
}

/* The first time it gets no further than that. */
static void run_slow_setup(const struct wire_start *start)
{
        if (once())
                sleep_for_ever();
        report_started(0);
        finish(0);
}

static void run_loading(const struct wire_start *start)
{
        run_file_write_entered(&run_file);
        sleep_for_ever();
}

/* Prints, waits until the file that its argument names exists, prints more and ends with its second. */
static void run_wait(const struct wire_start *start)
{
        dprintf(STDOUT_FILENO, "before\n");
        wait_for(start->args[0]);
        dprintf(STDOUT_FILENO, "after\n");
        finish(start->args[1] ? atoi(start->args[1]) : 0);
}

/* A process that nothing ties to the run but its beginning, and one below it; their numbers are in the file that the
 * argument names when this returns. */
static void daemonize(const char *path)
{
        const struct family family = family_new();

        if (fork() != 0) {
                family_wait(&family);
                return;
        }
        setsid();
        signal(SIGTERM, SIG_IGN);
        if (fork() != 0)
                _exit(0);
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fork() < 0)
                _exit(1);
        dprintf(fd, "%d\n", (int)getpid());
        for (int i = 0; i < 64; i++)
                close(i);
        sleep_for_ever();
}

static void run_daemonize(const struct wire_start *start)
{
        daemonize(start->args[0]);
        if (start->args[1])
                run_stubborn(start);
        finish(0);
}

/* Programs whose parents have gone, and which end while the run goes on: its argument says how many. */
static void run_litters(const struct wire_start *start)
{
        for (int i = atoi(start->args[0]); i > 0; i--) {
                pid_t pid = fork();
                if (pid == 0) {
                        setsid();
                        _exit(fork() < 0);
                }
                waitpid(pid, NULL, 0);
        }
        run_sleep(start);
}

static void run_stopped(const struct wire_start *start)
{
        dprintf(STDOUT_FILENO, "asleep\n");
        raise(SIGSTOP);
        sleep_for_ever();
}

static void run_spin(const struct wire_start *start)
{
        signal(SIGTERM, SIG_IGN);
        dprintf(STDOUT_FILENO, "asleep\n");
        for (;;)
                ;
}

/* Nothing is heard of it any more. */
static void run_closes(const struct wire_start *start)
{
        dprintf(STDOUT_FILENO, "asleep\n");
        sleep_ms(50);
        for (int i = 0; i < 64; i++)
                close(i);
        sleep_for_ever();
}

static void run_liar(const struct wire_start *start)
{
        report(&(struct wire_report){ .event = WIRE_EVENT_FINISHED,
                                      .result = { .outcome = WIRE_OUTCOME_SUCCESS } });
        _exit(start->args[0] ? atoi(start->args[0]) : 9);
}

/* Until it gets no more. */
static void run_fills(const struct wire_start *start)
{
        char block[65536] = { 0 };

        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 1 << 20, 1 << 20 });
        mkdir(start->profile, 0700);
        int fd = open(start->args[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        while (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
                ;
        dprintf(STDOUT_FILENO, "%s\n", strerror(errno));
        finish(errno == EFBIG ? 27 : 1);
}

/* Is interrupted once. */
static void run_half(const struct wire_start *start)
{
        bool first = once(); /* before anybody sees that it runs, and ends it */

        dprintf(STDOUT_FILENO, "half\n");
        if (first)
                sleep_for_ever();
        finish(0);
}

/* Waits for a file, then prints so many KiB. */
static void run_spout(const struct wire_start *start)
{
        dprintf(STDOUT_FILENO, "before\n");
        wait_for(start->args[0]);
        start->args[0] = start->args[1];
        run_flood(start);
}

/* The kernel ends it: it takes no notice of the softer limit. */
static void run_burns(const struct wire_start *start)
{
        signal(SIGXCPU, SIG_IGN);
        setrlimit(RLIMIT_CPU, &(struct rlimit){ 1, 2 });
        run_spin(start);
}

/* It has said how it ended, and takes its time to go. */
static void run_leaving(const struct wire_start *start)
{
        report(&(struct wire_report){ .event = WIRE_EVENT_FINISHED,
                                      .result = { .outcome = WIRE_OUTCOME_SUCCESS } });
        sleep_ms(100);
        dprintf(STDOUT_FILENO, "leaving\n");
        sleep_ms(300);
        _exit(0);
}

static const struct {
        const char *task;
        void (*run)(const struct wire_start *start);
        bool setup; /* fails before the task: "started" is not reported */
        int64_t limit_us;
} runs[] = {
        { "exit", run_exit, false, 0 },           { "print", run_print, false, 0 },
        { "bytes", run_bytes, false, 0 },         { "split", run_split, false, 0 },
        { "flood", run_flood, false, 0 },         { "sleep", run_sleep, false, 0 },
        { "late", run_stubborn, false, 100000 },  { "stubborn", run_stubborn, false, 0 },
        { "linger", run_linger, false, 0 },       { "crash", run_crash, false, 0 },
        { "silent", run_silent, false, 0 },       { "zygote-mute", run_dies, false, 0 },
        { "nonsense", run_nonsense, false, 0 },   { "client", run_client, false, 0 },
        { "setup", run_setup, true, 0 },          { "slow-setup", run_slow_setup, true, 0 },
        { "loading", run_loading, true, 0 },      { "wait", run_wait, false, 0 },
        { "daemonize", run_daemonize, false, 0 }, { "litters", run_litters, false, 0 },
        { "stopped", run_stopped, false, 0 },     { "spin", run_spin, false, 0 },
        { "closes", run_closes, false, 0 },       { "liar", run_liar, false, 0 },
        { "half", run_half, false, 0 },           { "exit-late", run_stubborn, false, 0 },
        { "leaving", run_leaving, false, 0 },     { "burns", run_burns, false, 0 },

        { "spout", run_spout, false, 0 },         { "fills", run_fills, false, 0 },
        { "spin-late", run_spin, false, 100000 },
};

static void run_task(const struct wire_start *start)
{
        for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
                if (strcmp(runs[i].task, start->task) == 0) {
                        if (!runs[i].setup)
                                report_started(runs[i].limit_us);
                        runs[i].run(start);
                }
        report_started(0);
        finish(0);
}

static void run(const struct wire_start *start)
{
        setsid();
        if (!strstr(start->policy, "OnDaemonExit=adopt"))
                prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(zygote_fds[WIRE_FD_STDOUT], STDOUT_FILENO) < 0 ||
            dup2(zygote_fds[WIRE_FD_STDERR], STDERR_FILENO) < 0 ||
            dup2(zygote_fds[WIRE_FD_RESULT], WIRE_ZYGOTE_FD + WIRE_FD_RESULT) < 0 ||
            dup2(zygote_fds[WIRE_FD_RUN_FILE], WIRE_ZYGOTE_FD + WIRE_FD_RUN_FILE) < 0)
                _exit(1);
        close(WIRE_ZYGOTE_FD);
        for (size_t i = 0; i < WIRE_FD_COUNT; i++)
                if (zygote_fds[i] != WIRE_ZYGOTE_FD + WIRE_FD_RESULT &&
                    zygote_fds[i] != WIRE_ZYGOTE_FD + WIRE_FD_RUN_FILE)
                        close(zygote_fds[i]);
        run_file_writer_init(&run_file, WIRE_ZYGOTE_FD + WIRE_FD_RUN_FILE);
        clock_sleep_until_us(start->begin_monotonic_us);
        run_task(start);
}

/* ---- the zygote ---- */

static void zygote_say(uint32_t kind, const struct wire_start *start, pid_t pid, int error, int pidfd)
{
        const struct wire_zygote_event event = {
                .version = WIRE_VERSION,
                .kind = kind,
                .run_id = start ? start->run_id : 0,
                .epoch = start ? start->epoch : 0,
                .pid = pid,
                .error = error,
        };

        wire_send(WIRE_ZYGOTE_FD, &event, sizeof(event), &pidfd, pidfd >= 0 ? 1 : 0);
}

static pid_t zygote_clone(const struct wire_start *start, int *ret_pidfd)
{
        int32_t *number = run_file_map_pid(zygote_fds[WIRE_FD_RUN_FILE]);
        struct clone_args args = {
                .flags = CLONE_PARENT | CLONE_PIDFD | CLONE_PARENT_SETTID,
                .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
                .parent_tid = (uint64_t)(uintptr_t)number,
        };
        pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

        run_file_unmap_pid(number);
        if (pid == 0)
                run(start);
        return pid;
}

static void *volatile leaked;

static void zygote_misbehave(const struct wire_start *start)
{
        int pidfd;

        if (strcmp(start->task, "zygote-dies") == 0 && once())
                _exit(3);
        if (strcmp(start->task, "zygote-grows") == 0) {
                size_t size = (size_t)4 << 20;
                void **leak = malloc(size);
                if (!leak)
                        abort();
                memset(leak, 1, size);
                *leak = leaked; /* all of it can be reached, or LeakSanitizer would tell of it */
                leaked = leak;
        }
        if (strcmp(start->task, "zygote-hangs") == 0 && once())
                sleep_for_ever();
        if (strcmp(start->task, "zygote-babbles") == 0 && once()) {
                wire_send(WIRE_ZYGOTE_FD, "what?", 5, NULL, 0);
                sleep_for_ever();
        }
        if (strcmp(start->task, "zygote-mute") == 0 && once()) {
                zygote_clone(start, &pidfd);
                sleep_for_ever();
        }
        if (strcmp(start->task, "zygote-dies-late") == 0 && once()) {
                /* The run exists, and the daemon has not been told. */
                zygote_clone(start, &pidfd);
                _exit(3);
        }
}

static void zygote_start(const struct wire_start *start)
{
        int pidfd = -1;

        zygote_misbehave(start);
        if (strcmp(start->task, "no-memory") == 0 && once()) {
                zygote_say(WIRE_STARTED, start, 0, ENOMEM, -1);
                return;
        }
        if (strcmp(start->task, "no-process") == 0) {
                zygote_say(WIRE_STARTED, start, 0, EAGAIN, -1);
                return;
        }
        pid_t pid = zygote_clone(start, &pidfd);
        zygote_say(WIRE_STARTED, start, pid > 0 ? pid : 0, pid > 0 ? 0 : errno, pid > 0 ? pidfd : -1);
        if (pid > 0)
                close(pidfd);
}

static bool zygote_serve(void)
{
        static char packet[WIRE_PACKET_MAX];
        struct error error = ERROR_INIT;
        struct wire_start start;
        size_t count;
        int n = wire_receive(WIRE_ZYGOTE_FD, packet, sizeof(packet), zygote_fds, WIRE_FD_MAX, &count);

        if (n <= 0)
                return false;
        if (wire_start_decode(packet, (size_t)n, &start, &error) < 0) {
                fprintf(stderr, "fake zygote: %s\n", error.text);
                return false;
        }
        zygote_start(&start);
        for (size_t i = 0; i < count; i++)
                close(zygote_fds[i]);
        if (strcmp(start.task, "zygote-deaf") == 0 && once()) {
                /* Dying: what is sent to it fails already, and its end is seen only later. */
                shutdown(WIRE_ZYGOTE_FD, SHUT_RD);
                sleep_ms(300);
                _exit(3);
        }
        free(start.args);
        return true;
}

int main(int argc, char **argv)
{
        const char *how = getenv("FAKE_ZYGOTE");

        if (argc < 2 || strcmp(argv[1], "--zygote") != 0)
                return 64;
        if (how && strcmp(how, "exits") == 0 && once())
                return 70;
        if (how && strcmp(how, "babbles") == 0 && once())
                wire_send(WIRE_ZYGOTE_FD, "hello", 5, NULL, 0);
        if (how && strcmp(how, "later-exits") == 0 && !once())
                return 70;
        if (how && strcmp(how, "later-slow") == 0 && !once())
                wait_for(getenv("FAKE_GO"));
        zygote_say(WIRE_READY, NULL, 0, 0, -1);
        while (zygote_serve())
                ;
        return 0;
}
