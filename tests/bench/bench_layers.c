/* SPDX-License-Identifier: MPL-2.0 */
/*
 * What the layers of the sandbox that a run puts on itself cost it, one by one: the median and the 99th percentile
 * of many children, in microseconds of processor time. And what a refused call costs, for the run (SIGSYS) and for its programs (the
 * listener); and what it would cost to look at each file that a program opens.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/ioctl.h>
#include <linux/seccomp.h>
#include <linux/types.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/util.h"
#include "runner/denial.h"
#include "runner/limits.h"
#include "runner/sandbox_calls.h"
#include "runner/sandbox_caps.h"
#include "runner/sandbox_landlock.h"

#define CHILDREN 400
#define CALLS 2000

static double *result; /* shared with the child */

/* Layers: of this process, as the machine may be busy; calls: real time, as others answer them. */
static clockid_t clock_used = CLOCK_PROCESS_CPUTIME_ID;

static double now_us(void)
{
        struct timespec t;

        clock_gettime(clock_used, &t);
        return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static void check(int r, const char *what)
{
        if (r < 0) {
                fprintf(stderr, "bench_layers: %s: %s\n", what, strerror(-r));
                _exit(1);
        }
}

/* ---- layers ---- */

static void limits_layer(void)
{
        struct host host = { .heap_max = (size_t)256 << 20 };
        struct task_policy policy;
        struct error error = ERROR_INIT;

        task_policy_init(&policy);
        check(limits_apply(&host, &policy, true, &error), "limits");
}

static void landlock_layer(void)
{
        static const char *const paths[] = { "/usr", "/etc", "/dev/null", "/dev/urandom",
                                             "/lib", "/bin", "/lib64" };
        struct landlock_rule rules[ARRAY_SIZE(paths) + 1];
        struct error error = ERROR_INIT;

        for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
                rules[i] = (struct landlock_rule){ .path = paths[i],
                                                   .access = LANDLOCK_READ_EXECUTE,
                                                   .optional = true };
        rules[ARRAY_SIZE(paths)] = (struct landlock_rule){ .path = "/tmp", .access = LANDLOCK_READ_WRITE };
        check(landlock_apply(&(struct landlock_policy){ .rules = rules, .count = ARRAY_SIZE(rules) }, &error),
              error.text);
}

static void caps_layer(void)
{
        struct error error = ERROR_INIT;

        check(caps_bound(&error), "capabilities");
        check(caps_drop(&error), "capabilities");
}

static void filter_layer(void)
{
        struct error error = ERROR_INIT;

        check(calls_install(CALLS_JIT | CALLS_UNIX | CALLS_SIGNALS, &error), error.text);
}

static void filter_programs_layer(void)
{
        struct error error = ERROR_INIT;

        check(calls_install(CALLS_JIT | CALLS_UNIX | CALLS_SIGNALS | CALLS_SUBPROCESS, &error), error.text);
}

static void all_layers(void)
{
        limits_layer();
        landlock_layer();
        caps_layer();
        filter_layer();
}

/* ---- calls ---- */

static void call_many(int number)
{
        double begin = now_us();

        for (int i = 0; i < CALLS; i++)
                (void)syscall(number, 0, 0, 0, 0, 0);
        *result = (now_us() - begin) / CALLS;
}

static void call_plain(void)
{
        call_many(SYS_getppid);
}

static void call_filtered(void)
{
        filter_layer();
        call_many(SYS_getppid);
}

static void call_refused(void)
{
        filter_layer();
        call_many(SYS_ptrace);
}

static void call_refused_program(void)
{
        filter_programs_layer();
        call_many(SYS_ptrace);
}

static void open_many(void)
{
        double begin = now_us();

        for (int i = 0; i < CALLS; i++)
                close(open("/dev/null", O_RDONLY | O_CLOEXEC));
        *result = (now_us() - begin) / CALLS;
}

static int questions;

static void *answer_all(void *unused)
{
        for (;;) {
                union {
                        struct seccomp_notif question;
                        char room[512];
                } in;
                char path[4096];

                memset(&in, 0, sizeof(in));
                if (ioctl(questions, SECCOMP_IOCTL_NOTIF_RECV, &in.question) < 0)
                        return NULL;
                snprintf(path, sizeof(path), "/proc/%u/mem", in.question.pid);
                int fd = open(path, O_RDONLY | O_CLOEXEC);
                (void)!pread(fd, path, 256, (off_t)in.question.data.args[1]);
                close(fd);
                struct seccomp_notif_resp go_on = { .id = in.question.id,
                                                    .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
                ioctl(questions, SECCOMP_IOCTL_NOTIF_SEND, &go_on);
        }
}

/* Programs' openat() asked for, and let through after a look at the path. */
static void open_asked(void)
{
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_DIRECTORY, 0, 1), /* a flag that only the asked have */
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { ARRAY_SIZE(code), code };
        pthread_t thread;

        questions = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                                 &program);
        check(questions < 0 ? -errno : 0, "listener");
        check(-pthread_create(&thread, NULL, answer_all, NULL), "thread");
        double begin = now_us();
        for (int i = 0; i < CALLS; i++)
                close(open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY));
        *result = (now_us() - begin) / CALLS;
}

/* ---- */

static bool measures_itself(void (*body)(void))
{
        return body == call_plain || body == call_filtered || body == call_refused ||
               body == call_refused_program || body == open_many || body == open_asked;
}

static void measure(const char *name, void (*body)(void), int children)
{
        double values[CHILDREN];

        clock_used = measures_itself(body) ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID;
        for (int i = 0; i < children; i++) {
                int status;
                *result = 0;
                pid_t pid = fork();
                if (pid == 0) {
                        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
                        int fds[2];
                        check(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0 ? -errno : 0, "socketpair");
                        denial_start(NULL, fds[0]);
                        double begin = now_us();
                        body();
                        if (!measures_itself(body))
                                *result = now_us() - begin;
                        _exit(0);
                }
                if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
                        printf("%-58s not possible here\n", name);
                        return;
                }
                values[i] = *result;
        }
        qsort(values, (size_t)children, sizeof(values[0]), compare);
        printf("%-58s %9.2f %9.2f\n", name, values[children / 2], values[children * 99 / 100]);
        fflush(stdout);
}

int main(void)
{
        static const struct {
                const char *name;
                void (*body)(void);
                int children;
        } rows[] = {
                { "resource limits", limits_layer, CHILDREN },
                { "Landlock, 8 rules", landlock_layer, CHILDREN },
                { "capabilities and securebits", caps_layer, CHILDREN },
                { "filter of calls, compiled before", filter_layer, CHILDREN },
                { "the same with programs: listener and its thread", filter_programs_layer, CHILDREN },
                { "limits, Landlock, capabilities and filter", all_layers, CHILDREN },
                { "one call", call_plain, 20 },
                { "one call through the filter", call_filtered, 20 },
                { "one refused call, told by SIGSYS", call_refused, 20 },
                { "one refused call, told by the listener", call_refused_program, 20 },
                { "one open()", open_many, 20 },
                { "one open(), asked for and let through", open_asked, 20 },
        };
        struct error error = ERROR_INIT;

        result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (result == MAP_FAILED)
                return 1;
        if (calls_prepare(CALLS_JIT | CALLS_UNIX | CALLS_SIGNALS, CALLS_SUBPROCESS, &error) < 0) {
                fprintf(stderr, "bench_layers: %s\n", error.text);
                return 1;
        }
        printf("%-58s %9s %9s\n", "microseconds", "median", "99 %");
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
                measure(rows[i].name, rows[i].body, rows[i].children);
        return 0;
}
