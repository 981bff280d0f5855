/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Only the engine's own thread can walk its stack, and it is in native code. So it is sent a signal, whose handler
 * has the engine write the frames, unbuffered, to memory:
 *
 *   watchdog: native_stack_take ---SIGNAL---> engine: on_signal, eng_dump_frames
 *             waits <-------- state ENDED ---         rests, so that nothing changes while the watchdog reports
 *             frames_convert, and the process leaves
 *
 * The handler interrupts anything: a malloc(), whose lock it would wait for for ever, or a collection, whose
 * half-moved objects it would follow into nowhere. That must cost the stack, never the exit. Therefore:
 *
 * - It happens once and last: all handlers are installed right before, and for good.
 * - A fault holds the thread that caused it. Faults of other threads are not concerned, they block all signals.
 * - What is written before a fault or a dead end counts: the text grows by whole writes, published by @size.
 * - The stream is made by the watchdog's thread before the signal, which thereby has a heap of its own that the
 *   other's locks do not guard. Should it hang all the same, an alarm ends the process with the right code.
 *   Where the walk came to its end, the engine's thread goes on after a rest instead, and returns what it holds.
 */
#include "config.h"

#include "runner/native_stack.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/util.h"
#include "runner/describe.h"

#define SIGNAL SIGRTMIN
#define WAIT_CPU_US                                                                                          \
        (20 * (int64_t)USEC_PER_MSEC) /* for the walk; a machine that is busy elsewhere does not count */
#define WAIT_US (200 * (int64_t)USEC_PER_MSEC) /* for a thread that waits, or is not let run */
#define POLL_NS 500000
#define ALARM_SEC 1
#define REST_SEC 1
#define TEXT_SIZE (16 * 1024)

enum { STATE_WALKING, STATE_ENDED, STATE_FAULTED };

static struct {
        eng *engine;
        pid_t thread; /* libc's own idea of it is the zygote's, which cloned behind its back */
        int exit_code;
        FILE *stream;
        atomic_int state;
        atomic_size_t size; /* of the text that is written */
        char text[TEXT_SIZE];
} dump;

static void on_fault(int signal_number)
{
        atomic_store(&dump.state, STATE_FAULTED);
        for (;;)
                pause();
}

static void on_alarm(int signal_number)
{
        _exit(dump.exit_code);
}

static void walk_ended(void)
{
        struct timespec rest = { .tv_sec = REST_SEC };

        atomic_store(&dump.state, STATE_ENDED);
        nanosleep(&rest, NULL);
}

/* The stream's. What has no room is left out: no write fails. */
static ssize_t text_write(void *unused, const char *text, size_t size)
{
        size_t before = atomic_load(&dump.size);
        size_t taken = MIN(size, sizeof(dump.text) - 1 - before);

        memcpy(dump.text + before, text, taken);
        atomic_store(&dump.size, before + taken);
        return (ssize_t)size;
}

static void on_signal(int signal_number)
{
        eng_dump_frames(dump.engine, dump.stream);
        walk_ended();
}

static bool handler_set(int signal_number, void (*handler)(int))
{
        struct sigaction action = { .sa_handler = handler };

        return sigaction(signal_number, &action, NULL) == 0;
}

static bool handlers_install(void)
{
        static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT };

        for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
                if (!handler_set(faults[i], on_fault))
                        return false;
        return handler_set(SIGALRM, on_alarm) && handler_set(SIGNAL, on_signal);
}

static bool stream_open(void)
{
        dump.stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = text_write });
        return dump.stream && setvbuf(dump.stream, NULL, _IONBF, 0) == 0;
}

static int64_t cpu_us(void)
{
        struct timespec used = { 0 };

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return used.tv_sec * (int64_t)USEC_PER_SEC + used.tv_nsec / 1000;
}

static void walk_wait(void)
{
        const struct timespec poll = { .tv_nsec = POLL_NS };
        const int64_t cpu_end_us = cpu_us() + WAIT_CPU_US, end_us = clock_monotonic_us() + WAIT_US;

        while (atomic_load(&dump.state) == STATE_WALKING && cpu_us() < cpu_end_us &&
               clock_monotonic_us() < end_us)
                nanosleep(&poll, NULL);
}

/* Of a line "#0 ADDRESS KIND   URL:LINE (ADDRESS @ OFFSET)": URL:LINE. NULL: it is another, or not for tasks. */
static char *frame_place(char *line)
{
        char *place = line + strcspn(line, " ");
        char *end = strrchr(line, '(');

        for (int word = 0; word < 2; word++) {
                place += strspn(place, " ");
                place += strcspn(place, " ");
        }
        place += strspn(place, " ");
        if (line[0] != '#' || !end || end <= place || end[-1] != ' ')
                return NULL;
        end[-1] = '\0';
        const char *number = strrchr(place, ':');
        if (!number || number[1] == '\0' || number[1 + strspn(number + 1, "0123456789")] != '\0')
                return NULL;
        if (!utf8_is_valid(place, strlen(place)) || strncmp(place, "self-hosted:", 12) == 0 ||
            strncmp(place, "(null):", 7) == 0 || describe_is_library(place))
                return NULL;
        return place;
}

/* In place: what is made of a line is shorter than it. A last line that is not whole does not count. */
static char *frames_convert(char *text)
{
        char *to = text;

        for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = '\0';
                const char *place = frame_place(line);
                if (!place)
                        continue;
                size_t size = strlen(place);
                *to++ = '@';
                memmove(to, place, size);
                to += size;
                *to++ = '\n';
        }
        if (to == text)
                return NULL;
        to[-1] = '\0';
        return text;
}

void native_stack_init(eng *e)
{
        sigset_t ours;

        dump.engine = e;
        dump.thread = gettid();
        sigemptyset(&ours);
        sigaddset(&ours, SIGNAL);
        sigaddset(&ours, SIGALRM);
        pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
}

char *native_stack_take(int exit_code)
{
        static char text[TEXT_SIZE]; /* apart from what a walk that is given up may still write */

        dump.exit_code = exit_code;
        if (!stream_open() || !handlers_install() || tgkill(getpid(), dump.thread, SIGNAL) < 0)
                return NULL;
        walk_wait();
        if (atomic_load(&dump.state) != STATE_ENDED)
                alarm(ALARM_SEC);
        memcpy(text, dump.text, atomic_load(&dump.size));
        return frames_convert(text);
}
